"""One of every widget with something to see, and every page, for tests that look at all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import reports
import showcase as show
from shared_page import write as write_shared_page
from test_compare_encoders import shown
from test_timeline import VIDEO
from test_timeline import timeline as tree_timeline

from videxplore.stages.segmentation.segment import cut_by_clock
from videxplore.views.base import View
from videxplore.views.catalogue import Catalogue
from videxplore.views.delivery import Clip, settled
from videxplore.views.details import Details
from videxplore.views.encoder_compare import EncoderCompare
from videxplore.views.explorer_bar import ExplorerBar, Notice
from videxplore.views.figures.paint import paint_videos
from videxplore.views.finder import Finder
from videxplore.views.judge import JudgeView, Pool
from videxplore.views.map_bar import MapBar
from videxplore.views.outlets import Outlet
from videxplore.views.pages import (
    write_encoders,
    write_projection,
    write_ranking,
    write_shift,
    write_tree,
)
from videxplore.views.player import Player
from videxplore.views.ranking_compare import RankingCompare
from videxplore.views.review import Piece, ReviewView
from videxplore.views.sunburst import Sunburst
from videxplore.views.timeline import Timeline
from videxplore.workbench.opinions import OpinionBook
from videxplore.workbench.reviewing import blind_order, outcome_of, pieces_of
from videxplore.workbench.timeline import share_of_others

CATALOGUE = Catalogue(show.ROWS)
FILM = show.ROWS[5]["segment_id"]
LEVELS = (("moment", 72), ("scene", 18), ("chapter", 6), ("video", 3))


class Reel:
    """One clip for every segment, also for a glimpse of it."""

    def order(self, segment_id: str, kind: str, formats: Sequence[str], served: bool) -> Future[Clip]:
        return settled(lambda: Clip(show.clip()))

    def cues(self, segment_id: str) -> Future[list[tuple[float, float, str]]]:
        return settled(list)


def pixels() -> dict[str, Any]:
    return {"poster": show.poster, "clip": Reel()}


def player() -> Player:
    return Player(CATALOGUE[FILM], **pixels())


def finder() -> Finder:
    made = Finder(**pixels())
    made.load(show.raw_ranking())
    made.mark([show.raw_ranking()[1].segment_id])
    return made


def refined_finder() -> Finder:
    """With a past, filters of every kind and a weight."""
    names = {tree.video.video_id: tree.video.path.name for tree in show.TREES}
    made = Finder(
        videos=names,
        modalities=("visual", "audio", "text"),
        tags=("goal",),
        k=20,
        history=["rain", show.HOSTILE],
        **pixels(),
    )
    made.set_state({"query": "a gunshot in the dark", "weights": {"audio": 0.5}})
    made.where = "name in ['night street.mp4'] and 3 <= duration_s <= 12 and transcript and coherence > 0.4"
    made.load(show.raw_ranking())
    return made


def details() -> Details:
    made = Details(show.details(), query="a corner kick", **pixels())
    made.on_note(lambda *_: None)
    made.on_tags(lambda *_: None)
    return made


def failed_details() -> Details:
    made = Details()
    made._set(None, "OSError: the disk is gone")
    return made


def failed_finder() -> Finder:
    made = Finder(**pixels())
    made.load(None, "The query is too long: 900 words, at most 512 are read. Say it in fewer.")
    return made


def timeline() -> Timeline:
    made = Timeline(CATALOGUE.tree_of(FILM), poster=show.poster, current_time=20.0)
    made.mark([FILM], {hit.segment_id: hit.rank for hit in show.raw_ranking()})
    return made


def map_bar() -> MapBar:
    made = MapBar({"Segments": ["duration_s"]}, levels=LEVELS, color="video")
    made._named = made._scored = True
    made.explain(paint_videos(show.projection(), CATALOGUE.names))
    return made


def sunburst() -> Sunburst:
    made = Sunburst(CATALOGUE.tree_of(FILM), poster=show.poster, current_time=20.0)
    made.mark([FILM], {hit.segment_id: hit.rank for hit in show.raw_ranking()})
    return made


def explorer_bar() -> ExplorerBar:
    failed = ("broken.mp4: no picture can be decoded. Is the file whole?",)
    made = ExplorerBar(
        title=f"films {show.HOSTILE}",
        outlets=[Outlet("edl", "Edit list", "cut.edl", "a file", lambda *_: "Written.")],
        notices=[Notice("1 video failed", failed, error=True)],
    )
    made._back, made._chosen, made._kept = True, 3, "“rain”, 2 chosen"
    return made


def compare() -> RankingCompare:
    return RankingCompare(
        show.shift(), rank=show.rank, rerankers=show.RERANKERS, queries=show.QUERIES, **pixels()
    )


def judge(*, done: bool = False) -> JudgeView:
    items = tuple(CATALOGUE[row["segment_id"]] for row in show.ROWS[10:16])
    gains = {item["id"]: i % 4 for i, item in enumerate(items)} if done else {items[0]["id"]: 2}
    pools = [Pool(f"a gunshot in the dark {show.HOSTILE}", items, gains)]
    agreed = {"alpha": 0.71, "low": 0.5, "high": 0.9, "judges": 2, "items": 6, "exact": 0.8}
    return JudgeView(pools, save=lambda *_: None, agreement=lambda: agreed, judge="ada", **pixels())


def review(*, answered: int = 0, **traits: Any) -> ReviewView:
    """With so many of Ada's answers."""
    report = reports.full(measures=reports.measures(reports.ROWS[4:7]))
    found = pieces_of(report)
    said = dict.fromkeys(list(found)[:answered], ("agree", "clear"))
    nobody = OpinionBook("nothing")
    return ReviewView(
        report,
        [Piece(name, measure.key, evidence) for name, (measure, evidence) in found.items()],
        said=lambda _: said,
        save=lambda *_: None,
        order=blind_order,
        outcome=lambda: outcome_of(found, nobody),
        kept=f"{show.HOSTILE}.jsonl",
        **pixels(),
        **traits,
    )


