"""Results that only people and views read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from videxplore.values.media import counted
from videxplore.values.rankings import Hit, Judgement, Ranking

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class IngestRecord:
    """What became of one file.

    Attributes:
        path: as given.
        video_id: from its content; empty where the file could not be read.
        reason: a short code: ``"done"``, ``"already-there"``, ``"same-content"`` (a twin in this
            batch), or why it failed.
        detail: one sentence that says what happened.
        remedy: one sentence that says what to do; empty where nothing is to be done.
        segments: number of segments per level.
    """

    path: str
    video_id: str = ""
    reason: str = "done"
    detail: str = ""
    remedy: str = ""
    segments: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {(self.detail or self.reason).rstrip('.')}. {self.remedy}".rstrip()


@dataclass(frozen=True, repr=False)
class IngestReport:
    """What became of a batch: every file given is in exactly one list."""

    done: tuple[IngestRecord, ...] = ()
    skipped: tuple[IngestRecord, ...] = ()
    failed: tuple[IngestRecord, ...] = ()
    seconds: float = 0.0

    def to_pandas(self) -> pd.DataFrame:
        """One row per file: status, path, video_id, reason, detail, remedy."""
        import pandas as pd

        rows = [
            (status, r.path, r.video_id, r.reason, r.detail, r.remedy)
            for status in ("done", "skipped", "failed")
            for r in getattr(self, status)
        ]
        return pd.DataFrame(rows, columns=["status", "path", "video_id", "reason", "detail", "remedy"])

    def __repr__(self) -> str:
        head = (
            f"IngestReport({len(self.done)} done, {len(self.skipped)} already there, "
            f"{len(self.failed)} failed, {self.seconds:.1f} s)"
        )
        return "\n".join([head, *(f"  {record}" for record in self.failed)])


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one segment between two rankings.

    Attributes:
        segment_id: of the segment.
        before: its hit in the first ranking, or None where it is not among the first k.
        after: its hit in the second ranking, or None where it is not among the first k.
        state: ``"up"``, ``"down"``, ``"same"``, ``"entered"`` or ``"left"``.
    """

    segment_id: str
    before: Hit | None
    after: Hit | None
    state: str


@dataclass(frozen=True, repr=False)
class RankingShift:
    """A raw ranking beside others of the same candidates.

    Attributes:
        raw: the ranking compared against.
        others: rankings of the same query.
        k: how many hits are compared.
        moves: per other ranking, one move for each segment among the first k of either side.
        overlap: per other ranking, share of the first k that both have.
        kendall_tau: per other ranking, tau-b over the candidates of both.
        rbo: per other ranking, rank-biased overlap (p = .9), extrapolated.
        metrics: metric name -> one figure per ranking, raw first; empty without judgements.
        judged: the judgements that the metrics rest on.
        earned: segment id -> the gain it earned in any of the rankings; without judgements empty.
        cautions: per other ranking, a sentence for each reason to distrust it on this query.
    """

    raw: Ranking
    others: tuple[Ranking, ...]
    k: int
    moves: tuple[tuple[Move, ...], ...]
    overlap: tuple[float, ...]
    kendall_tau: tuple[float, ...]
    rbo: tuple[float, ...]
    metrics: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    judged: tuple[Judgement, ...] = ()
    earned: Mapping[str, int] = field(default_factory=dict)
    cautions: tuple[tuple[str, ...], ...] = ()

    def to_pandas(self) -> pd.DataFrame:
        """One row per move: system, segment_id, state, ranks and scores on both sides."""
        import pandas as pd

        rows = [
            {
                "system": other.system,
                "segment_id": move.segment_id,
                "state": move.state,
                "rank_before": move.before.rank if move.before else None,
                "rank_after": move.after.rank if move.after else None,
                "score_before": move.before.score if move.before else None,
                "score_after": move.after.score if move.after else None,
            }
            for other, moves in zip(self.others, self.moves, strict=True)
            for move in moves
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        lines = [f"RankingShift({self.raw.query!r}, first {self.k})"]
        for i, other in enumerate(self.others):
            states = [move.state for move in self.moves[i]]
            counts = ", ".join(f"{states.count(s)} {s}" for s in ("up", "down", "same", "entered", "left"))
            lines.append(
                f"  {self.raw.system} → {other.system}: {counts}; overlap {self.overlap[i]:.2f}, "
                f"Kendall tau {self.kendall_tau[i]:.2f}, RBO {self.rbo[i]:.2f}"
            )
        return "\n".join(lines)


@dataclass(frozen=True, repr=False)
class SegmentationReport:
    """How well boundaries found agree with boundaries known.

    Attributes:
        rows: one mapping per system: ``system``, ``precision``, ``recall``, ``f1``, ``found``, ``known``, ….
        tolerance_s: how far apart two boundaries may be to match, in seconds.
        rule: how boundaries are matched, in words.
    """

    rows: tuple[Mapping[str, object], ...]
    tolerance_s: float
    rule: str = "one-to-one, nearest first"

    def to_pandas(self) -> pd.DataFrame:
        """One row per system."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))

    def __repr__(self) -> str:
        head = f"SegmentationReport(±{self.tolerance_s:g} s, {self.rule})"
        return "\n".join([head, *(f"  {dict(row)}" for row in self.rows)])


@dataclass(frozen=True, repr=False)
class EvaluationReport:
    """Metric × system with intervals.

    Attributes:
        rows: one mapping per metric and system: ``metric``, ``system``, ``mean``, ``low``, ``high``
            (95 % bootstrap interval clustered by video), ``queries``, and against the first system
            ``delta``, ``delta_low``, ``delta_high``, ``p`` (paired randomisation over whole videos),
            ``p_holm`` (corrected for the number of systems), ``p_queries`` (over single queries), ``effect``
            (Cohen's d_z), ``needed`` (how many queries it takes to find such a difference), ``win``,
            ``tie``, ``loss``.
        protocol: how a hit earns credit, in words, with every threshold.
        queries: one mapping per query and metric: ``query_id``, ``text``, ``video``, ``metric``, a figure per
            system, and per system but the first ``delta <system>`` and ``outcome <system>``.
        ceiling: metric -> what the best order of the candidates would reach, mean over the queries.
        levels: system -> level -> share of its hits.
        notes: what a reader should know, one sentence each.
    """

    rows: tuple[Mapping[str, object], ...]
    protocol: str
    queries: tuple[Mapping[str, object], ...] = ()
    ceiling: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_pandas(self) -> pd.DataFrame:
        """One row per metric and system."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))

    def per_query(self, metric: str | None = None) -> pd.DataFrame:
        """One row per query: every system's figure, the difference to the first and who won.

        Args:
            metric: one of those measured; by default the first.

        Raises:
            ValueError: no such metric.
        """
        import pandas as pd

        measured = list(dict.fromkeys(str(row["metric"]) for row in self.queries))
        wanted = metric or (measured[0] if measured else "")
        if metric is not None and metric not in measured:
            raise ValueError(f"metric must be one of {', '.join(measured)}, got {metric!r}.")
        return pd.DataFrame([row for row in self.queries if row["metric"] == wanted])

    def __repr__(self) -> str:
        lines = [f"EvaluationReport({self.protocol})"]
        for row in self.rows:
            column, group = next(iter(row.items()))  # that of the split, where there is one, stands first
            line = "" if column == "metric" else f"  {group!s:<8}"
            line += (
                f"  {row['metric']:<16} {row['system']:<12} {row['mean']:.3f} "
                f"[{row['low']:.3f}, {row['high']:.3f}]  n={row['queries']}"
            )
            if "delta" in row:
                line += (
                    f"  Δ {row['delta']:+.3f}, p {row['p']:.3f} ({row['p_queries']:.3f} by query), "
                    f"{row['win']}/{row['tie']}/{row['loss']}"
                )
            lines.append(line)
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])


