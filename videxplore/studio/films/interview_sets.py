"""Pictures of the film *News at nine*: a news desk, a weather map, a guest at home, a printing hall."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, label, place
from videxplore.studio.director import Picture
from videxplore.studio.props import DARK_SKIN, SKIN, bust, cloud, person, shade

_NAVY = (18, 36, 92)


def _mouth(u: float, seed: float = 0.0) -> int:
    return int(min(3.0, abs(np.sin(u * 12.6 + seed) + 0.5 * np.sin(u * 29 + seed)) * 2.2))


@lru_cache(maxsize=1)
def _desk() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (20, 50, 120)), (0.7, (50, 110, 190)), (1, (20, 40, 90))]))
    for k in range(9):
        pen.line([(k * 62 - 30, 0), (k * 62 + 60, 190)], (44, 92, 172), 3)
    for x, y, r in ((90, 70, 44), (392, 66, 44)):
        pen.ellipse(x, y, r, r, (34, 84, 168))
        for a in (-0.5, 0, 0.5):
            pen.ellipse(x + a * r, y, r * (0.42 if a else 0.3), r * 0.98, (46, 104, 190))
        pen.line([(x - r, y), (x + r, y)], (96, 156, 226), 1.6)
    return pen.finish()


@lru_cache(maxsize=1)
def _desk_front() -> Image.Image:
    pen = Pen((WIDTH, 60), None)
    pen.poly([(20, 8), (460, 8), (480, 60), (0, 60)], (226, 232, 240))
    pen.poly([(20, 8), (460, 8), (464, 18), (16, 18)], (250, 250, 252))
    pen.rect(346, 24, 446, 50, (176, 24, 32))
    pen.text(396, 37, "NEWS", (255, 255, 255), 18)
    return pen.finish()


def _banner(frame: Image.Image, words: str, tone: tuple[int, int, int]) -> None:
    place(frame, label(words, 13, (255, 255, 255), tone, 6), 14, 246, (0, 0.5))


def _anchor(u: float, talking: bool, hair: tuple[int, int, int] = (206, 168, 96)) -> Image.Image:
    return bust(176, (150, 30, 60), SKIN, hair, _mouth(u) if talking else 0, True)


def title(u: float, t: float) -> Image.Image:
    """The opening title with a turning globe."""
    frame = _title_back().copy()
    for k in range(4):
        a = (t * 0.6 + k / 4) % 1
        place(frame, _meridian(max(2, round(68 * abs(np.cos(np.pi * a))))), 240, 104)
    place(frame, label("NEWS AT NINE", 28, (255, 255, 255), (176, 24, 32), 10), 240, 214)
    return frame


@lru_cache(maxsize=1)
def _title_back() -> Image.Image:
    image = gradient(SIZE, [(0, (8, 14, 50)), (1, (24, 60, 140))])
    place(image, glow(130, (80, 150, 255), 0.7), 240, 104)
    pen = Pen(SIZE, image)
    pen.ellipse(240, 104, 70, 70, (30, 84, 180))
    return pen.finish()


@lru_cache(maxsize=80)
def _meridian(half: int) -> Image.Image:
    pen = Pen((2 * half + 6, 142), None)
    for r, tone in ((half + 1, (160, 206, 255)), (half - 1, None)):
        if tone:
            pen.ellipse(half + 3, 71, r, 69, tone)
        elif r > 1:
            pen.ellipse(half + 3, 71, r, 67.5, (30, 84, 180))
    image = pen.finish()
    image.putalpha(image.getchannel("A").point([round(v * 0.6) for v in range(256)]))
    return image


def anchor(talking: bool = True, banner: str = "TONIGHT: THE RIVER BRIDGE", urgent: bool = False) -> Picture:
    """Return a picture of the news reader at the desk; ``urgent`` makes the banner flash red."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _desk().copy()
        place(frame, _anchor(u, talking), 240 + 2 * np.sin(t * 1.7), 232, (0.5, 1))
        place(frame, _desk_front(), 0, 214, (0, 0))
        if urgent:
            tone = (220, 20, 30) if int(u * 4) % 2 else (120, 8, 16)
            frame.paste(tone, (0, 196, WIDTH, 232))
            place(frame, label("BREAKING NEWS", 20, (255, 255, 255)), 240, 213)
        _banner(frame, banner, _NAVY)
        return frame

    return picture


