// Sliders for target durations and weights: they ask for a new cut while they move, one question at a time.
// One level may have no target ("auto"): its button gives the target up, its slider sets one again.
import { el, keepFocus } from "./common.js";
import { toSlider, fromSlider, keepRising } from "./timescale.js";

const WAIT_MS = 160;
const SHORTEST_S = 1;
const HEAVIEST = 3;

/** Open the sliders. `ask({levels, weights})` asks for a cut; `onBusy` hears whether one is on its way. */
export function openRecipe(ask, onBusy) {
  const lengths = el("div", { class: "vx-tt-sliders", role: "group", "aria-label": "Target length per level" });
  const loads = el("div", { class: "vx-tt-sliders", role: "group", "aria-label": "Weight per signal" });
  const note = el("p", { class: "vx-muted vx-tt-note" });
  const reset = el("button", { class: "vx-button", type: "button", text: "Reset", title: "Targets and weights as they were at first", on: { click: () => want({ ...first.levels }, { ...first.weights }) } });
  const head = el("div", { class: "vx-tt-recipe-head" }, el("b", { text: "Cut anew" }), reset);
  const element = el("section", { class: "vx-tt-recipe", "aria-label": "Cut anew" }, head, lengths, loads, note);
  let first = null;
  let wanted = null; // what the sliders say
  let asked = ""; // what the kernel was asked for last
  let timer = 0;
  let busy = false;

  function want(levels, weights) {
    wanted = { levels, weights };
    clearTimeout(timer);
    timer = setTimeout(send, WAIT_MS);
    draw();
  }
  function send() {
    timer = 0;
    if (busy || JSON.stringify(wanted) === asked) return;
    asked = JSON.stringify(wanted);
    busy = true;
    onBusy(true);
    ask(wanted);
  }
  /** How long the segments of a level are on average. */
  const meanOf = (key) => Math.max(SHORTEST_S, data.duration / Math.max(1, data.levels.find((one) => one.key === key)?.ids.length ?? 0));
  /** The levels with a target for one of them, between the nearest targets below and above. */
  function aim(levels, key, seconds) {
    const names = Object.keys(levels);
    const set = names.map((name) => levels[name] ?? undefined);
    const at = names.indexOf(key);
    return { ...levels, [key]: keepRising(seconds, set.slice(0, at).findLast(Boolean), set.slice(at + 1).find(Boolean)) };
  }
  /** The levels without a target for one of them: there can be only one, so another that had none gets its mean length. */
  function release(key) {
    const other = Object.keys(wanted.levels).find((name) => wanted.levels[name] === null);
    const levels = { ...wanted.levels, [key]: null };
    return other === undefined ? levels : aim(levels, other, meanOf(other));
  }
  const sliders = new Map();
  /** One row: word, slider, value, and what came of it. */
  function slider(group, key, word, label, attributes, onInput) {
    let row = sliders.get(`${group.className}${label}`);
    if (!row) {
      const input = el("input", { type: "range", class: "vx-tt-range", "aria-label": label, ...attributes, data: { key } });
      row = { input, value: el("output", { class: "vx-tt-value" }), auto: null, found: el("span", { class: "vx-muted vx-tt-found" }) };
      if (group === lengths) row.auto = el("button", { class: "vx-button vx-tt-auto", type: "button", text: "auto", "aria-label": `auto: as many ${word}s as there is evidence for` });
      row.node = el("div", { class: "vx-tt-slider" }, el("label", {}, el("span", { text: word }), input), row.value, row.auto, row.found);
      sliders.set(`${group.className}${label}`, row);
    }
    row.input.oninput = () => onInput(Number(row.input.value));
    return row;
  }
  let data = null;
  const draw = () => keepFocus(element, fill, () => element.querySelector("input:not(:disabled)"));
  function fill() {
    const off = Boolean(data.fixed);
    const missed = data.levels.filter((level) => level.note).map((level) => `${level.name}: ${level.note}`);
    const lines = data.fixed ? [data.fixed] : missed;
    note.replaceChildren(...lines.map((text) => el("span", { text })));
    note.hidden = !lines.length;
    reset.disabled = off || JSON.stringify(wanted) === JSON.stringify(first);
    const most = Math.max(600, data.duration / 2);
    const finestFirst = Object.keys(wanted.levels);
    const lengthRows = finestFirst.map((key, i) => {
      const level = data.levels.find((one) => one.key === key);
      const word = level?.name ?? key;
      const count = level?.ids.length ?? 0;
      const value = wanted.levels[key];
      const open = value === null;
      const mean = meanOf(key);
      const row = slider(lengths, key, word, `Target length of a ${word}`, { min: 0, max: 1, step: 0.005 }, (place) => want(aim(wanted.levels, key, fromSlider(place, SHORTEST_S, most)), wanted.weights));
      // Without a target a level stands where its segments are.
      if (document.activeElement !== row.input) row.input.value = String(toSlider(open ? mean : value, SHORTEST_S, most));
      row.input.setAttribute("aria-valuetext", open ? `auto, ${mean.toFixed(1)} seconds each` : `${value.toFixed(1)} seconds`);
      row.input.dataset.open = String(open);
      row.value.textContent = open ? "" : `${value < 100 ? value.toFixed(1) : Math.round(value)} s`;
      row.auto.setAttribute("aria-pressed", String(open));
      row.auto.title = open ? `As many ${word}s as there is evidence for; the slider sets a target` : `No target: as many ${word}s as there is evidence for`;
      row.auto.hidden = i === 0 && !open; // the finest level of signals needs a target, that of phrases has none
      row.auto.onclick = () => want(open ? aim(wanted.levels, key, mean) : release(key), wanted.weights);
      row.found.textContent = count ? `${count}, ${(data.duration / count).toFixed(1)} s each` : "not divided";
      row.found.title = "How many there are now, and how long on average";
      row.input.disabled = row.auto.disabled = off || (i === 0 && open);
      return row.node;
    });
    const weightRows = Object.keys(wanted.weights).map((key) => {
      const signal = data.signals.find((one) => one.key === key);
      const row = slider(loads, key, signal?.word ?? key, `Weight of ${signal?.word ?? key}`, { min: 0, max: HEAVIEST, step: 0.1 }, (weight) => want(wanted.levels, { ...wanted.weights, [key]: weight }));
      const value = wanted.weights[key];
      if (document.activeElement !== row.input) row.input.value = String(value);
      row.value.textContent = value.toFixed(1);
      row.input.disabled = off;
      return row.node;
    });
    const list = (group, title, nodes) => {
      const all = nodes.length ? [el("div", { class: "vx-muted", text: title }), ...nodes] : [];
      // Left in place where it is the same: a slider that is moved out of the page lets go of the pointer.
      if (group.children.length !== all.length || nodes.some((node, i) => group.children[i + 1] !== node)) group.replaceChildren(...all);
    };
    list(lengths, "Target length", lengthRows);
    list(loads, "Weight of each signal", weightRows);
  }
  return {
    element,
    /** Show the recipe of a new tree, unless the sliders have moved on meanwhile. */
    load(next, levels, weights) {
      data = next;
      busy = false;
      onBusy(false);
      first ??= { levels: { ...levels }, weights: { ...weights } };
      if (wanted && (timer || JSON.stringify(wanted) !== asked) && asked) { draw(); if (!timer) send(); return; }
      wanted = { levels: { ...levels }, weights: { ...weights } };
      asked = JSON.stringify(wanted);
      draw();
    },
    close() { clearTimeout(timer); },
  };
}
