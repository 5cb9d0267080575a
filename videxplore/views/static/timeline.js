// The segment tree of one video on its time line, with the chosen segment and its ancestors in pictures.
import { el, keepFocus, keepKeys, hideTwin, openChannel, openPosters, openTold, listen, message, formatTime } from "./common.js";
import { treeStep, lineage } from "./tree_steps.js";

const STEPS = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** Round times for an axis of `duration` seconds, at most about `most` of them. */
export function axisTimes(duration, most = 9) {
  const step = STEPS.find((s) => duration / s <= most - 1) ?? duration / (most - 1);
  const times = [];
  for (let i = 0; i * step <= duration + 1e-9; i += 1) times.push(i * step);
  return times;
}

function render({ model, el: root }) {
  hideTwin(model);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const facts = openTold(model);
  const head = el("div", { class: "vx-tl-head" });
  const rows = el("div", { class: "vx-tl-rows", role: "tree", "aria-label": "Segments of the video" });
  const axis = el("div", { class: "vx-tl-axis", "aria-hidden": "true" });
  const playhead = el("div", { class: "vx-tl-playhead", "aria-hidden": "true", hidden: true });
  const area = el("div", { class: "vx-tl-area" }, rows, axis, playhead);
  const preview = el("div", { class: "vx-tl-preview", hidden: true, "aria-hidden": "true" });
  const path = el("div", { class: "vx-tl-path", role: "group", "aria-label": "Selected segment and what holds it" });
  const empty = message("empty", "No video chosen", "Choose a result or a point on the map to see how its video is cut.");
  const app = el("section", { class: "vx vx-timeline", "aria-label": "Segments" }, head, area, path, preview, empty);
  keepKeys(app);
  root.replaceChildren(app);
  let bars = new Map();
  let focus = "";

  function choose(id) { model.send({ kind: "choose", id, play: true }); }
  function place(node, item, duration) {
    node.style.left = `${(100 * item.start) / duration}%`;
    node.style.width = `${(100 * (item.end - item.start)) / duration}%`;
  }
  function draw() {
    const tree = facts.get("_tree");
    const some = Boolean(tree.segments && tree.segments.length);
    for (const node of [head, area, path]) node.hidden = !some;
    empty.hidden = some || facts.waits("_tree");
    bars = new Map();
    if (!some) return;
    head.replaceChildren(el("b", { text: tree.name }), el("span", { class: "vx-muted", text: `${formatTime(tree.duration)}, ${tree.segments.length} segments` }));
    rows.replaceChildren(...tree.levels.map((level) => {
      const track = el("div", { class: "vx-tl-track", role: "group", "aria-label": `${level.name} level` });
      for (const item of tree.segments.filter((s) => s.level === level.name)) {
        const bar = el("button", {
          class: "vx-tl-bar", type: "button", role: "treeitem", tabindex: -1, data: { id: item.id, tier: item.tier },
          "aria-level": tree.levels.indexOf(level) + 1, "aria-label": `${item.level}, ${item.time}`,
          on: {
            click: () => { setFocus(item.id, false); choose(item.id); },
            pointerenter: () => peek(item, bar), pointerleave: () => { preview.hidden = true; },
            focus: () => { if (bar.matches(":focus-visible")) peek(item, bar); }, blur: () => { preview.hidden = true; },
          },
        }, el("span", { class: "vx-tl-rank" }), el("span", { class: "vx-tl-time", text: formatTime(item.start) }));
        place(bar, item, tree.duration);
        bars.set(item.id, bar);
        track.append(bar);
      }
      return el("div", { class: "vx-tl-row" }, el("span", { class: "vx-level vx-tl-label", text: level.name, data: { tier: level.tier } }), track);
    }));
    axis.replaceChildren(...axisTimes(tree.duration).map((time) => {
      const tick = el("span", { class: "vx-tl-tick", text: formatTime(time).replace(/\.0$/, "") });
      const at = time / tree.duration;
      tick.style.left = `${100 * at}%`;
      tick.dataset.edge = at < 0.03 ? "start" : at > 0.97 ? "end" : "";
      return tick;
    }));
    mark();
  }
  function mark() {
    const tree = facts.get("_tree");
    if (!tree.segments) return;
    const ranks = model.get("_hits");
    const chosen = model.get("_selected");
    for (const [id, bar] of bars) {
      const rank = ranks[id];
      bar.classList.toggle("vx-hit", rank !== undefined);
      bar.firstChild.textContent = rank === undefined ? "" : String(rank);
      bar.setAttribute("aria-description", rank === undefined ? "" : `answer ${rank}`);
      bar.classList.toggle("vx-on", chosen.includes(id));
      bar.setAttribute("aria-selected", String(chosen.includes(id)));
    }
    const first = chosen.find((id) => bars.has(id)) ?? "";
    if (!bars.has(focus)) focus = first || tree.segments[0].id;
    if (first) focus = first;
    setFocus(focus, false);
    const steps = lineage(tree.segments, first);
    path.replaceChildren(...steps.map((item, i) => el("button", {
      class: `vx-tl-step${item.id === first ? " vx-on" : ""}`, type: "button",
      title: item.persistence > 0 ? `starts at a boundary of persistence ${item.persistence.toFixed(2)}` : null, "aria-current": item.id === first ? "true" : null, on: { click: () => choose(item.id) },
    }, posters.image(item, "vx-tl-poster"), el("span", { class: "vx-tl-step-text" },
      el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }), el("span", { class: "vx-muted", text: item.time }),
      el("span", { class: "vx-muted vx-tl-facts", text: about(item) })))));
    if (!steps.length) path.append(el("span", { class: "vx-tl-hint", text: "Choose a segment: it plays, and what holds it stands here." }));
    move();
  }
  function about(item) {
    return item.children ? `${item.children} parts, coherence ${item.coherence.toFixed(2)}` : item.transcript;
  }
  function move() {
    const tree = facts.get("_tree");
    const time = model.get("current_time");
    const on = tree.segments && time >= 0 && model.get("_selected").length > 0;
    playhead.hidden = !on;
    if (on) playhead.style.setProperty("--at", String(Math.min(1, time / tree.duration)));
  }
  function peek(item, bar) {
    preview.replaceChildren(posters.image(item, ""), el("span", { text: `${item.level} ${item.time}` }));
    preview.hidden = false;
    const box = app.getBoundingClientRect();
    const at = bar.getBoundingClientRect();
    const middle = at.left + at.width / 2 - box.left;
    preview.style.left = `${Math.max(2, Math.min(box.width - preview.offsetWidth - 2, middle - preview.offsetWidth / 2))}px`;
    preview.style.top = `${at.top - box.top - preview.offsetHeight - 6}px`;
  }
  function setFocus(id, moveIt) {
    focus = id;
    for (const [key, bar] of bars) bar.tabIndex = key === id ? 0 : -1;
    if (moveIt) bars.get(id)?.focus();
  }
  rows.addEventListener("keydown", (event) => {
    const next = treeStep(facts.get("_tree").segments, focus, event.key);
    if (next !== focus) { setFocus(next, true); event.preventDefault(); }
    else if (event.key.startsWith("Arrow")) event.preventDefault();
  });
  const keep = (redraw) => () => keepFocus(app, redraw, () => bars.get(focus));
  const stop = listen(model, { _hits: keep(mark), _selected: keep(mark), current_time: move });
  const deafen = listen(facts, { _tree: keep(draw) });
  draw();
  return () => { stop(); deafen(); facts.close(); posters.close(); channel.close(); };
}

export default { render };
