// Run by test_widgets.py with `node --test`, in a folder that also holds the widgets' modules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTime, formatScore, barWidth, stepIndex, unknownWords, isDark, openTold, openTurns } from "./common.js";
import { ROW, rowMiddle, linkPath, columnsThatFit, barParts, steps } from "./ranking_links.js";
import { firstToExplain, nextReranker, verdictOf } from "./ranking_compare.js";
import { openWishes } from "./wishes.js";
import { axisTimes, stretchesOf } from "./timeline.js";
import { treeStep, lineage } from "./tree_steps.js";
import { ringsOf, ringPath, ringRadii } from "./sunburst.js";
import { stepOf, folding } from "./explorer_bar.js";
import { partWidths } from "./finder.js";
import { zoomView, revealView, indexAt, nearestAt, timeMarks, levelWithRoom, toSlider, fromSlider, keepRising } from "./timescale.js";
import { pointAhead, keepApart } from "./share_map.js";
import { boundsOf, groupsOf, shadesOf } from "./share_paint.js";
import { keepUnrelated } from "./share_search.js";
import { foldTree } from "./share_tree.js";
import { rowWords } from "./encoder_compare.js";
import { nextOpen, nextQuery, agreementLines } from "./judge.js";
import { modelWith } from "./live_figure.js";
import { sharesOf, windowWords } from "./tree_facts.js";
import { stepFocus } from "./tree_timeline.js";
import { BESIDE_RING, AROUND_NAME, placeLabels, nextPoint, nearestPoint, alongPath, legsAround, scaleOf } from "./map_places.js";

test("times read as m:ss.s", () => {
  assert.equal(formatTime(0), "0:00.0");
  assert.equal(formatTime(61.25), "1:01.3");
  assert.equal(formatTime(3725), "1:02:05.0");
  assert.equal(formatTime(59.96), "1:00.0");
  assert.equal(formatTime(-0.01), "0:00.0");
  assert.equal(formatTime(-2), "-0:02.0");
});

test("scores have two decimals and a true minus sign", () => {
  assert.equal(formatScore(0.456), "0.46");
  assert.equal(formatScore(-0.456), "−0.46");
  assert.equal(formatScore(0.1, true), "+0.10");
  assert.equal(formatScore(-0.001, true), "±0.00");
  assert.equal(formatScore(NaN), "–");
  assert.equal(formatScore(null), "–");
});

test("bars start at zero and never overflow", () => {
  assert.equal(barWidth(0.5, 1), 50);
  assert.equal(barWidth(2, 1), 100);
  assert.equal(barWidth(-1, 1), 0);
  assert.equal(barWidth(1, 0), 0);
});

test("parts of a bar are together as wide as the bar", () => {
  const widths = partWidths([{ kind: "visual", amount: 0.3 }, { kind: "audio", amount: 0.1 }, { kind: "text", amount: -0.2 }], 0.4, 0.8);
  assert.deepEqual(widths.map((w) => w.kind), ["visual", "audio"]);
  assert.ok(Math.abs(widths.reduce((sum, w) => sum + w.width, 0) - 50) < 1e-9);
  assert.deepEqual(partWidths([], 0.4, 0.8), []);
});

test("arrow keys stay inside the list", () => {
  assert.equal(stepIndex(0, 3, "ArrowUp"), 0);
  assert.equal(stepIndex(0, 3, "ArrowDown"), 1);
  assert.equal(stepIndex(2, 3, "ArrowDown"), 2);
  assert.equal(stepIndex(1, 3, "End"), 2);
  assert.equal(stepIndex(1, 3, "x"), 1);
  assert.equal(stepIndex(0, 0, "End"), -1);
});

test("links join the middles of rows", () => {
  assert.equal(rowMiddle(2) - rowMiddle(1), ROW);
  assert.ok(linkPath(1, 3, 80).startsWith(`M0 ${rowMiddle(1)} `));
  assert.ok(linkPath(1, 3, 80).endsWith(` 80 ${rowMiddle(3)}`));
});

test("the longest way up is explained first", () => {
  const moves = { a: { before: 1, after: 3 }, b: { before: 5, after: 1 }, c: { before: null, after: 2 } };
  const columns = [{ ids: ["a", "b"], moves: {} }, { ids: ["b", "c", "a"], moves }];
  assert.equal(firstToExplain({ k: 5, columns }, 1), "b");
  assert.equal(firstToExplain({ k: 5, columns: [{ ids: [] }, { ids: [], moves: {} }] }, 1), "");
});

