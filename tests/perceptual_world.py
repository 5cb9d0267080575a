"""A world of short segments whose picture and sound are planted, value by value, each by chance.

Every segment draws its colour, light, pattern, motion, event, sound and sudden sound on its own, so that for
every pair of them there are segments that have one and lack the other: dark and quiet, bright with a bang,
slow and red, fast and blue. Strengths are drawn too; what counts is a clear presence, not the extreme.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from perceptual_sounds import SECONDS, band, beat, chirps, hum, knocks
from synthetic import FPS, RATE, music_like, noise, speech_like, tone

from videxplore.stages.features.picture import PictureScan
from videxplore.stages.features.sound import measure_sound
from videxplore.values.media import AudioClip, Measurements, Series, Span, Video

LUMA = (0.299, 0.587, 0.114)
HEIGHT, WIDTH = 54, 96
FINE = 2
"""Canvas points per pixel, so that slow motion moves by parts of a pixel."""

TINTS = {
    "red": (205, 25, 30), "orange": (245, 135, 30), "yellow": (250, 220, 40), "green": (40, 150, 60),
    "blue": (35, 75, 200), "purple": (125, 45, 155), "pink": (245, 130, 185), "brown": (112, 68, 34),
    "white": (250, 250, 250), "grey": (130, 130, 130), "black": (12, 12, 12),
}  # fmt: skip
WARM = ("red", "orange", "yellow", "brown")
VIVID = ("red", "orange", "yellow", "green", "blue", "purple", "pink")
STILL_PATTERNS = (
    "plain", "soft", "soft", "fine", "across", "upright", "aslant", "letters", "sea", "meadow", "snow",
    "lamps", "flames", "face", "mirror", "object", "object",
)  # fmt: skip
MOVING_PATTERNS = ("soft", "fine")
MOTIONS = (
    "pan_left", "pan_right", "tilt_up", "tilt_down", "zoom_in", "zoom_out", "shake", "speeds_up",
    "thing_left", "thing_right", "thing_falls", "thing_rises",
)  # fmt: skip
HAPPENINGS = ("flash", "spark", "cuts", "flicker", "brightens", "darkens", "blackout")
BEDS = (
    "silence", "noise", "speech", "music", "whistle", "hum", "ring", "chirps", "knocks", "rumble",
    "hiss", "beat",
)  # fmt: skip
SUNG = {"peep": "whistle"}
SUDDEN = ("bang", "thud", "blast", "splash", "peep", "swell", "hush")


@dataclass(frozen=True)
class Look:
    """What is planted in a picture.

    Attributes:
        tint: name of the colour of the picture, or of its object.
        light: share of full light, .08 to 1.
        pattern: what the picture shows.
        motion: what moves, or "still".
        speed: of that, in picture widths per second.
        happening: what happens, or "".
        seed: of everything else.
    """

    tint: str
    light: float
    pattern: str
    motion: str
    speed: float
    happening: str
    seed: int

    @property
    def facts(self) -> dict[str, bool | None]:
        """What is true of it by name; None where it cannot be said, as of a colour in the dark."""
        coloured = self.pattern not in SCENES or self.pattern == "object"
        seen = coloured and self.light >= 0.8
        whole = seen and self.pattern != "object"
        lit = self.light >= 0.8
        facts: dict[str, bool | None] = {t: self.tint == t if whole else None for t in TINTS}
        facts |= {f"centre {t}": self.tint == t if seen else None for t in TINTS}
        facts |= {"vivid": self.tint in VIVID if whole else None}
        facts |= {"warm": self.tint in WARM if whole and self.tint not in ("purple", "pink") else None}
        facts |= {"dark": not lit or self.pattern == "lamps" or (coloured and self.tint == "black")}
        facts |= {"bright": float(np.dot(TINTS[self.tint], LUMA)) * self.light >= 200 if whole else None}
        drawn = lit and not (coloured and self.tint == "black")
        facts |= {p: self.pattern == p if drawn else None for p in STILL_PATTERNS}
        facts |= {"sky": self.pattern in ("sea", "meadow", "snow") if lit else None}
        facts |= {m: self.motion == m for m in (*MOTIONS, "still")}
        facts |= {"pan_right": self.motion in ("pan_right", "speeds_up")}
        even = self.motion not in ("shake", "speeds_up", "zoom_in", "zoom_out")
        facts |= {"fast": self.speed >= 0.6 if even else None}
        facts |= {"camera": self.motion.startswith(("pan", "tilt", "speeds"))}
        facts |= {"thing": self.motion.startswith("thing")}
        bright_enough = float(np.dot(TINTS[self.tint], LUMA)) * self.light >= 25
        facts |= {h: self.happening == h if bright_enough or not coloured else None for h in HAPPENINGS}
        # A picture that is green all over may be grass; light that goes and comes is cut, and flashes.
        looks_like = {"green": "meadow", "blue": "sea", "white": "snow"}
        unclear = {place: tint == self.tint and place != self.pattern for tint, place in looks_like.items()}
        unclear |= {"still": self.motion == "still" and bool(self.happening)}
        unclear |= {"cuts": self.happening == "blackout", "flash": self.happening == "flicker"}
        return facts | {name: None for name, doubt in unclear.items() if doubt}


@dataclass(frozen=True)
class Sound:
    """What is planted in a sound.

    Attributes:
        bed: what sounds all the time.
        level_db: of the bed, dB relative to full scale.
        sudden: what happens, or "".
        over_db: how far that stands above the bed.
        seed: of everything else.
    """

    bed: str
    level_db: float
    sudden: str
    over_db: float
    seed: int

    @property
    def facts(self) -> dict[str, bool | None]:
        """What is true of it by name."""
        facts: dict[str, bool | None] = {b: self.bed == b for b in BEDS} | {
            s: self.sudden == s for s in SUDDEN
        }
        facts |= {
            "deep": self.bed in ("hum", "rumble"),
            "whistle": "whistle" in (self.bed, SUNG.get(self.sudden)),
        }
        # A drum over a chord is music, and its strokes are strokes.
        facts |= {
            "music": self.bed in ("music", "beat"),
            "knocks": None if self.bed == "beat" else facts["knocks"],
        }
        facts |= {"loud": self.level_db >= -20, "quiet": self.level_db <= -38}
        return facts | {"sudden noise": self.sudden in ("bang", "blast", "splash")}


def draw_look(seed: int) -> Look:
    """Draw what there is to see; what could not be seen there is not planted."""
    rng = np.random.default_rng([seed, 0])
    pick = lambda names: str(names[rng.integers(len(names))])  # noqa: E731
    tint, moves, happens = pick(tuple(TINTS)), rng.random() < 0.5, rng.random() < 0.4
    light = float(rng.uniform(0.08, 0.2) if rng.random() < 0.3 else rng.uniform(0.8, 1.0))
    speed = float(rng.uniform(0.1, 0.25) if rng.random() < 0.5 else rng.uniform(0.6, 1.1))
    pattern, motion, happening = pick(STILL_PATTERNS), pick(MOTIONS), pick(HAPPENINGS)
    if pattern in ("lamps", "flames", "face"):
        light = max(light, 0.8)
    luma = float(np.dot(TINTS[tint], LUMA)) * light
    moves &= luma >= 25
    # White upon white, and black upon black, are not seen.
    unseen = luma > 140 if happening in ("flash", "spark") else luma < 30
    return Look(
        tint, light, pick(MOVING_PATTERNS) if moves else pattern, motion if moves else "still",
        speed if moves else 0.0, happening if happens and not unseen else "", seed,
    )  # fmt: skip


def draw_sound(seed: int) -> Sound:
    """Draw what there is to hear."""
    rng = np.random.default_rng([seed, 1])
    pick = lambda names: str(names[rng.integers(len(names))])  # noqa: E731
    bed = pick(BEDS)
    sudden = pick(SUDDEN) if rng.random() < 0.45 else ""
    level = -60.0 if bed == "silence" else float(rng.choice([-42, -28, -16]) + rng.uniform(-2, 2))
    if sudden in ("swell", "hush") and level < -32:
        sudden = ""
    return Sound(bed, level, sudden, float(rng.uniform(12, 26)), seed)


@dataclass(frozen=True)
class World:
    """Segments, each a picture and a sound of its own choice.

    Picture and sound are measured apart, so that a pair is measured as its parts are.

    Attributes:
        looks: one per segment.
        sounds: one per segment.
        values: float32 (n, d), what the encoder makes of the segments.
    """

    looks: list[Look]
    sounds: list[Sound]
    values: np.ndarray

    def facts(self, name: str) -> np.ndarray:
        """float64 (n,): 1 true, 0 false, NaN not to be said."""
        return self._table[name]

    @cached_property
    def _table(self) -> dict[str, np.ndarray]:
        rows = [look.facts | sound.facts for look, sound in zip(self.looks, self.sounds, strict=True)]
        # None becomes NaN.
        return {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}


def make_world(
    encoder, count: int, *, looks: int = 0, sounds: int = 0, seed: int = 0, fps: float = FPS
) -> World:
    """Draw, render, measure and encode ``count`` segments.

    Args:
        encoder: the perceptual encoder.
        count: of segments.
        looks: different pictures, by default as many as segments.
        sounds: different sounds, by default as many as segments.
        seed: of everything.
        fps: frames per second.
    """
    seen = [draw_look(10_000 * seed + i) for i in range(looks or count)]
    heard = [draw_sound(10_000 * seed + i) for i in range(sounds or count)]
    pictures = [encoder.encode_spans(measure_look(look, fps), [Span(0.0, SECONDS)])[0] for look in seen]
    noises = [encoder.encode_spans(measure_sound_of(play(sound)), [Span(0.0, SECONDS)])[0] for sound in heard]
    audio = encoder.card.slices()["audio"]
    first = [i % len(seen) for i in range(count)]
    # A step without a common divisor meets every pair before any comes again.
    second = [(5 * i + i // len(seen)) % len(heard) for i in range(count)]
    values = np.stack([pictures[i] for i in first])
    values[:, audio] = np.stack([noises[i] for i in second])[:, audio]
    return World([seen[i] for i in first], [heard[i] for i in second], values)


def _nothing() -> Series:
    return Series(np.zeros(0), np.zeros((0, 0), np.float32), ())


def measure_look(look: Look, fps: float = FPS) -> Measurements:
    """What the one pass over a film would have measured of its pictures."""
    frames = show(look, fps)
    scan = PictureScan()
    scan.push(frames, np.arange(len(frames)) / fps)
    video = Video(Path("look.mp4"), f"{look.seed:016d}", SECONDS, WIDTH, HEIGHT, fps, len(frames), "raw")
    return Measurements(video, scan.series(), _nothing(), None)


def measure_sound_of(samples: np.ndarray) -> Measurements:
    """What the one pass over a film would have measured of its sound (n,) at 16 kHz."""
    heard = measure_sound([AudioClip(samples.astype(np.float32), RATE)])
    video = Video(Path("sound.mp4"), "0" * 16, len(samples) / RATE, 1, 1, 1.0, 0, "")
    return Measurements(video, _nothing(), _nothing(), heard)


def show(look: Look, fps: float = FPS) -> np.ndarray:
    """Frames uint8 (n, 54, 96, 3)."""
    rng = np.random.default_rng([look.seed, 1])
    canvas = paint(look, rng)
    count = round(SECONDS * fps)
    times = np.arange(count) / fps
    y, x, zoom = camera_path(look, times, rng)
    cuts = rng.choice([3, 7, 11], look.seed % 3 + 1, replace=False) * 0.25 if look.happening == "cuts" else []
    rows, columns = np.arange(HEIGHT) - HEIGHT / 2, np.arange(WIDTH) - WIDTH / 2
    thing = (
        soft_noise(rng, 60, 88, 6)[..., None] * TINTS[look.tint] if look.motion.startswith("thing") else None
    )
    frames = np.empty((count, HEIGHT, WIDTH, 3), np.float32)
    for i, t in enumerate(times):
        shown = canvas if sum(c <= t for c in cuts) % 2 == 0 else canvas[::-1, ::-1, ::-1] * 0.6
        at_y = (np.rint((rows * zoom[i] + HEIGHT / 2 + y[i]) * FINE)).astype(int) % (HEIGHT * FINE)
        at_x = (np.rint((columns * zoom[i] + WIDTH / 2 + x[i]) * FINE)).astype(int) % (WIDTH * FINE)
        frames[i] = shown[at_y[:, None], at_x]
        if thing is not None:
            put_thing(frames[i], thing, look, t)
    frames *= look.light
    light_up(frames, look, times, rng)
    frames += rng.normal(0, 0.8, frames.shape[:3])[..., None]
    return frames.clip(0, 255).astype(np.uint8)


def camera_path(look: Look, times: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Where the window lies: down, right (pixels), and how wide it is (1: the whole canvas)."""
    way = look.speed * WIDTH * times
    y, x, zoom = np.zeros_like(times), np.zeros_like(times), np.ones_like(times)
    if look.motion in ("pan_left", "pan_right"):
        x = way * (1 if look.motion == "pan_right" else -1)
    elif look.motion in ("tilt_up", "tilt_down"):
        y = 0.6 * way * (1 if look.motion == "tilt_down" else -1)
    elif look.motion in ("zoom_in", "zoom_out"):
        rate = np.clip(0.5 * look.speed, 0.1, 0.4)
        zoom = np.exp((-rate if look.motion == "zoom_in" else rate) * (times - SECONDS / 2)) * 0.6
    elif look.motion == "shake":
        y, x = rng.normal(0, 1.5 + 1.5 * look.speed, (2, len(times)))
    elif look.motion == "speeds_up":
        x = (0.9 + look.speed) * WIDTH * times**3 / 3 / SECONDS**1.5
    return y, x, zoom


