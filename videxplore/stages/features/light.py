"""Light, colour shares and arrangement of single pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.colour import COLOURS

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
        names: memberships (n, h, w, 11); the centre is the middle half of each side.
    """
    n, height, width, count = names.shape
    whole = names.reshape(n, -1, count).mean(1)
    centre = names[:, height // 4 : height - height // 4, width // 4 : width - width // 4]
    return np.concatenate([whole, centre.reshape(n, -1, count).mean(1)], axis=1)


def measure_light(rgb: NDArray[np.uint8], lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return :data:`LIGHT_NAMES` (n, 11) of pictures ``rgb`` (n, h, w, 3) and their CIELAB values.

    Lightness, contrast and chroma are in CIELAB units, shares in [0, 1]; colourfulness is that of Hasler and
    Süsstrunk (2003).
    """
    n = len(rgb)
    flat = lab.reshape(n, -1, 3)
    lightness, a, b = flat[..., 0], flat[..., 1], flat[..., 2]
    chroma = np.hypot(a, b)
    low, high = np.percentile(lightness, [5, 95], axis=1)
    pixels = rgb.reshape(n, -1, 3).astype(np.float32)
    red_green = pixels[..., 0] - pixels[..., 1]
    yellow_blue = (pixels[..., 0] + pixels[..., 1]) / 2 - pixels[..., 2]
    spread = np.hypot(red_green.std(1), yellow_blue.std(1))
    offset = np.hypot(red_green.mean(1), yellow_blue.mean(1))
    brightest = pixels.max(-1)
    dark = (lightness < 20).mean(1)
    hue = np.arctan2(b, a)
    # Flames outshine what is around them; a field in the sun is as bright as its picture.
    outshines = lightness > lightness.mean(1, keepdims=True) + 12
    flame = outshines & (lightness > 55) & (chroma > 45) & (hue > 0.6) & (hue < 1.6)
    skin = (chroma > 12) & (chroma < 45) & (hue > 0.45) & (hue < 1.25) & (lightness > 35) & (lightness < 88)
    columns = [
        lightness.mean(1),
        dark,
        (lightness > 80).mean(1),
        high - low,
        chroma.mean(1),
        spread + 0.3 * offset,
        (b + 0.5 * a).mean(1),
        ((brightest >= 250) | (brightest <= 5)).mean(1),
        dark * np.minimum(1.0, 25 * (lightness > 60).mean(1)),
        flame.mean(1),
        skin.mean(1),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def measure_layout(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return :data:`LAYOUT_NAMES` (n, 24): mean L* in 4×4 fields, mean a* and b* in 2×2 fields.

    After the colour layout descriptor of MPEG-7, without its cosine transform, so that a column can be named.
    """
    light = average_fields(lab[..., 0], 4, 4)
    colour = [average_fields(lab[..., axis], 2, 2) for axis in (1, 2)]
    return np.concatenate([light, *colour], axis=1)


def measure_arrangement(
    lab: NDArray[np.float32], names: NDArray[np.float32], smooth: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return :data:`ARRANGEMENT_NAMES` (n, 8): where in the picture light and colours lie.

    Args:
        lab: CIELAB (n, h, w, 3).
        names: colour memberships (n, h, w, 11).
        smooth: (n, h, w), 1 where there is no texture.
    """
    _, height, width, _ = lab.shape
    third, half = height // 3, height // 2
    light = lab[..., 0]
    colour = {name: names[..., i] for i, name in enumerate(COLOURS)}
    rows = lab.mean(2)
    step = np.linalg.norm(np.diff(rows, axis=1), axis=-1)[:, 4:-4]
    spread = light.std(2).mean(1) + 1.0
    centred = light - light.mean((1, 2), keepdims=True)
    mirrored = (centred * centred[:, :, ::-1]).mean((1, 2)) / (centred.var((1, 2)) + 1.0)
    pale = colour["blue"] + colour["white"] + colour["grey"] * (light > 55)
    sky = (pale * smooth)[:, :third].mean((1, 2))
    centre = lab[:, height // 4 : -(height // 4), width // 4 : -(width // 4)].mean((1, 2))
    columns = [
        light[:, :third].mean((1, 2)) - light[:, -third:].mean((1, 2)),
        step.max(1) / spread,
        mirrored,
        sky,
        colour["green"][:, third:].mean((1, 2)),
        colour["blue"][:, half:].mean((1, 2)) * smooth[:, half:].mean((1, 2)),
        colour["white"][:, half:].mean((1, 2)),
        np.linalg.norm(centre - lab.mean((1, 2)), axis=1),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def average_fields(values: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Return means (n, rows·columns) of ``values`` (n, h, w) in a grid of equal fields."""
    n, height, width = values.shape
    tall, wide = height // rows, width // columns
    cropped = values[:, : tall * rows, : wide * columns]
    return cropped.reshape(n, rows, tall, columns, wide).mean((2, 4)).reshape(n, -1)