test("columns stand beside each other while a name has room", () => {
  assert.deepEqual(columnsThatFit(1000, 4, 2), [0, 1, 2, 3]);
  assert.deepEqual(columnsThatFit(700, 4, 2), [0, 3]);
  assert.deepEqual(columnsThatFit(330, 4, 2), []);
  assert.deepEqual(columnsThatFit(600, 2, 0), [0, 1]);
});

test("a bar is as long as the longer of both scores", () => {
  const parts = [{ kind: "visual", amount: 0.3 }, { kind: "audio", amount: 0.1 }, { kind: "text", amount: -0.1 }];
  for (const [score, kind] of [[0.5, "added"], [0.2, "taken"]]) {
    const widths = barParts(parts, 0.3, score, 1);
    assert.equal(widths.at(-1).kind, kind);
    assert.ok(Math.abs(widths.reduce((sum, part) => sum + part.width, 0) - 100 * Math.max(0.3, score)) < 1e-9);
  }
  assert.ok(!barParts(parts, 0.3, 0.3, 1).some((part) => part.kind === "added" || part.kind === "taken"));
  assert.ok(!barParts(parts, 0.3, null, 1).some((part) => part.kind === "taken"));
});

test("steps lead from the raw score to the new one", () => {
  const way = steps(0.6, [0.3, -0.1], 0.05);
  assert.equal(way.start, 0);
  assert.ok(Math.abs(way.bars[0].left + way.bars[0].width - 100) < 1e-9);
  assert.ok(Math.abs(way.bars[1].left - way.end) < 1e-9);
  assert.ok(Math.abs(steps(0.6, [0.005], 0.05).bars[0].width - 10) < 1e-9, "a small change stays small");
});

test("the next reranker stands in no other column", () => {
  assert.equal(nextReranker(["joint", "graph", "context"], ["joint", "graph"], "joint"), "context");
  assert.equal(nextReranker(["joint", "graph", "context"], ["joint", "context"], "context"), "graph");
  assert.equal(nextReranker(["joint"], ["joint"], "joint"), "joint");
});

test("what two decimals do not show is no change", () => {
  assert.deepEqual([0.01, -0.01, 0.001, undefined].map(verdictOf), ["up", "down", "same", ""]);
});

test("one wish at a time, and the latest wins", () => {
  const state = { strength: 1, _turn: 0 };
  const sent = [];
  let answer;
  const model = {
    get: (key) => state[key], set: (key, value) => { state[key] = value; }, save_changes: () => sent.push(state.strength),
    on: (event, listener) => { answer = listener; }, off: () => { answer = null; },
  };
  const busy = [];
  const wishes = openWishes(model, (is) => busy.push(is));
  for (const value of [0.9, 0.7, 0.5]) wishes.ask({ strength: value });
  assert.deepEqual(sent, [0.9]);
  assert.equal(wishes.last("strength"), 0.5);
  answer();
  assert.deepEqual(sent, [0.9, 0.5]);
  answer();
  wishes.ask({ strength: 0.5 });
  assert.deepEqual(sent, [0.9, 0.5], "what is shown already is not asked for");
  assert.equal(busy.at(-1), false);
  wishes.close();
  assert.equal(answer, null);
});

test("axis times are few, round and inside", () => {
  for (const duration of [0.04, 3, 61, 96, 1800, 7300, 80000]) {
    const times = axisTimes(duration);
    assert.ok(times.length >= 1 && times.length <= 10, `${duration}: ${times.length}`);
    assert.ok(times.at(-1) <= duration + 1e-6);
  }
});

test("thin segments side by side are one stretch, a few of them are not", () => {
  const items = (...lengths) => {
    let start = 0;
    return lengths.map((length, i) => ({ id: i, start, end: (start += length) }));
  };
  const ids = (list) => list.map(({ id }) => id);
  const { alone, hatched } = stretchesOf(items(5, 1, 1, 5, 1, 1, 1, 5, 1, 1, 1, 1), 2, 3);
  assert.deepEqual(ids(alone), [0, 1, 2, 3, 7]);
  assert.deepEqual(hatched.map(ids), [[4, 5, 6], [8, 9, 10, 11]]);
  assert.deepEqual(stretchesOf([], 2), { alone: [], hatched: [] });
});

