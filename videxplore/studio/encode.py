"""Films to files: H.264 + AAC in MP4, or VP9 + Opus in WebM, and subtitles beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from videxplore.studio.canvas import SIZE
from videxplore.studio.director import TICKS, Film
from videxplore.studio.mix import mix
from videxplore.studio.picture import draw_frames
from videxplore.studio.sound import RATE, Signal

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.video.stream import VideoStream
    from PIL import Image

# One thread and fixed settings: the same film gives the same stream wherever the same encoder is linked.
_VIDEO = {
    ".mp4": ("libx264", {"preset": "superfast", "crf": "25", "threads": "1", "g": "50"}),
    ".webm": (
        "libvpx-vp9",
        {
            "deadline": "realtime",
            "cpu-used": "8",
            "crf": "34",
            "b": "0",
            "threads": "1",
            "row-mt": "0",
            "g": "100",
        },
    ),
}
_SOUND = {".mp4": ("aac", 24_000), ".webm": ("libopus", 24_000)}


def encode(film: Film, path: Path) -> None:
    """Render ``film`` into ``path``; its suffix chooses the codecs."""
    write_file(path, draw_frames(film), film.ticks, mix(film), fps=film.fps)


def write_file(
    path: Path,
    pictures: Iterable[Image.Image],
    ticks: Sequence[int],
    track: Signal | None,
    *,
    fps: int,
    size: tuple[int, int] = SIZE,
    options: Mapping[str, str] | None = None,
    sound_bps: int = 64_000,
) -> None:
    """Write pictures and sound to a file; its suffix chooses the codecs.

    Args:
        path: of the file.
        pictures: RGB, in order, of this size.
        ticks: time of each picture in ``TICKS`` per second, and the end of the last one.
        track: float64 (n,) at ``RATE``; None for a file without sound.
        fps: nominal frames per second.
        size: (width, height) in pixels.
        options: of the encoder of pictures, over the usual ones.
        sound_bps: bits per second of the sound.
    """
    import av

    codec, usual = _VIDEO[path.suffix]
    sound_codec, rate = _SOUND[path.suffix]
    extra = {"movflags": "+faststart"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=extra) as container:
        chosen = {**usual, **(options or {})}
        picture = cast("VideoStream", container.add_stream(codec, rate=fps, options=chosen))
        picture.width, picture.height = size
        picture.pix_fmt = "yuv420p"
        picture.codec_context.time_base = Fraction(1, TICKS)
        sound = None
        if track is not None:
            sound = cast("AudioStream", container.add_stream(sound_codec, rate=rate, layout="mono"))
            sound.bit_rate = sound_bps
        done = 0
        for k, image in enumerate(pictures):
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = ticks[k], Fraction(1, TICKS)
            frame.duration = ticks[k + 1] - ticks[k]
            container.mux(picture.encode(frame))
            # Sound follows the picture second by second, so that a player never waits for either.
            upto = round(ticks[k + 1] / TICKS * RATE)
            if sound is not None and track is not None and (upto - done >= RATE or k + 2 == len(ticks)):
                container.mux(sound.encode(_sound_frame(track, done, upto)))
                done = upto
        container.mux(picture.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))


def _sound_frame(track: Signal, first: int, last: int) -> av.AudioFrame:
    import av

    samples = track[first:last].astype(np.float32)[None, :]
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
    return frame


def write_subtitles(film: Film, path: Path) -> bool:
    """Write what is said in ``film`` as WebVTT; return False (and write nothing) where nothing is said."""
    cues = [
        (film.time_s(b.start_frame) + line.offset_s, line)
        for b in film.beats
        for line in b.lines
        if line.text
    ]
    if not cues:
        return False
    blocks = ["WEBVTT", ""]
    for start, line in cues:
        end = min(start + line.seconds, film.duration_s)
        blocks += [f"{_stamp(start)} --> {_stamp(end)}", line.text, ""]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return True


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
