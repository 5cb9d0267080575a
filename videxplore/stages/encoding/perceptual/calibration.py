"""From raw values to scores that can be compared: reference quantiles for states, ramps for events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES, BLOCKS, NAMES
from videxplore.values.media import Span

PROBABILITIES = (
    0.001, 0.005, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
    0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.995, 0.999,
)  # fmt: skip
_SQUASH = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """Reference quantiles of every state attribute.

    Attributes:
        knots: raw values at :data:`PROBABILITIES`, strictly rising, by attribute name.
        origin: what they were fitted on.
        digest: first 16 hexadecimal digits of the SHA-256 of the knots; part of the encoder card.
    """

    knots: dict[str, list[float]]
    origin: str
    digest: str

    def score(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return scores (n, d) of ``raw`` (n, d): states in [-1, 1], events in [0, 1].

        Unknown values (NaN) and positions, which follow from the span, score 0.

        A state's score is tanh(0.5 z) / tanh(0.5 · 3.09), z being the standard normal score of its rank in
        the reference. The mild squashing keeps a strongly red picture above a slightly red one, and yet one
        extreme attribute from outweighing another that is asked for as well.
        """
        scores = np.zeros(raw.shape, np.float64)
        steps = squash(PROBABILITIES)
        for column, attribute in enumerate(ATTRIBUTES):
            values = raw[:, column].astype(np.float64)
            if attribute.kind == "state":
                known = np.interp(values, self.knots[attribute.name], steps)
            elif attribute.kind == "position":
                continue
            elif attribute.statistic == "count":
                known = -np.expm1(-values / attribute.full)
            else:
                known = np.clip(values / attribute.full, 0.0, 1.0)
            scores[:, column] = np.where(np.isnan(values), 0.0, known)
        return scores.astype(np.float32)


def squash(probabilities: Sequence[float]) -> NDArray[np.float64]:
    """Return tanh(0.5 z), scaled to [-1, 1], of the standard normal quantiles z of ``probabilities``."""
    from scipy.special import ndtri

    return np.tanh(_SQUASH * ndtri(np.asarray(probabilities))) / np.tanh(_SQUASH * ndtri(PROBABILITIES[-1]))


def fit_knots(raw: NDArray[np.float32]) -> dict[str, list[float]]:
    """Return the quantiles of ``raw`` (n, d), each value blurred by the attribute's tolerance.

    Without the blur, a difference that nobody notices would count for much wherever most values are equal.
    """
    from scipy.special import ndtri

    blur = ndtri((np.arange(41) + 0.5) / 41)
    knots = {}
    for column, attribute in enumerate(ATTRIBUTES):
        if attribute.kind != "state":
            continue
        values = raw[:, column].astype(np.float64)
        values = values[~np.isnan(values)]
        cloud = (values[:, None] + attribute.tolerance * blur).ravel()
        quantiles = np.quantile(cloud, PROBABILITIES)
        rising = np.maximum.accumulate(quantiles + 1e-6 * attribute.tolerance * np.arange(len(quantiles)))
        knots[attribute.name] = [float(f"{v:.6g}") for v in rising]
    return knots


@cache
def load_calibration() -> Calibration:
    """Return the calibration that comes with the package.

    Raises:
        ValueError: the file does not fit the table of attributes; ``benchmarks/calibrate.py`` fits it again.
    """
    text = files("videxplore.stages.encoding.perceptual").joinpath("calibration.json").read_text("utf-8")
    data = json.loads(text)
    missing = {a.name for a in ATTRIBUTES if a.kind == "state"} - set(data["knots"])
    if missing:
        raise ValueError(f"calibration.json lacks {sorted(missing)}; fit it again.")
    digest = hashlib.sha256(json.dumps(data["knots"], sort_keys=True).encode()).hexdigest()[:16]
    return Calibration(data["knots"], data["origin"], digest)


def place_spans(spans: Sequence[Span], duration_s: float) -> NDArray[np.float32]:
    """Return the structure columns (n, 7) of ``spans`` in a video of ``duration_s``.

    These follow from where a segment lies, not from its children: two halves of a match have
    ``first_half`` 1 and 0, and no mean of their moments would say so.
    """
    edges = np.array([(s.start_s, s.end_s) for s in spans], dtype=np.float64).reshape(-1, 2)
    edges = np.clip(edges / duration_s, 0.0, 1.0)
    middle = edges.mean(1)
    length = np.array([s.duration_s for s in spans])
    columns = [
        1 - 2 * middle,
        _overlap(edges, 0.0, 0.1),
        _overlap(edges, 0.9, 1.0),
        _overlap(edges, 0.0, 0.5),
        _overlap(edges, 0.5, 1.0),
        _overlap(edges, 1 / 3, 2 / 3),
        np.clip(np.log(np.maximum(length, 0.5) / 0.5) / np.log(1200.0), 0.0, 1.0),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _overlap(edges: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Intersection over union (n,) of ``edges`` (n, 2) with [start, end)."""
    shared = (np.minimum(edges[:, 1], end) - np.maximum(edges[:, 0], start)).clip(0)
    union = edges[:, 1] - edges[:, 0] + end - start - shared
    return shared / np.maximum(union, 1e-9)


STRUCTURE = slice(NAMES.index("early"), NAMES.index("early") + dict(BLOCKS)["structure"])
"""Columns of the structure block."""
