"""The football pitch and the stands, seen by a broadcast camera high above the near touchline.

Pitch coordinates are metres: x from 0 (left goal line) to 105,
       y from 0 (near touchline) to 68. The camera stands
``_DISTANCE`` before the near touchline and pans by moving its aim along x.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from videxplore.studio.canvas import HEIGHT, WIDTH, Pen, place
from videxplore.studio.props import person, shade

RED, BLUE = (214, 30, 36), (36, 78, 200)
_DISTANCE, _FOCAL, _FOCAL_HEIGHT = 90.0, 992.0, 32_830.0
_PAD, _PPM, _BEHIND = 40, 10, 6


@lru_cache(maxsize=1)
def _grass() -> NDArray[np.uint32]:
    """The pitch from above, uint32 RGBX, ``_PPM`` pixels per metre, row 0 at y = −_BEHIND."""
    size = ((105 + 2 * _PAD) * _PPM, (68 + 2 * _BEHIND + 4) * _PPM)
    pen = Pen(size, (52, 118, 50), 1)
    m, ox, oy = _PPM, _PAD * _PPM, _BEHIND * _PPM
    for k in range(14):
        tone = (62, 142, 56) if k % 2 else (72, 156, 62)
        pen.rect(ox + k * 7.5 * m, oy, ox + (k + 1) * 7.5 * m, oy + 68 * m, tone)
    white, w = (238, 244, 238), 3.6

    def line(*points: tuple[float, float]) -> None:
        pen.line([(ox + x * m, oy + y * m) for x, y in points], white, w)

    line((0, 0), (105, 0), (105, 68), (0, 68), (0, 0))
    line((52.5, 0), (52.5, 68))
    pen.arc(ox + 52.5 * m, oy + 34 * m, 9.15 * m, 0, 360, white, w)
    pen.ellipse(ox + 52.5 * m, oy + 34 * m, 4, 4, white)
    for goal, way in ((0, 1), (105, -1)):
        line((goal, 13.8), (goal + way * 16.5, 13.8), (goal + way * 16.5, 54.2), (goal, 54.2))
        line((goal, 24.8), (goal + way * 5.5, 24.8), (goal + way * 5.5, 43.2), (goal, 43.2))
        pen.ellipse(ox + (goal + way * 11) * m, oy + 34 * m, 4, 4, white)
    pixels = np.asarray(pen.finish().convert("RGB")).astype(np.int16)
    pixels = (
        pixels + np.random.default_rng(3).normal(0, 3, pixels.shape[:2]).round().astype(np.int16)[..., None]
    )
    packed = np.empty((*pixels.shape[:2], 4), dtype=np.uint8)
    packed[..., :3] = pixels.clip(0, 255)
    packed[..., 3] = 255
    return packed.view(np.uint32)[..., 0]


class View:
    """A camera position: ``zoom`` 1 shows the whole depth of the pitch; ``focus_y`` is at ``focus_row``."""

    def __init__(self, zoom: float = 1.0, focus_y: float = 0.0, focus_row: float = 262.0) -> None:
        self.zoom = zoom
        self._row0 = focus_row - zoom * _FOCAL_HEIGHT / (focus_y + _DISTANCE)
        far = self.project(0, 72, 0)[1]
        self._top = min(HEIGHT - 1, max(0, int(np.ceil(far))))
        rows = np.arange(self._top, HEIGHT)
        depth = zoom * _FOCAL_HEIGHT / (rows - self._row0)
        texture = _grass()
        y = np.clip((depth - _DISTANCE + _BEHIND) * _PPM, 0, texture.shape[0] - 1).astype(np.int64)
        self._offset = (y * texture.shape[1])[:, None]
        columns = np.arange(WIDTH) - WIDTH / 2
        self._base = (columns[None, :] * (depth / (zoom * _FOCAL))[:, None] * _PPM).astype(np.float32)

    def project(self, x: float, y: float, aim: float, z: float = 0.0) -> tuple[float, float, float]:
        """Return (column, row, pixels per metre) of a point ``z`` metres above the pitch."""
        depth = y + _DISTANCE
        scale = self.zoom * _FOCAL / depth
        return (
            WIDTH / 2 + (x - aim) * scale,
            self._row0 + self.zoom * _FOCAL_HEIGHT / depth - z * scale,
            scale,
        )

    def ground(self, aim: float, wave: int) -> Image.Image:
        """Return pitch and stands with the camera aimed at x = ``aim``; ``wave`` 0–2 moves the spectators."""
        texture = _grass()
        column = (self._base + np.float32((aim + _PAD) * _PPM)).astype(np.int64)
        np.clip(column, 0, texture.shape[1] - 1, out=column)
        column += self._offset
        frame = np.empty((HEIGHT, WIDTH), dtype=np.uint32)
        frame[self._top :] = texture.ravel()[column]
        image = Image.frombytes("RGB", (WIDTH, HEIGHT), frame.tobytes(), "raw", "RGBX")
        if self._top > 0:
            stand = _stand(round(self.zoom * 100), wave)
            scale = self.zoom * _FOCAL / (72 + _DISTANCE)
            left = round((aim + _PAD) * scale - WIDTH / 2)
            left = min(max(left, 0), stand.width - WIDTH)
            image.paste(stand.crop((left, stand.height - self._top, left + WIDTH, stand.height)), (0, 0))
        return image

    def goal(self, frame: Image.Image, goal_x: float, aim: float, bulge: float = 0.0) -> None:
        """Draw the goal at ``goal_x`` (0 or 105); ``bulge`` pushes the net out, in metres."""
        draw = ImageDraw.Draw(frame)
        back = -1 if goal_x == 0 else 1
        thick = max(1, round(1.4 * self.zoom))

        def at(x: float, y: float, z: float) -> tuple[float, float]:
            return self.project(x, y, aim, z)[:2]

        if not -60 < at(goal_x, 34, 0)[0] < WIDTH + 60:
            return
        deep = goal_x + back * (2 + bulge)
        for k in range(7):
            y = 30.34 + k * 7.32 / 6
            draw.line([at(goal_x, y, 2.44), at(deep, y, 1.6), at(deep, y, 0)], fill=(196, 204, 200))
        for z in (0.5, 1.1, 1.6):
            draw.line([at(goal_x, 30.34, z), at(deep, 30.34, z), at(deep, 37.66, z)], fill=(196, 204, 200))
        posts = [at(goal_x, 30.34, 0), at(goal_x, 30.34, 2.44), at(goal_x, 37.66, 2.44), at(goal_x, 37.66, 0)]
        draw.line(posts, fill=(255, 255, 255), width=thick + 1)

    def player(
        self,
        frame: Image.Image,
        x: float,
        y: float,
        aim: float,
        shirt: tuple[int, int, int],
        stride: float,
        facing: int = 1,
        arms: str = "swing",
        tilt: int = 0,
    ) -> None:
        """Draw a player with a shadow; ``tilt`` degrees lays him down."""
        column, row, scale = self.project(x, y, aim)
        if not -30 < column < WIDTH + 30 or row > HEIGHT + 50:
            return
        height = max(8, round(2.5 * scale / 2) * 2)
        shorts = (240, 240, 240) if shirt == RED else (20, 24, 60) if shirt == BLUE else (16, 16, 16)
        place(frame, _shadow(height), column + height * 0.16, row)
        figure = person(height, shirt, shorts, stride=round(stride * 3) / 3, arms=arms, facing=facing)
        if tilt:
            figure = figure.rotate(-tilt, expand=True)
        place(frame, figure, column, row + 1, (0.5, 1))

    def ball(self, frame: Image.Image, x: float, y: float, z: float, aim: float) -> None:
        """Draw the ball and its shadow."""
        column, row, scale = self.project(x, y, aim)
        place(frame, _shadow(round(0.9 * scale)), column + 1, row)
        place(frame, _ball(max(3, round(0.34 * scale))), column, row - z * scale - 1)


@lru_cache(maxsize=64)
def _shadow(height: int) -> Image.Image:
    width = max(4, round(height * 0.7))
    pen = Pen((width, max(3, width // 3)), None)
    pen.ellipse(width / 2, max(3, width // 3) / 2, width / 2 - 0.5, max(1.2, width / 6 - 0.4), (20, 60, 20))
    image = pen.finish()
    image.putalpha(image.getchannel("A").point([round(v * 0.5) for v in range(256)]))
    return image


@lru_cache(maxsize=32)
def _ball(radius: int) -> Image.Image:
    pen = Pen((2 * radius + 1, 2 * radius + 1), None, 4)
    pen.ellipse(radius + 0.5, radius + 0.5, radius, radius, (252, 252, 252))
    pen.ellipse(radius + 0.5, radius + 0.5, radius * 0.3, radius * 0.3, (40, 40, 40))
    return pen.finish()


@lru_cache(maxsize=12)
def _stand(percent: int, wave: int) -> Image.Image:
    """The far stand with its spectators and the advertising boards, 185 m long, seen at ``percent`` zoom."""
    scale = percent / 100 * _FOCAL / (72 + _DISTANCE)
    width, height = round((105 + 2 * _PAD) * scale) + 2, round(190 * percent / 100)
    rng = np.random.default_rng(11)
    block = Pen((round(330 * percent / 100), height), (72, 74, 86), 1)
    row, spacing = height - 2.6 * scale, 0.62 * scale
    shirts = [(206, 40, 44), (220, 60, 56), (60, 92, 200), (235, 235, 235), (60, 60, 70), (236, 190, 70)]
    while row > 12 * percent / 100:
        block.rect(0, row + spacing * 0.5, width, row + spacing * 1.25, (92, 94, 106))
        for x in np.arange(0, 330 * percent / 100, spacing * 1.04):
            k = int(rng.integers(9))
            fan = shirts[k % 6] if k < 8 else (92, 94, 106)
            lift = spacing * 0.28 * ((int(x / spacing) + wave) % 3 == 0) * (wave > 0)
            block.ellipse(x, row - lift + spacing * 0.5, spacing * 0.34, spacing * 0.42, shade(fan, 0.82))
            block.ellipse(x, row - lift - spacing * 0.02, spacing * 0.2, spacing * 0.22, (214, 166, 134))
        row -= spacing * 1.3
    spectators, stand = block.finish(), Image.new("RGB", (width, height))
    for x in range(0, width, spectators.width):
        stand.paste(spectators, (x, 0))
    pen = Pen((width, height), stand, 1)
    pen.rect(0, 0, width, 10 * percent / 100, (40, 42, 52))
    boards = ("VIDEXPLORE", "FRESH MILK", "CITY BANK", "SPORT RADIO", "GREEN TEA")
    tones = ((24, 60, 140), (236, 236, 236), (160, 24, 32), (24, 24, 30), (30, 120, 60))
    long = 13.0 * scale
    for k in range(int(width / long) + 1):
        tone = tones[k % 5]
        pen.rect(k * long, height - 1.9 * scale, (k + 1) * long, height, tone)
        ink = (30, 30, 40) if sum(tone) > 500 else (250, 250, 250)
        pen.text((k + 0.5) * long, height - 0.95 * scale, boards[k % 5], ink, 1.25 * scale)
    return pen.finish()
