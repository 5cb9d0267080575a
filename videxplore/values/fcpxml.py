"""Final Cut Pro XML 1.9: an asset per video, and a clip after clip of them on one spine.

Written after Apple's FCPXML reference: times are fractions of seconds; where a clip lies and how long it is
are whole frames of the sequence, where it begins in its video is a whole frame of the video.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from videxplore.values.media import Video
from videxplore.values.timelines import Part, plain


def to_fcpxml(parts: Sequence[Part], *, title: str) -> str:
    """Return the parts one after the other, of one video or of several, at the rate of the first."""
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
        name=plain(Path(video.path).stem),
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
