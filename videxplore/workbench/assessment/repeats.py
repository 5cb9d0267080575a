"""What of the sample repeats other files of it, and what is a copy of what is owned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from videxplore.stages.licensing.copies import Copy, copy_groups
from videxplore.stages.licensing.fingerprints import Fingerprint
from videxplore.stages.licensing.redundancy import redundancy
from videxplore.stages.licensing.technical.spans import join
from videxplore.values.assessments import Evidence, Measure, Moment
from videxplore.values.licensing import Estimate
from videxplore.values.media import Span
from videxplore.workbench.assessment.case import Case, Telling, measured, spread_out
from videxplore.workbench.assessment.condition import NOT_LOOKED
from videxplore.workbench.assessment.copying import Copying
from videxplore.workbench.assessment.novelties import NOTHING_OWNED

ALL_ALIKE = "exactly the same file"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A stretch of a file that repeats another.

    Attributes:
        film: row of the file.
        span: in it.
        twin: where the same is.
        within: whether that is a file of the same source.
        likeness: of the pictures, 0 to 1.
        note: what was done to one of the two.
    """

    film: int
    span: Span
    twin: Moment
    within: bool
    likeness: float
    note: str


@dataclass(frozen=True, eq=False)
class Repeats:
    """All that repeats.

    Attributes:
        looked: rows of the files that were looked at.
        inside: repeats of other files of the sample; of each pair the shorter file is the one that repeats.
        owned: repeats of what is owned.
        reason: why the owned could not be looked at; empty where it was.
        groups: per file looked at, the group of those that are mostly the same.
    """

    looked: tuple[int, ...]
    inside: tuple[Repeat, ...]
    owned: tuple[Repeat, ...]
    reason: str
    groups: tuple[int, ...]

    def spans(self, films: int) -> list[list[Span] | None]:
        """Per file what of it repeats anything; None for files that nobody looked at."""
        found: list[list[Span] | None] = [None] * films
        for row in self.looked:
            found[row] = []
        for repeat in (*self.inside, *self.owned):
            found[repeat.film].append(repeat.span)  # type: ignore[union-attr]
        return found


def find_repeats(
    case: Case,
    copying: Copying,
    pictures: Mapping[str, Fingerprint],
    owned: Mapping[str, Fingerprint] | None,
    reason: str = "",
) -> Repeats:
    """Find what repeats, by pictures; files of the same content repeat one another wholly.

    Args:
        case: the sample.
        copying: finds copies.
        pictures: video id -> fingerprint, of the sample's files.
        owned: of what is owned; None where its files cannot be looked at.
        reason: why they cannot; nothing is owned where it is empty.
    """
    films = case.films
    looked = tuple(row for row, film in enumerate(films) if film.video_id in pictures)
    rows: dict[str, list[int]] = {}
    for row in sorted(looked, key=lambda row: (-films[row].duration_s, row)):
        rows.setdefault(films[row].video_id, []).append(row)
    prints = [pictures[video_id] for video_id in sorted(rows)]
    copies = copying.find(prints)
    place = {video_id: i for i, video_id in enumerate(sorted(rows))}
    found = copy_groups(copies, prints)
    inside = [*_exact(case, rows), *_alike(case, rows, copies)]
    theirs = [] if owned is None else _owned(case, copying, rows, prints, owned)
    why = "" if owned is not None else reason or NOTHING_OWNED
    groups = tuple(int(found[place[films[row].video_id]]) for row in looked)
    return Repeats(looked, tuple(inside), tuple(theirs), why, groups)


def _exact(case: Case, rows: Mapping[str, Sequence[int]]) -> list[Repeat]:
    """All files of one content but the first."""
    found = []
    for first, *others in rows.values():
        span = Span(0.0, case.films[first].duration_s)
        for number, row in enumerate(others):
            earlier = {case.sources[one] for one in (first, *others[:number])}
            twin = Moment(case.films[first].video_id, span, case.films[first].name)
            found.append(Repeat(row, span, twin, case.sources[row] in earlier, 1.0, ALL_ALIKE))
    return found


def _alike(case: Case, rows: Mapping[str, Sequence[int]], copies: Sequence[Copy]) -> list[Repeat]:
    """Of each pair the file that comes later by length repeats the other, at all places where it lies."""
    order = {video_id: number for number, video_id in enumerate(rows)}
    found = []
    for copy in copies:
        ends = [(copy.video_id, copy.span), (copy.of_video_id, copy.of_span)]
        ends.sort(key=lambda end: (order[end[0]], end[1]))
        (kept, kept_span), (extra, extra_span) = ends
        sources = {case.sources[row] for row in rows[kept]}
        twin = Moment(kept, kept_span, case.films[rows[kept][0]].name)
        found += [
            Repeat(row, extra_span, twin, case.sources[row] in sources, copy.likeness, _changed(copy))
            for row in rows[extra]
        ]
    return found