test("what is told is read and listened to as a trait is", () => {
  const heard = [];
  const listeners = {};
  const sent = [];
  const state = { _old: { a: 1 } };
  const model = {
    get: (name) => state[name],
    send: (message) => sent.push(message),
    on: (event, f) => { (listeners[event] ??= []).push(f); },
    off: (event, f) => { listeners[event] = listeners[event].filter((other) => other !== f); },
  };
  const facts = openTold(model);
  assert.deepEqual(sent, [{ kind: "tell" }]);
  assert.deepEqual([facts.get("_tree"), facts.waits("_tree"), facts.waits("_old")], [{}, true, false]);
  const listener = () => heard.push(facts.get("_tree"));
  facts.on("change:_tree", listener);
  const tell = (message) => listeners["msg:custom"].forEach((f) => f(message));
  tell({ kind: "told", facts: { _tree: { b: 2 } } });
  tell({ kind: "poster", facts: { _tree: { c: 3 } } });
  assert.deepEqual([heard, facts.waits("_tree"), facts.get("_old")], [[{ b: 2 }], false, { a: 1 }]);
  facts.off("change:_tree", listener);
  tell({ kind: "told", facts: { _tree: {} } });
  facts.close();
  assert.deepEqual([heard.length, listeners["msg:custom"], listeners["change:_tree"]], [1, [], []]);
});

const TREE = [
  { id: "v", level: "video", start: 0, parent: null }, { id: "s1", level: "scene", start: 0, parent: "v" },
  { id: "s2", level: "scene", start: 9, parent: "v" }, { id: "m2", level: "moment", start: 4, parent: "s1" }, { id: "m1", level: "moment", start: 0, parent: "s1" },
];

test("arrow keys walk the tree", () => {
  assert.equal(treeStep(TREE, "v", "ArrowDown"), "s1");
  assert.equal(treeStep(TREE, "s1", "ArrowDown"), "m1");
  assert.equal(treeStep(TREE, "m1", "ArrowRight"), "m2");
  assert.equal(treeStep(TREE, "m2", "ArrowRight"), "m2");
  assert.equal(treeStep(TREE, "m2", "ArrowUp"), "s1");
  assert.equal(treeStep(TREE, "v", "ArrowUp"), "v");
  assert.equal(treeStep(TREE, "gone", "ArrowUp"), "v");
  assert.deepEqual(lineage(TREE, "m1").map((s) => s.id), ["v", "s1", "m1"]);
});

test("light text means a dark page", () => {
  assert.equal(isDark("rgb(232, 235, 240)"), true);
  assert.equal(isDark("rgb(27, 35, 48)"), false);
  assert.equal(isDark("color(srgb 0.9 0.9 0.9)"), true);
  assert.equal(isDark(""), false);
});

test("words not understood are named", () => {
  assert.equal(unknownWords({ unknown: ["a", "b"] }), "Not understood: a, b.");
  assert.equal(unknownWords({ unknown: [] }), "");
});

test("zooming keeps what is under the pointer and never leaves the video", () => {
  const near = zoomView({ start: 0, length: 100 }, 4, 50, 100);
  assert.deepEqual(near, { start: 37.5, length: 25 });
  assert.deepEqual(zoomView(near, 1 / 100, 50, 100), { start: 0, length: 100 });
  assert.equal(zoomView(near, 1e9, 50, 100).length, 0.5);
  assert.equal(zoomView({ start: 0, length: 0.2 }, 3, 0.1, 0.2).length, 0.2);
});

test("what gets the focus comes into view, and a view that shows it stays", () => {
  const view = { start: 40, length: 20 };
  assert.equal(revealView(view, 45, 50, 100), view);
  const moved = revealView(view, 70, 75, 100);
  assert.ok(moved.start < 70 && moved.start + moved.length > 75);
  assert.ok(revealView(view, 10, 12, 100).start < 10);
  assert.equal(revealView(view, 0, 100, 100), view);
});

test("times are found by halving", () => {
  const times = [0, 4, 9, 20];
  assert.deepEqual([-1, 0, 3.9, 4, 100].map((t) => indexAt(times, t)), [0, 0, 0, 1, 3]);
  assert.deepEqual([0, 2.1, 15, 99].map((t) => nearestAt(times, t)), [0, 1, 3, 3]);
  assert.equal(nearestAt([], 3), -1);
});

