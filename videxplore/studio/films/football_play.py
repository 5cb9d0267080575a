"""Open play: a ball that follows way points, two teams that follow the ball, a camera that follows both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from PIL import Image

from videxplore.studio.canvas import label, place, relight
from videxplore.studio.films.football_pitch import BLUE, RED, View

Way = tuple[float, float, float, float]
"""A way point of the ball: (seconds, x, y, height of the flight that ends here), in metres."""

DUSK = (196, 206, 245)
_BASE = np.array(
    [
        (4, 34),
        (22, 10),
        (20, 26),
        (20, 42),
        (22, 58),
        (42, 9),
        (40, 26),
        (40, 43),
        (42, 60),
        (56, 26),
        (57, 44),
    ],
    dtype=float,
)


@lru_cache(maxsize=16)
def view(zoom: float, focus_y: float, focus_row: float) -> View:
    """Return a camera position, made once."""
    return View(zoom, focus_y, focus_row)


class Play:
    """A stretch of play, called as a picture with (seconds into the beat, seconds into the shot).

    Args:
        ways: way points of the ball.
        score: the score shown, such as ``"1:0"``.
        minute: what the match clock shows at the start.
        reds: 1 where the reds attack to the right, −1 to the left.
        dusk: whether it is evening.
        zoom: of the camera.
        focus_y: depth in metres that lies at ``focus_row``.
        focus_row: row of the frame.
        rate: 1 in real time, below in slow motion.
        start_s: where in the play the shot begins.
        replay: whether the replay mark is shown.
        goal_s: when the ball hits the net; spectators jump up from then on.
        fallen_s: when a blue player is brought down.
        pause_s: until when all players stand still.
    """

    def __init__(
        self,
        ways: Sequence[Way],
        score: str,
        minute: int,
        *,
        reds: int = 1,
        dusk: bool = False,
        zoom: float = 1.0,
        focus_y: float = 0.0,
        focus_row: float = 262.0,
        rate: float = 1.0,
        start_s: float = 0.0,
        replay: bool = False,
        goal_s: float = 1e9,
        fallen_s: float = 1e9,
        pause_s: float = -1.0,
    ) -> None:
        self._points = [tuple(map(float, way)) for way in ways]
        self._times = [way[0] for way in self._points]
        self._score, self._minute, self._reds, self._dusk = score, minute, reds, dusk
        self._camera = (zoom, focus_y, focus_row)
        self._rate, self._start, self._replay = rate, start_s, replay
        self._goal, self._fallen, self._pause = goal_s, fallen_s, pause_s

    def ball(self, t: float) -> tuple[float, float, float]:
        """Where the ball is: x, y and height in metres."""
        # Called a dozen times per frame: plain numbers are much quicker here than arrays.
        k = min(max(bisect_left(self._times, t), 1), len(self._times) - 1)
        t0, x0, y0, _ = self._points[k - 1]
        t1, x1, y1, lift = self._points[k]
        share = min(1.0, max(0.0, (t - t0) / max(1e-6, t1 - t0)))
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, 4 * lift * share * (1 - share)

    def kicks(self, first_s: float, last_s: float) -> list[tuple[float, str, float]]:
        """Sounds of the boots between two times of the shot, relative to ``first_s``."""
        sounds = []
        for (t, x0, y0, _), (_, x1, y1, _) in pairwise(self._points):
            if abs(x1 - x0) + abs(y1 - y0) > 3.5 and first_s <= t < last_s:
                sounds.append((t - first_s, "kick", 0.3))
        return sounds

    def _calm_ball(self, t: float, spread_s: float) -> tuple[float, float]:
        near = [self.ball(t + k * spread_s) for k in (-1.0, -0.5, 0.0, 0.5, 1.0)]
        return sum(b[0] for b in near) / 5, sum(b[1] for b in near) / 5

    def _team(self, t: float, way: int, seed: int) -> np.ndarray:
        """Positions of one team that attacks to the right (``way`` 1) or left, float64 (11, 2)."""
        x, y = self._calm_ball(t, 1.1)
        base = _BASE.copy()
        if way < 0:
            base[:, 0] = 105 - base[:, 0]
        # The team that attacks moves up with more men than the other has to defend with.
        follow = 0.55 + 0.2 * float(np.clip(way * (x - 52.5) / 30, 0, 1))
        spot = base + np.array([(x - 52.5) * follow, (y - 34) * 0.25])
        spot[0] = base[0] + np.array([(x - 52.5) * 0.06, (y - 34) * 0.1])
        k = np.arange(11)
        spot[:, 0] += 1.3 * np.sin(0.55 * t + 1.7 * k + seed)
        spot[:, 1] += 1.1 * np.cos(0.47 * t + 2.3 * k + seed)
        bx, by = self._calm_ball(t, 0.35)
        gap = np.array([bx, by]) - spot
        pull = 0.86 * np.exp(-((np.hypot(*gap.T) / 9.0) ** 2))
        pull[0] *= 0.5
        aside = np.stack([np.cos(2.4 * k + seed), np.sin(2.4 * k + seed)], axis=1) * 1.6
        return np.clip(spot + (gap + aside) * pull[:, None], [-1, -1], [106, 69])

    def __call__(self, u: float, t: float) -> Image.Image:
        """Draw the frame at ``t`` seconds into the shot."""
        now = self._start + t * self._rate
        camera = view(*self._camera)
        edge = min(16.0, 0.87 * 15_000 / (self._camera[0] * 496) - 5)
        aim = float(np.clip(self._calm_ball(now, 0.8)[0], edge, 105 - edge))
        excited = now >= self._goal
        frame = camera.ground(aim, 1 + int(t * 6) % 2 if excited else 0)
        since = now - self._goal
        bulge = 0.9 * float(np.exp(-since)) if since >= 0 else 0.0
        bx, by, bz = self.ball(now)
        for goal_x in (0.0, 105.0):
            camera.goal(frame, goal_x, aim, bulge if abs(goal_x - bx) < 20 else 0.0)
        self._draw_players(frame, camera, now, aim)
        camera.ball(frame, bx, by, bz, aim)
        if self._dusk:
            frame = relight(frame, 0.86, DUSK)
        self._draw_captions(frame, now)
        return frame

    def _draw_players(self, frame: Image.Image, camera: View, now: float, aim: float) -> None:
        still = max(now, self._pause)
        figures = []
        for shirt, way, seed in ((RED, self._reds, 1), (BLUE, -self._reds, 5)):
            here, soon = self._team(still, way, seed), self._team(still + 0.12, way, seed)
            speed = (soon - here) / 0.12
            for k in range(11):
                fast = float(np.hypot(*speed[k]))
                stride = np.sin(still * 9 + k) * min(1.0, fast / 4.0) if now >= self._pause else 0.0
                keeper = ((250, 200, 40) if shirt == RED else (60, 190, 110)) if k == 0 else shirt
                figures.append((here[k][1], here[k][0], keeper, stride, 1 if speed[k][0] >= 0 else -1, k))
        rx, ry = self._calm_ball(still, 1.6)
        figures.append((min(66.0, ry + 9), rx - 8, (18, 18, 20), float(np.sin(now * 7)) * 0.5, 1, -1))
        tilt = int(np.clip((now - self._fallen) * 220, 0, 85))
        nearest = self._nearest_blue(figures, now) if tilt else None
        for figure in sorted(figures, key=lambda f: -f[0]):
            y, x, shirt, stride, facing, _ = figure
            arms = "up" if now >= self._goal and shirt == self._scorer() else "swing"
            camera.player(frame, x, y, aim, shirt, stride, facing, arms, tilt if figure is nearest else 0)

    def _nearest_blue(self, figures: list, now: float) -> tuple | None:
        bx, by, _ = self.ball(now)
        blues = [f for f in figures if f[2] == BLUE]
        return min(blues, key=lambda f: (f[1] - bx) ** 2 + (f[0] - by) ** 2)

    def _scorer(self) -> tuple[int, int, int]:
        right = self.ball(self._goal)[0] > 52.5
        return RED if right == (self._reds > 0) else BLUE

    def _draw_captions(self, frame: Image.Image, now: float) -> None:
        if self._replay:
            place(frame, label("R  REPLAY", 13, (20, 20, 20), (250, 214, 40)), 425, 22)
            return
        home, away = self._score.split(":")
        clock = f"{self._minute + int(now) // 60:02d}:{int(now) % 60:02d}"
        place(frame, label(f"RED {home}", 11, (255, 255, 255), (186, 26, 32)), 40, 20)
        place(frame, label(f"{away} BLU", 11, (255, 255, 255), (32, 66, 170)), 88, 20)
        place(frame, label(clock, 11, (20, 20, 20), (240, 240, 240)), 133, 20)
