"""All that the figures of an assessment depend on, to be stated with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import version

from videxplore import __version__
from videxplore.values.decisions import Thresholds
from videxplore.values.sampling import Manifest
from videxplore.values.vectors import EncoderCard
from videxplore.workbench.assessment.case import Case

PACKAGES = ("numpy", "scipy", "scikit-learn", "av", "lancedb")


def settings_of(
    case: Case,
    manifest: Manifest | None,
    thresholds: Thresholds,
    radius: float,
    more: Mapping[str, str | float],
) -> dict[str, str | float]:
    """Name -> value: sample, manifest, encoder, thresholds, seed, versions and whatever else is given."""
    asked = {f.name: getattr(thresholds, f.name) for f in fields(thresholds)}
    return {
        "sample sha256": hash_of(film.video_id for film in case.films),
        "manifest sha256": manifest.sha256 if manifest is not None else "",
        **_encoder(case.side.card),
        "clips": len(case.side),
        "topic radius (cosine distance)": radius,
        "seed": case.seed,
        **{f"threshold {name}": "none" if value is None else value for name, value in asked.items()},
        **more,
        "videxplore": __version__,
        **{name: version(name) for name in PACKAGES},
    }


def hash_of(ids: object) -> str:
    """SHA-256 of sorted ids, as a prediction has it."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()  # type: ignore[call-overload]


def _encoder(card: EncoderCard) -> dict[str, str]:
    return {
        "encoder": card.name,
        "encoder revision": card.revision,
        "encoder weights sha256": card.weights_sha256,
        "encoder card sha256": hashlib.sha256(card.to_json().encode()).hexdigest(),
    }
