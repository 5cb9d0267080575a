// Run by test_finder.py with `node --test`, in a folder that also holds the widgets' modules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { offered, stepEntry } from "./query_box.js";
import { readTime, writeTime } from "./refine.js";
import { spent, countWords } from "./finder.js";
import { wordsToMark, sameWord, markedPieces, attributeBar, strongest } from "./details_parts.js";
import { cleanTag, suggested } from "./notes.js";

test("the past is offered newest first, or what holds the words typed", () => {
  const past = ["rain", "fire", "heavy Rain"];
  assert.deepEqual(offered(past, ""), ["heavy Rain", "fire", "rain"]);
  assert.deepEqual(offered(past, "rain"), ["heavy Rain", "rain"]);
  assert.deepEqual(offered(past, "snow"), ["heavy Rain", "fire", "rain"]);
  assert.equal(stepEntry(-1, 3, 1), 0);
  assert.equal(stepEntry(2, 3, 1), -1);
  assert.equal(stepEntry(-1, 3, -1), 2);
  assert.equal(stepEntry(0, 3, -1), -1);
});

test("times are read as people write them", () => {
  assert.equal(readTime(""), null);
  assert.equal(readTime(" 90 "), 90);
  assert.equal(readTime("1:30"), 90);
  assert.equal(readTime("1:02:03,5"), 3723.5);
  for (const wrong of ["-1", "a", "1:2:3:4", "1::2", "1e3", "Infinity"]) assert.ok(Number.isNaN(readTime(wrong)), wrong);
  for (const seconds of [0, 0.5, 59, 61, 3725.5]) assert.equal(readTime(writeTime(seconds, true)), seconds);
  assert.equal(writeTime(null, true), "");
});

test("counts and waits are said in words", () => {
  assert.equal(spent(0.0004), "1 ms");
  assert.equal(spent(0.0314), "31 ms");
  assert.equal(spent(1.26), "1.3 s");
  assert.equal(countWords({ hits: [1], pool: 1 }), "1 of 1 candidate");
  assert.equal(countWords({ hits: [1, 2], pool: 30, took: 0.02 }), "2 of 30 candidates · 20 ms");
});

test("the words of a query are marked, give or take an ending", () => {
  assert.deepEqual(wordsToMark("Show me the Corner kick, the corner"), ["show", "me", "corner", "kick"]);
  assert.ok(sameWord("corners", "corner") && sameWord("kick", "kicked"));
  assert.ok(!sameWord("car", "carpet") && !sameWord("cart", "cartographer"));
  const text = "Corner kick. <b>Corners</b>!";
  const pieces = markedPieces(text, ["corner"]);
  assert.equal(pieces.map(([piece]) => piece).join(""), text);
  assert.deepEqual(pieces.filter(([, on]) => on).map(([piece]) => piece), ["Corner", "Corners"]);
  assert.deepEqual(markedPieces(text, []), [[text, false]]);
});

test("attributes: three standard deviations fill a bar; each thing is said once", () => {
  assert.deepEqual(attributeBar(1.5), { above: true, width: 50 });
  assert.deepEqual(attributeBar(-9), { above: false, width: 100 });
  const many = [["flash", "flash"], ["flash rate", "flash"], ["bang", "bang"], ["centre red", "centre red"], ["red", "red"], ["centre blue", "centre blue"]];
  assert.deepEqual(strongest(many).map(([name]) => name), ["flash", "bang", "centre red", "centre blue"]);
});

test("tags are cleaned and suggested", () => {
  assert.equal(cleanTag("  for  the,trailer "), "for the trailer");
  const known = ["goal", "own goal", "Golden hour", "dark"];
  assert.deepEqual(suggested(known, ["dark"], "go"), ["goal", "Golden hour", "own goal"]);
  assert.deepEqual(suggested(known, [], "", 2), ["goal", "own goal"]);
});