WIDGETS: dict[str, Callable[[], View]] = {
    "player": player,
    "player-empty": lambda: Player(**pixels()),
    "finder": finder,
    "finder-refined": refined_finder,
    "finder-failed": failed_finder,
    "finder-empty": lambda: Finder(empty=True),
    "details": details,
    "details-empty": Details,
    "details-failed": failed_details,
    "timeline": timeline,
    "timeline-empty": Timeline,
    "tree-timeline": lambda: tree_timeline(
        other=cut_by_clock(VIDEO, None, 10.0), contaminate=share_of_others
    ),
    "compare": compare,
    "compare-none": lambda: RankingCompare(show.empty_shift()),
    "encoders": lambda: EncoderCompare(shown(), **pixels()),
    "judge": judge,
    "judge-done": lambda: judge(done=True),
    "judge-empty": lambda: JudgeView([], save=lambda *_: None, agreement=dict),
    "map-bar": map_bar,
    "map-bar-empty": MapBar,
    "sunburst": sunburst,
    "review": review,
    "review-blind": lambda: review(answered=3, analyst="ada", blind=True),
    "review-done": lambda: review(answered=12, analyst="ada", blind=True),
    "explorer-bar": explorer_bar,
    "explorer-bar-empty": lambda: ExplorerBar(title="new.lance", empty=True),
}
"""A widget per name of its state."""

PAGES: dict[str, Callable[[Path], Path]] = {
    "shift": lambda path: write_shift(path, show.shift(), show.poster),
    "ranking": lambda path: write_ranking(path, show.raw_ranking(), show.poster),
    "map": lambda path: write_projection(path, show.projection()),
    "encoders": lambda path: write_encoders(path, shown(), show.poster),
    "tree": lambda path: write_tree(path, tree_timeline()),
    "library": write_shared_page,
}
"""A page per name, written to a path."""
