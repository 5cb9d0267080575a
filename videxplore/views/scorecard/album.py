"""The pictures and clips behind the figures, within so many bytes of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Any

from videxplore.values.assessments import Evidence, Measure, Moment, SampleReport
from videxplore.views.base import data_uri
from videxplore.views.describe import plain, time_range
from videxplore.views.thumbnails import reduce

MomentPixels = Callable[[Moment], bytes | None]
"""From a moment to the bytes of its poster or clip; None where there is none."""

_BASE64 = 4 / 3
_SIZE = (240, 135)
_AHEAD = 8
_WORKERS = 3


class Album:
    """Pictures and clips of moments, each made once; the first of every figure before the second of any.

    Args:
        report: whose evidence is shown.
        poster: moment to a picture that Pillow reads; called from several threads.
        clip: moment to a short film, likewise; None leaves films out.
        picture_bytes: what pictures take of the page at most; one counts as often as it is shown.
        clip_bytes: what clips take of it at most; each is there once.

    Attributes:
        remarks: sentences on what is left out.
        clips: data URIs of the films, as :meth:`describe` numbers them.
    """

    def __init__(
        self,
        report: SampleReport,
        poster: MomentPixels | None,
        clip: MomentPixels | None,
        picture_bytes: int,
        clip_bytes: int,
    ) -> None:
        self._names = names_of(report)
        wanted = _in_turn(report.measures)
        self.remarks: list[str] = []
        self._posters = self._fill("pictures", _smaller(poster), wanted, picture_bytes)
        made = self._fill("clips", clip, dict.fromkeys(wanted, 1), clip_bytes)
        self.clips = list(made.values())
        self._clips = {moment: number for number, moment in enumerate(made)}
        if poster is None and wanted:
            self.remarks.append("Pictures are left out: where the videos are was not said.")
        if clip is None and wanted:
            self.remarks.append("Clips are left out of this page; times say where to look.")

    def describe(self, evidence: Evidence) -> dict[str, Any]:
        """Return one piece of evidence with its pictures, for the template."""
        twin = evidence.twin
        return {"moment": self._show(evidence.moment), "twin": None if twin is None else self._show(twin)}

    def _show(self, moment: Moment) -> dict[str, Any]:
        return {
            "name": self._names.get(moment.video_id, plain(moment.video_id[:12])),
            "time": time_range(moment.span.start_s, moment.span.end_s),
            "note": plain(moment.note),
            "owned": moment.owned,
            "poster": self._posters.get(moment, ""),
            "clip": self._clips.get(moment),
        }

    def _fill(
        self, what: str, make: MomentPixels | None, wanted: Mapping[Moment, int], budget: int
    ) -> dict[Moment, str]:
        """Data URIs that together fit into the budget, with a remark on what is left out."""
        if make is None:
            return {}
        moments = list(wanted)
        made, room, no_room, missing = {}, float(budget), 0, 0
        with ThreadPoolExecutor(_WORKERS) as pool:  # FFmpeg and Pillow work without the interpreter's lock
            for begin in range(0, len(wanted), _AHEAD):
                some = moments[begin : begin + _AHEAD]
                if room <= 0:
                    no_room += len(some)
                    continue
                for moment, content in zip(some, pool.map(make, some), strict=True):
                    need = _BASE64 * len(content or b"") * wanted[moment]
                    missing += not content
                    no_room += need > room
                    if content and need <= room:
                        room -= need
                        made[moment] = data_uri(content)
        if no_room:
            self.remarks.append(f"{no_room} of {len(wanted)} {what} found no room in {budget / 1e6:g} MB.")
        if missing:
            self.remarks.append(f"{missing} of {len(wanted)} {what} could not be made.")
        return made


def names_of(report: SampleReport) -> dict[str, str]:
    """Return what to call each video: its source before its name, where the source is known."""
    names = {video_id: path.name for video_id, path in report.files.items()}
    names |= {v.video_id: f"{v.source} · {v.name}" if v.source else v.name for v in report.videos}
    return {video_id: plain(name) for video_id, name in names.items()}


def _in_turn(measures: Sequence[Measure]) -> dict[Moment, int]:
    """How often each moment is shown: the first of all figures, then the second."""
    turns = zip_longest(*(measure.evidence for measure in measures))
    found = (one for turn in turns for one in turn if one is not None)
    return Counter(moment for one in found for moment in (one.moment, one.twin) if moment is not None)


def _smaller(poster: MomentPixels | None) -> MomentPixels | None:
    if poster is None:
        return None

    def made(moment: Moment) -> bytes | None:
        content = poster(moment)
        return reduce(content, _SIZE, 70) if content else None

    return made
