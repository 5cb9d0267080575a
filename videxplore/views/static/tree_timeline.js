// The tree of one video over time: zoom into it, ask a boundary why, cut anew with sliders, correct by hand.
import { el, keepFocus, keepKeys, hideTwin, openChannel, openTurns, listen, commit, message, formatTime, onTheme } from "./common.js";
import { openPlayback } from "./playback.js";
import { fitView, zoomView, revealView, indexAt, nearestAt, timeMarks, levelWithRoom } from "./timescale.js";
import { openCanvas, hueOf } from "./tree_canvas.js";
import { spokenBoundary, boundaryPanel, labelWords, segmentPanel, windowWords } from "./tree_facts.js";
import { openRecipe } from "./tree_recipe.js";

const PICTURE_ROOM = 44;
const NEAR_PX = 5;
const MOST_PARTS = 60; // the player marks the parts of a segment: more would be a grey bar
const REPORT_MS = 400;

/** The rows of the timeline, top to bottom, from what the kernel described. */
export function rowsOf(data, other) {
  const rows = [];
  if (other.ids) rows.push({ key: "windows", kind: "windows", word: other.name, count: other.ids.length, level: "window", tier: 0, title: "Filled: the share that belongs to something else than what the window shows most", ...other });
  for (const level of data.levels) rows.push({ ...level, kind: "level", word: level.name, key: `level:${level.key}`, count: level.ids.length, level: level.name });
  rows.push({ key: "pictures", kind: "pictures", word: "pictures", room: PICTURE_ROOM, ids: [], starts: [], ends: [] });
  if (data.boundaries.length) rows.push({ key: "boundaries", kind: "boundaries", word: "boundaries", count: data.boundaries.length, title: "The taller, the further up the hierarchy a boundary reaches: its persistence" });
  data.signals.forEach((signal, i) => {
    if (data.boundaries.some((b) => b.evidence[signal.word] > 0)) rows.push({ key: `signal:${signal.key}`, kind: "signal", word: signal.word, hue: hueOf(signal.key, i), title: `What ${signal.word} said for each boundary; half the height: as much as a boundary costs` });
  });
  if (data.events.length) rows.push({ key: "events", kind: "events", word: "events" });
  return rows;
}

/** Where an arrow key leads from item `index` of row `at`: along the row, or to the same time on another one. */
export function stepFocus(rows, at, index, key) {
  const starts = rows[at].starts;
  const along = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: starts.length - 1 }[key];
  if (along !== undefined) return [at, Math.max(0, Math.min(starts.length - 1, along))];
  const by = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (!by || !rows[at + by]) return [at, index];
  const next = rows[at + by];
  return [at + by, next.kind === "boundaries" ? nearestAt(next.starts, starts[index]) : indexAt(next.starts, starts[index])];
}

