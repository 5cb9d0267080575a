"""Still copies of the widgets as HTML fragments: what a notebook shows when no kernel runs.

All text goes through Jinja2 with autoescape on; this module is the one place where values meet HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise, zip_longest
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from videxplore.values.media import format_time
from videxplore.values.rankings import Ranking
from videxplore.values.reports import RankingShift
from videxplore.values.vectors import Projection
from videxplore.views.assets import styles
from videxplore.views.base import Pixels
from videxplore.views.describe import describe_ranking
from videxplore.views.mapping import caption_of, still_map
from videxplore.views.packing import bare_css
from videxplore.views.shifts import describe_shift
from videxplore.views.small_map import small_map
from videxplore.views.thumbnails import thumbnail
from videxplore.views.tokens import STATIC

_ROW = 73  # height of a row of the comparison, with its line
_GAP = 36
_MOST_VIDEOS = 6  # in the still copy of an explorer, with a picture each


@cache
def environment() -> Environment:
    """The one template environment: autoescape on, unknown names are errors."""
    made = Environment(loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined)
    made.trim_blocks = made.lstrip_blocks = True
    made.filters["clock"] = format_time
    made.filters["score"] = _score
    return made


def _score(value: float, signed: bool = False, digits: int = 2) -> str:
    """So many decimals with a true minus sign."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return f"±{text}" if signed else text
    return ("−" if value < 0 else "+" if signed else "") + text


def render(name: str, poster: Pixels | None = None, **context: Any) -> str:
    """Return the fragment ``name`` of ``stills.html`` with the shared style sheet around it."""
    template = environment().get_template(f"{name}.html")
    return template.render(thumb=lambda segment_id: thumbnail(poster, segment_id), **context)


def fragment(body: str) -> str:
    """Return ``body`` with the styles it needs, to stand alone in a notebook output."""
    return f'<style>{bare_css(styles("stills"))}</style><div class="vx vx-still">{body}</div>'


def body_shift(shift: RankingShift, poster: Pixels | None, *, pinned: Sequence[str] = ()) -> str:
    """A comparison as one table, a column per ranking, with lines and signs; all reasons folded below.

    Args:
        shift: the comparison.
        poster: segment id to JPEG bytes.
        pinned: the words of other queries that can be flipped to where a kernel runs.
    """
    data = describe_shift(shift)
    columns = data["columns"]
    longest = max(len(column["ids"]) for column in columns)
    scores = [move["score"] or 0.0 for column in columns for move in column["moves"].values()]
    return render(
        "still_shift",
        poster,
        data=data,
        pinned=pinned,
        rows=list(zip_longest(*(column["ids"] for column in columns))),
        gaps=[_links(left["ids"], column, raw=i == 0) for i, (left, column) in enumerate(pairwise(columns))],
        longest=longest,
        row=_ROW,
        gap=_GAP,
        largest=max([0.0, *scores]),
    )


def _links(left: Sequence[str], column: Mapping[str, Any], *, raw: bool) -> list[dict[str, Any]]:
    """The lines from one column to the next, in pixels; only those from the raw ranking tell up from down."""
    middle = {i: _ROW * rank + _ROW / 2 for rank, i in enumerate(left)}
    half = _GAP / 2
    drawn = []
    for rank, i in enumerate(column["ids"]):
        if i in middle:
            end = _ROW * rank + _ROW / 2
            path = f"M0 {middle[i]:g} C{half:g} {middle[i]:g} {half:g} {end:g} {_GAP} {end:g}"
            drawn.append({"path": path, "state": column["moves"][i]["state"] if raw else "path"})
    return drawn


def body_ranking(ranking: Ranking, poster: Pixels | None) -> str:
    """A ranking as a table with posters."""
    data = describe_ranking(ranking)
    largest = max([0.0, *(h["score"] for h in data["hits"])])
    return render("still_ranking", poster, data=data, largest=largest)


def body_map(projection: Projection) -> str:
    """A map of segments as a small SVG drawing with its caption."""
    return render("still_map", map=still_map(projection), caption=caption_of(projection))


def still_shift(shift: RankingShift, poster: Pixels | None, *, pinned: Sequence[str] = ()) -> str:
    """The still copy of a :class:`~videxplore.views.ranking_compare.RankingCompare`."""
    return fragment(body_shift(shift, poster, pinned=pinned))


def still_ranking(ranking: Ranking, poster: Pixels | None) -> str:
    """A ranking with posters, to stand alone."""
    return fragment(body_ranking(ranking, poster))


def still_player(item: Mapping[str, Any], poster: Pixels | None) -> str:
    """The still copy of a :class:`~videxplore.views.player.Player`."""
    return fragment(render("still_player", poster, item=item))


def still_explorer(summary: Mapping[str, Any], projection: Projection | None, poster: Pixels | None) -> str:
    """The still copy of an :class:`~videxplore.views.explorer.ExplorerView`: map and videos, never large."""
    videos = summary["videos"]
    more = f", of which the first {_MOST_VIDEOS} are shown" if len(videos) > _MOST_VIDEOS else ""
    listed = {**summary, "videos": videos[:_MOST_VIDEOS], "subtitle": summary["subtitle"] + more}
    drawn = ""
    if projection is not None and len(projection):
        drawn = render("still_small_map", map=small_map(projection), caption=caption_of(projection))
    return fragment(drawn + render("still_library", poster, data=listed))
