// A pane of glass above the map: what must never be covered by points, whether SVG or WebGL draws them.
import { el, svg, keepKeys, openChannel, openTold, listen, commit } from "./common.js";
import { openHover } from "./hover.js";
import { BESIDE_RING, AROUND_NAME, placeLabels, nextPoint, nearestPoint, alongPath, legsAround, scaleOf } from "./map_places.js";

const LABELLED = 10; // ranks that are written, and that the line leads through
const LOOK_MS = 150;
const RADIUS = { written: 8.5, other: 6 };
const ZOOM = { "+": 0.6, "=": 0.6, "-": 1 / 0.6 };
const KEYS = "ArrowUp ArrowDown ArrowLeft ArrowRight Enter Space A + - 0 Escape";

function label(text, className, { x, y }) {
  const node = svg("text", { class: className, x: x.toFixed(1), y: y.toFixed(1) });
  node.textContent = text;
  return node;
}

/** The points that plotly draws now, in pixels. */
function drawnPoints(plot, scale) {
  const found = { ids: [], xs: [], ys: [] };
  for (const trace of plot._fullData) {
    if (!trace.meta || trace.visible !== true) continue;
    for (let i = 0; i < trace.x.length; i++) {
      found.ids.push(trace.customdata[i]);
      found.xs.push(scale.x(trace.x[i]));
      found.ys.push(scale.y(trace.y[i]));
    }
  }
  return found;
}

/** The line through the first answers, from rim to rim of their rings, fading with the rank. */
function rankLine(rings) {
  return rings.slice(1).flatMap((ring, i) => {
    const from = rings[i];
    const length = Math.hypot(ring.x - from.x, ring.y - from.y);
    if (length <= 2 * RADIUS.written) return [];
    const [dx, dy] = [((ring.x - from.x) / length) * RADIUS.written, ((ring.y - from.y) / length) * RADIUS.written];
    return [svg("line", {
      class: "vx-glass-order", opacity: (0.85 - 0.06 * i).toFixed(2), "stroke-width": 1.5,
      x1: (from.x + dx).toFixed(1), y1: (from.y + dy).toFixed(1), x2: (ring.x - dx).toFixed(1), y2: (ring.y - dy).toFixed(1),
    })];
  });
}

/** The same shapes in the colour of the ground and wider, to lie below them: else they drown in the points. */
function casings(shapes, wider) {
  return shapes.map((shape) => {
    const casing = shape.cloneNode();
    casing.setAttribute("class", "vx-glass-casing");
    casing.setAttribute("stroke-width", Number(shape.getAttribute("stroke-width")) + wider);
    return casing;
  });
}

/** Lines and rings of the answers; then their ranks, and names of regions where they cover neither. */
function drawLabels(scale, hits, names, ordered, widthOf) {
  const near = ({ x, y }) => x > -20 && y > -20 && x < scale.width + 20 && y < scale.height + 20;
  const rings = hits.map(([x, y, rank]) => ({ x: scale.x(x), y: scale.y(y), rank }));
  const seen = rings.filter(near);
  const taken = seen.map(({ x, y, rank }) => {
    const across = 2 * (rank <= LABELLED ? RADIUS.written : RADIUS.other);
    return { x, y, width: across, height: across };
  });
  const written = seen.filter(({ rank }) => rank <= LABELLED);
  const ranks = placeLabels(written.map(({ x, y, rank }) => ({ x, y, width: 8 * String(rank).length + 4, height: 13 })), taken, BESIDE_RING, scale);
  const spots = names.map(([text, x, y]) => ({ text, x: scale.x(x), y: scale.y(y) })).filter(near);
  const places = placeLabels(spots.map(({ text, x, y }) => ({ x, y, width: widthOf(text) + 6, height: 16 })), taken, AROUND_NAME, scale);
  const order = ordered ? rankLine(rings.filter(({ rank }) => rank <= LABELLED)) : [];
  const circles = seen.map(({ x, y, rank }) => svg("circle", {
    class: "vx-glass-hit", cx: x.toFixed(1), cy: y.toFixed(1), r: rank <= LABELLED ? RADIUS.written : RADIUS.other,
    "stroke-width": rank <= LABELLED ? 2.5 : 1.5,
  }));
  return {
    below: [...casings(order, 2), ...order, ...casings(circles, 2), ...circles],
    above: [
      ...places.flatMap((box, i) => (box ? [label(spots[i].text, "vx-glass-name", box)] : [])),
      ...ranks.flatMap((box, i) => (box ? [label(String(written[i].rank), "vx-glass-rank", box)] : [])),
    ],
  };
}

