// What narrows answers down: filters with their chips, and how much a modality counts.
import { el, commit, formatTime, openCount } from "./common.js";
import { copyButton } from "./copying.js";

/** Seconds from "90", "1:30" or "1:02:03.5"; null for nothing, NaN for what is no time. */
export function readTime(text) {
  if (!text.trim()) return null;
  const parts = text.trim().replace(",", ".").split(":");
  if (parts.length > 3 || parts.some((part) => !/^\d+(\.\d+)?$/.test(part.trim()))) return NaN;
  return parts.reduce((total, part) => 60 * total + Number(part), 0);
}

/** Seconds as a field shows them. */
export function writeTime(seconds, clock) {
  if (seconds === null || seconds === undefined) return "";
  return clock && seconds >= 60 ? formatTime(seconds) : String(seconds);
}

/** Two fields of seconds; `change([low, high])` is called once both make sense. */
function rangeField(name, hint, clock, change) {
  const field = (what) => el("input", { class: "vx-field vx-bound", type: "text", inputmode: clock ? "text" : "decimal", "aria-label": `${name}, ${what}`, placeholder: what === "from" ? "from" : "to" });
  const [low, high] = [field("from"), field("to")];
  const problem = el("span", { class: "vx-field-problem", "aria-live": "polite" });
  let asked = [null, null]; // what the kernel was told last, or told
  function told() {
    const [a, b] = [low, high].map((node) => readTime(node.value));
    const wrong = Number.isNaN(a) || Number.isNaN(b);
    const falling = !wrong && a !== null && b !== null && a > b;
    low.setAttribute("aria-invalid", String(Number.isNaN(a) || falling));
    high.setAttribute("aria-invalid", String(Number.isNaN(b) || falling));
    problem.textContent = wrong ? (clock ? "seconds or m:ss" : "seconds") : falling ? "the second must not be less" : "";
    if (wrong || falling) return;
    asked = [a, b];
    change(asked);
  }
  for (const node of [low, high]) node.addEventListener("change", told);
  return {
    element: el("fieldset", { class: "vx-fieldset" }, el("legend", { text: name }),
      el("div", { class: "vx-range" }, low, el("span", { "aria-hidden": "true", text: "–" }), high, el("span", { class: "vx-muted", text: hint })), problem),
    draw([a, b]) {
      if (problem.textContent && a === asked[0] && b === asked[1]) return; // what makes no sense yet stays to be mended
      asked = [a, b];
      for (const [node, seconds] of [[low, a], [high, b]]) {
        if (node === document.activeElement) continue; // somebody writes there
        node.value = writeTime(seconds, clock);
        node.setAttribute("aria-invalid", "false");
      }
      if (![low, high].includes(document.activeElement)) problem.textContent = "";
    },
  };
}

/** Any of several, with a box to search among many; `change(ids)`. Fewer than `least` are no choice. */
function choiceField(name, least, change) {
  const search = el("input", { class: "vx-field", type: "search", "aria-label": `Search among ${name.toLowerCase()}`, placeholder: `Search ${name.toLowerCase()}` });
  const list = el("div", { class: "vx-choices" });
  const none = el("div", { class: "vx-muted", text: "Nothing of that name", hidden: true });
  const element = el("fieldset", { class: "vx-fieldset vx-choice-field" }, el("legend", { text: name }), search, list, none);
  let listed = "";
  const boxes = () => [...list.querySelectorAll("input")];
  function sift() {
    const wanted = search.value.trim().toLocaleLowerCase();
    for (const label of list.children) label.hidden = !label.textContent.toLocaleLowerCase().includes(wanted);
    none.hidden = [...list.children].some((label) => !label.hidden);
  }
  search.addEventListener("input", sift);
  list.addEventListener("change", () => change(boxes().filter((box) => box.checked).map((box) => box.value)));
  return {
    element,
    draw(entries, chosen) {
      if (listed !== JSON.stringify(entries)) {
        listed = JSON.stringify(entries);
        list.replaceChildren(...entries.map(([value, text]) => el("label", { class: "vx-choice", title: text }, el("input", { type: "checkbox", value }), el("span", { text }))));
      }
      for (const box of boxes()) box.checked = chosen.includes(box.value);
      search.hidden = entries.length < 8;
      element.hidden = entries.length < least && !chosen.length;
      sift();
    },
  };
}

