"""Words to attributes: reads a query with phrases, word forms, intensifiers, negation and numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES, NAMES
from videxplore.stages.encoding.perceptual.guessing import Guess, Guesser
from videxplore.stages.encoding.perceptual.language import Stemmer, read_language
from videxplore.stages.encoding.perceptual.named_colours import mix_colour
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
_BESIDE = {"next": "and after that", "previous": "and before that"}
_EXPORTED = (
    "words", "strengths", "negations", "numbers", "intensifiers", "paces", "orders", "joins", "breaks",
    "lists", "ignored", "generic",
)  # fmt: skip
_COUNTED = {a.name for a in ATTRIBUTES if a.statistic == "max"}


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """What was made of a query.

    Attributes:
        text: the query.
        terms: attributes asked for, by phrase; those with an ``entry`` were guessed.
        unknown_words: content words that the lexicon lacks, guessed or not, in order.
        coverage: content words of the lexicon over all content words; 1 where there are none.
        relation: where the query asks for two things in order, whether the second comes ``"next"`` or came
            ``"previous"``; otherwise empty.
        parts: the two things, then.
    """

    text: str
    terms: tuple[Term, ...]
    unknown_words: tuple[str, ...]
    coverage: float
    relation: str = ""
    parts: tuple[Reading, ...] = ()

    def __repr__(self) -> str:
        lines = [f"{self.text!r}: {self.coverage:.0%} of the content words understood"]
        for number, part in enumerate(self.parts or (self,)):
            lines += [f"  {_BESIDE[self.relation]}"] if number else []
            lines += part._lines()
        lost = words_not_taken(self.terms, self.unknown_words)
        if lost:
            lines.append(f"  not understood: {', '.join(lost)}")
        return "\n".join(lines)

    def _lines(self) -> list[str]:
        phrases: dict[str, list[str]] = {}
        for term in self.terms:
            name = f"{term.phrase!r} (taken for {term.entry!r})" if term.entry else repr(term.phrase)
            phrases.setdefault(name, []).append(f"{term.attribute} {term.weight:+.2f}")
        return [f"  {phrase} → {', '.join(parts)}" for phrase, parts in phrases.items()]


class Lexicon:
    """A hand-made mapping of words and phrases to signed attribute weights, for one language.

    Args:
        data: what :func:`~.language.read_language` returns.
    """

    def __init__(self, data: Mapping) -> None:
        self.stem = Stemmer(
            tuple(data["endings"].items()), data.get("doubled", ""), data.get("mute", "")
        ).stem
        self._concepts: dict[str, dict[str, float]] = dict(data["concepts"])
        self._strengths: dict[str, float] = data["strengths"]
        self._plural: str = data.get("plural", "")
        self._exact: dict[tuple[str, ...], str] = {}
        self._stemmed: dict[tuple[str, ...], str] = {}
        for concept, phrases in data["words"].items():
            for phrase in phrases:
                words = tuple(phrase.split())
                self._exact[words] = concept
                self._stemmed.setdefault(tuple(map(self.stem, words)), concept)
        self._colours: dict[tuple[str, ...], str] = {}
        for name, code in data["colours"].items():
            self._concepts[f"colour {name}"] = mix_colour(code)
            self._colours[tuple(name.split())] = f"colour {name}"
        self._marks: dict[tuple[str, ...], tuple[str, float]] = {}
        for kind in ("negations", "numbers"):
            self._marks |= {tuple(phrase.split()): (kind, 0.0) for phrase in data[kind]}
        self._marks |= {tuple(k.split()): ("intensifiers", v) for k, v in data["intensifiers"].items()}
        self._marks |= {tuple(k.split()): ("paces", v) for k, v in data["paces"].items()}
        self._orders = {tuple(k.split()): relation for k, relation in data["orders"].items()}
        self._joins, self._breaks, self._lists = (set(data[k]) for k in ("joins", "breaks", "lists"))
        self._silent = set(data["ignored"]) | set(data["generic"])
        self._data = dict(data)

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

    def export(self) -> dict[str, Any]:
        """Return all that :meth:`read` goes by, as JSON can hold it, for readers in other languages.

        Colours are mixed: each is a concept by the name ``"colour <name>"``. ``names`` and ``weights`` are
        those of the columns, ``counted`` the columns that tell events.
        """
        own = {key: self._data[key] for key in _EXPORTED}
        optional = {key: self._data.get(key, "") for key in ("plural", "doubled", "mute")}
        return (
            own
            | optional
            | {
                "concepts": self._concepts,
                "colours": list(self._data["colours"]),
                "endings": list(self._data["endings"].items()),
                "counted": sorted(_COUNTED),
                "names": list(NAMES),
                "weights": [float(weight) for weight in column_weights()],
            }
        )

    def read(self, text: str, guesser: Guesser | None = None) -> Reading:
        """Return the terms of ``text``.

        The longest known phrase wins. A negation holds until the next break ("but", "with", "in", …), through
        "and", "or" and the commas of a list. Every concept asked for weighs the same, however many attributes
        it has, so that "dark and bang" asks for both. With a guesser, words that the lexicon lacks ask for
        the nearest entry, the less the less it resembles them; they stay among the unknown words. Words of
        order ("then", "followed by", "after") part a query that asks for something on either side of them.
        """
        for match in _TOKEN.finditer(text):
            relation, end = self._find_order(text, match.start())
            if relation:
                parts = tuple(self._read_part(part, guesser) for part in (text[: match.start()], text[end:]))
                if all(part.terms for part in parts):
                    return _join(text, relation, parts)
        return self._read_part(text, guesser)

    def _find_order(self, text: str, at: int) -> tuple[str, int]:
        """The relation of the longest word of order that starts at a character, and where that ends."""
        found = list(islice(_TOKEN.finditer(text, at), 3))
        for length in range(len(found), 0, -1):
            words = tuple(match.group().lower() for match in found[:length])
            if words in self._orders:
                return self._orders[words], found[length - 1].end()
        return "", at

    def _read_part(self, text: str, guesser: Guesser | None) -> Reading:
        """The terms of a text that asks for one thing."""
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
                plural = length == 1 and self._is_plural(tokens[at]) and not negated
                several = 1.0 if many else _PLURAL if plural else 0.0
                mark, width = self._find_mark(tokens, at + length)
                paced = mark is not None and mark[0] == "paces"
                strength = _ABSENT * factor if negated else factor
                terms += self._to_terms(concept, phrase, strength, several, paced=paced)
                understood += length
                factor, many, spent = 1.0, False, negated
                at += length + (width if paced else 0)
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
        return any(token in self._lists for token in rest[:end])

    def _find_concept(self, tokens: list[str], at: int) -> tuple[str | None, int]:
        for length in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
            words = tuple(tokens[at : at + length])
            concept = self._exact.get(words)
            if concept is None and not (length == 1 and words[0] in self._silent):
                concept = self._stemmed.get(tuple(map(self.stem, words))) or self._colours.get(words)
            if concept is not None:
                return concept, length
        return None, 0

    def _find_mark(self, tokens: list[str], at: int) -> tuple[tuple[str, float] | None, int]:
        if at < len(tokens) and tokens[at].isdigit() and int(tokens[at]) > 1:
            return ("numbers", 0.0), 1
        for length in range(min(3, len(tokens) - at), 0, -1):
            mark = self._marks.get(tuple(tokens[at : at + length]))
            if mark is not None:
                return mark, length
        return None, 0

    def _is_plural(self, token: str) -> bool:
        return bool(self._plural) and token.endswith(self._plural)

    def _to_terms(
        self,
        concept: str,
        phrase: str,
        factor: float,
        several: float,
        entry: str = "",
        *,
        paced: bool = False,
    ) -> list[Term]:
        wanted = dict(self._concepts[concept])
        events = {name: weight for name, weight in wanted.items() if name in _COUNTED and weight > 0}
        if paced:
            # How often in a minute is a matter of the rate: counts grow with the length of a segment.
            wanted = {name: weight for name, weight in wanted.items() if not name.endswith("_count")}
            wanted |= {f"{name}_rate": 1.0 for name in events}
        elif several:
            wanted |= {f"{name}_count": several * weight for name, weight in events.items()}
        weights = column_weights()
        length = math.sqrt(sum((weight * weights[NAMES.index(n)]) ** 2 for n, weight in wanted.items()))
        factor *= self._strengths.get(concept, 1.0)
        return [Term(phrase, name, float(factor * weight / length), entry) for name, weight in wanted.items()]


def _join(text: str, relation: str, parts: tuple[Reading, ...]) -> Reading:
    """Two readings as one of both in order; the parts are equally much of it."""
    return Reading(
        text,
        tuple(term for part in parts for term in part.terms),
        tuple(word for part in parts for word in part.unknown_words),
        sum(part.coverage for part in parts) / len(parts),
        relation,
        parts,
    )


@cache
def load_lexicon(language: str = "en") -> Lexicon:
    """Return the lexicon of a language that comes with the package, or of a JSON file.

    Raises:
        ValueError: there is none for ``language``, or its file does not keep to the format.
    """
    return Lexicon(read_language(language))
