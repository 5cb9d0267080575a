// Reckons what Python asks for, and writes amounts as the page does.
import { readFileSync } from "node:fs";
import { amount } from "./amounts.js";
import { objection, reckon } from "./reckon.js";

const given = JSON.parse(readFileSync("asked.json", "utf8"));
const wide = (value) => (value === null ? NaN : typeof value === "string" ? Number(value) : value);
const sent = (value) => (Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value));
console.log(JSON.stringify({
  costs: given.cases.map(({ bytes, share, known }) =>
    Object.fromEntries(Object.entries(reckon(bytes, share.map(wide), known)).map(([name, ends]) => [name, ends.map(sent)]))),
  words: given.amounts.map(([value, unit]) => amount(wide(value), unit)),
  objections: given.triples.map((triple) => objection(triple.map(wide))),
}));
