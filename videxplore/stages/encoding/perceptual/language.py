"""One language of the perceptual encoder: a JSON file, checked when it is read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from videxplore.stages.encoding.perceptual.attributes import NAMES
from videxplore.stages.features.colour import COLOURS

_PACKAGE = "videxplore.stages.encoding.perceptual"
_MAPPINGS = ("concepts", "words", "strengths", "intensifiers", "orders", "paces", "endings")
_LISTS = ("negations", "numbers", "joins", "breaks", "lists", "ignored", "generic")
_RELATIONS = ("next", "previous")


@dataclass(frozen=True, slots=True)
class Stemmer:
    """Cuts word forms to a common stem; both sides of a comparison are cut alike.

    Attributes:
        endings: ending -> what stands in its place; the first that fits is taken.
        doubled: letters of which a double one at the end becomes single.
        mute: a letter that is dropped at the end.
    """

    endings: tuple[tuple[str, str], ...]
    doubled: str = ""
    mute: str = ""

    def stem(self, word: str) -> str:
        """Return the stem of ``word``; at least three letters stay, two before a replacement."""
        word = word.removesuffix("'s").removesuffix("'")
        for ending, replacement in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= (2 if replacement else 3):
                word = word[: -len(ending)] + replacement
                break
        if len(word) > 3 and word[-1] == word[-2] and word[-1] in self.doubled:
            word = word[:-1]
        return word.removesuffix(self.mute) if self.mute and len(word) > 3 else word


def read_language(language: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the data of a language.

    Args:
        language: the code of one that comes with the package, such as ``"en"``, or the path of a JSON file.

    Raises:
        ValueError: there is no such language, or the file does not keep to the format; says where.
    """
    name = os.fspath(language)
    if name.endswith(".json"):
        path = Path(name)
        if not path.is_file():
            raise ValueError(f"language={name!r} is no file; give the path of a lexicon, or 'en'.")
        text, colours = path.read_text("utf-8"), None
    else:
        inside = files(_PACKAGE).joinpath(f"lexicon_{name}.json")
        if not name.isalpha() or not inside.is_file():
            raise ValueError(
                f"there is no lexicon for language {name!r}; there is one for 'en', and a JSON file of your "
                "own may be given by its path (format: docs/perceptual.md)."
            )
        text, colours = inside.read_text("utf-8"), files(_PACKAGE).joinpath(f"colours_{name}.json")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the lexicon {name!r} is no JSON: {error}.") from error
    if not isinstance(data, Mapping):
        raise ValueError(f"the lexicon {name!r} must be a JSON object, got {type(data).__name__}.")
    whole = {key: {} for key in _MAPPINGS} | {key: [] for key in _LISTS} | {"colours": {}} | dict(data)
    if colours is not None and colours.is_file():
        whole["colours"] = json.loads(colours.read_text("utf-8")) | whole["colours"]
    _check(whole, name)
    return whole


def _check(data: Mapping[str, Any], name: str) -> None:
    """Raise where ``data`` does not keep to the format."""
    for key, kind in (*((k, Mapping) for k in (*_MAPPINGS, "colours")), *((k, list) for k in _LISTS)):
        if not isinstance(data[key], kind):
            raise ValueError(
                f"lexicon {name!r}: {key!r} must be a JSON {'object' if kind is Mapping else 'list'}."
            )
    for concept, wanted in data["concepts"].items():
        unknown = set(wanted) - set(NAMES)
        if unknown or not wanted:
            raise ValueError(
                f"lexicon {name!r}: concept {concept!r} asks for {sorted(unknown) or 'nothing'}; allowed are "
                "the attributes in docs/perceptual.md."
            )
    allowed = set(data["concepts"]) | set(COLOURS)
    for key in ("words", "strengths"):
        strange = set(data[key]) - allowed
        if strange:
            raise ValueError(
                f"lexicon {name!r}: {key!r} names {sorted(strange)}, which are no concepts of it."
            )
    for phrase, relation in data["orders"].items():
        if relation not in _RELATIONS:
            raise ValueError(
                f"lexicon {name!r}: order {phrase!r} must be one of {_RELATIONS}, got {relation!r}."
            )
    for colour, code in data["colours"].items():
        if len(code) != 6 or set(code.lower()) - set("0123456789abcdef"):
            raise ValueError(
                f"lexicon {name!r}: colour {colour!r} must be six hexadecimal digits, got {code!r}."
            )
