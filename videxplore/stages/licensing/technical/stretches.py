"""From figures of looks to the stretches in which something is wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.technical.fields import Fields
from videxplore.stages.licensing.technical.hearing import WINDOW_S, Heard
from videxplore.stages.licensing.technical.pictures import Seen
from videxplore.stages.licensing.technical.spans import join, runs, spread
from videxplore.stages.licensing.technical.stillness import Stillness
from videxplore.values.media import Span

LEAST_S = 2.0
BLURRED = 0.6
PLAIN = 0.25
"""Levels by which pixels vary, below which a picture is too plain to be called blurred."""
BLOCKY = 1.55
COMBED, MORE_THAN_COLUMNS = 0.002, 4.0
WHITE, DARK = 0.1, 0.35
QUIET = 1e-3
"""−60 dB, as FFmpeg's ``silencedetect`` has it."""
FAST, FAST_WINDOW_S, FAST_LEAST_S = 0.5, 30.0, 10.0
"""Shots per second over half a minute: 30 a minute."""
_NEARLY = 0.9
_LEAST_COMBED, _MANY_COMBED = 2, 0.1
_FIELD_GAP_S, _SOUND_GAP_S, _TEXT_GAP_S = 10.0, 1.0, 2.0
_NEAR_LOOKS, _NEAR_LINE = 2, 0.03


def find_stretches(
    seen: Seen, still: Stillness, heard: Heard | None, duration_s: float
) -> dict[str, tuple[Span, ...]]:
    """Return kind of fault -> spans in which it is seen; kinds that are not seen anywhere are left out."""
    times = seen.times_s
    rows, columns = seen["combed_rows"], seen["combed_columns"]
    combed = (rows > COMBED) & (rows > MORE_THAN_COLUMNS * columns)
    lit = seen["dark"] == 0
    found = {
        "interlaced": _interlaced(seen.fields, times, combed, duration_s),
        "black": still.black,
        "frozen": still.frozen,
        "letterbox": runs(times, seen.lost > 0, duration_s, LEAST_S),
        "blurred": runs(
            times, _above(seen["blur"], BLURRED) & (seen["variation"] > PLAIN), duration_s, LEAST_S
        ),
        "blocky": runs(times, _above(seen["blocks"], BLOCKY) & lit, duration_s, LEAST_S),
        "clipped picture": runs(
            times, lit & ((seen["white"] > WHITE) | (seen["black_pixels"] > DARK)), duration_s, LEAST_S
        ),
        "burnt-in text": runs(times, _steady_lines(seen.text), duration_s, 0.0, _TEXT_GAP_S),
        "logo": join(mark[0] for mark in seen.marks),
        "over-edited": runs(times, pace_of(seen, duration_s) >= FAST, duration_s, FAST_LEAST_S),
    }
    if heard is not None:
        clock = np.arange(len(heard.peaks)) * WINDOW_S
        inside = clock < duration_s
        found["silent"] = runs(clock[inside], heard.peaks[inside] < QUIET, duration_s, LEAST_S)
        found["clipped sound"] = runs(clock[inside], heard.clipped[inside], duration_s, 0.0, _SOUND_GAP_S)
    return {kind: spans for kind, spans in found.items() if spans}


def _above(figures: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Where figures exceed a limit, and where they come near it next to that."""
    return spread(figures > limit, figures > _NEARLY * limit)


def _interlaced(
    fields: Fields, times_s: NDArray[np.float64], combed: NDArray[np.bool_], duration_s: float
) -> tuple[Span, ...]:
    """Spans of interlaced video.

    A third of the pairs that move, or a tenth of the looks, tell for the whole: what stands still has no
    combs, and of film brought to more frames a second two or three of five frames are woven.
    """
    if fields.woven and 3 * sum(fields.woven) >= len(fields.woven):
        return (Span(0.0, duration_s),)
    if combed.sum() >= _LEAST_COMBED and combed.mean() >= _MANY_COMBED:
        return (Span(0.0, duration_s),)
    woven = np.array(fields.judged_s)[np.array(fields.woven, bool)]
    return runs(times_s, combed | np.isin(times_s, woven), duration_s, 0.0, _FIELD_GAP_S)


def pace_of(seen: Seen, duration_s: float) -> NDArray[np.float64]:
    """Shots per second in the half minute around each look (n,)."""
    half_s = FAST_WINDOW_S / 2
    changes = seen.times_s[seen.changed]
    low = np.clip(seen.times_s - half_s, 0.0, max(duration_s - FAST_WINDOW_S, 0.0))
    high = np.minimum(low + FAST_WINDOW_S, duration_s)
    count = np.searchsorted(changes, high) - np.searchsorted(changes, low)
    return count / np.maximum(high - low, FAST_LEAST_S)


def _steady_lines(text: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a line of text (n, 4) has another at the same height within two looks before or after.

    Subtitles and titles keep their line; what is filmed moves on.
    """
    flags = np.zeros(len(text), bool)
    for apart in range(1, min(_NEAR_LOOKS, len(text) - 1) + 1):
        same = (np.abs(text[apart:, (1, 3)] - text[:-apart, (1, 3)]) < _NEAR_LINE).all(axis=1)
        flags[apart:] |= same
        flags[:-apart] |= same
    return flags
