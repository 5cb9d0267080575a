"""One file, inspected."""

from __future__ import annotations

from videxplore.stages.licensing.technical.header import read_header
from videxplore.values.inspections import Inspection
from videxplore.values.media import Video


def inspect(video: Video) -> Inspection:
    """Measure what a file is like technically.

    Raises:
        VideoError: the file cannot be used.
    """
    readings = read_header(video)
    return Inspection(
        video_id=video.video_id,
        duration_s=video.duration_s,
        width=video.width,
        height=video.height,
        fps=video.fps,
        bitrate_bps=readings["bitrate_bps"],
        codec=video.codec,
        has_sound=video.has_audio,
        readings=readings,
    )
