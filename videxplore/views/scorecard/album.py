"""The pictures and clips behind the figures, within so many bytes of the page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any

from videxplore.values.assessments import Evidence, Measure, Moment, SampleReport
from videxplore.views.base import media_type
from videxplore.views.describe import plain, time_range
from videxplore.views.thumbnails import reduce

MomentPixels = Callable[[Moment], bytes | None]
"""From a moment to the bytes of its poster or clip; None where there is none."""

_BASE64 = 4 / 3
_SIZE = (240, 135)


class Album:
    """Pictures and clips of moments, each made once; the first of every figure before the second of any.

    Args:
        report: whose evidence is shown.
        poster: moment to a picture that Pillow reads.
        clip: moment to a short film; None leaves films out.
        picture_bytes: what pictures take of the page at most.
        clip_bytes: what clips take of it at most.

    Attributes:
        remarks: sentences on what is left out.
    """

    def __init__(
        self,
        report: SampleReport,
        poster: MomentPixels | None,
        clip: MomentPixels | None,
        picture_bytes: int,
        clip_bytes: int,
    ) -> None:
        self._names = {video_id: path.name for video_id, path in report.files.items()}
        self._names |= {video.video_id: video.name for video in report.videos}
        wanted = _in_turn(report.measures)
        self._posters, no_room, missing = _within(wanted, _smaller(poster), picture_bytes)
        self.remarks: list[str] = []
        if poster is None and wanted:
            self.remarks.append("Pictures are left out: where the videos are was not said.")
        elif no_room:
            self.remarks.append(
                f"{no_room} of {len(wanted)} pictures found no room in {picture_bytes / 1e6:g} MB."
            )
        if poster is not None and missing:
            self.remarks.append(f"{missing} of {len(wanted)} pictures could not be made.")
        self._clips, no_room, missing = _within(wanted, clip, clip_bytes)
        if clip is not None and no_room:
            self.remarks.append(f"{no_room} of {len(wanted)} clips found no room in {clip_bytes / 1e6:g} MB.")
        if clip is not None and missing:
            self.remarks.append(f"{missing} of {len(wanted)} clips could not be made.")
        if clip is None and wanted:
            self.remarks.append("Clips are left out of this page; times say where to look.")

    def describe(self, evidence: Evidence) -> dict[str, Any]:
        """Return one piece of evidence with its pictures, for the template."""
        twin = evidence.twin
        return {
            "moment": self._show(evidence.moment),
            "twin": None if twin is None else self._show(twin),
            "score": None if evidence.score != evidence.score else evidence.score,
        }

    def _show(self, moment: Moment) -> dict[str, Any]:
        name = self._names.get(moment.video_id, moment.video_id[:12])
        return {
            "name": plain(name),
            "time": time_range(moment.span.start_s, moment.span.end_s),
            "note": plain(moment.note),
            "owned": moment.owned,
            "poster": self._posters.get(moment, ""),
            "clip": self._clips.get(moment, ""),
        }


def _in_turn(measures: tuple[Measure, ...]) -> list[Moment]:
    """Every moment once: the first of all figures, then the second."""
    turns = zip_longest(*(measure.evidence for measure in measures))
    found = (one for turn in turns for one in turn if one is not None)
    moments = (moment for one in found for moment in (one.moment, one.twin) if moment is not None)
    return list(dict.fromkeys(moments))


def _within(
    wanted: list[Moment], make: MomentPixels | None, budget: int
) -> tuple[Mapping[Moment, str], int, int]:
    """Data URIs that together fit into the budget; how many found no room, how many could not be made."""
    made: dict[Moment, str] = {}
    room, no_room, missing = float(budget), 0, 0
    for moment in wanted if make is not None else ():
        if room <= 0:
            no_room += 1
            continue
        content = make(moment) if make is not None else None
        if not content:
            missing += 1
        elif _BASE64 * len(content) > room:
            no_room += 1
        else:
            room -= _BASE64 * len(content)
            made[moment] = f"data:{media_type(content)};base64,{base64.b64encode(content).decode()}"
    return made, no_room, missing


def _smaller(poster: MomentPixels | None) -> MomentPixels | None:
    if poster is None:
        return None

    def made(moment: Moment) -> bytes | None:
        content = poster(moment)
        return reduce(content, _SIZE, 70) if content else None

    return made
