// Query box with its past, level, weights and filters, and the list of answers.
import {
  el, keepKeys, hideTwin, openChannel, openPosters, openTold, listen, commit, message, unknownWords, caption, spoken,
  formatScore, barWidth, stepIndex, adds, tellTheme,
} from "./common.js";
import { openHover } from "./hover.js";
import { copyButton } from "./copying.js";
import { openQueryBox } from "./query_box.js";
import { openFilters, openWeights } from "./refine.js";

const SKELETONS = 6;
const WIDE = 720;

/** Seconds as a wait is told. */
export function spent(seconds) {
  return seconds < 1 ? `${Math.max(1, Math.round(1000 * seconds))} ms` : `${seconds.toFixed(1)} s`;
}

/** How many answers there are, out of how many, and after how long. */
export function countWords(data) {
  const of = `${data.hits.length} of ${data.pool} ${data.pool === 1 ? "candidate" : "candidates"}`;
  return data.took === undefined ? of : `${of} · ${spent(data.took)}`;
}

/** Widths in percent of the positive parts of a score, together as wide as the score's bar. */
export function partWidths(parts, score, largest) {
  const positive = parts.filter((part) => part.amount > 0);
  const sum = positive.reduce((total, part) => total + part.amount, 0);
  if (!(sum > 0)) return [];
  return positive.map((part) => ({ kind: part.kind, width: (barWidth(score, largest) * part.amount) / sum }));
}

