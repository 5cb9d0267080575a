// Reads a query as the named-attribute encoder does: words and phrases to signed weights of columns.

const LONGEST_PHRASE = 5;
const ABSENT = -0.7;
const PLURAL = 0.4;

/** Words that a query is about, in lower case, each once. */
export function contentWords(text, functionWords) {
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])];
  const about = words.filter((word) => !functionWords.has(word));
  return about.length ? about : words;
}

function tokensOf(text) {
  return [...text.matchAll(/[\p{L}\p{N}_'’&-]+|[;:.,!?]/gu)];
}

/** Open the lexicon that a page carries: the encoder's own data, with every colour mixed already. */
export function openLexicon(data) {
  const phrases = (map) => new Map(map);
  const exact = new Map();
  const stemmed = new Map();
  for (const [concept, entries] of Object.entries(data.words)) {
    for (const phrase of entries) {
      exact.set(phrase, concept);
      const key = phrase.split(" ").map(cutForm).join(" ");
      if (!stemmed.has(key)) stemmed.set(key, concept);
    }
  }
  const colours = new Set(data.colours);
  const marks = new Map([
    ...data.negations.map((p) => [p, ["negations", 0]]), ...data.numbers.map((p) => [p, ["numbers", 0]]),
    ...Object.entries(data.intensifiers).map(([p, v]) => [p, ["intensifiers", v]]),
    ...Object.entries(data.paces).map(([p, v]) => [p, ["paces", v]]),
  ]);
  const orders = phrases(Object.entries(data.orders));
  const joins = new Set(data.joins);
  const breaks = new Set(data.breaks);
  const lists = new Set(data.lists);
  const silent = new Set([...data.ignored, ...data.generic]);
  const counted = new Set(data.counted);
  const weightOf = new Map(data.names.map((name, i) => [name, data.weights[i]]));

  function cutForm(given) {
    let word = given.replace(/'s$/, "").replace(/'$/, "");
    for (const [ending, to] of data.endings) {
      if (word.endsWith(ending) && word.length - ending.length >= (to ? 2 : 3)) {
        word = word.slice(0, word.length - ending.length) + to;
        break;
      }
    }
    if (word.length > 3 && word.at(-1) === word.at(-2) && data.doubled.includes(word.at(-1))) word = word.slice(0, -1);
    return data.mute && word.length > 3 && word.endsWith(data.mute) ? word.slice(0, -data.mute.length) : word;
  }
  function findConcept(tokens, at) {
    for (let length = Math.min(LONGEST_PHRASE, tokens.length - at); length > 0; length -= 1) {
      const words = tokens.slice(at, at + length);
      const phrase = words.join(" ");
      let concept = exact.get(phrase);
      if (concept === undefined && !(length === 1 && silent.has(phrase))) {
        concept = stemmed.get(words.map(cutForm).join(" ")) ?? (colours.has(phrase) ? `colour ${phrase}` : undefined);
      }
      if (concept !== undefined) return [concept, length];
    }
    return [undefined, 0];
  }
  function findMark(tokens, at) {
    if (at < tokens.length && /^\p{Nd}+$/u.test(tokens[at]) && Number(tokens[at]) > 1) return [["numbers", 0], 1];
    for (let length = Math.min(3, tokens.length - at); length > 0; length -= 1) {
      const mark = marks.get(tokens.slice(at, at + length).join(" "));
      if (mark) return [mark, length];
    }
    return [undefined, 0];
  }
  function goesOn(tokens, at) {
    if (tokens[at] !== ",") return joins.has(tokens[at]) || silent.has(tokens[at]);
    const rest = tokens.slice(at + 1);
    const end = rest.findIndex((token) => breaks.has(token));
    return rest.slice(0, end < 0 ? rest.length : end).some((token) => lists.has(token));
  }
  function toTerms(concept, phrase, given, several, paced) {
    let wanted = new Map(Object.entries(data.concepts[concept]));
    const events = [...wanted].filter(([name, weight]) => counted.has(name) && weight > 0);
    if (paced) {
      wanted = new Map([...wanted].filter(([name]) => !name.endsWith("_count")));
      for (const [name] of events) wanted.set(`${name}_rate`, 1);
    } else if (several) {
      for (const [name, weight] of events) wanted.set(`${name}_count`, several * weight);
    }
    let squares = 0;
    for (const [name, weight] of wanted) squares += (weight * weightOf.get(name)) ** 2;
    const factor = given * (data.strengths[concept] ?? 1);
    return [...wanted].map(([attribute, weight]) => ({ phrase, attribute, weight: (factor * weight) / Math.sqrt(squares) }));
  }
  function readPart(text) {
    const tokens = tokensOf(text.toLowerCase().replaceAll("’", "'")).map(([token]) => token);
    const terms = [];
    const unknown = [];
    let [negated, spent, factor, many, at] = [false, false, 1, false, 0];
    while (at < tokens.length) {
      let [mark, width] = findMark(tokens, at);
      const [concept, length] = findConcept(tokens, at);
      if (concept !== undefined && length >= width) {
        const phrase = tokens.slice(at, at + length).join(" ");
        const plural = length === 1 && data.plural && tokens[at].endsWith(data.plural) && !negated;
        [mark, width] = findMark(tokens, at + length);
        const paced = mark?.[0] === "paces";
        terms.push(...toTerms(concept, phrase, negated ? ABSENT * factor : factor, many ? 1 : plural ? PLURAL : 0, paced));
        [factor, many, spent] = [1, false, negated];
        at += length + (paced ? width : 0);
        continue;
      }
      if (mark) {
        const [kind, value] = mark;
        if (kind === "negations") [negated, spent] = [true, false];
        if (kind === "intensifiers") factor = value;
        many = many || kind === "numbers";
        at += width;
        continue;
      }
      const token = tokens[at];
      if (breaks.has(token) || (spent && !goesOn(tokens, at))) [negated, spent] = [false, false];
      if (!silent.has(token) && !joins.has(token) && /^[\p{L}\p{N}]/u.test(token)) {
        unknown.push(token);
        [factor, many, spent] = [1, false, negated];
      }
      at += 1;
    }
    return { text, terms, unknown };
  }
  /** Terms and unknown words of a text; with `relation` and `parts` where it asks for two things in order. */
  function read(text) {
    const found = tokensOf(text);
    for (let i = 0; i < found.length; i += 1) {
      for (let length = Math.min(3, found.length - i); length > 0; length -= 1) {
        const some = found.slice(i, i + length);
        const relation = orders.get(some.map(([token]) => token.toLowerCase()).join(" "));
        if (relation === undefined) continue;
        const last = some.at(-1);
        const parts = [text.slice(0, found[i].index), text.slice(last.index + last[0].length)].map(readPart);
        if (parts.every((part) => part.terms.length)) {
          return { text, terms: parts.flatMap((p) => p.terms), unknown: parts.flatMap((p) => p.unknown), relation, parts };
        }
        break;
      }
    }
    return readPart(text);
  }
  /** How much each column is asked for; the amounts add up to one. Null where nothing is asked. */
  function directionOf(terms) {
    const wanted = new Float64Array(data.names.length);
    const unwanted = new Float64Array(data.names.length);
    const place = new Map(data.names.map((name, i) => [name, i]));
    for (const { attribute, weight } of terms) {
      const j = place.get(attribute);
      wanted[j] = Math.max(wanted[j], weight);
      unwanted[j] = Math.min(unwanted[j], weight);
    }
    const direction = wanted.map((w, j) => (w + unwanted[j]) * data.weights[j]);
    const total = direction.reduce((sum, w) => sum + Math.abs(w), 0);
    return total > 1e-9 ? direction.map((w) => w / total) : null;
  }
  return { read, directionOf };
}
