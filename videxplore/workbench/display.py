"""Show any value: as a figure, as a widget, as a page, or played."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videxplore.values.assessments import SampleReport
from videxplore.values.checks import check_kind
from videxplore.values.comparisons import EncoderComparison
from videxplore.values.rankings import Hit, Ranking
from videxplore.values.reports import EvaluationReport, RankingShift
from videxplore.values.segments import Segment, SegmentTree
from videxplore.values.vectors import Projection
from videxplore.workbench.comparing import show_shift
from videxplore.workbench.encoder_comparison import locate_disagreements
from videxplore.workbench.library import Library
from videxplore.workbench.pixels import pixels_of
from videxplore.workbench.timeline import timeline

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from videxplore.views.encoder_compare import EncoderCompare
    from videxplore.views.player import Player
    from videxplore.views.ranking_compare import RankingCompare
    from videxplore.views.review import ReviewView
    from videxplore.views.scatter_map import ScatterMap
    from videxplore.views.tree_timeline import TreeTimeline
    from videxplore.workbench.explorer import Explorer

_BACKENDS = ("plotly", "scatter")


def figure(value: Any, **options: Any) -> go.Figure:
    """Draw a value with plotly.

    Args:
        value: a :class:`Projection`, a :class:`Library` (its map is made first), a :class:`RankingShift`,
            a :class:`SegmentTree`, an :class:`EvaluationReport`, an :class:`EncoderComparison` or a
            :class:`SampleReport`.
        **options: ``theme="light" | "dark"``, dark by default where plotly's template is a dark one
            (``plotly.io.templates.default = "plotly_dark"``). For a map also ``color="level" | "video" |
            "distortion"`` or values per point, ``regions`` (of :func:`videxplore.regions`), ``neighbours_of``
            (a segment id), ``height`` and ``title``. For a library besides ``projection``, to draw one at
            hand, and ``color`` by a column of ``library.segments()`` or a named attribute of its encoder;
            regions are labelled unless ``regions=()``. For a comparison ``other``, which ranking to draw.

    Raises:
        TypeError: there is no figure for such a value.
    """
    import plotly.io as pio

    from videxplore.views.figures.charts import CHART_FIGURES
    from videxplore.views.figures.encoders import encoders_figure
    from videxplore.views.figures.licensing import assessment_figure
    from videxplore.views.figures.reports import evaluation_figure
    from videxplore.views.figures.segment_map import map_figure
    from videxplore.views.figures.shift import shift_figure
    from videxplore.views.figures.tree import tree_figure

    # A kernel cannot know the theme of the page; whoever wants every figure dark tells plotly so.
    options.setdefault("theme", "dark" if "dark" in str(pio.templates.default) else "light")
    if isinstance(value, Library):
        from videxplore.workbench.map_options import library_map

        return library_map(value, **options)
    drawers: dict[type, Callable[..., go.Figure]] = {
        Projection: map_figure,
        RankingShift: shift_figure,
        SegmentTree: tree_figure,
        EvaluationReport: evaluation_figure,
        EncoderComparison: encoders_figure,
        SampleReport: assessment_figure,
        **CHART_FIGURES,
    }
    return _pick(value, drawers)(value, **options)


def show(
    value: Any, *, library: Library | None = None, backend: str = "plotly", **options: Any
) -> Explorer | RankingCompare | EncoderCompare | TreeTimeline | Player | ReviewView | ScatterMap | go.Figure:
    """Return a widget that shows a value; as the last line of a cell it appears.

    Args:
        value: a :class:`Library` (the explorer), a :class:`RankingShift` (the side-by-side comparison,
            reranked live), an :class:`EncoderComparison` (where two encoders disagree), a
            :class:`SegmentTree` (:func:`timeline`), a :class:`Segment` or :class:`Hit` (the player), a
            :class:`SampleReport` (the review of its evidence). Values without a widget of their own give
            their figure.
        library: where pictures come from. Without it they are cut from the video files that the hits name.
        backend: ``"plotly"``; or ``"scatter"``, a map of a :class:`Library` or :class:`Projection` that stays
            fast with millions of points (extra ``scatter``), with the trait ``selection``.
        **options: passed to the widget or figure; for a comparison also ``explorer``, an :class:`Explorer`
            whose map then shows what is compared and chosen; for a report ``opinions`` and ``analyst``, see
            :func:`~.reviewing.review`.

    Raises:
        TypeError: there is nothing to show such a value with.
        ValueError: no such backend.
        MissingExtraError: ``backend="scatter"`` without the extra.
    """
    if backend not in _BACKENDS:
        raise ValueError(f"backend must be one of {', '.join(_BACKENDS)}, got {backend!r}.")
    if backend == "scatter":
        from videxplore.workbench.scatter_map import scatter_map

        return scatter_map(value, **options)
    if isinstance(value, Library):
        from videxplore.workbench.explorer import Explorer

        return Explorer(value, **options)
    if isinstance(value, RankingShift):
        return show_shift(value, library=library, **options)
    if isinstance(value, EncoderComparison):
        from videxplore.views.encoder_compare import EncoderCompare

        located = locate_disagreements(value, library)
        pixels = pixels_of(located, library)
        return EncoderCompare(located, poster=pixels.poster, clip=pixels.clip, **options)
    if isinstance(value, SegmentTree):
        return timeline(value, library=library, **options)
    if isinstance(value, (Segment, Hit)):
        return play(value, library=library, **options)
    if isinstance(value, SampleReport):
        from videxplore.workbench.reviewing import review

        return review(value, library=library, **options)
    return figure(value, **options)


def play(value: Segment | Hit | Library, segment_id: str | None = None, **options: Any) -> Player:
    """Return a player of exactly one segment.

    Args:
        value: a :class:`Hit`; a :class:`Segment` together with ``library=``; or a :class:`Library`
            together with ``segment_id``.
        segment_id: which segment of the library to play.
        **options: ``library``, ``autoplay``.

    Raises:
        TypeError: a value of another kind, or a library or segment without the other.
    """
    from videxplore.views.describe import describe_segment
    from videxplore.views.player import Player

    library = options.pop("library", None)
    if library is not None:
        check_kind("library", library, Library, "a vx.Library")
    catalogue = None
    if isinstance(value, Library):
        if segment_id is None:
            raise TypeError("play(library, segment_id) needs the id of the segment to play.")
        check_kind("segment_id", segment_id, str, "the id of a segment, such as hit.segment_id")
        value, library = value.segment(segment_id), value
    if isinstance(value, Segment):
        if library is None:
            raise TypeError("play(segment) needs library=, which knows the file of the segment's video.")
        from videxplore.workbench.explorer import catalogue_of

        catalogue = catalogue_of(library)
        item = catalogue.with_parts(value.segment_id)
    elif isinstance(value, Hit):
        item = describe_segment(
            value.segment_id,
            video=value.video,
            level=value.level,
            start_s=value.start_s,
            end_s=value.end_s,
            transcript=value.transcript,
        )
    else:
        raise TypeError(f"play takes a Segment, a Hit or a Library, got {type(value).__name__}.")
    pixels = pixels_of(value, library)
    player = Player(item, poster=pixels.poster, clip=pixels.clip, **options)
    if catalogue is not None:
        parts = catalogue
        player.on_choose(lambda part, play: player.load(parts.with_parts(part), play=play))
    return player


def page(value: Any, path: str | os.PathLike[str], *, library: Library | None = None, **options: Any) -> Path:
    """Write a value as one self-contained HTML file and return its path.

    Args:
        value: a :class:`RankingShift`, a :class:`Ranking`, an :class:`EncoderComparison`, a
            :class:`SegmentTree`, a :class:`Projection`, a :class:`Library`, a :class:`SampleReport` (the
            scorecard), or anything that :func:`figure` draws.
        path: of the file to write.
        library: where posters come from, as in :func:`show`.
        **options: passed to the figure, where the page is one; ``other`` for a tree, as in :func:`timeline`;
            for a library ``queries``, ``reranker``, ``clips`` and more, see :func:`~.sharing.share`; for a
            report ``clips`` and ``score``, see :func:`~.scorecard.write_scorecard`.

    Raises:
        TypeError: there is no page for such a value.
    """
    from videxplore.views import pages

    if isinstance(value, Library):
        from videxplore.workbench.sharing import share

        return share(value, path, **options)
    if isinstance(value, SampleReport):
        from videxplore.workbench.scorecard import write_scorecard

        return write_scorecard(value, path, library=library, **options)
    if isinstance(value, (RankingShift, Ranking, EncoderComparison)):
        _take_none(options, value)
    if isinstance(value, RankingShift):
        return pages.write_shift(path, value, pixels_of(value, library).poster)
    if isinstance(value, Ranking):
        return pages.write_ranking(path, value, pixels_of(value, library).poster)
    if isinstance(value, EncoderComparison):
        located = locate_disagreements(value, library)
        return pages.write_encoders(path, located, pixels_of(located, library).poster)
    if isinstance(value, SegmentTree):
        return pages.write_tree(path, timeline(value, library=library, **options))
    return pages.write_figure(path, figure(value, **options))


def _pick(value: Any, drawers: dict[type, Callable[..., Any]]) -> Callable[..., Any]:
    """The drawer for a value's type."""
    for kind, drawer in drawers.items():
        if isinstance(value, kind):
            return drawer
    if isinstance(value, Ranking):
        raise TypeError(
            "a Ranking has no figure and no widget: as the last line of a cell it shows itself, "
            "vx.show(vx.compare(ranking, vx.rerank(ranking))) shows two, vx.page writes one."
        )
    allowed = ", ".join(kind.__name__ for kind in (Library, *drawers))
    raise TypeError(f"there is no figure of a {type(value).__name__}; there is one of {allowed}.")


def _take_none(options: Mapping[str, Any], value: Any) -> None:
    """Refuse options where a page takes none: they would be dropped in silence."""
    if options:
        raise TypeError(f"the page of a {type(value).__name__} takes no {', '.join(options)}.")
