"""Queries, hits and rankings; judgements to measure them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from videxplore.values.checks import is_number
from videxplore.values.media import Span, format_time
from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a query asks for, in the words of a named-attribute encoder.

    Attributes:
        phrase: the words of the query it was read from.
        attribute: name of a column of the encoder card.
        weight: signed; negative asks for the absence.
        entry: where the encoder's lexicon lacks the phrase, its entry of nearest meaning, which was
            taken instead; otherwise empty.
    """

    phrase: str
    attribute: str
    weight: float
    entry: str = ""


def words_not_taken(terms: Iterable[Term], unknown_words: Sequence[str]) -> tuple[str, ...]:
    """Return the unknown words that no entry stands in for either."""
    taken = {word for term in terms if term.entry for word in term.phrase.split()}
    return tuple(word for word in unknown_words if word not in taken)


@dataclass(frozen=True, eq=False, repr=False)
class Query:
    """What is looked for.

    Attributes:
        text: the words, empty for a query by example.
        vector: float32 (d,) or None where no word could be encoded; blocks that the query does not
            address are zero.
        card: of the encoder that made ``vector``.
        terms: what a named-attribute encoder understood or, where a term has an ``entry``, guessed.
        unknown_words: content words that the encoder does not know, guessed or not, in order.
        source: for a query by example, or made of several, what it was.
        order: the two things asked for, where it asks for one after the other.
    """

    text: str = ""
    vector: NDArray[np.float32] | None = None
    card: EncoderCard | None = None
    terms: tuple[Term, ...] = ()
    unknown_words: tuple[str, ...] = ()
    source: str = ""
    order: Order | None = None

    def __post_init__(self) -> None:
        if self.vector is None:
            return
        vector = np.asarray(self.vector, dtype=np.float32)
        if vector.ndim != 1 or not np.isfinite(vector).all():
            raise ValueError(f"Query.vector must be finite and (d,), got shape {vector.shape}.")
        if self.card is not None and len(vector) != self.card.dimension:
            raise ValueError(
                f"Query.vector must have {self.card.dimension} entries, as its card says, got {len(vector)}."
            )
        object.__setattr__(self, "vector", vector)

    def __repr__(self) -> str:
        what = self.source or (repr(self.text) if self.text else "vector")
        lost = words_not_taken(self.terms, self.unknown_words)
        unknown = f", not understood: {', '.join(lost)}" if lost else ""
        return f"Query({what}{unknown})"


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """Two things asked for in the order of time.

    Attributes:
        relation: whether the second comes ``"next"``, after the first, or came ``"previous"``.
        first: what hits show.
        second: what must follow or go before in the same video.
    """

    relation: str
    first: Query
    second: Query


@dataclass(frozen=True, slots=True)
class Reason:
    """One additive part of a score change, in words a user reads.

    Attributes:
        kind: ``"best-frames"``, ``"hubness"``, ``"ancestor"``, ``"previous"``, ``"next"``, ``"part"`` (the
            best child), ``"parts"`` (all children), ``"alike"``, ``"feedback"``, ``"repeats"``, …
        amount: what it added to the score (negative: took away). The amounts of a hit's reasons add up
            to ``score − raw_score``.
        text: one sentence.
        segment_id: the segment it came from, if one.
    """

    kind: str
    amount: float
    text: str
    segment_id: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """One answer.

    Attributes:
        rank: 1 is best.
        segment_id: of the segment.
        video: path of the video, as stored.
        level: of the segment.
        start_s: in seconds.
        end_s: in seconds.
        score: decides the rank.
        raw_score: the score before any reranking.
        raw_rank: the rank before any reranking.
        parts: additive share of each modality in ``raw_score``.
        reasons: additive parts of ``score − raw_score``.
        video_id: of the video.
        transcript: what is said in the segment, shortened.
        coherence: how well the segment's vector stands for its children, 1 for a leaf.
        suppressed: ids of ancestors or descendants that this hit stands for.
        attributes: what each named attribute that was asked for adds to ``raw_score``; together what the
            modalities of ``parts`` add, less what is said and what comes before or after.
        percentile: share of unrelated matches on this level that score lower, None where none is known:
            ``docs/search.md`` says what these are.
        cosine: plain cosine of the query's vector with the segment's stored vector; None for words alone.
        duplicates: ids of candidates that look and sound the same and are folded into this hit.
    """

    rank: int
    segment_id: str
    video: str
    level: str
    start_s: float
    end_s: float
    score: float
    raw_score: float
    raw_rank: int
    parts: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    video_id: str = ""
    transcript: str = ""
    coherence: float = 1.0
    suppressed: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    attributes: Mapping[str, float] = field(default_factory=dict)
    percentile: float | None = None
    cosine: float | None = None

    @property
    def span(self) -> Span:
        """When it happens."""
        return Span(self.start_s, self.end_s)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def __str__(self) -> str:
        name = self.video.rsplit("/", 1)[-1]
        return f"{self.rank:>3}. {self.score:+.3f}  {self.level:<8} {name} {self.span}"

    def __repr__(self) -> str:
        return f"Hit({str(self).strip()})"

    def _repr_html_(self) -> str:
        return _table([self])


