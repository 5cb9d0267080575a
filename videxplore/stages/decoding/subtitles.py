"""Subtitles: from a file beside the video, else from a text track inside it."""

from __future__ import annotations

import html
import math
import re
from os import PathLike
from pathlib import Path
from typing import Any

from av.error import FFmpegError

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.probe import as_video
from videxplore.stages.decoding.tracks import plain_text, text_tracks, track_label, track_language
from videxplore.values.media import Cue, Span, Transcript, Video

SUFFIXES = (".vtt", ".srt", ".ass", ".ssa")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_INNER_TIME = re.compile(r"<\d[\d:.]*>")
_ASS_BREAK = re.compile(r"\\[Nnh]")
_MAX_BYTES = 32 * 2**20  # a subtitle file larger than this is something else


def transcript(video: Video | str | PathLike[str], *, language: str | None = None) -> Transcript | None:
    """Return the subtitles of a video, or None where there are none.

    Looked for beside the video first: ``film.vtt``, then ``film.en.vtt`` and the like (.vtt, .srt, .ass,
    .ssa); its times count from the first picture. Else the first text track inside the file is taken, moved
    from the file's clock to the picture's. Markup is removed, undecodable bytes are replaced, cues without
    text dropped, reversed ones turned round, and all are cut to the length of the video.

    Args:
        video: a video or the path of one.
        language: prefer this language (``"en"``); None takes the file without a language, else the first.
    """
    video = as_video(video)
    for sidecar, tag in _sidecars(video.path, language):
        cues = _clean(_read_sidecar(sidecar), video.duration_s)
        if cues:
            return Transcript(cues, f"sidecar:{plain_text(sidecar.name)}", tag)
    return _embedded(video, language)


def _sidecars(path: Path, language: str | None) -> list[tuple[Path, str]]:
    """Subtitle files that belong to ``path`` with their language tag, best first."""
    found = []
    try:
        neighbours = sorted(path.parent.iterdir())
    except OSError:
        return []
    for file in neighbours:
        if file.suffix.lower() not in SUFFIXES or not file.is_file():
            continue
        tag = file.stem[len(path.stem) :]
        if not file.stem.startswith(path.stem) or not re.fullmatch(r"|\.[A-Za-z]{2,3}([-_.]\w+)*", tag):
            continue
        tag = tag[1:]
        wanted = bool(language) and tag.lower().startswith((language or "").lower())
        found.append(((not wanted, tag != "", SUFFIXES.index(file.suffix.lower()), tag), file, tag))
    return [(file, tag) for _, file, tag in sorted(found, key=lambda entry: entry[0])]


def _read_sidecar(path: Path) -> list[tuple[float, float, str]]:
    import pysubs2

    if path.stat().st_size > _MAX_BYTES:
        return []
    text = _decode(path.read_bytes())
    for kind in (None, path.suffix.lower()[1:]):  # what the content looks like, then what the name says
        try:
            kind = kind or pysubs2.formats.autodetect_format(text)
            options = {"keep_html_tags": True} if kind in ("srt", "vtt") else {}
            parsed = pysubs2.SSAFile.from_string(_tidy_vtt(text) if kind == "vtt" else text, kind, **options)
        except (pysubs2.exceptions.Pysubs2Error, ValueError, OSError, KeyError, IndexError):
            continue  # not a subtitle file in spite of its name
        return [(e.start / 1000, e.end / 1000, e.text) for e in parsed if not e.is_comment]
    return []


def _tidy_vtt(text: str) -> str:
    """Keep the cues of a WebVTT file and drop what pysubs2 would take for their text.

    That is cue identifiers, NOTE and STYLE blocks (each a block of lines between blank ones), and times
    inside a line of text.
    """
    blocks = ["WEBVTT"]
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.split("\n")
        timing = next((k for k, line in enumerate(lines) if "-->" in line), None)
        if timing is not None:
            words = [_INNER_TIME.sub("", line) for line in lines[timing + 1 :]]
            blocks.append("\n".join([lines[timing], *words]))
    return "\n\n".join(blocks) + "\n"


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Old subtitle files are mostly Windows-1252; what even that does not know becomes U+FFFD.
        return data.decode("cp1252", errors="replace")


def _embedded(video: Video, language: str | None) -> Transcript | None:
    if not video.subtitle_tracks:
        return None
    zero_s = frame_index(video.path).zero_s
    with open_container(video.path) as container:
        tracks = text_tracks(container)
        if language:
            tracks.sort(key=lambda t: not (t.metadata.get("language") or "").startswith(language))
        for track in tracks:
            cues = _clean(_read_track(container, track, zero_s), video.duration_s)
            if cues:
                return Transcript(cues, f"track:{track_label(track)}", track_language(track))
            container.seek(0)
    return None


def _read_track(container: Any, track: Any, zero_s: float) -> list[tuple[float, float, str]]:
    lines = []
    for packet in packets(container, [track], []):
        if packet.pts is None or not packet.size:
            continue
        start_s = float(packet.pts * packet.time_base) - zero_s
        end_s = start_s + float((packet.duration or 0) * packet.time_base)
        try:
            texts = [_dialogue(part) for part in packet.decode()]
        except (FFmpegError, ValueError):
            continue
        lines += [(start_s, end_s, text) for text in texts if text]
    return lines


def _dialogue(part: Any) -> str:
    """Text of a decoded subtitle; FFmpeg gives every kind as an ASS line."""
    line = bytes(part.dialogue) if part.dialogue else bytes(part.ass).split(b",", 8)[-1]
    return line.decode("utf-8", errors="replace")


def _clean(lines: list[tuple[float, float, str]], duration_s: float) -> tuple[Cue, ...]:
    cues = []
    for start_s, end_s, text in lines:
        if not (math.isfinite(start_s) and math.isfinite(end_s)):
            continue
        first, last = min(start_s, end_s), max(start_s, end_s)
        if last < 0 or first >= duration_s:
            continue
        words = plain_text(_words(text), limit=None)
        if words:
            cues.append(Cue(Span(max(first, 0.0), min(last, duration_s)), words))
    return tuple(sorted(cues, key=lambda cue: (cue.span.start_s, cue.span.end_s)))


def _words(text: str) -> str:
    # Markup goes before entities are resolved: "&lt;b&gt;" is text that shows "<b>", not markup.
    return html.unescape(_MARKUP.sub("", _ASS_BREAK.sub(" ", text)))
