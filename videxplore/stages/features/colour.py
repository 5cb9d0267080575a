"""Colour as people name it: CIELAB by table, and fuzzy shares of eleven colour names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.cielab import convert_to_lab

COLOURS = (
    "black",
    "white",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
)
"""The eleven basic colour terms (Berlin & Kay, 1969)."""

# Anchors in sRGB, several per name because a name covers a region, not a point. Own choice.
_ANCHORS = {
    "black": ("000000", "101010", "0a0a12", "140e0a", "06100a"),
    "white": ("ffffff", "f2f2f2", "f5f2ea", "eaf0f5"),
    "grey": ("808080", "404040", "b4b4b4", "606468", "d2d2d2", "585048", "2c2e32"),
    "red": ("e01818", "a00c0c", "ff3030", "c03030", "780808", "d84848"),
    "orange": ("ff8c1a", "e87010", "f5a04a", "d06018"),
    "yellow": ("ffe600", "f0d040", "ffee88", "c8b020", "e8d898"),
    "green": ("18a030", "0c6020", "60c050", "307030", "90d880", "283c14", "708848", "00d890"),
    "blue": ("1840d0", "0c1c70", "4080e0", "80b8f0", "205080", "00b0e0", "101c3c", "6890b0"),
    "purple": ("8020a0", "500c70", "a868d0", "682a78", "b898d8"),
    "pink": ("ff78b4", "f0a0b8", "e050a0", "ffc0d0", "d87898"),
    "brown": ("6b3f1c", "4a2810", "8c5a30", "a57848", "381c0c", "705838"),
}
_SOFTNESS = 9.0
"""Width in CIELAB units over which one name passes into the next."""

_BITS = 5


def name_colours(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return memberships (…, 11) in :data:`COLOURS`, adding up to 1, for CIELAB values (…, 3)."""
    distances = []
    for name in COLOURS:
        anchors = convert_to_lab(np.array([tuple(bytes.fromhex(code)) for code in _ANCHORS[name]], np.uint8))
        squared = ((lab[..., None, :] - anchors) ** 2).sum(-1)
        distances.append(squared.min(-1))
    nearest = np.stack(distances, axis=-1)
    nearest -= nearest.min(-1, keepdims=True)
    weights = np.exp(-nearest / (2 * _SOFTNESS**2))
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


@cache
def _tables() -> NDArray[np.float32]:
    """float32 (17, 32768), of every colour at 5 bits per channel.

    CIELAB, memberships in the eleven names, chroma, whether flames and whether skin may have it.
    """
    side = np.arange(1 << _BITS) * (1 << 8 - _BITS) + (1 << 7 - _BITS)
    red, green, blue = np.meshgrid(side, side, side, indexing="ij")
    pixels = convert_to_lab(np.stack([red, green, blue], axis=-1).reshape(-1, 3).astype(np.uint8))
    lightness, a, b = pixels.T
    chroma, hue = np.hypot(a, b), np.arctan2(b, a)
    flame = (lightness > 55) & (chroma > 45) & (hue > 0.6) & (hue < 1.6)
    skin = (chroma > 12) & (chroma < 45) & (hue > 0.45) & (hue < 1.25) & (lightness > 35) & (lightness < 88)
    rows = [*pixels.T, *name_colours(pixels).T, chroma, flame, skin]
    return np.stack(rows).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of pictures, by table: channels first, because whole planes are what is computed with.

    Attributes:
        lab: CIELAB (3, …).
        names: memberships (11, …) in :data:`COLOURS`.
        chroma: distance (…) from grey in CIELAB units.
        flame: whether (…) the colour is one that flames have.
        skin: whether (…) the colour is one that skin has.
    """

    lab: NDArray[np.float32]
    names: NDArray[np.float32]
    chroma: NDArray[np.float32]
    flame: NDArray[np.bool_]
    skin: NDArray[np.bool_]


def look_up(rgb: NDArray[np.uint8]) -> Colours:
    """Return the colours of pixels ``rgb`` uint8 (…, 3).

    By table at 5 bits per channel: about 30 times faster than computing, off by at most 3 in L*.
    """
    from videxplore.stages.features.loops import look_up_planes

    tables = _tables()
    found = np.empty((len(tables), *rgb.shape[:-1]), np.float32)
    look_up_planes(np.ascontiguousarray(rgb).reshape(-1, 3), tables, _BITS, found.reshape(len(tables), -1))
    names, chroma = found[3:-3], found[-3]
    return Colours(found[:3], names, chroma, found[-2] > 0, found[-1] > 0)
