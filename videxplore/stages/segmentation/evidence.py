"""Events that speak for a boundary: shot changes, sudden sounds, speech that begins, turns of speakers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.speakers import UNNAMED
from videxplore.values.media import Series, Transcript
from videxplore.values.segments import Boundary

Floats = NDArray[np.float64]

_LEAST_IMPULSE = 6.0
_LEAST_JUMP = 9.0
_QUIET_S = 1.0
_MIXED, _AROUND_S = -9.0, 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a boundary at each edge of the clock.

    Attributes:
        times_s: (n + 1,), the edges, moved to the exact time of the event where there is one.
        strength: per kind of event (``"cut"``, ``"gradual"``, ``"onset"``, ``"speech_start"``, ``"speaker"``)
            (n + 1,) in [0, 1].
        shots: shot boundary by edge.
        turns: who spoke before and who after, by edge.
        mixed: whether each edge lies in a gradual transition or within a second of one (n + 1,), where
            only the transition's own edge divides two pictures.
    """

    times_s: Floats
    strength: Mapping[str, Floats]
    shots: Mapping[int, Boundary]
    turns: Mapping[int, tuple[str, str]]
    mixed: NDArray[np.bool_]

    @property
    def cut(self) -> NDArray[np.bool_]:
        """Whether the shot changes at each edge (n + 1,)."""
        return (self.strength["cut"] > 0) | (self.strength["gradual"] > 0)

    def rewards(self, weights: Mapping[str, float]) -> Floats:
        """Return (n + 1,) rewards: the sum over kinds, each times its weight, in [0, .95]; −9 where mixed."""
        total = sum(weights[kind] * values for kind, values in self.strength.items())
        return np.where(self.mixed, _MIXED, np.clip(np.asarray(total, dtype=np.float64), 0.0, 0.95))


def collect_evidence(
    edges: Floats, shots: list[Boundary], sound: Series | None, transcript: Transcript | None
) -> Evidence:
    """Place all events on the clock ``edges`` (n + 1,), each at its nearest edge."""
    n = len(edges) - 1
    strength = {kind: np.zeros(n + 1) for kind in ("cut", "gradual", "onset", "speech_start", "speaker")}
    times = edges.copy()
    at_edge: dict[int, Boundary] = {}
    turns: dict[int, tuple[str, str]] = {}
    mixed = np.zeros(n + 1, dtype=np.bool_)
    if transcript is not None:
        for time in _speech_starts(transcript):
            _place(edges, time, 1.0, strength["speech_start"])
        for time, before, after in speaker_turns(transcript):
            turns[_place(edges, time, 1.0, strength["speaker"])] = before, after
    for time, force in find_onsets(sound):
        k = _place(edges, time, force, strength["onset"])
        if 0 < k < n:
            times[k] = time
    # Shots last: an exact frame time outranks a sound's.
    for shot in shots:
        kind = "cut" if shot.kind in ("cut", "jump") else "gradual"
        k = _place(edges, shot.time_s, min(1.0, 0.5 + shot.strength / 2), strength[kind])
        if 0 < k < n:
            times[k] = shot.time_s
            at_edge[k] = shot
        if kind == "gradual" and shot.span_s:
            mixed |= (edges > shot.span_s[0] - _AROUND_S) & (edges < shot.span_s[1] + _AROUND_S)
    mixed[list(at_edge)] = False
    return Evidence(np.maximum.accumulate(times), strength, at_edge, turns, mixed)


def _place(edges: Floats, time: float, force: float, strength: Floats) -> int:
    k = _nearest(edges, time)
    if 0 < k < len(edges) - 1:
        strength[k] = max(strength[k], force)
    return k


def _nearest(edges: Floats, time: float) -> int:
    k = int(np.clip(np.searchsorted(edges, time), 1, len(edges) - 1))
    return k - 1 if time - edges[k - 1] <= edges[k] - time else k


def find_onsets(sound: Series | None) -> Iterator[tuple[float, float]]:
    """Yield (seconds, strength) of sudden sounds: the first row of each burst of impulse or rise."""
    if sound is None:
        return
    force = np.maximum(
        sound["impulse"].astype(np.float64) / (2 * _LEAST_IMPULSE),
        sound["loudness_jump"].astype(np.float64) / (2 * _LEAST_JUMP),
    )
    last = -np.inf
    for row in np.flatnonzero(force >= 0.5):
        time = float(sound.times_s[row])
        if time - last > _QUIET_S:
            peak = force[row : row + 6].max()
            yield time, float(min(1.0, peak))
        last = time


def _speech_starts(transcript: Transcript) -> Iterator[float]:
    """Yield when speech begins after a pause."""
    end = -np.inf
    for cue in transcript:
        if cue.span.start_s - end > _QUIET_S / 2:
            yield cue.span.start_s
        end = max(end, cue.span.end_s)


def speaker_turns(transcript: Transcript) -> Iterator[tuple[float, str, str]]:
    """Yield when someone else speaks than before: seconds, who spoke, and who speaks now.

    Only where subtitles tell both; ``"?"`` is always someone else.
    """
    before = ""
    for cue in transcript:
        if cue.speaker and before and (cue.speaker != before or cue.speaker == UNNAMED):
            yield cue.span.start_s, before, cue.speaker
        before = cue.speaker
