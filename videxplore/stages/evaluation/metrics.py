"""Retrieval metrics over credited gains: plain functions of two lists of numbers.

``gains`` are what the ranked hits earned, in rank order (see
:mod:`videxplore.stages.evaluation.matching`); ``judged`` are the gains of all judged spans. The
definitions are those of trec_eval, so that on point items the figures equal ir-measures'.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from videxplore.stages.evaluation.matching import Matching, file_name
from videxplore.values.rankings import Hit, Judgement

OVERLAPS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
"""Temporal overlaps over which ``map`` is averaged: .5, .55, … .95."""


def ndcg(gains: Sequence[float], judged: Sequence[float], k: int) -> float:
    """Normalised discounted cumulative gain of the first ``k``.

    Linear gain over log2(rank + 1) (Järvelin and Kekäläinen, 2002, as in trec_eval); the ideal list
    holds the judged spans in falling order of gain.

    >>> round(ndcg([0, 3], [3], k=10), 6)
    0.63093
    """
    ideal = _dcg(sorted(judged, reverse=True)[:k])
    return _dcg(gains[:k]) / ideal if ideal > 0 else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def average_precision(gains: Sequence[float], judged: Sequence[float]) -> float:
    """Mean over all judged spans of the precision where each was found, 0 where it was not.

    >>> average_precision([1, 0, 1], [1, 1])
    0.8333333333333333
    """
    found, total = 0, []
    for rank, gain in enumerate(gains, start=1):
        if gain > 0:
            found += 1
            total.append(found / rank)
    return math.fsum(total) / len(judged) if judged else 0.0


def recall(gains: Sequence[float], judged: Sequence[float], k: int) -> float:
    """Share of the judged spans that the first ``k`` hits found."""
    return sum(gain > 0 for gain in gains[:k]) / len(judged) if judged else 0.0


def success(gains: Sequence[float], k: int) -> float:
    """1 where any of the first ``k`` hits earned something: what moment retrieval calls R@k."""
    return float(any(gain > 0 for gain in gains[:k]))


def reciprocal_rank(gains: Sequence[float]) -> float:
    """One over the rank of the first hit that earned something."""
    return next((1.0 / rank for rank, gain in enumerate(gains, start=1) if gain > 0), 0.0)


def alpha_ndcg(
    gains: Sequence[float],
    sources: Sequence[str],
    judged_sources: Sequence[str],
    k: int,
    *,
    alpha: float = 0.5,
) -> float:
    """alpha-nDCG of the first ``k`` with videos as sub-topics (Clarke et al., 2008): answers spread out.

    Any credited hit is worth 1, and each further one of the same video ``1 − alpha`` times the one before.
    Every answer lies in one video, so that the ideal list, which the original approximates greedily, is
    known: all worths that the judged spans can have, highest first.

    Args:
        gains: what the ranked hits earned, in rank order.
        sources: video of each hit.
        judged_sources: video of each judged span.
        k: cut-off.
        alpha: how much a second answer of a video is worth less, in [0, 1).

    >>> round(alpha_ndcg([1, 1], ["a", "a"], ["a", "a", "b"], k=2), 6)
    0.806574
    """
    counts: Counter[str] = Counter()
    earned = []
    for gain, source in zip(gains, sources, strict=True):
        earned.append((1 - alpha) ** counts[source] if gain > 0 else 0.0)
        counts[source] += gain > 0
    ideal = [(1 - alpha) ** i for total in Counter(judged_sources).values() for i in range(total)]
    best = _dcg(sorted(ideal, reverse=True)[:k])
    return _dcg(earned[:k]) / best if best > 0 else 0.0


def measure_hits(
    hits: Sequence[Hit],
    judgements: Sequence[Judgement],
    *,
    k: int = 10,
    iou: float = 0.5,
    least_gain: int = 1,
) -> Mapping[str, float]:
    """Every metric of one ranked list.

    Args:
        hits: in rank order.
        judgements: spans that answer the query.
        k: cut-off of nDCG and recall.
        iou: least temporal overlap that counts as found.
        least_gain: judgements below this gain are ignored.

    Returns:
        ``ndcg@k``, ``ap``, ``recall@k`` (share of judged spans found), ``r@1`` and ``r@5`` (any of the
        first 1 or 5 hits is right, the R@k of moment retrieval), ``mrr``, ``midpoint@1`` (the middle of
        the first hit lies in a judged span, whatever its length), ``miou@1``, ``map`` (``ap`` averaged over
        the overlaps .5, .55, … .95, as in QVHighlights), ``ndcg_precise@k`` (any overlap counts, and a gain
        is multiplied by the share of the hit that lies in the judged span, so that whole videos cannot win)
        and ``alpha_ndcg@k`` (answers from several videos are worth more, :func:`alpha_ndcg`).
    """
    matching = Matching(hits, judgements, least_gain=least_gain)
    earned = matching.credit(iou)
    gains, judged = earned.gains, earned.judged
    by_overlap = [average_precision(matching.credit(overlap).gains, judged) for overlap in OVERLAPS]
    sources = [file_name(hit.video) for hit in hits]
    return {
        f"ndcg@{k}": ndcg(gains, judged, k),
        "ap": average_precision(gains, judged),
        f"recall@{k}": recall(gains, judged, k),
        "r@1": success(gains, 1),
        "r@5": success(gains, 5),
        "mrr": reciprocal_rank(gains),
        "midpoint@1": float(earned.midpoint),
        "miou@1": earned.first_iou,
        "map": math.fsum(by_overlap) / len(OVERLAPS),
        f"ndcg_precise@{k}": ndcg(matching.precise_gains(), judged, k),
        f"alpha_ndcg@{k}": alpha_ndcg(gains, sources, [j.video for j in matching.spans], k),
    }


def measure_ceiling(
    hits: Sequence[Hit],
    judgements: Sequence[Judgement],
    *,
    k: int = 10,
    iou: float = 0.5,
    least_gain: int = 1,
) -> Mapping[str, float]:
    """What the best order of ``hits`` would reach: no reranking of these candidates can exceed it.

    Args:
        hits: all candidates, in any order.
        judgements: spans that answer the query.
        k: cut-off.
        iou: least temporal overlap that counts as found.
        least_gain: judgements below this gain are ignored.

    Returns:
        ``recall``, the share of judged spans that any candidate finds, and ``ndcg@k``.
    """
    matching = Matching(hits, judgements, least_gain=least_gain)
    best = matching.attainable(iou)
    return {
        "recall": recall(best, matching.judged, len(best)),
        f"ndcg@{k}": ndcg(best, matching.judged, k),
    }
