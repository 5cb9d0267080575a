// The segments on which two encoders disagree most, each with its nearest by either; a choice is played.
import { el, keepKeys, hideTwin, openChannel, openPosters, listen, commit, message, caption, spoken, formatScore, stepIndex } from "./common.js";
import { openHover } from "./hover.js";
import { openPlayback } from "./playback.js";

/** What a row says of itself, in words. */
export function rowWords(row, k) {
  const where = row.displacement < 0.005 ? "" : `; the others stand ${Math.round(100 * row.displacement)} % down the list on average`;
  return `${row.shared} of ${k} neighbours shared${where}`;
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const playback = openPlayback(channel, { playable: model.get("_playable") });
  const title = el("h3", { class: "vx-title" });
  const figures = el("div", { class: "vx-figures" });
  const note = el("div", { class: "vx-muted vx-note" });
  const list = el("div", { class: "vx-splits", role: "list" });
  const chosen = el("div", { class: "vx-chosen", "aria-live": "polite" });
  const panel = el("div", { class: "vx-panel" }, playback.element, chosen);
  const app = el("section", { class: "vx vx-encoders", "aria-label": "Where two encoders disagree" },
    title, figures, note, el("div", { class: "vx-body" }, list, panel));
  keepKeys(app);
  root.replaceChildren(app);
  const hover = openHover(channel, app, { playable: model.get("_playable") });
  hover.follow(list, ".vx-seg");
  let stops = [];
  let focus = 0;

  /** One segment as a button; `lead` is the row's own. */
  function segment(item, { lead = false, shared = false, side = "" } = {}) {
    const words = `${side ? `${side}: ` : ""}${spoken(item)}${shared ? ", shared by both" : ""}`;
    const node = el("button", { class: "vx-seg", type: "button", tabindex: -1, "aria-label": words, title: lead ? null : `${item.name} ${item.time}`, data: { id: item.id, part: lead ? "lead" : "near" } },
      posters.image(item, "vx-seg-poster"), lead ? caption(item) : null, shared ? el("span", { class: "vx-shared", "aria-hidden": "true", text: "=" }) : null);
    const index = stops.push(node) - 1;
    node.addEventListener("click", () => { move(index, false); select(item.id, true); });
    return node;
  }
  function draw() {
    const data = model.get("_data");
    if (!data.names) return;
    stops = [];
    title.replaceChildren(el("span", { class: "vx-muted", text: "Where " }), data.names[0], el("span", { class: "vx-muted", text: " and " }), data.names[1], el("span", { class: "vx-muted", text: " disagree most" }));
    figures.replaceChildren(...data.figures.map((f) => el("div", { class: "vx-figure", title: f.hint }, el("b", { text: formatScore(f.value) }), el("span", { text: `${f.name} (chance ${formatScore(f.chance)})` }))));
    note.textContent = data.note;
    panel.hidden = data.rows.length === 0;
    list.replaceChildren(...data.rows.map((row) => el("div", { class: "vx-split", role: "listitem" },
      el("div", { class: "vx-lead" }, segment(data.items[row.id], { lead: true }), el("div", { class: "vx-muted vx-words", text: rowWords(row, data.k) })),
      el("div", { class: "vx-lanes" }, ...row.lanes.map((lane, i) => el("div", { class: "vx-lane", data: { side: i } },
        el("span", { class: "vx-lane-name", text: data.names[i], title: `nearest for ${data.names[i]}` }),
        el("span", { class: "vx-lane-items" }, ...lane.map((seen) => segment(data.items[seen.id], { shared: seen.shared, side: data.names[i] })))))))));
    if (!data.rows.length) list.replaceChildren(message("empty", "Nothing to list", "Ask for more segments with listed=."));
    move(0, false);
    mark(data.items[model.get("selected")] ? model.get("selected") : data.rows[0]?.id);
  }
  function move(index, focused) {
    focus = index;
    stops.forEach((node, i) => { node.tabIndex = i === focus ? 0 : -1; });
    if (focused) stops[focus]?.focus();
  }
  function mark(id, play = false) {
    const item = model.get("_data").items?.[id];
    for (const node of stops) node.classList.toggle("vx-on", node.dataset.id === id);
    chosen.replaceChildren(item ? caption(item) : "");
    playback.show(item && item.end > item.start ? item : null, play);
  }
  function select(id, play) {
    if (model.get("selected") !== id) commit(model, { selected: id });
    mark(id, play);
  }
  list.addEventListener("keydown", (event) => {
    const next = stepIndex(focus, stops.length, event.key);
    if (next >= 0 && next !== focus) { move(next, true); event.preventDefault(); }
  });
  const stop = listen(model, { _data: draw, selected: () => mark(model.get("selected")) });
  draw();
  return () => { stop(); posters.close(); hover.close(); playback.close(); channel.close(); };
}

export default { render };
