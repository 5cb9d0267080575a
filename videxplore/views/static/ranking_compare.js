// Two rankings of the same candidates side by side: what moved, by how much, and why.
import {
  el, svg, keepKeys, hideTwin, openChannel, openPosters, listen, commit, message, unknownWords,
  caption, spoken, formatScore, barWidth, stepIndex,
} from "./common.js";
import { openHover } from "./hover.js";
import { openPlayback } from "./playback.js";

export const ROW = 74;
const GUTTER = 84;
const FULL_BAR = 0.05; // smaller changes get shorter bars, so that a hundredth never looks like much

/** Middle of a row, in pixels from the top of the list. */
export function rowMiddle(rank) {
  return (rank - 1) * ROW + (ROW - 6) / 2;
}

/** A curve from one row to another, flat at both ends. */
export function linkPath(from, to, width) {
  const a = rowMiddle(from);
  const b = rowMiddle(to);
  return `M0 ${a} C${width / 2} ${a} ${width / 2} ${b} ${width} ${b}`;
}

/** The item worth looking at first: the longest way moved, upwards before downwards. */
export function firstToExplain(data) {
  let best = null;
  let length = 0;
  for (const id of data.right) {
    const item = data.items[id];
    const way = item.before === null ? data.k + 1 - item.after : item.before - item.after;
    if (way > length) { best = id; length = way; }
  }
  return best ?? data.right[0] ?? data.left[0] ?? "";
}

/** What happened to an item, in words. */
export function moveWords(item, k) {
  if (item.state === "entered") return `entered the first ${k} at rank ${item.after}, from rank ${item.raw_rank}`;
  if (item.state === "left") return `left the first ${k}, from rank ${item.before}${item.explained ? `; now rank ${item.now} of the pool` : ""}`;
  if (item.state === "same") return `stays at rank ${item.after}`;
  const way = Math.abs(item.before - item.after);
  return `${item.state === "up" ? "rose" : "fell"} ${way}, from rank ${item.before} to ${item.after}`;
}

function largestScore(data) {
  return Math.max(0, ...Object.values(data.items).flatMap((item) => [item.score, item.raw_score]));
}

function scoreBar(item, side, largest) {
  const own = side === "left" ? item.raw_score : item.score;
  const fill = el("span", { class: "vx-bar-fill" });
  fill.style.width = `${barWidth(own, largest)}%`;
  const mark = el("span", { class: "vx-bar-mark" });
  mark.style.left = `${barWidth(side === "left" ? item.score : item.raw_score, largest)}%`;
  return el("span", { class: "vx-bar", "aria-hidden": "true" }, fill, item.explained ? mark : null);
}

