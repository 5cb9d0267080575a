"""Boards and close-ups of the football match: titles, the corner flag, celebrations, a card, the fans."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, label, place, relight
from videxplore.studio.director import Picture
from videxplore.studio.films.football_pitch import BLUE, RED
from videxplore.studio.films.football_play import DUSK, view
from videxplore.studio.props import person


@lru_cache(maxsize=8)
def _board(lines: tuple[str, ...], dusk: bool) -> Image.Image:
    sky = [(0, (18, 44, 92)), (1, (40, 104, 170))] if not dusk else [(0, (14, 16, 48)), (1, (60, 40, 110))]
    image = gradient(SIZE, sky)
    pen = Pen(SIZE, image)
    pen.poly([(0, 60), (210, 60), (180, 210), (0, 210)], RED)
    pen.poly([(480, 60), (240, 60), (210, 210), (480, 210)], BLUE)
    pen.text(95, 100, "RED", (255, 255, 255), 26)
    pen.text(95, 130, "ROVERS", (255, 255, 255), 26)
    pen.text(365, 100, "BLUE", (255, 255, 255), 26)
    pen.text(365, 130, "UNITED", (255, 255, 255), 26)
    pen.text(240, 30, lines[0], (255, 255, 255), 24)
    pen.text(240, 240, lines[1], (250, 220, 90), 22)
    if len(lines) > 2:
        pen.rect(178, 104, 268, 160, (250, 250, 250))
        pen.text(223, 132, lines[2], (20, 20, 30), 38)
    return pen.finish()


def board(*lines: str, dusk: bool = False) -> Picture:
    """Return a board with the teams, a headline, a footline and perhaps the score; a shine runs over it."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _board(lines, dusk).copy()
        place(frame, glow(60, (255, 255, 255), 0.35), -60 + 160 * u, 135)
        return frame

    return picture


@lru_cache(maxsize=4)
def _blurred_stand(wave: int) -> Image.Image:
    crowd = view(1.6, 40.0, 330.0).ground(52.5, wave)
    return crowd.filter(ImageFilter.GaussianBlur(2.2))


def celebration(shirt: tuple[int, int, int], dusk: bool = False) -> Picture:
    """Three players of one team jump and hug before the stand."""
    shorts = (240, 240, 240) if shirt == RED else (20, 24, 60)

    def picture(u: float, t: float) -> Image.Image:
        frame = _blurred_stand(1 + int(t * 6) % 2).copy()
        for k, (x, tall) in enumerate(((130, 210), (345, 214), (238, 232))):
            jump = abs(float(np.sin(t * 5.2 + k * 1.3))) * 22
            sway = 10 * float(np.sin(t * 2.1 + k))
            skin = (128, 84, 58) if k == 1 else (224, 172, 138)
            place(frame, person(tall, shirt, shorts, skin, arms="up"), x + sway, 292 - jump, (0.5, 1))
        return relight(frame, 0.9, DUSK) if dusk else frame

    return picture


def corner_flag(shirt: tuple[int, int, int], dusk: bool = False) -> Picture:
    """A player stands with the ball beside the corner flag, arm raised; the pitch lies behind him."""
    shorts = (240, 240, 240) if shirt == RED else (20, 24, 60)

    def picture(u: float, t: float) -> Image.Image:
        frame = _corner().copy()
        arms = "up" if 0.8 < u < 2.4 else "down"
        back = max(0.0, min(1.0, (u - 2.4) / 0.8)) * 30
        stride = float(np.sin(u * 8)) if back else 0.0
        place(
            frame,
            person(168, shirt, shorts, arms=arms, stride=round(stride * 3) / 3),
            300 + back,
            262,
            (0.5, 1),
        )
        place(frame, _flag(int(t * 8) % 2), 168, 252, (0.1, 1))
        place(frame, _big_ball(), 206, 248)
        return relight(frame, 0.9, DUSK) if dusk else frame

    return picture


@lru_cache(maxsize=1)
def _corner() -> Image.Image:
    stand = _blurred_stand(0).crop((0, 0, WIDTH, 120))
    pen = Pen(SIZE, (74, 158, 64))
    for k in range(6):
        pen.poly(
            [(0, 120 + k * 28), (WIDTH, 110 + k * 28), (WIDTH, 124 + k * 28), (0, 134 + k * 28)],
            (64, 144, 58),
        )
    pen.line([(168, 252), (480, 176)], (245, 248, 245), 4)
    pen.line([(168, 252), (-20, 214)], (245, 248, 245), 4)
    pen.arc(168, 252, 46, 250, 345, (245, 248, 245), 3)
    image = pen.finish()
    image.paste(stand, (0, 0))
    return image


@lru_cache(maxsize=2)
def _flag(flap: int) -> Image.Image:
    pen = Pen((60, 130), None)
    pen.rect(4, 2, 8, 130, (250, 250, 250))
    pen.poly([(8, 4), (54, 14 + 6 * flap), (50, 30 + 4 * flap), (8, 36)], (252, 206, 30))
    return pen.finish()


@lru_cache(maxsize=1)
def _big_ball() -> Image.Image:
    pen = Pen((28, 28), None)
    pen.ellipse(14, 14, 13, 13, (250, 250, 250))
    for x, y in ((14, 14), (5, 9), (23, 9), (8, 23), (20, 23)):
        pen.ellipse(x, y, 3.4, 3.4, (30, 30, 30))
    return pen.finish()


