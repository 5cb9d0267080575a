"""What the compiled loops of measuring compute, in plain NumPy: the reference they are held against."""

from __future__ import annotations

import numpy as np


def halved(rgb):
    n, height, width, _ = rgb.shape
    blocks = rgb.astype(np.uint16).reshape(n, height // 2, 2, width // 2, 2, 3)
    return ((blocks.sum((2, 4)) + 2) >> 2).astype(np.uint8)


def soft_counts(lab, bins, rows, columns):
    """Soft histograms (n, cells, size) of ``lab`` (3, n, h, w)."""
    _, n, height, width = lab.shape
    cell = (np.arange(height) * rows // height)[:, None] * columns + np.arange(width) * columns // width
    counts = np.zeros((n, rows * columns, sum(int(number) for _, _, number in bins)))
    picture = np.broadcast_to(np.arange(n)[:, None, None], lab.shape[1:])
    first = 0
    for channel, (low, high, number) in zip(lab, bins, strict=True):
        place = np.clip(
            (channel - np.float32(low)) * np.float32((number - 1) / (high - low)), 0, number - 1.001
        )
        below = place.astype(np.int64)
        share = place.astype(np.float64) - below
        where = (picture, np.broadcast_to(cell, lab.shape[1:]))
        np.add.at(counts, (*where, first + below), 1 - share)
        np.add.at(counts, (*where, first + below + 1), share)
        first += int(number)
    return counts


def blurred(luma):
    """Means (n, h, w) of 3×3 pixels, less their mean."""
    padded = np.pad(luma.astype(np.float64), ((0, 0), (1, 1), (1, 1)), mode="edge")
    height, width = luma.shape[1:]
    total = sum(padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9
    return total - total.mean((1, 2), keepdims=True)


def lagged(values, lags, depth):
    """Each row from ``depth`` on beside those that lag before: (n, d) and (lags, n, d) in float64."""
    values = values.astype(np.float64)
    return values[depth:], np.stack([values[depth - k : len(values) - k] for k in lags])


def displaced_errors(before, after, down, across):
    """Mean squared differences (n, blocks, down, across) of blocks of 9×8 pixels; ``after`` is padded."""
    n, height, width = before.shape
    found = np.empty((n, height // 9 * (width // 8), down, across))
    for i in range(down):
        for j in range(across):
            step = after[:, i : i + height, j : j + width].astype(np.float64) - before
            blocks = (step**2).reshape(n, height // 9, 9, width // 8, 8)
            found[:, :, i, j] = blocks.mean((2, 4)).reshape(n, -1)
    return found
