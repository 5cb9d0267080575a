"""Reranking by hand: scores that spread between candidates, and a sum of reasons, in numbers one can follow.

What two candidates have in common, modality by modality, is taken from the kit. All else is done here anew,
in the plainest way there is, so that it can be held against what the kit's rerankers answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.reranking.affinity import modality_vectors, modality_weights, same_thing
from videxplore.stages.reranking.joint import NAMED
from videxplore.values.charts import Bars, Grid, Lane, Scene, two_decimals
from videxplore.values.media import format_time
from videxplore.values.rankings import Candidate, Ranking

Matrix = NDArray[np.float64]

_AROUND = ("ancestor", "previous", "next")
_STILL = 1e-13
_MOST_STEPS = 2000


def pick_first(ranking: Ranking, count: int = 5, *, alone: bool = True) -> Ranking:
    """Return a ranking with the first few hits of another for its only candidates.

    Args:
        ranking: a raw one, from ``library.search``.
        count: how many.
        alone: whether they know of no segments but each other; otherwise also of those around them.

    Raises:
        ValueError: fewer hits, or two of them are the same thing.
    """
    by_id = {c.hit.segment_id: c for c in ranking.candidates}
    kept = [by_id[hit.segment_id] for hit in ranking.hits[:count]]
    if len(kept) < count:
        raise ValueError(f"this ranking has {len(kept)} hits; {count} are needed.")
    if len(set(same_thing(kept).tolist())) < count:
        raise ValueError("two of the first hits are the same thing, which this lesson leaves out.")
    ids = {c.hit.segment_id for c in kept}
    chosen = tuple(
        replace(
            c,
            hit=replace(c.hit, rank=rank, raw_rank=rank),
            relatives=tuple(r for r in c.relatives if r.segment_id in ids or not alone),
        )
        for rank, c in enumerate(kept, start=1)
    )
    return Ranking(ranking.query, tuple(c.hit for c in chosen), chosen, level=ranking.level)


def name_of(candidate: Candidate) -> str:
    """Return the film and the time of a candidate."""
    film = candidate.hit.video.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ")
    return f"{film} {format_time(candidate.hit.start_s)}"


@dataclass(frozen=True, eq=False)
class Walk:
    """Scores that spread over links, step by step.

    Attributes:
        names: n clips.
        ids: of their segments.
        scores: float64 (n,), raw: s.
        cosines: float64 (n, n), mean over the modalities by their share in the scores.
        links: float64 (n, n): W, cosine³ between those that are among each other's nearest, and the tree.
        shares: float64 (n, n): P, each row of W divided by its sum; a row of zeros where it has no link.
        steps: float64 (steps, n): f after no step, one, two, … until nothing moves.
        share: α.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    scores: Matrix
    cosines: Matrix
    links: Matrix
    shares: Matrix
    steps: Matrix
    share: float

    @property
    def final(self) -> Matrix:
        """Where the scores come to rest."""
        return self.steps[-1]

    def table(self, values: Matrix, title: str, unit: str, caption: str = "") -> Grid:
        """Return a matrix (n, n) as shades, rows and columns in raw order."""
        columns = tuple(f"{i}." for i in range(1, len(self.names) + 1))
        rows = tuple(f"{i} {name}" for i, name in zip(columns, self.names, strict=True))
        shown = np.where(np.eye(len(rows), dtype=bool), np.nan, values)
        return Grid(title, rows, columns, shown, unit=unit, caption=caption, range=(0.0, float(values.max())))


def walk_by_hand(few: Ranking, share: float = 0.3, alike: int = 2, tree: float = 0.1) -> Walk:
    """Spread the scores of a few candidates, as ``vx.Graph`` does at once.

    f ← (1 − α) s + α P f, again and again (Zhou et al., Ranking on Data Manifolds, 2003).

    Args:
        few: from :func:`pick_first`.
        share: α in [0, 1), how much of a score comes from the others.
        alike: how many nearest may be linked in a modality, if both find each other.
        tree: weight of a link between neighbours in time.
    """
    candidates = few.candidates
    cosines, links = _links(few, alike, tree)
    degree = links.sum(axis=1)
    shares = links / np.where(degree > 0, degree, 1.0)[:, None]
    scores = np.array([c.hit.raw_score for c in candidates])
    mine = np.where(degree > 0, share, 0.0)  # who has no link keeps its score
    steps = [scores]
    while len(steps) < 2 or (np.abs(steps[-1] - steps[-2]).max() > _STILL and len(steps) < _MOST_STEPS):
        steps.append((1 - mine) * scores + mine * (shares @ steps[-1]))
    ids = tuple(c.hit.segment_id for c in candidates)
    return Walk(tuple(map(name_of, candidates)), ids, scores, cosines, links, shares, np.stack(steps), share)


def _links(few: Ranking, alike: int, tree: float) -> tuple[Matrix, Matrix]:
    """Mean cosines and links, both float64 (n, n) with nothing on the diagonal."""
    candidates, n = few.candidates, len(few.candidates)
    vectors = modality_vectors(candidates, few.query)
    weights = modality_weights(candidates, vectors)
    cosines, links = np.zeros((n, n)), np.zeros((n, n))
    for name, rows in vectors.items():
        found = rows @ rows.T
        near = [_nearest(found, i, alike) for i in range(n)]
        for i in range(n):
            for j in range(n):
                cosines[i, j] += weights[name] * found[i, j] * (i != j)
                if j in near[i] and i in near[j]:
                    links[i, j] += weights[name] * found[i, j] ** 3
    row_of = {c.hit.segment_id: i for i, c in enumerate(candidates)}
    for i, c in enumerate(candidates):
        for relative in c.relatives:
            j = row_of[relative.segment_id]
            links[i, j] = links[j, i] = max(links[i, j], tree)
    return cosines, links


