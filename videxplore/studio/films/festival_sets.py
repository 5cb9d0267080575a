"""Pictures of the film *Festival night*: a band, dancers under coloured lights, fireworks over a lake."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, label, place, relight
from videxplore.studio.director import Picture
from videxplore.studio.props import DARK_SKIN, SKIN, bust, person, tree

_LIGHTS = ((240, 40, 160), (60, 90, 255), (40, 220, 160), (250, 180, 40), (170, 60, 240))
BEAT_S = 60 / 124


@lru_cache(maxsize=1)
def _stage() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (18, 10, 34)), (1, (40, 20, 60))]))
    pen.rect(40, 186, 440, 226, (30, 26, 36))
    pen.rect(0, 14, WIDTH, 24, (60, 60, 70))
    for x in range(0, WIDTH, 20):
        pen.line([(x, 14), (x + 10, 24), (x + 20, 14)], (90, 90, 100), 1.4)
    for x in (44, 396):
        pen.rect(x, 96, x + 40, 190, (16, 16, 20))
        for y in (112, 138, 164):
            pen.ellipse(x + 20, y, 11, 11, (44, 44, 50))
    pen.rect(0, 226, WIDTH, HEIGHT, (8, 6, 12))
    return pen.finish()


@lru_cache(maxsize=64)
def _beam(colour: tuple[int, int, int], lean: int) -> Image.Image:
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    pen = Pen(SIZE, None, 2)
    pen.poly([(236, 22), (244, 22), (300 + lean, 226), (180 + lean, 226)], colour)
    image = pen.finish()
    fade = np.linspace(150, 20, HEIGHT).astype(np.uint8)[:, None].repeat(WIDTH, axis=1)
    alpha = np.asarray(image.getchannel("A")).astype(np.uint16) * fade // 255
    image.putalpha(Image.fromarray(alpha.astype(np.uint8)))
    return image


def _beams(frame: Image.Image, t: float, steps: float) -> None:
    for k, x in enumerate((60, 180, 300, 420)):
        colour = _LIGHTS[(k + int(t * steps)) % 5]
        beam = _beam(colour, round(40 * np.sin(t * 1.4 + k) / 4) * 4)
        frame.paste(beam, (x - 240, 0), beam)


@lru_cache(maxsize=1)
def _drums() -> Image.Image:
    pen = Pen((110, 70), None)
    pen.ellipse(55, 48, 24, 22, (190, 30, 40))
    pen.ellipse(55, 48, 17, 16, (240, 236, 226))
    for x in (20, 90):
        pen.ellipse(x, 40, 17, 9, (190, 30, 40))
        pen.ellipse(x, 36, 17, 7, (240, 236, 226))
    for x in (8, 102):
        pen.line([(x, 64), (x, 14)], (150, 150, 150), 2)
        pen.ellipse(x, 13, 15, 4, (226, 190, 70))
    return pen.finish()


@lru_cache(maxsize=2)
def _guitar(tone: tuple[int, int, int]) -> Image.Image:
    pen = Pen((90, 40), None)
    pen.line([(30, 24), (86, 6)], (90, 60, 40), 4)
    pen.ellipse(22, 26, 15, 11, tone)
    pen.ellipse(33, 22, 9, 8, tone)
    pen.ellipse(23, 26, 4, 4, (20, 20, 20))
    return pen.finish()


def _crowd_front(frame: Image.Image, t: float, hands: float) -> None:
    for k in range(13):
        jump = hands * 12 * abs(np.sin(t * 6.5 + k * 0.8))
        raised = "up" if hands > 0.5 and (k * 7) % 3 else "down"
        place(
            frame,
            person(86, (14, 10, 20), (10, 8, 14), (26, 18, 26), (8, 6, 10), arms=raised),
            14 + k * 38,
            306 - jump,
            (0.5, 1),
        )


def band(hands: float = 0.4) -> Picture:
    """Return a picture of a rock band on stage; ``hands`` says how wild the audience is."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _stage().copy()
        place(frame, _drums(), 240, 186, (0.5, 1))
        place(
            frame,
            person(96, (90, 90, 100), skin=DARK_SKIN, arms="up" if int(t * 6.6) % 2 else "down"),
            240,
            160,
            (0.5, 1),
        )
        for x, tone, shirt, phase in (
            (130, (214, 50, 40), (20, 20, 24), 0.0),
            (352, (60, 110, 220), (180, 60, 40), 1.0),
        ):
            y = 226 - 4 * abs(np.sin(t * 5 + phase))
            place(frame, person(118, shirt, stride=0.3), x, y, (0.5, 1))
            place(frame, _guitar(tone), x + 6, y - 58)
        place(frame, person(122, (236, 236, 240), hair=(200, 160, 60), arms="point"), 200, 230, (0.5, 1))
        _beams(frame, t, 1.6)
        _crowd_front(frame, t, hands)
        return frame

    return picture


