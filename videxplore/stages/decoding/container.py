"""Opening media files safely: what is refused before and while FFmpeg looks at a file, in plain words.

FFmpeg opens far more than films: text playlists that name other files, URLs, still images, devices. Only
regular files in well-known film containers are let through; everything else becomes a ``VideoError`` with a
reason code. What FFmpeg reported is turned into a sentence by looking at the first bytes of the file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.error import ArgumentError, FFmpegError

from videxplore.errors import VideoError
from videxplore.stages.decoding.tracks import DECODERS, MAX_PIXELS
from videxplore.values.checks import check_kind

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,wav,mp3,aac,flac"
"""Demuxers that may run. Playlists, concatenation lists, images and devices are not among them."""

# The last two bind the decoders that FFmpeg itself runs while it looks at the tracks.
_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": CONTAINERS,
    "codec_whitelist": ",".join(sorted(DECODERS)),
    "max_pixels": str(MAX_PIXELS),
}
_HEAD_BYTES = 512
_DEMUX_RETRIES = 64
_URL = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]+://")

_IMAGE_MAGIC = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"8BPS",
    b"\x00\x00\x01\x00",
)
_IMAGE_BRANDS = {b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"jxl "}
_PLAYLIST = re.compile(rb"^\s*(#EXTM3U|ffconcat|\[playlist\]|v=0\s|<\?xml[^>]*>\s*<MPD|<MPD|<smil)", re.I)


def check_file(path: str | PathLike[str]) -> Path:
    """Return ``path`` as an absolute path after making sure that it is a regular, non-empty file.

    Nothing is opened: a named pipe would block for ever, a device may do worse.

    Raises:
        TypeError: it is no path.
        VideoError: reason ``url``, ``missing``, ``unreadable``, ``not-a-file`` or ``empty``.
    """
    check_kind("video", path, (str, bytes, os.PathLike), "the path of one file")
    text = os.fspath(path)
    if isinstance(text, str) and _URL.match(text):
        raise VideoError(
            path, "url", "this is an address, not a file", "Download it first and pass the local file."
        )
    try:
        if not text:
            raise FileNotFoundError
        status = Path(text).stat()
    except (FileNotFoundError, NotADirectoryError):
        raise VideoError(path, "missing", "there is no such file", "Check the path.") from None
    except (OSError, ValueError) as error:
        detail = f"the file cannot be looked at ({_one_line(error)})"
        raise VideoError(path, "unreadable", detail, "Check its name and permissions.") from None
    if stat.S_ISDIR(status.st_mode) and not os.access(text, os.R_OK | os.X_OK):
        raise VideoError(path, "unreadable", "this folder may not be looked into", "Check its permissions.")
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, socket or device"
        raise VideoError(path, "not-a-file", f"this is {kind}, not a file", "Pass a video file.")
    if status.st_size == 0:
        raise VideoError(path, "empty", "the file is empty (0 bytes)", "Copy or download it again.")
    # An absolute path can never be read as "protocol:something" by FFmpeg.
    return Path(text).absolute()


def open_container(path: str | PathLike[str]) -> InputContainer:
    """Open a media file for reading; the caller closes it (it is a context manager).

    Raises:
        VideoError: the file is not something that is read here; see :func:`check_file` and reasons
            ``not-a-video``, ``image``, ``playlist``, ``incomplete``, ``unreadable``.
    """
    checked = check_file(path)
    head = _read_head(checked, path)
    _refuse_by_content(path, head)
    try:
        return _bounded(av.open(os.fspath(checked), options=dict(_OPTIONS), metadata_errors="replace"))
    except PermissionError as error:
        detail = f"the file may not be read ({_one_line(error)})"
        raise VideoError(path, "unreadable", detail, "Check its permissions.") from None
    except (FFmpegError, ValueError, OSError) as error:
        raise _explain(path, head, error) from None


def _bounded(container: InputContainer) -> InputContainer:
    """Have the decoders refuse giant pictures: a stream may change its size after the header was checked."""
    for stream in container.streams.video:
        if stream.codec_context is not None:
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    return container


def packets(container: InputContainer, streams: list[Any], problems: list[str]) -> Iterator[Any]:
    """Yield packets of ``streams``; a read error is noted in ``problems`` and passed over.

    A file that ends early or has a damaged stretch then gives what can still be read.
    """
    retries = 0
    while retries < _DEMUX_RETRIES:
        try:
            yield from container.demux(streams)
            return
        except EOFError:
            return
        except IndexError:
            continue  # PyAV stumbles over each packet of a track that begins in mid-file (MPEG-TS)
        except (FFmpegError, ValueError) as error:
            problems.append(_one_line(error))
            retries += 1


def _read_head(checked: Path, given: str | PathLike[str]) -> bytes:
    try:
        with checked.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except OSError as error:
        detail = f"the file may not be read ({_one_line(error)})"
        raise VideoError(given, "unreadable", detail, "Check its permissions.") from None


def _refuse_by_content(path: str | PathLike[str], head: bytes) -> None:
    # Content decides, never the extension: a playlist named .mp4 is still a playlist.
    if _PLAYLIST.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise VideoError(
            path,
            "playlist",
            "this is a playlist: text that names other files",
            "Pass the video files themselves.",
        )
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if webp or head.startswith(_IMAGE_MAGIC) or _brand(head) in _IMAGE_BRANDS:
        raise VideoError(path, "image", "this is a still image, not a video", "Pass a video file.")


def _brand(head: bytes) -> bytes:
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _explain(path: str | PathLike[str], head: bytes, error: Exception) -> VideoError:
    if head[4:8] in (b"ftyp", b"mdat", b"moov", b"wide", b"free", b"skip"):
        return VideoError(
            path,
            "incomplete",
            "the file is incomplete: its index (moov) is missing or damaged",
            "Copy, download or record it again; an interrupted recording may be repairable with untrunc.",
        )
    if head.startswith(b"\x1a\x45\xdf\xa3") or head[:4] in (b"RIFF", b"OggS") or head[:3] == b"FLV":
        return VideoError(path, "incomplete", "the file is damaged or cut off at its start", "Copy it again.")
    if isinstance(error, ArgumentError):
        detail = "its content is of a kind that is not read here"
    else:
        detail = "its content is not that of a video"
    return VideoError(
        path, "not-a-video", detail, "Pass a video file such as MP4, MOV, MKV, WebM, AVI or MPEG-TS."
    )


def _one_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:120]
