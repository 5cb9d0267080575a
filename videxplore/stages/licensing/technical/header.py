"""What is known of a file before anything of it is decoded."""

from __future__ import annotations

from videxplore.stages.decoding.container import check_file
from videxplore.values.media import Video


def read_header(video: Video) -> dict[str, float]:
    """Return readings that follow from probing alone.

    Raises:
        VideoError: the file is not there any more.

    Returns:
        ``lines``, the shorter side in pixels; ``bitrate_bps`` of the whole file, sound and container
        included; ``bits_per_pixel``, of the whole file per pixel and frame; ``hdr``, ``flagged_interlaced``,
        ``damaged`` and ``variable_frame_rate``, each 0 or 1.
    """
    bitrate = check_file(video.path).stat().st_size * 8 / video.duration_s
    flags = {
        "hdr": "hdr",
        "flagged_interlaced": "interlaced",
        "damaged": "damaged",
        "variable_frame_rate": "variable-frame-rate",
    }
    return {
        "lines": float(min(video.width, video.height)),
        "bitrate_bps": bitrate,
        "bits_per_pixel": bitrate / (video.width * video.height * video.fps),
        **{name: float(flag in video.flags) for name, flag in flags.items()},
    }
