"""Sound as mono samples on the clock of the picture."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from os import PathLike
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.leaps import SoundClock
from videxplore.stages.decoding.probe import as_video
from videxplore.stages.decoding.tracks import sound_track
from videxplore.values.checks import check_kind, check_positive, check_whole
from videxplore.values.media import SPAN_WANTED, AudioClip, Span, Video

MOST_RATE = 768_000
_GAP_S = 0.05  # timestamps that jump by more open a gap; less is rounding of the container's clock
_BLOCK_S = 0.25  # length of the stretches that the resampler gives
_PREROLL_S = 0.5  # decoded before the wanted start: codecs need the packet before


def audio(
    video: Video | str | PathLike[str],
    *,
    rate: int = 16000,
    span: Span | None = None,
    zero_s: float | None = None,
) -> AudioClip | None:
    """Return the sound of a video, mixed to mono, or None where it has no sound that can be decoded.

    The clip covers ``span`` exactly: samples are placed by the timestamps of the sound track on the clock of
    the picture, with silence where the track starts late, has a gap or ends early.

    Args:
        video: a video or the path of one.
        rate: samples per second wanted.
        span: the stretch wanted, in seconds; None is the whole video. Cut to the video's own span.
        zero_s: when the first picture is shown on the file's own clock, where that is known already; by
            default the packets of the file are read for it.

    Raises:
        ValueError: ``rate`` is no positive whole number, or above 768,000.
        TypeError: ``span`` is no :class:`Span`.
        VideoError: the file cannot be used.
    """
    video = as_video(video)
    _check_rate(rate)
    if not video.has_audio:
        return None
    span = _within(video, span)
    first, last = round(span.start_s * rate), round(span.end_s * rate)
    samples = np.zeros(max(last - first, 0), np.float32)
    for position, chunk in _placed(video, rate, span.start_s, zero_s):
        if position >= last:
            break
        _lay(samples, chunk, position - first)
    return AudioClip(samples, rate, first / rate)


def scan_audio(
    video: Video | str | PathLike[str], *, rate: int = 16000, block_s: float = 30.0
) -> Iterator[AudioClip]:
    """Yield the whole sound in contiguous blocks from time 0, in bounded memory; nothing without sound.

    The blocks laid end to end are what :func:`audio` returns.

    Args:
        video: a video or the path of one.
        rate: samples per second wanted.
        block_s: length of a block in seconds; the last one is shorter.
    """
    video = as_video(video)
    _check_rate(rate)
    check_positive("block_s", block_s)
    if not video.has_audio:
        return
    total, length = round(video.duration_s * rate), max(round(block_s * rate), 1)
    start, block = 0, np.zeros(min(length, total), np.float32)
    for position, chunk in _placed(video, rate, 0.0, None):
        while position + len(chunk) > start + len(block) and start + len(block) < total:
            _lay(block, chunk, position - start)
            yield AudioClip(block, rate, start / rate)
            start += len(block)
            block = np.zeros(min(length, total - start), np.float32)
        _lay(block, chunk, position - start)
        if position >= total:
            break
    while start < total:
        yield AudioClip(block, rate, start / rate)
        start += len(block)
        block = np.zeros(min(length, total - start), np.float32)


def _check_rate(rate: int) -> None:
    if check_whole("rate", rate) > MOST_RATE:
        raise ValueError(f"rate must be at most {MOST_RATE:,} samples per second, got {rate!r}.")


def _within(video: Video, span: Span | None) -> Span:
    if span is None:
        return video.span
    check_kind("span", span, Span, SPAN_WANTED)
    start = min(max(span.start_s, 0.0), video.duration_s)
    return Span(start, min(max(span.end_s, start), video.duration_s))


def _lay(target: NDArray[np.float32], chunk: NDArray[np.float32], position: int) -> None:
    """Write ``chunk`` into ``target`` at ``position``, cutting what sticks out on either side."""
    first, last = max(position, 0), min(position + len(chunk), len(target))
    if first < last:
        target[first:last] = chunk[first - position : last - position]


def _placed(
    video: Video, rate: int, start_s: float, zero_s: float | None
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield (sample number on the video's clock, mono float32 samples) from about ``start_s`` on."""
    offsets_s: tuple[float, ...] = (0.0,)
    if zero_s is None:
        index = frame_index(video.path)
        zero_s, offsets_s = index.zero_s, index.offsets_s
    straight = SoundClock(offsets_s)
    with open_container(video.path) as container:
        stream = sound_track(container)
        if stream is None:
            return
        sought = start_s > _PREROLL_S and len(offsets_s) == 1
        if sought:
            _seek(container, stream, start_s + zero_s - _PREROLL_S)
        run: _Run | None = None  # sound without a gap and of one kind
        for frame in _decoded(container, stream):
            begins_s = run.ends_s if run and frame.pts is None else straight(_seconds(frame, zero_s))
            if run is None and sought and begins_s < start_s - 0.1 and _off_grid(begins_s * rate):
                continue
            if run is None or not run.continued_by(frame, begins_s):
                if run is not None:
                    yield from run.finish()
                run = _Run(frame, begins_s, rate)
            yield from run.add(frame)
        if run is not None:
            yield from run.finish()


