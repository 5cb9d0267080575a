"""A map of a library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.errors import CardMismatchError
from videxplore.stages.projection.layouts import Layout
from videxplore.stages.projection.project import project_embeddings, restore_embeddings
from videxplore.stages.store.maps import StoredMap
from videxplore.values.checks import check_kind, check_whole
from videxplore.values.vectors import Embeddings, Projection
from videxplore.workbench.library import Library

if TYPE_CHECKING:
    from videxplore.stages.store.snapshot import Snapshot


def project(
    what: Library | Embeddings,
    *,
    method: str | Layout = "umap",
    parents_at: str = "children",
    groups: str | Sequence[Any] | None = None,
    fit: Projection | None = None,
    align_to: Projection | None = None,
    random_state: int = 42,
) -> Projection:
    """Lay the segments of a library, or any embeddings, out in the plane.

    Args:
        what: a library (all segments of all levels) or embeddings (every segment for itself).
        method: ``"umap"``; ``"densmap"``, where dense regions look dense; ``"pca"``, which takes no time;
            ``"tsne"``; ``"pacmap"`` (extra ``maps``); or any estimator with scikit-learn's ``fit_transform``.
        parents_at: where a parent stands, ``"children"`` at the centroid of its children, ``"vector"`` among
            the leaves that its own vector is nearest to. Far apart, the parent says little of its children.
        groups: what belongs together, for a supervised map: a column of ``library.segments()`` such as
            ``"video_id"`` or ``"label"``, or one value per segment, None for unknown. Such a map shows what
            it was told.
        fit: an earlier map: its points stay where they are and new segments are placed among them.
        align_to: an earlier map of the same segments, such as of another encoder or version: the new one
            starts from it and is turned to match it, so that the two can be compared by eye.
        random_state: seed.

    Raises:
        ValueError: an unknown method or column, groups for a method that takes none, or an earlier map that
            cannot place points or shares none.
        CardMismatchError: ``fit`` is a map of another encoder's vectors.
        MissingExtraError: ``"pacmap"`` without the extra.
        TypeError: ``what`` is neither, or ``method`` is no estimator.
    """
    check_whole("random_state", random_state, 0)
    for name, earlier in (("fit", fit), ("align_to", align_to)):
        if earlier is not None:
            check_kind(name, earlier, Projection, "an earlier map, as vx.project returns it")
    options: dict[str, Any] = {
        "method": method, "fit": fit, "align_to": align_to, "random_state": random_state,
    }  # fmt: skip
    if isinstance(what, Embeddings):
        if isinstance(groups, str):
            raise ValueError(
                f"groups={groups!r} names a column of a library; for embeddings give the values."
            )
        return project_embeddings(what, parents_at=parents_at, groups=groups, **options)
    if not isinstance(what, Library):
        raise TypeError(f"project takes a Library or Embeddings, got {type(what).__name__}.")
    return project_embeddings(
        what.embeddings(),
        parents_at=parents_at,
        groups=_column(what, groups) if isinstance(groups, str) else groups,
        **facts_of(what.snapshot()),
        **options,
    )


def restore_projection(snapshot: Snapshot, stored: StoredMap) -> Projection:
    """Return a map that was kept, of the segments that are still there.

    Raises:
        CardMismatchError: the vectors are of another card.
    """
    if stored.card != snapshot.card:
        raise CardMismatchError(
            f"the map {stored.name!r} is of {stored.card!r}, this handle looks at vectors of "
            f"{snapshot.card!r}. Open the library with the encoder of the map."
        )
    kept = [i for i, segment_id in enumerate(stored.segment_ids) if segment_id in snapshot.row_of]
    rows = np.array([snapshot.row_of[stored.segment_ids[i]] for i in kept], dtype=np.intp)
    facts = facts_of(snapshot)
    facts |= {"times_s": facts["times_s"][rows], "labels": [facts["labels"][row] for row in rows]}
    embeddings = snapshot.embeddings().select(rows)
    return restore_embeddings(embeddings, stored.xy[kept], method=stored.method, **facts)


def facts_of(snapshot: Snapshot | None) -> dict[str, Any]:
    """What a map shows of the segments: parents, times and labels."""
    segments = () if snapshot is None else snapshot.segments
    return {
        "parents": {s.segment_id: s.parent_id for s in segments},
        "times_s": np.array([(s.start_s, s.end_s) for s in segments], dtype=np.float64).reshape(-1, 2),
        "labels": [f"{snapshot.title(s.video_id)} {s.span}" for s in segments] if snapshot else [],
    }


def _column(library: Library, name: str) -> list[Any]:
    """Values of one column of the segments, None where missing or empty."""
    table = library.segments()
    if name not in table.columns:
        raise ValueError(
            f"groups must be a column of library.segments() ({', '.join(table.columns)}), got {name!r}."
        )
    values = table[name]
    return [
        None if missing or value == "" else value
        for value, missing in zip(values, values.isna(), strict=True)
    ]
