"""What a second tranche will show: written down before it is opened, scored afterwards."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from videxplore.stages.licensing.breadth import new_topics
from videxplore.values.licensing import Estimate, Prediction, PredictionScore

NEW_TOPICS = "new topics"
"""Name under which the number of topics that the tranche adds is predicted."""


def predict(
    shares: Mapping[str, Estimate],
    ids: Sequence[str],
    *,
    tranche_sources: int,
    topics: Sequence[Hashable] | None = None,
    sources: Sequence[str] | None = None,
) -> Prediction:
    """Write down what a second tranche will show.

    A share seen in g sources and looked for in k others differs from what is seen by more than its own
    error: the interval is widened by √(1 + g / k) on the scale of log odds, on either side. New topics are
    predicted only for a tranche as large as the sample, beyond which nothing is estimable.

    Args:
        shares: name -> estimate with an interval; those without are left out.
        ids: of the sample's clips, which fix what the prediction rests on.
        tranche_sources: in the second tranche.
        topics: of the sample's clips, to predict how many the tranche adds.
        sources: of the sample's clips; needed with topics.

    Raises:
        ValueError: no source in the tranche, or topics without sources.
    """
    if tranche_sources < 1:
        raise ValueError(f"tranche_sources must be at least 1, got {tranche_sources!r}.")
    figures = {
        name: _widened(estimate, math.sqrt(1 + estimate.sources / tranche_sources))
        for name, estimate in shares.items()
        if estimate.estimated
    }
    if topics is not None:
        if sources is None:
            raise ValueError("sources are needed to predict new topics.")
        if tranche_sources == len(set(sources)):
            expected, error = new_topics(topics, sources)
            reach = 1.959964 * error
            figures[NEW_TOPICS] = (expected, max(0.0, expected - reach), expected + reach)
    digest = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Prediction(figures, tranche_sources, digest, made_at, secrets.token_hex(16))


def score(prediction: Prediction, commitment: str, observed: Mapping[str, float]) -> PredictionScore:
    """Compare a prediction with what the tranche showed.

    Args:
        prediction: as opened after the tranche.
        commitment: the hash handed over before.
        observed: name -> figure; every figure predicted, so that none can be dropped.

    Raises:
        ValueError: the hash does not fit, or a figure is missing.
    """
    if prediction.commitment != commitment:
        raise ValueError(
            f"commitment {commitment!r} is not that of this prediction ({prediction.commitment}): "
            "it was changed after the hash was handed over, or belongs to another."
        )
    if missing := sorted(set(prediction.figures) - set(observed)):
        raise ValueError(f"observed must name every figure predicted; missing: {', '.join(missing)}.")
    rows = tuple(
        {
            "figure": name,
            "expected": expected,
            "low": low,
            "high": high,
            "observed": float(observed[name]),
            "hit": bool(low <= observed[name] <= high),
        }
        for name, (expected, low, high) in prediction.figures.items()
    )
    return PredictionScore(rows, commitment)


def _widened(estimate: Estimate, factor: float) -> tuple[float, float, float]:
    """The interval with both arms longer by a factor, on the scale of log odds."""
    ends = np.clip([estimate.value, estimate.low, estimate.high], 1e-6, 1 - 1e-6)
    value, low, high = np.log(ends / (1 - ends))
    wide = [value - factor * (value - low), value + factor * (high - value)]
    low, high = (1 / (1 + np.exp(-end)) for end in wide)
    return (
        estimate.value,
        0.0 if estimate.low <= 0 else float(low),
        1.0 if estimate.high >= 1 else float(high),
    )
