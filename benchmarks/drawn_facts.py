"""What is true of the moments of the sample films, by other means than the encoder's own.

Three sources, none of which uses a feature of the package:

* the strengths that the scripts give to their moments (not complete: a script names what it is about);
* the script itself: which sounds it lays where, which lines are spoken, where it cuts;
* other measures at five times the encoder's resolution: colours by hue, saturation and value, edges and
  optical flow by OpenCV, spectra of the sound track before it is coded.

A quantity makes a fact of two limits: at or above the upper one it is true, at or below the lower one false,
between them it is not said. The limits were set with the development films in view.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.studio.director import Film
from videxplore.studio.mix import mix
from videxplore.studio.sound import RATE
from videxplore.studio.truth import film_truth

WIDTH, HEIGHT = 240, 135
STEP_S = 0.2
"""Time between the pairs of frames of which optical flow is computed."""

SCRIPT = {
    "bang": "bang", "bell": "ring", "blue": "blue", "bright": "bright_share", "brown": "brown",
    "crowd": "roar", "dark": "dark_share", "fast_motion": "top_speed", "fire": "flame_share",
    "flash": "flash", "flicker": "flicker", "green": "green", "grey": "grey", "loud": "loudness",
    "music": "music_likeness", "orange": "orange", "pink": "pink", "quiet": "-loudness", "rain": "roar",
    "red": "red", "rhythm": "hits", "speech": "speech_likeness", "splash": "splash", "still": "still_share",
    "text": "stripes_of_text", "water": "blue_below", "whistle": "whistle", "white": "white",
    "yellow": "yellow",
}  # fmt: skip
"""Strength of the scripts -> attribute that should tell it, or with a minus its opposite."""

BEYOND = (
    "alarm", "animal_call", "applause", "calm", "car", "close_up", "engine", "horn", "indoors", "laughter",
    "outdoors", "people", "person_moves", "sizzle", "slow", "steam",
)  # fmt: skip
"""Strengths for which the encoder has no attribute: they need to know what a thing is."""

MUSIC = ("guitar_music", "calm_music", "pulse_music")
NOISE = ("crowd", "rain", "wind", "sea", "roar", "stream", "train", "city")
DEEP = ("rumble", "train", "slow_motor", "fast_motor")
HITS = {
    "bang": ("bang", "slam", "firework", "crash", "thunder"),
    "thud": ("slam", "kick", "far_thunder"),
    "blast": ("bang", "firework", "crash"),
    "splash": ("splash",),
    "whistle": ("whistle", "final_whistle"),
    "ring": ("bell", "ding", "beep", "long_beep", "jingle"),
}
"""One-shot sounds that an event or tone should tell."""
SUDDEN = ("bang", "slam", "firework", "crash", "thunder", "kick", "chop", "splash", "footsteps", "woodpecker")
"""Sounds of which it cannot be said that they are no bang, thud or blast."""

COLOURS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")

LIMITS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(COLOURS, (0.2, 0.02)),
    **{f"centre_{colour}": (0.3, 0.03) for colour in COLOURS},
    "lightness": (140, 90), "dark_share": (0.5, 0.05), "bright_share": (0.3, 0.03), "contrast": (130, 80),
    "saturation": (80, 45), "colourfulness": (110, 70), "warmth": (30, 0), "clipping": (0.01, 0.0005),
    "top_lightness": (30, 0), "symmetry": (0.8, 0.4), "detail": (0.15, 0.08),
    "horizontal_edges": (0.5, 0.3), "vertical_edges": (0.45, 0.25), "diagonal_edges": (0.4, 0.2),
    "sharpness": (6.7, 5.6), "smooth_share": (0.65, 0.35), "variety": (3.4, 2.6),
    "green_ground": (0.3, 0.03), "white_ground": (0.3, 0.03), "blue_below": (0.3, 0.03),
    "sky_share": (0.6, 0.1), "speed": (0.04, 0.004), "top_speed": (0.15, 0.03), "still_share": (0.98, 0.88),
    "camera_speed": (0.01, 0.0005), "pan_left": (0.01, 0.0005), "pan_right": (0.01, 0.0005),
    "object_speed": (0.04, 0.004), "moving_share": (0.35, 0.05), "moves_left": (0.01, 0.002),
    "moves_right": (0.01, 0.002), "falls": (0.01, 0.002), "rises": (0.01, 0.002), "change": (2.2, 0.6),
    "black_frames": (0.05, 0.0), "motion_variety": (0.02, 0.005), "brightening": (3.0, 0.3),
    "darkening": (3.0, 0.3), "flicker": (2.0, 0.2), "flash": (15.0, 1.0), "cut_count": (1, 0),
    "loudness": (-20, -32), "silence": (0.2, 0.0), "loudness_variety": (7, 2), "gets_louder": (4, 0),
    "bass": (0.7, 0.1), "treble": (0.25, 0.01), "centroid": (4.5, 2.0), "flatness": (0.3, 0.02),
    "rumble": (-25, -40), "swell": (6, 1), "hush": (8, 1.5), "speech_likeness": (0.4, 0.0),
    "music_likeness": (0.03, 0.0), "roar": (0.05, 0.01), "low_tone": (0.03, 0.0), "chirp": (0.008, 0.0),
    "hits": (0.4, 0.0), **dict.fromkeys(HITS, (1.0, 0.0)),
}  # fmt: skip
"""Attribute -> (true from, false up to) on the scale of the other measure."""


def quantities(film: Film, path: Path) -> list[dict[str, float]]:
    """Quantities of every moment of a film, in time order: strengths (``script …``) and other measures."""
    moments = [(s.start_s, s.end_s, s.attributes) for s in film_truth(film).at("moment")]
    times, seen = _watch(path)
    sound = mix(film)
    rows = []
    for start, end, strengths in moments:
        inside = (times >= start - 1e-6) & (times < end - 1e-6)
        row = {f"script {name}": float(strengths.get(name, 0.0)) for name in SCRIPT}
        row |= _over_time({name: values[inside] for name, values in seen.items()}, times[inside])
        row |= _heard(sound[round(start * RATE) : round(end * RATE)])
        row |= _written(film, start, end)
        rows.append(row)
    return rows


def _watch(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Times (n,) of all frames, and measures (n,) of each; NaN for what is measured less often."""
    times, rows = [], []
    before, next_s = None, 0.0
    for batch in FrameScan(open_video(path), size=(WIDTH, HEIGHT)):
        for frame, time_s in zip(batch.rgb, batch.times_s, strict=True):
            grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
            row = {"luma": float(grey.mean()), "black_frames": float(grey.mean() < 12)}
            if before is not None:
                row["jump"] = float(np.abs(grey.astype(np.int16) - before).mean())
                if time_s >= next_s:
                    row |= _stills(frame, grey) | _flow(before, grey, 1 / max(time_s - times[-1], 1e-3))
                    next_s = time_s + STEP_S
            times.append(float(time_s))
            rows.append(row)
            before = grey
    names = {name for row in rows for name in row}
    return np.array(times), {n: np.array([row.get(n, np.nan) for row in rows]) for n in sorted(names)}


