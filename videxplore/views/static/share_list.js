// The list of answers on a page, and the list of videos before anything is asked.
import { el, caption, spoken, formatScore, barWidth, stepIndex } from "./common.js";

/** What became of a hit between the raw order and the one shown. */
export function movedWords({ rank, raw_rank: raw }) {
  if (raw === rank) return ["same", `raw rank ${raw}`];
  return [raw > rank ? "up" : "down", `raw rank ${raw}`];
}

function bar(hit, largest) {
  const box = el("span", { class: "vx-bar", "aria-hidden": "true" });
  const positive = hit.parts.filter((part) => part.amount > 0);
  const sum = positive.reduce((total, part) => total + part.amount, 0);
  for (const part of positive) {
    const piece = el("span", { class: "vx-bar-part", data: { kind: part.kind } });
    piece.style.width = `${(barWidth(hit.score, largest) * part.amount) / sum}%`;
    box.append(piece);
  }
  return box;
}

/** Open the list; `itemOf(row)` names a segment, `choose(row)` hears the choice. */
export function openList({ itemOf, posters, choose }) {
  const status = el("div", { class: "vx-finder-status", role: "status" });
  const notes = el("div", { class: "vx-finder-notes" });
  const hint = el("div", { class: "vx-share-hint vx-muted", hidden: true });
  const list = el("div", { class: "vx-results", role: "listbox", "aria-label": "Results" });
  let rows = [];
  let focus = 0;

  function rove(move) {
    [...list.children].forEach((node, i) => { node.tabIndex = i === focus ? 0 : -1; });
    if (move) list.children[focus]?.focus();
  }
  function line(row, i, spokenText, ...content) {
    return el("div", {
      class: "vx-result", role: "option", tabindex: -1, data: { row }, "aria-label": spokenText, "aria-selected": "false",
      on: { click: () => { focus = i; rove(); choose(row); } },
    }, ...content);
  }
  function fill(name, given, nodes) {
    rows = given;
    focus = 0;
    list.setAttribute("aria-label", name);
    list.hidden = !nodes.length;
    list.replaceChildren(...nodes);
    list.scrollTop = 0;
    rove();
  }
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { choose(rows[focus]); event.preventDefault(); return; }
    const next = stepIndex(focus, rows.length, event.key);
    if (next !== focus && next >= 0) { focus = next; rove(true); }
    if (event.key.startsWith("Arrow")) event.preventDefault();
  });
  return {
    status,
    element: el("div", { class: "vx-share-answers" }, notes, hint, list),
    focus: () => rove(true),
    /** Show hits; `remarks` are sentences, `moved` whether raw ranks are told. */
    show(hits, { said, remarks = [], moved = false }) {
      const largest = Math.max(0, ...hits.map((hit) => hit.score));
      status.textContent = hits.length ? said : "No results";
      notes.textContent = remarks.join(" ");
      hint.hidden = hits.length > 0;
      hint.textContent = "Try other words or another level.";
      fill("Results", hits.map((hit) => hit.row), hits.map((hit, i) => {
        const item = { ...itemOf(hit.row), also: hit.also };
        const parts = hit.parts.map((p) => `${p.word} ${formatScore(p.amount)}`).join(", ");
        const [state, words] = movedWords(hit);
        const told = moved ? el("span", { class: "vx-state vx-share-moved", data: { state }, text: words }) : null;
        const text = `${hit.rank}. ${spoken(item)}, score ${formatScore(hit.score)}${parts ? `, of which ${parts}` : ""}${moved ? `; ${words}` : ""}`;
        const node = line(hit.row, i, text, el("b", { class: "vx-rank", text: String(hit.rank) }), posters.image(item, "vx-result-poster"),
          el("span", { class: "vx-result-text" }, caption(item), told, el("span", { class: "vx-said", text: item.transcript })),
          el("span", { class: "vx-score" }, el("b", { text: formatScore(hit.score) }), bar(hit, largest)));
        node.title = [parts, ...(hit.reasons ?? [])].filter(Boolean).join("\n");
        return node;
      }));
    },
    /** Show the videos themselves. */
    videos(given) {
      status.textContent = given.length === 1 ? "1 video" : `${given.length} videos`;
      notes.textContent = "";
      hint.hidden = true;
      fill("Videos", given, given.map((row, i) => {
        const item = itemOf(row);
        return line(row, i, spoken(item), el("span", {}), posters.image(item, "vx-result-poster"),
          el("span", { class: "vx-result-text" }, caption(item)), el("span", {}));
      }));
    },
    mark(row) {
      for (const node of list.children) {
        const on = node.dataset.row === String(row);
        node.classList.toggle("vx-on", on);
        node.setAttribute("aria-selected", String(on));
      }
    },
  };
}