@dataclass(frozen=True, slots=True)
class Relative:
    """A segment that stands in a known relation to a candidate.

    Attributes:
        relation: ``"ancestor"``, ``"previous"``, ``"next"``, or ``"part"`` for a child.
        segment_id: of the relative.
        level: of the relative.
        start_s: in seconds.
        end_s: in seconds.
        score: its raw score for the same query.
    """

    relation: str
    segment_id: str
    level: str
    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True, eq=False, repr=False)
class Candidate:
    """A hit with all that a reranker may look at: no table and no model is needed afterwards.

    Attributes:
        hit: the raw hit.
        vector: float32 (d,), unit length.
        frame_times_s: float64 (f,), times of the frames inside the segment.
        frame_scores: float32 (f,), score of each frame for the query, on the scale of ``raw_score``.
        relatives: existing ancestors, temporal neighbours on the same level, and parts, which are its
            children.
        hubness: mean score of the item's best 5 % of a fixed bank of queries, or None where the encoder
            has no bank.
        frame_parts: float32 (f,) by asked attribute (see ``Hit.attributes``), or by modality (see
            ``Hit.parts``) where columns mean nothing: what each adds to ``frame_scores``.
    """

    hit: Hit
    vector: NDArray[np.float32]
    frame_times_s: NDArray[np.float64]
    frame_scores: NDArray[np.float32]
    relatives: tuple[Relative, ...] = ()
    hubness: float | None = None
    frame_parts: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Candidate({self.hit}, {len(self.frame_scores)} frames, {len(self.relatives)} relatives)"


KINDS = ("raw", "joint", "pointwise", "diversity")
"""What may order the hits of a ranking."""