test("marks of the axis are round and apart", () => {
  const { step, marks } = timeMarks({ start: 31, length: 25 }, 1000);
  assert.equal(step, 2);
  assert.equal(marks[0], 32);
  assert.ok(marks.length <= 14);
});

test("pictures are of the finest level with room for them", () => {
  const levels = [{ starts: [0], ends: [100] }, { starts: [0, 50], ends: [50, 100] }, { starts: Array.from({ length: 100 }, (_, i) => i), ends: Array.from({ length: 100 }, (_, i) => i + 1) }];
  assert.equal(levelWithRoom(levels, { start: 0, length: 100 }, 1000, 44), 1);
  assert.equal(levelWithRoom(levels, { start: 0, length: 10 }, 1000, 44), 2);
  assert.equal(levelWithRoom(levels, { start: 0, length: 100 }, 60, 44), 0);
});

test("sliders are logarithmic and targets keep rising", () => {
  for (const value of [1, 4, 40, 240, 600]) assert.ok(Math.abs(fromSlider(toSlider(value, 1, 600), 1, 600) - value) < 1e-9);
  assert.ok(keepRising(50, undefined, 40) < 40);
  assert.ok(keepRising(3, 4, 240) > 4);
  assert.equal(keepRising(10, 4, 240), 10);
});

test("shares of a boundary are of what signals said, events left out", () => {
  const shares = sharesOf({ evidence: { sound: 3, picture: 1, cut: 1, motion: -0.1 } }, [{ key: "picture", word: "picture" }, { key: "motion", word: "motion" }, { key: "sound", word: "sound" }]);
  assert.deepEqual(shares.map(({ word, share }) => [word, share]), [["sound", 0.75], ["picture", 0.25]]);
  assert.equal(windowWords(0, "moment"), "All of it belongs to one moment.");
  assert.ok(windowWords(0.68, "moment").startsWith("68 %"));
});

test("arrows walk along a row and to the same time on the next", () => {
  const rows = [{ kind: "level", starts: [0, 50] }, { kind: "level", starts: [0, 10, 50, 80] }, { kind: "boundaries", starts: [10, 50, 80] }];
  assert.deepEqual(stepFocus(rows, 0, 1, "ArrowDown"), [1, 2]);
  assert.deepEqual(stepFocus(rows, 1, 2, "ArrowDown"), [2, 1]);
  assert.deepEqual(stepFocus(rows, 2, 2, "ArrowUp"), [1, 3]);
  assert.deepEqual(stepFocus(rows, 2, 2, "ArrowRight"), [2, 2]);
  assert.deepEqual(stepFocus(rows, 2, 2, "Home"), [2, 0]);
});

test("a row says how many neighbours are shared, and where the others stand", () => {
  assert.equal(rowWords({ shared: 1, displacement: 0.236 }, 6), "1 of 6 neighbours shared; the others stand 24 % down the list on average");
  assert.equal(rowWords({ shared: 6, displacement: 0 }, 6), "6 of 6 neighbours shared");
});

test("a judge is led to what has no mark yet", () => {
  const items = [{ gain: 0 }, { gain: null }, { gain: 2 }, { gain: null }];
  assert.deepEqual([0, 1, 2, 3].map((at) => nextOpen(items, at)), [1, 3, 3, 1]);
  assert.equal(nextOpen([{ gain: 1 }, { gain: null }], 1), 1);
  assert.equal(nextOpen([{ gain: 1 }, { gain: 0 }], 0), -1);
  const queries = [{ judged: 1, total: 4 }, { judged: 4, total: 4 }, { judged: 0, total: 4 }];
  assert.deepEqual([0, 1, 2].map((at) => nextQuery(queries, at, 1)), [2, 2, 0]);
  assert.deepEqual([0, 1, 2].map((at) => nextQuery(queries, at, -1)), [2, 0, 0]);
  const done = queries.map((query) => ({ ...query, judged: 4 }));
  assert.deepEqual([0, 1, 2].map((at) => nextQuery(done, at, 1)), [1, 2, 0]);
  assert.deepEqual([0, 1, 2].map((at) => nextQuery(done, at, -1)), [2, 0, 1]);
});

