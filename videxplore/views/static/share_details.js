// What is known of the chosen segment: what is said, why it answers, attributes, what is alike, notes.
import { el, formatScore, formatTime } from "./common.js";
import { pieces } from "./share_stem.js";

const SHOWN = 8;

/** A text with the words marked that a query asks for. */
export function marked(text, wanted) {
  return pieces(text).map(([piece, term]) => (term && wanted.has(term) ? el("mark", { text: piece }) : document.createTextNode(piece)));
}

/** Bars around a middle: [name, amount, text, meaning]. */
function bars(rows, most) {
  return el("ul", { class: "vx-share-bars" }, ...rows.map(([name, amount, text, meaning]) => {
    const fill = el("span", { class: "vx-share-fill", data: { sign: amount < 0 ? "below" : "above" } });
    fill.style.width = `${Math.min(50, (50 * Math.abs(amount)) / most)}%`;
    return el("li", { title: meaning || null }, el("span", { class: "vx-share-word", text: name }), el("span", { class: "vx-share-bar", "aria-hidden": "true" }, fill), el("span", { class: "vx-share-amount", text }));
  }));
}

/** Open the panel; `itemOf(row)` names a segment, `choose(row)` hears a choice. */
export function openDetails(facts, { itemOf, posters, choose }) {
  const box = el("div", { class: "vx-share-details" });
  const { index, near, cosines, said, notes } = facts;
  const width = said.length ? near.length / said.length : 0;
  const words = index.names?.map((name) => name.replaceAll("_", " ")) ?? [];

  function section(title, ...content) { return el("section", {}, el("h3", { text: title }), ...content); }
  function above(row) {
    return words.map((name, place) => {
      const { mean, spread } = facts.usual(place);
      const value = facts.valueOf(place, row);
      return { name, place, value, by: spread > 1e-9 ? (value - mean) / spread : 0 };
    }).sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
  }
  function attributes(row) {
    const all = above(row);
    const line = ({ name, place, value, by }) => [name, by, formatScore(by, true, 1), `${index.meanings[index.names[place]] ?? name}; value ${formatScore(value)}`];
    const most = Math.max(3, ...all.slice(0, SHOWN).map(({ by }) => Math.abs(by)));
    const rest = el("details", {}, el("summary", { text: `All ${all.length}` }));
    rest.addEventListener("toggle", () => { if (rest.open && rest.childElementCount === 1) rest.append(bars(all.slice(SHOWN).map(line), most)); });
    return section("Attributes, in standard deviations from the mean here", bars(all.slice(0, SHOWN).map(line), most), rest);
  }
  function strip(title, rows, under, from) {
    return section(title, el("div", { class: "vx-share-strip" }, ...rows.map((row, i) => {
      const item = itemOf(row);
      return el("button", { type: "button", class: "vx-share-card", title: `${item.name} ${item.time}`, "aria-label": `${item.name}, ${item.level}, ${item.time}${under ? `, ${under(i)}` : ""}`, on: { click: () => choose(row) } },
        posters.image(item), el("span", { class: "vx-level", data: { tier: item.tier }, text: formatTime(item.start) }),
        facts.video[row] === facts.video[from] ? null : el("span", { class: "vx-share-name", text: item.name }), under ? el("span", { class: "vx-muted", text: under(i) }) : null);
    })));
  }
  function noted(row) {
    const some = notes[row];
    return some && section("Notes", ...some.map(({ note, tags, author }) => el("div", { class: "vx-share-note" },
      note ? el("p", { text: note }) : null,
      el("p", {}, ...tags.map((tag) => el("span", { class: "vx-share-tag", text: tag })), author ? el("span", { class: "vx-muted", text: author }) : null))));
  }
  return {
    element: box,
    /** Show a row; `wanted` are terms to mark, `why` pairs of attribute and amount, `reasons` sentences. */
    show(row, { wanted = new Set(), why = [], reasons = [] } = {}) {
      if (row < 0) { box.replaceChildren(); return; }
      const parts = facts.childrenOf(row);
      const alike = [];
      for (let i = 0; i < width; i += 1) if (near[row * width + i] >= 0) alike.push([near[row * width + i], cosines[row * width + i]]);
      const told = why.filter(({ amount }) => Math.abs(amount) >= 0.005).slice(0, SHOWN);
      const largest = Math.max(0.1, ...told.map(({ amount }) => Math.abs(amount)));
      box.replaceChildren(...[
        section("What is said", said[row] ? el("blockquote", {}, ...marked(said[row], wanted)) : el("p", { class: "vx-muted", text: "Nothing is said here." })),
        told.length || reasons.length ? section("Why it answers",
          told.length ? bars(told.map(({ place, amount }) => [words[place], amount, formatScore(amount, true), index.meanings[index.names[place]]]), largest) : null,
          reasons.length ? el("ul", { class: "vx-share-reasons" }, ...reasons.map((text) => el("li", { text }))) : null) : null,
        noted(row),
        words.length ? attributes(row) : null,
        parts.length ? strip(parts.length === 1 ? "Its one part" : `Its ${parts.length} parts`, parts, null, row) : null,
        alike.length ? strip("Most alike, by cosine", alike.map(([other]) => other), (i) => formatScore(alike[i][1]), row) : null,
      ].filter(Boolean));
    },
  };
}
