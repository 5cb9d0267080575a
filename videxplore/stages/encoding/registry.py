"""Encoders by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.protocol import Encoder

_MAKERS: dict[str, Callable[..., Encoder]] = {"perceptual": PerceptualEncoder}


def encoder(name: str = "perceptual", **options: Any) -> Encoder:
    """Return the encoder called ``name``.

    Args:
        name: ``"perceptual"``, named audio-visual attributes, nothing downloaded.
        **options: passed to the encoder.

    Raises:
        ValueError: there is no encoder of that name. Model ids are not supported by this version; pass an
            object of your own that has ``card`` and ``encode_frames`` wherever an encoder is expected.
    """
    maker = _MAKERS.get(name)
    if maker is None:
        raise ValueError(
            f"name={name!r} is no encoder; allowed: {', '.join(map(repr, _MAKERS))}. Model ids "
            "are not supported yet: wrap your model in an object with .card and .encode_frames()."
        )
    return maker(**options)