class _Run:
    """A stretch of sound without gaps: its mixing and resampling, and where its next sample belongs."""

    def __init__(self, frame: Any, begins_s: float, rate: int) -> None:
        self._graph = _mono_graph(frame, rate)
        self._kind = _kind(frame)
        self._position = round(begins_s * rate)
        self.ends_s = begins_s

    def continued_by(self, frame: Any, begins_s: float) -> bool:
        return abs(begins_s - self.ends_s) <= _GAP_S and _kind(frame) == self._kind

    def add(self, frame: Any) -> Iterator[tuple[int, NDArray[np.float32]]]:
        self.ends_s += frame.samples / frame.sample_rate
        return self._resampled(frame)

    def finish(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        return self._resampled(None)

    def _resampled(self, frame: Any | None) -> Iterator[tuple[int, NDArray[np.float32]]]:
        self._graph.push(frame)
        while True:
            try:
                part = self._graph.pull()
            except (BlockingIOError, EOFError):  # until there is more
                return
            mono = np.nan_to_num(part.to_ndarray()[0]).clip(-1.0, 1.0)
            yield self._position, mono
            self._position += len(mono)


def _mono_graph(frame: Any, rate: int) -> Any:
    """FFmpeg filters that average the channels of frames like this one, then resample.

    FFmpeg's own mix to mono adds the channels up and overshoots. After it one channel is left to be filtered,
    which takes a third of the time off. What comes out comes in whole blocks: a call per codec frame (21 ms
    of AAC) costs more than the decoding.
    """
    count = frame.layout.nb_channels
    mean = "+".join(f"{1 / count}*c{channel}" for channel in range(count))
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(
            format=frame.format.name,
            sample_rate=frame.sample_rate,
            layout=frame.layout.name,
            time_base=Fraction(1, frame.sample_rate),
        ),
        graph.add("aformat", "sample_fmts=fltp"),
        graph.add("pan", f"mono|c0={mean}"),
        graph.add("aresample", str(rate)),
        graph.add("abuffersink"),
    ).configure()
    graph.set_audio_frame_size(max(round(_BLOCK_S * rate), 1))
    return graph


def _kind(frame: Any) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _seconds(frame: Any, zero_s: float) -> float:
    if frame.pts is None:
        return 0.0
    base = frame.time_base  # multiplied as whole numbers: arithmetic on fractions takes longer than decoding
    return float(frame.pts * base.numerator / base.denominator) - zero_s


def _off_grid(position: float) -> bool:
    # After a seek, begin at a packet that starts on a sample of the wanted rate: then the samples are the
    # same as without the seek. At 48 kHz every third AAC packet does.
    return abs(position - round(position)) > 0.01


def _seek(container: Any, stream: Any, time_s: float) -> None:
    try:
        container.seek(int(time_s / stream.time_base), stream=stream, backward=True)
    except FFmpegError:
        container.seek(0)


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    for packet in packets(container, [stream], []):
        try:
            yield from packet.decode()
        except (FFmpegError, ValueError):
            continue  # a damaged packet leaves silence