function render({ model, el: root }) {
  const channel = openChannel(model);
  const told = openTold(model);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const path = svg("g", { class: "vx-glass-path" });
  const [answers, labels] = [svg("g"), svg("g")];
  const head = svg("g", { class: "vx-glass-head", visibility: "hidden" });
  head.append(svg("circle", { r: 8 }), svg("path", { d: "M-2.5 -4L4.5 0L-2.5 4z" }));
  const focusRing = svg("circle", { class: "vx-glass-focus", r: 13, visibility: "hidden" });
  const sheet = svg("svg", { class: "vx-glass-sheet", "aria-hidden": "true" });
  sheet.append(path, answers, head, labels, focusRing);
  const said = el("span", { class: "vx-sr", role: "status" });
  const app = el("section", {
    class: "vx vx-map-glass", role: "application", tabindex: 0, "aria-keyshortcuts": KEYS,
    "aria-label": "Map of segments: arrow keys lead to the next point, Enter plays it, Space adds it to the choice, A chooses all in view, plus and minus zoom",
  }, sheet, said);
  keepKeys(app);
  root.replaceChildren(app);
  const words = (id) => channel.order("facts", id).then((found) => found.lines);
  const hover = openHover(channel, app, { playable: model.get("_playable"), words });
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "11px system-ui";
  const widthOf = (text) => pen.measureText(text).width * 1.06;
  let plot = null;
  let player = null;
  let focus = null; // {id, x, y, byKey}, in the map's own numbers
  let asked = 0;
  let looking = 0;

  const place = (node, x, y) => node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  function drawHead(scale = scaleOf(plot)) {
    const item = player?.get("_item");
    const route = told.get("_path");
    const time = player?.get("current_time");
    const under = scale && item?.id && item.video === route.video && time >= item.start - 0.5 && time <= item.end + 0.5;
    const at = under ? alongPath(route, time, !still.matches) : null;
    for (const node of [head, path]) node.setAttribute("visibility", at ? "visible" : "hidden");
    if (!at) return;
    place(head, scale.x(at.x), scale.y(at.y));
    // The whole way of a long video would be a scribble.
    const legs = legsAround(route, time).map(({ from, to, strength }) => svg("line", {
      x1: scale.x(route.x[from]), y1: scale.y(route.y[from]), x2: scale.x(route.x[to]), y2: scale.y(route.y[to]), opacity: strength, "stroke-width": 2,
    }));
    path.replaceChildren(...casings(legs, 2), ...legs);
  }
  function draw() {
    asked = 0;
    const scale = scaleOf(plot);
    sheet.toggleAttribute("hidden", !scale);
    if (!scale) return;
    const [pane, box] = [app.getBoundingClientRect(), plot.getBoundingClientRect()];
    Object.assign(sheet.style, {
      left: `${box.left - pane.left + scale.left}px`, top: `${box.top - pane.top + scale.top}px`,
      width: `${scale.width}px`, height: `${scale.height}px`,
    });
    const { below, above } = drawLabels(scale, model.get("_hits"), model.get("_names"), model.get("_ordered"), widthOf);
    answers.replaceChildren(...below);
    labels.replaceChildren(...above);
    drawHead(scale);
    focusRing.setAttribute("visibility", focus?.byKey ? "visible" : "hidden");
    if (focus) place(focusRing, scale.x(focus.x), scale.y(focus.y));
    if (model.get("_dense")) look(scale.window);
  }
  const redraw = () => { asked ||= requestAnimationFrame(draw); };
  /** Tell the kernel what is looked at, once the view rests. */
  function look(window_) {
    clearTimeout(looking);
    looking = setTimeout(() => commit(model, { _view: window_ }), LOOK_MS);
  }

  function rectOf(scale, x, y) {
    const box = plot.getBoundingClientRect();
    const [left, top] = [box.left + scale.left + scale.x(x), box.top + scale.top + scale.y(y)];
    return { left: left - 10, right: left + 10, top: top - 10, bottom: top + 10 };
  }
  const idOf = (point) => [point.customdata].flat()[0];
  const plotEvents = {
    plotly_hover: ({ points: [point] }) => {
      const id = idOf(point);
      if (typeof id === "string") hover.show(id, rectOf(scaleOf(plot), point.x, point.y));
    },
    plotly_unhover: hover.hide,
    plotly_click: ({ points: [point] }) => {
      app.focus({ preventScroll: true }); // from here the arrow keys go on
      focus = { id: idOf(point), x: point.x, y: point.y, byKey: false };
      redraw();
    },
    // Told here and not by the figure's own model, which merges what follows quickly: of two lassos one was lost.
    plotly_selected: (event) => {
      const [box, lasso] = [event?.range, event?.lassoPoints];
      if (box) model.send({ kind: "outline", box: [...box.x, ...box.y] });
      else if (lasso) model.send({ kind: "outline", xs: [...lasso.x], ys: [...lasso.y] });
    },
    plotly_afterplot: redraw,
    plotly_relayouting: redraw,
    plotly_relayout: redraw,
  };
  function attach(found) {
    plot = found;
    for (const [event, handler] of Object.entries(plotEvents)) plot.on(event, handler);
    plot.addEventListener("pointerdown", hover.hide, { capture: true });
    plot.addEventListener("pointerleave", hover.hide);
    redraw();
  }
  function detach() {
    for (const [event, handler] of Object.entries(plotEvents)) plot?.removeListener(event, handler);
    plot?.removeEventListener("pointerdown", hover.hide, { capture: true });
    plot?.removeEventListener("pointerleave", hover.hide);
  }

  function step(key) {
    const scale = scaleOf(plot);
    if (!scale) return;
    const { ids, xs, ys } = drawnPoints(plot, scale);
    const chosen = model.get("_chosen");
    const [x, y] = focus ? [focus.x, focus.y] : chosen.length ? chosen : [];
    let at = focus ? ids.indexOf(focus.id) : -1;
    if (at < 0) at = nearestPoint(xs, ys, x === undefined ? scale.width / 2 : scale.x(x), y === undefined ? scale.height / 2 : scale.y(y));
    else at = nextPoint(xs, ys, at, key);
    if (at < 0) return;
    const [x0, x1, y0, y1] = scale.window;
    focus = { id: ids[at], x: x0 + (xs[at] / scale.width) * (x1 - x0), y: y1 - (ys[at] / scale.height) * (y1 - y0), byKey: true };
    const inside = xs[at] >= 0 && ys[at] >= 0 && xs[at] <= scale.width && ys[at] <= scale.height;
    if (!inside) zoom(1);
    redraw();
    hover.show(focus.id, rectOf(scale, focus.x, focus.y));
    const { id } = focus;
    words(id).then((lines) => { if (focus?.id === id) said.textContent = lines.join(", "); }, () => {});
  }
  /** Ask for a part of the map, so many times as wide as this one, around the point that has the focus. */
  function zoom(by) {
    const scale = scaleOf(plot);
    if (!scale) return;
    const [x0, x1, y0, y1] = scale.window;
    const [x, y] = focus ? [focus.x, focus.y] : [(x0 + x1) / 2, (y0 + y1) / 2];
    const [half, tall] = [((x1 - x0) * by) / 2, ((y1 - y0) * by) / 2];
    model.send({ kind: "zoom", window: [x - half, x + half, y - tall, y + tall] });
  }
  /** Choose all that is in view, as a box round it would. */
  function chooseView() {
    const scale = scaleOf(plot);
    if (scale) model.send({ kind: "outline", box: scale.window });
  }
  app.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) step(event.key);
    else if (event.key in ZOOM) zoom(ZOOM[event.key]);
    else if (event.key === "0") model.send({ kind: "zoom", window: [] });
    else if (event.key === "Enter" && focus) { hover.hide(); model.send({ kind: "choose", id: focus.id, play: true }); }
    else if (event.key === " " && focus) model.send({ kind: "add", id: focus.id });
    else if (event.key.toLowerCase() === "a") chooseView();
    else if (event.key === "Escape") { hover.hide(); focus = null; redraw(); }
    else return;
    event.preventDefault();
  });
  app.addEventListener("blur", () => { hover.hide(); focus = null; redraw(); });

  /** Follow the player in the browser: no frame of it goes through the kernel. */
  async function follow() {
    player?.off("change:current_time", moved);
    player?.off("change:_item", moved);
    const name = model.get("source");
    player = name ? await model.widget_manager.get_model(name.replace("IPY_MODEL_", "")).catch(() => null) : null;
    player?.on("change:current_time", moved);
    player?.on("change:_item", moved);
    moved();
  }
  let frame = 0;
  const moved = () => { frame ||= requestAnimationFrame(() => { frame = 0; drawHead(); }); };

  const stage = () => app.closest(".vx-map-stage");
  const arrival = new MutationObserver(() => seek());
  const sizes = new ResizeObserver(() => window.dispatchEvent(new Event("resize"))); // plotly measures its box once
  function seek() {
    const found = stage()?.querySelector(".js-plotly-plot");
    if (!found?.querySelector(".main-svg") || !found.on) return;
    arrival.disconnect();
    window.dispatchEvent(new Event("resize"));
    attach(found);
  }
  // The widget stands on the page only after this function has returned.
  const settle = setTimeout(() => {
    if (!stage()) return;
    arrival.observe(stage(), { childList: true, subtree: true });
    sizes.observe(stage());
    seek();
  }, 0);
  const stop = listen(model, { _hits: redraw, _names: redraw, _ordered: redraw, source: follow });
  const deafen = listen(told, { _path: redraw });
  still.addEventListener("change", moved);
  follow();
  return () => {
    stop();
    deafen();
    told.close();
    clearTimeout(settle);
    clearTimeout(looking);
    cancelAnimationFrame(asked);
    cancelAnimationFrame(frame);
    arrival.disconnect();
    sizes.disconnect();
    still.removeEventListener("change", moved);
    player?.off("change:current_time", moved);
    player?.off("change:_item", moved);
    detach();
    hover.close();
    channel.close();
  };
}

export default { render };
