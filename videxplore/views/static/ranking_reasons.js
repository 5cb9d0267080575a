// Why an item moved: the way from its raw score to its new one, step by step, and what can be done about it.
import { el, formatScore } from "./common.js";
import { steps } from "./ranking_links.js";

const DIGITS = 3; // hundredths hide what moves a rank in a flat list
const FULL_BAR = 0.05; // smaller changes get shorter bars, so that a hundredth never looks like much

/** One step: words, a bar from where the score stood to where it came, the amount. */
function row(kind, label, bar, amount) {
  return el("div", { class: "vx-reason", role: "listitem", data: { kind } }, label, bar, el("b", { text: amount }));
}

function tick(at) {
  const mark = el("span", { class: "vx-tick" });
  mark.style.left = `${at}%`;
  return el("span", { class: "vx-delta", "aria-hidden": "true" }, mark);
}

function bar({ left, width }, amount) {
  const fill = el("span", { class: "vx-step" });
  fill.style.left = `${left}%`;
  fill.style.width = `${width}%`;
  return el("span", { class: "vx-delta", data: { sign: amount < 0 ? "minus" : "plus" }, "aria-hidden": "true" }, fill);
}

/** The account of one item; `follow` says what a reason's segment does: null where nothing can be shown. */
export function account(item, move, column, follow) {
  const list = el("div", { class: "vx-reasons", role: "list", "aria-label": "From the raw score to the new one" });
  const way = steps(item.raw_score, move.reasons.map((reason) => reason.amount), FULL_BAR);
  list.append(row("total", el("span", { text: "raw score" }), tick(way.start), formatScore(item.raw_score, false, DIGITS)));
  move.reasons.forEach((reason, i) => {
    const action = reason.id === item.id ? null : follow(reason.id);
    const label = action
      ? el("button", { class: "vx-reason-link", type: "button", text: reason.text, title: action.title, data: { source: reason.id }, on: { click: action.run } })
      : el("span", { text: reason.text });
    list.append(row("reason", label, bar(way.bars[i], reason.amount), formatScore(reason.amount, true, DIGITS)));
  });
  if (move.score !== null) list.append(row("total", el("span", { text: `${column.system} score` }), tick(way.end), formatScore(move.score, false, DIGITS)));
  return list;
}

/** What the lines of an account come to. */
export function sumWords(item, move, k) {
  if (move.score === null) return `Not among the first ${k} any more; its new score is not kept.`;
  if (!move.reasons.length) return "Nothing was added to its score.";
  return `Change of score ${formatScore(move.score - item.raw_score, true, DIGITS)}: the sum of the steps above.`;
}

/** What each modality gave to the raw score, as small bars. */
export function partBars(item) {
  const parts = item.parts.filter((part) => Math.abs(part.amount) >= 0.005);
  const largest = Math.max(...parts.map((part) => Math.abs(part.amount)));
  return parts.length ? el("div", { class: "vx-parts" }, el("span", { class: "vx-muted", text: "raw score from" }), ...parts.map((part) => {
    const fill = el("span", { class: "vx-part-bar", "aria-hidden": "true", data: { kind: part.kind } });
    fill.style.width = `${Math.max(2, (44 * Math.abs(part.amount)) / largest)}px`;
    return el("span", { class: "vx-part", data: { kind: part.kind } }, el("span", { text: part.word }), fill, el("span", { text: formatScore(part.amount) }));
  })) : null;
}
