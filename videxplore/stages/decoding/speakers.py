"""Who says what in subtitles: voice tags, names before a colon, and dashes before lines.

WebVTT marks voices (``<v Anna>``), ASS has a name per line, and elsewhere there are customs: ``ANNA: …``, and
a dash before each line where two people share one subtitle, which tells that the speaker changes and not who
it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from videxplore.stages.decoding.tracks import plain_text

UNNAMED = "?"
"""Someone else than before, of whom no name is told."""

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^<>]{1,80})>")
_BREAK = re.compile(r"\\N|\n")
_DASH = re.compile(r"\s*(?:<[^<>]*>|\{[^{}]*\})*\s*[-–—‐](?![-–—])\s*\S")
_NAME = re.compile(r"\s*(?:[-–—‐]\s*)?([^\W\d_][\w .'’-]{0,30}?)\s?:\s")
_LONGEST_NAME = 3


def with_voice(name: str, text: str) -> str:
    """Return ``text`` with a voice tag where ``name`` says who speaks.

    >>> with_voice("Anna", "hello")
    '<v Anna>hello'
    """
    name = re.sub(r"[<>]", "", plain_text(name)).strip()
    return f"<v {name}>{text}" if name else text


def tell_voices(texts: Sequence[str]) -> list[list[tuple[str, str]]]:
    r"""Return the voices of each text: (speaker, what it says) in order, the speaker empty where not told.

    Markup is left in; a name before a colon stays in the text, as it is shown. A name counts if it is in
    capitals, or if every word of it begins with one and it stands before two texts or more: "Listen: …" is
    no one.

    >>> tell_voices(["<v Anna>hi</v><v Ben>oh", r"- Yes?\N- No.", "ANNA: Listen."])
    [[('Anna', 'hi</v>'), ('Ben', 'oh')], [('?', '- Yes?'), ('?', '- No.')], [('ANNA', 'ANNA: Listen.')]]
    """
    parts = [_split(text) for text in texts]
    named = Counter(
        name for lines in parts for voice, line in lines if voice in ("", UNNAMED) for name in _before(line)
    )
    return [
        [(voice if voice not in ("", UNNAMED) else _who(line, named) or voice, line) for voice, line in lines]
        for lines in parts
    ]


def _split(text: str) -> list[tuple[str, str]]:
    """A text at its voice tags, else where lines begin with a dash, or with a name where two do."""
    tags = list(_VOICE.finditer(text))
    if tags:
        ends = [*(tag.start() for tag in tags[1:]), len(text)]
        spoken = [(tag[1].strip(), text[tag.end() : end]) for tag, end in zip(tags, ends, strict=True)]
        return [("", text[: tags[0].start()]), *spoken] if text[: tags[0].start()].strip() else spoken
    lines = _BREAK.split(text)
    dashed = [bool(_DASH.match(line)) for line in lines]
    begins = [d or bool(_before(line)) for d, line in zip(dashed, lines, strict=True)]
    if sum(begins) < 2:
        return [("", text)]
    parts: list[tuple[str, str]] = []
    for line, dash, begin in zip(lines, dashed, begins, strict=True):
        if begin or not parts:
            parts.append((UNNAMED if dash else "", line))
        else:
            parts[-1] = parts[-1][0], f"{parts[-1][1]}\\N{line}"
    return parts


def _before(line: str) -> list[str]:
    """The name that a line may begin with, or none."""
    found = _NAME.match(line)
    words = found[1].split() if found else []
    if not 0 < len(words) <= _LONGEST_NAME or not all(word[0].isupper() for word in words):
        return []
    return [" ".join(words)]


def _who(line: str, named: Counter[str]) -> str:
    return next((name for name in _before(line) if name.isupper() or named[name] > 1), "")
