"""Where someone speaks, by Silero VAD, a small recurrent net (Silero Team, 2021), as a track to cut by.

The weights come with the package ``silero-vad``. The net hears 32 ms at a time; sound is read in blocks, so
memory does not grow with the video.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from videxplore._extras import missing_extra
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.sound import scan_audio
from videxplore.values.media import Series, Video

_RATE = 16_000
_HOP = 512
_HOPS_PER_ROW = 4


def find_speech(video: Video | str | Path) -> Series | None:
    """Return the probability that someone speaks, about eight times per second; None without sound.

    The largest of four probabilities of 32 ms each makes a row. Give it to ``segment`` as a track::

        vx.segment(video, tracks={"voice": vx.find_speech(video)})

    Raises:
        MissingExtraError: the extra ``speech`` is not installed.
        VideoError: the file cannot be read.
    """
    import torch

    net = _load()
    opened = video if isinstance(video, Video) else open_video(video)
    net.reset_states()
    found: list[float] = []
    rest = np.zeros(0, np.float32)
    with torch.inference_mode():
        for block in scan_audio(opened, rate=_RATE):
            samples = np.concatenate([rest, block.samples])
            whole = len(samples) // _HOP * _HOP
            rest = samples[whole:]
            chunks = torch.from_numpy(samples[:whole].reshape(-1, _HOP))
            found += [float(net(chunk, _RATE)) for chunk in chunks]
        if len(rest):
            last = torch.from_numpy(np.pad(rest, (0, _HOP - len(rest))))
            found.append(float(net(last, _RATE)))
    if not found:
        return None
    starts = np.arange(0, len(found), _HOPS_PER_ROW)
    rows = np.maximum.reduceat(np.array(found, np.float32), starts)
    times = np.minimum((starts + _HOPS_PER_ROW / 2) * _HOP / _RATE, opened.duration_s)
    return Series(times, rows[:, None], ("voice",))


@cache
def _load() -> Any:
    try:
        from silero_vad import load_silero_vad
    except ImportError as error:
        raise missing_extra("silero-vad", "speech", "finding speech") from error
    return load_silero_vad()