@dataclass(frozen=True, eq=False, repr=False)
class Ranking(Sequence[Hit]):
    """Answers, best first, with the pool they were taken from.

    Attributes:
        query: what was asked.
        hits: the first k; scores never rise, ids are unique, ranks count from 1.
        candidates: the pool the hits come from, in raw order; a reranker permutes exactly these.
        system: what ordered the hits, such as ``"raw"`` or ``"joint"``.
        notes: remarks for the user, such as words not understood.
        level: the level searched, several joined by ``", "``, or ``"any"``; never ``"auto"``, but what was
            chosen for it.
        kind: ``"raw"``, or what ordered the hits: ``"joint"`` (candidates saw each other), ``"pointwise"``
            (none saw another) or ``"diversity"``.
        order_sensitivity: mean number of ranks by which a candidate moves where a model reads the same
            candidates in another order; None where no model was asked.
        strength: how far the scores were moved from the raw ones (0) to the reranker's own (1).
    """

    query: Query
    hits: tuple[Hit, ...]
    candidates: tuple[Candidate, ...] = ()
    system: str = "raw"
    notes: tuple[str, ...] = ()
    level: str = "any"
    kind: str = "raw"
    order_sensitivity: float | None = None
    strength: float = 1.0

    def __post_init__(self) -> None:
        hits = tuple(self.hits)
        object.__setattr__(self, "hits", hits)
        object.__setattr__(self, "candidates", tuple(self.candidates))
        if len({h.segment_id for h in hits}) != len(hits):
            raise ValueError("Ranking.hits must have unique segment ids.")
        if [h.rank for h in hits] != list(range(1, len(hits) + 1)):
            raise ValueError("Ranking.hits must have ranks 1, 2, 3, …")
        if not all(np.isfinite(h.score) for h in hits):
            raise ValueError("Ranking.hits must have finite scores.")
        if any(a.score < b.score for a, b in pairwise(hits)):
            raise ValueError("Ranking.hits must have scores that never rise.")
        if self.kind not in KINDS:
            raise ValueError(f"Ranking.kind must be one of {', '.join(KINDS)}; got {self.kind!r}.")

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def to_pandas(self) -> pd.DataFrame:
        """One row per hit, with ``part_<modality>`` columns."""
        import pandas as pd

        columns = [
            "rank", "segment_id", "video", "level", "start_s", "end_s", "score", "raw_score", "raw_rank",
            "percentile", "cosine",
        ]  # fmt: skip
        rows = [{name: getattr(h, name) for name in columns} for h in self.hits]
        for row, h in zip(rows, self.hits, strict=True):
            row |= {f"part_{modality}": value for modality, value in h.parts.items()}
        return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)

    def to_run(self) -> dict[str, float]:
        """Scores by segment id, as evaluation tools expect one query of a run."""
        return {h.segment_id: h.score for h in self.hits}

    def __repr__(self) -> str:
        head = f"Ranking({self.query!r}, {self.system}: {len(self)} of {len(self.candidates)} candidates)"
        if not self.hits:  # why there are none must be seen
            return "\n".join([head, *(f"  {note}" for note in self.notes)])
        return "\n".join([head, *(f"  {h}" for h in self.hits[:5]), *(["  …"] if len(self) > 5 else [])])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<p>{escape(repr(self.query))}, {escape(self.system)}</p>{notes}{_table(self.hits)}"


def _table(hits: Sequence[Hit]) -> str:
    """Hits as an HTML table."""
    heads = "".join(f"<th>{name}</th>" for name in ("rank", "video", "level", "time", "score", "said"))
    rows = "".join(
        f"<tr><td>{h.rank}</td><td>{escape(h.video.rsplit('/', 1)[-1])}</td><td>{escape(h.level)}</td>"
        f"<td>{format_time(h.start_s)}–{format_time(h.end_s)}</td><td>{h.score:.2f}</td>"
        f"<td>{escape(h.transcript[:80])}{'…' * (len(h.transcript) > 80)}</td></tr>"
        for h in hits
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well a stretch of a video answers a query.

    Attributes:
        video: file name of the video, without its folder.
        start_s: in seconds.
        end_s: in seconds.
        gain: 0 judged and no answer, 1 related, 2 good, 3 exactly what was asked for.
        judge: who says so; empty where that is not known, or where several were brought together.
        segment_id: of the segment that was judged, where it was one.
    """

    video: str
    start_s: float
    end_s: float
    gain: int = 3
    judge: str = ""
    segment_id: str = ""

    def __post_init__(self) -> None:
        if not is_number(self.gain) or self.gain < 0:
            raise ValueError(f"Judgement.gain must be 0 (no answer) or more, got {self.gain!r}.")
        Span(self.start_s, self.end_s)

    @property
    def span(self) -> Span:
        """When it happens."""
        return Span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query of a test collection.

    Attributes:
        query_id: unique in its collection.
        text: the words.
        split: ``"dev"`` or ``"test"``.
        kind: ``"event"`` (short), ``"scene"`` or ``"stretch"`` (long).
        level: the level an answer is expected on.
        known_words: whether the wording uses words of the lexicon and of the query templates.
    """

    query_id: str
    text: str
    split: str
    kind: str
    level: str
    known_words: bool = True


Qrels = Mapping[str, Sequence[Judgement]]
"""Judgements by query id."""
