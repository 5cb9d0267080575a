"""Verdict and figures of a report as plain dictionaries, for the page and the review."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from videxplore.values.assessments import DECIDING, PARTS, Measure, SampleReport
from videxplore.values.decisions import Light
from videxplore.values.licensing import Estimate
from videxplore.values.media import counted
from videxplore.views.describe import plain
from videxplore.views.scorecard.album import Album
from videxplore.views.scorecard.amounts import figure, interval
from videxplore.views.scorecard.drawings import draw_interval

COLORS = {"green": "met", "amber": "undecided", "red": "not met", "none": "cannot say"}
"""What a light says, in words; each has a shape of its own as well."""

PART_TITLES = {
    "technical": "Technical quality",
    "redundancy": "Repetition",
    "novelty": "Novelty",
    "coverage": "Coverage of what is owned",
    "diversity": "Diversity",
    "breadth": "Breadth",
    "topics": "Topics",
    "language": "Language and speech",
}
"""Parts of a report as people read them."""

LIGHT_TITLES = {
    "usable": "Usable",
    "novel": "New to the owner",
    "redundant": "Repeats others",
    "owned": "Copies of what is owned",
    "unseen": "Of topics not seen yet",
    "sources": "Effective sources",
}

DESCRIBED = "Describes the sample only."
"""Said of every figure of a sample from which nothing is inferred."""

_SIDES = {"usable": "least", "novel": "least", "sources": "least"}


def outcome_color(report: SampleReport) -> str:
    """Return the colour of the verdict itself."""
    return {"license": "green", "decline": "red"}.get(report.verdict.outcome, "amber")


def measure_of(report: SampleReport, light: Light) -> Measure | None:
    """Return the figure that a light is about."""
    return next((m for m in report.measures if m.key == DECIDING.get(light.name)), None)


def light_of(report: SampleReport, measure: Measure) -> Light | None:
    """Return the light that is about a figure."""
    return next((light for light in report.verdict.lights if DECIDING.get(light.name) == measure.key), None)


def describe_lights(report: SampleReport) -> list[dict[str, Any]]:
    """Return each figure against its threshold."""
    rows = []
    for light in report.verdict.lights:
        measure, unit = measure_of(report, light), _unit(light)
        counts = light.name == "sources"
        rows.append(
            {
                "title": LIGHT_TITLES.get(light.name, plain(light.name)),
                "color": light.color,
                "word": COLORS[light.color],
                "shown": figure(light.estimate.value, unit),
                "interval": interval(light.estimate, unit) if light.estimate.estimated and not counts else "",
                "asked": f"at {_SIDES.get(light.name, 'most')} {figure(light.threshold, unit)}",
                "drawing": draw_interval(light.estimate, unit, light.threshold),
                "sentence": why_not(report, light.estimate),
                "anchor": "sample" if counts else anchor(measure) if measure else "",
            }
        )
    return rows


def describe_measures(report: SampleReport, album: Album) -> list[dict[str, Any]]:
    """Return the figures by part, each with its drawing and its evidence, numbered as they are met."""
    number = 0
    groups = []
    for part, own in groupby(sorted(report.measures, key=_place), key=lambda measure: measure.part):
        rows = []
        for measure in own:
            row = describe_measure(report, measure)
            row["evidence"] = [album.describe(one) for one in measure.evidence]
            number += bool(measure.evidence)
            row["number"] = number if measure.evidence else 0
            rows.append(row)
        groups.append({"part": part, "title": PART_TITLES[part], "rows": rows})
    return groups


def describe_measure(report: SampleReport, measure: Measure) -> dict[str, Any]:
    """Return one figure in words and as a drawing; without an interval the reason stands in its place."""
    found, unit, light = measure.estimate, measure.unit, light_of(report, measure)
    return {
        "key": measure.key,
        "anchor": anchor(measure),
        "title": plain(measure.title),
        "about": plain(measure.about),
        "unit": plain(unit),
        "shown": figure(found.value, unit),
        "interval": interval(found, unit) if found.estimated else "",
        "reason": why_not(report, found),
        "method": plain(found.method) if found.estimated else "",
        "rests": f"{counted(found.clips, 'clip')}, {counted(found.sources, 'source')}",
        "color": "" if light is None else light.color,
        "word": "" if light is None else COLORS[light.color],
        "drawing": draw_interval(found, unit, None if light is None else light.threshold),
        "pieces": _pieces(measure),
    }


def _pieces(measure: Measure) -> str:
    """How many moments are shown, of how many."""
    shown = counted(len(measure.evidence), "moment")
    return (
        f"{len(measure.evidence)} of {measure.moments:,} moments"
        if measure.moments > len(measure.evidence)
        else shown
    )


def why_not(report: SampleReport, estimate: Estimate) -> str:
    """Return why there is no interval; what holds for all figures alike is said once, with the sample."""
    if estimate.reason and estimate.reason == report.check.refusal:
        return DESCRIBED
    return plain(estimate.reason)


def anchor(measure: Measure) -> str:
    """Return a name for links: letters, digits and hyphens of the key."""
    return "m-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in measure.key)


def _place(measure: Measure) -> int:
    return PARTS.index(measure.part)


def _unit(light: Light) -> str:
    return "sources" if light.name == "sources" else "share of hours"