test("agreement of judges is told with what it rests on", () => {
  assert.match(agreementLines({ items: 0 })[0], /once a second judge/);
  const found = { alpha: 0.8, low: 0.61, high: 0.9, judges: 2, items: 12, exact: 0.75 };
  assert.deepEqual(agreementLines(found), [
    "2 judges, 12 hits marked by at least two: 75 % the same mark",
    "Krippendorff's alpha 0.80 (95 % interval 0.61 to 0.90): 1 is full agreement, 0 is chance",
  ]);
  assert.doesNotMatch(agreementLines({ ...found, low: null })[1], /interval/);
  assert.match(agreementLines({ ...found, alpha: null })[1], /not defined/);
});

const covers = (a, b) => Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;

test("labels on a map cover neither each other nor what is taken, the first choosing first", () => {
  const room = { width: 300, height: 200 };
  let seed = 7;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  for (let round = 0; round < 40; round++) {
    const at = Array.from({ length: 12 }, () => ({ x: random() * 300, y: random() * 200 }));
    const rings = at.map((p) => ({ ...p, width: 17, height: 17 }));
    const taken = [...rings];
    const ranks = placeLabels(at.map((p) => ({ ...p, width: 12, height: 13 })), taken, BESIDE_RING, room).filter(Boolean);
    const names = placeLabels(at.map((p) => ({ ...p, width: 70, height: 16 })), taken, AROUND_NAME, room).filter(Boolean);
    const all = [...ranks, ...names];
    for (const [i, box] of all.entries()) {
      assert.ok(rings.every((ring) => !covers(box, ring)));
      assert.ok(all.slice(0, i).every((other) => !covers(box, other)));
      assert.ok(box.x - box.width / 2 >= 0 && box.x + box.width / 2 <= 300 && box.y - box.height / 2 >= 0 && box.y + box.height / 2 <= 200);
    }
  }
  const twice = [{ x: 50, y: 50, width: 12, height: 13 }, { x: 50, y: 50, width: 12, height: 13 }];
  const [first, second] = placeLabels(twice, [{ x: 50, y: 50, width: 17, height: 17 }], BESIDE_RING, room);
  assert.deepEqual([first.y, second.x], [33, 68], "above, then to the right");
});

test("arrow keys reach every point of a map, also those in one place", () => {
  const xs = [0, 0, 0, 10, 10, 5, -20, 40];
  const ys = [0, 0, 0, 0, 0, 20, -3, -40];
  const reached = new Set([0]);
  for (const from of reached) for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
    const to = nextPoint(xs, ys, from, key);
    if (to >= 0) reached.add(to);
  }
  assert.equal(reached.size, xs.length);
  assert.equal(nextPoint(xs, ys, 0, "ArrowRight"), 1);
  assert.equal(nextPoint(xs, ys, 2, "ArrowRight"), 3);
  assert.equal(nextPoint(xs, ys, 2, "ArrowLeft"), 1);
  assert.equal(nextPoint(xs, ys, 0, "ArrowDown"), 5);
  assert.equal(nextPoint([3], [3], 0, "ArrowUp"), -1);
  assert.equal(nearestPoint(xs, ys, 6, 17), 5);
  assert.equal(nearestPoint([], [], 0, 0), -1);
});

test("a playhead glides between the points of two stretches, or stands on the nearer one", () => {
  const path = { t: [1, 3, 5], x: [0, 10, 10], y: [0, 0, 8] };
  assert.deepEqual(alongPath(path, 2), { x: 5, y: 0 });
  assert.deepEqual(alongPath(path, 4.5), { x: 10, y: 6 });
  assert.deepEqual(alongPath(path, 0), { x: 0, y: 0 });
  assert.deepEqual(alongPath(path, 9), { x: 10, y: 8 });
  assert.deepEqual(alongPath(path, 1.9, false), { x: 0, y: 0 });
  assert.deepEqual(alongPath(path, 2.1, false), { x: 10, y: 0 });
  assert.deepEqual(alongPath({ t: [2], x: [1], y: [1] }, 7), { x: 1, y: 1 });
  assert.equal(alongPath({}, 1), null);
});

