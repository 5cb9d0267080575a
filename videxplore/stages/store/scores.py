"""What every segment of a library scores for one query: exactly where it matters, bounded elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.attention import ATTENTION, MEAN, Attended, attend
from videxplore.stages.store.fulltext import TextMatch, match_text
from videxplore.stages.store.fusion import TEXT, WEIGHTED, Balance, balance, fuse, wanted_words
from videxplore.stages.store.rough import Bounds, reached_by
from videxplore.stages.store.scoring import Probe, Space
from videxplore.stages.store.sequence import SEQUENCE, score_beside
from videxplore.stages.store.snapshot import Snapshot
from videxplore.stages.store.spoken import Spoken
from videxplore.values.rankings import Query

RELIABLE_S = 1.0
"""Seconds of which a projection is half believed: attributes of a short segment are averages over few
frames, and of many such the noisiest would come first (James & Stein, 1961). Chosen on the dev queries."""

ROUGH_FROM = 20_000_000
"""Numbers in the vectors of a library from which a first pass over coded vectors is the faster way."""

_FEW = 16
"""Part of a library that is sooner scored in full than bounded first."""

Scored = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of all segments for one query.

    Attributes:
        snapshot: of the library.
        space: whose items are compared.
        probe: the query among them, or None where only words count.
        balance: how much vector and words count.
        text: what the transcripts say.
        belief: float64 (n,), how far each score is believed.
        fusion: how modalities are joined.
        beside: float64 (n,), what follows or went before adds, where the query asks for an order.
        attended: what vectors give where parents are scored by their leaves.
        rough: bounds of what the vectors give, float64 (n,) each, where a first pass found them.
    """

    snapshot: Snapshot
    space: Space
    probe: Probe | None
    balance: Balance
    text: TextMatch
    belief: NDArray[np.float64]
    fusion: str = WEIGHTED
    beside: Scored | None = None
    attended: Attended | None = None
    rough: Bounds | None = None

    def parts(self, rows: NDArray[np.intp]) -> dict[str, Scored]:
        """The additive part of each modality, float64 (m,) for the rows (m,)."""
        if self.is_rough:
            return self._parts_of(rows)
        return {modality: part[rows] for modality, part in self._all_parts.items()}

    def attributes(self, rows: NDArray[np.intp]) -> dict[str, Scored]:
        """What each asked attribute adds, float64 (m,) for the rows (m,), strongest request first.

        They add up to what vectors gave of the score. Empty where columns have no names, where cosines are
        compared, and where ranks are joined instead of scores.
        """
        names = self.snapshot.card.names
        if self.probe is None or self.space.unit or not names or self.fusion != WEIGHTED:
            return {}
        weights = self.probe.weights.astype(np.float64)
        strongest = np.argsort(-np.abs(weights), kind="stable")
        columns = strongest[weights[strongest] != 0]
        if self.attended is not None:
            return {names[column]: self.attended.columns[column][rows] for column in columns.tolist()}
        amounts = self.belief[rows, None] * self.space.items[rows][:, columns] * weights[columns]
        return {names[column]: amounts[:, i] for i, column in enumerate(columns)}

    def total(self, rows: NDArray[np.intp]) -> Scored:
        """Scores, float64 (m,) for the rows (m,)."""
        parts = list(self.parts(rows).values())
        return np.sum(parts, axis=0) if parts else np.zeros(len(rows))

    def evidence(self, rows: NDArray[np.intp]) -> Scored:
        """What pictures, sounds and words say for each row, float64 (m,), by weighted scores.

        Apart from :meth:`total`, ranks play no part, nor does what comes before or after.
        """
        parts = self._parts_of(rows)
        return np.sum([part for name, part in parts.items() if name != SEQUENCE], axis=0)

    @cached_property
    def bounds(self) -> tuple[Scored, Scored]:
        """Lower and upper bounds, float64 (n,) each, of all scores; equal where scores are exact."""
        if self.rough is None:
            total = self.total(np.arange(len(self.snapshot)))
            return total, total
        said = self.balance.text * self.text.scores + (0.0 if self.beside is None else self.beside)
        low, high = (self.belief * bound + said for bound in self.rough)
        return low, high

    def best(self, rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
        """Return the best ``count`` of the rows (m,), best first, by their exact scores.

        Of equal scores the shorter first: where one line is spoken in a scene, that line's moment answers.
        """
        if len(rows) > max(count, len(self.snapshot) // _FEW):
            low, high = (bound[rows] for bound in self.bounds)
            rows = rows[high >= reached_by(low, count)]
        order = np.lexsort((self.snapshot.durations_s[rows], -self.total(rows)))
        return rows[order][:count]

    @property
    def is_rough(self) -> bool:
        """Whether a first pass has to find bounds, or every score is computed in full."""
        large = self.space.items.size >= ROUGH_FROM and self.attended is None
        return large and self.probe is not None and self.fusion == WEIGHTED

    @property
    def compares_frames(self) -> bool:
        """Whether single frames have scores: not where words alone count, and ranks say nothing of frames."""
        return self.probe is not None and self.fusion == WEIGHTED

    @cached_property
    def _all_parts(self) -> dict[str, Scored]:
        return fuse(self._parts_of(slice(None)), self.fusion)

    def _parts_of(self, rows: NDArray[np.intp] | slice) -> dict[str, Scored]:
        parts: dict[str, Scored] = {}
        if self.attended is not None:
            parts = {modality: part[rows] for modality, part in self.attended.parts.items()}
        elif self.probe is not None:
            parts = self.probe.parts(self.space.items[rows])
            parts = {modality: self.belief[rows] * part for modality, part in parts.items()}
        if self.balance.words:
            parts[TEXT] = self.balance.text * self.text.scores[rows]
        if self.beside is not None:
            parts[SEQUENCE] = self.beside[rows]
        return parts


def first_pass(scores: Sequence[Scores]) -> Iterator[Scores]:
    """Yield each of the scores of one snapshot with its bounds, where it needs any: found together."""
    bounds: dict[bool, Iterator[Bounds]] = {}
    for unit in (True, False):
        mine = [s for s in scores if s.is_rough and s.space.unit == unit]
        if mine:
            items = mine[0].snapshot.rough_items(mine[0].space)
            bounds[unit] = items.bounds_of(np.stack([s.probe.weights for s in mine if s.probe is not None]))
    for each in scores:
        yield replace(each, rough=next(bounds[each.space.unit])) if each.is_rough else each


def score_all(
    snapshot: Snapshot,
    query: Query,
    direction: NDArray[np.float32] | None,
    *,
    table: Any,
    weights: Mapping[str, float] | None = None,
    fusion: str = WEIGHTED,
    parents: str = MEAN,
    spoken: Callable[[], Spoken | None] | None = None,
) -> Scores:
    """Score every segment of a library, whatever its level.

    Args:
        snapshot: of the library.
        query: what was asked.
        direction: float32 (d,) to compare with centred items, or None where only words count.
        table: the open ``segments`` table, for its full-text index.
        weights: multipliers per modality.
        fusion: ``"weighted"`` or ``"rrf"``.
        parents: ``"mean"`` or ``"attention"``, see :mod:`videxplore.stages.store.attention`.
        spoken: reads transcripts by meaning, where the library has them; called where words are asked for.
    """
    if query.order is not None:
        asked = (query.order.first, query.order.second)
        first, second = (
            score_all(
                snapshot,
                q,
                q.vector,
                table=table,
                weights=weights,
                fusion=fusion,
                parents=parents,
                spoken=spoken,
            )
            for q in asked
        )
        return _in_order(first, second, query.order.relation)
    space, n = snapshot.space_for(query), len(snapshot)
    shares = balance(query, weights)
    text = match_text(table, shares.words, snapshot.row_of, rows=n)
    meaning = spoken() if spoken is not None and shares.words else None
    if meaning is not None:
        text = text.with_meaning(meaning.match(_wanted_text(query)))
    if direction is not None and not text.heard and not text.meant:
        shares = replace(shares, vector=1.0, text=0.0, words={})
    probe = None
    if direction is not None:
        probe = space.probe(direction, weights)
        probe = replace(probe, shares={m: share * shares.vector for m, share in probe.shares.items()})
    belief = believe(snapshot, space)
    attended = attend(snapshot, space, probe, belief) if probe is not None and parents == ATTENTION else None
    return Scores(snapshot, space, probe, shares, text, belief, fusion, attended=attended)


def _wanted_text(query: Query) -> str:
    """The text of a query, or only the words of it that it wants, where it does not want others."""
    unwanted = any(term.weight < 0 for term in query.terms)
    return " ".join(wanted_words(query)) if unwanted else query.text


def _in_order(first: Scores, second: Scores, relation: str) -> Scores:
    """Scores of one thing beside another: each makes half of the whole."""
    total = second.total(np.arange(len(second.snapshot)))
    probe = first.probe
    if probe is not None:
        probe = replace(probe, shares={m: share / 2 for m, share in probe.shares.items()})
    return replace(
        first,
        probe=probe,
        balance=replace(first.balance, vector=first.balance.vector / 2, text=first.balance.text / 2),
        text=replace(
            first.text,
            heard=tuple(dict.fromkeys((*first.text.heard, *second.text.heard))),
            meant=first.text.meant or second.text.meant,
        ),
        beside=score_beside(first.snapshot, total, relation) / 2,
        attended=None if first.attended is None else first.attended.halved(),
    )


def believe(snapshot: Snapshot, space: Space) -> NDArray[np.float64]:
    """How far each segment's score is believed, float64 (n,) in (0, 1]; cosines in full."""
    lengths_s = snapshot.durations_s
    return np.ones(len(snapshot)) if space.unit else lengths_s / (lengths_s + RELIABLE_S)