def put_thing(frame: np.ndarray, thing: np.ndarray, look: Look, time_s: float) -> None:
    """A small thing of its own texture, on its way through the picture again and again."""
    way = max(look.speed, 0.25) * WIDTH * time_s
    down, right = {
        "thing_left": (19, 80 - way), "thing_right": (19, way),
        "thing_falls": (way, 37), "thing_rises": (40 - way, 37),
    }[look.motion]  # fmt: skip
    height, width = 15, 22
    y = np.arange(height) + int(np.rint(down))
    x = np.arange(width) + int(np.rint(right))
    frame[(y % HEIGHT)[:, None], x % WIDTH] = thing[::FINE, ::FINE][:height, :width]


def light_up(frames: np.ndarray, look: Look, times: np.ndarray, rng: np.random.Generator) -> None:
    """What happens to the light."""
    at = rng.uniform(0.9, 2.1)
    if look.happening == "flash":
        during = (times >= at) & (times < at + 0.13)
        frames[during] = frames[during] * 0.3 + 175
    elif look.happening == "spark":
        y, x = rng.integers(4, 36), rng.integers(4, 70)
        frames[np.ix_((times >= at) & (times < at + 0.16), range(y, y + 14), range(x, x + 20))] = 250
    elif look.happening == "flicker":
        frames *= (1 + 0.35 * np.sign(np.sin(2 * np.pi * 5.1 * times + 0.3)))[:, None, None, None]
    elif look.happening in ("brightens", "darkens"):
        ramp = 0.25 + 0.75 * times / SECONDS
        frames *= (ramp if look.happening == "brightens" else ramp[::-1])[:, None, None, None]
    elif look.happening == "blackout":
        frames[(times >= 1.0) & (times < 2.0)] = 0


