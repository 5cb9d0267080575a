// Parts of the details panel: hierarchy, what is said, attributes, neighbours, provenance.
import { el, formatScore, formatTime, caption, spoken, stepIndex } from "./common.js";
import { copyButton } from "./copying.js";

const FEW_PARTS = 10;
const FEW_ATTRIBUTES = 8;
const FULL_BAR = 3; // standard deviations
const LITTLE = new Set("a an and are as at be but by for from has he her his i in into is it its my not of off on or our out she so that the their then there they this to up us was we were what when where who will with you your".split(" "));

/** Words of a query that are worth marking, lower case. */
export function wordsToMark(query) {
  return [...new Set(query.toLocaleLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].filter((word) => !LITTLE.has(word));
}

/** Whether a word said is a word asked for, give or take its ending. */
export function sameWord(said, asked) {
  if (said === asked) return true;
  const [short, long] = said.length < asked.length ? [said, asked] : [asked, said];
  return short.length >= 4 && long.startsWith(short) && long.length - short.length <= 3;
}

/** A text in pieces, `[text, whether it is asked for]`. */
export function markedPieces(text, words) {
  const pieces = [];
  let rest = 0;
  for (const { 0: word, index } of words.length ? text.matchAll(/[\p{L}\p{N}]+/gu) : []) {
    if (!words.some((asked) => sameWord(word.toLocaleLowerCase(), asked))) continue;
    if (index > rest) pieces.push([text.slice(rest, index), false]);
    pieces.push([word, true]);
    rest = index + word.length;
  }
  if (rest < text.length) pieces.push([text.slice(rest), false]);
  return pieces;
}

function marked(text, words) {
  return markedPieces(text, words).map(([piece, on]) => (on ? el("mark", { text: piece }) : document.createTextNode(piece)));
}

/** Length and side of an attribute's bar, in percent of the half that it has. */
export function attributeBar(apart) {
  return { above: apart >= 0, width: (100 * Math.min(FULL_BAR, Math.abs(apart))) / FULL_BAR };
}

/** The first of the attributes about each thing: "centre purple" makes "purple" needless. */
export function strongest(attributes) {
  const known = [];
  const within = (some, others) => some.every((word) => others.includes(word));
  return attributes.filter(([, about]) => {
    const words = about.split(" ");
    return !known.some((other) => within(words, other) || within(other, words)) && known.push(words);
  }).slice(0, FEW_ATTRIBUTES);
}

/** A section with its heading; `extra` stands at the heading's end. */
export function section(title, extra, ...children) {
  return el("section", { class: "vx-det-section", "aria-label": title }, el("div", { class: "vx-det-head" }, el("h4", { text: title }), extra), ...children);
}

/** A button that shows more of a list; `draw(all)` fills it. */
function moreButton(words, draw) {
  let all = false;
  const button = el("button", { class: "vx-link", type: "button", "aria-expanded": "false", text: words(false), on: { click: () => {
    all = !all;
    draw(all);
    button.textContent = words(all);
    button.setAttribute("aria-expanded", String(all));
  } } });
  draw(false);
  return button;
}

/** What holds the segment and what it is made of. */
export function hierarchy(item, choose) {
  const step = (place) => el("button", { class: "vx-crumb", type: "button", title: `${place.level} ${place.time}`, on: { click: () => choose(place.id) } },
    el("span", { class: "vx-level", text: place.level, data: { tier: place.tier } }), el("span", { class: "vx-muted", text: place.time }));
  const here = el("span", { class: "vx-crumb vx-here", "aria-current": "true" }, el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }));
  const crumbs = el("nav", { class: "vx-crumbs", "aria-label": "What holds it" },
    el("ol", {}, ...[...item.ancestors.map(step), here].map((node) => el("li", {}, node))));
  if (!item.parts.length) return [crumbs];
  const levels = [...new Set(item.parts.map((part) => part.level))];
  const kind = levels.length === 1 ? levels[0] : "part";
  const count = item.parts.length;
  const list = el("div", { class: "vx-det-parts" });
  const part = (one) => el("button", { class: "vx-part", type: "button", title: `${one.level} ${one.time}`, "aria-label": `${one.level} ${one.time}`, on: { click: () => choose(one.id) } },
    el("span", { class: "vx-level", data: { tier: one.tier } }), formatTime(one.start));
  const draw = (all) => list.replaceChildren(...item.parts.slice(0, all ? count : FEW_PARTS).map(part));
  const more = moreButton((all) => (all ? "fewer" : `all ${count}`), draw);
  if (count <= FEW_PARTS) more.hidden = true;
  return [crumbs, el("div", { class: "vx-det-partline" }, el("span", { class: "vx-muted", text: `${count} ${kind}${count === 1 ? "" : "s"}` }), list, more)];
}

