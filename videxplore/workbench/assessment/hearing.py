"""When a voice is heard in a file that has no subtitles to tell."""

from __future__ import annotations

import numpy as np

from videxplore.stages.licensing.technical.spans import join
from videxplore.stages.segmentation.voice import find_speech
from videxplore.values.media import Span, Video

_LIKELY = 0.5
_PAUSE_S, _LEAST_S = 0.3, 0.25
"""Shorter pauses belong to what is said, and shorter sounds are none: as Silero's own defaults, or nearly."""


def hear_voice(video: Video) -> tuple[Span, ...]:
    """Return when a voice is heard, by Silero VAD; a file without sound has none.

    Raises:
        MissingExtraError: the extra ``speech`` is not installed.
        VideoError: the file cannot be read.
    """
    heard = find_speech(video) if video.has_audio else None
    if heard is None:
        return ()
    half_s = float(np.diff(heard.times_s).mean()) / 2 if len(heard.times_s) > 1 else _LEAST_S
    times = heard.times_s[heard.values[:, 0] >= _LIKELY]
    spans = (
        Span(max(t - half_s, 0.0), min(t + half_s, video.duration_s)) for t in times if t < video.duration_s
    )
    return tuple(span for span in join(spans, _PAUSE_S) if span.duration_s >= _LEAST_S)
