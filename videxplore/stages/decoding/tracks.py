"""Which of a file's tracks is the picture, the sound and the text."""

from __future__ import annotations

import unicodedata
from os import PathLike
from typing import Any

from av.container import InputContainer
from av.stream import Disposition

from videxplore.errors import VideoError

MAX_PIXELS = 50_000_000
"""Larger frames are refused before anything is decoded: one 8192×8192 frame costs over 1 GB of memory."""

# Listed by hand: what FFmpeg can decode beyond this is rare and has had holes (MagicYUV, CVE-2026-8461).
# fmt: off
_PICTURE_CODECS = frozenset(
    {
        "h264", "hevc", "vvc", "vp8", "vp9", "av1", "libdav1d", "libaom-av1", "libvpx",
        "libvpx-vp9", "mpeg4", "mpeg1video", "mpeg2video", "msmpeg4v1", "msmpeg4v2", "msmpeg4",
        "msmpeg4v3", "wmv1", "wmv2", "wmv3", "vc1", "theora", "flv", "h261", "h263", "h263i",
        "h263p", "vp6", "vp6f", "vp6a", "prores", "dnxhd", "cfhd", "mjpeg", "mjpegb", "jpeg2000",
        "libopenjpeg", "dvvideo", "ffv1", "huffyuv", "ffvhuff", "utvideo", "lagarith", "rawvideo",
        "v210", "qtrle", "cinepak", "svq1", "svq3", "rv10", "rv20", "rv30", "rv40", "indeo3",
        "indeo4", "indeo5", "png", "msrle", "msvideo1", "flashsv", "flashsv2", "hap", "rpza",
        "8bps", "tscc", "zmbv", "v308", "v408", "v410", "r210", "yuv4",
    }
)
_SOUND_CODECS = frozenset(
    {
        "aac", "aac_latm", "mp3", "mp3float", "mp2", "mp2float", "mp1", "mp1float", "ac3", "eac3", "dca",
        "truehd", "mlp", "flac", "alac", "vorbis", "opus", "libopus", "speex", "wmav1", "wmav2", "wmapro",
        "wmalossless", "wmavoice", "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "gsm",
        "gsm_ms", "ilbc", "nellymoser", "qdm2", "qdmc", "qcelp", "mace3", "mace6", "real_144", "real_288",
        "cook", "sipr", "ralf", "atrac3", "atrac3plus", "wavpack", "tta", "tak", "ape", "mpc7", "mpc8",
        "g722", "g723_1", "g726", "g729", "truespeech", "imc", "dvaudio", "s302m", "pcm_alaw", "pcm_mulaw",
        "pcm_bluray", "pcm_dvd", "pcm_u8", "pcm_s8", "pcm_s8_planar", "pcm_s16le", "pcm_s16be",
        "pcm_s16le_planar", "pcm_s16be_planar", "pcm_u16le", "pcm_u16be", "pcm_s24le", "pcm_s24be",
        "pcm_s24le_planar", "pcm_s24daud", "pcm_s32le", "pcm_s32be", "pcm_s32le_planar", "pcm_f32le",
        "pcm_f32be", "pcm_f64le", "pcm_f64be", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_swf",
        "adpcm_yamaha",
    }
)
# fmt: on
_TEXT_CODECS = frozenset({"mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text"})
DECODERS = _PICTURE_CODECS | _SOUND_CODECS | _TEXT_CODECS
"""Decoders that may run at all; FFmpeg tries some already while it opens a file."""

_DROPPED = ("Cc", "Cf", "Cs", "Co")
_KEPT = "\t\n\r\u200c\u200d"
_COVER = Disposition.attached_pic | Disposition.timed_thumbnails


def picture_track(container: InputContainer, path: str | PathLike[str]) -> Any:
    """Return the video stream that a player would show: the default one, never cover art.

    Raises:
        VideoError: reason ``no-picture``, ``unsupported-codec`` or ``too-large``.
    """
    moving = [s for s in container.streams.video if not s.disposition & _COVER]
    if not moving:
        what = "sound only" if container.streams.audio else "no picture"
        raise VideoError(
            path, "no-picture", f"the file holds {what}, no video track", "Pass a file with a picture."
        )
    stream = _preferred(moving)
    context = stream.codec_context
    if context is None or context.name not in _PICTURE_CODECS:
        name = "an unknown codec" if context is None else f"the codec {context.name!r}"
        raise VideoError(
            path,
            "unsupported-codec",
            f"its picture is in {name}, which is not decoded here",
            "Convert it, for example: ffmpeg -i in.file -c:v libx264 -c:a aac out.mp4.",
        )
    check_size(context.width, context.height, path)
    return stream


def check_size(width: int, height: int, path: str | PathLike[str]) -> None:
    """Refuse frames that would cost gigabytes.

    Raises:
        VideoError: reason ``too-large``.
    """
    if width * height > MAX_PIXELS:
        raise VideoError(
            path,
            "too-large",
            f"its frames of {width}×{height} pixels exceed the limit of {MAX_PIXELS // 10**6} megapixels",
            "Scale it down first, for example: ffmpeg -i in.mp4 -vf scale=3840:-2 out.mp4.",
        )


def sound_track(container: InputContainer) -> Any | None:
    """Return the sound stream that a player would play, or None."""
    usable = [
        s
        for s in container.streams.audio
        if s.codec_context and s.codec_context.name in _SOUND_CODECS and s.codec_context.rate > 0
    ]
    return _preferred(usable) if usable else None


def text_tracks(container: InputContainer) -> list[Any]:
    """Return the subtitle streams that hold text (not pictures of text), default ones first."""
    usable = [
        s for s in container.streams.subtitles if s.codec_context and s.codec_context.name in _TEXT_CODECS
    ]
    return sorted(usable, key=lambda s: not s.disposition & Disposition.default)


def track_label(stream: Any) -> str:
    """A short plain label such as ``"2 eng mov_text English subtitles"`` without control characters."""
    words = [
        str(stream.index),
        track_language(stream),
        stream.codec_context.name,
        stream.metadata.get("title", ""),
    ]
    return plain_text(" ".join(word for word in words if word))


def plain_text(text: str, *, limit: int | None = 200) -> str:
    """Return ``text`` on one line without control, bidirectional-override or surrogate characters.

    Joiners stay: Persian and Indic words and composed emoji need them.
    """
    kept = "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in _DROPPED)
    return " ".join(kept.split())[:limit]


def track_language(stream: Any) -> str:
    """The language a track states, or an empty string where it is undetermined."""
    return plain_text(stream.metadata.get("language", "") or "").replace("und", "")


def _preferred(streams: list[Any]) -> Any:
    return next((s for s in streams if s.disposition & Disposition.default), streams[0])
