"""A net of some 10,000 weights that says of every frame whether it belongs to a gradual transition.

It sees nothing but the distances of ``features.cuts``, read about each frame: a lag of k frames is taken from
k/2 before to k/2 after. One linear layer, five residual convolutions over time of width 3 at dilations 1, 2,
4, 8 and 16 (after WaveNet, van den Oord et al., 2016), one linear layer and a softmax over :data:`CLASSES`.
The weights were trained on synthetic clips alone (``benchmarks/train_transitions.py``; what they rest on is
written in ``transition_net.json`` beside them). Here they are applied by numpy.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.cuts import FAR_LAGS, PATH_LAGS
from videxplore.values.media import Series

CLASSES = ("none", "dissolve", "wipe", "fade")
"""What a frame can be part of."""

DILATIONS = (1, 2, 4, 8, 16)

_NEAR = (1, 2, 4, 8, 16)
# Columns by name, with the distance that counts as 1.
_SCALES = {"H": 0.3, "Z": 0.5, "B": 20.0, "T": 30.0, "A": 30.0}
_COLUMNS = tuple(
    (name, lag)
    for name, lags in (
        ("H", _NEAR),
        ("Z", _NEAR + FAR_LAGS),
        ("B", _NEAR + FAR_LAGS),
        ("T", PATH_LAGS),
        ("A", PATH_LAGS),
    )
    for lag in lags
)
WIDTH_IN = len(_COLUMNS) + 2
"""Numbers per frame that the net sees."""

Floats = NDArray[np.float32]


def read_inputs(series: Series) -> Floats:
    """Return what the net sees of ``series`` (from ``CutDistances``): float32 (n, 39), about 0 to 2."""
    last = len(series) - 1
    rows = np.arange(len(series))
    columns = [
        np.sqrt(series[f"{name}{lag}"][np.minimum(rows + lag // 2, last)].clip(0) / _SCALES[name])
        for name, lag in _COLUMNS
    ]
    return np.stack([*columns, series["luma"] / 128, series["contrast"] / 64], axis=1, dtype=np.float32)


def predict_kinds(series: Series) -> Floats:
    """Return per frame the probabilities (n, 4) of :data:`CLASSES`."""
    if not len(series):
        return np.zeros((0, len(CLASSES)), np.float32)
    weights = load_weights()
    hidden = np.maximum(read_inputs(series) @ weights["first"] + weights["first_bias"], 0)
    for layer, dilation in enumerate(DILATIONS):
        hidden = hidden + np.maximum(_convolve(hidden, weights, layer, dilation), 0)
    scores = hidden @ weights["last"] + weights["last_bias"]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def _convolve(hidden: Floats, weights: dict[str, Floats], layer: int, dilation: int) -> Floats:
    """Width 3 at ``dilation``, the ends repeated."""
    padded = np.pad(hidden, ((dilation, dilation), (0, 0)), mode="edge")
    n = len(hidden)
    taps = weights[f"middle{layer}"]
    total = sum(padded[k * dilation : k * dilation + n] @ taps[k] for k in range(3))
    return np.asarray(total + weights[f"middle{layer}_bias"])


@cache
def load_weights() -> dict[str, Floats]:
    """Return the trained weights by layer, as shipped with the package."""
    place = files("videxplore.stages.segmentation").joinpath("transition_net.npz")
    with place.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}
