// Searches without a kernel: the scores of `Library.search` for words, computed from what the page carries.
import { term, terms } from "./share_stem.js";
import { contentWords, openLexicon } from "./share_words.js";

const K1 = 1.2;
const B = 0.75;
const LEAST_TEXT = 0.25;
const MOST_TEXT = 0.85;
const REACH_S = 30;

/** BM25 over the transcripts: what LanceDB's full-text index answers once it is up to date. */
export function openTranscripts(said) {
  const postings = new Map();
  const lengths = new Float64Array(said.length);
  let total = 0;
  let some = 0;
  said.forEach((text, row) => {
    const words = text ? terms(text) : [];
    lengths[row] = words.length;
    total += words.length;
    if (words.length) some += 1;
    for (const word of words) {
      let rows = postings.get(word);
      if (!rows) postings.set(word, (rows = new Map()));
      rows.set(row, (rows.get(row) ?? 0) + 1);
    }
  });
  const usual = total / Math.max(1, some);
  /** Scores in [0, 1] per row for words with weights, and the words that are said anywhere. */
  function match(words) {
    const scores = new Float64Array(said.length);
    const heard = [];
    let sum = 0;
    for (const [word, given] of words) {
      const rows = postings.get(term(word)) ?? new Map();
      const weight = given * Math.log1p((said.length - rows.size + 0.5) / (rows.size + 0.5));
      sum += weight;
      if (!rows.size) continue;
      heard.push(word);
      const found = [...rows].map(([row, count]) => [row, (count * (K1 + 1)) / (count + K1 * (1 - B + (B * lengths[row]) / usual))]);
      const best = found.reduce((most, [, score]) => Math.max(most, score), 0);
      for (const [row, score] of found) scores[row] += (weight * score) / best;
    }
    if (sum) for (let row = 0; row < scores.length; row += 1) scores[row] /= sum;
    return { scores, heard };
  }
  return { match };
}

/** What of `order` (rows, best first) is shown: nothing beside a part of itself. Returns [row, rows it stands for]. */
export function keepUnrelated(order, ancestorsOf, count) {
  const banned = new Set();
  for (;;) {
    const kept = new Map();
    const aboveKept = new Map();
    for (const row of order) {
      if (banned.has(row)) continue;
      const above = ancestorsOf(row);
      const holder = above.find((a) => kept.has(a)) ?? aboveKept.get(row);
      if (holder !== undefined) { kept.get(holder).push(row); continue; }
      kept.set(row, []);
      for (const a of above) if (!aboveKept.has(a)) aboveKept.set(a, row);
    }
    const holds = [...kept].filter(([row, silenced]) => silenced.some((s) => ancestorsOf(s).includes(row)));
    if (kept.size >= count || !holds.length) return [...kept].slice(0, count);
    banned.add(holds.at(-1)[0]);
  }
}