test("numbers of a plotly figure become pixels of its plot area", () => {
  const plot = { _fullLayout: { xaxis: { _length: 100, _offset: 4, range: [0, 10] }, yaxis: { _length: 50, _offset: 4, range: [-1, 1] } } };
  const scale = scaleOf(plot);
  assert.deepEqual([scale.x(5), scale.y(1), scale.y(-1)], [50, 0, 50]);
  assert.deepEqual(scale.window, [0, 10, -1, 1]);
  assert.equal(scaleOf(null), null);
  assert.equal(scaleOf({ _fullLayout: {} }), null);
});

test("a page's map: arrows lead to the nearest point ahead, texts that cover others go", () => {
  const points = [[0, 0], [10, 0], [4, 9], [0, -20]];
  assert.equal(pointAhead(points, [0, 0], "ArrowRight"), 1);
  assert.equal(pointAhead(points, [0, 0], "ArrowDown"), 2);
  assert.equal(pointAhead(points, [0, 0], "ArrowUp"), 3);
  assert.equal(pointAhead(points, [0, 0], "ArrowLeft"), -1);
  const boxes = [[0, 0], [20, 3], [60, 0]].map(([x, y]) => ({ x, y, width: 40, height: 12 }));
  assert.deepEqual(keepApart(boxes), [boxes[0], boxes[2]]);
});

test("a page's colours: percentiles, groups by size, unknown values apart", () => {
  const values = Array.from({ length: 101 }, (_, i) => i);
  assert.deepEqual(boundsOf([...values, NaN]), [2, 98]);
  assert.deepEqual(boundsOf([3, 3]), [2.5, 3.5]);
  assert.deepEqual([...shadesOf([2, 98, NaN, 1000], [2, 98], 10)], [0, 9, -1, 9]);
  const groups = groupsOf(["b", "a", "a", "", ...Array.from({ length: 20 }, (_, i) => `x${i}`)]);
  assert.deepEqual([groups.names.slice(0, 2), groups.more, groups.of("a"), groups.of("")], [["b", "a"], 13, 1, -1]);
});

test("a page folds levels of too many segments to what is around the choice", () => {
  const items = [{ id: "v", level: "video", parent: null }, ...["a", "b"].map((id) => ({ id, level: "scene", parent: "v" })),
    ...Array.from({ length: 6 }, (_, i) => ({ id: `m${i}`, level: "moment", parent: i < 3 ? "a" : "b" }))];
  assert.equal(foldTree(items, new Set(), 6).length, 9);
  assert.deepEqual(foldTree(items, new Set(["m4", "b", "v"]), 5).map((item) => item.id), ["v", "a", "b", "m3", "m4", "m5"]);
});

test("a page shows nothing beside a part of itself, and long segments give way", () => {
  const above = { 1: [0], 2: [0], 3: [] };
  const ancestors = (row) => above[row] ?? [];
  assert.deepEqual(keepUnrelated([1, 0, 3], ancestors, 2), [[1, [0]], [3, []]]);
  assert.deepEqual(keepUnrelated([0, 1, 2], ancestors, 2).map(([row]) => row), [1, 2]);
});

test("rings are the levels, turns the time within what is zoomed into", () => {
  const tree = {
    levels: [{ name: "video" }, { name: "scene" }, { name: "moment" }],
    segments: [
      { id: "v", level: "video", parent: null, start: 0, end: 40 },
      { id: "a", level: "scene", parent: "v", start: 0, end: 10 }, { id: "b", level: "scene", parent: "v", start: 10, end: 40 },
      { id: "m", level: "moment", parent: "b", start: 10, end: 25 }, { id: "n", level: "moment", parent: "b", start: 25, end: 40 },
    ],
  };
  const whole = ringsOf(tree, "");
  assert.deepEqual([whole.root.id, whole.count, whole.places.length], ["v", 3, 5]);
  const place = whole.places.find((p) => p.item.id === "n");
  assert.deepEqual([place.ring, place.from, place.to], [2, 0.625, 1]);
  const part = ringsOf(tree, "b");
  assert.deepEqual([part.root.id, part.count, part.places.map((p) => p.item.id)], ["b", 2, ["b", "m", "n"]]);
  assert.deepEqual(part.places.map((p) => [p.ring, p.from, p.to]), [[0, 0, 1], [1, 0, 0.5], [1, 0.5, 1]]);
});

