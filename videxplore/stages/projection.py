"""Embeddings laid out in the plane, with what the map tore apart.

Leaves are laid out by UMAP (McInnes, Healy & Melville, 2018) or PCA; a parent stands at the duration-weighted
centroid of its children, so that the hierarchy can be drawn as short edges. Neighbours are found once, by
scikit-learn after PCA to 50 dimensions: on 5000 × 512 that takes a sixth of the time of UMAP's own search.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import CardMismatchError
from videxplore.values.vectors import Embeddings, Projection

METHODS = ("umap", "pca")

NEIGHBOURS = 15
MIN_DIST = 0.1
_REDUCED_TO = 50
_PLACED_BY = 5
_JUDGED_AT_MOST = 3000

Points = NDArray[np.float64]


class Placer(Protocol):
    """Puts further points on a map that is already drawn."""

    def place(self, vectors: Points) -> Points:
        """Float64 (m, d) unit vectors to float64 (m, 2)."""


@dataclass(frozen=True, eq=False)
class Anchors:
    """Places a point among its nearest anchors: their mean, weighted by inverse squared distance.

    UMAP's own transform moves a point with its company in the batch (by 0.01 when tried), this one does not.

    Attributes:
        vectors: float64 (n, d), unit length.
        xy: float64 (n, 2).
    """

    vectors: Points
    xy: Points

    def place(self, vectors: Points) -> Points:
        """Float64 (m, d) to float64 (m, 2); a copy of an anchor lands on it."""
        from sklearn.neighbors import NearestNeighbors

        search = NearestNeighbors(n_neighbors=min(_PLACED_BY, len(self.vectors)), algorithm="brute")
        distances, rows = search.fit(self.vectors).kneighbors(vectors)
        weights = 1.0 / (np.square(distances) + 1e-12)
        weights /= weights.sum(axis=1, keepdims=True)
        return np.einsum("mk,mkc->mc", weights, self.xy[rows])


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane of the first two principal components: float64 mean (d,) and axes (2, d)."""

    mean: Points
    axes: Points

    def place(self, vectors: Points) -> Points:
        """Float64 (m, d) to float64 (m, 2)."""
        return (vectors - self.mean) @ self.axes.T


def project_embeddings(
    embeddings: Embeddings,
    *,
    method: str = "umap",
    parents: Mapping[str, str | None] | None = None,
    times_s: NDArray[np.float64] | None = None,
    labels: Sequence[str] = (),
    fit: Projection | None = None,
    random_state: int = 42,
) -> Projection:
    """Lay segments out in the plane.

    Args:
        embeddings: n segments of any levels.
        method: ``"umap"`` or ``"pca"``; with ``fit`` that of the earlier map is kept.
        parents: parent id by segment id; segments that are nobody's parent are leaves and are laid out,
            the others stand at the centroid of their children. Without it every segment is a leaf.
        times_s: float64 (n, 2), start and end; durations weigh the centroids, else children weigh alike.
        labels: n texts to show beside the points.
        fit: an earlier map: its points stay exactly where they are and new ones are placed among them.
        random_state: seed; the same seed gives the same map on the same machine.

    Returns:
        The map. ``distortion`` is the share of its k nearest neighbours that are not among the k nearest
        on the map, k = 15 or half of the points where there are fewer. ``quality`` has the trustworthiness
        (Venna & Kaski, 2001), the mean overlap of neighbours, and the overlap that chance would give.

    Raises:
        ValueError: an unknown method, columns of the wrong length, or a ``fit`` that cannot place points.
        CardMismatchError: ``fit`` is a map of another encoder's vectors.
    """
    n, ids = len(embeddings), embeddings.segment_ids
    _check(n, method, times_s, labels)
    tree = _parent_rows(ids, parents or {})
    leaf = np.ones(n, dtype=bool)
    leaf[tree[tree >= 0]] = False
    vectors = _unit(embeddings.vectors)
    weights = np.ones(n) if times_s is None else np.diff(np.asarray(times_s, float), axis=1)[:, 0]
    xy, model, name = _place_leaves(embeddings, vectors, leaf, method, fit, random_state)
    _place_parents(xy, tree, weights)
    distortion, quality = judge(vectors, xy, random_state=random_state)
    return Projection(
        xy=xy.astype(np.float32),
        segment_ids=ids,
        levels=embeddings.levels,
        parent_ids=tuple(ids[row] if row >= 0 else None for row in tree),
        distortion=distortion,
        quality=quality,
        method=name,
        card=embeddings.card,
        labels=tuple(labels),
        video_ids=embeddings.video_ids,
        times_s=times_s,
        model=model,
    )


