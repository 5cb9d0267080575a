// The segment tree of one video on its time line, with the chosen segment and its ancestors in pictures.
import { el, keepFocus, keepKeys, hideTwin, openChannel, openPosters, openTold, listen, message, formatTime, adds } from "./common.js";
import { treeStep, lineage } from "./tree_steps.js";

const STEPS = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** Round times for an axis of `duration` seconds, at most about `most` of them. */
export function axisTimes(duration, most = 9) {
  const step = STEPS.find((s) => duration / s <= most - 1) ?? duration / (most - 1);
  const times = [];
  for (let i = 0; i * step <= duration + 1e-9; i += 1) times.push(i * step);
  return times;
}

const THIN_PX = 3; // what is narrower cannot be told from its neighbours, nor hit
const MANY = 8; // so many thin ones side by side are one hatched stretch
const MARKED = 300; // chosen segments that are marked within such stretches
const LABEL_PX = 82;
const REST_MS = 60;

/** Segments of a level, by time: those to draw one by one, and stretches of many that are shorter than `thin` seconds. */
export function stretchesOf(items, thin, many = MANY) {
  const alone = [];
  const hatched = [];
  let run = [];
  const end = () => {
    if (run.length >= many) hatched.push(run);
    else alone.push(...run);
    run = [];
  };
  for (const item of items) {
    if (item.end - item.start < thin) { run.push(item); continue; }
    end();
    alone.push(item);
  }
  end();
  return { alone, hatched };
}