def singer(u: float, t: float) -> Image.Image:
    """The singer, close, with a microphone in pink light."""
    frame = _pink().copy()
    mouth = int(min(3, abs(np.sin(u * 5)) * 3.6))
    place(
        frame,
        bust(226, (236, 236, 240), SKIN, (206, 166, 70), mouth, True),
        240 + 6 * np.sin(t * 2),
        276,
        (0.5, 1),
    )
    place(frame, _microphone(), 268 + 6 * np.sin(t * 2), 206)
    return frame


@lru_cache(maxsize=1)
def _pink() -> Image.Image:
    image = gradient(SIZE, [(0, (120, 16, 96)), (1, (40, 8, 60))])
    for x, tone in ((80, (255, 60, 170)), (400, (120, 80, 255)), (240, (255, 120, 200))):
        place(image, glow(120, tone, 0.7), x, 50)
    return image


@lru_cache(maxsize=1)
def _microphone() -> Image.Image:
    pen = Pen((60, 90), None)
    pen.line([(26, 26), (48, 86)], (30, 30, 34), 9)
    pen.ellipse(22, 18, 15, 15, (120, 122, 130))
    pen.ellipse(19, 14, 6, 6, (180, 182, 190))
    return pen.finish()


def drum_solo(u: float, t: float) -> Image.Image:
    """The drummer, close, beats fast under an orange light."""
    frame = _orange().copy()
    up = int(t * 11) % 2
    place(
        frame,
        person(210, (90, 90, 100), skin=DARK_SKIN, arms="up" if up else "swing", stride=0.5),
        240,
        262,
        (0.5, 1),
    )
    place(frame, _drums().resize((330, 210)), 240, 292, (0.5, 1))
    return frame


@lru_cache(maxsize=1)
def _orange() -> Image.Image:
    image = gradient(SIZE, [(0, (90, 40, 10)), (1, (24, 10, 6))])
    place(image, glow(200, (255, 150, 40), 0.8), 240, 60)
    return image


