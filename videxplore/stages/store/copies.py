"""Near-duplicates in an answer: the first of each stands for the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.snapshot import Snapshot


def fold_copies(
    snapshot: Snapshot, order: NDArray[np.intp], count: int, least: float | None
) -> tuple[NDArray[np.intp], dict[str, tuple[str, ...]]]:
    """Walk down a ranking and keep the first of segments that are alike.

    Two segments are alike when they are of one level and the cosine of their whole vectors is at least
    ``least``. The walk ends when ``count`` are kept.

    Args:
        snapshot: of the library.
        order: rows, best first.
        count: how many to keep.
        least: a cosine in (0, 1], or None to keep all.

    Returns:
        The rows kept, and the ids folded into each, by its id.

    Raises:
        ValueError: ``least`` outside (0, 1].
    """
    if least is None:
        return order[:count], {}
    if not 0.0 < least <= 1.0:
        raise ValueError(f"fold must be a cosine above 0 and at most 1, or None; got {least!r}.")
    kept: list[int] = []
    held = np.zeros((count, snapshot.card.dimension), dtype=np.float32)
    folded: dict[str, list[str]] = {}
    for row in order.tolist():
        segment = snapshot.segments[row]
        alike = np.flatnonzero(held[: len(kept)] @ snapshot.vectors[row] >= least - 1e-6)
        same = [i for i in alike.tolist() if snapshot.segments[kept[i]].level == segment.level]
        if same:
            folded.setdefault(snapshot.segments[kept[same[0]]].segment_id, []).append(segment.segment_id)
        elif len(kept) < count:
            held[len(kept)] = snapshot.vectors[row]
            kept.append(row)
        else:
            break
    return np.array(kept, dtype=np.intp), {first: tuple(ids) for first, ids in folded.items()}
