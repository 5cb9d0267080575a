"""Segments defined in words: how well each phrase fits over time is a sequence of states to cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.assemble import assemble_tree
from videxplore.stages.segmentation.partition import measure_costs, partition, prefix_sums
from videxplore.values.media import Series, Video
from videxplore.values.segments import Boundary, SegmentTree

Floats = NDArray[np.float64]

_SHARPNESS = 2.0
"""How much clearer a state is when its phrase fits better by one standard deviation (softmax)."""


def cut_by_states(video: Video, likeness: Series, *, min_s: float = 2.0) -> SegmentTree:
    """Cut a video into stretches in which one phrase fits best, under the whole video.

    Each phrase is judged by its own range over the video: half way between how badly and how well it fits at
    most is its zero, so that a phrase that fits everything a little does not win everywhere. The softmax over
    phrases, as unit vectors, is partitioned exactly, at the penalty at which a state counts that lasts
    ``min_s``; neighbours with the same phrase are one.

    Args:
        video: the video.
        likeness: how well each phrase fits at each time: a column per phrase, named by it.
        min_s: how long a state lasts to count, in seconds.

    Returns:
        A tree with the one level ``"moment"``. ``labels`` has the phrase of each segment; a boundary's
        evidence is by how much each phrase fits better after it than before, in standard deviations.

    Raises:
        ValueError: fewer than two phrases, no rows, or ``min_s`` is not positive.
    """
    if len(likeness.names) < 2 or not len(likeness):
        raise ValueError(f"segments in words need two phrases or more, got {list(likeness.names)}.")
    if not (np.isfinite(min_s) and min_s > 0):
        raise ValueError(f"min_s must be a positive number of seconds, got {min_s!r}.")
    fit = _standardise(likeness.values.astype(np.float64))
    weights = np.exp(_SHARPNESS * (fit - fit.max(axis=1, keepdims=True)))
    states = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    times = likeness.times_s
    rows_per_s = (len(times) - 1) / max(float(times[-1] - times[0]), 1e-9) if len(times) > 1 else 1.0
    # A stretch of L rows of another state costs about L inside a long segment, or two boundaries.
    cuts = partition(measure_costs(prefix_sums(states)), min_s * rows_per_s / 2)[0].tolist()
    sums = prefix_sums(weights / weights.sum(axis=1, keepdims=True))
    edges = [0, *cuts, len(times)]
    winners = [int((sums[b] - sums[a]).argmax()) for a, b in pairwise(edges)]
    kept = [i for i in range(len(winners)) if i == 0 or winners[i] != winners[i - 1]]
    edges = [edges[i] for i in kept] + [len(times)]
    fits = prefix_sums(fit)
    means = [(fits[b] - fits[a]) / (b - a) for a, b in pairwise(edges)]
    boundaries = []
    for i, k in enumerate(edges[1:-1]):
        change = dict(zip(likeness.names, (means[i + 1] - means[i]).tolist(), strict=True))
        at = float(times[k - 1] + times[k]) / 2
        strength = change[likeness.names[winners[kept[i + 1]]]]
        boundaries.append(Boundary(at, "words", strength=strength, evidence=change, level="moment"))
    return assemble_tree(
        video,
        {"moment": [b.time_s for b in boundaries]},
        boundaries=boundaries,
        labels=[likeness.names[winners[i]] for i in kept],
        method="words",
    )


def _standardise(values: Floats) -> Floats:
    """Each column around the middle of its range, all of them in their common standard deviation."""
    low, high = np.percentile(values, [5, 95], axis=0)
    centred = values - (low + high) / 2
    return centred / max(float(np.sqrt(values.var(axis=0).mean())), 1e-12)