/** Buttons that open one panel each, at most one at a time. */
function openPanels(entries) {
  for (const entry of entries) {
    entry.mark = el("span", { class: "vx-refine-count", "aria-hidden": "true" });
    entry.button = el("button", {
      class: "vx-button vx-refine-open", type: "button", "aria-expanded": "false", on: { click: () => toggle(entry.panel.hidden ? entry : null) },
    }, el("span", { text: entry.name }), entry.mark);
    entry.panel.hidden = true;
    entry.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      toggle(null);
      entry.button.focus();
    });
  }
  function toggle(open) {
    for (const entry of entries) {
      entry.panel.hidden = entry !== open;
      if (entry === open) entry.part.draw();
      entry.button.setAttribute("aria-expanded", String(entry === open));
    }
  }
  return {
    toggle,
    draw() {
      for (const { button, mark, part, name } of entries) {
        mark.textContent = part.count ? String(part.count) : "";
        button.setAttribute("aria-label", part.count ? `${name}, ${part.count} set` : name);
      }
    },
  };
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const facts = openTold(model);
  const send = (content) => { wait(); model.send(content); };
  const box = openQueryBox({
    asked: () => model.get("query"),
    history: () => model.get("history"),
    pick: () => submit(),
    forget: (text) => commit(model, { history: model.get("history").filter((other) => other !== text) }),
    leave: () => {
      const nodes = list.querySelectorAll("[data-id]");
      if (!nodes.length || (input.value.trim() && input.value.trim() !== model.get("query"))) return false;
      rove(true);
      return true;
    },
  });
  const { input } = box;
  const level = el("select", { class: "vx-select vx-level-choice", "aria-label": "Level of the answers" });
  const form = el("form", { class: "vx-finder-form", role: "search" }, box.element, el("button", { class: "vx-button vx-go", type: "submit", text: "Search" }));
  const filters = openFilters(model, facts, send);
  const weights = openWeights(model);
  const entries = [{ name: "Filters", part: filters, panel: filters.panel }, { name: "Weights", part: weights, panel: weights.panel }];
  const panels = openPanels(entries);
  const line = el("div", { class: "vx-finder-line" }, level, ...entries.map((entry) => entry.button));
  const status = el("span", { class: "vx-finder-status", role: "status" });
  const code = el("code", { class: "vx-code", tabindex: 0 });
  const codeLine = el("div", { class: "vx-code-line", hidden: true }, code, copyButton("Copy", () => model.get("_code"), "Copy the call"));
  const codeOpen = el("button", { class: "vx-link", type: "button", text: "Code", "aria-expanded": "false", title: "The same search as code", on: { click: () => {
    codeLine.hidden = !codeLine.hidden;
    codeOpen.setAttribute("aria-expanded", String(!codeLine.hidden));
  } } });
  const tally = el("div", { class: "vx-finder-tally" }, status, codeOpen);
  const notes = el("div", { class: "vx-finder-notes" });
  const failed = el("div", { class: "vx-sr", role: "alert" }); // there before it says anything, or it is not read out
  const list = el("div", { class: "vx-results" });
  const found = el("div", { class: "vx-finder-found" }, tally, codeLine, notes, failed, list);
  const body = el("div", { class: "vx-finder-body" }, ...entries.map((entry) => entry.panel), found);
  const app = el("section", { class: "vx vx-finder", "aria-label": "Search" }, form, line, filters.chips, body);
  keepKeys(app);
  root.replaceChildren(app);
  const hover = openHover(channel, app, { playable: model.get("_playable") });
  hover.follow(list, ".vx-result");
  let focus = 0;

  function submit(event) {
    if (event) event.preventDefault();
    box.shut();
    const query = input.value.trim();
    if (query === model.get("query") && level.value === model.get("level")) return;
    if (query) wait();
    commit(model, { query, level: level.value });
  }
  form.addEventListener("submit", submit);
  level.addEventListener("change", () => { if (input.value.trim()) submit(); else commit(model, { level: level.value }); });

  /** Show that an answer is on its way: rows as high as answers where there are none yet. */
  function wait() {
    if (!input.value.trim() && !model.get("query")) return;
    app.dataset.busy = "true";
    status.textContent = "Searching…";
    if (list.querySelector("[data-id]")) return;
    fill(Array.from({ length: SKELETONS }, () => el("div", { class: "vx-result vx-skeleton" }, el("i"), el("i"), el("i"))), "");
  }
  /** Put rows into the list, which is a listbox only where there is something to choose. */
  function fill(rows, role) {
    list.replaceChildren(...rows);
    for (const [name, value] of [["role", role], ["aria-label", "Results"], ["aria-multiselectable", "true"]]) {
      if (role) list.setAttribute(name, value);
      else list.removeAttribute(name);
    }
  }
  function drawLevels() {
    level.replaceChildren(...model.get("_levels").map((name) => el("option", { value: name, text: { any: "any level", auto: "auto level" }[name] ?? name })));
    level.value = model.get("level");
  }
  function card(item, largest) {
    const bar = el("span", { class: "vx-bar", "aria-hidden": "true" });
    for (const part of partWidths(item.parts, item.score, largest)) {
      const piece = el("span", { class: "vx-bar-part", data: { kind: part.kind } });
      piece.style.width = `${part.width}%`;
      bar.append(piece);
    }
    const parts = item.parts.map((p) => `${p.word} ${formatScore(p.amount)}`).join(", ");
    return el("div", {
      class: "vx-result", role: "option", tabindex: -1, title: [item.reading, parts].filter(Boolean).join("\n"), data: { id: item.id },
      "aria-label": `${item.rank}. ${spoken(item)}, score ${formatScore(item.score)}${parts ? `, of which ${parts}` : ""}${item.reading ? `; ${item.reading}` : ""}`,
      on: { click: (event) => { focus = item.rank - 1; rove(); choose(item.id, adds(event)); } },
    },
    el("b", { class: "vx-rank", text: String(item.rank) }), posters.image(item, "vx-result-poster"),
    el("span", { class: "vx-result-text" }, caption(item), el("span", { class: "vx-said", text: item.transcript })),
    el("span", { class: "vx-score" }, el("b", { text: formatScore(item.score) }), bar));
  }
  function choose(id, more) {
    if (more) { model.send({ kind: "add", id }); return; }
    model.send({ kind: "choose", id, play: true });
    mark([id]);
  }
  function mark(ids) {
    for (const node of list.children) if (node.dataset.id) {
      const on = ids.includes(node.dataset.id);
      node.classList.toggle("vx-on", on);
      node.setAttribute("aria-selected", String(on));
    }
  }
  function rove(move) {
    [...list.children].forEach((node, i) => { if (node.dataset.id) node.tabIndex = i === focus ? 0 : -1; });
    if (move) list.children[focus]?.focus();
  }
  function drawForm() {
    filters.draw();
    weights.draw();
    panels.draw();
    for (const entry of entries) entry.button.hidden = entry.part === weights && !model.get("_modalities").length;
    box.update();
    code.textContent = model.get("_code");
    codeOpen.hidden = !model.get("_code");
    if (codeOpen.hidden) codeLine.hidden = true;
  }
  /** Nothing to list: say what, and why. */
  function say(kind, title, ...lines) {
    status.textContent = "";
    notes.textContent = "";
    const told = message(kind, title, ...lines);
    told.removeAttribute("role");
    failed.textContent = kind === "error" ? [title, ...lines].join(". ") : "";
    if (kind === "error") told.append(el("button", { class: "vx-button", type: "button", text: "Try again", on: { click: () => send({ kind: "again" }) } }));
    fill([told], "");
  }
  function draw() {
    const data = model.get("_results");
    drawForm();
    if (model.get("query") && (data.asked ?? 0) < model.get("_turn")) { wait(); return; }
    app.dataset.busy = "false";
    if (document.activeElement !== input || !input.value) input.value = model.get("query");
    if (data.error) { say("error", "The search failed", data.error); return; }
    if (!data.query) {
      say("empty", data.empty ? "This library is empty" : "No query yet",
        data.empty ? "Put videos in it with vx.ingest(videos, library)." : "Type what you look for, or choose a point on the map.");
      return;
    }
    const remarks = [unknownWords(data.query), ...data.notes].filter(Boolean).join(" ");
    if (!data.hits.length) {
      say("empty", "No results", remarks, filters.count ? "Nothing that matches passes the filters." : "Try other words or another level.");
      return;
    }
    status.textContent = countWords(data);
    notes.textContent = remarks;
    const largest = Math.max(0, ...data.hits.map((item) => item.score));
    failed.textContent = "";
    fill(data.hits.map((item) => card(item, largest)), "listbox");
    list.scrollTop = 0;
    focus = 0;
    rove();
    mark(model.get("_selected"));
  }
  list.addEventListener("keydown", (event) => {
    const nodes = list.querySelectorAll("[data-id]");
    if (event.key === "Enter" || event.key === " ") { if (nodes[focus]) choose(nodes[focus].dataset.id, adds(event)); event.preventDefault(); return; }
    const next = stepIndex(focus, nodes.length, event.key);
    if (next !== focus && next >= 0) { focus = next; rove(true); event.preventDefault(); }
  });

  const stopTheme = tellTheme(model, app); // the map is drawn by the kernel
  const stop = listen(model, {
    _results: draw, _turn: draw, _levels: drawLevels, level: () => { level.value = model.get("level"); },
    query: () => { if (document.activeElement !== input) input.value = model.get("query"); },
    // Fields that say the same as before lead to no other answers: the waiting ends with the form.
    _filters: () => (filters.settled() ? draw() : drawForm()), where: drawForm, weights: drawForm, history: drawForm, _tags: drawForm, _modalities: drawForm, _code: drawForm,
    _selected: () => mark(model.get("_selected")),
  });
  const deafen = listen(facts, { _videos: drawForm });
  drawLevels();
  draw();
  const unfold = setTimeout(() => { if (app.clientWidth >= WIDE) panels.toggle(entries[0]); }, 0);
  return () => {
    stop();
    deafen();
    facts.close();
    box.close();
    clearTimeout(unfold);
    stopTheme();
    posters.close();
    hover.close();
    channel.close();
  };
}

export default { render };