def _nearest(cosines: Matrix, i: int, count: int) -> set[int]:
    """The few most like i, if like it at all."""
    others = sorted((j for j in range(len(cosines)) if j != i), key=lambda j: -cosines[i, j])
    return {j for j in others[:count] if cosines[i, j] > 0}


def show_step(walk: Walk, step: int) -> Scene:
    """Return the scores after some steps, with the clips in their old and their new order."""
    values = walk.steps[min(step, len(walk.steps) - 1)]
    order = np.argsort(-values, kind="stable")
    chart = Bars(
        "Scores, in hundredths",
        tuple(f"{i}. {name}" for i, name in enumerate(walk.names, start=1)),
        100 * values,
        "score, in hundredths",
        caption=f"n = {len(walk.names)} clips, α = {walk.share:g}. The mark is the raw score.",
        before=100 * walk.scores,
        before_name="raw",
        x_range=(0.0, 110 * float(max(walk.scores.max(), values.max()))),
    )
    moved = [int(np.flatnonzero(order == i)[0]) - i for i in range(len(order))]
    gain = int(np.argmax(values - walk.scores))
    rest = float(np.abs(walk.final - values).max())
    said = (
        f"After {step} steps {sum(m != 0 for m in moved)} of {len(moved)} clips have changed places. "
        f"Most has gained {walk.names[gain]}, {two_decimals(100 * (values - walk.scores)[gain])} hundredths; "
        f"none is further than {two_decimals(100 * rest)} from where it comes to rest."
    )
    return Scene(
        chart,
        said,
        [
            Lane("raw", walk.ids, [two_decimals(100 * s) for s in walk.scores]),
            Lane(
                "now",
                [walk.ids[i] for i in order],
                [f"{two_decimals(100 * values[i])}, was {i + 1}." for i in order],
                "same" if not any(moved) else "up",
            ),
        ],
    )


@dataclass(frozen=True, eq=False)
class Sum:
    """What the joint reranker adds to raw scores, term by term.

    Attributes:
        names: n clips.
        terms: of the sum, the raw score first.
        values: float64 (n, terms).
    """

    names: tuple[str, ...]
    terms: tuple[str, ...]
    values: Matrix

    @property
    def final(self) -> Matrix:
        """New scores (n,)."""
        return self.values.sum(axis=1)

    def chart(self) -> Grid:
        """Return the terms and their sum, in hundredths."""
        table = 100 * np.column_stack([self.values, self.final])
        return Grid(
            "Raw score and what is added to it, in hundredths",
            tuple(f"{i}. {name}" for i, name in enumerate(self.names, start=1)),
            (*self.terms, "new score"),
            table,
            unit="hundredths",
            caption=f"n = {len(self.names)} clips. Each row adds up to its last number.",
            range=(0.0, float(table.max())),
        )


def add_by_hand(few: Ranking) -> Sum:
    """Add up for a few candidates without parts what the reranker ``joint`` adds.

    Args:
        few: from :func:`pick_first` with ``alone=False``, for a query read as named attributes.

    Raises:
        ValueError: a candidate has parts.
    """
    candidates = few.candidates
    if any(r.relation == "part" for c in candidates for r in c.relatives):
        raise ValueError("these candidates have parts; take those of the finest level.")
    raw = np.array([c.hit.raw_score for c in candidates])
    spread = float(np.std(np.concatenate([c.frame_scores for c in candidates]).astype(np.float64)))
    frames = np.array([NAMED.frames * _better_frames(c, spread) for c in candidates])
    hubs = np.array([c.hubness if c.hubness is not None else math.nan for c in candidates])
    hubness = np.nan_to_num(-NAMED.hubness * (hubs - np.nanmean(hubs)))
    own = raw + frames + hubness
    now = {c.hit.segment_id: float(y) for c, y in zip(candidates, own, strict=True)}
    lifts = np.array([_lifts(c, y, now) for c, y in zip(candidates, own.tolist(), strict=True)])
    return Sum(
        tuple(map(name_of, candidates)),
        ("raw", "best frames", "answers all", "scene, video", "beside it"),
        np.column_stack([raw, frames, hubness, lifts]),
    )


def _better_frames(candidate: Candidate, spread: float) -> float:
    """How far the softly best frames lie above what the whole scored by its vector."""
    scores = candidate.frame_scores.astype(np.float64)
    if not len(scores):
        return 0.0
    weights = np.exp((scores - scores.max()) / spread)
    seen = (
        candidate.hit.raw_score - candidate.hit.parts.get("text", 0.0) - candidate.hit.parts.get("order", 0.0)
    )
    return float(weights @ scores / weights.sum()) - seen


def _lifts(candidate: Candidate, own: float, now: dict[str, float]) -> tuple[float, float]:
    """What segments above and segments beside it add: nothing where they score less."""
    around = [r for r in candidate.relatives if r.relation in _AROUND]
    gains = [NAMED.lift * max(0.0, now.get(r.segment_id, r.score) - own) / len(around) for r in around]
    above = sum(g for g, r in zip(gains, around, strict=True) if r.relation == "ancestor")
    return above, sum(gains) - above


def loses_from(few: Ranking, shares: Sequence[float], alike: int = 2) -> float:
    """Return the smallest α of ``shares`` at which the first candidate is first no more; NaN for none."""
    for share in sorted(shares):
        if int(np.argmax(walk_by_hand(few, share, alike).final)) != 0:
            return share
    return math.nan
