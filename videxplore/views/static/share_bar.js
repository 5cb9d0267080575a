// What the colours of the map stand for, which levels are drawn, and whether regions are named.
import { el } from "./common.js";
import { boundsOf, groupsOf, shadesOf, shortNumber, UNKNOWN } from "./share_paint.js";

/** Open the bar of a map. */
export function openMapBar(facts, map, { videoNames }) {
  const { start, end, level, levels, video, index, shades } = facts;
  const words = index.names ?? [];
  const tags = Array.from(level, (_, row) => facts.notes[row]?.flatMap((note) => note.tags)[0] ?? "");
  const columns = {
    video: () => ({ groups: Array.from(video, (v) => videoNames[v]) }),
    tag: () => ({ groups: tags }),
    distortion: () => ({ numbers: facts.distortion }),
    score: () => ({ numbers: scores }),
    start: () => ({ numbers: start }),
    duration: () => ({ numbers: Float64Array.from(start, (s, row) => end[row] - s) }),
    coherence: () => ({ numbers: facts.coherence }),
  };
  let scores = null;
  const option = (value, text) => el("option", { value, text });
  const score = option("score", "score of the query");
  score.disabled = true;
  const color = el("select", { class: "vx-select", "aria-label": "Colour stands for", on: { change: paint } },
    option("level", "level"), option("video", "video"), tags.some(Boolean) ? option("tag", "tag") : null, score, option("distortion", "torn apart by the map"),
    el("optgroup", { label: "Segments" }, option("start", "start, s"), option("duration", "duration, s"), option("coherence", "coherence")),
    words.length ? el("optgroup", { label: "Attributes" }, ...words.map((name, place) => option(`attribute ${place}`, name.replaceAll("_", " ")))) : null);
  const hidden = new Set();
  const counts = levels.map((_, i) => level.reduce((sum, l) => sum + (l === i), 0));
  const chips = levels.map(({ name, tier }, i) => el("button", {
    class: "vx-button vx-share-level", type: "button", "aria-pressed": "true", title: `Show or hide the level “${name}”`, hidden: !counts[i],
    on: { click: (event) => {
      if (!hidden.delete(i)) hidden.add(i);
      event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(i)));
      map.hide(hidden);
    } },
  }, el("span", { class: "vx-level", data: { tier }, text: `${name} ${counts[i].toLocaleString("en")}` })));
  const names = el("button", { class: "vx-button", type: "button", "aria-pressed": "true", text: "Names", hidden: !facts.regions.length, title: "Names of regions", on: { click: () => {
    const on = names.getAttribute("aria-pressed") !== "true";
    names.setAttribute("aria-pressed", String(on));
    map.name(on);
  } } });
  const key = el("div", { class: "vx-share-key", role: "group", "aria-label": "Key to the colours" });

  function paint() {
    const name = color.value;
    key.replaceChildren();
    if (name === "level") {
      key.append(el("span", { class: "vx-muted", text: "Colour, shape and size say the level." }));
      map.paint(null);
      return;
    }
    const given = name.startsWith("attribute ") ? { numbers: facts.raw(Number(name.slice(10))) } : columns[name]();
    if (given.groups) {
      const groups = groupsOf(given.groups);
      groups.names.forEach((text, i) => {
        const spot = el("span", { class: "vx-share-spot", "aria-hidden": "true" });
        spot.style.background = `var(--vx-category-${i})`;
        key.append(el("span", { class: "vx-share-group", title: text }, spot, el("span", { text })));
      });
      if (groups.more) key.append(el("span", { class: "vx-muted", text: `and ${groups.more} more in grey` }));
      map.paint({ places: Int16Array.from(given.groups, groups.of), palette: null });
      return;
    }
    const bounds = given.numbers ? boundsOf(given.numbers) : [0, 1];
    const scale = el("span", { class: "vx-share-scale", role: "img", "aria-label": `from ${shortNumber(bounds[0])} to ${shortNumber(bounds[1])}` });
    scale.style.background = `linear-gradient(to right, ${shades.join(", ")})`;
    key.append(el("span", { text: shortNumber(bounds[0]) }), scale, el("span", { text: shortNumber(bounds[1]) }), el("span", { class: "vx-muted", text: "2nd to 98th percentile" }));
    map.paint({ places: given.numbers ? shadesOf(given.numbers, bounds, shades.length) : new Int16Array(level.length).fill(UNKNOWN), palette: shades });
  }
  paint();
  return {
    element: el("div", { class: "vx-share-bar-row" }, el("label", { class: "vx-share-color" }, el("span", { text: "Colour" }), color), ...chips, names, key),
    /** Take the scores of the query, or null where there is none. */
    score(next) {
      scores = next;
      score.disabled = !next;
      if (color.value === "score") { if (!next) color.value = "level"; paint(); }
    },
  };
}