def phone_rings(u: float, t: float) -> Image.Image:
    """A telephone on the desk lights up; the reader looks down."""
    frame = anchor(False)(u, t)
    shake = 2 * np.sin(u * 60) if 0.3 < u < 1.6 else 0
    place(frame, _phone(), 350 + shake, 212)
    return frame


@lru_cache(maxsize=1)
def _phone() -> Image.Image:
    pen = Pen((70, 44), None)
    pen.rect(12, 16, 58, 42, (30, 30, 34))
    pen.line([(6, 12), (64, 12)], (20, 20, 24), 9)
    pen.ellipse(35, 28, 9, 9, (240, 60, 50))
    return pen.finish()


@lru_cache(maxsize=1)
def _library() -> Image.Image:
    pen = Pen(SIZE, (112, 76, 50))
    rng = np.random.default_rng(13)
    tones = [(130, 40, 36), (60, 84, 60), (196, 160, 90), (70, 60, 90), (150, 96, 50), (90, 40, 60)]
    for row in range(4):
        y = 10 + row * 62
        pen.rect(0, y + 50, WIDTH, y + 57, (80, 52, 34))
        x = 4.0
        while x < WIDTH:
            w, h = rng.uniform(7, 15), rng.uniform(32, 48)
            pen.rect(x, y + 50 - h, x + w, y + 50, tones[int(rng.integers(6))])
            x += w + 1
    image = pen.finish()
    place(image, glow(120, (255, 214, 150), 0.5), 90, 70)
    return image


def guest(talking: bool = True, laughing: bool = False) -> Picture:
    """Return a picture of the guest, a bearded engineer before his bookshelf."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _library().copy()
        bob = 5 * abs(np.sin(u * 8)) if laughing else 1.5 * np.sin(t * 1.3)
        mouth = 3 if laughing and int(u * 8) % 2 else _mouth(u, 1.0) if talking else 0
        place(frame, _guest(mouth, laughing), 226, 272 - bob, (0.5, 1))
        _banner(frame, "PROF. ADAM OKORO, ENGINEER", (110, 70, 30))
        return frame

    return picture


@lru_cache(maxsize=8)
def _guest(mouth: int, smile: bool) -> Image.Image:
    return bust(216, (86, 96, 84), DARK_SKIN, (40, 38, 40), mouth, False, (170, 140, 40), smile)


def host(talking: bool = True) -> Picture:
    """Return a picture of the news reader, close, as she asks."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _desk().copy()
        place(frame, _close_anchor(_mouth(u) if talking else 0), 250 + 2 * np.sin(t * 1.7), 274, (0.5, 1))
        _banner(frame, "LIVE", (186, 24, 30))
        return frame

    return picture


@lru_cache(maxsize=8)
def _close_anchor(mouth: int) -> Image.Image:
    return bust(222, (150, 30, 60), SKIN, (206, 168, 96), mouth, True)


@lru_cache(maxsize=1)
def _bridge() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (150, 190, 220)), (0.6, (214, 228, 236)), (1, (200, 214, 220))]))
    pen.poly([(0, 150), (120, 136), (300, 150), (480, 132), (480, 190), (0, 190)], (120, 140, 126))
    pen.rect(0, 184, WIDTH, HEIGHT, (92, 128, 148))
    pen.rect(0, 150, WIDTH, 160, (150, 66, 50))
    for x in (120, 360):
        pen.rect(x - 6, 56, x + 6, 214, (170, 76, 56))
        pen.rect(x - 16, 206, x + 16, 220, (140, 140, 140))
    cable = [(120.0 + 12 * k, 60 + 84 * (1 - (k / 10 - 1) ** 2)) for k in range(21)]
    for k in range(21):
        pen.line([cable[k], (cable[k][0], 150)], (150, 66, 50), 1.6)
    pen.line(cable, (150, 66, 50), 3)
    pen.line([(120, 60), (0, 148)], (150, 66, 50), 3)
    pen.line([(360, 60), (480, 148)], (150, 66, 50), 3)
    return pen.finish()


def bridge(u: float, t: float) -> Image.Image:
    """A red suspension bridge over a river; a boat passes."""
    frame = _bridge().copy()
    place(frame, _boat(), 60 + 30 * u, 226)
    return frame


