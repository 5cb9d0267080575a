"""Embeddings laid out in the plane, with what the map tore apart.

Leaves are laid out; a parent stands at the duration-weighted centroid of its children, so that the hierarchy
can be drawn as short edges, or where its own vector says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import CardMismatchError
from videxplore.stages.projection.alignment import align, carry_over, start_from
from videxplore.stages.projection.honesty import judge
from videxplore.stages.projection.layouts import Layout, Pacmap, Pca, Tsne, Umap, find_layout
from videxplore.stages.projection.neighbours import Points, Surroundings, Vectors
from videxplore.stages.projection.placement import Anchors, Placer, place_by_children
from videxplore.values.vectors import Embeddings, Projection

PARENTS_AT = ("children", "vector")
"""Where a parent may stand: amid its children, or where its own vector belongs."""


@dataclass(frozen=True, eq=False)
class _Task:
    """What is to be laid out.

    Attributes:
        around: the vectors, and who is near whom.
        ids: n segment ids.
        leaf: bool (n,).
        groups: int (n,) or None.
    """

    around: Surroundings
    ids: tuple[str, ...]
    leaf: NDArray[np.bool_]
    groups: NDArray[np.int64] | None


def project_embeddings(
    embeddings: Embeddings,
    *,
    method: str | Layout = "umap",
    parents: Mapping[str, str | None] | None = None,
    parents_at: str = "children",
    times_s: NDArray[np.float64] | None = None,
    labels: Sequence[str] = (),
    groups: Sequence[Any] | None = None,
    fit: Projection | None = None,
    align_to: Projection | None = None,
    random_state: int = 42,
    around: Surroundings | None = None,
    judged: bool = True,
) -> Projection:
    """Lay segments out in the plane.

    Args:
        embeddings: n segments of any levels.
        method: ``"umap"``, ``"densmap"``, ``"pca"``, ``"tsne"``, ``"pacmap"`` or an estimator with
            scikit-learn's ``fit_transform``; with ``fit`` that of the earlier map is kept.
        parents: parent id by segment id; who is nobody's parent is a leaf and laid out, others are placed.
        parents_at: ``"children"`` places a parent at the centroid of its children, ``"vector"`` among the
            leaves that its own vector is nearest to.
        times_s: float64 (n, 2), start and end; durations weigh the centroids, else children weigh alike.
        labels: n texts to show beside the points.
        groups: n values that say what belongs together, None for unknown; the layout is then told, not found.
        fit: an earlier map: its points stay exactly where they are and new ones are placed among them.
        align_to: an earlier map, of any encoder: the new one starts from it and is turned to match it.
        random_state: seed; the same seed gives the same map on the same machine.
        around: :func:`surroundings_of` the same embeddings, where another map was made of them before.
        judged: whether to say how far to trust the map; :func:`judge_projection` says it later.

    Returns:
        The map. ``distortion`` is the share of its k nearest neighbours that are not among the k nearest
        on the map, k = 15 or half of the points where there are fewer. ``quality`` has trustworthiness,
        continuity, the mean overlap of neighbours, and the overlap that chance would give.

    Raises:
        ValueError: an unknown method, columns of the wrong length, groups for a layout that takes none, or an
            earlier map that cannot place points or shares none.
        TypeError: ``method`` is neither a name nor an estimator.
        CardMismatchError: ``fit`` is a map of another encoder's vectors.
        MissingExtraError: the method needs a package that is not installed.
    """
    n, ids = len(embeddings), embeddings.segment_ids
    layout = find_layout(method, random_state)
    _check(n, layout, parents_at, times_s, labels, groups)
    tree = _parent_rows(ids, parents or {})
    leaf = ~np.isin(np.arange(n), tree)
    around = around or surroundings_of(embeddings, random_state)
    if fit is not None:
        xy, model, name = _onto_earlier(fit, embeddings, around.vectors, leaf)
    else:
        xy, model, name = _lay_out(_Task(around, ids, leaf, _codes(groups, leaf)), layout, align_to)
    if parents_at == "vector":
        _place_by_vector(xy, around.vectors, model)
    place_by_children(xy, tree, np.ones(n) if times_s is None else np.asarray(times_s, float) @ [-1, 1])
    drawn = _drawn(embeddings, xy, tree, name, model, times_s, labels)
    return judge_projection(drawn, around) if judged else drawn


def surroundings_of(embeddings: Embeddings, random_state: int = 42) -> Surroundings:
    """Return who is near whom among these embeddings, for every map that is made of them."""
    return Surroundings(_unit(embeddings.vectors), random_state)


def judge_projection(projection: Projection, around: Surroundings) -> Projection:
    """Say how far to trust a map that was made with ``judged=False``.

    Args:
        projection: n segments.
        around: :func:`surroundings_of` the same segments.
    """
    distortion, quality = judge(around, projection.xy.astype(np.float64))
    return replace(projection, distortion=distortion, quality=quality, neighbours=around.nearest)


def _place_by_vector(xy: Points, vectors: Vectors, model: Placer) -> None:
    """Give every row without coordinates the place that its own vector has, in place."""
    waiting = np.isnan(xy[:, 0])
    if waiting.any():
        xy[waiting] = model.place(vectors[waiting])


def restore_embeddings(
    embeddings: Embeddings,
    xy: NDArray[np.float32],
    *,
    method: str,
    parents: Mapping[str, str | None] | None = None,
    times_s: NDArray[np.float64] | None = None,
    labels: Sequence[str] = (),
    random_state: int = 42,
) -> Projection:
    """Make a map again whose positions are known, and judge it anew.

    New points are placed among the nearest leaves, whatever the method was.

    Args:
        embeddings: n segments.
        xy: float32 (n, 2).
        method: its name, with the parameters that matter.
        parents: as for :func:`project_embeddings`.
        times_s: float64 (n, 2).
        labels: n texts.
        random_state: seeds what is sampled.
    """
    n, ids = len(embeddings), embeddings.segment_ids
    tree = _parent_rows(ids, parents or {})
    leaf = ~np.isin(np.arange(n), tree)
    around, places = surroundings_of(embeddings, random_state), np.asarray(xy, dtype=np.float64)
    model = Anchors(around.vectors[leaf], places[leaf])
    return judge_projection(_drawn(embeddings, places, tree, method, model, times_s, labels), around)


def _drawn(
    embeddings: Embeddings,
    xy: Points,
    tree: NDArray[np.intp],
    name: str,
    model: Placer,
    times_s: NDArray[np.float64] | None,
    labels: Sequence[str],
) -> Projection:
    """The value, not judged."""
    ids = embeddings.segment_ids
    return Projection(
        xy=xy.astype(np.float32),
        segment_ids=ids,
        levels=embeddings.levels,
        parent_ids=tuple(ids[row] if row >= 0 else None for row in tree),
        distortion=np.full(len(ids), np.nan, np.float32),
        quality={},
        method=name,
        card=embeddings.card,
        labels=tuple(labels),
        video_ids=embeddings.video_ids,
        times_s=times_s,
        model=model,
    )


def _check(
    n: int,
    layout: Layout,
    parents_at: str,
    times_s: NDArray[np.float64] | None,
    labels: Sequence[str],
    groups: Sequence[Any] | None,
) -> None:
    if parents_at not in PARENTS_AT:
        raise ValueError(f"parents_at must be one of {', '.join(PARENTS_AT)}, got {parents_at!r}.")
    if times_s is not None and np.shape(times_s) != (n, 2):
        raise ValueError(f"times_s must be (n, 2) = ({n}, 2), got {np.shape(times_s)}.")
    if labels and len(labels) != n:
        raise ValueError(f"labels must have n = {n} entries, got {len(labels)}.")
    if groups is None:
        return
    if len(groups) != n:
        raise ValueError(f"groups must have n = {n} entries, got {len(groups)}.")
    if isinstance(layout, (Pca, Tsne, Pacmap)):
        raise ValueError(f"{layout} takes no groups; umap, densmap and estimators of your own do.")


def _unit(vectors: Vectors) -> Vectors:
    """The vectors at unit length; those that have it are not copied, which takes as much memory again."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if np.allclose(norms[norms > 0], 1.0, rtol=0, atol=1e-6):
        return vectors
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)


