"""Colour names beyond the eleven basic ones: each is a mixture of those."""

from __future__ import annotations

import numpy as np

from videxplore.stages.features.cielab import convert_to_lab
from videxplore.stages.features.colour import COLOURS, name_colours

_LEAST = 0.15
"""Membership below which a basic colour is left out of a mixture."""


def mix_colour(code: str) -> dict[str, float]:
    """Return what a colour asks for: column -> weight, in the whole picture and in its middle.

    The colour is placed in CIELAB, and its fuzzy memberships in the basic colours are the weights:
    periwinkle is mostly purple and somewhat blue.

    Args:
        code: six hexadecimal digits of sRGB.

    >>> sorted(mix_colour("8e82fe"))
    ['blue', 'centre_blue', 'centre_purple', 'purple']
    """
    lab = convert_to_lab(np.array([tuple(bytes.fromhex(code))], np.uint8))
    shares = name_colours(lab)[0]
    strong = shares >= min(_LEAST, float(shares.max()))
    mixture = {
        name: float(share)
        for name, share in zip(COLOURS, shares, strict=True)
        if share and strong[COLOURS.index(name)]
    }
    return mixture | {f"centre_{name}": share for name, share in mixture.items()}
