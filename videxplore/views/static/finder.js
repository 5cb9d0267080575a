// Query box, level picker and the list of answers.
import {
  el, keepKeys, hideTwin, openChannel, openPosters, listen, commit, message, unknownWords, caption, spoken,
  formatScore, barWidth, stepIndex,
} from "./common.js";
import { openHover } from "./hover.js";

/** Whether the page behind an element is dark, from the colour that the style sheet resolved. */
export function isDark(color) {
  const numbers = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  if (numbers.length < 3) return false;
  const scale = Math.max(...numbers) > 1 ? 255 : 1;
  return (0.2126 * numbers[0] + 0.7152 * numbers[1] + 0.0722 * numbers[2]) / scale > 0.5;
}

/** Widths in percent of the positive parts of a score, together as wide as the score's bar. */
export function partWidths(parts, score, largest) {
  const positive = parts.filter((part) => part.amount > 0);
  const sum = positive.reduce((total, part) => total + part.amount, 0);
  if (!(sum > 0)) return [];
  return positive.map((part) => ({ kind: part.kind, width: (barWidth(score, largest) * part.amount) / sum }));
}

/** A plotly figure measures its box once, before the explorer has laid it out: tell it when the box changes. */
function keepFitted(app, onPlot) {
  const box = app.closest(".vx-explorer")?.querySelector(".vx-explorer-map");
  if (!box) return () => {};
  const refit = () => window.dispatchEvent(new Event("resize"));
  const sizes = new ResizeObserver(refit);
  sizes.observe(box);
  const arrived = () => {
    if (!box.querySelector(".main-svg")) return;
    arrival.disconnect();
    refit();
    onPlot(box.querySelector(".js-plotly-plot"));
  };
  const arrival = new MutationObserver(arrived);
  arrival.observe(box, { childList: true, subtree: true });
  refit();
  arrived();
  return () => { sizes.disconnect(); arrival.disconnect(); };
}

/** Show the segment of the point under the pointer; plotly tells which one it is. */
function followMap(plot, hover) {
  plot.on("plotly_hover", ({ points: [point], event }) => {
    const id = [point.customdata].flat()[0];
    const { clientX: x, clientY: y } = event;
    if (typeof id === "string") hover.show(id, { left: x - 8, right: x + 8, top: y + 60, bottom: y + 195 });
  });
  plot.on("plotly_unhover", hover.hide);
  plot.addEventListener("pointerdown", hover.hide, { capture: true });
  plot.addEventListener("pointerleave", hover.hide);
}

function render({ model, el: root }) {
  hideTwin(model);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const input = el("input", { type: "search", class: "vx-query", placeholder: "Describe what you look for", "aria-label": "Query", autocomplete: "off", spellcheck: "false" });
  const level = el("select", { class: "vx-select", "aria-label": "Level of the answers" });
  const form = el("form", { class: "vx-finder-form", role: "search" }, input, el("button", { class: "vx-button vx-go", type: "submit", text: "Search" }));
  const status = el("div", { class: "vx-finder-status", role: "status" });
  const notes = el("div", { class: "vx-finder-notes" });
  const line = el("div", { class: "vx-finder-line" }, status, level);
  const list = el("div", { class: "vx-results", role: "listbox", "aria-label": "Results" });
  const app = el("section", { class: "vx vx-finder", "aria-label": "Search" }, form, line, notes, list);
  keepKeys(app);
  root.replaceChildren(app);
  const hover = openHover(channel, app, { playable: model.get("_playable") });
  hover.follow(list, ".vx-result");
  let focus = 0;

  function submit(event) {
    if (event) event.preventDefault();
    const query = input.value.trim();
    if (query === model.get("query") && level.value === model.get("level")) return;
    app.dataset.busy = String(Boolean(query));
    if (query) status.textContent = "Searching…";
    commit(model, { query, level: level.value });
  }
  form.addEventListener("submit", submit);
  level.addEventListener("change", () => { if (input.value.trim()) submit(); else commit(model, { level: level.value }); });

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
      on: { click: () => { focus = item.rank - 1; rove(); choose(item.id); } },
    },
    el("b", { class: "vx-rank", text: String(item.rank) }), posters.image(item, "vx-result-poster"),
    el("span", { class: "vx-result-text" }, caption(item), el("span", { class: "vx-said", text: item.transcript })),
    el("span", { class: "vx-score" }, el("b", { text: formatScore(item.score) }), bar));
  }
  function choose(id) {
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
  function draw() {
    const data = model.get("_results");
    app.dataset.busy = "false";
    notes.textContent = "";
    if (document.activeElement !== input || !input.value) input.value = model.get("query");
    if (data.error) {
      status.textContent = "";
      list.replaceChildren(message("error", "The search failed", data.error));
      return;
    }
    if (!data.query) {
      status.textContent = "";
      list.replaceChildren(message("empty", data.empty ? "This library is empty" : "No query yet",
        data.empty ? "Put videos in it with vx.ingest(videos, library)." : "Type what you look for, or choose a point on the map."));
      return;
    }
    const remarks = [unknownWords(data.query), ...data.notes].filter(Boolean).join(" ");
    status.textContent = data.hits.length ? `${data.hits.length} of ${data.pool} candidates` : "";
    notes.textContent = data.hits.length ? remarks : "";
    if (!data.hits.length) {
      list.replaceChildren(message("empty", "No results", remarks, "Try other words or another level."));
      return;
    }
    const largest = Math.max(0, ...data.hits.map((item) => item.score));
    list.replaceChildren(...data.hits.map((item) => card(item, largest)));
    list.scrollTop = 0;
    focus = 0;
    rove();
    mark(model.get("_selected"));
  }
  list.addEventListener("keydown", (event) => {
    const nodes = list.querySelectorAll("[data-id]");
    if (event.key === "Enter" || event.key === " ") { if (nodes[focus]) choose(nodes[focus].dataset.id); event.preventDefault(); return; }
    const next = stepIndex(focus, nodes.length, event.key);
    if (next !== focus && next >= 0) { focus = next; rove(true); event.preventDefault(); }
  });
  input.addEventListener("keydown", (event) => { if (event.key === "ArrowDown") { rove(true); event.preventDefault(); } });

  // The map is drawn by the kernel, which cannot see the theme: tell it.
  function tellTheme() {
    const dark = isDark(getComputedStyle(app).color);
    if (dark !== model.get("_dark")) commit(model, { _dark: dark });
  }
  const themes = new MutationObserver(tellTheme);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", tellTheme);
  let unfit = () => {};
  const settle = setTimeout(() => { tellTheme(); unfit = keepFitted(app, (plot) => followMap(plot, hover)); }, 0);

  const stop = listen(model, {
    _results: draw, _levels: drawLevels, level: () => { level.value = model.get("level"); },
    query: () => { if (document.activeElement !== input) input.value = model.get("query"); },
    _selected: () => mark(model.get("_selected")),
  });
  drawLevels();
  draw();
  return () => { stop(); clearTimeout(settle); unfit(); themes.disconnect(); media.removeEventListener("change", tellTheme); posters.close(); hover.close(); channel.close(); };
}

export default { render };
