"""Light, colour shares and arrangement of single pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.colour import COLOURS, Colours

LIGHT_NAMES = (
    "lightness",
    "dark_share",
    "bright_share",
    "contrast",
    "saturation",
    "colourfulness",
    "warmth",
    "clipping",
    "lights_in_dark",
    "flame_share",
    "skin_tone_share",
)
LAYOUT_NAMES = (
    *(f"light_{row}{column}" for row in "abcd" for column in "1234"),
    *(f"{axis}_{row}{column}" for axis in ("redness", "yellowness") for row in "ab" for column in "12"),
)
ARRANGEMENT_NAMES = (
    "top_lightness",
    "horizon",
    "symmetry",
    "sky_share",
    "green_ground",
    "blue_below",
    "white_ground",
    "centre_difference",
)
COLOUR_NAMES = (*COLOURS, *(f"centre_{name}" for name in COLOURS))


def measure_colours(names: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return shares (n, 22) of the colour names in the whole picture and in its centre.

    Args:
        names: memberships (11, n, h, w); the centre is the middle half of each side.
    """
    count, n, height, width = names.shape
    centre = names[:, :, height // 4 : height - height // 4, width // 4 : width - width // 4]
    return np.concatenate([part.reshape(count, n, -1).mean(2) for part in (names, centre)]).T


def measure_light(rgb: NDArray[np.uint8], colours: Colours) -> NDArray[np.float32]:
    """Return :data:`LIGHT_NAMES` (n, 11) of pictures ``rgb`` (n, h, w, 3) and their colours.

    Lightness, contrast and chroma are in CIELAB units, shares in [0, 1]; colourfulness is that of Hasler and
    Süsstrunk (2003).
    """
    from videxplore.stages.features import picture_loops

    n = len(rgb)
    lab = colours.lab.reshape(3, n, -1)
    chroma, flame, skin = (
        colours.chroma.reshape(n, -1),
        colours.flame.reshape(n, -1),
        colours.skin.reshape(n, -1),
    )
    sums, opponents = np.empty((n, 8)), np.empty((n, 5), np.int64)
    # Flames outshine what is around them; a field in the sun is as bright as its picture.
    picture_loops.sum_light(lab, chroma, flame, skin, sums)
    picture_loops.sum_opponents(rgb.reshape(n, -1, 3), opponents)
    low, high = np.percentile(lab[0], [5, 95], axis=1)
    lightness, saturation, warmth, dark, bright, lit, flames, skins = sums.T / lab.shape[2]
    red_green, squared_red_green, yellow_blue, squared_yellow_blue, clipped = opponents.T / lab.shape[2]
    spread = squared_red_green - red_green**2 + (squared_yellow_blue - yellow_blue**2) / 4
    columns = [
        lightness,
        dark,
        bright,
        high - low,
        saturation,
        np.sqrt(spread.clip(0)) + 0.3 * np.hypot(red_green, yellow_blue / 2),
        warmth,
        clipped,
        dark * np.minimum(1.0, 25 * lit),
        flames,
        skins,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def measure_layout(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return :data:`LAYOUT_NAMES` (n, 24): mean L* in 4×4 fields, mean a* and b* in 2×2 fields.

    After the colour layout descriptor of MPEG-7, without its cosine transform, so that a column can be named.

    Args:
        lab: CIELAB (3, n, h, w).
    """
    light = average_fields(lab[0], 4, 4)
    colour = [average_fields(lab[axis], 2, 2) for axis in (1, 2)]
    return np.concatenate([light, *colour], axis=1)


def measure_arrangement(colours: Colours, smooth: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return :data:`ARRANGEMENT_NAMES` (n, 8): where in the picture light and colours lie.

    Args:
        colours: of the pictures, planes (…, n, h, w).
        smooth: (n, h, w), whether there is no texture.
    """
    lab, light = colours.lab, colours.lab[0]
    _, n, height, width = lab.shape
    third, half = height // 3, height // 2
    colour = dict(zip(COLOURS, colours.names, strict=True))
    step = np.linalg.norm(np.diff(lab.mean(3), axis=2), axis=0)[:, 4:-4]
    spread = light.std(2).mean(1) + 1.0
    centred = light - light.mean((1, 2), keepdims=True)
    mirrored = (centred * centred[:, :, ::-1]).mean((1, 2)) / (centred.var((1, 2)) + 1.0)
    high = slice(None), slice(third)
    pale = colour["blue"][high] + colour["white"][high] + colour["grey"][high] * (light[high] > 55)
    centre = lab[:, :, height // 4 : -(height // 4), width // 4 : -(width // 4)].mean((2, 3))
    columns = [
        light[:, :third].mean((1, 2)) - light[:, -third:].mean((1, 2)),
        step.max(1) / spread,
        mirrored,
        (pale * smooth[high]).mean((1, 2)),
        colour["green"][:, third:].mean((1, 2)),
        colour["blue"][:, half:].mean((1, 2)) * smooth[:, half:].mean((1, 2)),
        colour["white"][:, half:].mean((1, 2)),
        np.linalg.norm(centre - lab.reshape(3, n, -1).mean(2), axis=0),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def average_fields(values: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Return means (n, rows·columns) of ``values`` (n, h, w) in a grid of equal fields."""
    n, height, width = values.shape
    tall, wide = height // rows, width // columns
    bands = values[:, : tall * rows].reshape(n, rows, tall, width).sum(2)[..., : wide * columns]
    sums: NDArray[np.float32] = bands.reshape(n, rows * columns, wide).sum(2)
    return sums / np.float32(tall * wide)
