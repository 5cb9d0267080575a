"""Timestamps that only decoding tells: where a file bears none or wrong ones or begins between keyframes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from av.error import FFmpegError

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.tracks import picture_track

_NEVER = -(2**62)


def first_decoded(path: str) -> int:
    """Timestamp of the first frame that can be shown; very low where none bears one."""
    with open_container(path) as container:
        for packet in packets(container, [picture_track(container, path)], []):
            try:
                found = [frame.pts for frame in packet.decode() if frame.pts is not None]
            except (FFmpegError, ValueError):
                continue
            if found:
                return int(found[0])
    return _NEVER


def decoded_stamps(path: str, dts: Iterable[int], step: int, problems: list[str]) -> tuple[list[int], bool]:
    """Decode a file once and return its timestamps in display order, and whether they go by order.

    What the decoder puts on the frames is taken where it is rising; frames without a stamp, or with that of
    another, are spread evenly between their neighbours. Where stamps fall the k-th frame shown gets the k-th
    decoding time, or failing that the k-th stamp: without display times a frame lasts until the next is due.

    Args:
        path: the file.
        dts: decoding times of its packets in ticks.
        step: ticks from frame to frame by the file's own word, for want of anything better.
        problems: what cannot be decoded is noted here.
    """
    stamps: list[int | None] = []
    with open_container(path) as container:
        stream = picture_track(container, path)
        stream.thread_type = "AUTO"
        for packet in packets(container, [stream], problems):
            try:
                stamps += [frame.pts for frame in packet.decode()]
            except (FFmpegError, ValueError) as error:
                problems.append(str(error))
    known = [stamp for stamp in stamps if stamp is not None]
    if len(known) == len(stamps) and all(a < b for a, b in pairwise(known)):
        return known, False
    if not known or any(a > b for a, b in pairwise(known)):
        for times in (sorted(set(dts)), sorted(set(known))):
            if len(times) >= len(stamps):
                return times[: len(stamps)], True
    return _filled(stamps, step), True


def _filled(stamps: list[int | None], step: int) -> list[int]:
    """Stamp frames between two stamped ones evenly, those before and after at the usual step."""
    highest, numbers, known = _NEVER, [], []
    for number, stamp in enumerate(stamps):
        if stamp is not None and stamp > highest:
            numbers.append(number)
            known.append(stamp)
            highest = stamp
    if not known:
        return [number * step for number in range(len(stamps))]
    usual = float(np.median(np.diff(known) / np.diff(numbers))) if len(known) > 1 else step
    every = np.arange(len(stamps))
    filled = np.interp(every, numbers, known)
    filled += usual * (np.minimum(every - numbers[0], 0) + np.maximum(every - numbers[-1], 0))
    # Where the clock is too coarse to tell neighbours apart they move on by one tick each.
    whole = np.round(filled).astype(np.int64) - every
    return (np.maximum.accumulate(whole) + every).tolist()