def _owned(
    case: Case,
    copying: Copying,
    rows: Mapping[str, Sequence[int]],
    prints: Sequence[Fingerprint],
    owned: Mapping[str, Fingerprint],
) -> list[Repeat]:
    side = case.owned
    names = {} if side is None else {film.video_id: film.name for film in side.films}
    found = []
    for video_id in sorted(set(rows) & set(owned)):
        span = Span(0.0, owned[video_id].duration_s)
        twin = Moment(video_id, span, names[video_id], owned=True)
        found += [Repeat(row, span, twin, False, 1.0, ALL_ALIKE) for row in rows[video_id]]
    for copy in copying.find(prints, list(owned.values())):
        twin = Moment(copy.of_video_id, copy.of_span, names[copy.of_video_id], owned=True)
        found += [
            Repeat(row, copy.span, twin, False, copy.likeness, _changed(copy))
            for row in rows[copy.video_id]
            if copy.video_id != copy.of_video_id
        ]
    return found


def _changed(copy: Copy) -> str:
    """What tells the copy from its twin, in words."""
    said = ["mirrored"] if copy.mirrored else []
    if min(copy.height, copy.width) < 1:
        said.append(f"one shows {copy.width:.0%} × {copy.height:.0%} of the other")
    return f"the same pictures, likeness {copy.likeness:.2f}" + "".join(f", {one}" for one in said)


def redundancy_measures(case: Case, repeats: Repeats) -> list[Measure]:
    """Share of hours that repeat; evidence are the surest, each with its twin."""
    within = [repeat for repeat in repeats.inside if repeat.within]
    owned = case.refused(repeats.reason) if repeats.reason else _share(case, repeats, repeats.owned)
    return [
        measured(
            "redundancy.extra",
            "Repeated within the sample",
            _share(case, repeats, repeats.inside),
            "Share of hours that show the same as a longer or earlier file, however it was encoded, cropped, "
            "trimmed or mirrored. A lower bound for the archive: copies whose twin was not drawn go unseen.",
            _surest(case, repeats.inside),
        ),
        measured(
            "redundancy.in_source",
            "Repeated within a source",
            _share(case, repeats, within),
            "The same for files of one source alone, which are all found where sources were drawn whole.",
            _surest(case, within),
        ),
        measured(
            "redundancy.owned",
            "Copies of what is owned",
            owned,
            "Share of hours that show the same as a file that is owned.",
            _surest(case, repeats.owned),
        ),
        _pairs(case, repeats),
    ]


def _share(case: Case, repeats: Repeats, found: Sequence[Repeat]) -> Estimate:
    if not repeats.looked:
        return case.refused(NOT_LOOKED)
    spans: dict[int, list[Span]] = {}
    for repeat in found:
        spans.setdefault(repeat.film, []).append(repeat.span)
    parts = np.zeros(len(case.films))
    for row, mine in spans.items():
        parts[row] = sum(span.duration_s for span in join(mine)) / case.films[row].duration_s
    return case.film_share(parts, repeats.looked)


def _surest(case: Case, found: Sequence[Repeat]) -> Telling:
    def make(row: int) -> Evidence:
        one = found[row]
        moment = Moment(case.films[one.film].video_id, one.span, one.note)
        return Evidence(moment, one.twin, one.likeness)

    order = sorted(range(len(found)), key=lambda row: (-found[row].likeness, found[row].film, row))
    return spread_out(order, [repeat.film for repeat in found], make)


def _pairs(case: Case, repeats: Repeats) -> Measure:
    """Copies among pairs of files from different sources, with the bound that few copies leave."""
    names = [case.sources[row] for row in repeats.looked]
    if not names:
        estimate = case.refused(NOT_LOOKED)
    elif len(set(names)) < 2:
        estimate = case.refused(case.refusal or "Cannot estimate: all files come from one source.")
    else:
        found = redundancy(repeats.groups, names, seed=case.seed)
        method = "upper 95 % bound (Poisson), each two sources one observation"
        estimate = case.settled(
            Estimate(found.pair_rate, 0.0, found.pair_bound, len(names), len(set(names)), method)
        )
    about = (
        "Share of pairs of files from different sources that are mostly the same. Times the number of files "
        "of the archive it is how many twins each has there, which a small sample cannot show."
    )
    return measured(
        "redundancy.pairs", "Copies across sources, by pairs", estimate, about, unit="share of pairs"
    )
