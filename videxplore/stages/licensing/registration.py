"""Whether two pictures show the same thing, and which part of one the other is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter

from videxplore.stages.licensing.fingerprints import averaging

Pictures = NDArray[np.floating]

Shares = tuple[tuple[float, float], ...]

_STEPS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
SHARES: Shares = (
    *((s, s) for s in _STEPS),
    *((s, 1.0) for s in _STEPS[1:]),
    *((1.0, s) for s in _STEPS[1:]),
)
"""Height and width of the part that a cropped copy shows, as shares of the whole picture."""

_FEW: Shares = (*((s, s) for s in _STEPS[::2]), (0.8, 1.0), (1.0, 0.8))

_FLAT = 1.5
"""Standard deviation of detail (luma, of 255) below which a part of a picture is like any other."""

_KEPT, _KEPT_PICTURES = 7 / 8, 0.9


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one picture lies in another.

    Attributes:
        likeness: mean correlation of the pictures there, −1 … 1.
        height: of the part, as a share of the whole.
        width: likewise.
        top: rows above it, as a share of the whole.
        left: columns before it, likewise.
    """

    likeness: float
    height: float
    width: float
    top: float
    left: float


UNCROPPED = Placement(0.0, 1.0, 1.0, 0.0, 0.0)


def place(part: Pictures, whole: Pictures, shares: Shares = SHARES) -> Placement:
    """Find the one place in all pictures of ``whole`` where those of ``part`` fit best.

    The part is shrunk to every size and compared everywhere by normalised cross-correlation (Lewis, Fast
    Template Matching, 1995). A copy is cropped alike in all of its pictures, so correlations are averaged
    before the best place is taken.

    Args:
        part: float (n, h, w).
        whole: float (n, h, w), picture by picture what ``part`` may have been cropped from.
        shares: sizes of the part to try, as shares of height and width.
    """
    height, width = whole.shape[1:]
    sizes = [(round(tall * height), round(wide * width)) for tall, wide in shares]
    shrunk = [_shrink(part, rows, columns) for rows, columns in sizes]
    centred = [template - template.mean(axis=(1, 2), keepdims=True) for template in shrunk]
    products = _products(centred, whole)
    sums = _integral(whole), _integral(whole * whole)
    best = Placement(-1.0, 1.0, 1.0, 0.0, 0.0)
    for (rows, columns), template, product in zip(sizes, centred, products, strict=True):
        fits = _normalised(template, product, sums).mean(axis=0)
        top, left = (int(at) for at in np.unravel_index(fits.argmax(), fits.shape))
        if fits[top, left] > best.likeness:
            best = Placement(
                float(fits[top, left]), rows / height, columns / width, top / height, left / width
            )
    return best


def glance(part: Pictures, whole: Pictures) -> Placement:
    """Find roughly what :func:`place` does, at half the resolution and few sizes, in a tenth of the time."""
    return place(halved(part), halved(whole), _FEW)


