// What the map's colours stand for, with their key; which levels it shows; switches for what is drawn on top.
import { el, keepKeys, listen, commit } from "./common.js";

const BY_LEVEL = "Colour, shape and size say the level.";

/** What the key says, as one sentence. */
export function keySentence(key) {
  if (key.groups) {
    const rest = key.more ? [`${key.more} more in grey`] : [];
    return `${key.note}: ${[...key.groups, ...rest].join(", ")}`;
  }
  return key.shades ? `${key.note}, from ${key.low}, dark, to ${key.high}, bright; grey is unknown` : BY_LEVEL;
}

function drawKey(key) {
  if (key.groups) {
    const chip = (name, hue) => {
      const mark = el("i", { "aria-hidden": "true" });
      mark.style.background = `var(--vx-${hue})`;
      return el("span", { class: "vx-key-group", title: name }, mark, el("span", { text: name }));
    };
    const rest = key.more ? [chip(`${key.more} more`, "line")] : [];
    return [...key.groups.map((name, i) => chip(name, `category-${i}`)), ...rest];
  }
  if (!key.shades) return [el("span", { text: BY_LEVEL })];
  const scale = el("i", { class: "vx-key-scale", "aria-hidden": "true" });
  scale.style.background = `linear-gradient(to right, ${key.shades.join(", ")})`;
  return [el("span", { text: key.low }), scale, el("span", { text: key.high })];
}

function render({ model, el: root }) {
  const color = el("select", { class: "vx-map-color", "aria-label": "Colour stands for" });
  const label = el("label", { class: "vx-map-label" }, el("span", { text: "Colour" }), color);
  const toggle = (trait, text) => el("button", {
    class: "vx-button", type: "button", text,
    on: { click: () => commit(model, { [trait]: !model.get(trait) }) },
  });
  const names = toggle("names", "Names");
  const ranked = toggle("ranked", "Order");
  const torn = toggle("torn", "Torn apart");
  const levels = el("div", { class: "vx-map-levels", role: "group", "aria-label": "Levels on the map" });
  const key = el("div", { class: "vx-map-key", role: "group" });
  const said = el("span", { class: "vx-sr", role: "status" });
  const app = el("section", { class: "vx vx-map-bar", "aria-label": "What the map shows" },
    el("div", { class: "vx-map-row" }, label, names, ranked, torn), levels, key, said);
  keepKeys(app);
  root.replaceChildren(app);
  color.addEventListener("change", () => commit(model, { color: color.value }));

  function drawColors() {
    const option = ([value, text]) => el("option", { value, text });
    color.replaceChildren(...model.get("_colors").flatMap(([head, entries]) => (
      head ? [el("optgroup", { label: head }, ...entries.map(option))] : entries.map(option))));
  }
  const chips = new Map();
  function drawLevels() {
    for (const [name, word, tier, count] of model.get("_levels")) {
      const chip = el("button", { class: "vx-chip", type: "button", on: { click: () => toggleLevel(name) } },
        el("span", { class: "vx-level", text: `${word}s`, data: { tier } }), el("span", { class: "vx-muted", text: count.toLocaleString("en") }));
      chips.set(name, chip);
      levels.append(chip);
    }
  }
  /** Show or fold a level; the last one stays. */
  function toggleLevel(name) {
    const shown = new Set(model.get("levels_shown"));
    if (!shown.delete(name)) shown.add(name);
    if (shown.size) commit(model, { levels_shown: [...chips.keys()].filter((level) => shown.has(level)) });
  }
  function markLevels() {
    const shown = model.get("levels_shown");
    for (const [name, chip] of chips) {
      const last = shown.length === 1 && shown[0] === name;
      chip.setAttribute("aria-pressed", String(shown.includes(name)));
      chip.setAttribute("aria-disabled", String(last));
      chip.title = last ? "One level stays" : shown.includes(name) ? "Take this level off the map" : "Put this level on the map";
    }
  }
  function draw() {
    const empty = model.get("_empty");
    color.value = model.get("color");
    for (const [value, known] of [["score", "_scored"], ["region", "_parted"]]) {
      color.querySelector(`option[value=${value}]`).disabled = !model.get(known);
    }
    color.disabled = torn.disabled = empty;
    ranked.disabled = empty || !model.get("_scored");
    ranked.title = model.get("_scored") ? "A line through the first ten answers, from rank to rank" : "No query is asked";
    names.disabled = empty || !model.get("_named");
    names.title = model.get("_named") ? "Names of the dense parts of the map" : "No part of this map has a name yet";
    torn.title = "Dotted lines from the chosen segment to what is like it and stands elsewhere, crosses on what is near it only here";
    for (const [button, trait] of [[names, "names"], [ranked, "ranked"], [torn, "torn"]]) {
      button.setAttribute("aria-pressed", String(model.get(trait) && !button.disabled));
    }
  }
  function explain() {
    const data = model.get("_key");
    key.replaceChildren(...(model.get("_empty") ? [] : drawKey(data)));
    key.setAttribute("aria-label", keySentence(data));
    key.title = data.note ?? "";
    key.scrollLeft = 0;
    key.tabIndex = data.groups ? 0 : -1; // many groups are scrolled by the arrow keys
  }
  const say = () => { said.textContent = model.get("_said"); };
  const stop = listen(model, { color: draw, names: draw, ranked: draw, torn: draw, _scored: draw, _named: draw, _parted: draw, levels_shown: markLevels, _colors: () => { drawColors(); draw(); }, _key: explain, _said: say });
  drawColors();
  drawLevels();
  markLevels();
  draw();
  explain();
  say();
  return stop;
}

export default { render };
