"""Pictures of the film *Cars and a train*: a country road, a city chase, a train and its station."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, label, place, zoomed
from videxplore.studio.props import car, cloud, shade, tree

RED, BLUE = (212, 28, 30), (34, 70, 190)


def endless(strip: Image.Image, x: float, frame: Image.Image, y: int) -> None:
    """Paste a strip that repeats seamlessly, moved left by ``x`` pixels."""
    left = -(round(x) % strip.width)
    while left < WIDTH:
        if strip.mode == "RGBA":
            frame.paste(strip, (left, y), strip)
        else:
            frame.paste(strip, (left, y))
        left += strip.width


@lru_cache(maxsize=1)
def hills() -> Image.Image:
    """Green hills that repeat seamlessly."""
    pen = Pen((720, 110), None)
    pen.poly(
        [(0, 110), (0, 60), (120, 20), (260, 64), (400, 24), (560, 70), (720, 60), (720, 110)],
        (116, 172, 104),
    )
    pen.poly([(0, 110), (0, 84), (200, 60), (380, 88), (560, 58), (720, 84), (720, 110)], (92, 152, 80))
    return pen.finish()


@lru_cache(maxsize=1)
def _country() -> Image.Image:
    image = gradient((640, 130), [(0, (122, 184, 92)), (1, (100, 160, 76))])
    image.paste((86, 88, 94), (0, 62, 640, 118))
    pen = Pen((640, 130), image)
    for x in range(0, 640, 80):
        pen.rect(x, 88, x + 44, 91, (240, 240, 236))
    for x in range(0, 640, 64):
        pen.rect(x, 34, x + 4, 60, (150, 110, 70))
    pen.rect(0, 40, 640, 43, (160, 120, 80))
    pen.rect(0, 50, 640, 53, (160, 120, 80))
    return pen.finish()


@lru_cache(maxsize=1)
def trees() -> Image.Image:
    """A row of trees that repeats seamlessly."""
    image = Image.new("RGBA", (800, 120), (0, 0, 0, 0))
    for k, x in enumerate((60, 190, 330, 520, 690)):
        place(image, tree(90 + 8 * (k % 3), (70, 134, 62)), x, 118, (0.5, 1))
    return image


def _open_road(x: float) -> Image.Image:
    frame = gradient_sky().copy()
    endless(hills(), x * 0.15, frame, 62)
    frame.paste((122, 184, 92), (0, 150, WIDTH, 170))
    endless(trees(), x * 0.6, frame, 48)
    endless(_country(), x, frame, 145)
    return frame


@lru_cache(maxsize=1)
def gradient_sky() -> Image.Image:
    """A friendly sky with clouds."""
    image = gradient(SIZE, [(0, (110, 180, 240)), (0.6, (206, 232, 250)), (1, (206, 232, 250))])
    place(image, cloud(120), 110, 40)
    place(image, cloud(90), 360, 56)
    return image


def slow_red_car(u: float, t: float) -> Image.Image:
    """A red car rolls slowly along a country road."""
    frame = _open_road(26 * t)
    place(frame, car(150, RED, 1, False, int(t * 4) % 4), min(-150 + 110 * u, 190 + 8 * u), 250, (0.5, 1))
    return frame


def waits(u: float, t: float) -> Image.Image:
    """The red car waits before a flock of sheep."""
    frame = _open_road(26 * 11.1)
    place(frame, car(150, RED, 1, False, 0), 190, 250, (0.5, 1))
    for k in range(7):
        place(
            frame,
            _sheep(int(u * 4 + k) % 2),
            420 - 18 * t + 16 * (k % 3) - 22 * k * 0.4,
            214 + 10 * (k % 4),
            (0.5, 1),
        )
    return zoomed(frame, 290, 200, 1.5)


@lru_cache(maxsize=2)
def _sheep(step: int) -> Image.Image:
    pen = Pen((54, 42), None)
    for k, x in enumerate((18, 26, 36, 42)):
        pen.line([(x, 28), (x + (2 if (k + step) % 2 else -2), 41)], (50, 46, 44), 3)
    for x, y in ((18, 16), (30, 12), (40, 17), (28, 22), (38, 24), (20, 24)):
        pen.ellipse(x, y, 10, 9, (244, 242, 234))
    pen.ellipse(8, 16, 7, 8, (50, 46, 44))
    return pen.finish()


@lru_cache(maxsize=2)
def _city(sunny: bool) -> Image.Image:
    wide = 900
    sky = (
        [(0, (250, 196, 120)), (1, (255, 226, 170))] if sunny else [(0, (74, 96, 150)), (1, (150, 160, 190))]
    )
    pen = Pen((wide, 190), gradient((wide, 190), sky), 2)
    rng = np.random.default_rng(15 if sunny else 16)
    x = 0.0
    while x < wide:
        w, h = min(rng.uniform(50, 96), wide - x), rng.uniform(80, 170)
        tone = [(150, 120, 110), (120, 110, 126), (170, 136, 110), (104, 100, 116)][int(rng.integers(4))]
        tone = tone if sunny else (tone[0] // 2, tone[1] * 2 // 3, tone[2])
        pen.rect(x, 190 - h, x + w, 190, tone)
        for wx in np.arange(x + 8, x + w - 12, 16):
            for wy in np.arange(190 - h + 10, 170, 20):
                pen.rect(wx, wy, wx + 9, wy + 12, (255, 222, 150) if rng.random() < 0.4 else shade(tone, 0.6))
        x += w
    return pen.finish()


@lru_cache(maxsize=1)
def _asphalt() -> Image.Image:
    pen = Pen((480, 90), (70, 70, 78))
    pen.rect(0, 0, 480, 12, (150, 146, 142))
    for x in range(0, 480, 120):
        pen.rect(x, 48, x + 64, 52, (240, 230, 200))
    return pen.finish()


def _streets(x: float, sunny: bool = True) -> Image.Image:
    """The sunny side of the city, or the side in the shade, passed at ``x`` pixels."""
    frame = Image.new("RGB", SIZE)
    endless(_city(sunny), x * 0.55, frame, 0)
    endless(_asphalt(), x, frame, 182)
    for k in range(2):
        place(frame, _lamp_post(), 500 - (x * 1.15 + 340 * k) % 680, 226, (0.5, 1))
    return frame


@lru_cache(maxsize=1)
def _lamp_post() -> Image.Image:
    pen = Pen((40, 170), None)
    pen.rect(17, 10, 21, 170, (40, 40, 46))
    pen.line([(19, 12), (36, 8)], (40, 40, 46), 4)
    return pen.finish()


def fast_red_car(u: float, t: float) -> Image.Image:
    """A red car races through the city; houses blur past."""
    frame = _streets(620 * t)
    place(
        frame,
        car(150, RED, 1, False, int(t * 19) % 4),
        270 + 30 * np.sin(t * 1.3),
        250 + 1.5 * np.sin(t * 23),
        (0.5, 1),
    )
    _speed_lines(frame, t)
    return frame


def blue_follows(u: float, t: float) -> Image.Image:
    """A blue car chases the red one."""
    frame = _streets(620 * t, sunny=False)
    place(
        frame,
        car(140, RED, 1, False, int(t * 19) % 4),
        360 + 12 * np.sin(t * 1.1),
        250 + 1.5 * np.sin(t * 23),
        (0.5, 1),
    )
    place(
        frame,
        car(140, BLUE, 1, True, int(t * 17) % 4),
        96 + 24 * min(u, 3) + 10 * np.sin(t * 1.7),
        256,
        (0.5, 1),
    )
    _speed_lines(frame, t)
    return frame


def _speed_lines(frame: Image.Image, t: float) -> None:
    rng = np.random.default_rng(int(t * 25))
    for _ in range(8):
        frame.paste(
            (250, 236, 206),
            (
                x := int(rng.integers(0, 420)),
                y := int(rng.integers(20, 250)),
                x + int(rng.integers(20, 60)),
                y + 1,
            ),
        )


def screech(u: float, t: float) -> Image.Image:
    """The red car brakes hard; smoke rises from its tyres."""
    way = 620 * min(t, 1.6) - 200 * min(t, 1.6) ** 2
    frame = _streets(way + 300)
    place(frame, car(150, RED, 1, False, 0), 250, 250, (0.5, 1))
    for k in range(6):
        place(frame, glow(16 + 4 * k, (230, 230, 230), 0.8), 190 - 22 * k, 240 - 4 * k - 8 * u)
    return frame


def crash(u: float, t: float) -> Image.Image:
    """The blue car hits a stack of crates; they fly apart."""
    frame = _streets(1200, sunny=False)
    hit = u - 0.5
    x = 120 + 300 * min(0.5, u) + (40 * min(1.0, max(0.0, hit)))
    rng = np.random.default_rng(6)
    for k in range(9):
        bx, by = 356 + 30 * (k % 3), 244 - 30 * (k // 3)
        vx, vy, spin = rng.uniform(60, 240), rng.uniform(-260, -60), rng.uniform(-300, 300)
        s = max(0.0, hit)
        y = min(246.0, by + vy * s + 260 * s * s)
        place(
            frame,
            _crate().rotate(spin * min(s, 1.0), expand=True, resample=Image.Resampling.BILINEAR),
            bx + vx * min(s, 1.1),
            y - 15,
        )
    place(frame, car(140, BLUE, 1, True, 0), x, 256, (0.5, 1))
    shake = 6 * np.exp(-max(0.0, hit) / 0.15) * np.sin(u * 70) if hit > 0 else 0.0
    return (
        frame.transform(SIZE, Image.Transform.AFFINE, (1, 0, float(shake), 0, 1, float(shake) / 2))
        if abs(shake) > 0.5
        else frame
    )


@lru_cache(maxsize=1)
def _crate() -> Image.Image:
    pen = Pen((32, 32), None)
    pen.rect(1, 1, 31, 31, (186, 140, 84))
    for y in (3, 12, 21):
        pen.rect(3, y, 29, y + 7, (206, 160, 100))
    pen.line([(4, 4), (28, 28)], (150, 106, 60), 3)
    return pen.finish()


def gets_away(u: float, t: float) -> Image.Image:
    """The red car drives off alone, smaller and smaller, towards the evening sun."""
    frame = _sunset_road().copy()
    far = min(1.0, u / 4.5)
    size = round((150 - 128 * far) / 4) * 4
    place(frame, _rear(max(16, size)), 240 + 10 * np.sin(u * 2) * (1 - far), 250 - 104 * far, (0.5, 1))
    return frame


@lru_cache(maxsize=64)
def _rear(width: int) -> Image.Image:
    n = float(width)
    pen = Pen((width, round(n * 0.7)), None)
    pen.poly(
        [(n * 0.2, n * 0.04), (n * 0.8, n * 0.04), (n * 0.9, n * 0.3), (n * 0.1, n * 0.3)], shade(RED, 0.8)
    )
    pen.poly(
        [(n * 0.25, n * 0.08), (n * 0.75, n * 0.08), (n * 0.82, n * 0.27), (n * 0.18, n * 0.27)], (60, 60, 80)
    )
    pen.rect(n * 0.04, n * 0.3, n * 0.96, n * 0.58, RED)
    for x in (0.06, 0.76):
        pen.rect(n * x, n * 0.35, n * (x + 0.18), n * 0.43, (255, 90, 60))
        pen.rect(n * (x + 0.02), n * 0.58, n * (x + 0.14), n * 0.69, (20, 20, 22))
    return pen.finish()


@lru_cache(maxsize=1)
def _sunset_road() -> Image.Image:
    pen = Pen(
        SIZE,
        gradient(
            SIZE, [(0, (120, 60, 110)), (0.4, (246, 130, 70)), (0.56, (255, 206, 110)), (1, (255, 206, 110))]
        ),
    )
    pen.ellipse(240, 140, 46, 46, (255, 240, 190))
    pen.rect(0, 146, WIDTH, HEIGHT, (110, 84, 60))
    pen.poly([(232, 146), (248, 146), (420, 270), (60, 270)], (66, 60, 66))
    for k in range(6):
        y = 152 + k * k * 4.4
        pen.poly(
            [(240 - k * 0.7, y), (240 + k * 0.7, y), (240 + k, y + 4 + 2.4 * k), (240 - k, y + 4 + 2.4 * k)],
            (240, 220, 180),
        )
    return pen.finish()


def title(u: float, t: float) -> Image.Image:
    """The title over the country road."""
    frame = _open_road(26 * t)
    place(frame, label("CARS AND A TRAIN", 26, (255, 255, 255), (40, 80, 60), 8), 240, 110)
    return frame


def train_passes(u: float, t: float) -> Image.Image:
    """A train rushes over the level crossing behind the barrier."""
    return crossing(u, t, 500 - 620 * u)


def crossing(u: float, t: float, train_x: float = 900.0) -> Image.Image:
    """The red car stands before the barrier of a level crossing; its lamps blink."""
    frame = _open_road(0)
    place(frame, train(), train_x, 84, (0, 0))
    place(frame, _barrier(int(u * 3) % 2), 330, 236, (0.5, 1))
    place(frame, car(130, RED, 1, False, 0), 200, 258, (0.5, 1))
    return frame


@lru_cache(maxsize=2)
def _barrier(blink: int) -> Image.Image:
    pen = Pen((140, 96), None)
    pen.rect(66, 20, 72, 96, (90, 90, 94))
    for k in range(7):
        pen.rect(k * 20, 40, k * 20 + 20, 47, (220, 40, 40) if k % 2 else (250, 250, 250))
    for k, x in enumerate((58, 80)):
        pen.ellipse(x, 12, 8, 8, (255, 40, 30) if k == blink else (70, 16, 16))
    return pen.finish()


def night_end(u: float, t: float) -> Image.Image:
    """The lamps of a car vanish on a dark road; nothing else is seen."""
    frame = Image.new("RGB", SIZE, (8, 9, 16))
    far = min(1.0, u / 3)
    for side in (-1, 1):
        place(
            frame,
            glow(round(16 - 11 * far), (255, 30, 24), 1.0),
            240 + side * (34 - 28 * far),
            190 - 50 * far,
        )
    frame.paste((14, 15, 24), (0, 236, WIDTH, HEIGHT))
    return frame


@lru_cache(maxsize=1)
def train() -> Image.Image:
    """A green train of three carriages, as a sprite."""
    pen = Pen((900, 110), None)
    for k in range(3):
        x = 300 * k
        pen.rect(x + 2, 8, x + 296, 98, (34, 120, 110))
        pen.rect(x + 2, 70, x + 296, 82, (240, 240, 230))
        for j in range(6):
            pen.rect(x + 18 + j * 46, 24, x + 52 + j * 46, 54, (206, 226, 236))
        pen.rect(x + 2, 98, x + 296, 106, (40, 44, 48))
    pen.poly([(0, 8), (26, 8), (4, 98), (0, 98)], (34, 120, 110))
    return pen.finish()
