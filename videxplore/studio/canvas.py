"""Drawing primitives: a supersampled pen, gradients, lettering, light.

Everything costly is painted once and cached; a frame is then a copy of a background with sprites pasted in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 480, 270
SIZE = (WIDTH, HEIGHT)


class Pen:
    """Draws shapes in pixel coordinates on a canvas that is ``scale`` times finer, then shrinks it.

    Args:
        size: (width, height) of the result in pixels.
        background: a colour, an image of that size, or None for a transparent sprite.
        scale: supersampling factor.
    """

    def __init__(
        self,
        size: tuple[int, int],
        background: Colour | Image.Image | None = None,
        scale: int = 3,
    ) -> None:
        self.scale = scale
        fine = (size[0] * scale, size[1] * scale)
        if background is None:
            self.image = Image.new("RGBA", fine, (0, 0, 0, 0))
        elif isinstance(background, Image.Image):
            self.image = background.convert("RGB").resize(fine, Image.Resampling.BILINEAR)
        else:
            self.image = Image.new("RGB", fine, background)
        self._draw = ImageDraw.Draw(self.image)

    def _fine(self, points: Points) -> list[tuple[float, float]]:
        return [(x * self.scale, y * self.scale) for x, y in points]

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: Colour) -> None:
        """Fill a rectangle."""
        (a, b), (c, d) = self._fine([(x0, y0), (x1, y1)])
        if c - 1 >= a and d - 1 >= b:
            self._draw.rectangle((a, b, c - 1, d - 1), fill=fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """Fill an ellipse around (x, y)."""
        self._draw.ellipse(
            (*self._fine([(x - rx, y - ry)])[0], *self._fine([(x + rx, y + ry)])[0]), fill=fill
        )

    def arc(self, x: float, y: float, r: float, start: float, end: float, fill: Colour, width: float) -> None:
        """Stroke part of a circle; angles in degrees, clockwise from three o'clock."""
        box = (*self._fine([(x - r, y - r)])[0], *self._fine([(x + r, y + r)])[0])
        self._draw.arc(box, start, end, fill=fill, width=max(1, round(width * self.scale)))

    def poly(self, points: Points, fill: Colour) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._fine(points), fill=fill)

    def line(self, points: Points, fill: Colour, width: float = 1.0) -> None:
        """Stroke a polyline with round joints."""
        fine = self._fine(points)
        thickness = max(1, round(width * self.scale))
        self._draw.line(fine, fill=fill, width=thickness, joint="curve")
        if thickness > 3:
            r = thickness / 2
            for x, y in (fine[0], fine[-1]):
                self._draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    def text(self, x: float, y: float, words: str, fill: Colour, height: float = 12) -> None:
        """Write centred on (x, y)."""
        font = lettering(round(height * self.scale))
        self._draw.text((x * self.scale, y * self.scale), words, fill=fill, font=font, anchor="mm")

    def finish(self) -> Image.Image:
        """Return the shrunk picture: RGB, or RGBA for a sprite."""
        return self.image.reduce(self.scale)


@lru_cache(maxsize=64)
def lettering(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font at ``height`` pixels, the same on every machine."""
    return ImageFont.load_default(max(4, height))


@lru_cache(maxsize=512)
def label(words: str, height: int, fill: Colour, board: Colour | None = None, pad: int = 4) -> Image.Image:
    """Return words as a sprite, on a board where one is given."""
    font = lettering(height * 2)
    box = font.getbbox(words)
    width, tall = round(box[2] - box[0]), round(height * 2.2)
    image = Image.new("RGBA", (width + 4 * pad, tall + 2 * pad), (*board, 255) if board else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.text((image.width / 2, image.height / 2), words, fill=(*fill, 255), font=font, anchor="mm")
    return image.reduce(2)


def gradient(size: tuple[int, int], stops: Sequence[tuple[float, Colour]]) -> Image.Image:
    """Return a vertical gradient through ``stops`` of (height share, colour), from top to bottom."""
    at = np.linspace(0, 1, size[1])
    where = [s[0] for s in stops]
    columns = [np.interp(at, where, [s[1][c] for s in stops]) for c in range(3)]
    rows = np.stack(columns, axis=1).round().astype(np.uint8)
    return Image.fromarray(np.repeat(rows[:, None, :], size[0], axis=1))


@lru_cache(maxsize=128)
def glow(radius: int, colour: Colour, strength: float = 1.0, squash: float = 1.0) -> Image.Image:
    """Return a soft round light as a sprite of 2·radius pixels, ``squash`` times as high as wide."""
    ry = max(1, round(radius * squash))
    y, x = np.mgrid[-ry:ry, -radius:radius]
    far = np.hypot((x + 0.5) / radius, (y + 0.5) / ry)
    alpha = np.clip(1 - far, 0, 1) ** 2 * 255 * strength
    pixels = np.empty((*far.shape, 4), dtype=np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = np.clip(alpha, 0, 255)
    return Image.fromarray(pixels, "RGBA")


def speckle(
    image: Image.Image, amount: float, seed: int, box: tuple[int, int, int, int] | None = None
) -> Image.Image:
    """Return ``image`` with seeded grain of ``amount`` grey levels (inside ``box``)."""
    pixels = np.asarray(image).astype(np.int16)
    x0, y0, x1, y1 = box or (0, 0, image.width, image.height)
    noise = np.random.default_rng(seed).normal(0, amount, (y1 - y0, x1 - x0, 1))
    pixels[y0:y1, x0:x1] += noise.round().astype(np.int16)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def place(
    frame: Image.Image, sprite: Image.Image, x: float, y: float, anchor: tuple[float, float] = (0.5, 0.5)
) -> None:
    """Paste ``sprite`` so that its ``anchor`` (shares of width and height) lies on (x, y)."""
    left = round(x - anchor[0] * sprite.width)
    top = round(y - anchor[1] * sprite.height)
    if left < frame.width and top < frame.height and left + sprite.width > 0 and top + sprite.height > 0:
        frame.paste(sprite, (left, top), sprite)


@lru_cache(maxsize=256)
def _curve(levels: tuple[float, float, float], lift: int) -> list[int]:
    return [min(255, max(0, round(v * f) + lift)) for f in levels for v in range(256)]


def relight(
    image: Image.Image, factor: float, tint: Colour = (255, 255, 255), lift: float = 0
) -> Image.Image:
    """Return ``image`` with its light multiplied by ``factor`` and ``tint`` and raised by ``lift`` levels."""
    levels = tuple(round(factor * t / 255 * 64) / 64 for t in tint)
    return image.point(_curve((levels[0], levels[1], levels[2]), round(lift)))


def zoomed(image: Image.Image, x: float, y: float, zoom: float, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return the part of ``image`` around (x, y) that ``zoom`` makes fill ``size``, kept inside the image."""
    w, h = size[0] / zoom, size[1] / zoom
    left = min(max(x - w / 2, 0), image.width - w)
    top = min(max(y - h / 2, 0), image.height - h)
    return image.resize(size, Image.Resampling.BILINEAR, box=(left, top, left + w, top + h))


def panned(image: Image.Image, x: float, y: float = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return the window of ``size`` whose top left corner lies on (x, y), kept inside the image."""
    left = min(max(round(x), 0), image.width - size[0])
    top = min(max(round(y), 0), image.height - size[1])
    return image.crop((left, top, left + size[0], top + size[1]))