def _place_leaves(
    embeddings: Embeddings,
    vectors: Points,
    leaf: NDArray[np.bool_],
    method: str,
    fit: Projection | None,
    random_state: int,
) -> tuple[Points, Placer, str]:
    """Positions (n, 2) with NaN where a parent is still to be placed, what placed them, and its name."""
    if fit is None:
        xy = np.full((len(leaf), 2), np.nan)
        xy[leaf], model = _lay_out(vectors[leaf], method, random_state)
        return xy, model, f"{method}({_settings(method, int(leaf.sum()), random_state)})"
    model = _checked_model(fit, embeddings)
    xy = _carry_over(fit, embeddings.segment_ids)
    new = leaf & np.isnan(xy[:, 0])
    if new.any():
        xy[new] = model.place(vectors[new])
    return xy, model, fit.method


def _check(n: int, method: str, times_s: NDArray[np.float64] | None, labels: Sequence[str]) -> None:
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}.")
    if times_s is not None and np.shape(times_s) != (n, 2):
        raise ValueError(f"times_s must be (n, 2) = ({n}, 2), got {np.shape(times_s)}.")
    if labels and len(labels) != n:
        raise ValueError(f"labels must have n = {n} entries, got {len(labels)}.")


def _settings(method: str, leaves: int, random_state: int) -> str:
    if method == "pca":
        return "2 components"
    return f"n_neighbors={min(NEIGHBOURS, leaves)}, min_dist={MIN_DIST}, random_state={random_state}"


def _unit(vectors: NDArray[np.float32]) -> Points:
    wide = np.asarray(vectors, dtype=np.float64)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.divide(wide, norms, out=np.zeros_like(wide), where=norms > 0)


def _parent_rows(ids: Sequence[str], parents: Mapping[str, str | None]) -> NDArray[np.intp]:
    row_of = {segment_id: row for row, segment_id in enumerate(ids)}
    return np.array([row_of.get(parents.get(i) or "", -1) for i in ids], dtype=np.intp)


def _lay_out(vectors: Points, method: str, random_state: int) -> tuple[Points, Placer]:
    """Lay the leaves out; fewer than four have a fixed layout, which UMAP cannot find (0.5.12 fails)."""
    n = len(vectors)
    if n < 4:
        fixed = {0: [], 1: [(0, 0)], 2: [(-0.5, 0), (0.5, 0)], 3: [(-0.5, 0), (0.5, 0), (0, 0.8)]}[n]
        xy = np.array(fixed, dtype=np.float64).reshape(n, 2)
        return xy, Anchors(vectors, xy)
    if method == "pca":
        plane = _principal_plane(vectors)
        return plane.place(vectors), plane
    xy = _umap(vectors, random_state)
    return xy, Anchors(vectors, xy)


def _principal_plane(vectors: Points) -> Plane:
    mean = vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(vectors - mean, full_matrices=False)
    # A direction and its opposite are equally good; the larger coordinate positive makes it repeatable.
    signs = np.sign(axes[np.arange(2), np.abs(axes[:2]).argmax(axis=1)]) if len(axes) > 1 else np.ones(1)
    axes = axes[:2] * signs[:, None]
    if len(axes) < 2:
        axes = np.vstack([axes, np.zeros((2 - len(axes), vectors.shape[1]))])
    return Plane(mean, axes)


