"""Words to attributes: reads a query with phrases, word forms, intensifiers, negation and numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES, NAMES
from videxplore.stages.encoding.perceptual.guessing import Guess, Guesser
from videxplore.stages.encoding.perceptual.weights import column_weights
from videxplore.values.rankings import Term, words_not_taken

_TOKEN = re.compile(r"[\w'’&-]+|[;:.,!?]", re.UNICODE)
_LONGEST_PHRASE = 5
_ABSENT = -0.7
"""An absence asked for weighs less than a presence: most segments lack most things."""
_GUESSED = 0.5
"""A guess next to known words must not outvote them."""
_PLURAL = 0.4
"""How much a bare plural asks for several; it may be a verb as well: "a dolphin splashes"."""
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("edly", ""), ("ed", ""), ("ly", ""))
_COUNTED = {a.name for a in ATTRIBUTES if a.statistic == "max"}


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """What was made of a query.

    Attributes:
        text: the query.
        terms: attributes asked for, by phrase; those with an ``entry`` were guessed.
        unknown_words: content words that the lexicon lacks, guessed or not, in order.
        coverage: content words of the lexicon over all content words; 1 where there are none.
    """

    text: str
    terms: tuple[Term, ...]
    unknown_words: tuple[str, ...]
    coverage: float

    def __repr__(self) -> str:
        phrases: dict[str, list[str]] = {}
        for term in self.terms:
            name = f"{term.phrase!r} (taken for {term.entry!r})" if term.entry else repr(term.phrase)
            phrases.setdefault(name, []).append(f"{term.attribute} {term.weight:+.2f}")
        lines = [f"{self.text!r}: {self.coverage:.0%} of the content words understood"]
        lines += [f"  {phrase} → {', '.join(parts)}" for phrase, parts in phrases.items()]
        lost = words_not_taken(self.terms, self.unknown_words)
        if lost:
            lines.append(f"  not understood: {', '.join(lost)}")
        return "\n".join(lines)


class Lexicon:
    """A hand-made mapping of words and phrases to signed attribute weights, for one language.

    Args:
        data: ``concepts`` (name → attribute → weight), ``words`` (concept → phrases), ``strengths`` (how
            surely a concept shows, 1 where not given), and the lists ``negations``, ``intensifiers``,
            ``numbers``, ``joins``, ``breaks``, ``ignored``, ``generic``.
    """

    def __init__(self, data: Mapping) -> None:
        self._concepts: dict[str, dict[str, float]] = data["concepts"]
        self._strengths: dict[str, float] = data["strengths"]
        self._exact: dict[tuple[str, ...], str] = {}
        self._stemmed: dict[tuple[str, ...], str] = {}
        for concept, phrases in data["words"].items():
            for phrase in phrases:
                words = tuple(phrase.split())
                self._exact[words] = concept
                self._stemmed.setdefault(tuple(map(stem, words)), concept)
        self._marks: dict[tuple[str, ...], tuple[str, float]] = {}
        for kind in ("negations", "numbers"):
            self._marks |= {tuple(phrase.split()): (kind, 0.0) for phrase in data[kind]}
        self._marks |= {tuple(k.split()): ("intensifiers", v) for k, v in data["intensifiers"].items()}
        self._joins, self._breaks = set(data["joins"]), set(data["breaks"])
        self._silent = set(data["ignored"]) | set(data["generic"])

    def __len__(self) -> int:
        return len(self._exact)

    @property
    def words(self) -> frozenset[str]:
        """Every single word that occurs in an entry."""
        return frozenset(word for phrase in self._exact for word in phrase)

    def is_silent(self, word: str) -> bool:
        """Whether a word asks for nothing by itself, such as "the" or "and"."""
        return word in self._silent or word in self._joins

    @property
    def entries(self) -> list[tuple[str, str]]:
        """Every phrase with the concept that it stands for."""
        return [(" ".join(words), concept) for words, concept in self._exact.items()]

    def read(self, text: str, guesser: Guesser | None = None) -> Reading:
        """Return the terms of ``text``.

        The longest known phrase wins. A negation holds until the next break ("but", "with", "in", …), through
        "and", "or" and the commas of a list. Every concept asked for weighs the same, however many attributes
        it has, so that "dark and bang" asks for both. With a guesser, words that the lexicon lacks ask for
        the nearest entry, the less the less it resembles them; they stay among the unknown words.
        """
        tokens = _TOKEN.findall(text.lower().replace("’", "'"))
        terms, unknown_at, understood = self._read(tokens, {})
        if guesser is not None and unknown_at:
            guesses = guesser.guess(tokens, unknown_at, self._silent.__contains__)
            terms, _, _ = self._read(tokens, guesses)
        content = understood + len(unknown_at)
        unknown = tuple(tokens[at] for at in unknown_at)
        return Reading(text, tuple(terms), unknown, understood / content if content else 1.0)

    def _read(
        self, tokens: list[str], guesses: Mapping[int, tuple[int, Guess]]
    ) -> tuple[list[Term], list[int], int]:
        """Terms, positions of unknown words and number of understood ones."""
        terms: list[Term] = []
        unknown_at: list[int] = []
        understood = 0
        negated, spent, factor, many = False, False, 1.0, False
        at = 0
        while at < len(tokens):
            mark, width = self._find_mark(tokens, at)
            concept, length = self._find_concept(tokens, at)
            if concept is not None and length >= width:
                phrase = " ".join(tokens[at : at + length])
                plural = length == 1 and tokens[at].endswith("s") and not negated
                several = 1.0 if many else _PLURAL if plural else 0.0
                terms += self._to_terms(concept, phrase, _ABSENT * factor if negated else factor, several)
                understood += length
                factor, many, spent = 1.0, False, negated
                at += length
                continue
            if at in guesses:
                length, guess = guesses[at]
                strength = _GUESSED * guess.similarity * (_ABSENT * factor if negated else factor)
                terms += self._to_terms(guess.concept, guess.phrase, strength, float(many), guess.entry)
                factor, many, spent = 1.0, False, negated
                at += length
                continue
            if mark is not None:
                kind, value = mark
                negated, spent = (True, False) if kind == "negations" else (negated, spent)
                factor = value if kind == "intensifiers" else factor
                many = many or kind == "numbers"
                at += width
                continue
            token = tokens[at]
            if token in self._breaks or (spent and not self._goes_on(tokens, at)):
                negated, spent = False, False
            if token not in self._silent and token not in self._joins and token[0].isalnum():
                unknown_at.append(at)
                # What is negated here is not understood either; it must not fall on the next concept.
                factor, many, spent = 1.0, False, negated
            at += 1
        return terms, unknown_at, understood

    def _goes_on(self, tokens: list[str], at: int) -> bool:
        """Whether what joins the next words keeps a negation: "or", "and", and the commas of such a list."""
        if tokens[at] != ",":
            return tokens[at] in self._joins | self._silent
        rest = tokens[at + 1 :]
        end = next((i for i, token in enumerate(rest) if token in self._breaks), len(rest))
        return any(token in ("or", "nor") for token in rest[:end])

    def _find_concept(self, tokens: list[str], at: int) -> tuple[str | None, int]:
        for length in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
            words = tuple(tokens[at : at + length])
            concept = self._exact.get(words)
            if concept is None and not (length == 1 and words[0] in self._silent):
                concept = self._stemmed.get(tuple(map(stem, words)))
            if concept is not None:
                return concept, length
        return None, 0

    def _find_mark(self, tokens: list[str], at: int) -> tuple[tuple[str, float] | None, int]:
        for length in range(min(3, len(tokens) - at), 0, -1):
            mark = self._marks.get(tuple(tokens[at : at + length]))
            if mark is not None:
                return mark, length
        return None, 0

    def _to_terms(
        self, concept: str, phrase: str, factor: float, several: float, entry: str = ""
    ) -> list[Term]:
        wanted = dict(self._concepts[concept])
        if several:
            events = {name: weight for name, weight in wanted.items() if name in _COUNTED and weight > 0}
            wanted |= {f"{name}_count": several * weight for name, weight in events.items()}
        weights = column_weights()
        length = math.sqrt(sum((weight * weights[NAMES.index(n)]) ** 2 for n, weight in wanted.items()))
        factor *= self._strengths.get(concept, 1.0)
        return [Term(phrase, name, float(factor * weight / length), entry) for name, weight in wanted.items()]


def stem(word: str) -> str:
    """Return ``word`` without the commonest English endings; both sides of a comparison are cut alike.

    >>> [stem(w) for w in ("cheers", "cheering", "cheered", "running", "flashes", "slowly", "skies")]
    ['cheer', 'cheer', 'cheer', 'run', 'flash', 'slow', 'sky']
    """
    word = word.removesuffix("'s").removesuffix("'")
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= (2 if replacement else 3):
            word = word[: -len(ending)] + replacement
            break
    else:
        if word.endswith(("ses", "shes", "ches", "xes", "zes")) and len(word) > 4:
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
            word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


@cache
def load_lexicon(language: str = "en") -> Lexicon:
    """Return the lexicon that comes with the package.

    Raises:
        ValueError: there is none for ``language``.
    """
    if language != "en":
        raise ValueError(f"there is no lexicon for language {language!r}; there is one for 'en'.")
    text = files("videxplore.stages.encoding.perceptual").joinpath("lexicon.json").read_text("utf-8")
    return Lexicon(json.loads(text))
