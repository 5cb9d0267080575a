"""A map of a library."""

from __future__ import annotations

import numpy as np

from videxplore.stages.projection.project import project_embeddings
from videxplore.values.vectors import Embeddings, Projection
from videxplore.workbench.library import Library


def project(
    what: Library | Embeddings,
    *,
    method: str = "umap",
    fit: Projection | None = None,
    random_state: int = 42,
) -> Projection:
    """Lay the segments of a library, or any embeddings, out in the plane.

    Args:
        what: a library (all segments of all levels, parents at the centroid of their children) or embeddings
            (every segment for itself).
        method: ``"umap"``, or ``"pca"``, which takes no time.
        fit: an earlier map: its points stay where they are and new segments are placed among them.
        random_state: seed.

    Raises:
        ValueError: an unknown method, or a ``fit`` that cannot place points.
        CardMismatchError: ``fit`` is a map of another encoder's vectors.
        TypeError: ``what`` is neither.
    """
    if isinstance(what, Embeddings):
        return project_embeddings(what, method=method, fit=fit, random_state=random_state)
    if not isinstance(what, Library):
        raise TypeError(f"project takes a Library or Embeddings, got {type(what).__name__}.")
    snapshot = what.snapshot()
    segments = () if snapshot is None else snapshot.segments
    return project_embeddings(
        what.embeddings(),
        method=method,
        parents={s.segment_id: s.parent_id for s in segments},
        times_s=np.array([(s.start_s, s.end_s) for s in segments], dtype=np.float64).reshape(-1, 2),
        labels=[f"{snapshot.title(s.video_id)} {s.span}" for s in segments] if snapshot else [],
        fit=fit,
        random_state=random_state,
    )
