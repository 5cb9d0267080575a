"""Segments as files for editing programs and players: EDL, OTIO, FCPXML, WebVTT chapters.

Editing programs count frames: times are rounded to frames of the video's mean rate. In a video of variable
rate they can be off by a frame or more; WebVTT and CSV keep the exact times.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from videxplore._extras import missing_extra
from videxplore.values.media import Span, Video

if TYPE_CHECKING:
    import opentimelineio

Named = tuple[str, Span]


def to_otio(video: Video, parts: Sequence[Named], marks: Sequence[Named] = ()) -> str:
    """Return an OpenTimelineIO timeline (JSON): one clip per part, one marker per mark.

    Raises:
        MissingExtraError: opentimelineio is not installed.
    """
    timeline = _timeline(video, parts, marks, video.fps)
    return str(_otio().adapters.write_to_string(timeline, "otio_json"))


def to_edl(video: Video, parts: Sequence[Named], marks: Sequence[Named] = ()) -> str:
    """Return a CMX 3600 edit list at the timecode rate nearest to the video's.

    Raises:
        MissingExtraError: opentimelineio or its EDL adapter is not installed.
    """
    otio = _otio()
    if "cmx_3600" not in otio.adapters.available_adapter_names():
        raise missing_extra("otio-cmx3600-adapter", "editing", "writing an EDL")
    rate = otio.opentime.RationalTime.nearest_valid_timecode_rate(video.fps)
    timeline = _timeline(video, parts, marks, rate)
    return str(otio.adapters.write_to_string(timeline, "cmx_3600", rate=rate))


def to_fcpxml(video: Video, parts: Sequence[Named]) -> str:
    """Return Final Cut Pro XML 1.9, written by PySceneDetect.

    Raises:
        MissingExtraError: scenedetect is not installed.
    """
    try:
        from scenedetect import FrameTimecode
        from scenedetect.output import write_scene_list_fcpx
    except ImportError as error:
        raise missing_extra("scenedetect-headless", "editing", "writing FCPXML") from error
    rate = Fraction(video.fps).limit_denominator(1001)
    frames = [(round(span.start_s * rate), round(span.end_s * rate)) for _, span in parts]
    scenes = [(FrameTimecode(a, rate), FrameTimecode(b, rate)) for a, b in frames]
    text = io.StringIO()
    name = _plain(video.path.stem)
    write_scene_list_fcpx(text, scenes, video.path, rate, (video.width, video.height), video_name=name)
    return text.getvalue()


def to_webvtt(parts: Sequence[Named]) -> str:
    """Return WebVTT chapters, one cue per part."""
    from pysubs2 import SSAEvent, SSAFile

    file = SSAFile()
    for name, span in parts:
        event = SSAEvent(round(1000 * span.start_s), round(1000 * span.end_s))
        event.plaintext = name
        file.append(event)
    return str(file.to_string("vtt"))


def _timeline(
    video: Video, parts: Sequence[Named], marks: Sequence[Named], rate: float
) -> opentimelineio.schema.Timeline:
    otio = _otio()

    def frames(start_s: float, end_s: float) -> opentimelineio.opentime.TimeRange:
        first, last = round(start_s * rate), round(end_s * rate)
        make = otio.opentime.RationalTime
        return otio.opentime.TimeRange(make(first, rate), make(last - first, rate))

    track = otio.schema.Track("Video 1", kind="Video")
    source = otio.schema.ExternalReference(
        video.path.absolute().as_uri(), available_range=frames(0.0, video.duration_s)
    )
    source.name = _plain(video.path.name)
    for name, span in parts:
        clip = otio.schema.Clip(name, media_reference=source, source_range=frames(span.start_s, span.end_s))
        for label, mark in marks:
            if span.start_s <= mark.start_s < span.end_s:
                marked = frames(mark.start_s, mark.start_s)
                clip.markers.append(otio.schema.Marker(label, marked_range=marked))
        track.append(clip)
    timeline = otio.schema.Timeline(_plain(video.path.stem))
    timeline.tracks.append(track)
    return timeline


def _otio():  # type: ignore[no-untyped-def]  # noqa: ANN202 - a module, typed where it is used
    try:
        import opentimelineio
    except ImportError as error:
        raise missing_extra("opentimelineio", "editing", "writing a timeline") from error
    return opentimelineio


def _plain(name: str) -> str:
    """A file name may hold line breaks; the formats are made of lines."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