function markText(time, step) {
  return step < 0.1 ? `${formatTime(Math.floor(time * 10) / 10).slice(0, -1)}${(time % 1).toFixed(2).slice(2)}` : formatTime(time).replace(step >= 1 ? /\.\d$/ : /$^/, "");
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  let data = model.get("_data");
  let rows = []; // all, as painted
  let lanes = []; // those that take the focus
  let view = { start: 0, length: data.duration };
  let focus = { key: "", index: 0, time: 0 };
  let over = null;
  let drag = null; // a pan, or a boundary on its way
  let nudge = null; // a boundary shifted by keys: not sent as long as they follow each other
  let frame = 0;
  let reported = 0;
  let pictureTimer = 0;
  const pictures = new Map();

  const playback = openPlayback(channel, {
    playable: model.get("_playable"),
    onPart: (id) => chooseId(id),
    onTime(time, final) {
      model.set("current_time", time);
      const end = view.start + view.length;
      if (!final && time > end && time < end + 1) view = fitView({ start: time - view.length * 0.1, length: view.length }, data.duration);
      schedule();
      const now = performance.now();
      if (!final && now - reported < REPORT_MS) return;
      reported = now;
      model.save_changes();
    },
  });
  const button = (text, title, action) => el("button", { class: "vx-button", type: "button", title, text, on: { click: action } });
  const summary = el("span", { class: "vx-muted vx-tt-summary" });
  const name = el("b", { class: "vx-tt-name" });
  const zoom = el("input", { type: "range", min: 0, max: 1, step: 0.01, class: "vx-tt-zoom", "aria-label": "Zoom" });
  const zooms = el("div", { class: "vx-tt-zooms" },
    el("button", { class: "vx-button", type: "button", text: "−", title: "Zoom out (−)", "aria-label": "Zoom out", on: { click: () => zoomBy(1 / 1.6) } }), zoom,
    el("button", { class: "vx-button", type: "button", text: "+", title: "Zoom in (+)", "aria-label": "Zoom in", on: { click: () => zoomBy(1.6) } }),
    button("Fit", "Show the whole video (0)", () => show({ start: 0, length: data.duration })));
  const thumb = el("div", { class: "vx-tt-thumb" });
  const overview = el("div", { class: "vx-tt-overview", "aria-hidden": "true" }, thumb);
  const axis = el("div", { class: "vx-tt-axis", "aria-hidden": "true", title: "Click to set the playhead" });
  const grid = el("div", { class: "vx-tt-grid", role: "grid", "aria-label": "Segments and boundaries over time" });
  const sheet = el("canvas", { class: "vx-tt-canvas", "aria-hidden": "true" });
  const playhead = el("div", { class: "vx-tt-playhead", "aria-hidden": "true" });
  const tip = el("div", { class: "vx-tt-tip", "aria-hidden": "true", hidden: true });
  const area = el("div", { class: "vx-tt-area" }, sheet, grid);
  const stage = el("div", { class: "vx-tt-stage" }, overview, axis, area, el("div", { class: "vx-tt-over" }, playhead, tip));
  const panel = el("div", { class: "vx-tt-panel" });
  const edits = {
    merge: button("Merge", "Merge (M): a boundary goes, or a segment joins the next", () => press("merge")),
    split: button("Split", "Split (S): a new boundary at the playhead", () => press("split")),
    lock: button("Lock", "Lock (L): the boundary stays, however you cut", () => press("lock")),
    undo: button("Undo", "Undo the last edit (Ctrl+Z)", () => press("undo")),
  };
  const hand = el("div", { class: "vx-tt-edits", role: "toolbar", "aria-label": "Edits" }, ...Object.values(edits));
  const keys = el("p", { class: "vx-muted vx-tt-keys", id: `vx-tt-keys-${model.model_id ?? "w"}`, text: "Arrows walk, Enter plays, + and − zoom, Alt and arrows shift a boundary." });
  grid.setAttribute("aria-describedby", keys.id);
  const why = el("section", { class: "vx-tt-why", "aria-label": "What is in focus" }, panel, hand, keys);
  const recipe = openRecipe((change) => commit(model, change), (busy) => { app.dataset.busy = String(busy); });
  const failure = el("div", { class: "vx-tt-failure", role: "alert", hidden: true });
  const stagePlayer = el("section", { class: "vx-tt-player", "aria-label": "Player" }, playback.element);
  const app = el("section", { class: "vx vx-tree-timeline", "aria-label": "Timeline" },
    el("header", { class: "vx-tt-head" }, name, summary, zooms), stage, failure, el("div", { class: "vx-tt-below" }, stagePlayer, why, recipe.element));
  keepKeys(app);
  root.replaceChildren(app);
  const canvas = openCanvas(app, sheet);

  const width = () => Math.max(1, sheet.clientWidth);
  const timeAt = (clientX) => view.start + ((clientX - sheet.getBoundingClientRect().left) / width()) * view.length;
  const lane = (key) => lanes.find((one) => one.key === key);
  function schedule() { if (!frame) frame = requestAnimationFrame(paint); }

  // --- what is there ---
  function load() {
    data = model.get("_data");
    const held = grid.contains(document.activeElement);
    rows = rowsOf(data, model.get("_other"));
    const edges = rows.find((row) => row.kind === "boundaries");
    if (edges) edges.starts = data.boundaries.map((b) => b.time);
    lanes = rows.filter((row) => ["windows", "level", "boundaries"].includes(row.kind) && row.starts.length);
    name.textContent = data.name;
    const counts = data.levels.filter((level) => level.tier < 3 && level.ids.length).map((level) => `${level.ids.length} ${level.name}${level.ids.length === 1 ? "" : "s"}`);
    summary.textContent = `${formatTime(data.duration)}, cut by ${data.method || "hand"}: ${counts.join(", ")}`;
    grid.setAttribute("aria-rowcount", String(rows.length));
    grid.replaceChildren(...rows.map((row, i) => {
      row.lane = el("div", { class: "vx-tt-lane", role: "presentation" });
      const head = el("span", { class: `vx-tt-label${row.kind === "level" ? " vx-level" : ""}`, role: "rowheader", data: row.hue ? { hue: row.hue } : { tier: row.tier }, title: row.title }, el("span", { text: row.word }), row.kind === "pictures" ? el("span", { class: "vx-muted" }) : null, row.count > 1 ? el("span", { class: "vx-muted", text: String(row.count) }) : null);
      row.node = el("div", { class: "vx-tt-row", role: "row", "aria-rowindex": i + 1, data: { kind: row.kind } }, head, row.lane);
      return row.node;
    }));
    const error = model.get("_error");
    failure.hidden = !error;
    failure.replaceChildren(...(error ? [message("error", "This cannot be done", error)] : []));
    recipe.load(data, model.get("levels"), model.get("weights"));
    for (const [key, node] of Object.entries(edits)) node.disabled = Boolean(data.fixed) || (key === "undo" && !data.edits);
    const shifted = nudge?.timer ? data.boundaries.findIndex((b) => Math.abs(b.time - nudge.time) < 1e-6) : -1;
    if (shifted < 0) clearTimeout(nudge?.timer);
    nudge = shifted < 0 ? null : { ...nudge, index: shifted }; // an answer to something else leaves it
    over = null;
    canvas.fit();
    const row = lane(focus.key) ?? lane("boundaries") ?? lanes[0];
    setFocus(row.key, row.kind === "boundaries" ? nearestAt(row.starts, focus.time) : indexAt(row.starts, focus.time), held, false);
    show(view);
  }
  function itemOf(row, index) {
    const [start, end] = [row.starts[index], row.ends[index]];
    const finer = rows[rows.indexOf(row) + 1];
    const parts = [];
    if (finer?.kind === "level" && row.kind === "level") {
      for (let i = indexAt(finer.starts, start); finer.starts[i] < end - 1e-6; i += 1) parts.push({ id: finer.ids[i], start: finer.starts[i], level: finer.level, time: `${formatTime(finer.starts[i])}–${formatTime(finer.ends[i])}` });
    }
    return { id: row.ids[index], name: data.name, level: row.level, tier: row.tier, start, end, time: `${formatTime(start)}–${formatTime(end)}`, transcript: "", count: parts.length, parts: parts.length > 1 && parts.length <= MOST_PARTS ? parts : [] };
  }
  function choose(row, index) {
    const target = row.kind === "boundaries" ? lanes.filter((one) => one.kind === "level").at(-1) : row;
    const at = row.kind === "boundaries" ? indexAt(target.starts, row.starts[index]) : index;
    const item = itemOf(target, at);
    playback.show(item, true);
    commit(model, { selected: item.id, current_time: item.start });
    model.send({ kind: "choose", id: item.id, play: true });
    schedule();
  }
  function chooseId(id) {
    const row = lanes.find((one) => one.ids?.includes(id));
    if (row) choose(row, row.ids.indexOf(id));
  }

  // --- focus ---
  function words(row, index) {
    if (row.kind === "boundaries") return spokenBoundary(data.boundaries[index], data);
    const item = itemOf(row, index);
    const more = row.kind === "windows" ? windowWords(row.shares[index], data.levels.at(-1).name) : labelWords(row, index);
    return [`${item.level}, ${item.time}`, more].filter(Boolean).join(". ");
  }
  function setFocus(key, index, take, reveal = true) {
    const row = lane(key);
    const time = row.starts[index] ?? 0;
    focus = { key, index, time };
    // A new element each time: a screen reader reads what gets the focus, not what a focused element becomes.
    const cell = el("div", { class: "vx-tt-cell", role: "gridcell", tabindex: 0, "aria-colindex": index + 1, "aria-selected": String(row.ids?.[index] === model.get("selected") && row.kind !== "boundaries"), "aria-label": words(row, index), data: { kind: row.kind, index } });
    const old = grid.querySelector(".vx-tt-cell");
    row.lane.append(cell);
    if (reveal) view = revealView(view, time, row.ends?.[index] ?? time, data.duration);
    place(cell, row, index);
    if (take) cell.focus({ preventScroll: true });
    old?.remove();
    tell();
    schedule();
  }
  function place(cell, row, index) {
    const scale = width() / view.length;
    const left = ((nudge?.to ?? row.starts[index]) - view.start) * scale;
    const wide = row.kind === "boundaries" ? 10 : Math.max(8, (row.ends[index] - row.starts[index]) * scale - 2);
    const from = Math.max(row.kind === "boundaries" ? left - 5 : left, -4);
    cell.style.left = `${from}px`;
    cell.style.width = `${Math.max(4, Math.min(width() + 4, left + wide) - from)}px`;
  }
  function tell() {
    const at = over?.boundary ?? (over?.key === "windows" ? null : undefined);
    const row = at === undefined ? lane(focus.key) : over.key === "windows" && at === null ? lane("windows") : lane("boundaries");
    const index = at === undefined ? focus.index : at === null ? over.index : at;
    if (row.kind === "boundaries") { panel.replaceChildren(...boundaryPanel(data.boundaries[index], data)); return; }
    const finest = data.levels.at(-1).name;
    panel.replaceChildren(...segmentPanel(itemOf(row, index), row.kind === "windows" ? [windowWords(row.shares[index], finest)] : [labelWords(row, index)]));
  }

  // --- painting ---
  function paint() {
    frame = 0;
    const strip = rows.find((row) => row.kind === "pictures");
    const levels = rows.filter((row) => row.kind === "level");
    const roomy = levels[levelWithRoom(levels, view, width(), PICTURE_ROOM)];
    Object.assign(strip, { ids: roomy.ids, starts: roomy.starts, ends: roomy.ends });
    strip.node.querySelector(".vx-muted").textContent = `of ${roomy.level}s`;
    for (const row of rows) Object.assign(row, { top: row.node.offsetTop, height: row.node.offsetHeight });
    const edge = over?.boundary ?? (focus.key === "boundaries" ? focus.index : undefined);
    const moving = drag?.to ?? nudge?.to;
    canvas.draw({
      view, rows, pictures, duration: data.duration, selected: model.get("selected"), over, boundaries: data.boundaries, times: data.boundaries.map((b) => b.time),
      atBoundary: moving ?? (edge === undefined ? null : data.boundaries[edge].time),
      events: data.events,
    });
    const cell = grid.querySelector(".vx-tt-cell");
    if (cell) place(cell, lane(focus.key), focus.index);
    const { step, marks } = timeMarks(view, width());
    axis.replaceChildren(...marks.map((time) => {
      const tick = el("span", { class: "vx-tt-tick", text: markText(time, step) });
      const at = (time - view.start) / view.length;
      tick.style.left = `${100 * at}%`;
      tick.dataset.edge = at < 0.03 ? "start" : at > 0.97 ? "end" : "";
      return tick;
    }));
    thumb.style.left = `${(100 * view.start) / data.duration}%`;
    thumb.style.width = `${(100 * view.length) / data.duration}%`;
    overview.dataset.whole = String(view.length >= data.duration - 1e-6);
    const at = (model.get("current_time") - view.start) / view.length;
    playhead.hidden = at < 0 || at > 1;
    playhead.style.left = `${100 * at}%`;
    app.dataset.shown = view.length.toFixed(2);
    clearTimeout(pictureTimer);
    pictureTimer = setTimeout(() => orderPictures(strip), 120);
  }
  function orderPictures(strip) {
    const scale = width() / view.length;
    const wanted = new Set();
    if (!strip.ids.length) return;
    for (let i = indexAt(strip.starts, view.start); i <= indexAt(strip.starts, view.start + view.length); i += 1) {
      if ((strip.ends[i] - strip.starts[i]) * scale - 2 >= PICTURE_ROOM) wanted.add(strip.ids[i]);
    }
    for (const [id, held] of pictures) if (!held.image && !wanted.has(id)) { channel.cancel("poster", id); pictures.delete(id); }
    for (const id of wanted) {
      if (pictures.has(id)) continue;
      const held = { image: null };
      pictures.set(id, held);
      channel.poster(id).then(async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        held.image = image;
        app.dataset.pictures = String([...pictures.values()].filter((one) => one.image).length);
        schedule();
      }).catch(() => {}); // its frame stays empty: the bands name the segment all the same
    }
  }

  // --- zoom and pan ---
  function show(next) {
    view = fitView(next, data.duration);
    const deepest = Math.log(Math.max(2, data.duration / 0.5));
    zoom.value = String(Math.log(data.duration / view.length) / deepest);
    schedule();
  }
  function zoomBy(factor, at = null) {
    const row = lane(focus.key);
    const middle = row.ends ? (row.starts[focus.index] + row.ends[focus.index]) / 2 : row.starts[focus.index];
    const inside = middle >= view.start && middle <= view.start + view.length;
    show(zoomView(view, factor, at ?? (inside ? middle : view.start + view.length / 2), data.duration));
  }
  zoom.addEventListener("input", () => {
    const deepest = Math.log(Math.max(2, data.duration / 0.5));
    zoomBy(view.length / (data.duration / Math.exp(Number(zoom.value) * deepest)));
  });
  stage.addEventListener("wheel", (event) => {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const whole = view.length >= data.duration - 1e-6;
    // The notebook scrolls past a timeline that nobody works in.
    if (!(event.ctrlKey || event.metaKey || app.contains(document.activeElement))) return;
    if (whole && (sideways || event.deltaY > 0)) return;
    event.preventDefault();
    if (sideways) show({ start: view.start + ((event.deltaX || event.deltaY) / width()) * view.length, length: view.length });
    else zoomBy(Math.exp(-event.deltaY * 0.0022), timeAt(event.clientX));
  }, { passive: false });

  // --- pointer ---
  function find(event) {
    const top = event.clientY - area.getBoundingClientRect().top;
    const row = rows.find((one) => top >= one.top && top < one.top + one.height);
    if (!row || event.clientX < sheet.getBoundingClientRect().left) return null;
    const time = timeAt(event.clientX);
    const edges = lane("boundaries");
    const finest = lanes.filter((one) => one.kind === "level").at(-1);
    const near = edges ? nearestAt(edges.starts, time) : -1;
    const reach = ["boundaries", "signal", "events"].includes(row.kind) ? 4 * NEAR_PX : NEAR_PX;
    const close = near >= 0 && (Math.abs(edges.starts[near] - time) / view.length) * width() <= reach;
    if (close && (["boundaries", "signal", "events"].includes(row.kind) || row === finest)) return { key: row.key, boundary: near, time };
    const target = row.kind === "pictures" ? rows.find((one) => one.kind === "level" && one.ids === row.ids) : row;
    if (!target?.ids?.length) return { key: row.key, time };
    return { key: target.key, index: indexAt(target.starts, time), time };
  }
  area.addEventListener("pointermove", (event) => {
    if (drag) { onDrag(event); return; }
    const found = find(event);
    if (found?.key === over?.key && found?.index === over?.index && found?.boundary === over?.boundary) return;
    over = found;
    area.dataset.grip = String(over?.boundary !== undefined && !data.fixed);
    tell();
    schedule();
  });
  area.addEventListener("pointerleave", () => { if (!drag) { over = null; tell(); schedule(); } });
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const found = find(event);
    if (!found) return;
    event.preventDefault();
    drag = { found, x: event.clientX, start: view.start, moved: false, pointer: event.pointerId };
    area.setPointerCapture(event.pointerId);
  });
  function onDrag(event) {
    const way = event.clientX - drag.x;
    if (!drag.moved && Math.abs(way) < 4) return;
    drag.moved = true;
    if (drag.found.boundary !== undefined && !data.fixed) {
      drag.to = between(drag.found.boundary, timeAt(event.clientX));
      showTip(drag.to);
      schedule();
    } else show({ start: drag.start - (way / width()) * view.length, length: view.length });
  }
  area.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { found, moved, to } = drag;
    drag = null;
    tip.hidden = true;
    area.releasePointerCapture(event.pointerId);
    if (moved && to !== undefined) { setFocus("boundaries", found.boundary, true, false); move(found.boundary, to); return; }
    if (moved) return;
    if (found.boundary !== undefined) setFocus("boundaries", found.boundary, true, false);
    else if (found.index !== undefined) { setFocus(found.key, found.index, true, false); choose(lane(found.key), found.index); }
  });
  area.addEventListener("pointercancel", () => { drag = null; tip.hidden = true; schedule(); });
  function showTip(time) {
    tip.textContent = formatTime(time);
    tip.style.left = `${(100 * (time - view.start)) / view.length}%`;
    tip.hidden = false;
  }
  function setTime(event) {
    const time = Math.max(0, Math.min(data.duration, timeAt(event.clientX)));
    commit(model, { current_time: time });
    playback.seek(time);
    schedule();
  }
  axis.addEventListener("pointerdown", (event) => { axis.setPointerCapture(event.pointerId); setTime(event); });
  axis.addEventListener("pointermove", (event) => { if (axis.hasPointerCapture(event.pointerId)) setTime(event); });
  overview.addEventListener("pointerdown", (event) => {
    overview.setPointerCapture(event.pointerId);
    const go = (e) => { const box = overview.getBoundingClientRect(); show({ start: ((e.clientX - box.left) / box.width) * data.duration - view.length / 2, length: view.length }); };
    go(event);
    overview.onpointermove = (e) => { if (overview.hasPointerCapture(e.pointerId)) go(e); };
  });

  // --- edits ---
  const redraw = () => keepFocus(app, load, () => grid.querySelector(".vx-tt-cell"));
  const turns = openTurns(model, redraw, "_data", () => model.get("_data").turn);
  function between(index, time) {
    const before = data.boundaries[index - 1]?.time ?? 0;
    const after = data.boundaries[index + 1]?.time ?? data.duration;
    return Math.max(before + 0.1, Math.min(after - 0.1, time));
  }
  function ask(content) {
    app.dataset.busy = "true";
    turns.leave({ kind: "edit", ...content });
  }
  function move(index, to) {
    const time = data.boundaries[index].time;
    focus.time = to;
    ask({ action: "move", time, to });
  }
  function edit(action) {
    if (edits[action].disabled) return;
    if (action === "undo") { ask({ action }); return; }
    const row = lane(focus.key);
    const level = row.kind === "level" && row.tier < 3 ? row.name : null;
    if (action === "split") { focus.time = model.get("current_time"); ask({ action, time: focus.time, level: row.kind === "level" && row.tier < 3 ? row.key.slice(6) : null }); return; }
    const at = row.kind === "boundaries" ? row.starts[focus.index] : level === null ? null : row.ends[focus.index];
    if (at === null || at >= data.duration) return;
    ask({ action, time: at, ...(action === "merge" && level !== null ? { level: row.key.slice(6) } : {}) });
  }
  function nudgeBy(seconds) {
    if (focus.key !== "boundaries" || data.fixed) return;
    clearTimeout(nudge?.timer);
    const index = nudge?.index ?? focus.index;
    const { time } = data.boundaries[index];
    const to = between(index, (nudge?.to ?? time) + seconds);
    nudge = { index, time, to, timer: setTimeout(sendNudge, 450) };
    showTip(to);
    schedule();
  }

  function sendNudge() {
    if (!nudge?.timer) return;
    clearTimeout(nudge.timer);
    nudge.timer = 0;
    tip.hidden = true;
    move(nudge.index, nudge.to);
  }
  /** Edit what the last edit leaves: its answer comes first. */
  function press(action) {
    turns.act(() => { sendNudge(); turns.act(() => edit(action)); });
  }

  // --- keys ---
  grid.addEventListener("keydown", (event) => {
    const row = lane(focus.key);
    if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const way = (event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 1 : 0.1);
      turns.act(() => nudgeBy(way));
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => zoomBy(1.6), "=": () => zoomBy(1.6), "-": () => zoomBy(1 / 1.6), "−": () => zoomBy(1 / 1.6), 0: () => show({ start: 0, length: data.duration }),
      z: () => { const end = row.ends?.[focus.index] ?? row.starts[focus.index] + 2; const start = row.ends ? row.starts[focus.index] : end - 4; show({ start: start - (end - start) * 0.1, length: (end - start) * 1.2 }); },
      Enter: () => choose(row, focus.index), " ": () => playback.toggle(), m: () => press("merge"), l: () => press("lock"),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) { act(); event.preventDefault(); return; }
    const [at, index] = stepFocus(lanes, lanes.indexOf(row), focus.index, event.key);
    if (lanes[at] !== row || index !== focus.index) setFocus(lanes[at].key, index, true);
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") event.preventDefault();
  });
  app.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLSelectElement;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { press("undo"); event.preventDefault(); }
    else if (event.key.toLowerCase() === "s" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing) { press("split"); event.preventDefault(); }
  });
  stagePlayer.addEventListener("keydown", (event) => playback.key(event));

  // --- life ---
  const refit = () => { canvas.fit(); schedule(); };
  const sizes = new ResizeObserver(refit);
  sizes.observe(area);
  const stopTheme = onTheme(refit);
  let queued = false; // several traits change together: once all are there
  const reload = () => {
    if (queued) return;
    queued = true;
    queueMicrotask(() => { queued = false; if (data !== model.get("_data")) redraw(); });
  };
  const stop = listen(model, { _data: reload, current_time: schedule, selected: schedule });
  load();
  const first = rows.find((row) => row.kind === "level");
  playback.show(itemOf(first, 0));
  return () => {
    stop(); sizes.disconnect(); stopTheme();
    cancelAnimationFrame(frame); clearTimeout(pictureTimer); clearTimeout(nudge?.timer); turns.close(); recipe.close(); playback.close(); channel.close();
  };
}

export default { render };
