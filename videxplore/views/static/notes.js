// Notes and tags of a segment, edited in place; what cannot be saved stays to be saved again.
import { el } from "./common.js";

let fields = 0;

/** A tag as it is kept: no blanks around, single ones inside, no comma. */
export function cleanTag(text) {
  return text.replace(/[,\s]+/g, " ").trim();
}

/** Tags to offer for what is typed: those that begin with it, then those that hold it, without those given. */
export function suggested(known, given, typed, most = 6) {
  const wanted = cleanTag(typed).toLocaleLowerCase();
  const free = known.filter((tag) => !given.includes(tag));
  if (!wanted) return free.slice(0, most);
  const low = (tag) => tag.toLocaleLowerCase();
  const begin = free.filter((tag) => low(tag).startsWith(wanted));
  return [...begin, ...free.filter((tag) => low(tag).includes(wanted) && !begin.includes(tag))].slice(0, most);
}

/** The note; drafts that could not be saved are kept by segment. */
export function openNote(save) {
  const drafts = new Map();
  const status = el("span", { class: "vx-note-status", role: "status" });
  const problem = el("div", { class: "vx-note-problem", role: "alert" });
  const area = el("textarea", { class: "vx-note", rows: 2, "aria-label": "Note", placeholder: "Write a note. It is saved when you leave the field." });
  const retry = el("button", { class: "vx-button", type: "button", text: "Save again", hidden: true, on: { click: () => keep() } });
  const element = el("div", { class: "vx-note-box" }, area, el("div", { class: "vx-note-line" }, problem, retry));
  let id = "";
  let kept = "";

  function keep() {
    if (!id || (area.value.trim() === kept.trim() && !drafts.has(id))) return;
    drafts.set(id, area.value);
    status.textContent = "Saving…";
    save(id, area.value);
  }
  area.addEventListener("blur", keep);
  area.addEventListener("input", () => { status.textContent = area.value.trim() === kept.trim() ? "" : "Not saved yet"; });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { keep(); event.preventDefault(); }
    if (event.key === "Escape") { area.value = kept; drafts.delete(id); tell(""); status.textContent = ""; }
  });
  function tell(text) {
    problem.textContent = text;
    retry.hidden = !text;
    area.setAttribute("aria-invalid", String(Boolean(text)));
  }
  return {
    element, status,
    /** Whether the answer to an attempt to save is shown. */
    answered({ id: whose, problem: text }) {
      if (!text) {
        if (whose === id && drafts.get(whose) === area.value) kept = area.value;
        drafts.delete(whose);
      }
      if (whose !== id) return;
      tell(text);
      status.textContent = text ? "" : "Saved";
    },
    draw(item, takes) {
      const same = item.id === id;
      if (!same) keep(); // what was typed for the last segment
      if (same && (document.activeElement === area || drafts.has(id))) { kept = item.note; return; }
      id = item.id;
      kept = item.note;
      area.value = drafts.get(id) ?? kept;
      area.readOnly = !takes;
      element.hidden = !takes && !kept;
      if (!same) { tell(drafts.has(id) ? "This was not saved." : ""); status.textContent = ""; }
    },
    close: keep,
  };
}

/** Tags as chips, with a box that suggests those in use. */
export function openTags(save) {
  const listId = `vx-tags-${(fields += 1)}`;
  const problem = el("div", { class: "vx-note-problem", role: "alert" });
  const said = el("span", { class: "vx-sr", role: "status" });
  const input = el("input", { class: "vx-tag-input", type: "text", role: "combobox", "aria-label": "Add a tag", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", placeholder: "Add a tag", autocomplete: "off", maxlength: 100 });
  const menu = el("div", { id: listId, class: "vx-tag-menu", role: "listbox", "aria-label": "Tags in use", hidden: true });
  const box = el("span", { class: "vx-tag-box" }, input, menu);
  const chips = el("div", { class: "vx-tags", role: "group", "aria-label": "Tags" });
  const element = el("div", {}, chips, problem, said);
  let item = null;
  let takes = false;
  let entries = [];
  let at = -1;
  let wanted = null; // the tags that there will be once all that was sent is answered
  let flying = 0;
  let drawn = "";

  const tags = () => wanted ?? item.tags;
  function put(next, words) {
    said.textContent = words;
    wanted = next;
    flying += 1;
    save(item.id, next);
    drawChips();
  }
  function add(text) {
    const tag = cleanTag(text);
    input.value = "";
    shut();
    if (!tag || tags().includes(tag)) return;
    put([...tags(), tag], `Tag ${tag} added`);
  }
  function shut() {
    menu.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function offer() {
    entries = suggested(item.known_tags, tags(), input.value);
    at = -1;
    input.removeAttribute("aria-activedescendant");
    menu.replaceChildren(...entries.map((text, i) => el("div", { id: `${listId}-${i}`, class: "vx-tag-entry", role: "option", "aria-selected": "false", text, on: { click: () => add(text) } })));
    menu.hidden = !entries.length;
    input.setAttribute("aria-expanded", String(!menu.hidden));
  }
  input.addEventListener("focus", offer);
  input.addEventListener("input", () => (/,/.test(input.value) ? add(input.value) : offer()));
  input.addEventListener("blur", () => { shut(); if (input.value) add(input.value); });
  menu.addEventListener("pointerdown", (event) => event.preventDefault());
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.isComposing) return;
    if (key === "Enter") add(at >= 0 ? entries[at] : input.value);
    else if (key === "Escape") { input.value = ""; shut(); }
    else if (key === "Backspace" && !input.value && tags().length) { put(tags().slice(0, -1), `Tag ${tags().at(-1)} removed`); return; }
    else if ((key === "ArrowDown" || key === "ArrowUp") && !menu.hidden) {
      at = ((at + 1 + (key === "ArrowDown" ? 1 : -1) + entries.length + 1) % (entries.length + 1)) - 1;
      [...menu.children].forEach((node, i) => node.setAttribute("aria-selected", String(i === at)));
      if (at >= 0) input.setAttribute("aria-activedescendant", `${listId}-${at}`);
      else input.removeAttribute("aria-activedescendant");
    } else return;
    event.preventDefault();
  });
  const chip = (tag) => (takes
    ? el("button", { class: "vx-chip", type: "button", "aria-label": `Remove tag ${tag}`, title: "Remove", on: { click: () => { put(tags().filter((other) => other !== tag), `Tag ${tag} removed`); input.focus(); } } }, el("bdi", { text: tag }), el("span", { class: "vx-chip-x", "aria-hidden": "true", text: "×" }))
    : el("span", { class: "vx-chip" }, el("bdi", { text: tag })));
  function drawChips() {
    const now = JSON.stringify([item.id, tags(), takes]);
    if (now === drawn) return; // who chooses in the menu stays there
    drawn = now;
    const focused = document.activeElement === input;
    for (const node of [...chips.children]) if (node !== box) node.remove();
    chips.prepend(...tags().map(chip));
    if (takes && !box.isConnected) chips.append(box);
    if (!takes) box.remove();
    element.hidden = !takes && !tags().length;
    if (focused && takes) { input.focus(); offer(); }
  }
  return {
    element,
    answered({ id, problem: text }) {
      if (text) said.textContent = "";
      if (!item || id !== item.id) return;
      problem.textContent = text;
      flying = Math.max(0, flying - 1);
      if (flying) return;
      wanted = null;
      drawChips();
    },
    draw(shown, editable) {
      if (item?.id !== shown.id) {
        problem.textContent = ""; said.textContent = ""; input.value = "";
        wanted = null;
        flying = 0;
      }
      item = shown;
      takes = editable;
      drawChips();
    },
  };
}
