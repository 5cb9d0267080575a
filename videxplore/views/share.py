"""A library as one page to send: an HTML file that searches, shows and plays without Python or network.

What the page carries is packed once: JSON and arrays, deflated and written as base64, so that no text of a
library ever stands in the page as markup. Pictures and clips follow as lines of base64, made into pictures
when they come into view. The page's policy allows its one script, by its hash, and nothing from outside.
"""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection, Region
from videxplore.views.assets import bundle, styles
from videxplore.views.base import media_type
from videxplore.views.catalogue import Catalogue
from videxplore.views.delivery import Clip
from videxplore.views.describe import describe_hit, describe_query, plain
from videxplore.views.figures.paint import SHADES
from videxplore.views.mapping import caption_of
from videxplore.views.sealing import fingerprint, inline
from videxplore.views.stills import environment
from videxplore.views.tokens import MODALITY_WORDS, tier_of

_STYLES = ("hover", "timeline", "playback", "finder", "share")

Cues = Sequence[tuple[float, float, str]]


@dataclass(frozen=True, eq=False)
class Pictures:
    """The posters of n segments.

    Attributes:
        images: JPEG bytes.
        number: int32 (n,), which of them each segment shows, −1 for none.
        borrowed: bool (n,), whether that is the poster of a segment around it.
        size: largest width and height in pixels.
    """

    images: tuple[bytes, ...]
    number: NDArray[np.int32]
    borrowed: NDArray[np.bool_]
    size: tuple[int, int]

    @classmethod
    def none(cls, count: int) -> Pictures:
        """No posters for so many segments."""
        return cls((), np.full(count, -1, np.int32), np.zeros(count, bool), (0, 0))


@dataclass(frozen=True, eq=False)
class Shared:
    """What a page tells of a library of n segments, in the order of its catalogue.

    Attributes:
        title: plain text.
        catalogue: the segments.
        levels: their names, finest first.
        projection: their map, or None.
        regions: its named parts.
        index: what the page's search goes by, as JSON can hold it; see ``static/share_search.js``.
        arrays: the numbers of that index by name.
        answers: rankings that were made in Python, to be shown as they are.
        notes: what was noted, by segment id: ``note``, ``tags`` and ``author`` each.
        near: int32 (n, k), rows of the most alike segments, −1 where there are no more.
        cosines: float32 (n, k), how alike.
        pictures: posters.
        clips: by segment id, with subtitles.
        remarks: sentences about what the page leaves out.
    """

    title: str
    catalogue: Catalogue
    levels: Sequence[str] = ()
    projection: Projection | None = None
    regions: Sequence[Region] = ()
    index: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    answers: Sequence[Ranking] = ()
    notes: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    near: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 1), np.int32))
    cosines: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    pictures: Pictures = field(default_factory=lambda: Pictures.none(0))
    clips: Mapping[str, tuple[Clip, Cues]] = field(default_factory=dict)
    remarks: Sequence[str] = ()


def write_shared(path: str | os.PathLike[str], shared: Shared) -> Path:
    """Write the page; the same content gives the same bytes.

    Args:
        path: of the file; folders are made.
        shared: what it carries.
    """
    script = bundle("share")
    style = styles(*_STYLES)
    facts, arrays = _describe(shared)
    page = (
        environment()
        .get_template("share.html")
        .render(
            title=plain(shared.title),
            subtitle=facts["subtitle"],
            style=inline(style),
            style_hash=fingerprint(style),
            script=inline(script),
            script_hash=fingerprint(script),
            pack=_lines([zlib.compress(pack(facts, arrays), 9)]),
            pictures=_lines(shared.pictures.images),
            clips=_lines([clip.content for clip, _ in shared.clips.values()]),
        )
    )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8", newline="\n")
    return target


