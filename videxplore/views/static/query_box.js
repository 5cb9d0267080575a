// The query box with its past, as a combobox: the focus stays in the box, the entries are options of a listbox.
import { el } from "./common.js";

let boxes = 0;

/** Entries to offer, newest first: all, or those that hold what was typed. */
export function offered(history, typed) {
  const newest = [...history].reverse();
  const wanted = typed.trim().toLocaleLowerCase();
  if (!wanted) return newest;
  const holding = newest.filter((text) => text.toLocaleLowerCase().includes(wanted));
  return holding.length ? holding : newest;
}

/** Index that a step leads to; −1 is the text that was typed, which lies before the first and after the last. */
export function stepEntry(at, count, step) {
  return ((at + 1 + step + count + 1) % (count + 1)) - 1;
}

/**
 * Open the box.
 * `asked`: what is answered now; `history`: newest last; `pick(text)`: ask it; `forget(text)`; `leave()`: to the answers, false where there are none.
 */
export function openQueryBox({ asked, history, pick, forget, leave }) {
  const id = `vx-past-${(boxes += 1)}`;
  const input = el("input", {
    type: "search", class: "vx-query", placeholder: "Describe what you look for", "aria-label": "Query", autocomplete: "off", spellcheck: "false", enterkeyhint: "search",
    role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-haspopup": "listbox", "aria-autocomplete": "none",
  });
  const past = el("button", {
    class: "vx-past-open", type: "button", tabindex: -1, "aria-label": "Recent queries", title: "Recent queries (↑ in the box)", "aria-expanded": "false", "aria-controls": id,
    on: { pointerdown: (event) => event.preventDefault(), click: () => { if (!menu.hidden) shut(); else { input.focus(); open(""); } } },
  });
  const list = el("div", { id, class: "vx-past-list", role: "listbox", "aria-label": "Recent queries" });
  const menu = el("div", { class: "vx-past", hidden: true }, list, el("div", { class: "vx-past-keys", "aria-hidden": "true", text: "↑ ↓ choose · Enter asks · Delete removes · Esc" }));
  const element = el("div", { class: "vx-query-box" }, input, past, menu);
  let entries = [];
  let at = -1;
  let typed = "";
  let leaving = 0;

  function open(filter) {
    clearTimeout(leaving);
    entries = offered(history(), filter);
    if (!entries.length) return false;
    typed = input.value;
    at = -1;
    list.replaceChildren(...entries.map((text, i) => el("div", { id: `${id}-${i}`, class: "vx-past-entry", role: "option", "aria-selected": "false" },
      el("span", { class: "vx-past-text", text, title: text, on: { click: () => take(text) } }),
      el("span", { class: "vx-past-remove", text: "×", title: "Remove from the recent queries", "aria-hidden": "true", on: { click: () => remove(i) } }))));
    show(true);
    return true;
  }
  function show(on) {
    menu.hidden = !on;
    input.setAttribute("aria-expanded", String(on));
    past.setAttribute("aria-expanded", String(on));
    if (!on) input.removeAttribute("aria-activedescendant");
  }
  function shut() {
    show(false);
    at = -1;
  }
  function go(to) {
    at = to;
    [...list.children].forEach((node, i) => {
      node.setAttribute("aria-selected", String(i === at));
      if (i === at) node.scrollIntoView({ block: "nearest" });
    });
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${id}-${at}`);
    input.value = at < 0 ? typed : entries[at];
    input.setSelectionRange(input.value.length, input.value.length);
  }
  function take(text) {
    input.value = text;
    shut();
    pick(text);
  }
  function remove(i) {
    const text = entries[i];
    const was = typed;
    forget(text);
    input.value = was;
    if (!open("")) { shut(); return; }
    typed = was;
    go(Math.min(i, entries.length - 1));
  }
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.isComposing) return;
    if (menu.hidden) {
      if (key === "ArrowUp" || (key === "ArrowDown" && (event.altKey || !leave()))) {
        const fresh = input.value.trim() && input.value.trim() !== asked();
        if (open(fresh ? input.value : "")) go(entries[0] === input.value.trim() && entries.length > 1 ? 1 : 0);
        event.preventDefault();
      } else if (key === "ArrowDown") event.preventDefault();
      return;
    }
    if (key === "ArrowDown" || key === "ArrowUp") go(stepEntry(at, entries.length, key === "ArrowDown" ? 1 : -1));
    else if (key === "Escape") { go(-1); shut(); }
    else if (key === "Enter" && at >= 0) take(entries[at]);
    else if (key === "Delete" && at >= 0) remove(at);
    else { if (key === "Enter" || key === "Tab") shut(); return; }
    event.preventDefault();
  });
  input.addEventListener("input", shut);
  input.addEventListener("blur", () => { leaving = setTimeout(shut, 150); });
  menu.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box
  return { element, input, shut, close() { clearTimeout(leaving); }, update() { past.disabled = history().length === 0; } };
}
