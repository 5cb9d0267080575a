"""Retrieval metrics over credited gains: plain functions of two lists of numbers.

``gains`` are what the ranked hits earned, in rank order (see
:mod:`videxplore.stages.evaluation.matching`); ``judged`` are the gains of all judged spans. The
definitions are those of trec_eval, so that on point items the figures equal ir-measures'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from videxplore.stages.evaluation.matching import credit
from videxplore.values.rankings import Hit, Judgement


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
        the first hit lies in a judged span, whatever its length) and ``miou@1``.
    """
    earned = credit(hits, judgements, iou=iou, least_gain=least_gain)
    gains, judged = earned.gains, earned.judged
    return {
        f"ndcg@{k}": ndcg(gains, judged, k),
        "ap": average_precision(gains, judged),
        f"recall@{k}": recall(gains, judged, k),
        "r@1": success(gains, 1),
        "r@5": success(gains, 5),
        "mrr": reciprocal_rank(gains),
        "midpoint@1": float(earned.midpoint),
        "miou@1": earned.first_iou,
    }