def paint(look: Look, rng: np.random.Generator) -> np.ndarray:
    """A canvas float32 (216, 384, 3) that goes on at its other edge."""
    height, width = HEIGHT * FINE, WIDTH * FINE
    y, x = np.mgrid[:height, :width] / FINE
    colour = np.array(TINTS[look.tint], np.float32)
    # White that is far from white in places is grey.
    depth = 0.25 if look.tint == "white" else 0.6
    shade = {
        "plain": lambda: np.ones((height, width)),
        "soft": lambda: 1 - depth * soft_noise(rng, height, width, 12),
        "fine": lambda: 1 - depth * soft_noise(rng, height, width, 6),
        "across": lambda: 1 - 0.5 * (np.floor(y / 4.5) % 2),
        "upright": lambda: 1 - 0.5 * (np.floor(x / 6) % 2),
        "aslant": lambda: 1 - 0.5 * (np.floor((x + y * 96 / 54 * 1.0) / 8) % 2),
        "letters": lambda: 1 - 0.85 * letters(rng),
        "mirror": lambda: mirrored(1 - 0.5 * soft_noise(rng, height, width, 20)),
    }  # fmt: skip
    if look.pattern in shade:
        return (shade[look.pattern]()[..., None] * colour).astype(np.float32)
    return SCENES[look.pattern](rng, y, x, colour).astype(np.float32)


