// Words as the full-text index of a library sees them: cut, folded and stemmed.
// Porter's second English stemmer (M. F. Porter, Snowball, 2001: snowballstem.org/algorithms/english).

const VOWEL = "[aeiouy]";
const REST = "[^aeiouy]";
const DOUBLE = /(bb|dd|ff|gg|mm|nn|pp|rr|tt)$/;
const FIXED = {
  skis: "ski", skies: "sky", dying: "die", lying: "lie", tying: "tie", idly: "idl", gently: "gentl", ugly: "ugli",
  early: "earli", only: "onli", singly: "singl", sky: "sky", news: "news", howe: "howe", atlas: "atlas",
  cosmos: "cosmos", bias: "bias", andes: "andes",
};
const DONE = new Set(["inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"]);
const SECOND = [
  ["ization", "ize"], ["ational", "ate"], ["fulness", "ful"], ["ousness", "ous"], ["iveness", "ive"], ["tional", "tion"],
  ["biliti", "ble"], ["lessli", "less"], ["entli", "ent"], ["ation", "ate"], ["alism", "al"], ["aliti", "al"], ["ousli", "ous"],
  ["iviti", "ive"], ["fulli", "ful"], ["enci", "ence"], ["anci", "ance"], ["abli", "able"], ["izer", "ize"], ["ator", "ate"],
  ["alli", "al"], ["bli", "ble"],
];
const THIRD = [
  ["ational", "ate"], ["tional", "tion"], ["alize", "al"], ["icate", "ic"], ["iciti", "ic"], ["ical", "ic"], ["ness", ""], ["ful", ""],
];
const FOURTH = ["ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "al", "er", "ic"];
const FOLDED = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i", þ: "th", ð: "d" };
const LONGEST_BYTES = 40;

/** Where the parts of a word begin that suffixes are taken from: R1 and R2. */
function regions(word) {
  const after = (from) => {
    const found = new RegExp(`${VOWEL}${REST}`).exec(word.slice(from));
    return found ? from + found.index + 2 : word.length;
  };
  const early = /^(gener|commun|arsen)/.exec(word);
  const first = early ? early[0].length : after(0);
  return [first, after(first)];
}

function endsShort(word) {
  return new RegExp(`${REST}${VOWEL}[^aeiouywxY]$`).test(word) || new RegExp(`^${VOWEL}${REST}$`).test(word);
}

/** The stem of an English word in lower case. */
export function stem(given) {
  if (given.length <= 2) return given;
  if (Object.hasOwn(FIXED, given)) return FIXED[given];
  // A consonant Y is written Y: at the start, and after a vowel.
  let word = given.replace(/^y/, "Y");
  for (let i = 1; i < word.length; i += 1) {
    if (word[i] === "y" && "aeiouy".includes(word[i - 1])) word = `${word.slice(0, i)}Y${word.slice(i + 1)}`;
  }
  const [r1, r2] = regions(word);
  const cut = (ending, to = "") => { word = word.slice(0, word.length - ending.length) + to; };
  const inside = (ending, from) => word.endsWith(ending) && word.length - ending.length >= from;

  if (word.endsWith("sses")) cut("es");
  else if (/ie[ds]$/.test(word)) cut("ied", word.length > 4 ? "i" : "ie");
  else if (/[^us]s$/.test(word) && new RegExp(`${VOWEL}.+s$`).test(word)) cut("s");
  if (DONE.has(word)) return word;

  const past = /(eedly|ingly|edly|eed|ing|ed)$/.exec(word)?.[0];
  if (past === "eed" || past === "eedly") {
    if (inside(past, r1)) cut(past, "ee");
  } else if (past && new RegExp(VOWEL).test(word.slice(0, -past.length))) {
    cut(past);
    if (/(at|bl|iz)$/.test(word)) word += "e";
    else if (DOUBLE.test(word)) cut("x");
    else if (endsShort(word) && r1 >= word.length) word += "e";
  }
  if (/.[^aeiouy][yY]$/.test(word)) cut("y", "i");

  const second = SECOND.find(([ending]) => word.endsWith(ending));
  if (second) {
    if (inside(second[0], r1)) cut(...second);
  } else if (word.endsWith("ogi")) {
    if (inside("ogi", r1) && word.endsWith("logi")) cut("i");
  } else if (inside("li", r1) && /[cdeghkmnrt]li$/.test(word)) cut("li");

  const third = THIRD.find(([ending]) => word.endsWith(ending));
  if (third) {
    if (inside(third[0], r1)) cut(...third);
  } else if (inside("ative", r2)) cut("ative");

  const fourth = FOURTH.find((ending) => word.endsWith(ending));
  if (fourth) {
    if (inside(fourth, r2)) cut(fourth);
  } else if (inside("ion", r2) && /[st]ion$/.test(word)) cut("ion");

  if (word.endsWith("e")) {
    if (inside("e", r2) || (inside("e", r1) && !endsShort(word.slice(0, -1)))) cut("e");
  } else if (inside("l", r2) && word.endsWith("ll")) cut("l");
  return word.toLowerCase();
}

/** Without accents, as far as the index takes them off. */
function fold(word) {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[ßæœøđłıþð]/g, (letter) => FOLDED[letter]);
}

const held = new Map();

/** What the index keeps of one word in any case; empty where it is too long. */
export function term(word) {
  let found = held.get(word);
  if (found === undefined) {
    const lower = word.toLowerCase();
    found = new TextEncoder().encode(lower).length < LONGEST_BYTES ? fold(stem(lower)) : "";
    held.set(word, found);
  }
  return found;
}

/** Pieces of a text: [text, term] for words, [text, ""] for what is between them. */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(/[\p{Alphabetic}\p{N}]+/gu)) {
    if (index > end) found.push([text.slice(end, index), ""]);
    found.push([word, term(word)]);
    end = index + word.length;
  }
  if (end < text.length) found.push([text.slice(end), ""]);
  return found;
}

/** Terms of a text, in order. */
export function terms(text) {
  return (text.match(/[\p{Alphabetic}\p{N}]+/gu) ?? []).map(term).filter(Boolean);
}