def _parent_rows(ids: Sequence[str], parents: Mapping[str, str | None]) -> NDArray[np.intp]:
    row_of = {segment_id: row for row, segment_id in enumerate(ids)}
    return np.array([row_of.get(parents.get(i) or "", -1) for i in ids], dtype=np.intp)


def _codes(groups: Sequence[Any] | None, leaf: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """The leaves' groups as numbers by order of appearance, −1 for None."""
    if groups is None:
        return None
    told = [group for group, kept in zip(groups, leaf, strict=True) if kept]
    code = {group: i for i, group in enumerate(dict.fromkeys(g for g in told if g is not None))}
    return np.array([-1 if group is None else code[group] for group in told], dtype=np.int64)


def _lay_out(task: _Task, layout: Layout, align_to: Projection | None) -> tuple[Points, Placer, str]:
    """Positions (n, 2) with NaN where a parent is still to be placed, what places more, and its name."""
    leaf = task.leaf
    vectors = task.around.vectors[leaf]
    target = None
    if align_to is not None:
        target = carry_over(align_to, task.ids)[leaf]
        if (~np.isnan(target[:, 0])).sum() < 2:
            raise ValueError(
                "align_to must be a map of the same segments; it shares fewer than two leaves with these."
            )
    xy = np.full((len(leaf), 2), np.nan)
    model: Placer
    if len(vectors) < 4:
        # Fewer than four have a fixed layout, which UMAP cannot find (0.5.12 fails).
        fixed = {0: [], 1: [(0, 0)], 2: [(-0.5, 0), (0.5, 0)], 3: [(-0.5, 0), (0.5, 0), (0, 0.8)]}
        flat, name = np.array(fixed[len(vectors)], dtype=np.float64).reshape(-1, 2), "fixed places"
        model = Anchors(vectors, flat)
    elif isinstance(layout, Pca) and target is None:
        model, name = layout.fit(vectors), str(layout)
        flat = model.place(vectors)
    else:
        flat, name = _arranged(task, layout, target)
        model = Anchors(vectors, flat)
    if task.groups is not None:
        name += ", groups told"
    xy[leaf] = flat
    return xy, model, name


def _arranged(task: _Task, layout: Layout, target: Points | None) -> tuple[Points, str]:
    """Positions of the leaves, at least four, and the name of the layout with what was set."""
    vectors = task.around.vectors[task.leaf]
    if isinstance(layout, Umap):
        pool = task.around.pool
        layout = replace(layout, n_neighbors=min(layout.n_neighbors, len(vectors)))
        rows, distances = pool.among(task.leaf, min(layout.n_neighbors, len(vectors) - 1) - 1)
        start = None if target is None else start_from(target, rows)
        flat = layout.arrange(pool.points[task.leaf], rows, distances, task.groups, start)
    else:
        told = () if task.groups is None else (task.groups,)
        flat = np.asarray(layout.fit_transform(vectors, *told), dtype=np.float64)
        if flat.shape != (len(vectors), 2) or not np.isfinite(flat).all():
            raise ValueError(f"{layout} must give finite positions ({len(vectors)}, 2), got {flat.shape}.")
    name = " ".join(str(layout).split())
    if target is None:
        return flat, name
    return align(flat, target), f"{name}, aligned to an earlier map"


def _onto_earlier(
    fit: Projection, embeddings: Embeddings, vectors: Vectors, leaf: NDArray[np.bool_]
) -> tuple[Points, Placer, str]:
    """Positions (n, 2) where the points of ``fit`` stand as they stood; NaN for new parents."""
    if fit.card != embeddings.card:
        raise CardMismatchError(
            f"fit is a map of {fit.card!r}, these vectors are of {embeddings.card!r}: two different spaces."
        )
    if fit.model is None:
        raise ValueError("fit keeps no model to place new points with; project once more without fit.")
    xy = carry_over(fit, embeddings.segment_ids)
    new = leaf & np.isnan(xy[:, 0])
    if new.any():
        xy[new] = fit.model.place(vectors[new])
    return xy, fit.model, fit.method
