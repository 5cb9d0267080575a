// Where cards and the lines between them stand in a comparison of rankings: arithmetic and lines, no words.
import { svg, barWidth } from "./common.js";

export const ROW = 74;
const LEAST_CARD = 190; // narrower, and a name is no name any more
const CLEAR = 64; // gutter of a pair; more columns get less
const TIGHT = 40;

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

/** Which columns have room beside each other: all, the raw one with the one explained, or a single one. */
export function columnsThatFit(width, count, other) {
  const all = Array.from({ length: count }, (_, i) => i);
  if (count * LEAST_CARD + (count - 1) * TIGHT <= width) return all;
  return 2 * LEAST_CARD + TIGHT <= width ? [0, other + 1] : [];
}

/** Pixels between columns. */
export function gutterOf(width, count) {
  return count > 2 || width < 700 ? TIGHT : CLEAR;
}

/** The parts of a score bar in percent: what each modality gave, then what reranking added or took away. */
export function barParts(parts, raw, score, largest) {
  const positive = parts.filter((part) => part.amount > 0);
  const sum = positive.reduce((total, part) => total + part.amount, 0);
  const base = barWidth(raw, largest);
  const end = score === null ? base : barWidth(score, largest);
  const solid = Math.min(base, end);
  const shares = sum > 0 ? positive.map((part) => ({ kind: part.kind, width: (solid * part.amount) / sum })) : [{ kind: "other", width: solid }];
  const change = { kind: end >= base ? "added" : "taken", width: Math.abs(end - base) };
  return change.width > 0.01 ? [...shares, change] : shares;
}

/** Where each amount begins and ends on its way from one score to the other, in percent of a common scale. */
export function steps(raw, amounts, least) {
  const totals = amounts.reduce((all, amount) => [...all, all.at(-1) + amount], [raw]);
  const low = Math.min(...totals);
  const room = Math.max(least, Math.max(...totals) - low);
  const at = (value) => (100 * (value - low)) / room;
  return { start: at(raw), end: at(totals.at(-1)), bars: amounts.map((_, i) => ({ left: Math.min(at(totals[i]), at(totals[i + 1])), width: Math.abs(at(totals[i + 1]) - at(totals[i])) })) };
}

/** The lines between two neighbouring columns; only those from the raw ranking tell up from down. */
export function drawLinks(data, left, right, width) {
  const [from, to] = [data.columns[left], data.columns[right]];
  const rows = Math.max(from.ids.length, to.ids.length);
  const picture = svg("svg", { class: "vx-links", width, height: rows * ROW, "aria-hidden": "true" });
  for (const id of new Set([...from.ids, ...to.ids])) {
    const a = from.ids.indexOf(id) + 1;
    const b = to.ids.indexOf(id) + 1;
    const state = left === 0 ? to.moves[id]?.state : "path";
    if (!state) continue;
    const at = { "data-id": id, "data-state": state, class: "vx-link" };
    if (a && b) picture.append(svg("path", { ...at, d: linkPath(a, b, width) }));
    else if (left === 0) picture.append(...stub(at, b ? width : 0, b ? width * 0.75 : width / 4, rowMiddle(a || b), to.moves[id].symbol, b > 0));
  }
  return picture;
}

/** A short line with a sign, for what is on one side only. */
function stub(at, edge, inner, y, symbol, entered) {
  const sign = svg("text", { ...at, x: inner + (entered ? -7 : 7), y: y + 4, "text-anchor": "middle" });
  sign.classList.add("vx-link-sign");
  sign.textContent = symbol;
  return [svg("path", { ...at, d: `M${inner} ${y} L${edge} ${y}` }), sign];
}