def dance_floor(strobe: bool = False) -> Picture:
    """Return a picture of dancers under a mirror ball; ``strobe`` flashes white with the music."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _floor().copy()
        for k in range(14):
            a = t * 0.8 + k * 0.45
            place(
                frame,
                glow(16, _LIGHTS[k % 5], 0.8, 0.5),
                240 + 230 * np.sin(a),
                180 + 70 * np.cos(a * 1.3 + k),
            )
        for k in range(7):
            hop = 16 * abs(np.sin(np.pi * t / BEAT_S / 2 + k * 0.7))
            tone = _LIGHTS[k % 5]
            arms = "up" if int(t / BEAT_S + k) % 2 else "swing"
            skin = DARK_SKIN if k % 3 == 1 else SKIN
            place(
                frame,
                person(130, tone, skin=skin, arms=arms, stride=0.6 * float(round(np.sin(t * 6 + k) * 2)) / 2),
                40 + 68 * k,
                268 - hop,
                (0.5, 1),
            )
        place(frame, _mirror_ball(int(t * 8) % 4), 240, 34)
        if strobe:
            return relight(frame, 1.0, lift=64) if (t / BEAT_S * 2) % 1 < 0.3 else relight(frame, 0.6)
        return frame

    return picture


@lru_cache(maxsize=1)
def _floor() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (24, 8, 40)), (1, (50, 16, 80))]))
    for k in range(9):
        for j in range(3):
            tone = _LIGHTS[(k * 2 + j) % 5]
            pen.poly(
                [
                    (k * 60 - 30 - j * 6, 206 + 22 * j),
                    (k * 60 + 24 - j * 6, 206 + 22 * j),
                    (k * 60 + 20 - j * 8, 226 + 22 * j),
                    (k * 60 - 38 - j * 8, 226 + 22 * j),
                ],
                (tone[0] // 3, tone[1] // 3, tone[2] // 3),
            )
    pen.rect(239, 0, 241, 14, (120, 120, 120))
    return pen.finish()


@lru_cache(maxsize=4)
def _mirror_ball(turn: int) -> Image.Image:
    pen = Pen((46, 46), None)
    pen.ellipse(23, 23, 22, 22, (150, 152, 166))
    rng = np.random.default_rng(turn)
    for y in range(4, 44, 5):
        for x in range(4, 44, 5):
            if (x - 23) ** 2 + (y - 23) ** 2 < 400:
                tone = int(rng.integers(110, 255))
                pen.rect(x, y, x + 4, y + 4, (tone, tone, min(255, tone + 20)))
    return pen.finish()


@lru_cache(maxsize=1)
def _booth() -> Image.Image:
    """The wall behind the disc jockey: columns of small green lights on dark teal."""
    pen = Pen(SIZE, gradient(SIZE, [(0, (10, 66, 74)), (1, (6, 30, 40))]))
    for x in range(12, WIDTH, 24):
        for y in range(14, 30 + (x * 7) % 150, 14):
            pen.rect(x, y, x + 12, y + 7, (40, 190, 150))
    return pen.finish()


def dj(u: float, t: float) -> Image.Image:
    """A disc jockey with headphones at the turntables."""
    frame = _booth().copy()
    place(
        frame,
        person(200, (30, 30, 34), skin=DARK_SKIN, arms="up" if int(t / BEAT_S) % 4 == 3 else "down"),
        240,
        270,
        (0.5, 1),
    )
    place(frame, _desk(int(t * 6) % 4), 240, 274, (0.5, 1))
    strength = round(0.7 * abs(float(np.sin(np.pi * t / BEAT_S))), 1)
    for k, x in enumerate((50, 430)):
        place(frame, glow(84, _LIGHTS[(int(t / BEAT_S) + 2 * k) % 5], strength), x, 60)
    return frame


@lru_cache(maxsize=4)
def _desk(turn: int) -> Image.Image:
    pen = Pen((360, 96), None)
    pen.rect(0, 16, 360, 96, (24, 24, 30))
    for x in (80, 280):
        pen.ellipse(x, 30, 66, 18, (10, 10, 12))
        a = turn * np.pi / 2
        pen.line([(x, 30), (x + 58 * np.cos(a), 30 + 15 * np.sin(a))], (120, 120, 124), 2)
        pen.ellipse(x, 30, 18, 5, (220, 60, 60))
    for k in range(6):
        pen.rect(152 + k * 10, 22, 156 + k * 10, 40, (80, 220, 120) if k % 2 else (240, 200, 60))
    return pen.finish()


@lru_cache(maxsize=1)
def _lake() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (6, 8, 28)), (0.6, (20, 26, 60)), (1, (10, 14, 36))]))
    pen.poly([(0, 176), (110, 150), (220, 170), (350, 144), (480, 168), (480, 186), (0, 186)], (8, 10, 22))
    pen.rect(0, 184, WIDTH, HEIGHT, (14, 20, 48))
    rng = np.random.default_rng(40)
    for _ in range(70):
        pen.ellipse(rng.uniform(0, WIDTH), rng.uniform(0, 140), 0.6, 0.6, (200, 206, 230))
    for _ in range(26):
        x, y = rng.uniform(0, WIDTH), rng.uniform(190, 262)
        pen.line([(x, y), (x + rng.uniform(8, 26), y)], (30, 40, 80), 1)
    image = pen.finish()
    for k in range(5):
        place(image, person(56, (6, 6, 12), (6, 6, 12), (10, 10, 18), (6, 6, 12)), 60 + 90 * k, 268, (0.5, 1))
    place(image, tree(120, (8, 14, 16)), 460, 262, (0.5, 1))
    return image


def lake(u: float, t: float) -> Image.Image:
    """A quiet lake by night; people wait on the shore."""
    return _lake().copy()


def fireworks(bursts: tuple[tuple[float, float, float, int], ...]) -> Picture:
    """Return a picture of shells that burst at (seconds, x, y, colour number) over the lake."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _lake().copy()
        light = 0.0
        for at, x, y, colour in bursts:
            since = u - at
            if -1.0 < since < 0:
                place(frame, glow(7, (255, 230, 180), 1.0, 1.8), x, 190 + (y - 190) * (since + 1.0))
            elif 0 <= since < 1.7:
                _burst(frame, x, y, since, _LIGHTS[colour])
                light = max(light, float(np.exp(-since / 0.25)))
        return relight(frame, 1 + 0.5 * light, lift=14 * light) if light > 0.02 else frame

    return picture


def _burst(frame: Image.Image, x: float, y: float, since: float, tone: tuple[int, int, int]) -> None:
    reach = 74 * (1 - np.exp(-since / 0.3))
    strength = round(max(0.1, 1 - since / 1.7), 1)
    if since < 0.15:
        place(frame, glow(90, (255, 250, 235), 0.9), x, y)
    for k in range(24):
        a, far = k * 2 * np.pi / 24, reach * (1.0 if k % 2 else 0.62)
        place(frame, glow(6, tone, strength), x + far * np.cos(a), y + far * np.sin(a) + 16 * since * since)
    place(frame, glow(60, tone, round(0.6 * strength, 1), 0.35), x, 226)


def title(u: float, t: float) -> Image.Image:
    """The title in coloured lights."""
    frame = _floor().copy()
    _beams(frame, t, 2.0)
    place(frame, label("FESTIVAL NIGHT", 32, (255, 255, 255), (170, 30, 120), 10), 240, 120)
    return frame


@lru_cache(maxsize=1)
def _tents() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (150, 190, 220)), (1, (226, 230, 220))]))
    pen.rect(0, 170, WIDTH, HEIGHT, (120, 150, 90))
    tones = ((240, 150, 50), (60, 140, 180), (200, 70, 90), (240, 210, 80))
    for k in range(6):
        x, y = 20 + 82 * k, 190 + 22 * (k % 3)
        pen.poly([(x, y + 40), (x + 44, y - 16), (x + 88, y + 40)], tones[k % 4])
        pen.poly([(x + 34, y + 40), (x + 44, y - 4), (x + 54, y + 40)], (50, 50, 60))
    return pen.finish()


def tents(u: float, t: float) -> Image.Image:
    """Coloured tents on a meadow in the grey morning."""
    return _tents().copy()
