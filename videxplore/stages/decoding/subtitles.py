"""Subtitles: from a file beside the video, else from a text track inside it."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator
from os import PathLike
from typing import Any

from av.error import FFmpegError

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.probe import as_video
from videxplore.stages.decoding.sidecars import Line, language_rank, read_sidecars, unstyled
from videxplore.stages.decoding.speakers import tell_voices, with_voice
from videxplore.stages.decoding.tracks import plain_text, text_tracks, track_label, track_language
from videxplore.values.media import Cue, Span, Transcript, Video

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_ASS_FIELDS = 9
"""Fields of an ASS line as FFmpeg gives it: number, layer, style, name, three margins, effect, text."""
_ASS_BREAK = re.compile(r"\\[Nnh]")


def transcript(video: Video | str | PathLike[str], *, language: str | None = None) -> Transcript | None:
    """Return the subtitles of a video, or None where there are none.

    Looked for beside the video first: ``film.vtt``, ``film.en.srt`` and the like (:mod:`.sidecars` says which
    comes first); its times count from the first picture. Else a text track inside the file is taken, the
    wanted language before the default one, moved from the file's clock to the picture's. Markup is removed,
    undecodable bytes are replaced, cues without text dropped, reversed ones turned round, and all are cut to
    the length of the video; cues may overlap.

    A file beside the video that is too large, or cannot be read, is passed over with a warning.

    Args:
        video: a video or the path of one.
        language: prefer this language (``"en"``, ``"pt-BR"``); where it is missing another is taken, and
            ``Transcript.language`` says which.
    """
    video = as_video(video)
    for sidecar, tag, lines in read_sidecars(video.path, language):
        cues = _clean(lines, video.duration_s)
        if cues:
            return Transcript(cues, f"sidecar:{plain_text(sidecar.name)}", tag)
    return _embedded(video, language)


def _embedded(video: Video, language: str | None) -> Transcript | None:
    if not video.subtitle_tracks:
        return None
    zero_s = frame_index(video.path).zero_s
    with open_container(video.path) as container:
        tracks = text_tracks(container)
        tracks.sort(key=lambda track: language_rank(track_language(track), language))
        for track in tracks:
            cues = _clean(_read_track(container, track, zero_s), video.duration_s)
            if cues:
                return Transcript(cues, f"track:{track_label(track)}", track_language(track))
            container.seek(0)
    return None


def _read_track(container: Any, track: Any, zero_s: float) -> list[Line]:
    lines = []
    styled = track.codec_context.name in ("ass", "ssa")
    for packet in packets(container, [track], []):
        if packet.pts is None or not packet.size:
            continue
        start_s = float(packet.pts * packet.time_base) - zero_s
        end_s = start_s + float((packet.duration or 0) * packet.time_base)
        try:
            texts = [_dialogue(part) for part in packet.decode()]
        except (FFmpegError, ValueError):
            continue
        lines += [(start_s, end_s, unstyled(text) if styled else text) for text in texts if text]
    return lines


def _dialogue(part: Any) -> str:
    """Text of a decoded subtitle; FFmpeg gives every kind as an ASS line."""
    fields = bytes(part.ass).split(b",", 8)
    line = bytes(part.dialogue) if part.dialogue else fields[-1]
    name = fields[3] if len(fields) == _ASS_FIELDS else b""
    return with_voice(name.decode("utf-8", errors="replace"), line.decode("utf-8", errors="replace"))


def _clean(lines: list[Line], duration_s: float) -> tuple[Cue, ...]:
    cues: list[Cue] = []
    voices = tell_voices([text for _, _, text in lines])
    for (start_s, end_s, _), parts in zip(lines, voices, strict=True):
        if not (math.isfinite(start_s) and math.isfinite(end_s)):
            continue
        first, last = min(start_s, end_s), max(start_s, end_s)
        if last < 0 or first >= duration_s:
            continue
        span = Span(max(first, 0.0), min(last, duration_s))
        said = [(plain_text(who), plain_text(_words(text), limit=None)) for who, text in parts]
        cues += _share(span, [(who, words) for who, words in said if words])
    return tuple(sorted(cues, key=lambda cue: (cue.span.start_s, cue.span.end_s)))


def _share(span: Span, said: list[tuple[str, str]]) -> Iterator[Cue]:
    """Yield one cue per voice of a subtitle, one after the other, as long as its share of the characters."""
    total, passed, start_s = sum(len(words) for _, words in said), 0, span.start_s
    for who, words in said:
        passed += len(words)
        end_s = span.end_s if passed == total else span.start_s + span.duration_s * passed / total
        yield Cue(Span(start_s, end_s), words, who)
        start_s = end_s


def _words(text: str) -> str:
    # Markup goes before entities are resolved: "&lt;b&gt;" is text that shows "<b>", not markup.
    return html.unescape(_MARKUP.sub("", _ASS_BREAK.sub(" ", text)))