@dataclass(frozen=True, slots=True, repr=False)
class IndexReport:
    """What an index for approximate search gains and misses, measured on the library itself.

    Attributes:
        kind: of the index, in LanceDB's words.
        k: length of the lists compared.
        recall: per query, the share of the exact first k that was found.
        queries: how many.
        exact_ms: median time of an exact search, in milliseconds.
        approximate_ms: the same with the index.
        segments: in the library.
        unindexed: segments added since the index was built; they are searched without it.
        bytes: size of the index.
        advice: one sentence.
    """

    kind: str
    k: int
    recall: tuple[float, ...]
    queries: int
    exact_ms: float
    approximate_ms: float
    segments: int
    unindexed: int
    bytes: int
    advice: str

    @property
    def mean_recall(self) -> float:
        """Recall@k, mean over the queries."""
        return float(np.mean(self.recall))

    def to_pandas(self) -> pd.DataFrame:
        """One row: kind, k, recall, queries, times, sizes."""
        import pandas as pd

        names = ("kind", "k", "queries", "exact_ms", "approximate_ms", "segments", "unindexed", "bytes")
        return pd.DataFrame([{name: getattr(self, name) for name in names} | {"recall": self.mean_recall}])

    def __repr__(self) -> str:
        late = f", {self.unindexed} added since" if self.unindexed else ""
        least = min(self.recall)
        return (
            f"IndexReport({self.kind}, {self.segments} segments{late}, {self.bytes / 1e6:.1f} MB)\n"
            f"  recall@{self.k} {self.mean_recall:.3f}, at least {least:.2f}, "
            f"{counted(self.queries, 'query', 'queries')}\n"
            f"  {self.approximate_ms:.1f} ms a query, exactly {self.exact_ms:.1f} ms\n  {self.advice}"
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be.

    Attributes:
        kind: ``"unfinished"`` (left by a writer that was killed; nothing complete is concerned),
            ``"incomplete"``, ``"vectors"``, ``"duplicate"``, ``"composition"``, ``"table"`` or ``"schema"``.
        video_id: of the video or composition concerned, or empty.
        detail: one sentence that says what was found.
        remedy: what was done about it, or what to do.
        repaired: whether it is gone now.
    """

    kind: str
    video_id: str
    detail: str
    remedy: str
    repaired: bool

    def __str__(self) -> str:
        return f"{self.kind} {self.video_id}: {self.detail} {self.remedy}"


@dataclass(frozen=True, repr=False)
class VerifyReport:
    """What checking a library found, and what became of it.

    Attributes:
        videos: complete videos looked at.
        segments: their segments.
        problems: all that was found.
    """

    videos: int
    segments: int
    problems: tuple[Problem, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong any more: all that was found was repaired."""
        return all(problem.repaired for problem in self.problems)

    def to_pandas(self) -> pd.DataFrame:
        """One row per problem: kind, video_id, detail, remedy, repaired."""
        import pandas as pd

        columns = ["kind", "video_id", "detail", "remedy", "repaired"]
        return pd.DataFrame([[getattr(p, c) for c in columns] for p in self.problems], columns=columns)

    def __repr__(self) -> str:
        repaired = sum(problem.repaired for problem in self.problems)
        found = "clean" if self.clean else f"{len(self.problems)} problems, {repaired} repaired"
        head = f"VerifyReport({self.videos} videos, {self.segments} segments: {found})"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])
