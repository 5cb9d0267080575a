// The segment tree of one video as rings: level by level outwards, time clockwise from the top.
import { el, svg, keepKeys, hideTwin, openChannel, openPosters, openTold, listen, message, formatTime, adds } from "./common.js";
import { treeStep, lineage } from "./tree_steps.js";

const RADIUS = 100;
const HOLE = 0.3; // of a ring's width, so that the innermost ring is a ring too
const THINNEST = 0.4; // what is narrower at its outer edge, in units of the drawing, is not to be seen

/** Where segments lie within `root`: turns from 0 to 1, and the ring from 0, which is the root's own. */
export function ringsOf(tree, rootId) {
  const root = tree.segments.find((s) => s.id === rootId) ?? tree.segments[0];
  const order = tree.levels.map((level) => level.name);
  const first = order.indexOf(root.level);
  const span = root.end - root.start;
  const inside = tree.segments.filter((s) => s.start >= root.start - 1e-6 && s.end <= root.end + 1e-6 && order.indexOf(s.level) >= first);
  const places = inside.map((item) => ({
    item, ring: order.indexOf(item.level) - first, from: (item.start - root.start) / span, to: (item.end - root.start) / span,
  }));
  return { root, count: order.length - first, places };
}

/** Outline of a piece of a ring between two turns, as an SVG path around (0, 0). */
export function ringPath(from, to, inner, outer) {
  const point = (turn, radius) => `${(radius * Math.sin(2 * Math.PI * turn)).toFixed(2)} ${(-radius * Math.cos(2 * Math.PI * turn)).toFixed(2)}`;
  const end = to - from >= 0.9999 ? from + 0.9999 : to; // an arc cannot end where it begins
  const large = end - from > 0.5 ? 1 : 0;
  return `M${point(from, outer)}A${outer} ${outer} 0 ${large} 1 ${point(end, outer)}L${point(end, inner)}A${inner} ${inner} 0 ${large} 0 ${point(from, inner)}Z`;
}

