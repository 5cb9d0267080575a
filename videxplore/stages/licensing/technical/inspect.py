"""One file, inspected: its header, some of its pictures, all of its sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.technical.header import read_header
from videxplore.stages.licensing.technical.hearing import Heard, listen
from videxplore.stages.licensing.technical.pictures import Seen, see
from videxplore.stages.licensing.technical.stillness import look_closer
from videxplore.stages.licensing.technical.stretches import FAST, find_stretches, pace_of
from videxplore.values.inspections import Inspection
from videxplore.values.media import Video

_LEAST_DB = -120.0
_OFTEN_S = 1.05 / FAST
"""Looks farther apart than this cannot show shots as fast as would be named, since each shows one change."""


def inspect(video: Video) -> Inspection:
    """Measure what a file is like technically.

    Pictures are looked at once a second, or at the keyframes where these are close enough; the sound is heard
    from beginning to end. Memory does not grow with the length but for some hundred bytes per second.

    Args:
        video: a video.

    Raises:
        VideoError: the file cannot be used; ``reason`` says why. No other error is raised for what is wrong
            with a file.
    """
    readings = read_header(video)
    seen, heard = see(video), listen(video)
    still = look_closer(video, seen.suspected)
    stretches = find_stretches(seen, still, heard, video.duration_s)
    inspection = Inspection(
        video_id=video.video_id,
        duration_s=video.duration_s,
        width=video.width,
        height=video.height,
        fps=video.fps,
        bitrate_bps=readings["bitrate_bps"],
        codec=video.codec,
        has_sound=video.has_audio,
        readings=readings,
        stretches=stretches,
    )
    readings |= {kind: inspection.share(kind) for kind in stretches}
    readings |= _of_pictures(seen, video.duration_s)
    readings |= _of_sound(heard)
    return inspection


def _of_pictures(seen: Seen, duration_s: float) -> dict[str, float]:
    """Medians over the looks, and where marks and text lie."""
    edges = np.append(seen.times_s, max(duration_s, seen.times_s[-1]))
    gaps_s = np.diff(edges)
    readings = {
        "looks": float(len(seen.times_s)),
        "longest_gap_s": float(gaps_s.max()),
        "pace_judged": float(gaps_s[gaps_s <= _OFTEN_S].sum() >= duration_s / 2),
        "blur": float(np.median(seen["blur"])),
        "variation": float(np.median(seen["variation"])),
        "blocks": float(np.median(seen["blocks"])),
        "combed": float(np.mean(seen["combed_rows"])),
        "white": float(np.mean(seen["white"])),
        "black_pixels": float(np.mean(seen["black_pixels"])),
        "picture_lost": float(np.max(seen.lost)),
        "shots_per_min": float(60.0 * seen.changed.sum() / duration_s),
        "fastest_shots_per_min": float(60.0 * pace_of(seen, duration_s).max()),
        "logo_judged": min(seen.judged_s / duration_s, 1.0),
        "fields_judged": float(len(seen.fields.woven)),
        "fields_woven": float(np.mean(seen.fields.woven)) if seen.fields.woven else 0.0,
    }
    if seen.marks:
        longest = max(seen.marks, key=lambda mark: mark[0].duration_s)
        readings |= _placed("logo", np.array(longest[1:]))
    lines = seen.text[~np.isnan(seen.text[:, 0])]
    if len(lines):
        readings |= _placed("text", np.median(lines, axis=0))
    return readings


def _placed(what: str, box: NDArray[np.float64]) -> dict[str, float]:
    sides = ("left", "top", "right", "bottom")
    return {f"{what}_{side}": float(share) for side, share in zip(sides, box, strict=True)}


def _of_sound(heard: Heard | None) -> dict[str, float]:
    if heard is None:
        return {}
    floor = 10.0 ** (_LEAST_DB / 20)
    return {
        "loudness_db": float(10.0 * np.log10(max(heard.energy, floor**2))),
        "peak_db": float(20.0 * np.log10(max(float(heard.peaks.max()), floor))),
    }
