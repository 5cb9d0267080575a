"""A video in a few bytes per second, by which copies of it are found again."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.frames import frames
from videxplore.values.media import Video

WIDTH, HEIGHT = 64, 36
"""Size of the pictures that are kept, whatever the shape of the video: stretching is undone by the search."""

EVERY_S = 0.125
"""In a fight, pictures a quarter of a second apart are of other things."""

_FORM = "fingerprint of pictures, 4"
_LOOKED_AT = (128, 72)
_CHUNK_S = 60.0
_DARK, _BLACK, _FLAT = 40.0, 12.0, 12.0
"""A border is a row or column that is never lighter than this, and never varies by more, in levels of 255."""
_ALONG = 0.3
"""Share of the lines beside a border that is lit; beside lettering on black it is a fifth or less."""
_WIDEST, _WIDEST_ALONE = 0.4, 0.2
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """What is kept of one video.

    Attributes:
        video_id: of the video.
        duration_s: its length, in seconds.
        times_s: float64 (n,), eight times a second.
        luma: uint8 (n, 36, 64), without black borders.
        borders: share of the picture that is black border at the top, bottom, left and right.
    """

    video_id: str
    duration_s: float
    times_s: NDArray[np.float64]
    luma: NDArray[np.uint8]
    borders: tuple[float, float, float, float]

    def save(self, path: Path) -> None:
        """Write it to one file (NumPy's compressed archive)."""
        with path.open("wb") as file:  # Given a name, NumPy would append .npz to it.
            np.savez_compressed(
                file,
                form=_FORM,
                video_id=self.video_id,
                duration_s=self.duration_s,
                times_s=self.times_s,
                luma=self.luma,
                borders=self.borders,
            )

    @classmethod
    def read(cls, path: Path) -> Fingerprint:
        """Read what :meth:`save` wrote.

        Raises:
            ValueError: the file holds no fingerprint, or one of another version.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                form = str(kept["form"])
                if form == _FORM:
                    top, bottom, left, right = kept["borders"].tolist()
                    return cls(
                        str(kept["video_id"]),
                        float(kept["duration_s"]),
                        kept["times_s"],
                        kept["luma"],
                        (top, bottom, left, right),
                    )
        except (KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
            form = f"something else ({error})"
        raise ValueError(
            f"{path} holds {form}; what is needed is {_FORM!r}. Take the fingerprint of the video anew."
        )


def fingerprint(video: Video) -> Fingerprint:
    """Take the fingerprint of a video; its pictures are decoded in stretches of a minute.

    Raises:
        VideoError: the file cannot be used.
    """
    times, pictures = [], []
    for start_s in np.arange(0.0, video.duration_s, _CHUNK_S):
        end_s = min(start_s + _CHUNK_S, video.duration_s)
        batch = frames(video, times_s=np.arange(start_s, end_s, EVERY_S), size=_LOOKED_AT)
        times.append(batch.times_s)
        pictures.append((batch.rgb @ _LUMA).astype(np.uint8))
    return print_of(video.video_id, video.duration_s, np.concatenate(times), np.concatenate(pictures))


def print_of(
    video_id: str, duration_s: float, times_s: NDArray[np.float64], luma: NDArray[np.uint8]
) -> Fingerprint:
    """Make a fingerprint of pictures: black borders are cut off, and the rest is averaged to 64×36.

    Args:
        video_id: of the video.
        duration_s: its length, in seconds.
        times_s: float64 (n,), an eighth of a second apart.
        luma: uint8 (n, h, w), of any size.
    """
    borders = find_borders(luma)
    height, width = luma.shape[1:]
    top, bottom, left, right = borders
    return Fingerprint(
        video_id,
        duration_s,
        times_s,
        _shrink(luma, (top, height - bottom), (left, width - right)),
        (top / height, bottom / height, left / width, right / width),
    )


def find_borders(luma: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return how many rows at top and bottom, and columns at left and right, are always black.

    Args:
        luma: uint8 (n, h, w).
    """
    lit = luma[luma.std(axis=(1, 2)) > _FLAT]
    if not len(lit):
        return 0, 0, 0, 0
    sides: list[int] = []
    for axis in (2, 1):
        # Percentiles, since edges ring and noise strays where a video was compressed.
        darkest, lightest = np.percentile(lit, (1, 99), axis=(0, axis))
        black = (lightest < _DARK) & (lightest - darkest < _FLAT)
        pair = [_leading(black), _leading(black[::-1])]
        most = int(_WIDEST * len(black))
        if not all(pair):
            # On one side only it is what a crop left of a border, or a dark picture, which is less black.
            black &= lightest < _BLACK
            pair, most = [_leading(black), _leading(black[::-1])], int(_WIDEST_ALONE * len(black))
        pair = [min(side, most) for side in pair]
        sides += pair if _edged(np.moveaxis(lit, 3 - axis, 0), *pair) else [0, 0]
    top, bottom, left, right = sides
    return top, bottom, left, right


def _edged(lines: NDArray[np.uint8], before: int, after: int) -> bool:
    """Whether a picture begins beside these borders, and not lettering on a black ground.

    Args:
        lines: uint8 (h, n, w), one row or column of all pictures after another.
        before: lines of the border before the picture.
        after: lines of the one behind it.
    """
    beside = [lines[before + 1]] * (before > 0) + [lines[-after - 2]] * (after > 0)
    return bool(np.mean([(line >= _DARK).mean() for line in beside] or [0.0]) >= _ALONG)


def _leading(flags: NDArray[np.bool_]) -> int:
    """How many of the first flags are set, before one that is not."""
    return len(flags) if flags.all() else int(flags.argmin())


def _shrink(luma: NDArray[np.uint8], rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[np.uint8]:
    """Average the part of pictures within rows and columns to the size that is kept."""
    down, across = averaging(*rows, luma.shape[1], HEIGHT), averaging(*columns, luma.shape[2], WIDTH)
    return np.rint(down @ luma.astype(np.float32) @ across.T).astype(np.uint8)


def averaging(start: float, end: float, size: int, count: int) -> NDArray[np.float32]:
    """Float32 (count, size): what averages the pixels from ``start`` to ``end`` into ``count`` equal fields.

    >>> averaging(0.0, 2.0, 4, 1).tolist()
    [[0.5, 0.5, 0.0, 0.0]]
    """
    edges = np.linspace(start, end, count + 1)
    pixels = np.arange(size)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares = np.maximum(covered, 0.0)
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