/** Inner and outer radius of a ring. */
export function ringRadii(ring, count) {
  const width = RADIUS / (count + HOLE);
  return [width * (ring + HOLE), width * (ring + 1 + HOLE)];
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const facts = openTold(model);
  const name = el("b");
  const about = el("span", { class: "vx-muted" });
  const out = el("button", { class: "vx-button", type: "button", text: "Whole video", title: "Escape", on: { click: () => zoom("") } });
  const into = el("button", { class: "vx-button", type: "button", text: "Zoom to choice", title: "Z", on: { click: () => zoom(focus) } });
  const head = el("div", { class: "vx-sun-head" }, name, about, into, out);
  const rings = svg("g");
  const hand = svg("line", { class: "vx-sun-hand", x1: 0, y1: 0, x2: 0, y2: -RADIUS });
  const drawing = svg("svg", {
    viewBox: "-104 -104 208 208", role: "tree", tabindex: "0", class: "vx-sun-drawing", "aria-label": "Segments of the video, as rings", "aria-multiselectable": "true",
    "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown Home End Enter Space Z Escape",
  });
  drawing.append(rings, hand);
  const path = el("div", { class: "vx-sun-path", role: "group", "aria-label": "Selected segment and what holds it" });
  const body = el("div", { class: "vx-sun-body" }, drawing, path);
  const empty = message("empty", "No video chosen", "Choose a result or a point on the map to see how its video is cut.");
  const app = el("section", { class: "vx vx-sunburst", "aria-label": "Segments as rings" }, head, body, empty);
  const prefix = `vx-sun-${Math.random().toString(36).slice(2)}-`;
  keepKeys(app);
  root.replaceChildren(app);
  let arcs = new Map();
  let focus = "";
  let zoomed = "";
  let shown = "";

  const tree = () => facts.get("_tree");
  const choose = (id, more) => { model.send(more ? { kind: "add", id } : { kind: "choose", id, play: true }); };
  function zoom(id) {
    const item = tree().segments.find((s) => s.id === id);
    const parent = item && !tree().segments.some((s) => s.parent === id) ? item.parent : id; // a leaf alone is no tree
    zoomed = parent ?? "";
    draw();
  }
  function draw() {
    const data = tree();
    const some = Boolean(data.segments?.length);
    head.hidden = body.hidden = !some;
    empty.hidden = some || facts.waits("_tree");
    arcs = new Map();
    if (!some) { rings.replaceChildren(); return; }
    if (shown !== data.segments[0].id) { shown = data.segments[0].id; zoomed = ""; focus = ""; }
    const { root: top, count, places } = ringsOf(data, zoomed);
    name.textContent = data.name;
    const marked = new Set([...model.get("_selected"), ...Object.keys(model.get("_hits"))]);
    const seen = places.filter(({ item, ring, from, to }) => (
      marked.has(item.id) || (to - from) * 2 * Math.PI * ringRadii(ring, count)[1] >= THINNEST));
    const lost = places.length - seen.length;
    about.textContent = `${top.time}, ${places.length} segments${lost ? `, ${lost} too thin to be seen: zoom in` : ""}`;
    rings.replaceChildren(...seen.map(({ item, ring, from, to }) => {
      const [inner, outer] = ringRadii(ring, count);
      const arc = svg("g", { class: "vx-sun-arc", role: "treeitem", id: prefix + item.id, "data-tier": item.tier, "data-id": item.id, "aria-level": ring + 1, "aria-label": `${item.level}, ${item.time}` });
      const shape = svg("path", { d: ringPath(from, to, inner, outer) });
      const title = svg("title");
      title.textContent = `${item.level} ${item.time}`;
      const turn = (from + to) / 2;
      const middle = (inner + outer) / 2;
      const rank = svg("text", { class: "vx-sun-rank", x: middle * Math.sin(2 * Math.PI * turn), y: -middle * Math.cos(2 * Math.PI * turn), "aria-hidden": "true" });
      arc.append(title, shape, rank);
      arc.addEventListener("click", (event) => { setFocus(item.id); choose(item.id, adds(event)); });
      arcs.set(item.id, arc);
      return arc;
    }));
    out.disabled = top.id === data.segments[0].id;
    mark();
  }
  function mark() {
    const data = tree();
    if (!data.segments?.length) return;
    const chosen = model.get("_selected").filter((id) => data.segments.some((s) => s.id === id));
    const ranks = model.get("_hits");
    const steps = lineage(data.segments, chosen[0] ?? "");
    const branch = new Set(steps.map((item) => item.id));
    if ([...chosen, ...Object.keys(ranks)].some((id) => !arcs.has(id) && within(id))) { draw(); return; }
    for (const [id, arc] of arcs) {
      const rank = ranks[id];
      arc.classList.toggle("vx-hit", rank !== undefined);
      arc.classList.toggle("vx-branch", branch.has(id));
      arc.classList.toggle("vx-on", chosen.includes(id));
      arc.setAttribute("aria-selected", String(chosen.includes(id)));
      arc.setAttribute("aria-description", rank === undefined ? "" : `answer ${rank}`);
      arc.lastChild.textContent = rank === undefined ? "" : String(rank);
    }
    const here = document.activeElement === drawing && arcs.has(focus);
    setFocus(here ? focus : arcs.has(chosen[0]) ? chosen[0] : arcs.has(focus) ? focus : arcs.keys().next().value);
    into.disabled = !chosen.length;
    path.replaceChildren(...steps.map((item) => el("button", {
      class: `vx-sun-step${item.id === chosen[0] ? " vx-on" : ""}`, type: "button", "aria-current": item.id === chosen[0] ? "true" : null,
      on: { click: () => choose(item.id) },
    }, posters.image(item, "vx-sun-poster"), el("span", { class: "vx-sun-step-text" },
      el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }), el("span", { class: "vx-muted", text: item.time })))));
    if (!steps.length) path.append(el("span", { class: "vx-muted", text: "Choose a segment: it plays, and what holds it stands here." }));
    move();
  }
  function within(id) {
    return ringsOf(tree(), zoomed).places.some(({ item }) => item.id === id);
  }
  function setFocus(id) {
    arcs.get(focus)?.classList.remove("vx-focus");
    focus = id;
    arcs.get(id)?.classList.add("vx-focus");
    if (id) drawing.setAttribute("aria-activedescendant", prefix + id);
  }
  function move() {
    const data = tree();
    const time = model.get("current_time");
    const top = data.segments?.length ? ringsOf(data, zoomed).root : null;
    const on = top && model.get("_selected").length > 0 && time >= top.start && time <= top.end;
    hand.style.display = on ? "" : "none";
    if (on) hand.setAttribute("transform", `rotate(${(360 * (time - top.start)) / (top.end - top.start)})`);
  }
  drawing.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!plain || !tree().segments?.length) return;
    if (event.key === "Enter" || event.key === " ") choose(focus, adds(event));
    else if (event.key === "z" || event.key === "Z") zoom(focus);
    else if (event.key === "Escape") zoom("");
    else if (/^(Arrow|Home|End)/.test(event.key)) {
      const next = treeStep(tree().segments, focus, event.key);
      if (arcs.has(next)) setFocus(next);
    } else return;
    event.preventDefault();
  });
  const stop = listen(model, { _hits: mark, _selected: mark, current_time: move });
  const deafen = listen(facts, { _tree: draw });
  draw();
  return () => { stop(); deafen(); facts.close(); posters.close(); channel.close(); };
}

export default { render };