def _stills(frame: np.ndarray, grey: np.ndarray) -> dict[str, float]:
    """What one picture shows."""
    named = _name(cv2.cvtColor(frame, cv2.COLOR_RGB2HSV))
    middle = named[HEIGHT // 4 : -HEIGHT // 4, WIDTH // 4 : -WIDTH // 4]
    found = {c: float((named == i).mean()) for i, c in enumerate(COLOURS)}
    found |= {f"centre_{c}": float((middle == i).mean()) for i, c in enumerate(COLOURS)}
    low, high = np.percentile(grey, (5, 95))
    rgb = frame.reshape(-1, 3).mean(0)
    spread = frame.max(2).astype(np.int16) - frame.min(2)
    third = HEIGHT // 3
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    strong = np.hypot(across, down) > 60
    angle = np.degrees(np.arctan2(np.abs(down), np.abs(across)))[strong]
    edges = max(int(strong.sum()), 1)
    blocks = grey[: HEIGHT // 9 * 9].reshape(HEIGHT // 9, 9, WIDTH // 10, 10).transpose(0, 2, 1, 3)
    share = np.bincount(grey.ravel() // 8, minlength=32) / grey.size
    halves = grey[:, : WIDTH // 2].ravel(), grey[:, ::-1][:, : WIDTH // 2].ravel()
    mirror = np.corrcoef(*halves)[0, 1] if grey.std() > 1 else 1.0
    return found | {
        "lightness": float(grey.mean()), "dark_share": float((grey < 48).mean()),
        "bright_share": float((grey > 190).mean()), "contrast": float(high - low),
        "saturation": float(spread.mean()), "warmth": float(rgb[0] - rgb[2]),
        "colourfulness": float(np.std(spread) + spread.mean()),
        "clipping": float(((frame == 0) | (frame == 255)).mean()),
        "top_lightness": float(grey[:third].mean()) - float(grey[-third:].mean()),
        "detail": float(strong.mean()), "horizontal_edges": float((angle > 67.5).sum() / edges),
        "vertical_edges": float((angle < 22.5).sum() / edges),
        "diagonal_edges": float(((angle >= 22.5) & (angle <= 67.5)).sum() / edges),
        "sharpness": float(np.log1p(cv2.Laplacian(grey, cv2.CV_32F).var())),
        "smooth_share": float((blocks.std((2, 3)) < 4).mean()), "symmetry": float(mirror),
        "variety": float(-(share[share > 0] * np.log2(share[share > 0])).sum()),
        "green_ground": float((named[third:] == COLOURS.index("green")).mean()),
        "white_ground": float((named[HEIGHT // 2 :] == COLOURS.index("white")).mean()),
        "blue_below": float((named[HEIGHT // 2 :] == COLOURS.index("blue")).mean()),
        "sky_share": float(np.isin(named[:third], (COLOURS.index("blue"), COLOURS.index("white"))).mean()),
    }  # fmt: skip


def _name(hsv: np.ndarray) -> np.ndarray:
    """Index (h, w) into ``COLOURS`` of every pixel, by limits on hue (0–179), saturation and value."""
    hue, saturation, value = (hsv[..., i].astype(int) for i in range(3))
    named = np.full(hue.shape, COLOURS.index("grey"))
    vivid = saturation >= 70
    for name, low, high in (
        ("red", 0, 7), ("orange", 8, 21), ("yellow", 22, 33), ("green", 34, 85), ("blue", 86, 128),
        ("purple", 129, 152), ("pink", 153, 170), ("red", 171, 179),
    ):  # fmt: skip
        named[vivid & (hue >= low) & (hue <= high)] = COLOURS.index(name)
    named[vivid & (hue >= 5) & (hue <= 23) & (value < 165)] = COLOURS.index("brown")
    named[vivid & ((hue <= 5) | (hue >= 165)) & (saturation < 150) & (value > 190)] = COLOURS.index("pink")
    named[(saturation < 40) & (value > 200)] = COLOURS.index("white")
    named[value < 40] = COLOURS.index("black")
    return named


def _flow(before: np.ndarray, now: np.ndarray, fps: float) -> dict[str, float]:
    """What moves between two pictures in a row, in picture widths per second, by Farnebäck's method."""
    flow = cv2.calcOpticalFlowFarneback(before, now, None, 0.5, 4, 17, 3, 7, 1.5, 0) * fps / WIDTH
    speed = np.hypot(flow[..., 0], flow[..., 1])
    camera = np.median(flow.reshape(-1, 2), axis=0)
    own = flow - camera
    return {
        "speed": float(speed.mean()), "top_speed": float(np.percentile(speed, 95)),
        "still_share": float((np.abs(now.astype(np.int16) - before) <= 3).mean()),
        "camera_speed": float(np.hypot(*camera)),
        "pan_left": float(camera[0]), "pan_right": -float(camera[0]),
        "object_speed": float(np.hypot(own[..., 0], own[..., 1]).mean()),
        "moving_share": float((np.hypot(own[..., 0], own[..., 1]) > 0.02).mean()),
        "moves_right": float(own[..., 0].clip(0).mean()), "moves_left": float((-own[..., 0]).clip(0).mean()),
        "falls": float(own[..., 1].clip(0).mean()), "rises": float((-own[..., 1]).clip(0).mean()),
    }  # fmt: skip


def _over_time(seen: dict[str, np.ndarray], times_s: np.ndarray) -> dict[str, float]:
    """Means over a moment, and what only time shows."""
    found = {name: _mean(values) for name, values in seen.items() if name != "luma"}
    luma, speed = seen["luma"], seen["speed"]
    found["change"] = found.pop("jump")
    found["motion_variety"] = float(np.nanstd(speed)) if np.isfinite(speed).sum() > 1 else np.nan
    slope = np.polyfit(times_s, luma, 1)[0] if len(luma) > 4 else 0.0
    jumps = np.diff(luma)
    calm = float(np.abs(jumps).max(initial=0)) < 20  # a cut or flash is no ramp of the light
    found["brightening"] = float(slope) if calm else np.nan
    found["darkening"] = float(-slope) if calm else np.nan
    found["flicker"] = float(np.percentile(np.abs(np.diff(luma, 2)), 75)) if len(luma) > 2 else 0.0
    # A flash is lighter than what is a quarter of a second before and after.
    around = np.maximum(np.roll(luma, 6), np.roll(luma, -6))
    found["flash"] = float((luma - around)[6:-6].max(initial=0.0))
    return found


def _mean(values: np.ndarray) -> float:
    """Mean of what is known."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else np.nan


def _heard(sound: np.ndarray) -> dict[str, float]:
    """Measures of the sound track as mixed, before any codec."""
    from scipy.signal import welch

    frames = sound[: len(sound) // 800 * 800].reshape(-1, 800)
    level = 10 * np.log10((frames**2).mean(1) + 1e-12)
    frequency, power = welch(sound, RATE, nperseg=min(2048, len(sound)))
    power = power + 1e-14
    mean = 10 * np.log10((sound**2).mean() + 1e-12)
    inside = (frequency > 60) & (frequency < 8000)
    parts = np.array_split(sound, max(2, len(sound) // RATE))
    second = np.array([10 * np.log10((part**2).mean() + 1e-12) for part in parts])
    change = np.diff(second)
    loud = mean > -55
    told = lambda value: float(value) if loud else np.nan  # noqa: E731
    return {
        "loudness": float(level.mean()), "silence": float((level < -50).mean()),
        "loudness_variety": float(level.std()), "gets_louder": float(second[-1] - second[0]),
        "bass": told(power[frequency < 250].sum() / power.sum()),
        "treble": told(power[frequency > 4000].sum() / power.sum()),
        "centroid": told(np.log2((frequency * power).sum() / power.sum() / 100)),
        "flatness": told(np.exp(np.log(power[inside]).mean()) / power[inside].mean()),
        "rumble": float(10 * np.log10(power[frequency < 200].sum() * frequency[1])),
        "swell": float(change.max(initial=0)), "hush": float(-change.min(initial=0)),
    }  # fmt: skip


def _written(film: Film, start_s: float, end_s: float) -> dict[str, float]:
    """What the script lays into a span; NaN where it cannot be said."""
    beats = [(film.time_s(b.start_frame), film.time_s(b.end_frame), b) for b in film.beats]
    here = next(b for start, _, b in beats if abs(start - start_s) < 1e-3)
    said = sum(
        max(0.0, min(end_s, at + line.offset_s + line.seconds) - max(start_s, at + line.offset_s))
        for at, _, b in beats
        for line in b.lines
    )
    # A sound may ring on into the next moment.
    hits = [name for at, _, b in beats for offset, name, _ in b.hits if start_s <= at + offset < end_s]
    late = [
        name for at, _, b in beats for offset, name, _ in b.hits if start_s - 2.0 <= at + offset < start_s
    ]
    beds = {name: sum(here.beds.get(bed, 0.0) for bed in names) for name, names in (
        ("music", MUSIC), ("noise", NOISE), ("deep", DEEP), ("birds", ("birds", "crickets")),
    )}  # fmt: skip
    found = {
        "speech_likeness": said / (end_s - start_s), "music_likeness": beds["music"],
        "roar": beds["noise"], "low_tone": beds["deep"], "chirp": beds["birds"],
        "hits": sum(name in ("kick", "chop", "footsteps", "woodpecker") for name in hits) / (end_s - start_s),
        "cut_count": float(sum(start_s + 0.1 < t < end_s - 0.1 for t in film_truth(film).cut_times_s)),
    }  # fmt: skip
    for name, sounds in HITS.items():
        doubt = name in ("bang", "thud", "blast", "splash") and any(h in SUDDEN for h in (*hits, *late))
        doubt |= any(h in sounds for h in late)
        found[name] = 1.0 if any(h in sounds for h in hits) else np.nan if doubt else 0.0
    return found