/** What a bar of so many pixels has room for, from nothing to rank and time. */
function roomFor(px) {
  return [20, 28, 52, 80].filter((least) => px - 2 > least).length;
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const facts = openTold(model);
  const head = el("div", { class: "vx-tl-head" });
  const rows = el("div", { class: "vx-tl-rows", role: "tree", "aria-label": "Segments of the video", "aria-multiselectable": "true" });
  const axis = el("div", { class: "vx-tl-axis", "aria-hidden": "true" });
  const playhead = el("div", { class: "vx-tl-playhead", "aria-hidden": "true", hidden: true });
  const area = el("div", { class: "vx-tl-area" }, rows, axis, playhead);
  const preview = el("div", { class: "vx-tl-preview", hidden: true, "aria-hidden": "true" });
  const path = el("div", { class: "vx-tl-path", role: "group", "aria-label": "Selected segment and what holds it" });
  const empty = message("empty", "No video chosen", "Choose a result or a point on the map to see how its video is cut.");
  const app = el("section", { class: "vx vx-timeline", "aria-label": "Segments" }, head, area, path, preview, empty);
  keepKeys(app);
  root.replaceChildren(app);
  let bars = new Map(); // those that are there; of a hatched stretch only what is marked or has the focus
  let tracks = new Map();
  let byId = new Map();
  let within = new Set(); // ids of what is hatched
  let focus = "";
  let resting = 0;
  let drawnAt = 0;
  const width = () => Math.max(0, rows.clientWidth - LABEL_PX) || 600;

  function choose(id, more) { model.send(more ? { kind: "add", id } : { kind: "choose", id, play: true }); }
  function place(node, start, end) {
    const { duration } = facts.get("_tree");
    node.style.left = `${(100 * start) / duration}%`;
    node.style.width = `${(100 * (end - start)) / duration}%`;
    return roomFor(((end - start) / duration) * width());
  }
  function drawBar(item) {
    const { track, number } = tracks.get(item.level);
    const middle = () => { const at = bar.getBoundingClientRect(); return at.left + at.width / 2; };
    const bar = el("button", {
      class: "vx-tl-bar", type: "button", role: "treeitem", tabindex: -1, data: { id: item.id, tier: item.tier },
      "aria-level": number, "aria-label": `${item.level}, ${item.time}`,
      on: {
        click: (event) => { setFocus(item.id, false); choose(item.id, adds(event)); },
        pointerenter: () => peek(item, middle(), bar), pointerleave: hide,
        focus: () => { if (bar.matches(":focus-visible")) peek(item, middle(), bar); }, blur: hide,
      },
    }, el("span", { class: "vx-tl-rank" }), el("span", { class: "vx-tl-time", text: formatTime(item.start) }));
    bar.dataset.room = place(bar, item.start, item.end);
    bars.set(item.id, bar);
    track.append(bar);
    return bar;
  }
  /** Many thin segments side by side: the one under the pointer is shown and chosen. */
  function drawStretch(run, track) {
    const [start, end] = [run[0].start, run.at(-1).end];
    const under = ({ clientX }) => {
      const box = stretch.getBoundingClientRect();
      const time = start + ((clientX - box.left) / box.width) * (end - start);
      return run.findLast((item) => item.start <= time) ?? run[0];
    };
    const stretch = el("div", {
      class: "vx-tl-stretch", "aria-hidden": "true", on: {
        click: (event) => { const item = under(event); setFocus(item.id, false); choose(item.id, adds(event)); },
        pointermove: (event) => { clearTimeout(resting); resting = setTimeout(() => peek(under(event), event.clientX, stretch), REST_MS); },
        pointerleave: hide,
      },
    });
    place(stretch, start, end);
    track.append(stretch);
  }
  function draw() {
    const tree = facts.get("_tree");
    const some = Boolean(tree.segments && tree.segments.length);
    for (const node of [head, area, path]) node.hidden = !some;
    empty.hidden = some || facts.waits("_tree");
    [bars, tracks, within] = [new Map(), new Map(), new Set()];
    byId = new Map((tree.segments ?? []).map((item) => [item.id, item]));
    if (!some) return;
    drawnAt = width();
    rows.replaceChildren(...tree.levels.map((level, i) => {
      const track = el("div", { class: "vx-tl-track", role: "group", "aria-label": `${level.name} level` });
      tracks.set(level.name, { track, number: i + 1 });
      const { alone, hatched } = stretchesOf(tree.segments.filter((s) => s.level === level.name), (tree.duration * THIN_PX) / drawnAt);
      for (const run of hatched) {
        drawStretch(run, track);
        for (const { id } of run) within.add(id);
      }
      alone.forEach(drawBar);
      return el("div", { class: "vx-tl-row" }, el("span", { class: "vx-level vx-tl-label", text: level.name, data: { tier: level.tier } }), track);
    }));
    const count = `${formatTime(tree.duration)}, ${tree.segments.length.toLocaleString("en")} segments`;
    head.replaceChildren(el("b", { text: tree.name }), el("span", { class: "vx-muted", text: count }),
      ...(within.size ? [el("span", { class: "vx-muted vx-tl-hatched", text: "hatched: too fine to be drawn one by one" })] : []));
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
    const ids = model.get("_selected").filter((id) => byId.has(id));
    const chosen = new Set(ids);
    const wanted = new Set([...ids.slice(0, MARKED), ...Object.keys(ranks)]);
    for (const [id, bar] of bars) if (within.has(id) && !wanted.has(id) && id !== focus) { bar.remove(); bars.delete(id); }
    for (const id of wanted) if (byId.has(id) && !bars.has(id)) drawBar(byId.get(id));
    for (const [id, bar] of bars) {
      const rank = ranks[id];
      bar.classList.toggle("vx-hit", rank !== undefined);
      bar.firstChild.textContent = rank === undefined ? "" : String(rank);
      bar.setAttribute("aria-description", rank === undefined ? "" : `answer ${rank}`);
      bar.classList.toggle("vx-on", chosen.has(id));
      bar.setAttribute("aria-selected", String(chosen.has(id)));
    }
    const first = ids[0] ?? "";
    // Whoever takes one after the other into the choice stays where they are.
    const here = rows.contains(document.activeElement) && byId.has(focus) ? focus : "";
    setFocus(here || first || (byId.has(focus) ? focus : tree.segments[0].id), false);
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
    return item.children ? `${item.children.toLocaleString("en")} parts, coherence ${item.coherence.toFixed(2)}` : item.transcript;
  }
  function move() {
    const tree = facts.get("_tree");
    const time = model.get("current_time");
    const on = tree.segments && time >= 0 && model.get("_selected").length > 0;
    playhead.hidden = !on;
    if (on) playhead.style.setProperty("--at", String(Math.min(1, time / tree.duration)));
  }
  function hide() {
    clearTimeout(resting);
    preview.hidden = true;
  }
  function peek(item, middle, node) {
    preview.replaceChildren(posters.image(item, ""), el("span", { text: `${item.level} ${item.time}` }));
    preview.hidden = false;
    const box = app.getBoundingClientRect();
    preview.style.left = `${Math.max(2, Math.min(box.width - preview.offsetWidth - 2, middle - box.left - preview.offsetWidth / 2))}px`;
    preview.style.top = `${node.getBoundingClientRect().top - box.top - preview.offsetHeight - 6}px`;
  }
  function setFocus(id, moveIt) {
    const before = bars.get(focus);
    const bar = bars.get(id) ?? drawBar(byId.get(id));
    if (before) before.tabIndex = -1;
    bar.tabIndex = 0;
    if (moveIt) bar.focus();
    if (before && before !== bar && within.has(focus) && !before.matches(".vx-on, .vx-hit")) { before.remove(); bars.delete(focus); }
    focus = id;
  }
  for (const name of ["keydown", "keyup"]) rows.addEventListener(name, (event) => {
    if (event.key !== " ") return;
    event.preventDefault(); // or the button would be clicked
    if (name === "keydown" && !event.repeat) choose(focus, true);
  });
  rows.addEventListener("keydown", (event) => {
    const next = treeStep(facts.get("_tree").segments, focus, event.key);
    if (next !== focus) { setFocus(next, true); event.preventDefault(); }
    else if (event.key.startsWith("Arrow")) event.preventDefault();
  });
  const keep = (redraw) => () => keepFocus(app, redraw, () => bars.get(focus));
  const stop = listen(model, { _hits: keep(mark), _selected: keep(mark), current_time: move });
  const deafen = listen(facts, { _tree: keep(draw) });
  draw();
  const sizes = new ResizeObserver(() => { if (width() !== drawnAt && byId.size) keep(draw)(); });
  sizes.observe(rows);
  return () => { clearTimeout(resting); sizes.disconnect(); stop(); deafen(); facts.close(); posters.close(); channel.close(); };
}

export default { render };