test("rings touch and end at the rim", () => {
  for (const count of [1, 2, 4, 9]) {
    for (let ring = 1; ring < count; ring += 1) assert.ok(Math.abs(ringRadii(ring, count)[0] - ringRadii(ring - 1, count)[1]) < 1e-9);
    assert.ok(Math.abs(ringRadii(count - 1, count)[1] - 100) < 1e-9);
  }
  assert.ok(ringPath(0, 0.25, 10, 20).startsWith("M0.00 -20.00A20 20 0 0 1 20.00 "));
  assert.ok(!ringPath(0, 1, 10, 20).includes("NaN"));
});

test("keys take back and bring back, each system in its way", () => {
  const event = (key, held) => ({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });
  assert.equal(stepOf(event("z", { ctrlKey: true }), false), "back");
  assert.equal(stepOf(event("Z", { ctrlKey: true, shiftKey: true }), false), "forward");
  assert.equal(stepOf(event("y", { ctrlKey: true }), false), "forward");
  assert.equal(stepOf(event("z", { metaKey: true }), true), "back");
  assert.equal(stepOf(event("z", { ctrlKey: true }), true), "");
  assert.equal(stepOf(event("z", {}), false), "");
  assert.deepEqual(folding(["map"], "map"), []);
  assert.deepEqual(folding(["map"], "tree"), ["map", "tree"]);
});

test("the figure and its changes stay out of the model, and what plotly derives from them is told to nobody", () => {
  const held = { _widget_data: [] };
  const state = { _config: { displaylogo: false }, _py2js_update: null };
  const listeners = {};
  const model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; },
    on: (event, listener) => { listeners[event] = listener; },
    save_changes() {},
  };
  const seen = modelWith(model, held);
  const heard = [];
  seen.on("change:_py2js_update", () => heard.push(seen.get("_py2js_update")));
  const bytes = new Uint8Array([9, 9, 9, 9, 0, 0, 128, 63]); // 1 in four bytes, amid others
  const facts = { _py2js_update: { style_data: { x: [{ dtype: "float32", shape: [1], buffer: null }] } } };
  listeners["msg:custom"]({ kind: "change", facts, paths: [["_py2js_update", "style_data", "x", 0, "buffer"]] }, [new DataView(bytes.buffer, 4, 4)]);
  assert.deepEqual([...new Float32Array(heard[0].style_data.x[0].buffer.buffer)], [1]);
  assert.equal(seen.get("_py2js_update"), null);
  assert.deepEqual(seen.get("_config"), { displaylogo: false, plotGlPixelRatio: 1 });
  seen.set("_js2py_traceDeltas", { large: true });
  seen.set("_js2py_relayout", { small: true });
  assert.deepEqual(Object.keys(state), ["_config", "_py2js_update", "_js2py_relayout"]);
});

test("of a video's way over the map the legs around the playhead are drawn, the present one strongest", () => {
  const route = { t: [1, 3, 5, 7, 9, 11, 13, 15, 17] };
  const legs = legsAround(route, 8);
  assert.deepEqual(legs.map(({ from, to }) => [from, to]), [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 6], [6, 7]]);
  assert.deepEqual(legs.map(({ strength }) => strength), [0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25]);
  assert.deepEqual(legsAround(route, 99).map(({ to }) => to), [5, 6, 7, 8]);
  assert.deepEqual(legsAround(route, 0).map(({ to }) => to), [1, 2, 3]);
  assert.deepEqual([legsAround({}, 1), legsAround({ t: [2] }, 1)], [[], []]);
});

test("what is pressed while the kernel leads elsewhere is done there", () => {
  const sent = [];
  let heard = () => {};
  const state = { _turned: 4 };
  const model = { get: (name) => state[name], send: (message) => sent.push(message), on: (_, f) => { heard = f; }, off: () => { heard = () => {}; } };
  const turns = openTurns(model, () => sent.push("there"));
  const undo = () => turns.leave("undo");
  const answer = () => { state._turned += 1; heard(); };
  turns.act(() => sent.push("1"));
  for (const press of [undo, () => sent.push("2"), undo, () => sent.push("3")]) turns.act(press);
  assert.deepEqual(sent, ["1", "undo"]);
  answer();
  assert.deepEqual(sent, ["1", "undo", "there", "2", "undo"]);
  answer();
  assert.deepEqual(sent, ["1", "undo", "there", "2", "undo", "there", "3"]);
  turns.act(undo);
  turns.act(() => sent.push("4"));
  turns.close();
  answer();
  assert.equal(sent.at(-1), "undo");
});
