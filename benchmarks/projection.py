"""How long a map takes: the first picture, the final one, and what umap-learn takes by itself.

    python benchmarks/projection.py                    5,000 × 512
    python benchmarks/projection.py --points 100000    without umap-learn by itself, which takes many minutes

Vectors: 200 groups around random directions, seed 0. One warm-up on 500 points, because the first run in a
process compiles for ten seconds and more.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from videxplore.stages.projection.project import project_embeddings
from videxplore.values.vectors import Embeddings, EncoderCard


def cloud(n: int, d: int) -> Embeddings:
    """``n`` unit vectors in 200 groups."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, d))[rng.integers(0, 200, n)] + rng.normal(size=(n, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = tuple(f"s{i}" for i in range(n))
    return Embeddings(vectors.astype(np.float32), ids, ("moment",) * n, EncoderCard("bench", d))


def timed(name: str, make: Callable[[], object]) -> None:
    """Print what one call takes, by the clock and by the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    made = make()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{name:<44} {wall:8.2f} s, processor {processor:8.2f} s   {made or ''}", flush=True)


def plain_umap(points: Embeddings) -> None:
    """umap-learn as a user would call it, seeded."""
    import umap

    umap.UMAP(metric="cosine", random_state=42, n_jobs=1).fit_transform(points.vectors)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--dimension", type=int, default=512)
    chosen = parser.parse_args()
    warm, points = cloud(500, chosen.dimension), cloud(chosen.points, chosen.dimension)
    project_embeddings(warm)
    print(f"{chosen.points} × {chosen.dimension}, seed 0")
    timed("first picture: pca", lambda: project_embeddings(points, method="pca"))
    timed("final picture: umap", lambda: project_embeddings(points))
    if chosen.points <= 10_000:
        plain_umap(warm)
        timed("umap-learn by itself, seeded", lambda: plain_umap(points))


if __name__ == "__main__":
    main()