def halved(pictures: Pictures) -> Pictures:
    """Average 2×2 pixels of pictures (n, h, w); an odd row or column is left out."""
    height, width = (size // 2 * 2 for size in pictures.shape[1:])
    rows = pictures[:, :height:2, :width] + pictures[:, 1:height:2, :width]
    return (rows[:, :, ::2] + rows[:, :, 1::2]) * np.float32(0.25)


def even(pictures: NDArray[np.generic]) -> NDArray[np.float32]:
    """Take the mean of its surroundings, a quarter of the picture wide, off each pixel of pictures (n, h, w).

    Any two views of sky over ground are alike where brightness alone counts: natural pictures are strong in
    slow waves, and these are alike by chance (Field, 1987). What is left is detail.
    """
    size = pictures.shape[2] // 4
    floats = pictures.astype(np.float32)
    return np.asarray(floats - uniform_filter(floats, (0, size, size), mode="nearest"))


def shown(pictures: Pictures, placement: Placement, *, part: bool) -> Pictures:
    """Return what two pictures both show, as seen by one of them (n, h, w), at half the resolution.

    Half the resolution forgives a lag of a few hundredths of a second.

    Args:
        pictures: float (n, h, w).
        placement: of the smaller picture in the larger one.
        part: whether these are the smaller ones.
    """
    height, width = pictures.shape[1:]
    rows, columns = round(placement.height * height), round(placement.width * width)
    top, left = round(placement.top * height), round(placement.left * width)
    if part:
        return halved(_shrink(pictures, rows, columns))
    return halved(pictures[:, top : top + rows, left : left + columns])


def agreeing(ours: Pictures, theirs: Pictures) -> NDArray[np.bool_]:
    """Mask (h, w) of the seven eighths where pictures (n, h, w) agree best: without what was laid over one.

    The mean square difference at each place decides, after brightness and contrast were made equal; a bright
    logo on a dark picture changes both, so they are taken anew from what was kept the first time.
    """
    a, b = (p.reshape(len(p), -1) for p in (ours, theirs))
    kept = np.ones(a.shape[1], bool)
    for _ in range(2):
        even = [
            (p - p[:, kept].mean(1, keepdims=True)) / (p[:, kept].std(1, keepdims=True) + 1.0) for p in (a, b)
        ]
        apart = ((even[0] - even[1]) ** 2).mean(axis=0)
        kept = apart <= np.quantile(apart, _KEPT)
    return kept.reshape(ours.shape[1:])


def correlate(ours: Pictures, theirs: Pictures, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the correlation (n,) of pictures (n, h, w) one by one; nan where both are flat.

    Args:
        ours: float (n, h, w).
        theirs: float (n, h, w).
        kept: mask (h, w) of what is compared.
    """
    a, b = (p[:, kept] - p[:, kept].mean(axis=1, keepdims=True) for p in (ours, theirs))
    spreads = np.array([(p**2).sum(axis=1) for p in (a, b)])
    told = spreads >= _FLAT**2 * a.shape[1]
    scale = np.sqrt(np.where(told.all(axis=0), spreads.prod(axis=0), 1.0))
    alike = np.where(told.all(axis=0), (a * b).sum(axis=1) / scale, 0.0)
    return np.where(told.any(axis=0), alike, np.nan)


def correlate_changes(ours: Pictures, theirs: Pictures) -> tuple[float, float]:
    """Return how alike pixels (n, p) change in time, −1 … 1, and by how much they do (luma of 255).

    What stands still is the mean over time, and is taken off first. A tenth of the pictures, those that
    differ most, are left out: at a cut, a few hundredths of a second make another picture.
    """
    a, b = _changes(ours), _changes(theirs)
    apart = ((a / max(float(a.std()), 1e-6) - b / max(float(b.std()), 1e-6)) ** 2).mean(axis=1)
    kept = apart <= np.quantile(apart, _KEPT_PICTURES)
    a, b = _changes(a[kept]), _changes(b[kept])
    change = np.sqrt([(a**2).mean(), (b**2).mean()])
    return float((a * b).mean() / max(change.prod(), 1e-9)), float(change.min())


def _changes(pixels: Pictures) -> Pictures:
    return pixels - pixels.mean(axis=0)


def _shrink(pictures: Pictures, rows: int, columns: int) -> Pictures:
    down, across = _averaging(pictures.shape[1], rows), _averaging(pictures.shape[2], columns)
    return down @ pictures @ across.T


@cache
def _averaging(size: int, count: int) -> NDArray[np.float32]:
    return averaging(0, size, size, count)


def _products(templates: Sequence[Pictures], whole: Pictures) -> NDArray[np.float32]:
    """Sums of products of centred templates with what they are laid on (t, n, H, W), at every place at once.

    Places where a template would stick out are in it too, wrapped around.
    """
    padded = np.zeros((len(templates), *whole.shape), np.float32)
    for room, template in zip(padded, templates, strict=True):
        room[:, : template.shape[1], : template.shape[2]] = template
    spectra = fft.rfft2(whole.astype(np.float32)) * np.conj(fft.rfft2(padded))
    return np.asarray(fft.irfft2(spectra, s=whole.shape[1:]), np.float32)


def _normalised(template: Pictures, product: Pictures, sums: tuple[Pictures, Pictures]) -> Pictures:
    """Correlation of a centred template (n, h, w) with pictures wherever it fits (n, H−h+1, W−w+1)."""
    h, w = template.shape[1:]
    height, width = product.shape[1:]
    energy = (template**2).sum(axis=(1, 2))
    total, squares = (s[:, h:, w:] - s[:, :-h, w:] - s[:, h:, :-w] + s[:, :-h, :-w] for s in sums)
    spread = np.maximum(squares - total**2 / (h * w), 0.0)
    least = _FLAT**2 * h * w
    told = (spread >= least) & (energy >= least)[:, None, None]
    scale = np.sqrt(np.where(told, spread * energy[:, None, None], 1.0))
    return np.where(told, product[:, : height - h + 1, : width - w + 1] / scale, 0.0)


def _integral(pictures: Pictures) -> Pictures:
    """Sums over everything above and to the left, with a row and a column of zeros before."""
    n, height, width = pictures.shape
    table = np.zeros((n, height + 1, width + 1))
    table[:, 1:, 1:] = pictures.astype(np.float64).cumsum(axis=1).cumsum(axis=2)
    return table
