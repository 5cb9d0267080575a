"""Two things in the order of time: how well something else follows, or goes before, in the same video."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.snapshot import Snapshot

SEQUENCE = "order"
"""Name of the part of a score that what follows or went before gives."""

REACH_S = 30.0
"""Seconds in which the share of what comes next halves: soon after counts for more than some time after."""


def score_beside(snapshot: Snapshot, scores: NDArray[np.float64], relation: str) -> NDArray[np.float64]:
    """Return for each segment the best of ``scores`` that lie beside it, float64 (n,).

    A segment counts if it belongs to the same video and level and starts no earlier than the first one ends
    (``"next"``), or ends no later than the first one starts (``"previous"``). The further away, the less: a
    score halves every :data:`REACH_S`, and a score below nothing is no better for being far. Where nothing
    lies beside, as on either side of a whole video, it is as bad as the worst score there is.

    Args:
        snapshot: of the library.
        scores: (n,), for what must lie beside.
        relation: ``"next"`` or ``"previous"``.
    """
    found = np.full(len(scores), min(0.0, float(scores.min(initial=0.0))))
    groups: dict[tuple[str, str], list[int]] = {}
    for row, segment in enumerate(snapshot.segments):
        groups.setdefault((segment.video_id, segment.level), []).append(row)
    for rows in groups.values():
        starts = np.array([snapshot.segments[row].start_s for row in rows])
        ends = np.array([snapshot.segments[row].end_s for row in rows])
        gaps = starts[None] - ends[:, None] if relation == "next" else starts[:, None] - ends[None]
        faded = scores[rows] * 0.5 ** (np.maximum(gaps, 0.0) / REACH_S)
        kept = np.where(gaps >= -1e-3, np.where(scores[rows] > 0, faded, scores[rows]), -np.inf)
        best = kept.max(axis=1)
        found[rows] = np.where(np.isfinite(best), best, found[rows])
    return found