@lru_cache(maxsize=1)
def _boat() -> Image.Image:
    pen = Pen((90, 40), None)
    pen.poly([(2, 22), (88, 22), (74, 39), (14, 39)], (240, 240, 240))
    pen.rect(26, 8, 58, 22, (36, 70, 140))
    return pen.finish()


def welders(u: float, t: float) -> Image.Image:
    """A welder at work on the bridge: bluish sparks in a dark hall."""
    frame = _hall().copy()
    place(
        frame, person(150, (70, 80, 96), (50, 54, 66), hair=(220, 180, 40), arms="point"), 170, 262, (0.5, 1)
    )
    rng = np.random.default_rng(int(t * 25))
    if rng.random() < 0.75:
        place(frame, glow(int(rng.integers(34, 70)), (190, 220, 255), 1.0), 240, 150)
        for _ in range(14):
            place(frame, glow(3, (255, 220, 130), 1.0), 240 + rng.normal(0, 30), 150 + abs(rng.normal(0, 44)))
    return frame


@lru_cache(maxsize=1)
def _hall() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (22, 24, 30)), (1, (40, 42, 48))]))
    for x in range(20, WIDTH, 92):
        pen.rect(x, 0, x + 10, HEIGHT, (32, 34, 40))
    pen.rect(236, 140, WIDTH, 164, (120, 60, 46))
    pen.rect(300, 164, 320, HEIGHT, (96, 50, 40))
    pen.rect(0, 250, WIDTH, HEIGHT, (28, 28, 32))
    return pen.finish()


@lru_cache(maxsize=1)
def _map() -> Image.Image:
    pen = Pen(SIZE, (120, 180, 226))
    pen.poly(
        [(40, 60), (120, 24), (230, 40), (300, 90), (280, 170), (300, 240), (190, 256), (90, 222), (60, 140)],
        (126, 186, 110),
    )
    pen.line([(120, 24), (150, 120), (190, 256)], (90, 150, 210), 3)
    for x, y in ((110, 90), (210, 110), (170, 190)):
        pen.ellipse(x, y, 4, 4, (60, 60, 60))
    return pen.finish()


def weather(kind: str) -> Picture:
    """Return a picture of a presenter in yellow who points at a map with ``"sun"`` or ``"rain"`` signs."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _map().copy()
        for k, (x, y) in enumerate(((110, 74), (214, 94), (176, 172), (256, 200))):
            if kind == "sun":
                place(frame, _sun_sign(), x + 2 * np.sin(t * 3 + k), y)
            else:
                place(frame, cloud(64, (196, 200, 210)), x, y)
                for j in range(3):
                    place(frame, _drop(), x - 14 + 14 * j, y + 18 + (u * 30 + 7 * j) % 16)
        place(
            frame,
            person(
                226,
                (240, 190, 40),
                (40, 40, 60),
                hair=(110, 50, 30),
                arms="point" if int(u * 0.9) % 2 == 0 else "down",
                facing=-1,
            ),
            392,
            282,
            (0.5, 1),
        )
        return frame

    return picture


@lru_cache(maxsize=1)
def _sun_sign() -> Image.Image:
    pen = Pen((60, 60), None)
    for k in range(8):
        a = k * np.pi / 4
        pen.line([(30, 30), (30 + 28 * np.cos(a), 30 + 28 * np.sin(a))], (250, 180, 30), 4)
    pen.ellipse(30, 30, 16, 16, (255, 214, 50))
    return pen.finish()


@lru_cache(maxsize=1)
def _drop() -> Image.Image:
    pen = Pen((8, 14), None)
    pen.poly([(4, 0), (8, 9), (4, 14), (0, 9)], (40, 96, 210))
    return pen.finish()


@lru_cache(maxsize=1)
def _credits() -> Image.Image:
    pen = Pen(SIZE, (10, 14, 40))
    for k, words in enumerate(
        ("NEWS AT NINE", "EDITOR  M. LIND", "CAMERA  J. SATO", "SOUND  P. ROSSI", "GOOD NIGHT")
    ):
        pen.text(240, 60 + 42 * k, words, (230, 234, 250), 18)
    return pen.finish()


def credits_roll(u: float, t: float) -> Image.Image:
    """White credits roll over dark blue."""
    frame = Image.new("RGB", SIZE, shade((10, 14, 40), 1.0))
    frame.paste(_credits(), (0, round(200 - 52 * u)))
    return frame