def soft_noise(rng: np.random.Generator, height: int, width: int, grain: int) -> np.ndarray:
    """Smooth noise in [0, 1] of that grain, in canvas points."""
    coarse = rng.random((-(-height // grain), -(-width // grain)))
    fine = coarse.repeat(grain, 0).repeat(grain, 1)[:height, :width]
    for axis in (0, 1):
        for step in (1, max(1, grain // 3)):
            fine = (np.roll(fine, step, axis) + fine + np.roll(fine, -step, axis)) / 3
    return (fine - fine.min()) / np.ptp(fine)


def letters(rng: np.random.Generator) -> np.ndarray:
    """Three lines of strokes, 1 where there is ink."""
    ink = np.zeros((HEIGHT, WIDTH))
    for line in (10, 24, 38):
        strokes = rng.random(80) < 0.55
        strokes[1::2] &= ~strokes[::2]
        ink[line : line + 7, 8:88] = strokes * (rng.random((7, 80)) < 0.85)
    return ink.repeat(FINE, 0).repeat(FINE, 1)


def mirrored(half: np.ndarray) -> np.ndarray:
    """The left half and its mirror image."""
    left = half[:, : half.shape[1] // 2]
    return np.concatenate([left, left[:, ::-1]], axis=1)


def _landscape(ground: tuple[int, int, int], grain: int, depth: float) -> Callable:
    def draw(rng: np.random.Generator, y: np.ndarray, x: np.ndarray, colour: np.ndarray) -> np.ndarray:
        sky = np.array([150, 195, 240]) + (y / HEIGHT * 30)[..., None]
        rough = 1 - depth * soft_noise(rng, *y.shape, grain)
        return np.where((y < rng.uniform(0.4, 0.5) * HEIGHT)[..., None], sky, rough[..., None] * ground)

    return draw


def _lamps(rng: np.random.Generator, y: np.ndarray, x: np.ndarray, colour: np.ndarray) -> np.ndarray:
    canvas = np.full((*y.shape, 3), 14.0)
    for _ in range(7):
        near = (y - rng.uniform(4, 50)) ** 2 + (x - rng.uniform(4, 92)) ** 2 < rng.uniform(3, 7) ** 2
        canvas[near] = (255, 240, 190)
    return canvas


def _flames(rng: np.random.Generator, y: np.ndarray, x: np.ndarray, colour: np.ndarray) -> np.ndarray:
    tongues = soft_noise(rng, *y.shape, 32) * np.clip(y / 30, 0.3, 1.2) > 0.5
    return np.where(tongues[..., None], (255, 165, 40), (40, 22, 14))


def _face(rng: np.random.Generator, y: np.ndarray, x: np.ndarray, colour: np.ndarray) -> np.ndarray:
    skin = np.array([(224, 172, 138), (198, 134, 100), (150, 98, 70)][rng.integers(3)])
    inside = ((y - 27) / 20) ** 2 + ((x - 48) / 16) ** 2 < 1
    return np.where(inside[..., None], skin, 60 + 60 * soft_noise(rng, *y.shape, 24)[..., None])


def _object(rng: np.random.Generator, y: np.ndarray, x: np.ndarray, colour: np.ndarray) -> np.ndarray:
    inside = (abs(y - 27) < rng.uniform(11, 15)) & (abs(x - 48) < rng.uniform(17, 24))
    return np.where(inside[..., None], colour, [165, 168, 172] if colour.mean() < 90 else [88, 90, 94])


SCENES = {
    "sea": _landscape((40, 90, 160), 40, 0.12), "meadow": _landscape((70, 140, 50), 6, 0.5),
    "snow": _landscape((246, 248, 252), 40, 0.06), "lamps": _lamps, "flames": _flames, "face": _face,
    "object": _object,
}  # fmt: skip


def play(sound: Sound) -> np.ndarray:
    """Samples (48000,) of sound."""
    rng = np.random.default_rng([sound.seed, 3])
    level = 10 ** (sound.level_db / 20)
    make = {
        "silence": lambda: noise(SECONDS, 1.0, sound.seed), "noise": lambda: noise(SECONDS, 1.0, sound.seed),
        "speech": lambda: speech_like(SECONDS, sound.seed), "music": lambda: music_like(SECONDS, sound.seed),
        "whistle": lambda: tone(SECONDS, rng.uniform(2200, 4000)), "hum": lambda: hum(rng),
        "ring": lambda: tone(SECONDS, rng.uniform(1150, 1700)), "chirps": lambda: chirps(rng),
        "knocks": lambda: knocks(rng), "rumble": lambda: band(rng, 30, 140),
        "hiss": lambda: band(rng, 4500, 7900),
        "beat": lambda: beat(rng),
    }  # fmt: skip
    bed = make[sound.bed]()
    bed *= level / max(float(np.sqrt((bed**2).mean())), 1e-9)
    bed += rng.normal(0, 2e-4, len(bed))
    return add_sudden(sound, bed, max(level, 0.004) * 10 ** (sound.over_db / 20), rng)


def add_sudden(sound: Sound, bed: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    """The bed with what happens in it; no sample beyond full scale."""
    level = min(level, 0.5)
    at = round(rng.uniform(1.2, 1.8) * RATE)
    times = np.arange(len(bed)) / RATE
    if sound.sudden in ("swell", "hush"):
        up = 10 ** (np.clip((times - 1.0) / 1.0, 0, 1) * sound.over_db / 20) / 10 ** (sound.over_db / 20)
        return bed * (up if sound.sudden == "swell" else up[::-1])
    sounds = {
        "bang": lambda: rng.normal(0, 1, len(bed)) * np.exp(-times / 0.12),
        "thud": lambda: band(rng, 40, 160) * np.exp(-times / 0.10) * 2,
        "blast": lambda: rng.normal(0, 1, len(bed)) * np.exp(-times / 0.02)
        + 1.2 * band(rng, 40, 400) * np.exp(-times / 0.09),
        "splash": lambda: band(rng, 1500, 7900) * np.exp(-times / 0.18),
        "peep": lambda: tone(SECONDS, rng.uniform(2300, 3800), 1.0) * (times < 0.7),
    }  # fmt: skip
    if sound.sudden:
        bed[at:] += level * sounds[sound.sudden]()[: len(bed) - at]
    return bed * min(1.0, 0.99 / max(float(np.abs(bed).max()), 1e-9))


TOLD_BY = {
    **{t: t for t in TINTS}, **{f"centre {t}": f"centre_{t}" for t in TINTS}, "vivid": "saturation",
    "warm": "warmth", "dark": "dark_share", "bright": "bright_share", "sky": "sky_share",
    "sea": "blue_below", "meadow": "green_ground", "snow": "white_ground", "lamps": "lights_in_dark",
    "flames": "flame_share", "face": "skin_tone_share", "across": "horizontal_edges",
    "upright": "vertical_edges", "letters": "stripes_of_text", "mirror": "symmetry",
    "plain": "smooth_share", "object": "centre_difference", "still": "still_share", "fast": "top_speed",
    "camera": "camera_speed", "thing": "object_speed", "pan_left": "pan_left", "pan_right": "pan_right",
    "tilt_up": "tilt_up", "tilt_down": "tilt_down", "zoom_in": "zoom_in", "zoom_out": "zoom_out",
    "shake": "shake", "speeds_up": "gets_faster", "thing_left": "moves_left",
    "thing_right": "moves_right", "thing_falls": "falls", "thing_rises": "rises", "flash": "flash_rate",
    "spark": "spark", "cuts": "cut_count", "flicker": "flicker", "brightens": "brightening",
    "darkens": "darkening", "blackout": "black_frames", "silence": "silence", "noise": "roar",
    "speech": "speech_likeness", "music": "music_likeness", "whistle": "whistle_rate", "deep": "bass",
    "ring": "ring", "chirps": "chirp", "knocks": "hits", "rumble": "rumble", "hiss": "treble",
    "beat": "pulse_clarity", "loud": "loudness", "bang": "bang", "thud": "thud", "blast": "blast",
    "splash": "splash", "sudden noise": "bang", "swell": "swell", "hush": "hush",
}  # fmt: skip
"""Which attribute tells which planted fact."""


def area(scores: np.ndarray, facts: np.ndarray) -> float:
    """Probability that a segment of which the fact is true scores above one of which it is not (AUC)."""
    yes, no = scores[facts == 1], scores[facts == 0]
    return float((np.sign(yes[:, None] - no[None]).mean() + 1) / 2)