def _umap(vectors: Points, random_state: int) -> Points:
    import umap
    from sklearn.decomposition import PCA
    from sklearn.neighbors import NearestNeighbors

    n, d = vectors.shape
    reduced = vectors
    if np.ptp(vectors, axis=0).max() > 0:
        reduced = PCA(min(_REDUCED_TO, n - 1, d), random_state=random_state).fit_transform(vectors)
    k = min(NEIGHBOURS, n - 1)
    distances, rows = NearestNeighbors(n_neighbors=k - 1).fit(reduced).kneighbors()
    # UMAP expects every point as its own first neighbour; among duplicates a search need not find it first.
    rows = np.hstack([np.arange(n)[:, None], rows]).astype(np.int32)
    distances = np.hstack([np.zeros((n, 1)), distances]).astype(np.float32)
    with warnings.catch_warnings():
        # No search index is given: points are placed by Anchors, never by UMAP's transform.
        warnings.filterwarnings("ignore", message=".*precomputed_knn.*")
        model = umap.UMAP(
            n_neighbors=k,
            min_dist=MIN_DIST,
            init="pca" if min(reduced.shape) >= 2 and np.ptp(reduced, axis=0).max() > 0 else "random",
            precomputed_knn=(rows, distances),
            random_state=random_state,
            n_jobs=1,  # a seed forces one thread; saying so spares the user a warning
        )
        return np.asarray(model.fit_transform(reduced.astype(np.float32)), dtype=np.float64)


def _place_parents(xy: Points, tree: NDArray[np.intp], weights: NDArray[np.float64]) -> None:
    """Give every row without coordinates the weighted centroid of its children, finest parents first."""
    children: dict[int, list[int]] = {}
    for row, parent in enumerate(tree):
        children.setdefault(int(parent), []).append(row)
    waiting = [int(row) for row in np.flatnonzero(np.isnan(xy[:, 0]))]
    while waiting:
        ready = [row for row in waiting if not np.isnan(xy[children[row], 0]).any()]
        if not ready:
            raise ValueError("parents must form a tree: some segment is its own ancestor.")
        for row in ready:
            below = children[row]
            xy[row] = np.average(xy[below], axis=0, weights=weights[below])
        waiting = [row for row in waiting if row not in set(ready)]


def _checked_model(fit: Projection, embeddings: Embeddings) -> Any:
    if fit.card != embeddings.card:
        raise CardMismatchError(
            f"fit is a map of {fit.card!r}, these vectors are of {embeddings.card!r}: two different spaces."
        )
    if fit.model is None:
        raise ValueError("fit keeps no model to place new points with; project once more without fit.")
    return fit.model


def _carry_over(fit: Projection, ids: Sequence[str]) -> Points:
    """Coordinates of the ids that the earlier map has, NaN for the others."""
    at = {segment_id: row for row, segment_id in enumerate(fit.segment_ids)}
    xy = np.full((len(ids), 2), np.nan)
    for row, segment_id in enumerate(ids):
        if segment_id in at:
            xy[row] = fit.xy[at[segment_id]]
    return xy


def judge(
    vectors: Points, xy: Points, *, random_state: int = 42
) -> tuple[NDArray[np.float32], dict[str, float]]:
    """Say what a map tore apart: distortion float32 (n,) per point, and figures for the whole.

    Args:
        vectors: float64 (n, d), unit length.
        xy: float64 (n, 2).
        random_state: seeds the sample that trustworthiness is taken on beyond 3000 points.
    """
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    n = len(vectors)
    k = min(NEIGHBOURS, (n - 1) // 2)
    if n < 4:
        return np.zeros(n, dtype=np.float32), {}
    near = [NearestNeighbors(n_neighbors=k).fit(points).kneighbors()[1] for points in (vectors, xy)]
    overlap = np.array([len(np.intersect1d(a, b)) / k for a, b in zip(*near, strict=True)])
    sample = np.arange(n)
    if n > _JUDGED_AT_MOST:
        sample = np.random.default_rng(random_state).choice(n, _JUDGED_AT_MOST, replace=False)
    quality = {
        f"trustworthiness@{k}": float(trustworthiness(vectors[sample], xy[sample], n_neighbors=k)),
        f"neighbour overlap@{k}": float(overlap.mean()),
        f"chance@{k}": k / (n - 1),
    }
    return (1.0 - overlap).astype(np.float32), quality