def yellow_card(u: float, t: float) -> Image.Image:
    """The referee lifts a yellow card in front of a blue player's opponent."""
    frame = _blurred_stand(0).copy()
    place(frame, person(226, RED, (240, 240, 240), facing=1), 140, 290, (0.5, 1))
    raised = u > 0.7
    place(
        frame,
        person(236, (18, 18, 20), (18, 18, 20), arms="up" if raised else "down", facing=-1),
        330,
        290,
        (0.5, 1),
    )
    if raised:
        card = Pen((28, 38), None)
        card.rect(1, 1, 27, 37, (255, 226, 20))
        place(frame, card.finish(), 284, 44 + 2 * float(np.sin(u * 9)))
    return frame


def keeper(u: float, t: float) -> Image.Image:
    """The goalkeeper of the reds holds the ball in front of the net."""
    frame = _net().copy()
    x = 240 + 14 * float(np.sin(u * 1.6))
    place(
        frame,
        person(226, (250, 200, 40), (30, 30, 30), stride=round(float(np.sin(u * 5)) * 2) / 6),
        x,
        282,
        (0.5, 1),
    )
    place(frame, _big_ball().resize((44, 44)), x, 150)
    return frame


@lru_cache(maxsize=1)
def _net() -> Image.Image:
    pen = Pen(SIZE, _blurred_stand(0))
    pen.rect(0, 210, WIDTH, HEIGHT, (70, 152, 62))
    for x in range(60, 421, 18):
        pen.line([(x, 40), (x, 215)], (226, 230, 228), 1)
    for y in range(40, 216, 16):
        pen.line([(60, y), (420, y)], (226, 230, 228), 1)
    pen.line([(56, 220), (56, 36), (424, 36), (424, 220)], (255, 255, 255), 7)
    return pen.finish()


def fans(u: float, t: float) -> Image.Image:
    """Fans in red wave scarves and flags in the stand."""
    frame = relight(_blurred_stand(1 + int(t * 6) % 2), 0.6, DUSK)
    for row in range(3):
        for k in range(8):
            jump = abs(float(np.sin(t * 4.6 + k * 0.9 + row))) * 12
            shirt = RED if (k + row) % 4 else (245, 245, 245)
            skin = (128, 84, 58) if (k * 3 + row) % 5 == 0 else (224, 172, 138)
            tall = 92 + 26 * row
            place(
                frame,
                person(tall, shirt, skin=skin, arms="up"),
                k * 66 + row * 22,
                130 + 84 * row - jump,
                (0.5, 0.8),
            )
    for k in range(3):
        place(frame, _banner(int(t * 7 + k) % 2), 70 + 160 * k, 74 + 8 * float(np.sin(t * 5 + k)))
    return frame


@lru_cache(maxsize=2)
def _banner(flap: int) -> Image.Image:
    pen = Pen((96, 60), None)
    pen.line([(4, 60), (10, 2)], (150, 120, 80), 3)
    pen.poly(
        [
            (10, 4),
            (50, 9 - 6 * flap + 3),
            (92, 4 + 6 * flap),
            (90, 36 + 6 * flap),
            (50, 41 - 4 * flap),
            (10, 36),
        ],
        RED,
    )
    pen.poly(
        [
            (10, 15),
            (50, 19 - 3 * flap),
            (91, 15 + 6 * flap),
            (91, 24 + 6 * flap),
            (50, 28 - 3 * flap),
            (10, 24),
        ],
        (250, 250, 250),
    )
    return pen.finish()


@lru_cache(maxsize=1)
def _stadium() -> Image.Image:
    pen = Pen(
        SIZE,
        gradient(
            SIZE, [(0, (28, 24, 74)), (0.45, (140, 70, 110)), (0.62, (244, 150, 90)), (1, (40, 40, 60))]
        ),
    )
    pen.poly([(30, 200), (90, 132), (390, 132), (450, 200), (430, 236), (50, 236)], (58, 60, 76))
    pen.poly([(60, 200), (104, 146), (376, 146), (420, 200)], (96, 98, 116))
    pen.poly([(92, 200), (124, 162), (356, 162), (388, 200)], (60, 150, 66))
    pen.line([(240, 162), (240, 200)], (220, 235, 220), 1.2)
    pen.ellipse(240, 181, 26, 8, (84, 168, 84))
    pen.rect(0, 232, WIDTH, HEIGHT, (34, 34, 46))
    for x in (56, 150, 330, 424):
        pen.rect(x - 2, 60, x + 2, 200, (30, 30, 40))
        pen.rect(x - 17, 42, x + 17, 64, (50, 50, 60))
    return pen.finish()


def floodlights(u: float, t: float) -> Image.Image:
    """The stadium from outside at dusk: its floodlights come on one after the other."""
    frame = _stadium().copy()
    for k, x in enumerate((56, 150, 330, 424)):
        if u > 0.5 + 0.45 * k:
            place(frame, glow(58, (255, 255, 235), 1.0), x, 53)
            place(frame, glow(26, (255, 255, 250), 1.0), x, 53)
    place(frame, label("SECOND HALF", 16, (255, 255, 255), (30, 30, 70)), 240, 252)
    return frame
