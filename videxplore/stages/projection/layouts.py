"""Ways to lay points out in the plane, each with the face of a scikit-learn estimator."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from videxplore._extras import missing_extra
from videxplore.stages.projection.kept_umap import load_umap
from videxplore.stages.projection.neighbours import Points, Rows, Vectors, find_neighbourhood, reduce_points

NEIGHBOURS = 15
MIN_DIST = 0.1

_SETTLING = 0.1
"""Step of a layout that begins from an earlier map, so that groups stay about where they were."""


@runtime_checkable
class Layout(Protocol):
    """Anything that lays points out: the layouts here, or an estimator of scikit-learn's making.

    ``str()`` of a layout is what the map says about its making.
    """

    def fit_transform(self, X: Vectors, y: Any = None) -> NDArray[np.floating]:  # noqa: N803 - scikit-learn's names
        """Float32 (n, d) unit vectors to (n, 2); ``y`` int (n,): groups to keep together, −1 for none."""
        ...


@dataclass(frozen=True, slots=True)
class Umap:
    """Uniform manifold approximation (McInnes, Healy & Melville, 2018), with neighbours found beforehand.

    Attributes:
        n_neighbors: at most; fewer where there are fewer points.
        min_dist: how close points may come on the map.
        density: whether dense regions shall look dense (DensMAP; Narayan, Berger & Cho, 2021).
        random_state: the same seed gives the same map on the same machine.
    """

    n_neighbors: int = NEIGHBOURS
    min_dist: float = MIN_DIST
    density: bool = False
    random_state: int = 42

    def __str__(self) -> str:
        name = "densmap" if self.density else "umap"
        parts = f"n_neighbors={self.n_neighbors}, min_dist={self.min_dist}"
        return f"{name}({parts}, random_state={self.random_state})"

    def fit_transform(self, X: Vectors, y: NDArray[np.int64] | None = None) -> Points:  # noqa: N803
        """See :class:`Layout`."""
        k = min(self.n_neighbors, len(X) - 1)
        pool = find_neighbourhood(X, k, random_state=self.random_state)
        rows, distances = pool.rows[:, : k - 1], pool.distances[:, : k - 1]
        return self.arrange(pool.points, rows, distances, y)

    def arrange(
        self,
        points: NDArray[np.float32],
        rows: Rows,
        distances: NDArray[np.float32],
        y: NDArray[np.int64] | None = None,
        start: Points | None = None,
    ) -> Points:
        """Lay out points whose neighbours are known.

        Args:
            points: float32 (n, r), n ≥ 4.
            rows: int32 (n, k − 1), nearest others first.
            distances: float32 (n, k − 1).
            y: int (n,) groups, −1 for none; None for no groups.
            start: float64 (n, 2) positions to begin from; by default those of PCA.
        """
        umap = load_umap()
        n = len(points)
        # UMAP expects every point as its own first neighbour; among duplicates a search may find another.
        rows = np.hstack([np.arange(n)[:, None], rows]).astype(np.int32)
        distances = np.hstack([np.zeros((n, 1)), distances]).astype(np.float32)
        varied = min(points.shape) >= 2 and np.ptp(points, axis=0).max() > 0
        with warnings.catch_warnings():
            # No search index is given: points are placed by Anchors, never by UMAP's transform.
            warnings.filterwarnings("ignore", message=".*precomputed_knn.*")
            model = umap.UMAP(
                n_neighbors=rows.shape[1],
                min_dist=self.min_dist,
                densmap=self.density,
                init=start.astype(np.float32) if start is not None else "pca" if varied else "random",
                learning_rate=1.0 if start is None else _SETTLING,
                precomputed_knn=(rows, distances),
                random_state=self.random_state,
                n_jobs=1,  # a seed forces one thread; saying so spares the user a warning
            )
            return np.asarray(model.fit_transform(points, y), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Tsne:
    """t-distributed stochastic neighbour embedding (van der Maaten & Hinton, 2008), by scikit-learn.

    Slow beyond some 10,000 points.

    Attributes:
        perplexity: at most; a third of the points where there are fewer.
        random_state: seed.
    """

    perplexity: float = 30.0
    random_state: int = 42

    def __str__(self) -> str:
        return f"tsne(perplexity={self.perplexity:g}, random_state={self.random_state})"

    def fit_transform(self, X: Vectors, y: Any = None) -> Points:  # noqa: N803
        """See :class:`Layout`; ``y`` is not used."""
        from sklearn.manifold import TSNE

        points = reduce_points(X, random_state=self.random_state)
        perplexity = min(self.perplexity, (len(X) - 1) / 3)
        start = "pca" if min(points.shape) >= 2 and np.ptp(points, axis=0).max() > 0 else "random"
        model = TSNE(perplexity=perplexity, init=start, random_state=self.random_state)
        return np.asarray(model.fit_transform(points), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Pacmap:
    """Pairwise controlled manifold approximation (Wang, Huang, Rudin & Shaposhnik, 2021), by its authors.

    Attributes:
        n_neighbors: at most; fewer where there are fewer points.
        random_state: seed.
    """

    n_neighbors: int = 10
    random_state: int = 42

    def __str__(self) -> str:
        return f"pacmap(n_neighbors={self.n_neighbors}, random_state={self.random_state})"

    def fit_transform(self, X: Vectors, y: Any = None) -> Points:  # noqa: N803
        """See :class:`Layout`; ``y`` is not used. Points that do not vary all lie in one place.

        Raises:
            MissingExtraError: the package is not installed.
        """
        try:
            import pacmap
        except ImportError as error:
            raise missing_extra("pacmap", "maps", 'a map by method="pacmap"') from error

        # Its log repeats the seed and says that few points were asked for few neighbours.
        logging.getLogger("pacmap").setLevel(logging.ERROR)
        if np.ptp(X, axis=0).max() == 0:  # it divides by the extent
            return np.zeros((len(X), 2))
        model = pacmap.PaCMAP(n_neighbors=min(self.n_neighbors, len(X) - 1), random_state=self.random_state)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the mean of no pairs, where points are few
            return np.asarray(model.fit_transform(X.astype(np.float32), init="pca"), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane of the first two principal components: float64 mean (d,) and axes (2, d)."""

    mean: Points
    axes: Points

    def place(self, vectors: Vectors) -> Points:
        """Float32 (m, d) to float64 (m, 2)."""
        return np.asarray((vectors - self.mean) @ self.axes.T, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Pca:
    """The first two principal components: quick, linear, and the same for everybody."""

    def __str__(self) -> str:
        return "pca(2 components)"

    def fit(self, X: Vectors) -> Plane:  # noqa: N803
        """Find the plane of float32 (n, d), n > 1."""
        from sklearn.decomposition import PCA

        model = PCA(min(2, *X.shape), random_state=0).fit(X)
        # A direction and its opposite are equally good; scikit-learn makes the larger coordinate positive.
        axes = np.zeros((2, X.shape[1]))
        axes[: len(model.components_)] = model.components_
        return Plane(model.mean_, axes)

    def fit_transform(self, X: Vectors, y: Any = None) -> Points:  # noqa: N803
        """See :class:`Layout`; ``y`` is not used."""
        return self.fit(X).place(X)


LAYOUTS: dict[str, Callable[[int], Layout]] = {
    "umap": lambda seed: Umap(random_state=seed),
    "densmap": lambda seed: Umap(density=True, random_state=seed),
    "pca": lambda seed: Pca(),
    "tsne": lambda seed: Tsne(random_state=seed),
    "pacmap": lambda seed: Pacmap(random_state=seed),
}
"""The layouts that have a name, made for a seed."""


def find_layout(method: str | Layout, random_state: int) -> Layout:
    """Return the layout that a name stands for, or the one given.

    Raises:
        ValueError: no layout has this name.
        TypeError: not a layout.
    """
    if isinstance(method, str):
        if method not in LAYOUTS:
            raise ValueError(f"method must be one of {', '.join(LAYOUTS)}, got {method!r}.")
        return LAYOUTS[method](random_state)
    if isinstance(method, type) or not isinstance(method, Layout):
        raise TypeError(
            f"method is a name ({', '.join(LAYOUTS)}) or an estimator with fit_transform(X), got {method!r}."
        )
    return method
