"""Where a token stands: nothing, a learned table, sines, or how far tokens are from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ENCODINGS = ("none", "learned", "sinusoidal", "relative")
"""Ways to tell a transformer where its tokens stand."""

BUCKETS, FARTHEST = 32, 128
"""Kinds of distance that relative positions tell apart, and from which distance on all are one."""


def sinusoids(times: NDArray[np.integer], width: int) -> NDArray[np.float32]:
    """Return what is added to tokens at such times: sines and cosines of ever longer waves.

    PE(t, 2i) = sin(t / 10000^(2i / width)), PE(t, 2i + 1) = cos of the same (Vaswani et al., *Attention Is
    All You Need*, 2017, section 3.5).

    Args:
        times: integers (n,), from 0.
        width: numbers per token, even.

    Returns:
        float32 (n, width).

    Raises:
        ValueError: an odd width.
    """
    if width % 2:
        raise ValueError(f"width must be even, got {width}.")
    angles = np.asarray(times, np.float64)[:, None] / 10_000 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(angles), width).astype(np.float32)


def bucket_distances(times: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return of which kind the distance from each token to each other is.

    Before and after are told apart. Distances up to 7 have a bucket each; further ones share eight, on a
    logarithmic scale up to 128 (Raffel et al., *T5*, 2020, section 2.1).

    Args:
        times: integers (n,).

    Returns:
        intp (n, n), in [0, 32): row = the token that looks, column = the token that is looked at.
    """
    distance = np.asarray(times)[None, :] - np.asarray(times)[:, None]
    half = BUCKETS // 2
    exact = half // 2
    size = np.abs(distance)
    far = exact + np.log(np.maximum(size, 1) / exact) / np.log(FARTHEST / exact) * (half - exact)
    bucket = np.where(size < exact, size, np.minimum(far.astype(np.intp), half - 1))
    return bucket + half * (distance > 0)
