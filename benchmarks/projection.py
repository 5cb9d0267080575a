"""How long a map takes: the first look, how far to trust it, the final one, and umap-learn by itself.

    python benchmarks/projection.py                  5,000 × 512 and 100,000 × 512
    python benchmarks/projection.py --points 5000    one of them

umap-learn by itself is left out beyond 10,000 points, where it takes many minutes.

As the explorer makes it: the first look is drawn before it is judged, and who is near whom is found once for
both maps. Vectors: 200 groups around random directions, seed 0. One warm-up on 500 points, because the first
run in a process compiles for ten seconds and more.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from videxplore.stages.projection.project import judge_projection, project_embeddings, surroundings_of
from videxplore.values.vectors import Embeddings, EncoderCard, Projection

Made = TypeVar("Made")


def cloud(n: int, d: int) -> Embeddings:
    """``n`` unit vectors in 200 groups."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, d))[rng.integers(0, 200, n)] + rng.normal(size=(n, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = tuple(f"s{i}" for i in range(n))
    return Embeddings(vectors.astype(np.float32), ids, ("moment",) * n, EncoderCard("bench", d))


def timed(name: str, make: Callable[[], Made]) -> Made:
    """Print what one call takes, by the clock and by the processor; returns what it made."""
    wall, processor = time.perf_counter(), time.process_time()
    made = make()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    said = made if isinstance(made, Projection) and made.judged else ""
    print(f"{name:<44} {wall:8.2f} s, processor {processor:8.2f} s   {said}", flush=True)
    return made


def plain_umap(points: Embeddings) -> None:
    """umap-learn as a user would call it, seeded."""
    import umap

    umap.UMAP(metric="cosine", random_state=42, n_jobs=1).fit_transform(points.vectors)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, nargs="*", default=[5_000, 100_000])
    parser.add_argument("--dimension", type=int, default=512)
    chosen = parser.parse_args()
    warm = cloud(500, chosen.dimension)
    project_embeddings(warm)
    plain_umap(warm)
    for n in chosen.points:
        compare(cloud(n, chosen.dimension))


def compare(points: Embeddings) -> None:
    """Print what the maps of some points take."""
    print(f"{len(points):,} × {points.vectors.shape[1]}, seed 0")
    around = surroundings_of(points)
    look = timed(
        "first look: pca, not judged yet",
        lambda: project_embeddings(points, method="pca", around=around, judged=False),
    )
    timed("its judgement, with the true neighbours", lambda: judge_projection(look, around))
    timed("final map after it: umap, judged", lambda: project_embeddings(points, around=around))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"most memory so far {peak:.0f} MiB, of which the vectors {points.vectors.nbytes / 2**20:.0f} MiB")
    if len(points) <= 10_000:
        timed("vx.project(…, method='pca') by itself", lambda: project_embeddings(points, method="pca"))
        timed("vx.project(…) by itself", lambda: project_embeddings(points))
        timed("umap-learn by itself, seeded", lambda: plain_umap(points))


if __name__ == "__main__":
    main()
