"""Films drawn from a seed, whose scenes are known to the frame: to fit what tells a scene from a shot.

A scene is one place: a single take in which much happens, several set-ups of one room, an exchange of two
pictures, or a montage of unlike pictures. What holds it together differs from film to film: colours, the
sound of the place, music, words; some scenes are heard before they are seen. Half of the films are
drawn, half put scenes of the sample films of the split ``dev`` together anew. No other film is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from drawn_pictures import FPS, Camera, Frames, Random, draw_frame, draw_ground, film_ground, replay, scout
from numpy.typing import NDArray
from scipy.signal import resample_poly

from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.features.cuts import CutDistances
from videxplore.stages.features.picture import PictureScan
from videxplore.stages.features.resize import SCAN_SIZE, halve
from videxplore.stages.features.sound import measure_sound
from videxplore.studio.beds import BEDS
from videxplore.studio.director import Beat, Director, Film, Line
from videxplore.studio.films import direct
from videxplore.studio.mix import mix
from videxplore.studio.samples import sample_set
from videxplore.studio.sound import ONE_SHOTS
from videxplore.studio.sound import RATE as STUDIO_RATE
from videxplore.values.media import AudioClip, Cue, Measurements, Span, Transcript, Video

SOUND_RATE = 16_000
WIDTH, HEIGHT = SCAN_SIZE
_MUSIC = tuple(name for name in BEDS if name.endswith("_music"))
_AMBIENT = tuple(name for name in BEDS if name not in _MUSIC)
_STRUCTURES = {"take": 0.34, "coverage": 0.34, "exchange": 0.12, "montage": 0.2}
_WORDS = tuple(
    f"{a}{b}{c}" for a in "bdfglmnr" for b in ("ala", "ero", "umi", "oka") for c in ("n", "st", "ve")
)


@dataclass(frozen=True, slots=True)
class DrawnFilm:
    """What was measured of a drawn film, and its inner scene boundaries in seconds."""

    measured: Measurements
    scenes_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A scene of a sample film: frames, uint8 (n, 54, 96, 3), and beats, counted from the first frame."""

    film: str
    frames: Frames
    beats: tuple[Beat, ...]


def borrow_scenes() -> list[Borrowed]:
    """Return the scenes of the development films, without the joins at either end."""
    films, scenes = sample_set(), []
    for path in films.videos:
        film = direct(path.stem)
        if film.split != "dev":
            continue
        frames = np.concatenate([batch.rgb for batch in FrameScan(open_video(path), size=SCAN_SIZE)])
        joins = [b.join_range[1] + 1 if b.join_range else b.start_frame for b in film.beats]
        ends = [b.join_range[0] if b.join_range else b.start_frame for b in film.beats[1:]]
        joins[0], last = film.fade_in_frames, film.frame_count - film.fade_out_frames
        for group in film.groups:
            if group.level == "scene":
                first, stop = joins[group.first], [*ends, last][group.last - 1]
                beats = [_begin(b, first) for b in film.beats[group.first : group.last]]
                scenes.append(
                    Borrowed(path.stem, frames[first:stop], (replace(beats[0], join="cut"), *beats[1:]))
                )
    return scenes


def _begin(beat: Beat, first: int) -> Beat:
    """Return ``beat`` counted from frame ``first``; what its picture does between beats is in the frames."""
    start = max(0, beat.start_frame - first)
    count = beat.end_frame - first - start
    return replace(beat, start_frame=start, frame_count=count, join="cut" if beat.join == "cut" else "same")


def draw_film(seed: int, borrowed: Sequence[Borrowed] = (), *, alike: bool = False) -> DrawnFilm:
    """Draw, mix and measure the film of a seed; ``alike`` gives its scenes more in common, as films have."""
    rng = np.random.default_rng((seed, 3))
    film, starts = _direct(rng, seed, borrowed, alike)
    times = np.array([film.time_s(k) for k in range(film.frame_count)])
    scan, cuts = PictureScan(), CutDistances()
    noise = rng.choice((0.0, 0.7, 2.0))
    for first in range(0, film.frame_count, 64):
        chosen = range(first, min(first + 64, film.frame_count))
        rgb = np.stack([np.asarray(draw_frame(film, k)) for k in chosen])
        if noise:
            rgb = np.clip(np.rint(rgb + rng.normal(0, noise, rgb.shape)), 0, 255).astype(np.uint8)
        scan.push(rgb, times[first : first + 64])
        cuts.push(halve(rgb), times[first : first + 64])
    sound = None
    if rng.random() > 0.08:
        heard = mix(_lead_and_lag(rng, film, starts))
        samples = resample_poly(heard, SOUND_RATE, STUDIO_RATE).astype(np.float32)
        sound = measure_sound([AudioClip(samples, SOUND_RATE)])
    video = Video(
        Path(f"drawn-{seed}.mp4"),
        f"{seed:016x}",
        film.duration_s,
        WIDTH,
        HEIGHT,
        FPS,
        film.frame_count,
        "raw",
    )
    said = _write_transcript(film) if rng.random() < 0.6 else None
    measured = Measurements(video, scan.series(), cuts.series(), sound, said)
    return DrawnFilm(measured, np.array([film.time_s(film.beats[k].start_frame) for k in starts[1:]]))