/** Open the search over what the page carries; `facts` as `share_data.js` unpacks them. */
export function openSearch(facts) {
  const { said, start, end, parent, level, video, index } = facts;
  const count = said.length;
  const transcripts = openTranscripts(said);
  const functionWords = new Set(index.function_words);
  const lexicon = index.lexicon ? openLexicon(index.lexicon) : null;
  const belief = Float64Array.from(said, (_, row) => { const s = end[row] - start[row]; return s / (s + index.reliable_s); });
  const groups = new Map();
  said.forEach((_, row) => {
    const key = `${video[row]} ${level[row]}`;
    if (groups.has(key)) groups.get(key).push(row); else groups.set(key, [row]);
  });

  function ancestorsOf(row) {
    const chain = [];
    for (let at = parent[row]; at >= 0; at = parent[at]) chain.push(at);
    return chain;
  }
  function wantedWords(reading) {
    const of = (sign) => new Set(reading.terms.filter((t) => Math.sign(t.weight) === sign).flatMap((t) => contentWords(t.phrase, functionWords)));
    const [absent, present] = [of(-1), of(1)];
    return contentWords(reading.text, functionWords).filter((word) => !absent.has(word) || present.has(word));
  }
  /** What one thing asked for gives each row: parts per modality (arrays), and what was understood. */
  function scoreOne(reading, weights) {
    const direction = lexicon ? lexicon.directionOf(reading.terms) : null;
    const unknown = new Set(reading.unknown.map((word) => word.toLowerCase()));
    const words = wantedWords(reading);
    let share = !direction ? 1 : !words.length ? 0 : LEAST_TEXT + ((MOST_TEXT - LEAST_TEXT) * words.filter((w) => unknown.has(w)).length) / words.length;
    const text = share * (weights.text ?? 1);
    const match = transcripts.match(share ? words.map((word) => [word, unknown.has(word) ? 1 : 0.5]) : []);
    if (direction && !match.heard.length) share = 0;
    const parts = {};
    const columns = [];
    if (direction) {
      for (const block of index.blocks) {
        const part = new Float64Array(count);
        const factor = (1 - share) * (weights[block.name] ?? 1);
        for (let j = block.start; j < block.stop; j += 1) {
          const place = index.stored.indexOf(j);
          if (direction[j] === 0 || place < 0) continue;
          columns.push([place, factor * direction[j]]);
          const values = facts.column(place);
          for (let row = 0; row < count; row += 1) part[row] += belief[row] * values[row] * factor * direction[j];
        }
        parts[block.name] = part;
      }
    }
    if (share && words.length) parts.text = match.scores.map((score) => score * text);
    return { parts, heard: match.heard, byWordsOnly: !direction, columns, words };
  }
  function totalOf(parts) {
    const total = new Float64Array(count);
    for (const part of Object.values(parts)) for (let row = 0; row < count; row += 1) total[row] += part[row];
    return total;
  }
  /** For each row the best of `scores` that lies after it, or before it, in the same video and level. */
  function beside(scores, relation) {
    const found = new Float64Array(count).fill(Math.min(0, scores.reduce((least, s) => Math.min(least, s), 0)));
    // Time runs forward for what is next and backward for what went before; then both are the same walk.
    const next = relation === "next";
    const begin = (row) => (next ? start[row] : -end[row]);
    const finish = (row) => (next ? end[row] : -start[row]);
    for (const rows of groups.values()) {
      const others = rows.slice().sort((a, b) => begin(b) - begin(a)); // the latest first
      const asking = rows.slice().sort((a, b) => finish(b) - finish(a));
      let faded = -Infinity; // best of log2(score) less its time: it halves with every REACH_S of distance
      let plain = -Infinity; // best score below nothing, which does not fade
      let at = 0;
      for (const row of asking) {
        for (; at < others.length && begin(others[at]) >= finish(row) - 1e-3; at += 1) {
          const score = scores[others[at]];
          if (score > 0) faded = Math.max(faded, Math.log2(score) - begin(others[at]) / REACH_S);
          else plain = Math.max(plain, score);
        }
        if (faded > -Infinity) found[row] = 2 ** (faded + finish(row) / REACH_S);
        else if (plain > -Infinity) found[row] = plain;
      }
    }
    return found;
  }
  /** Scores of all rows for a query. */
  function scoreAll(text, weights = {}) {
    const reading = lexicon ? lexicon.read(text) : { text, terms: [], unknown: contentWords(text, functionWords) };
    if (!reading.parts) return { reading, ...scoreOne(reading, weights) };
    const [first, second] = reading.parts.map((part) => scoreOne(part, weights));
    const parts = {};
    for (const [name, part] of Object.entries(first.parts)) parts[name] = part.map((value) => value / 2);
    parts.order = beside(totalOf(second.parts), reading.relation).map((value) => value / 2);
    return {
      reading, parts, byWordsOnly: first.byWordsOnly, words: [...new Set([...first.words, ...second.words])],
      heard: [...new Set([...first.heard, ...second.heard])], columns: first.columns.map(([place, amount]) => [place, amount / 2]),
    };
  }
  /** Answer a query: hits with rank, row, score and parts; what was understood; what no word led to. */
  function search(text, { level: wanted = "any", k = index.k, weights = {} } = {}) {
    const scored = scoreAll(text, weights);
    const total = totalOf(scored.parts);
    const bit = facts.levels.findIndex((l) => l.name === wanted);
    const rows = [];
    for (let row = 0; row < count; row += 1) {
      if (bit >= 0 && !(facts.tiles[row] & (1 << bit))) continue;
      if (scored.byWordsOnly && !(total[row] > 0)) continue;
      rows.push(row);
    }
    const size = Math.max(100, 2 * k);
    const least = Float64Array.from(rows, (row) => total[row]).sort()[Math.max(0, rows.length - size)];
    const pool = rows.filter((row) => total[row] >= least) // so that few are put into order
      .sort((a, b) => total[b] - total[a] || end[a] - start[a] - (end[b] - start[b]) || a - b).slice(0, size);
    const kept = keepUnrelated(pool, ancestorsOf, k);
    const said_ = new Set(scored.heard);
    const hits = kept.map(([row, stands], i) => ({
      row, rank: i + 1, score: total[row], stands: stands.length,
      parts: Object.entries(scored.parts).map(([name, part]) => ({ name, amount: part[row] })),
    }));
    return {
      text, hits, total, reading: scored.reading, columns: scored.columns, words: scored.words,
      heard: scored.reading.unknown.filter((word) => said_.has(word.toLowerCase())),
      lost: scored.reading.unknown.filter((word) => !said_.has(word.toLowerCase())),
    };
  }
  return {
    search, ancestorsOf, belief,
    /** What each named column adds to the score of a row, largest first. */
    reasons: (found, row) => found.columns
      .map(([place, amount]) => ({ place, amount: belief[row] * facts.column(place)[row] * amount }))
      .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount)),
  };
}
