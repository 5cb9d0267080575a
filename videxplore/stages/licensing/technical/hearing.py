"""Silence and clipping in the sound, read once in blocks of half a minute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.sound import scan_audio
from videxplore.values.media import Video

WINDOW_S = 0.1
_BLOCK = 300  # windows
_FULL = 0.999
_FLAT = 3
"""Samples in a row at full level that only clipping makes: a wave that just reaches it stays for one."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What was heard in windows of a tenth of a second.

    Attributes:
        peaks: float32 (n,), the largest sample of each window, 0 to 1.
        clipped: bool (n,), whether it has samples that are cut off.
        energy: mean square of all samples.
    """

    peaks: NDArray[np.float32]
    clipped: NDArray[np.bool_]
    energy: float


def listen(video: Video) -> Heard | None:
    """Return what is heard of a video, at its own sampling rate; None where it has no sound.

    Raises:
        VideoError: the file cannot be used.
    """
    if not video.has_audio or not video.audio_rate:
        return None
    length = max(round(video.audio_rate * WINDOW_S), 1)
    peaks, clipped, energy, count = [], [], 0.0, 0
    for block in scan_audio(video, rate=video.audio_rate, block_s=_BLOCK * length / video.audio_rate):
        size = np.abs(block.samples)
        energy += float(np.square(block.samples, dtype=np.float64).sum())
        count += len(size)
        padded = np.pad(size, (0, -len(size) % length)).reshape(-1, length)
        full = padded >= _FULL
        flat = np.ones((len(full), length - _FLAT + 1), bool) if length >= _FLAT else full
        for k in range(_FLAT if length >= _FLAT else 0):
            flat &= full[:, k : length - _FLAT + 1 + k]
        peaks.append(padded.max(axis=1))
        clipped.append(flat.any(axis=1))
    if not peaks:
        return None
    return Heard(np.concatenate(peaks), np.concatenate(clipped), energy / max(count, 1))
