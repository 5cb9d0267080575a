// Run by test_sharing.py in a folder with the page's modules: answers what the page would answer, as JSON.
import { readFileSync } from "node:fs";
import { inflate, openColumns, readPack } from "./share_data.js";
import { openSearch } from "./share_search.js";
import { openLexicon } from "./share_words.js";
import { stem, term } from "./share_stem.js";

const asked = JSON.parse(readFileSync("asked.json", "utf8"));
const facts = readPack(await inflate(readFileSync("pack.bin")));
const search = openSearch({ ...facts, ...openColumns(facts) });
const lexicon = facts.index.lexicon ? openLexicon(facts.index.lexicon) : null;
console.log(JSON.stringify({
  answers: asked.searches.map(([text, options]) => search.search(text, options).hits.map((hit) => [facts.ids[hit.row], hit.score, hit.parts])),
  readings: asked.texts.map((text) => lexicon.read(text)),
  stems: asked.words.map((word) => [stem(word), term(word)]),
}));
