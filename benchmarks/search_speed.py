"""Exact search, the first pass over coded vectors, against NumPy and faiss on the same vectors.

    python benchmarks/search_speed.py --segments 100000
    python benchmarks/search_speed.py --segments 1000000 --rounds 3

Unit vectors of 512 numbers are drawn around 2,000 centres with seed 0, so that neighbours mean something;
queries are such vectors, moved a little. faiss is no dependency: without it its row is left out. A million
vectors take 2 GB, and faiss keeps a copy of them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from tables import show

from videxplore.stages.store.rough import RoughItems, reached_by

DIMENSION, K = 512, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, nargs="+", default=[100_000])
    parser.add_argument("--rounds", type=int, default=9, help="calls, of which the median is told")
    given = parser.parse_args()
    for n in given.segments:
        compare(n, given.rounds)


def compare(n: int, rounds: int) -> None:
    """One table: milliseconds per query of each way, for one query and for 32 at a time."""
    rng = np.random.default_rng(0)
    items = drawn_vectors(rng, n)
    queries = items[rng.choice(n, 32, replace=False)] + 0.03 * rng.standard_normal(
        (32, DIMENSION), np.float32
    )
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    RoughItems.of(items[:10]).bounds(queries[0])  # compiled once per machine
    start = time.perf_counter()
    rough = RoughItems.of(items)
    coded_s = time.perf_counter() - start
    ways: dict[str, Callable[[np.ndarray], list[set[int]]]] = {
        "videxplore": lambda q: [set(row) for row in best_rows(items, rough, q)],
        "NumPy": lambda q: [set(row) for row in numpy_rows(items, q)],
    }
    try:
        import faiss
    except ImportError:
        pass
    else:
        flat = faiss.IndexFlatIP(DIMENSION)
        flat.add(items)
        ways["faiss, flat"] = lambda q: [set(row) for row in flat.search(q, K)[1].tolist()]
    wanted = ways["NumPy"](queries)
    rows = []
    for name, ask in ways.items():
        assert ask(queries) == wanted, f"{name} finds something else"
        (one, one_cpu), (many, many_cpu) = (milliseconds(ask, queries[:b], rounds) / b for b in (1, 32))
        rows.append({
            "way": name, "one query": f"{one:.2f}", "of processors": f"{one_cpu:.2f}",
            "each of 32": f"{many:.2f}", "of processors ": f"{many_cpu:.2f}",
        })  # fmt: skip
    show(f"first {K} of {n:,} × {DIMENSION}, milliseconds a query, median of {rounds}", rows)
    print(f"  coding the vectors once: {coded_s:.2f} s; all ways find the same {K}")


def best_rows(items: np.ndarray, rough: RoughItems, queries: np.ndarray) -> list[list[int]]:
    """The K best rows of each query by a shared first pass and exact scores."""
    found = []
    for query, (low, high) in zip(queries, rough.bounds_of(queries), strict=True):
        rows = np.flatnonzero(high >= reached_by(low, K))
        exact = items[rows] @ query
        found.append(rows[np.argsort(-exact, kind="stable")[:K]].tolist())
    return found


def numpy_rows(items: np.ndarray, queries: np.ndarray) -> list[list[int]]:
    """The K best rows by a product of matrices."""
    scores = queries @ items.T
    return np.argpartition(-scores, K, axis=1)[:, :K].tolist()


def drawn_vectors(rng: np.random.Generator, n: int) -> np.ndarray:
    """Unit vectors float32 (n, 512) around centres."""
    centres = rng.standard_normal((2000, DIMENSION), np.float32)
    vectors = centres[rng.integers(0, 2000, n)]
    for start in range(0, n, 65536):
        part = vectors[start : start + 65536]
        part += rng.standard_normal(part.shape, np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def milliseconds(ask: Callable[[object], object], queries: object, rounds: int) -> np.ndarray:
    """Median time of a call: by the clock, and of all processors, which a busy machine changes less."""
    times = []
    for _ in range(rounds):
        start = np.array([time.perf_counter(), time.process_time()])
        ask(queries)
        times.append([time.perf_counter(), time.process_time()] - start)
    return 1000 * np.median(times, axis=0)


if __name__ == "__main__":
    main()
