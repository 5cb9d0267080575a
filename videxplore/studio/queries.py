"""Judged queries: what people ask, resolved against the tags of the films' segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from videxplore.studio.truth import FilmTruth, TruthSegment
from videxplore.values.rankings import JudgedQuery, Judgement

LEVEL_OF_KIND = {"event": "moment", "scene": "scene", "stretch": "chapter"}
"""The level on which each kind of query expects its answers."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A query as its author wrote it.

    Attributes:
        text: the words.
        kind: ``"event"``, ``"scene"`` or ``"stretch"``.
        exact: tags of segments that are exactly what is asked for (gain 3).
        good: tags of segments that answer it in part (gain 2).
        related: tags of segments that are related (gain 1).
        known_words: False where no content word belongs to the lexicon or to the other wordings.
    """

    text: str
    kind: str
    exact: tuple[str, ...]
    good: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    known_words: bool = True


def ask(kind: str, text: str, exact: str, good: str = "", related: str = "", *, known: bool = True) -> Ask:
    """Return an :class:`Ask`; tags are given as words separated by spaces."""
    return Ask(text, kind, tuple(exact.split()), tuple(good.split()), tuple(related.split()), known)


def asks_about(name: str) -> tuple[Ask, ...]:
    """Return the wordings written about the film ``name``."""
    wordings: tuple[Ask, ...] = import_module(f"videxplore.studio.wordings.{name}").ASKS
    return wordings


def judge(
    truths: Mapping[str, FilmTruth],
) -> tuple[tuple[JudgedQuery, ...], dict[str, tuple[Judgement, ...]]]:
    """Resolve every wording against the truth of all films.

    Args:
        truths: truth by film name (the module's name).

    Returns:
        the queries, and the judgements by query id, best first.

    Raises:
        ValueError: a wording names a tag that no segment of its level carries.
    """
    queries: list[JudgedQuery] = []
    judgements: dict[str, tuple[Judgement, ...]] = {}
    for name, truth in truths.items():
        for number, wording in enumerate(asks_about(name), start=1):
            query_id = f"{name}-{number:02d}"
            level = LEVEL_OF_KIND[wording.kind]
            queries.append(
                JudgedQuery(query_id, wording.text, truth.split, wording.kind, level, wording.known_words)
            )
            judgements[query_id] = _judgements(wording, level, truths)
    return tuple(queries), judgements


def _judgements(wording: Ask, level: str, truths: Mapping[str, FilmTruth]) -> tuple[Judgement, ...]:
    gains: dict[tuple[str, float, float], int] = {}
    for gain, tags in ((3, wording.exact), (2, wording.good), (1, wording.related)):
        for tag in tags:
            found = _tagged(tag, level, truths)
            if not found:
                raise ValueError(f"query {wording.text!r}: no {level} carries the tag {tag!r}.")
            for file, s in found:
                place = (file, s.start_s, s.end_s)
                gains[place] = max(gain, gains.get(place, 0))
    ordered = sorted(gains.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Judgement(*place, gain) for place, gain in ordered)


def _tagged(tag: str, level: str, truths: Mapping[str, FilmTruth]) -> Sequence[tuple[str, TruthSegment]]:
    return [(t.file, s) for t in truths.values() for s in t.at(level) if tag in s.tags]