def pack(facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return JSON and arrays as one piece that ``static/share_data.js`` reads.

    Four bytes with the length of the JSON, little-endian; the JSON, padded with blanks; the arrays, each
    padded to a multiple of eight bytes. Under ``arrays`` the JSON has (kind, offset behind it, length) each.
    """
    places, body = {}, b""
    for name, array in arrays.items():
        block = array.astype(array.dtype.newbyteorder("<")).tobytes()
        places[name] = [array.dtype.str[1:], len(body), array.size]
        body += block.ljust(-(-len(block) // 8) * 8, b"\0")
    head = _dump({**facts, "arrays": places})
    head = head.ljust(-(-(4 + len(head)) // 8) * 8 - 4)
    return struct.pack("<I", len(head)) + head + body


def _lines(contents: Sequence[bytes]) -> str:
    """Each content as one line of base64."""
    return "\n".join(base64.b64encode(content).decode() for content in contents)


def _dump(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _describe(shared: Shared) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """JSON and arrays of the page."""
    catalogue = shared.catalogue
    items = [catalogue[segment_id] for segment_id in catalogue]
    row_of = {item["id"]: row for row, item in enumerate(items)}
    videos = {video: place for place, video in enumerate(catalogue.names)}
    rank = {level: place for place, level in enumerate(shared.levels)}
    arrays: dict[str, NDArray[Any]] = {
        "video": np.array([videos[item["video"]] for item in items], np.int32),
        "level": np.array([rank[item["level"]] for item in items], np.uint8),
        "parent": np.array([row_of.get(item["parent"], -1) for item in items], np.int32),
        "start": np.array([item["start"] for item in items], np.float64),
        "end": np.array([item["end"] for item in items], np.float64),
        "coherence": np.array([item["coherence"] for item in items], np.float32),
        "near": shared.near,
        "cosines": shared.cosines,
        "picture": shared.pictures.number,
        "borrowed": shared.pictures.borrowed.astype(np.uint8),
        **shared.arrays,
        **_map_arrays(shared.projection, row_of),
    }
    drawn = shared.projection is not None and len(shared.projection) > 0
    facts = {
        "title": plain(shared.title),
        "subtitle": catalogue.summary("")["subtitle"],
        "levels": [{"name": plain(name), "tier": tier_of(name, shared.levels)} for name in shared.levels],
        "videos": [plain(name) for name in catalogue.names.values()],
        "ids": [item["id"] for item in items],
        "said": [item["transcript"] for item in items],
        "index": shared.index,
        "words": MODALITY_WORDS,
        "caption": caption_of(shared.projection) if drawn and shared.projection is not None else "",
        "regions": [
            {"name": plain(r.name), "x": float(r.xy[0]), "y": float(r.xy[1])}
            for r in shared.regions
            if r.name
        ],
        "shades": SHADES,
        "answers": [_describe_answer(answer, row_of, shared.levels) for answer in shared.answers],
        "notes": {str(row_of[i]): _plain_notes(notes) for i, notes in shared.notes.items() if i in row_of},
        "clips": [_describe_clip(row_of[i], *made) for i, made in shared.clips.items()],
        "remarks": list(shared.remarks),
    }
    return facts, arrays


def _map_arrays(projection: Projection | None, row_of: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Where each segment stands, NaN for those that are not on the map, and what the map tore from it."""
    xy = np.full((len(row_of), 2), np.nan, np.float32)
    torn = np.zeros(len(row_of), np.float32)
    if projection is not None:
        known = [(row_of[i], at) for at, i in enumerate(projection.segment_ids) if i in row_of]
        rows, places = np.array(known, dtype=np.intp).reshape(-1, 2).T
        xy[rows], torn[rows] = projection.xy[places], projection.distortion[places]
    return {"xy": xy, "distortion": torn}


def _describe_answer(answer: Ranking, row_of: Mapping[str, int], levels: Sequence[str]) -> dict[str, Any]:
    """A ranking as it was made in Python; hits on segments that the page lacks are left out."""
    query = describe_query(answer.query, answer.notes)
    hits = [(row_of[hit.segment_id], describe_hit(hit, levels)) for hit in answer if hit.segment_id in row_of]
    kept = ("rank", "raw_rank", "score", "raw_score", "parts", "reading", "also")
    return {
        "text": query["text"],
        "level": plain(answer.level),
        "system": plain(answer.system),
        "raw": answer.kind == "raw",
        "notes": [plain(note) for note in answer.notes],
        "hits": [
            {"row": row, "reasons": [reason["text"] for reason in hit["reasons"]]} | {k: hit[k] for k in kept}
            for row, hit in hits
        ],
    }


def _plain_notes(notes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"note": plain(n["note"]), "tags": [plain(tag) for tag in n["tags"]], "author": plain(n["author"])}
        for n in notes
    ]


def _describe_clip(row: int, clip: Clip, cues: Cues) -> dict[str, Any]:
    return {
        "row": row,
        "type": media_type(clip.content),
        "pace": clip.pace,
        "preview": clip.preview,
        "times": [round(float(time), 4) for time in clip.times_s],
        "cues": [[start_s, end_s, plain(text)] for start_s, end_s, text in cues],
    }
