// What a page says about its search: of what kind it is, and what it cannot do.

const many = (count, one, more) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

/** Sentences about the search, in the order in which they are read. */
export function aboutSearch({ index, said, answers }) {
  const spoken = said.filter(Boolean).length;
  const heard = spoken
    ? `Words are looked for in what is said in ${many(spoken, "segment", "segments")} (BM25, with English word forms).`
    : "Nothing is said in these videos that a search could look through.";
  const python = answers.length ? " Answers that were made in Python stand above the list." : "";
  if (!index.lexicon) {
    return [
      heard,
      `It does not see or hear: the encoder (${index.encoder}) needs Python to compare words with pictures and sounds.${python} To find what is alike, choose a segment.`,
    ];
  }
  const entries = Object.values(index.lexicon.words).reduce((sum, phrases) => sum + phrases.length, 0) + index.lexicon.colours.length;
  return [
    `Words are read by a lexicon of ${entries.toLocaleString("en")} words and phrases as how a segment looks, moves and sounds. ${heard} Scores and order are those of a search in Python, before any reranking.`,
    `It does not know what things are: a word that is neither in the lexicon nor said anywhere finds nothing.${index.guesses ? " Python also takes such words for the nearest that the lexicon has; this page does not." : ""} Filters, pictures as queries and rerankers need Python.${python}`,
  ];
}

/** Sentences about words of a query that led nowhere, or only to what is said. */
export function lostWords({ heard, lost, reading }, { index }) {
  const remarks = [];
  if (index.lexicon && heard.length) remarks.push(`Found only in what is said: ${heard.join(", ")}.`);
  if (lost.length) remarks.push(`${index.lexicon ? "Not understood, and said nowhere" : "Said nowhere"}: ${lost.join(", ")}.`);
  if (reading.relation) remarks.push(reading.relation === "next" ? "The second is looked for after the first." : "The second is looked for before the first.");
  return remarks;
}
