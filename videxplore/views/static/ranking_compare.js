// Rankings of the same candidates side by side: what moved, by how much, and why.
import {
  el, keepFocus, keepKeys, hideTwin, openChannel, openPosters, listen, commit, message, unknownWords,
  caption, spoken, formatScore, stepIndex,
} from "./common.js";
import { openHover } from "./hover.js";
import { openPlayback } from "./playback.js";
import { ROW, barParts, columnsThatFit, drawLinks, gutterOf } from "./ranking_links.js";
import { account, partBars, sumWords } from "./ranking_reasons.js";
import { openWishes } from "./wishes.js";

const KEYS = [
  ["↑ ↓ Home End", "along a ranking"], ["← →", "to the other ranking"], ["Enter", "why it moved; again: into the reasons"],
  ["Esc", "back to the ranking"], ["Space", "play or pause"], ["[ ]", "less or more strength"], ["r", "next reranker in this column"],
  ["a x", "add a column, take it away"], ["n p", "next, previous query"], ["+ −", "mark as wanted, not wanted"], ["?", "these keys"],
];
const MOST_COLUMNS = 8; // beside the raw one, as in ranking_compare.py
const SETTLE_MS = 16; // of all places within one frame a slider asks for the last

/** The item worth looking at first: the longest way moved, upwards before downwards. */
export function firstToExplain(data, column) {
  let best = null;
  let length = 0;
  for (const id of data.columns[column].ids) {
    const move = data.columns[column].moves[id];
    const way = move.before === null ? data.k + 1 - move.after : move.before - move.after;
    if (way > length) { best = id; length = way; }
  }
  return best ?? data.columns[column].ids[0] ?? data.columns[0].ids[0] ?? "";
}

/** The reranker that follows `name` and stands in no column yet. */
export function nextReranker(all, shown, name) {
  const free = all.filter((one) => one === name || !shown.includes(one));
  return free[(free.indexOf(name) + 1) % free.length];
}