# ---- the script -------------------------------------------------------------------------------------------


def _direct(rng: Random, seed: int, borrowed: Sequence[Borrowed], alike: bool) -> tuple[Film, list[int]]:
    """Return the script of a film, and with which beat each scene begins."""
    d = Director(f"drawn-{seed}.mp4", "", "dev", FPS)
    d.chapter("")
    style = _Style(rng)
    if alike:
        style.agree(rng)
    # All drawn or all borrowed: else a change of technique would betray the change of scene.
    pool = [borrowed[k] for k in rng.permutation(len(borrowed))] if rng.random() < 0.5 else []
    if alike:
        pool = [scene for scene in pool if scene.film == pool[0].film]
    starts, count = [], 0
    for scene in range(min(int(rng.integers(3, 9)), len(pool) or 9)):
        starts.append(count)
        join = style.join(rng, style.hard)
        if pool:
            count += _restage(rng, d, pool[scene], join)
        else:
            count += _stage(rng, d, style, join, titled=scene == 0 and rng.random() < 0.5)
    ends = {"fade_in_s": float(rng.choice((0, 1.0))), "fade_out_s": float(rng.choice((0, 1.0)))}
    return d.film(**ends), starts


class _Style:
    """What the scenes of one film have in common, and what the last one leaves to the next."""

    def __init__(self, rng: Random) -> None:
        self.hard = float(rng.choice((0.15, 0.5, 0.8, 1.0)))
        self.pace = float(rng.choice((0.7, 1.0, 1.4)))
        self.bridge = str(rng.choice(_MUSIC)) if rng.random() < 0.15 else ""
        self.beds: dict[str, float] = {}
        self.cameras: list[Camera] = []
        self.grade: NDArray[np.float64] | None = None
        self.tone: dict[str, float] = {}

    def agree(self, rng: Random) -> None:
        """Give the scenes of the film one range of colours, and a sound that all of them have."""
        self.grade = rng.uniform(0.4, 1.0, 3)
        if rng.random() < 0.6:
            self.tone = {str(rng.choice(_AMBIENT)): float(np.exp(rng.uniform(np.log(0.006), np.log(0.04))))}

    def join(self, rng: Random, hard: float) -> str:
        """Choose how a shot follows another."""
        return (
            "cut"
            if rng.random() < hard
            else str(rng.choice(("dissolve", "fade", "wipe"), p=(0.5, 0.38, 0.12)))
        )


def _stage(rng: Random, d: Director, style: _Style, join: str, *, titled: bool) -> int:
    """Add a drawn scene and return its number of beats."""
    structure = str(rng.choice(tuple(_STRUCTURES), p=tuple(_STRUCTURES.values())))
    again = bool(style.cameras) and rng.random() < 0.12
    cameras = list(style.cameras) if again else scout(rng, structure, style.grade)
    beds = {**_choose_beds(rng, style.beds), **style.tone}
    d.scene("", beds=beds)
    script = _plan_beats(rng, structure, len(cameras), style.pace)
    style.beds, style.cameras = beds, cameras
    if titled:
        card = film_ground(draw_ground(rng, rng.uniform(0.3, 1.0, 3), 0.5), 0.9, rng.uniform(0, 1, 2))
        cameras, script = [*cameras, card], [(len(cameras), 3.0), *script]
    words = rng.choice(_WORDS, 12)
    for k, (camera, seconds) in enumerate(script):
        own = _vary_beds(rng, beds)
        if style.bridge and k in (0, len(script) - 1):
            own[style.bridge] = 0.06
        talks = rng.random() < (0.85 if structure == "exchange" else 0.2)
        voice, text = str(rng.choice(("low", "mid", "high"))), " ".join(rng.choice(words, 6))
        d.beat(
            "",
            seconds,
            None if camera < 0 else cameras[camera](rng),
            join="same" if camera < 0 else style.join(rng, 0.9) if k else join,
            join_s=float(rng.uniform(0.5, 1.6)),
            beds=own,
            hits=_choose_hits(rng, seconds),
            lines=(Line(0.3, max(0.8, seconds - 0.8), text, voice),) if talks else (),
        )
    return len(script)