/** What is said; `cues` are [start, end, text] where their times are known. */
export function transcript(item, words, cues, seek) {
  if (!cues?.length) return el("p", { class: "vx-det-said" }, ...marked(item.transcript, words));
  return el("ul", { class: "vx-det-cues", tabindex: 0, "aria-label": "What is said, with times" }, ...cues.map(([start, , text]) => el("li", {},
    seek ? el("button", { class: "vx-cue-time", type: "button", text: formatTime(start), title: "Go there", on: { click: () => seek(start) } }) : el("span", { class: "vx-cue-time", text: formatTime(start) }),
    el("span", {}, ...marked(text, words)))));
}

/** Bars from the library's mean: right of it above, left of it below. */
export function attributes(item) {
  if (!item.attributes.length) return el("p", { class: "vx-muted vx-det-none", text: "The columns of this encoder have no names." });
  const list = el("div", { class: "vx-bars", role: "list" });
  const row = ([name, word, value, apart, meaning], all) => {
    const { above, width } = attributeBar(apart);
    const fill = el("i", { class: "vx-apart-fill", data: { above: String(above) } });
    fill.style.width = `${width / 2}%`;
    return el("div", { class: "vx-apart", role: "listitem", title: `${meaning ? `${meaning}. ` : ""}Value ${formatScore(value)}, ${formatScore(Math.abs(apart), false, 1)} standard deviations ${above ? "above" : "below"} the library's mean` },
      el("span", { class: "vx-apart-word", text: all ? name : word }), el("span", { class: "vx-apart-track", "aria-hidden": "true" }, fill),
      el("span", { class: "vx-apart-value vx-muted", text: formatScore(value) }), el("b", { class: "vx-apart-sd", text: formatScore(apart, true, 1) }),
      el("span", { class: "vx-sr", text: above ? " above the mean" : " below the mean" }));
  };
  const few = strongest(item.attributes);
  const draw = (all) => list.replaceChildren(...(all ? item.attributes : few).map((one) => row(one, all)));
  const more = moreButton((all) => (all ? "Only the strongest" : `All ${item.attributes.length}`), draw);
  if (few.length === item.attributes.length) more.hidden = true;
  const key = el("div", { class: "vx-apart vx-apart-key vx-muted", "aria-hidden": "true" }, el("span"),
    el("span", { class: "vx-apart-ends" }, el("span", { text: "below" }), el("span", { text: "mean" }), el("span", { text: "above" })), el("span", { text: "value" }), el("span", { text: "sd" }));
  return el("div", {}, key, list, more);
}

/** The nearest, a list to walk by arrow keys. */
export function neighbours(item, posters, choose) {
  if (!item.neighbours.length) return el("p", { class: "vx-muted vx-det-none", text: `There is no other ${item.level} to compare it with.` });
  const card = (one, i) => el("div", {
    class: "vx-near", role: "option", "aria-selected": "false", tabindex: i ? -1 : 0, data: { id: one.id },
    "aria-label": `${spoken(one)}, cosine ${formatScore(one.cosine)}${one.shared.length ? `, shared: ${one.shared.join(", ")}` : ""}`, on: { click: () => choose(one.id) },
  }, posters.image(one, "vx-near-poster"),
  el("span", { class: "vx-near-text" }, caption(one), el("span", { class: "vx-near-shared", text: one.shared.join(" · "), title: one.shared.length ? `Both: ${one.shared.join(", ")}` : null })),
  el("span", { class: "vx-near-cosine", title: "Cosine, less what is usual on this level" }, formatScore(one.cosine)));
  const list = el("div", { class: "vx-nears", role: "listbox", "aria-label": `Nearest ${item.level}s` }, ...item.neighbours.map(card));
  let at = 0;
  list.addEventListener("keydown", (event) => {
    const nodes = [...list.children];
    if (event.key === "Enter" || event.key === " ") { choose(nodes[at].dataset.id); event.preventDefault(); return; }
    const next = stepIndex(at, nodes.length, event.key);
    if (next === at || next < 0) return;
    nodes[at].tabIndex = -1;
    at = next;
    nodes[at].tabIndex = 0;
    nodes[at].focus();
    event.preventDefault();
  });
  return list;
}

/** Where it comes from: terms with what they are, file and id to copy. */
export function provenance(item) {
  const line = (term, text, copy) => [el("dt", { text: term }), el("dd", {}, el("span", { class: "vx-det-value", text, title: text }), ...(copy ? [copyButton("Copy", () => copy, `Copy ${copy}`)] : []))];
  return el("dl", { class: "vx-det-facts" },
    ...(item.path ? line("File", item.path, item.path) : []), ...line("Segment", item.id, item.id), ...(item.label ? line("Label", item.label) : []),
    ...item.provenance.flatMap(([term, text]) => line(term, text)));
}
