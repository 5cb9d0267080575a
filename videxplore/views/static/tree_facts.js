// What the timeline says in words: of a segment, of a window, and of a boundary why it is there.
import { el, formatTime, formatScore } from "./common.js";

/** A share as whole percent. */
export function percent(share) {
  return `${Math.round(100 * share)} %`;
}

/** The signals that spoke for a boundary, the loudest first: word, value and share of their sum. */
export function sharesOf(boundary, signals) {
  const told = signals.map(({ key, word }) => ({ key, word, value: Math.max(0, boundary.evidence[word] ?? 0) }));
  const total = told.reduce((sum, one) => sum + one.value, 0);
  if (!(total > 0)) return [];
  return told.map((one) => ({ ...one, share: one.value / total })).filter((one) => one.share >= 0.005).sort((a, b) => b.value - a.value);
}

/** What happened at a boundary, in words. */
export function eventsOf(boundary, events) {
  const told = events.filter(({ key }) => (boundary.evidence[key] ?? 0) > 0);
  return told.map(({ key, word }) => (key === "speaker" && boundary.note) || word); // who speaks, where it is known
}

const KINDS = { semantic: "change of content", clock: "by the clock", edited: "" }; // what was done to it is told by HELD
const HELD = { move: "moved by hand", split: "set by hand", lock: "locked" };

/** Kind, level and state of a boundary in a few words. */
export function kindOf(boundary) {
  const kind = KINDS[boundary.kind] ?? boundary.kind;
  const level = boundary.level ? `begins a ${boundary.level}` : "";
  return [kind, level, HELD[boundary.held] ?? ""].filter(Boolean).join(", ");
}

/** One sentence that says why a boundary is there, for screen readers. */
export function spokenBoundary(boundary, data) {
  const shares = sharesOf(boundary, data.signals).map(({ word, share }) => `${word} ${percent(share)}`);
  const events = eventsOf(boundary, data.events);
  return [
    `Boundary at ${formatTime(boundary.time)}, ${kindOf(boundary)}`,
    shares.length ? `Spoken for by ${shares.join(", ")}` : "No signal was weighed for it",
    events.length ? `At this time: ${events.join(", ")}` : "",
    `Strength ${formatScore(boundary.strength)}, persistence ${formatScore(boundary.persistence)}`,
  ].filter(Boolean).join(". ");
}

/** The panel about a boundary. */
export function boundaryPanel(boundary, data) {
  const shares = sharesOf(boundary, data.signals);
  const events = eventsOf(boundary, data.events);
  const [from, to] = boundary.span;
  const gradual = to - from > 0.001 ? `, over ${(to - from).toFixed(1)} s` : "";
  const bars = shares.map(({ key, word, share, value }) => {
    const fill = el("span", { class: "vx-tt-fill", data: { signal: key } });
    fill.style.width = `${100 * share}%`;
    return el("div", { class: "vx-tt-share" }, el("span", { text: word }),
      el("span", { class: "vx-tt-bar", "aria-hidden": "true" }, fill),
      el("b", { text: percent(share) }), el("span", { class: "vx-muted", text: formatScore(value) }));
  });
  const fact = (word, value, title) => el("span", { class: "vx-tt-fact", title }, el("span", { class: "vx-muted", text: word }), el("b", { text: formatScore(value) }));
  return [
    el("div", { class: "vx-tt-what" }, el("b", { text: `Boundary at ${formatTime(boundary.time)}` }), el("span", { text: `${kindOf(boundary)}${gradual}` })),
    shares.length ? el("div", { class: "vx-tt-shares" }, ...bars) : el("div", { class: "vx-muted", text: "No signal was weighed for it." }),
    events.length ? el("div", { class: "vx-tt-events", text: `At this time: ${events.join(", ")}.` }) : null,
    el("div", { class: "vx-tt-facts" },
      fact("strength", boundary.strength, "What the boundary saves, in multiples of what a boundary costs"),
      fact("persistence", boundary.persistence, "The largest cost of a boundary at which it stays: how far up the hierarchy it reaches")),
  ].filter(Boolean);
}

/** The panel about a segment of a level, or about a window. */
export function segmentPanel(item, more) {
  const lines = [`${(item.end - item.start).toFixed(1)} s${item.count ? `, ${item.count} ${item.count === 1 ? "part" : "parts"}` : ""}`, ...more];
  return [
    el("div", { class: "vx-tt-what" }, el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }), el("b", { text: item.time })),
    ...lines.filter(Boolean).map((text) => el("div", { text })),
  ];
}

/** Which segments are alike, or what a segment was cut by. */
export function labelWords(row, index) {
  const label = row.labels?.[index];
  if (!label) return "";
  const count = row.labels.filter((one) => one === label).length;
  return label.length > 2 ? `Cut by “${label}”.` : `${count} ${row.level}s of this video are alike: ${label}.`;
}

/** What a window holds besides its main content. */
export function windowWords(share, level) {
  if (share === undefined) return "";
  if (share < 0.005) return `All of it belongs to one ${level}.`;
  return `${percent(share)} of it belongs to other ${level}s than the one it shows most: that much of its vector is about something else.`;
}