def _restage(rng: Random, d: Director, scene: Borrowed, join: str) -> int:
    """Add a scene of a development film, or a part of it, and return its number of beats."""
    first = int(rng.integers(0, max(1, len(scene.beats) - 2))) if rng.random() < 0.4 else 0
    beats = scene.beats[first:]
    mirror, light, loud = rng.random() < 0.5, float(rng.uniform(0.8, 1.1)), float(np.exp(rng.normal(0, 0.4)))
    picture = replay(scene.frames, beats[0].start_frame, mirror, light)
    d.scene("")
    for k, beat in enumerate(beats):
        count = min(beat.frame_count, len(scene.frames) - beat.start_frame)
        if k and beat.join != "same":
            picture = replay(scene.frames, beat.start_frame, mirror, light)
        d.beat(
            "",
            count / FPS,
            picture,
            join=join if k == 0 else beat.join,
            join_s=float(rng.uniform(0.5, 1.6)),
            beds={name: gain * loud for name, gain in beat.beds.items()},
            hits=beat.hits,
            lines=beat.lines,
        )
    return len(beats)


def _plan_beats(rng: Random, structure: str, setups: int, pace: float) -> list[tuple[int, float]]:
    """Return (set-up, seconds) per beat of a scene; set-up −1 stays in the take."""
    total = float(np.clip(rng.lognormal(np.log(18), 0.4), 8, 45)) * (0.6 + 0.4 * pace)
    plan: list[tuple[int, float]] = []
    spent, now = 0.0, -1
    while spent < total - 2:
        seconds = float(np.clip(rng.lognormal(np.log(4 * pace), 0.35), 1.6, 9))
        if total - spent - seconds < 2:
            seconds = total - spent
        stay = now >= 0 and (
            structure == "take" or rng.random() < {"exchange": 0.15, "montage": 0.25}.get(structure, 0.45)
        )
        if stay:
            plan.append((-1, seconds))
        else:
            others = [k for k in range(setups) if k != now] or [0]
            ahead = [k for k in others if k > now]
            now = ahead[0] if ahead and rng.random() < 0.6 else int(rng.choice(others))
            plan.append((now, seconds))
        spent += seconds
    return plan


def _choose_beds(rng: Random, before: dict[str, float]) -> dict[str, float]:
    """Return what is heard throughout a scene: now and then still what was heard in the one before."""
    level = lambda: float(np.exp(rng.uniform(np.log(0.008), np.log(0.1))))  # noqa: E731
    if rng.random() < 0.08:
        return {"room": 0.006}
    new = {str(name): level() for name in rng.choice(_AMBIENT, 1 + int(rng.random() < 0.3), replace=False)}
    if rng.random() < 0.15:
        new[str(rng.choice(_MUSIC))] = level()
    for name, gain in before.items():
        if rng.random() < 0.15:
            new[name] = gain * float(np.exp(rng.normal(0, 0.7)))
    return new


def _vary_beds(rng: Random, beds: dict[str, float]) -> dict[str, float]:
    """Return the beds of one beat: louder, softer, gone, or with something more."""
    own = {
        name: gain * float(np.exp(rng.normal(0, 0.7))) for name, gain in beds.items() if rng.random() < 0.3
    }
    own |= {name: 0.0 for name in beds if rng.random() < 0.07}
    if rng.random() < 0.38:
        name = str(rng.choice(_MUSIC if rng.random() < 0.5 else _AMBIENT))
        own[name] = float(np.exp(rng.uniform(np.log(0.02), np.log(0.12))))
    return own


def _choose_hits(rng: Random, seconds: float) -> list[tuple[float, str, float]]:
    if rng.random() > 0.35:
        return []
    name, count = str(rng.choice(tuple(ONE_SHOTS))), int(rng.choice((1, 1, 2, 4)))
    return [
        (float(rng.uniform(0.1, seconds * 0.8)), name, float(rng.uniform(0.2, 0.7))) for _ in range(count)
    ]


def _lead_and_lag(rng: Random, film: Film, starts: Sequence[int]) -> Film:
    """Return the film as the sound editor has it: some scenes are heard before or after they are seen."""
    beats = list(film.beats)
    for k in starts[1:]:
        if rng.random() < 0.15:
            shift = int(rng.choice((-1, 1)) * rng.uniform(0.3, 1.2) * FPS)
            before, after = beats[k - 1], beats[k]
            beats[k - 1] = replace(before, frame_count=before.frame_count + shift)
            beats[k] = replace(
                after, start_frame=after.start_frame + shift, frame_count=after.frame_count - shift
            )
    return replace(film, beats=tuple(beats))


def _write_transcript(film: Film) -> Transcript | None:
    cues = [
        Cue(Span(start, start + line.seconds), line.text)
        for beat in film.beats
        for line in beat.lines
        for start in [film.time_s(beat.start_frame) + line.offset_s]
    ]
    return Transcript(tuple(cues)) if cues else None