/** Open filters; `facts` has the names of the videos, `send(message)` tells the kernel, which writes the condition. */
export function openFilters(model, facts, send) {
  const { sent, there: settled } = openCount(() => model.get("_filters").taken ?? 0); // forms that the kernel has taken
  let adding = null; // words that are said, with those on their way
  const told = (form) => {
    sent();
    send({ kind: "filter", form });
  };
  const videos = choiceField("Videos", 2, (ids) => told({ videos: ids }));
  const tags = choiceField("Tags", 1, (names) => told({ tags: names }));
  const length = rangeField("Length", "s", false, (bounds) => told({ length: bounds }));
  const times = rangeField("Place in its video", "s or m:ss", true, (bounds) => told({ times: bounds }));
  const speech = el("select", { class: "vx-select", "aria-label": "Speech" },
    ...[["", "with or without"], ["with", "with speech"], ["without", "without speech"]].map(([value, text]) => el("option", { value, text })));
  const words = el("input", { class: "vx-field", type: "text", "aria-label": "Words that are said", placeholder: "words that are said, Enter adds" });
  speech.addEventListener("change", () => told({ speech: { with: true, without: false }[speech.value] ?? null }));
  const addWords = () => {
    if (words.value.trim()) {
      adding = [...(adding ?? model.get("_filters").said), words.value];
      told({ said: adding });
    }
    words.value = "";
  };
  words.addEventListener("keydown", (event) => { if (event.key === "Enter") { addWords(); event.preventDefault(); } });
  words.addEventListener("blur", addWords);
  const code = el("code", { class: "vx-code", tabindex: 0 });
  const foot = el("div", { class: "vx-code-line" }, el("span", { class: "vx-muted", text: "where =" }), code,
    copyButton("Copy", () => JSON.stringify(model.get("where")), "Copy the condition as code"));
  const said = el("fieldset", { class: "vx-fieldset" }, el("legend", { text: "Speech" }), el("div", { class: "vx-range" }, speech, words));
  const panel = el("div", { class: "vx-refine", role: "group", "aria-label": "Filters" }, videos.element, length.element, times.element, said, tags.element, foot);
  const chips = el("div", { class: "vx-chips", role: "group", "aria-label": "What the answers are narrowed down to" });

  function chip({ text }) {
    return el("button", { class: "vx-chip", type: "button", title: `${text} – remove`, "aria-label": `Remove: ${text}`, on: { click: () => send({ kind: "drop", chip: text }) } },
      el("span", { text }), el("span", { "aria-hidden": "true", class: "vx-chip-x", text: "×" }));
  }
  function drawFields(data) {
    videos.draw(Object.entries(facts.get("_videos")), data.videos);
    tags.draw(model.get("_tags").map((name) => [name, name]), data.tags);
    length.draw(data.length);
    times.draw(data.times);
    speech.value = data.speech === null ? "" : data.speech ? "with" : "without";
    code.textContent = model.get("where") ? JSON.stringify(model.get("where")) : "None";
    code.title = model.get("where");
  }
  return {
    panel, chips, settled,
    get count() { return (model.get("_filters").chips ?? []).length; },
    draw() {
      const data = model.get("_filters");
      if (!data.chips) return;
      if (settled()) {
        adding = null;
        if (!panel.hidden) drawFields(data); // an answer to what was filled in before would undo what is newer
      }
      const inside = chips.contains(document.activeElement);
      chips.hidden = !data.chips.length;
      chips.replaceChildren(el("span", { class: "vx-muted", text: "Only" }), ...data.chips.map(chip),
        ...(data.chips.length > 1 ? [el("button", { class: "vx-link", type: "button", text: "Clear", on: { click: () => send({ kind: "drop", chip: "" }) } })] : []));
      if (inside) (chips.querySelector("button") ?? chips.parentElement.querySelector(".vx-refine-open")).focus();
    },
  };
}

/** Open sliders, one per modality; full is the default. */
export function openWeights(model) {
  const rows = el("div", { class: "vx-weights" });
  const reset = el("button", { class: "vx-link", type: "button", text: "Reset", on: { click: () => commit(model, { weights: {} }) } });
  const hint = el("span", { class: "vx-muted", text: "How much each counts. Full is the default." });
  const panel = el("div", { class: "vx-refine", role: "group", "aria-label": "Weights" }, rows, el("div", { class: "vx-code-line" }, hint, reset));
  const sliders = new Map();
  let moving = null; // a slider that is held: an answer to something else leaves it alone
  const percent = (value) => `${Math.round(100 * value)} %`;
  function row([name, word, kind]) {
    const slider = el("input", { type: "range", min: 0, max: 1, step: 0.05, "aria-label": `Weight of ${word}`, data: { kind } });
    const value = el("output", { class: "vx-weight-value" });
    slider.addEventListener("input", () => { moving = slider; value.textContent = percent(slider.value); slider.setAttribute("aria-valuetext", value.textContent); });
    slider.addEventListener("change", () => {
      moving = null;
      const weights = Object.fromEntries([...sliders].map(([other, { slider: node }]) => [other, Number(node.value)]).filter(([, weight]) => weight !== 1));
      commit(model, { weights });
    });
    sliders.set(name, { slider, value });
    return el("label", { class: "vx-weight" }, el("span", { text: word }), slider, value);
  }
  return {
    panel,
    get count() { return Object.keys(model.get("weights")).length; },
    draw() {
      if (sliders.size !== model.get("_modalities").length) { sliders.clear(); rows.replaceChildren(...model.get("_modalities").map(row)); }
      for (const [name, { slider, value }] of sliders) {
        if (slider === moving) continue;
        const weight = model.get("weights")[name] ?? 1;
        slider.value = String(Math.min(1, weight));
        value.textContent = percent(weight);
        slider.setAttribute("aria-valuetext", percent(weight));
      }
      reset.disabled = this.count === 0;
    },
  };
}
