"""Probes: how much of a named attribute can still be read off a vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
PENALTIES = tuple(10.0**power for power in range(-4, 4))
"""Of the ridge, times the mean square of a vector's columns; which one fits is found for each target."""


def probe(
    vectors: NDArray[np.floating], targets: NDArray[np.floating], *, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predict each target of each clip from its vector, by ridge regression on four fifths of the others.

    The penalty is chosen for each target by leaving out one clip after another (Hoerl & Kennard 1970; Golub,
    Heath & Wahba 1979).

    Args:
        vectors: (n, d).
        targets: (n, t), t ≥ 2, measured on whole clips.
        seed: of the five parts.

    Returns:
        float64 (t,), R² of the predictions on clips that were not learned from: 1 is all, 0 no more than the
        mean, below 0 worse than that; NaN where a target does not vary. And the predictions, (n, t), on the
        scale of the targets.
    """
    from sklearn.linear_model import RidgeCV

    x = np.asarray(vectors, np.float64)
    y = np.asarray(targets, np.float64)
    scale = float(np.square(x - x.mean(axis=0)).mean()) * len(x) or 1.0
    model = RidgeCV([penalty * scale for penalty in PENALTIES], alpha_per_target=True)
    predicted = np.empty_like(y)
    parts = np.random.default_rng(seed).permutation(len(x)) % FOLDS
    for part in range(FOLDS):
        held = parts == part
        predicted[held] = model.fit(x[~held], y[~held]).predict(x[held])
    spread = np.square(y - y.mean(axis=0)).sum(axis=0)
    left = np.square(y - predicted).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0, 1 - left / spread, np.nan), predicted
