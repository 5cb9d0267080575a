"""Segments as files for editing programs and players: EDL, OTIO, FCPXML, WebVTT chapters.

Editing programs count frames: times are rounded to frames of the video's mean rate. In a video of variable
rate they can be off by a frame or more; WebVTT and CSV keep the exact times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from videxplore._extras import missing_extra
from videxplore.values.media import Span, Video

if TYPE_CHECKING:
    import opentimelineio

Named = tuple[str, Span]

_REEL = 8
"""Characters that CMX 3600 has for the name of a reel."""


class Part(NamedTuple):
    """One clip of a timeline: a stretch of a video under a name."""

    video: Video
    name: str
    span: Span


def to_otio(parts: Sequence[Part], marks: Sequence[Named] = (), *, title: str = "") -> str:
    """Return an OpenTimelineIO timeline (JSON): one clip per part at its video's rate, one marker per mark.

    Raises:
        MissingExtraError: opentimelineio is not installed.
    """
    timeline = _timeline(parts, marks, title)
    return str(_otio().adapters.write_to_string(timeline, "otio_json"))


def to_edl(parts: Sequence[Part], marks: Sequence[Named] = (), *, title: str = "") -> str:
    """Return a CMX 3600 edit list; all of it at the timecode rate nearest to that of most parts.

    Every video has a reel name of its own; its whole name stands in a comment.

    Raises:
        MissingExtraError: opentimelineio or its EDL adapter is not installed.
    """
    otio = _otio()
    if "cmx_3600" not in otio.adapters.available_adapter_names():
        raise missing_extra("otio-cmx3600-adapter", "editing", "writing an EDL")
    usual = Counter(part.video.fps for part in parts).most_common(1)[0][0]
    rate = otio.opentime.RationalTime.nearest_valid_timecode_rate(usual)
    timeline = _timeline(parts, marks, title, rate)
    reels = _reel_names([part.video for part in parts])
    if len(reels) > 1:
        for clip, part in zip(timeline.tracks[0], parts, strict=True):
            clip.metadata["cmx_3600"] = {"reel": reels[part.video.path]}
    return str(otio.adapters.write_to_string(timeline, "cmx_3600", rate=rate))


def to_fcpxml(parts: Sequence[Part], *, title: str) -> str:
    """Return Final Cut Pro XML 1.9: the parts one after the other, at the rate of the first one's video.

    Written after Apple's FCPXML reference: where a clip lies and how long it is are whole frames of the
    sequence, where it begins in its video is a whole frame of the video.
    """
    root = ElementTree.Element("fcpxml", version="1.9")
    resources = ElementTree.SubElement(root, "resources")
    assets = {path: f"a{i}" for i, path in enumerate(dict.fromkeys(part.video.path for part in parts), 1)}
    for video in {part.video.path: part.video for part in parts}.values():
        _add_asset(resources, video, assets[video.path])
    frame = _frame_of(parts[0].video)
    event = ElementTree.SubElement(ElementTree.SubElement(root, "library"), "event", name=plain(title))
    project = ElementTree.SubElement(event, "project", name=plain(title))
    sequence = ElementTree.SubElement(
        project, "sequence", format=f"f{assets[parts[0].video.path]}", tcStart="0s", tcFormat="NDF"
    )
    spine = ElementTree.SubElement(sequence, "spine")
    offset = Fraction(0)
    for video, name, span in parts:
        own = _frame_of(video)
        # Both ends are rounded, not the length, so that neighbours stay neighbours.
        first, last = round(span.start_s / own), round(span.end_s / own)
        duration = round((last - first) * own / frame) * frame
        ElementTree.SubElement(
            spine,
            "asset-clip",
            name=plain(name),
            ref=assets[video.path],
            offset=_seconds(offset),
            start=_seconds(first * own),
            duration=_seconds(duration),
        )
        offset += duration
    sequence.set("duration", _seconds(offset))
    ElementTree.indent(root)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
    return head + ElementTree.tostring(root, encoding="unicode") + "\n"


def to_webvtt(parts: Sequence[Part]) -> str:
    """Return WebVTT chapters, one cue per part; all of one video."""
    from pysubs2 import SSAEvent, SSAFile

    file = SSAFile()
    for _, name, span in parts:
        event = SSAEvent(round(1000 * span.start_s), round(1000 * span.end_s))
        # The arrow would begin another cue.
        event.plaintext = plain(name).replace("-->", "\N{RIGHTWARDS ARROW}")
        file.append(event)
    return str(file.to_string("vtt"))


def plain(name: str) -> str:
    r"""Return a name without line breaks and the like, which file names may hold.

    >>> plain("a\nb")
    'a�b'
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def _reel_names(videos: Sequence[Video]) -> dict[object, str]:
    """Letters and digits of each file's name, numbered where two would be alike."""
    names: dict[object, str] = {}
    for path in dict.fromkeys(video.path for video in videos):
        short = re.sub(r"[^A-Za-z0-9]", "", path.stem)[:_REEL].upper() or "REEL"
        number = 1
        name = short
        while name in names.values():
            number += 1
            name = f"{short[: _REEL - len(str(number))]}{number}"
        names[path] = name
    return names


def _timeline(
    parts: Sequence[Part], marks: Sequence[Named], title: str, rate: float | None = None
) -> opentimelineio.schema.Timeline:
    otio = _otio()
    make = otio.opentime.RationalTime

    def frames(start_s: float, end_s: float, fps: float) -> opentimelineio.opentime.TimeRange:
        first, last = round(start_s * fps), round(end_s * fps)
        return otio.opentime.TimeRange(make(first, fps), make(last - first, fps))

    track = otio.schema.Track("Video 1", kind="Video")
    for video, name, span in parts:
        fps = rate or video.fps
        source = otio.schema.ExternalReference(
            video.path.absolute().as_uri(), available_range=frames(0.0, video.duration_s, fps)
        )
        source.name = plain(video.path.name)
        clip = otio.schema.Clip(
            plain(name), media_reference=source, source_range=frames(span.start_s, span.end_s, fps)
        )
        for label, mark in marks:
            if span.start_s <= mark.start_s < span.end_s:
                marked = frames(mark.start_s, mark.start_s, fps)
                clip.markers.append(otio.schema.Marker(label, marked_range=marked))
        track.append(clip)
    timeline = otio.schema.Timeline(plain(title))
    timeline.tracks.append(track)
    return timeline


def _otio():  # type: ignore[no-untyped-def]  # noqa: ANN202 - a module, typed where it is used
    try:
        import opentimelineio
    except ImportError as error:
        raise missing_extra("opentimelineio", "editing", "writing a timeline") from error
    return opentimelineio


def _add_asset(resources: ElementTree.Element, video: Video, asset: str) -> None:
    frame = _frame_of(video)
    ElementTree.SubElement(
        resources,
        "format",
        id=f"f{asset}",
        frameDuration=_seconds(frame),
        width=str(video.width),
        height=str(video.height),
    )
    added = ElementTree.SubElement(
        resources,
        "asset",
        id=asset,
        name=plain(video.path.stem),
        start="0s",
        duration=_seconds(round(video.duration_s / frame) * frame),
        hasVideo="1",
        format=f"f{asset}",
    )
    if video.has_audio:
        added.set("hasAudio", "1")
    ElementTree.SubElement(added, "media-rep", kind="original-media", src=video.path.absolute().as_uri())


def _frame_of(video: Video) -> Fraction:
    """Duration of one frame in seconds."""
    return 1 / Fraction(video.fps).limit_denominator(1001)


def _seconds(time: Fraction) -> str:
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"
