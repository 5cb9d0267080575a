"""Subtitle files beside a video: which belong to it, which comes first, what is in them.

``film.srt``, ``film.en.srt``, ``film.pt-BR.vtt`` and ``film.de.forced.ass`` belong to ``film.mp4``. Of
several the first that holds a cue is taken, in this order: the wanted language (the exact tag before the same
language of another region), then files without a language, then others by tag. Among these ``forced`` ones,
which translate only what is foreign in a film, come last; of one tag .vtt comes before .srt, .ass and .ssa.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from videxplore.stages.decoding.speakers import with_voice
from videxplore.stages.decoding.tracks import plain_text

logger = logging.getLogger(__name__)

Line = tuple[float, float, str]
"""Start and end in seconds, and the text with its markup."""

SUFFIXES = (".vtt", ".srt", ".ass", ".ssa")
MAX_BYTES = 16 * 2**20
"""A subtitle file larger than this is something else: that of a long film has a fiftieth of it."""

_TAG = re.compile(r"|\.[A-Za-z]{2,3}([-_.]\w+)*")
_INNER_TIME = re.compile(r"<\d[\d:.]*>")
_BRACES = re.compile(r"(\{[^{}]*\})")
_BRUSH = re.compile(r"\\p(\d)")

# ISO 639-2 as files and tracks state it, to ISO 639-1 as people ask for it.
_SHORT = {
    "ara": "ar", "bul": "bg", "ces": "cs", "cze": "cs", "chi": "zh", "zho": "zh", "dan": "da",
    "deu": "de", "ger": "de", "dut": "nl", "nld": "nl", "ell": "el", "gre": "el", "eng": "en",
    "est": "et", "fas": "fa", "per": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "heb": "he",
    "hin": "hi", "hrv": "hr", "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko",
    "lav": "lv", "lit": "lt", "nob": "no", "nor": "no", "pol": "pl", "por": "pt", "ron": "ro",
    "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl", "spa": "es", "srp": "sr",
    "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi",
}  # fmt: skip
_LEGACY = {
    "ar": "cp1256", "be": "cp1251", "bg": "cp1251", "cs": "cp1250", "el": "cp1253", "et": "cp1257",
    "fa": "cp1256", "he": "cp1255", "hr": "cp1250", "hu": "cp1250", "ja": "cp932", "ko": "cp949",
    "lt": "cp1257", "lv": "cp1257", "pl": "cp1250", "ro": "cp1250", "ru": "cp1251", "sk": "cp1250",
    "sl": "cp1250", "th": "cp874", "tr": "cp1254", "uk": "cp1251", "vi": "cp1258", "zh": "gb18030",
}  # fmt: skip
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_sidecars(video: Path, language: str | None) -> Iterator[tuple[Path, str, list[Line]]]:
    """Yield the subtitle files of ``video``, best first: path, language tag and lines.

    A file that cannot be read is passed over with a warning that says why.
    """
    for file, tag in find_sidecars(video, language):
        try:
            yield file, tag, _read(file, tag)
        except (OSError, ValueError) as error:
            logger.warning("subtitles in %s are passed over: %s", plain_text(file.name), error)


def find_sidecars(video: Path, language: str | None) -> list[tuple[Path, str]]:
    """Return the subtitle files that belong to ``video`` with their language tags, best first."""
    found = []
    try:
        neighbours = sorted(video.parent.iterdir())
    except OSError:
        return []
    for file in neighbours:
        if file.suffix.lower() not in SUFFIXES or not file.stem.startswith(video.stem):
            continue
        tag = file.stem[len(video.stem) :]
        if not _TAG.fullmatch(tag) or not file.is_file():  # a pipe would block, a folder fail
            continue
        tag = tag[1:]
        place = language_rank(tag, language), "forced" in tag.lower().split("."), tag != "", tag
        found.append((place, SUFFIXES.index(file.suffix.lower()), file, tag))
    return [(file, tag) for _, _, file, tag in sorted(found)]


def language_rank(tag: str, wanted: str | None) -> int:
    """Return 0 where ``tag`` is the language wanted, 1 where it is its language elsewhere, else 2.

    >>> [language_rank(tag, "pt-BR") for tag in ("pt-BR", "por", "es", "")]
    [0, 1, 2, 2]
    """
    if not wanted:
        return 2
    if tag.lower() == wanted.lower():
        return 0
    return 1 if _base(tag) == _base(wanted) else 2


def _base(tag: str) -> str:
    base = re.split(r"[-_.]", tag.lower())[0]
    return _SHORT.get(base, base)


def _read(path: Path, tag: str) -> list[Line]:
    """Return the lines of a subtitle file.

    Raises:
        ValueError: it is too large, or holds no subtitles.
        OSError: it cannot be read.
    """
    import pysubs2

    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{size / 2**20:.0f} MiB is more than the {MAX_BYTES // 2**20} MiB that are read")
    with path.open("rb") as stream:
        text = decode(stream.read(min(size, MAX_BYTES)), tag, plain_text(path.name))
    for kind in (None, path.suffix.lower()[1:]):  # what the content looks like, then what the name says
        try:
            kind = kind or pysubs2.formats.autodetect_format(text)
            options = {"keep_html_tags": True} if kind in ("srt", "vtt") else {}
            parsed = pysubs2.SSAFile.from_string(_tidy_vtt(text) if kind == "vtt" else text, kind, **options)
            events = [e for e in parsed if not e.is_comment]
            lines = [(e.start / 1000, e.end / 1000, e.text) for e in events]
        except Exception as error:  # noqa: BLE001 - a parser of others on text from anywhere
            logger.info("%r does not read as %s: %s", path.name, kind, error)
            continue
        if lines:
            if kind not in ("ass", "ssa"):
                return lines
            return [
                (a, b, with_voice(e.name, unstyled(w))) for (a, b, w), e in zip(lines, events, strict=True)
            ]
    raise ValueError("it holds no subtitles of a known kind")


def unstyled(text: str) -> str:
    """Drop what ASS puts in braces (styles, karaoke, remarks) and the drawings between such."""
    kept, drawing = [], False
    for part in _BRACES.split(text):
        if part.startswith("{") and part.endswith("}"):
            brushes = _BRUSH.findall(part)
            drawing = brushes[-1] != "0" if brushes else drawing
        elif not drawing:
            kept.append(part)
    return "".join(kept)


def decode(data: bytes, tag: str, name: str) -> str:
    """Turn the bytes of a subtitle file into text.

    Its mark decides, else UTF-8 where the bytes are that, else UTF-16 where there are zero bytes. Older files
    state nothing: the code page of the language in the file's name is tried, then Windows-1252, then
    Shift-JIS. Which one was taken is said in a warning, because it is a guess: in any of the single-byte code
    pages nearly all bytes mean something.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\0" in data[:4096]:  # Latin letters, digits and line ends have one in UTF-16
        head = data[:4096]
        little = head[1::2].count(0) >= head[0::2].count(0)
        return data.decode("utf-16-le" if little else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    by_language = "big5" if re.search(r"tw|hk|hant", tag.lower()) else _LEGACY.get(_base(tag))
    for encoding in filter(None, (by_language, "cp1252", "cp932")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        logger.warning("%s is not UTF-8; it was read as %s, save it as UTF-8 to be sure", name, encoding)
        return text
    logger.warning("%s is not UTF-8; it was read as cp1252, what that does not know became \ufffd", name)
    return data.decode("cp1252", errors="replace")


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