function render({ model, el: root }) {
  hideTwin(model);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const playback = openPlayback(channel, { playable: model.get("_playable") });
  const title = el("h3", { class: "vx-title" });
  const strength = el("input", { type: "range", min: 0, max: 1, step: 0.01, class: "vx-strength-range", "aria-label": "Strength of reranking" });
  const strengthText = el("output", { class: "vx-strength-value" });
  const system = el("select", { class: "vx-select", "aria-label": "Reranker" });
  const controls = el("div", { class: "vx-compare-controls" },
    el("label", { class: "vx-strength" }, el("span", { text: "Strength" }), strength, strengthText), system);
  const figures = el("div", { class: "vx-figures" });
  const legend = el("div", { class: "vx-counts" });
  const notes = el("div", { class: "vx-notes vx-muted" });
  const failure = el("div", { class: "vx-failure", role: "alert", hidden: true });
  const heads = el("div", { class: "vx-heads" });
  const columns = el("div", { class: "vx-columns" });
  const scroller = el("div", { class: "vx-scroller" }, heads, columns);
  const why = el("div", { class: "vx-why-text", "aria-live": "polite" });
  const panel = el("div", { class: "vx-why" }, playback.element, why);
  const app = el("section", { class: "vx vx-compare", "aria-label": "Comparison of two rankings" },
    el("header", { class: "vx-compare-head" }, title, controls), figures, legend, notes, failure, scroller, panel);
  keepKeys(app);
  root.replaceChildren(app);
  const hover = openHover(channel, app, { playable: model.get("_playable") });
  hover.follow(columns, ".vx-card");

  let focus = { side: "right", id: "" };
  let cards = new Map();

  function card(id, side, data, largest) {
    const item = data.items[id];
    const left = side === "left";
    const rank = left ? item.before : item.after;
    const score = left ? item.raw_score : item.score;
    const move = left && item.state !== "left" ? null : el("span", { class: "vx-state", data: { state: item.state } },
      el("span", { text: item.state === "up" || item.state === "down" ? String(Math.abs(item.before - item.after)) : "" }));
    const node = el("div", {
      class: "vx-card", role: "option", tabindex: -1, "aria-selected": "false", data: { id, side, state: item.state },
      "aria-label": `${rank}. ${spoken(item)}, score ${formatScore(score)}. ${moveWords(item, data.k)}.`,
      on: { click: () => { setFocus(side, id, true); select(id); } },
    },
    el("span", { class: "vx-rank" }, el("b", { text: String(rank) }), move),
    posters.image(item, "vx-card-poster"), caption(item),
    el("span", { class: "vx-score" }, el("b", { text: formatScore(score) }), scoreBar(item, side, largest)));
    node.style.top = `${(rank - 1) * ROW}px`;
    return node;
  }

  function links(data) {
    const picture = svg("svg", { class: "vx-links", width: GUTTER, height: Math.max(data.left.length, data.right.length) * ROW, "aria-hidden": "true" });
    for (const item of Object.values(data.items)) {
      const at = { "data-id": item.id, "data-state": item.state, class: "vx-link" };
      if (item.before !== null && item.after !== null) picture.append(svg("path", { ...at, d: linkPath(item.before, item.after, GUTTER) }));
      else {
        const entered = item.after !== null;
        const y = rowMiddle(entered ? item.after : item.before);
        const x = entered ? GUTTER : 0;
        const inner = entered ? GUTTER - 26 : 26;
        picture.append(svg("path", { ...at, d: `M${inner} ${y} L${x} ${y}` }));
        const sign = svg("text", { ...at, x: entered ? inner - 8 : inner + 8, y: y + 4, "text-anchor": "middle" });
        sign.classList.add("vx-link-sign");
        sign.textContent = item.symbol;
        picture.append(sign);
      }
    }
    return picture;
  }

  function draw() {
    const data = model.get("_data");
    if (!data.query) return;
    title.replaceChildren(el("span", { class: "vx-muted", text: "Results for " }), el("q", { text: data.query.text }));
    notes.textContent = [unknownWords(data.query), ...data.notes].filter(Boolean).join(" ");
    notes.hidden = !notes.textContent;
    cards = new Map();
    const none = data.left.length + data.right.length === 0;
    for (const node of [figures, legend, heads, panel]) node.hidden = none;
    if (none) {
      columns.replaceChildren(message("empty", "No results", unknownWords(data.query), "Try other words, another level, or ingest more videos."));
      columns.style.height = "";
      return;
    }
    drawSummary(data);
    const largest = largestScore(data);
    const list = (side, ids) => {
      const name = data.systems[side === "left" ? 0 : 1];
      const node = el("div", { class: "vx-list", role: "listbox", "aria-label": `${name} ranking`, data: { side } });
      for (const id of ids) {
        const one = card(id, side, data, largest);
        cards.set(`${side}:${id}`, one);
        node.append(one);
      }
      return node;
    };
    columns.style.height = `${Math.max(data.left.length, data.right.length) * ROW}px`;
    columns.replaceChildren(list("left", data.left), links(data), list("right", data.right));
    heads.replaceChildren(...data.systems.map((name, i) => el("div", { class: "vx-head" }, el("b", { text: name }), el("span", { class: "vx-muted", text: i ? "bar: score, tick: raw score" : "bar: raw score, tick: new score" }))));
    const known = data.items[model.get("selected")];
    mark(known ? model.get("selected") : firstToExplain(data));
  }

  function drawSummary(data) {
    const { summary, k, systems } = data;
    const figure = (name, value, hint) => el("div", { class: "vx-figure", title: hint }, el("b", { text: value }), el("span", { text: name }));
    figures.replaceChildren(
      figure("moved", `${summary.moved} of ${Object.keys(data.items).length}`, "items whose rank changed, or that entered or left"),
      figure(`overlap@${k}`, formatScore(summary.overlap), `share of the first ${k} that both rankings have`),
      figure("Kendall tau", formatScore(summary.kendall_tau), `order of all ${data.pool} candidates: 1 same, −1 reversed`),
      figure("RBO", formatScore(summary.rbo), "rank-biased overlap, p = .9: agreement that counts the top most"),
      ...summary.metrics.map((m) => figure(m.name, `${formatScore(m.raw)} → ${formatScore(m.other)}`, `${systems[0]} → ${systems[1]}, from judgements`)));
    const words = { up: "up", down: "down", same: "same", entered: "entered", left: "left" };
    legend.replaceChildren(...Object.entries(summary.counts).map(([state, n]) => el("span", { class: "vx-state", data: { state } }, el("span", { text: `${n} ${words[state]}` }))));
  }

  function mark(id) {
    const data = model.get("_data");
    for (const node of columns.querySelectorAll("[data-id]")) node.classList.toggle("vx-on", node.dataset.id === id);
    for (const node of cards.values()) node.setAttribute("aria-selected", String(node.dataset.id === id));
    if (!cards.has(`${focus.side}:${focus.id}`)) focus = { side: cards.has(`right:${id}`) ? "right" : "left", id };
    rove();
    explain(data.items[id], data);
  }
  function rove() {
    for (const [key, node] of cards) node.tabIndex = key === `${focus.side}:${focus.id}` ? 0 : -1;
  }
  function setFocus(side, id, move) {
    focus = { side, id };
    rove();
    const node = cards.get(`${side}:${id}`);
    if (move && node) node.focus({ preventScroll: true });
    if (node) {
      const top = node.offsetTop;
      const room = scroller.clientHeight - heads.offsetHeight;
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (top + ROW > scroller.scrollTop + room) scroller.scrollTop = top + ROW - room;
    }
  }
  function select(id) {
    if (model.get("selected") !== id) commit(model, { selected: id });
    mark(id);
  }

  function explain(item, data) {
    if (!item) { why.replaceChildren(el("p", { class: "vx-muted", text: "Choose an item to see why it moved." })); playback.show(null); return; }
    playback.show(item);
    const change = item.score - item.raw_score;
    const rows = el("div", { class: "vx-reasons", role: "list" });
    const widest = Math.max(FULL_BAR, ...item.reasons.map((r) => Math.abs(r.amount)));
    const row = (text, amount, kind, id) => {
      const bar = el("span", { class: "vx-delta", data: { sign: amount < 0 ? "minus" : "plus" }, "aria-hidden": "true" }, el("span"));
      bar.firstChild.style.width = kind === "reason" ? `${(50 * Math.abs(amount)) / widest}%` : "0";
      const linked = id && data.items[id] && id !== item.id;
      const label = linked ? el("button", { class: "vx-reason-link", type: "button", text, title: "Show this segment", on: { click: () => { select(id); setFocus(cards.has(`right:${id}`) ? "right" : "left", id, false); } } }) : el("span", { text });
      return el("div", { class: "vx-reason", role: "listitem", data: { kind } }, label, kind === "reason" ? bar : el("span"), el("b", { text: formatScore(amount, kind === "reason") }));
    };
    rows.append(row(`${data.systems[0]} score`, item.raw_score, "total"));
    for (const reason of item.reasons) rows.append(row(reason.text, reason.amount, "reason", reason.id));
    if (item.explained) rows.append(row(`${data.systems[1]} score`, item.score, "total"));
    const remark = !item.explained ? `Not among the first ${data.k} any more; its new score is not kept.` : item.reasons.length === 0 ? "Nothing was added to its score; others moved around it." : `Change of score ${formatScore(change, true)}, the sum of the lines above.`;
    const parts = el("div", { class: "vx-parts" }, el("span", { class: "vx-muted", text: `${data.systems[0]} score from` }),
      ...item.parts.filter((p) => Math.abs(p.amount) >= 0.005).map((p) => el("span", { class: "vx-part", data: { kind: p.kind }, text: `${p.word} ${formatScore(p.amount)}` })));
    why.replaceChildren(
      el("div", { class: "vx-why-head" }, el("span", { class: "vx-state", data: { state: item.state } }), el("b", { text: `${item.name} ${item.time}` }), el("span", { text: moveWords(item, data.k) })),
      rows, el("div", { class: "vx-muted vx-sum", text: remark }), item.parts.length ? parts : "");
  }

  scroller.addEventListener("keydown", (event) => {
    const data = model.get("_data");
    const ids = data[focus.side];
    if (event.key === "Enter" || event.key === " ") { select(focus.id); event.preventDefault(); return; }
    if (event.key === "p" || event.key === "P") { select(focus.id); playback.toggle(); event.preventDefault(); return; }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const side = event.key === "ArrowLeft" ? "left" : "right";
      const there = data[side];
      const index = there.includes(focus.id) ? there.indexOf(focus.id) : Math.min(ids.indexOf(focus.id), there.length - 1);
      if (index >= 0) setFocus(side, there[index], true);
      event.preventDefault();
      return;
    }
    const next = stepIndex(ids.indexOf(focus.id), ids.length, event.key);
    if (next >= 0 && ids[next] !== focus.id) { setFocus(focus.side, ids[next], true); event.preventDefault(); }
  });
  columns.addEventListener("pointerover", (event) => {
    const over = event.target.closest(".vx-card")?.dataset.id;
    for (const node of columns.querySelectorAll("[data-id]")) node.classList.toggle("vx-over", Boolean(over) && node.dataset.id === over);
  });
  columns.addEventListener("pointerleave", () => { for (const node of columns.querySelectorAll(".vx-over")) node.classList.remove("vx-over"); });
  strength.addEventListener("input", () => {
    strengthText.textContent = Number(strength.value).toFixed(2);
    commit(model, { strength: Number(strength.value) });
  });
  system.addEventListener("change", () => commit(model, { other: Number(system.value) }));

  function drawControls() {
    const names = model.get("_systems");
    system.replaceChildren(...names.map((name, i) => el("option", { value: i, text: name })));
    system.value = String(model.get("other"));
    system.hidden = names.length < 2;
    const live = model.get("_live");
    controls.firstChild.hidden = !live;
    if (document.activeElement !== strength) strength.value = String(model.get("strength"));
    strengthText.textContent = model.get("strength").toFixed(2);
  }
  function drawFailure() {
    const text = model.get("_error");
    failure.hidden = !text;
    failure.replaceChildren(text ? message("error", "Reranking failed", text, "The ranking shown is the last one that worked.") : "");
  }
  const stop = listen(model, { _data: draw, selected: () => mark(model.get("selected")), strength: drawControls, other: drawControls, _systems: drawControls, _error: drawFailure });
  drawControls();
  drawFailure();
  draw();
  return () => { stop(); posters.close(); hover.close(); playback.close(); channel.close(); };
}

export default { render };