/** How a figure changed, as a state: what is better is up, what two decimals do not show is no change. */
export function verdictOf(delta) {
  if (delta === undefined || delta === null) return "";
  return Math.abs(delta) < 0.005 ? "same" : delta > 0 ? "up" : "down";
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const playback = openPlayback(channel, { playable: model.get("_playable") });
  const title = el("h3", { class: "vx-title" });
  const strength = el("input", { type: "range", min: 0, max: 1, step: 0.01, class: "vx-strength-range", "aria-label": "Strength of reranking" });
  const strengthText = el("output", { class: "vx-strength-value" });
  const strengthBox = el("label", { class: "vx-strength" }, el("span", { text: "Strength" }), strength, strengthText);
  const add = el("button", { class: "vx-button vx-add", type: "button", text: "+ column", title: "Compare one more reranker (a)", on: { click: () => addColumn() } });
  const help = el("button", { class: "vx-button", type: "button", text: "?", title: "Keys (?)", "aria-label": "Keys", "aria-expanded": "false", on: { click: () => toggleKeys() } });
  const back = el("button", { class: "vx-button", type: "button", text: "‹", title: "Previous query (p)", "aria-label": "Previous query", on: { click: () => flip(-1) } });
  const onward = el("button", { class: "vx-button", type: "button", text: "›", title: "Next query (n)", "aria-label": "Next query", on: { click: () => flip(1) } });
  const queries = el("select", { class: "vx-select vx-queries", "aria-label": "Query" });
  const flips = el("div", { class: "vx-flips" }, back, queries, onward);
  const keys = el("dl", { class: "vx-keys", hidden: true }, ...KEYS.flatMap(([key, words]) => [el("dt", { text: key }), el("dd", { text: words })]));
  const figures = el("div", { class: "vx-figures" });
  const legend = el("div", { class: "vx-counts" });
  const remarks = el("div", { class: "vx-remarks" });
  const failure = el("div", { class: "vx-failure", role: "alert", hidden: true });
  const tabs = el("div", { class: "vx-tabs", role: "group", "aria-label": "Ranking shown" });
  const heads = el("div", { class: "vx-heads" });
  const columns = el("div", { class: "vx-columns" });
  const scroller = el("div", { class: "vx-scroller" }, heads, columns);
  const why = el("div", { class: "vx-why-text" });
  const panel = el("div", { class: "vx-why" }, playback.element, why);
  const status = el("div", { class: "vx-sr", role: "status" });
  const app = el("section", { class: "vx vx-compare", "aria-label": "Comparison of rankings" },
    el("header", { class: "vx-compare-head" }, title, el("div", { class: "vx-compare-controls" }, flips, strengthBox, add, help)),
    keys, figures, legend, remarks, failure, tabs, scroller, panel, status);
  keepKeys(app);
  root.replaceChildren(app);
  const hover = openHover(channel, app, { playable: model.get("_playable") });
  hover.follow(columns, ".vx-card");

  let busyTimer = 0;
  const wishes = openWishes(model, (busy) => {
    clearTimeout(busyTimer);
    if (busy) busyTimer = setTimeout(() => { app.dataset.busy = "true"; status.textContent = "Reranking…"; }, 150);
    else { delete app.dataset.busy; app.setAttribute("aria-busy", "false"); }
  });
  let cards = new Map(); // "column:id" -> card
  let focus = { column: 1, id: "" };
  let shown = []; // columns beside each other
  let front = 1; // the column shown where only one has room
  let drawn = ""; // the query whose cards are drawn
  let kept = { place: "", height: 0 }; // room of the remarks, per width and query

  /** Whatever is drawn anew, who was on a control stays on it, or goes on from the card in focus. */
  const keep = (redraw) => keepFocus(app, redraw, () => cards.get(`${focus.column}:${focus.id}`));
  const live = () => model.get("_live");
  const active = () => Math.min(model.get("other"), model.get("_data").columns.length - 2);

  // --- drawing -------------------------------------------------------------------------------------------

  function card(id, column, data, largest) {
    const known = cards.get(`${column}:${id}`);
    const node = known ?? el("div", { class: "vx-card", role: "option", tabindex: -1, data: { id, column, side: column ? "right" : "left" }, on: { click: () => choose(column, id) } },
      el("span", { class: "vx-rank" }), el("span", { class: "vx-picture" }, posters.image(data.items[id], "vx-card-poster"), el("span", { class: "vx-mark", "aria-hidden": "true" }), el("span", { class: "vx-gain", "aria-hidden": "true", title: "judged right, with this gain" })),
      caption(data.items[id]), el("span", { class: "vx-score" }));
    const item = data.items[id];
    const move = data.columns[column].moves[id];
    const rank = column ? move.after : move.before;
    const gone = column === 0 ? data.columns[active() + 1].moves[id]?.state === "left" : false;
    const state = column ? move.state : gone ? "left" : "";
    const way = state === "up" || state === "down" ? Math.abs(move.before - move.after) : "";
    node.dataset.state = state;
    node.dataset.gain = item.gain;
    const [place, picture, , score] = node.children;
    place.replaceChildren(el("b", { text: rank }), state ? el("span", { class: "vx-state", data: { state } }, el("span", { text: way })) : "");
    picture.lastChild.textContent = item.gain ? `✓${item.gain}` : "";
    const own = column ? move.score : item.raw_score;
    const bar = el("span", { class: "vx-bar", "aria-hidden": "true" }, ...barParts(item.parts, item.raw_score, column ? own : null, largest).map((part) => {
      const fill = el("span", { class: "vx-bar-part", data: { kind: part.kind } });
      fill.style.width = `${part.width}%`;
      return fill;
    }));
    score.replaceChildren(el("b", { text: formatScore(own) }), bar, column ? el("span", { class: "vx-muted vx-raw", text: `raw ${formatScore(item.raw_score)}` }) : "");
    const judged = item.gain ? ` Judged right, gain ${item.gain}.` : "";
    node.setAttribute("aria-label", `${rank}. ${spoken(item)}, score ${formatScore(own)}${column ? `, raw score ${formatScore(item.raw_score)}` : ""}. ${column ? `${move.words}.` : ""}${judged}`);
    node.style.top = `${(rank - 1) * ROW}px`;
    return node;
  }

  function draw() {
    const data = model.get("_data");
    if (!data.columns) return;
    if (drawn !== data.query.text) { cards = new Map(); drawn = data.query.text; scroller.scrollTop = 0; }
    title.replaceChildren(el("span", { class: "vx-muted", text: "Results for " }), el("q", { text: data.query.text }));
    const none = data.columns.every((column) => column.ids.length === 0);
    for (const node of [figures, legend, heads, panel, tabs]) node.hidden = none;
    drawRemarks(data, none);
    drawControls();
    if (none) {
      cards = new Map();
      columns.replaceChildren(message("empty", "No results", unknownWords(data.query), ...data.notes, "Try other words, another level, or ingest more videos."));
      columns.style.cssText = "";
      return;
    }
    layOut();
  }

  /** Place the columns that have room; called again when the width changes. */
  function layOut() {
    const data = model.get("_data");
    const width = app.clientWidth - 12;
    if (width <= 0 || !data.columns?.some((column) => column.ids.length)) return;
    front = Math.min(front, data.columns.length - 1);
    const fitting = columnsThatFit(width, data.columns.length, active());
    shown = fitting.length ? fitting : [front];
    const held = columns.contains(document.activeElement) ? document.activeElement.dataset : null;
    const gutter = gutterOf(width, shown.length);
    const largest = Math.max(0, ...Object.values(data.items).map((item) => item.raw_score), ...data.columns.flatMap((column) => column.ids.map((id) => column.moves[id].score)));
    const fresh = new Map();
    const lists = shown.map((column) => {
      const list = columns.querySelector(`.vx-list[data-column="${column}"]`) ?? el("div", { class: "vx-list", role: "listbox", data: { column, side: column ? "right" : "left" } });
      list.setAttribute("aria-label", `${data.columns[column].system} ranking`);
      for (const id of data.columns[column].ids) fresh.set(`${column}:${id}`, card(id, column, data, largest));
      settle(list, data.columns[column].ids.map((id) => fresh.get(`${column}:${id}`)));
      return list;
    });
    cards = fresh;
    const links = shown.slice(1).map((column, i) => drawLinks(data, shown[i], column, gutter));
    const there = [...columns.querySelectorAll(".vx-list")];
    if (there.length === lists.length && there.every((node, i) => node === lists[i])) [...columns.querySelectorAll(".vx-links")].forEach((old, i) => old.replaceWith(links[i]));
    else columns.replaceChildren(...lists.flatMap((list, i) => (i ? [links[i - 1], list] : [list])));
    const template = shown.map(() => "minmax(0, 1fr)").join(` ${gutter}px `);
    columns.style.cssText = `grid-template-columns: ${template}; height: ${Math.max(...data.columns.map((column) => column.ids.length)) * ROW}px`;
    heads.style.cssText = `grid-template-columns: ${template}`;
    heads.replaceChildren(...shown.flatMap((column, place) => (place ? [el("span"), head(column, data)] : [head(column, data)])));
    app.dataset.columns = shown.length;
    drawTabs(data);
    drawSummary(data);
    drawMarks();
    const known = model.get("selected");
    mark(data.columns.some((column) => column.moves[known]) ? known : firstToExplain(data, active() + 1));
    if (held) (cards.get(`${held.column}:${held.id}`) ?? cards.get(`${focus.column}:${focus.id}`))?.focus({ preventScroll: true });
  }

  /** Bring cards into the order of their ranks; those that stay glide to their new place where the browser can. */
  function settle(list, wanted) {
    for (const node of [...list.children]) if (!wanted.includes(node)) node.remove();
    wanted.forEach((node, i) => {
      const before = list.children[i] ?? null;
      if (before === node) return;
      if (list.isConnected && node.parentNode === list && list.moveBefore) list.moveBefore(node, before);
      else list.insertBefore(node, before);
    });
  }

  function head(index, data) {
    const column = data.columns[index];
    const [metric] = column.summary.metrics;
    const judged = metric ? el("span", { class: "vx-head-metric", title: `${metric.name}: raw ${formatScore(metric.raw)}` }, el("span", { class: "vx-muted", text: metric.name }), el("b", { text: formatScore(metric.value) }), index ? delta(metric.delta) : null) : null;
    const picker = index && live() ? pickerOf(index, column) : el("b", { text: column.system });
    const drop = index && live() && data.columns.length > 2 ? el("button", { class: "vx-drop", type: "button", text: "×", title: "Take this column away (x)", "aria-label": `Take ${column.system} away`, on: { click: () => dropColumn(index - 1) } }) : null;
    const kind = index && column.kind !== "joint" && !column.system.includes(column.kind) ? el("span", { class: "vx-kind", text: column.kind, title: column.about }) : null;
    const bars = index ? null : el("span", { class: "vx-bar-legend", "aria-hidden": "true" }, ...["picture", "sound", "words"].map((word, i) => el("span", { class: "vx-part", data: { kind: ["visual", "audio", "text"][i] }, text: word })));
    return el("div", { class: "vx-head", title: column.about, data: { column: index, on: data.columns.length > 2 && index === active() + 1 } }, picker, kind, judged ?? bars, drop);
  }
  function pickerOf(index, column) {
    const others = model.get("systems").filter((_, i) => i !== index - 1);
    const pick = el("select", { class: "vx-select vx-system", "aria-label": pickerLabel(index) },
      ...model.get("_rerankers").filter((name) => !others.includes(name)).map((name) => el("option", { value: name, text: name })));
    pick.value = column.system;
    pick.addEventListener("change", () => replaceSystem(index - 1, pick.value));
    return pick;
  }
  function pickerLabel(index) {
    return model.get("systems").length > 1 ? `Reranker of column ${index + 1}` : "Reranker";
  }

  function delta(value) {
    const state = verdictOf(value);
    return el("span", { class: "vx-state", data: { state } }, el("span", { text: state === "same" ? "" : formatScore(value, true) }));
  }

  function drawTabs(data) {
    const stacked = shown.length === 1;
    tabs.hidden = shown.length === data.columns.length;
    const offered = data.columns.map((_, i) => i).filter((i) => stacked || i > 0);
    tabs.replaceChildren(...offered.map((i) => el("button", {
      class: "vx-button", type: "button", text: data.columns[i].system, "aria-pressed": String(stacked ? i === front : i === active() + 1),
      on: { click: () => keep(() => { front = i; if (i) explainSystem(i - 1); layOut(); }) },
    })));
  }

  function drawSummary(data) {
    const column = data.columns[active() + 1];
    const { summary } = column;
    const figure = (name, value, hint, more) => el("div", { class: "vx-figure", title: hint }, el("b", { text: value }), more, el("span", { text: name }));
    const items = Object.values(summary.counts).reduce((sum, n) => sum + n, 0);
    figures.replaceChildren(
      data.columns.length > 2 ? el("div", { class: "vx-figure" }, el("span", { text: `raw → ${column.system}` })) : "",
      figure("moved", `${summary.moved} of ${items}`, "items whose rank changed, or that entered or left"),
      figure(`overlap@${data.k}`, formatScore(summary.overlap), `share of the first ${data.k} that both rankings have`),
      figure("Kendall tau", formatScore(summary.kendall_tau), `order of all ${data.pool} candidates: 1 same, −1 reversed`),
      figure("RBO", formatScore(summary.rbo), "rank-biased overlap, p = .9: agreement that counts the top most"),
      ...summary.metrics.map((m) => figure(m.name, formatScore(m.value), `raw ${formatScore(m.raw)}, by ${data.judged} judged answers`, delta(m.delta))));
    legend.replaceChildren(...Object.entries(summary.counts).map(([state, n]) => el("span", { class: "vx-state", data: { state } }, el("span", { text: `${n} ${state}` }))));
    status.textContent = `${column.system}, strength ${model.get("strength").toFixed(2)}: ${summary.moved} of ${items} moved.`;
  }

  /** What was not understood, what the reranker is, and when it deserves doubt. */
  function drawRemarks(data, none) {
    const column = data.columns[active() + 1];
    const said = none ? [] : [unknownWords(data.query), ...new Set([...data.notes, ...column.notes])].filter(Boolean);
    const lines = said.length ? [el("div", { class: "vx-muted", text: said.join(" ") })] : [];
    if (!none && column.kind !== "joint") lines.push(el("div", { class: "vx-muted", text: column.system.includes(column.kind) ? `${column.system}: ${column.about.split(": ").at(-1)}.` : `${column.system} is ${column.about}.` }));
    if (column.sensitivity !== null) {
      const words = `Order sensitivity ${formatScore(column.sensitivity)}: read in another order, a candidate moves by so many ranks on average.`;
      lines.push(column.unsure
        ? el("div", { class: "vx-banner", role: "note" }, el("strong", { text: "This order is unsure. " }), `${words} Above 1.5, neighbouring ranks mean little.`)
        : el("div", { class: "vx-muted", text: words }));
    }
    for (const caution of column.cautions) lines.push(el("div", { class: "vx-caution", role: "note", text: caution }));
    remarks.replaceChildren(...lines);
    remarks.hidden = lines.length === 0 && !kept.height;
    // What was said of this query keeps its room: a remark that comes and goes must not move the lists.
    const place = `${app.clientWidth} ${data.query.text}`;
    if (kept.place !== place) kept = { place, height: 0 };
    remarks.style.minHeight = "";
    kept.height = Math.max(kept.height, remarks.offsetHeight);
    remarks.style.minHeight = `${kept.height}px`;
  }

  /** Marks do nothing by themselves: where no column heeds them, say which reranker would. */
  function steering(data) {
    const marks = model.get("relevant").length + model.get("irrelevant").length;
    if (!marks || !live() || data.columns.some((one) => one.system.includes("feedback")) || !model.get("_rerankers").includes("feedback")) return "";
    return el("div", { class: "vx-muted vx-sum" }, `${marks} marked; marks steer the reranker feedback. `,
      el("button", { class: "vx-reason-link", type: "button", text: "Show it", on: { click: () => showFeedback() } }));
  }

  function drawControls() {
    strengthBox.hidden = !live();
    const all = model.get("_rerankers");
    const systems = model.get("systems");
    add.hidden = !live() || systems.length >= Math.min(MOST_COLUMNS, all.length);
    if (document.activeElement !== strength) strength.value = String(wishes.last("strength"));
    strengthText.textContent = Number(strength.value).toFixed(2);
    const texts = model.get("_queries");
    flips.hidden = texts.length < 2;
    if (flips.hidden) return;
    const verdicts = model.get("_verdicts");
    const sign = { up: "▲", down: "▼", same: "=" };
    queries.replaceChildren(...texts.map((text, i) => el("option", { value: i, text: `${i + 1}/${texts.length} ${sign[verdictOf(verdicts[i])] ?? ""} ${text}` })));
    queries.value = String(wishes.last("query"));
    back.disabled = wishes.last("query") === 0;
    onward.disabled = wishes.last("query") === texts.length - 1;
  }

  function drawFailure() {
    const text = model.get("_error");
    failure.hidden = !text;
    failure.replaceChildren(text ? message("error", "Reranking failed", text, "The ranking shown is the last one that worked.") : "");
  }

  function drawMarks() {
    const signs = new Map([...model.get("relevant").map((id) => [id, "wanted"]), ...model.get("irrelevant").map((id) => [id, "unwanted"])]);
    for (const node of cards.values()) node.querySelector(".vx-mark").dataset.mark = signs.get(node.dataset.id) ?? "";
    for (const button of why.querySelectorAll("[data-mark]")) button.setAttribute("aria-pressed", String(signs.get(model.get("selected") || focus.id) === button.dataset.mark));
  }

  // --- choosing ------------------------------------------------------------------------------------------

  let told = ""; // the item explained
  function mark(id) {
    if (!shown.length) return; // nothing has room yet: layOut marks
    for (const node of columns.querySelectorAll("[data-id]")) node.classList.toggle("vx-on", node.dataset.id === id);
    for (const node of cards.values()) node.setAttribute("aria-selected", String(node.dataset.id === id));
    if (!cards.has(`${focus.column}:${focus.id}`)) {
      const column = [active() + 1, ...shown].find((one) => cards.has(`${one}:${id}`)) ?? shown.at(-1);
      focus = { column, id: cards.has(`${column}:${id}`) ? id : model.get("_data").columns[column].ids[0] };
    }
    rove();
    explain(id);
  }
  function rove() {
    for (const [key, node] of cards) node.tabIndex = key === `${focus.column}:${focus.id}` ? 0 : -1;
  }
  function setFocus(column, id, move) {
    focus = { column, id };
    rove();
    const node = cards.get(`${column}:${id}`);
    if (!node) return;
    if (move) node.focus({ preventScroll: true });
    const room = scroller.clientHeight - heads.offsetHeight;
    if (node.offsetTop < scroller.scrollTop) scroller.scrollTop = node.offsetTop;
    else if (node.offsetTop + ROW > scroller.scrollTop + room) scroller.scrollTop = node.offsetTop + ROW - room;
  }
  function choose(column, id, move = true) {
    if (column > 0) explainSystem(column - 1);
    setFocus(column, id, move);
    if (model.get("selected") !== id) commit(model, { selected: id });
    keep(() => mark(id));
    status.textContent = why.querySelector(".vx-headline")?.textContent ?? "";
  }
  /** Explain one of several rerankers; the kernel need not be asked, it only hears of it. */
  function explainSystem(other) {
    if (model.get("other") !== other) commit(model, { other });
  }
  function over(id) {
    for (const node of columns.querySelectorAll("[data-id]")) node.classList.toggle("vx-over", Boolean(id) && node.dataset.id === id);
  }

  /** What a reason's segment does when chosen: lights up in the lists, or plays where it is in none. */
  function follow(id) {
    const data = model.get("_data");
    if (!id) return null;
    const column = [active() + 1, ...shown].find((one) => cards.has(`${one}:${id}`));
    if (column !== undefined) return { title: "Show this segment in the rankings", run: () => choose(column, id, false) };
    const source = data.sources[id];
    return source ? { title: `Play ${source.level} ${source.time}; it is in no list`, run: () => { playback.show(source, true); saying(source); } } : null;
  }
  function saying(source) {
    why.querySelector(".vx-playing")?.remove();
    why.querySelector(".vx-why-head").append(el("span", { class: "vx-playing vx-muted", text: `playing ${source.level} ${source.time}` }));
  }

  function explain(id) {
    const data = model.get("_data");
    const column = data.columns[active() + 1];
    const item = data.items[id];
    const move = column.moves[id];
    told = id;
    playback.show(item ?? null);
    if (!item || !move) {
      why.replaceChildren(el("p", { class: "vx-muted", text: item ? `${column.system} does not have it among its first ${data.k}, nor does the raw ranking.` : "Choose an item to see why it moved." }));
      return;
    }
    const thumbs = live() ? el("span", { class: "vx-thumbs" }, ...[["wanted", "✓", "Wanted"], ["unwanted", "✕", "Not wanted"]].map(([kind, sign, words]) =>
      el("button", { class: "vx-button", type: "button", "aria-pressed": "false", data: { mark: kind }, title: `${words}: steers the reranker feedback`, on: { click: () => toggleMark(id, kind) } }, el("span", { "aria-hidden": "true", text: `${sign} ` }), words))) : null;
    why.replaceChildren(
      el("div", { class: "vx-why-head" }, el("span", { class: "vx-state", data: { state: move.state } }), el("b", { text: item.name }), el("span", { class: "vx-time vx-muted", text: `${item.level} ${item.time}` }), thumbs),
      el("p", { class: "vx-headline" }, el("b", { text: move.words }), move.because ? `: ${move.because}` : ""),
      account(item, move, column, follow), el("div", { class: "vx-muted vx-sum", text: sumWords(item, move, data.k) }), partBars(item) ?? "", steering(data));
    drawMarks();
  }
  why.addEventListener("pointerover", (event) => over(event.target.closest("[data-source]")?.dataset.source ?? ""));
  why.addEventListener("pointerleave", () => over(""));
  why.addEventListener("focusin", (event) => over(event.target.dataset?.source ?? ""));

  // --- wishing -------------------------------------------------------------------------------------------

  function setStrength(value, wait = 0) {
    const next = Math.round(100 * Math.max(0, Math.min(1, value))) / 100;
    strength.value = String(next);
    strengthText.textContent = next.toFixed(2);
    wishes.ask({ strength: next }, wait);
  }
  function replaceSystem(index, name) {
    const systems = wishes.last("systems");
    if (systems[index] === name) explainSystem(index); // nothing to rank: no answer would come
    else wishes.ask({ systems: systems.map((one, i) => (i === index ? name : one)), other: index });
  }
  function addColumn() {
    const systems = wishes.last("systems");
    const free = model.get("_rerankers").find((name) => !systems.includes(name));
    if (!live() || !free || systems.length >= MOST_COLUMNS) return;
    front = systems.length + 1;
    wishes.ask({ systems: [...systems, free], other: systems.length });
  }
  function dropColumn(index) {
    const systems = wishes.last("systems").filter((_, i) => i !== index);
    if (live() && systems.length) wishes.ask({ other: Math.max(0, Math.min(model.get("other"), systems.length - 1)), systems });
  }
  function showFeedback() {
    const systems = wishes.last("systems");
    if (systems.length < MOST_COLUMNS) { front = systems.length + 1; wishes.ask({ systems: [...systems, "feedback"], other: systems.length }); }
    else replaceSystem(active(), "feedback");
  }
  function flip(way) {
    const to = wishes.last("query") + way;
    if (to >= 0 && to < model.get("_queries").length) wishes.ask({ query: to });
  }
  function toggleMark(id, kind) {
    if (!live() || !id) return;
    const was = { wanted: wishes.last("relevant"), unwanted: wishes.last("irrelevant") };
    const without = (ids) => ids.filter((one) => one !== id);
    const added = (name) => (kind === name && !was[name].includes(id) ? [...without(was[name]), id] : without(was[name]));
    wishes.ask({ relevant: added("wanted"), irrelevant: added("unwanted") });
  }
  function toggleKeys(open = keys.hidden) {
    keys.hidden = !open;
    help.setAttribute("aria-expanded", String(open));
  }

  strength.addEventListener("input", () => setStrength(Number(strength.value), SETTLE_MS));
  queries.addEventListener("change", () => wishes.ask({ query: Number(queries.value) }));
  columns.addEventListener("pointerover", (event) => over(event.target.closest(".vx-card")?.dataset.id));
  columns.addEventListener("pointerleave", () => over(""));
  scroller.addEventListener("keydown", (event) => { if (event.target.closest(".vx-card")) walk(event); });
  app.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches("select")) command(event); });

  /** Keys on a card. */
  function walk(event) {
    const data = model.get("_data");
    const ids = data.columns[focus.column].ids;
    if (event.key === " ") { choose(focus.column, focus.id); playback.toggle(); event.preventDefault(); return; }
    if (event.key === "Enter") {
      if (told === focus.id && model.get("selected") === focus.id) why.querySelector("button")?.focus();
      else choose(focus.column, focus.id);
      event.preventDefault();
      return;
    }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") { sideways(event.key === "ArrowLeft" ? -1 : 1); event.preventDefault(); return; }
    const next = stepIndex(ids.indexOf(focus.id), ids.length, event.key);
    if (next >= 0 && ids[next] !== focus.id) { setFocus(focus.column, ids[next], true); event.preventDefault(); }
  }
  /** To the same item in the next ranking, or to the same rank where it is not there. */
  function sideways(way) {
    const data = model.get("_data");
    if (shown.length === 1) { front = Math.max(0, Math.min(data.columns.length - 1, front + way)); if (front) explainSystem(front - 1); focus.column = front; layOut(); }
    const place = shown.length === 1 ? 0 : shown.indexOf(focus.column) + way;
    const column = shown[place];
    if (column === undefined) return;
    const there = data.columns[column].ids;
    const rank = data.columns[focus.column].ids.indexOf(focus.id);
    const id = there.includes(focus.id) ? focus.id : there[Math.min(Math.max(rank, 0), there.length - 1)];
    if (id) setFocus(column, id, true);
  }
  /** Keys that work everywhere in the widget. */
  function command(event) {
    const at = focus.column > 0 ? focus.column - 1 : active();
    const actions = {
      "[": () => setStrength(wishes.last("strength") - 0.1), "]": () => setStrength(wishes.last("strength") + 0.1),
      r: () => replaceSystem(at, nextReranker(model.get("_rerankers"), wishes.last("systems"), wishes.last("systems")[at])),
      a: addColumn, x: () => { if (wishes.last("systems").length > 1) dropColumn(at); }, n: () => flip(1), p: () => flip(-1),
      "+": () => toggleMark(focus.id, "wanted"), "-": () => toggleMark(focus.id, "unwanted"), "−": () => toggleMark(focus.id, "unwanted"),
      "?": () => toggleKeys(), Escape: () => { if (keys.hidden) cards.get(`${focus.column}:${focus.id}`)?.focus(); else toggleKeys(false); },
    };
    const needsKernel = !["?", "Escape", "n", "p"].includes(event.key);
    if (!(event.key in actions) || (needsKernel && !live()) || playback.element.contains(event.target)) return;
    actions[event.key]();
    event.preventDefault();
  }

  const redraw = () => keep(draw);
  const control = () => keep(drawControls);
  const stop = listen(model, {
    _data: redraw, selected: () => keep(() => mark(model.get("selected"))), strength: control, systems: control, query: control,
    _verdicts: control, _error: drawFailure, other: redraw, relevant: redraw, irrelevant: redraw,
  });
  let width = 0;
  const sizes = new ResizeObserver(() => {
    if (app.clientWidth !== width) layOut();
    width = app.clientWidth;
  });
  drawFailure();
  draw();
  sizes.observe(app);
  return () => { stop(); sizes.disconnect(); wishes.close(); clearTimeout(busyTimer); posters.close(); hover.close(); playback.close(); channel.close(); };
}

export default { render };
