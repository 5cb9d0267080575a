"""One pass over a video's picture and sound, from which everything else is computed."""

from __future__ import annotations

from pathlib import Path

from videxplore.stages.decoding.ahead import ahead
from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.sound import scan_audio
from videxplore.stages.decoding.subtitles import transcript
from videxplore.stages.features.cuts import CutDistances
from videxplore.stages.features.picture import PictureScan
from videxplore.stages.features.resize import SCAN_SIZE, halve
from videxplore.stages.features.sound import SoundScan
from videxplore.values.media import Measurements, Video


def measure(video: Video | str | Path) -> Measurements:
    """Measure picture, motion, sound and shot distances of ``video`` in one dense scan.

    Every frame is decoded once at 96×54 and the sound once at 16 kHz. Pixels are let go as soon as they are
    measured: half a kilobyte per frame is kept.

    Raises:
        VideoError: the file cannot be opened or has no frame that decodes.
    """
    video = video if isinstance(video, Video) else open_video(video)
    scan = FrameScan(video, size=SCAN_SIZE)
    cuts, picture, sound = CutDistances(), PictureScan(), SoundScan()
    blocks = scan_audio(video)
    # Pictures are decoded in a thread of their own; the sound keeps pace with them here, so that both read
    # the same part of the file while it is in memory. A common demuxer would save less than 2 % of the time.
    for batch in ahead(scan):
        cuts.push(halve(batch.rgb), batch.times_s)
        picture.push(batch.rgb, batch.times_s)
        while sound.end_s < batch.times_s[-1] and (block := next(blocks, None)):
            sound.push(block)
    for block in blocks:
        sound.push(block)
    return Measurements(
        video,
        picture.series(),
        cuts.series(),
        sound.series(),
        transcript(video),
        decode_errors=scan.decode_errors,
    )
