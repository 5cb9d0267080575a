"""The vectors of single seconds: windows of any length, and clips told apart by half of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import LibraryError
from videxplore.lessons.clips import Footage
from videxplore.lessons.quantisation import hamming, sign_bits
from videxplore.lessons.reduction import fit_axes
from videxplore.lessons.similarity import centred, compare, nearest
from videxplore.stages.pooling import pool_vectors
from videxplore.stages.store.schema import FRAMES

POOLINGS = ("mean", "gem", "max", "medoid")
"""How the vectors of a window become one, as :func:`~videxplore.stages.pooling.pool_vectors` takes them."""


@dataclass(frozen=True, eq=False)
class Seconds:
    """One vector per second of each film.

    Attributes:
        vectors: float32 (n, d), on the encoder's own scale, without the columns that say where in its film
            a second lies.
        video_ids: n ids, films one after another.
        times_s: float64 (n,), ascending in each film.
    """

    vectors: NDArray[np.float32]
    video_ids: NDArray[np.str_]
    times_s: NDArray[np.float64]
    _told: dict[tuple[int, str], NDArray[np.bool_]] = field(default_factory=dict, init=False)

    def __len__(self) -> int:
        return len(self.times_s)

    def windows(self, seconds: int) -> list[NDArray[np.intp]]:
        """Return the rows of each window of so many seconds; the last of a film may be shorter."""
        found = []
        for video_id in dict.fromkeys(self.video_ids.tolist()):
            rows = np.flatnonzero(self.video_ids == video_id)
            found += [rows[i : i + seconds] for i in range(0, len(rows), seconds)]
        return found

    @cached_property
    def _around(self) -> NDArray[np.float64]:
        return centred(self.vectors)

    def remembered(self, seconds: int, pooling: str) -> NDArray[np.bool_]:
        """Say of every second whether its vector finds the window that it lies in before all others.

        Args:
            seconds: length of a window.
            pooling: one of :data:`POOLINGS`.

        Returns:
            bool (n,). By chance, one in so many windows.

        Raises:
            ValueError: an unknown pooling.
        """
        key = seconds, pooling
        if key not in self._told:
            self._told[key] = self._find_windows(self.windows(seconds), pooling)
        return self._told[key]

    def _find_windows(self, windows: list[NDArray[np.intp]], pooling: str) -> NDArray[np.bool_]:
        pooled = np.stack([pool_vectors(self._around[rows], method=pooling) for rows in windows])
        own = np.empty(len(self), np.intp)
        for window, rows in enumerate(windows):
            own[rows] = window
        return nearest(compare(self._around, pooled), 1)[:, 0] == own


def read_seconds(footage: Footage) -> Seconds:
    """Return the vectors that a library keeps of single seconds.

    Raises:
        LibraryError: it keeps none.
    """
    table = footage.database.table(FRAMES)
    snapshot = footage.snapshot()
    if table is None or snapshot is None:
        raise LibraryError("this library keeps no vectors of single frames; ingest the sample films first.")
    rows = table.search().limit(None).to_list()
    rows.sort(key=lambda row: (row["video_id"], row["time_s"]))
    card = snapshot.card
    columns = np.concatenate(
        [np.arange(part.start, part.stop) for name, part in card.slices().items() if name != "structure"]
    )
    vectors = np.array([row["vector"] for row in rows], np.float32)[:, columns]
    lengths = np.array([row["magnitude"] for row in rows], np.float32)
    return Seconds(
        vectors * lengths[:, None],
        np.array([row["video_id"] for row in rows]),
        np.array([row["time_s"] for row in rows], np.float64),
    )


def identify(
    seconds: Seconds, clips: int, bits: tuple[int, ...], *, length: int = 4, repeats: int = 10, seed: int = 0
) -> NDArray[np.float64]:
    """Return how often the second half of a clip is told from those of others by its first half.

    A clip is four seconds; each half is the mean of two seconds' vectors, and each bit says on which side of
    the mean a half lies on one axis, principal axes turned at random. Of equally near clips one is drawn.

    Args:
        seconds: of some films.
        clips: among how many each is to be told.
        bits: numbers of bits.
        length: of a clip in seconds, even.
        repeats: draws of so many clips.
        seed: of draws and axes.

    Returns:
        float64 (bits,), the mean share that are told. By chance, one in so many clips.

    Raises:
        ValueError: fewer clips than asked for.
    """
    whole = [rows for rows in seconds.windows(length) if len(rows) == length]
    if not 2 <= clips <= len(whole):
        raise ValueError(f"clips must be 2 to {len(whole)}, got {clips}.")
    first, second = (
        np.stack([seconds.vectors[part].mean(axis=0) for part in halves])
        for halves in (
            [rows[: length // 2] for rows in whole],
            [rows[length // 2 :] for rows in whole],
        )
    )
    axes = fit_axes(np.concatenate([first, second]))
    rng = np.random.default_rng(seed)
    told = np.zeros((repeats, len(bits)))
    for repeat in range(repeats):
        drawn = rng.choice(len(whole), clips, replace=False)
        for column, count in enumerate(bits):
            turn, _ = np.linalg.qr(rng.normal(size=(count, count)))
            asked, there = (sign_bits(axes.reduce(half[drawn], count) @ turn) for half in (first, second))
            best = nearest(-hamming(asked, there).astype(np.float64), 1, seed=seed + repeat)[:, 0]
            told[repeat, column] = (best == np.arange(clips)).mean()
    return told.mean(axis=0)
