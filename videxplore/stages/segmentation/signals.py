"""From measurements to what the partition sees: unit vectors per signal on one clock of 4 per second.

Every signal is a few groups of measurements. A group is standardised per video and lifted by random
Fourier features (Rahimi & Recht, 2007), whose inner products approach a Gaussian kernel: what differs by
little more than noise counts little, what differs much counts 1, however much. Each group is lifted twice:

* *fine*, standardised by what changes from one quarter second to the next within a shot, for moments;
* *coarse*, standardised by how it varies over the whole video, for scenes and chapters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.evidence import Evidence, collect_evidence, find_onsets
from videxplore.stages.segmentation.gradual import Transition, find_fades
from videxplore.stages.segmentation.speaking import lift_speaking
from videxplore.stages.segmentation.tracks import align_track
from videxplore.values.media import Measurements, Series, Transcript
from videxplore.values.segments import Boundary

Floats = NDArray[np.float64]

RATE = 4.0
"""Samples per second of the common clock."""

SIGNALS: Mapping[str, float] = {"picture": 1.0, "motion": 1.0, "sound": 1.5, "speech": 0.4}
"""The signals and their default weights."""

# Column names by group, with the smallest change that means anything, in the column's own unit.
_LAYOUT = tuple(f"light_{row}{column}" for row in "abcd" for column in "1234")
_TINT = tuple(
    f"{tone}_{row}{column}" for tone in ("redness", "yellowness") for row in "ab" for column in "12"
)
_COLOURS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
_GROUPS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "picture/layout": tuple((name, 0.6) for name in _LAYOUT) + tuple((name, 0.4) for name in _TINT),
    "picture/colour": tuple((f"{where}{name}", 0.01) for where in ("", "centre_") for name in _COLOURS),
    "picture/texture": (
        ("edge_density", 0.01), ("sharpness", 0.1), ("contrast", 1.0), ("saturation", 0.5), ("variety", 0.02),
        ("smooth_share", 0.02),
    ),
    "motion/movement": (
        ("speed", 0.01), ("top_speed", 0.04), ("still_share", 0.04), ("pan", 0.02), ("tilt", 0.02),
        ("zoom", 0.03), ("camera_speed", 0.02), ("object_speed", 0.01), ("moving_share", 0.03),
        ("change", 0.3),
    ),
    "motion/rhythm": (("flash", 2.0), ("spark", 6.0), ("flicker", 0.3), ("shake", 0.01)),
}  # fmt: skip
_SOUND_GROUPS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "sound/bands": (("band_60", 1.5), ("band_120", 1.5), ("band_200", 1.5), ("band_300", 1.5),
                    ("band_450", 1.5), ("band_650", 1.5), ("band_950", 1.5), ("band_1400", 1.5),
                    ("band_2000", 1.5), ("band_2900", 1.5), ("band_4200", 1.5), ("band_6000", 1.5)),
    "sound/character": (
        ("loudness", 1.0), ("centroid", 0.15), ("flatness", 0.04), ("tonality", 0.05), ("harmonicity", 0.06),
        ("silence", 0.3), ("whistle", 0.1), ("speech_likeness", 0.1), ("music_likeness", 0.1),
    ),
}  # fmt: skip
_LOUDEST = ("impulse", "loudness_jump", "whistle")
_PAIRS = 32
_SMOOTH_S = 2.0
_EVENT_S, _EVENT_FLOOR = 1.75, 0.3
_SHOT_SAMPLES = 20
_TOPIC_WORDS = 48
_TOPIC_S = 12.0


@dataclass(frozen=True, slots=True)
class Signals:
    """What the partition sees.

    Attributes:
        edges_s: float64 (n + 1,), where samples begin and end; a boundary k stands at ``edges_s[k]``,
            which is the exact time of the shot cut or sound onset where one lies there.
        fine: per signal unit vectors (n, d), for moments.
        coarse: per signal unit vectors (n, d), for the levels above.
        evidence: events that speak for a boundary at each edge.
        weights: the signals there can be, with the weight each has where none is given.
        ambience: float32 (n, bands), level of each band of the sound in decibels; None without sound.
        speakers: names of those who have a direction in the fine signal ``speech``, after its first two.
    """

    edges_s: Floats
    fine: Mapping[str, NDArray[np.float32]]
    coarse: Mapping[str, NDArray[np.float32]]
    evidence: Evidence
    weights: Mapping[str, float]
    ambience: NDArray[np.float32] | None = None
    speakers: tuple[str, ...] = ()


def gather_signals(
    measured: Measurements, shots: list[Boundary], tracks: Mapping[str, Series] | None = None
) -> Signals:
    """Bring all measurements of a video onto one clock.

    Args:
        measured: from ``measure``.
        shots: shot boundaries of the same video.
        tracks: further signals by name; one with the name of a signal stands in for it.
    """
    further = dict(tracks or {})
    duration = measured.video.duration_s
    n = max(1, int(np.ceil(duration * RATE - 0.4)))
    edges = np.minimum(np.arange(n + 1) / RATE, duration)
    edges[-1] = duration
    evidence = collect_evidence(edges, shots, measured.sound, measured.transcript)
    shot_of = np.cumsum(evidence.cut[:-1]).astype(np.intp)
    groups: dict[str, tuple[Floats, Floats]] = {}
    groups |= _align(measured.picture, _GROUPS, edges)
    clear = _look_past(find_fades(measured.cuts), measured.cuts.times_s, shots, edges)
    groups = {name: (values[clear], floors) for name, (values, floors) in groups.items()}
    if measured.sound is not None:
        groups |= _align(measured.sound, _SOUND_GROUPS, edges)
        groups["sound/events"] = _hold_events(measured.sound, edges)
    bands = groups.get("sound/bands")
    groups = {name: group for name, group in groups.items() if name.split("/")[0] not in further}
    groups |= {f"{name}/track": align_track(series, edges) for name, series in further.items()}
    speakers: tuple[str, ...] = ()
    fine: dict[str, list[NDArray[np.float32]]] = {}
    coarse: dict[str, list[NDArray[np.float32]]] = {}
    for name, (values, floors) in groups.items():
        signal = name.split("/")[0]
        fine.setdefault(signal, []).append(_lift_fine(values, floors, shot_of, name))
        coarse.setdefault(signal, []).append(_lift_coarse(values, floors, name))
    if measured.transcript is not None and len(measured.transcript) and "speech" not in further:
        speaking, speakers = lift_speaking(measured.transcript, edges)
        fine["speech"] = [speaking]
        coarse["speech"] = [_lift_topics(measured.transcript, edges)]
    weights = {**dict.fromkeys(further, 1.0), **SIGNALS}
    ambience = None if bands is None else bands[0].astype(np.float32)
    return Signals(evidence.times_s, _join(fine), _join(coarse), evidence, weights, ambience, speakers)


def _join(lifted: Mapping[str, list[NDArray[np.float32]]]) -> dict[str, NDArray[np.float32]]:
    """Each signal is the concatenation of its groups, of equal weight, of unit length again."""
    return {
        signal: np.concatenate(parts, axis=1) / np.float32(np.sqrt(len(parts)))
        for signal, parts in lifted.items()
    }


def _align(
    series: Series, groups: Mapping[str, tuple[tuple[str, float], ...]], edges: Floats
) -> dict[str, tuple[Floats, Floats]]:
    """Return per group its values per sample (n, f) and the floors (f,): means, maxima of events."""
    n = len(edges) - 1
    place = np.clip(np.searchsorted(edges, series.times_s + 1e-9, side="right") - 1, 0, n - 1)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    filled = place[starts]
    # A sample without a row of its own (frames missing) takes the row before it.
    source = np.clip(np.searchsorted(filled, np.arange(n), side="right") - 1, 0, None)
    sizes = np.diff(np.append(starts, len(place)))[:, None]
    aligned = {}
    for group, columns in groups.items():
        present = [(name, floor) for name, floor in columns if name in series.names]
        if not present:
            continue
        values = np.stack([series[name].astype(np.float64) for name, _ in present], axis=1)
        means = np.add.reduceat(values, starts) / sizes
        peaks = np.maximum.reduceat(values, starts)
        loudest = np.array([name in _LOUDEST for name, _ in present])
        aligned[group] = (
            np.where(loudest, peaks, means)[source],
            np.array([floor for _, floor in present]),
        )
    return aligned


def _hold_events(sound: Series, edges: Floats) -> tuple[Floats, Floats]:
    """Return the force of sudden sounds (n, 1), each held for a moment, and its floor (1,).

    A bang is over in a tenth of a second, but what it means to a listener is not.
    """
    centres = (edges[:-1] + edges[1:]) / 2
    held = np.zeros((len(centres), 1))
    for time, force in find_onsets(sound):
        after = (edges[1:] - time > 0.5 / RATE) & (centres < time + _EVENT_S)
        held[after, 0] = np.maximum(held[after, 0], force)
    return held, np.array([_EVENT_FLOOR])


def _look_past(
    fades: list[Transition], frame_times: Floats, shots: list[Boundary], edges: Floats
) -> NDArray[np.intp]:
    """Return per sample (n,) which sample's picture stands for it: its own, but inside a gradual transition.

    A mix of two pictures is neither of them and would be cut out as a segment of its own: samples before
    the boundary show the last clear picture before the transition, samples after it the first clear one
    after. A fade in at the start or out at the end belongs to the picture that it shows.
    """
    n = len(edges) - 1
    centres = (edges[:-1] + edges[1:]) / 2
    mixes = [(*b.span_s, b.time_s) for b in shots if b.span_s and b.span_s[1] > b.span_s[0]]
    for fade in fades:
        if fade.strength == 0:
            start, end = float(frame_times[fade.first]), float(frame_times[fade.last])
            mixes.append((start, end, -np.inf if start < centres[-1] / 2 else np.inf))
    clear = np.arange(n)
    for start, end, at in mixes:
        inside = np.flatnonzero((centres > start - 0.5 / RATE) & (centres < end + 0.5 / RATE))
        if not len(inside) or len(inside) == n:
            continue
        before, after = inside[0] - 1, inside[-1] + 1
        earlier = inside[(centres[inside] < at)]
        later = inside[(centres[inside] >= at)]
        clear[earlier] = before if before >= 0 else after
        clear[later] = after if after < n else before
    return clear


def _lift_fine(values: Floats, floors: Floats, shot_of: NDArray[np.intp], name: str) -> NDArray[np.float32]:
    """Lift values standardised by their usual change within their shot and within the video."""
    steps = np.abs(np.diff(values, axis=0))
    within = shot_of[1:] == shot_of[:-1]
    usual = np.zeros_like(values)
    if within.any():
        usual += np.median(steps[within], axis=0)
    for shot in np.unique(shot_of):
        here = within & (shot_of[1:] == shot)
        if here.sum() >= _SHOT_SAMPLES:
            usual[shot_of == shot] = np.median(steps[here], axis=0)
    usual *= 1.4826 / np.sqrt(2)
    scaled = values / np.hypot(usual, floors)
    # Pairs that differ by noise alone are 2 f apart (squared): they keep a kernel of exp(−1).
    return lift(scaled, np.sqrt(len(floors)), f"fine:{name}")


def _lift_coarse(values: Floats, floors: Floats, name: str) -> NDArray[np.float32]:
    """Lift values smoothed over two seconds and standardised by how they vary over the video."""
    smooth = _smooth(values, round(_SMOOTH_S * RATE))
    low, high = np.percentile(smooth, [10, 90], axis=0)
    scaled = smooth / np.hypot((high - low) / 2.56, 2 * floors)
    return lift(scaled, 2 * np.sqrt(len(floors)), f"coarse:{name}")


def lift(scaled: Floats, width: float, name: str) -> NDArray[np.float32]:
    """Return unit vectors (n, 64) whose inner products approach exp(−‖x − y‖² / 2 width²).

    The random frequencies depend on ``name`` alone, so that the same input always gives the same output.
    """
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    random = np.random.default_rng(seed)
    frequencies = random.normal(size=(scaled.shape[1], _PAIRS)) / width
    phase = (scaled - np.median(scaled, axis=0)) @ frequencies
    lifted = np.empty((len(phase), 2 * _PAIRS), dtype=np.float32)
    np.cos(phase, out=lifted[:, :_PAIRS], casting="same_kind")
    np.sin(phase, out=lifted[:, _PAIRS:], casting="same_kind")
    lifted /= np.float32(np.sqrt(_PAIRS))
    return lifted


def _smooth(values: Floats, width: int) -> Floats:
    """Return moving means over ``width`` samples, over fewer at the ends."""
    n = len(values)
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    low = np.clip(np.arange(n) - width // 2, 0, n)
    high = np.clip(np.arange(n) - width // 2 + width, 0, n)
    return (sums[high] - sums[low]) / (high - low)[:, None]


def _lift_topics(transcript: Transcript, edges: Floats) -> NDArray[np.float32]:
    """Return unit vectors (n, 48): the words said around each time, hashed (TextTiling, Hearst 1997)."""
    centres = (edges[:-1] + edges[1:]) / 2
    words = np.zeros((len(centres), _TOPIC_WORDS))
    for cue in transcript:
        weight = np.exp(-0.5 * ((centres - cue.span.midpoint_s) / (_TOPIC_S / 2)) ** 2)
        for word in re.findall(r"[^\W\d_]{4,}", cue.text.lower()):
            code = hashlib.sha256(word.encode()).digest()
            words[:, code[0] % _TOPIC_WORDS] += weight if code[1] % 2 else -weight
    # A constant part keeps stretches without words apart from none, not from each other.
    words = np.concatenate([words, np.full((len(words), 1), 0.5)], axis=1)
    return (words / np.linalg.norm(words, axis=1, keepdims=True)).astype(np.float32)
