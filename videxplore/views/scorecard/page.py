"""The scorecard as one HTML file: opened without network, printed, handed on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from videxplore.values.assessments import SampleReport
from videxplore.values.licensing import PredictionScore
from videxplore.views.assets import bundle, styles
from videxplore.views.describe import file_name, plain
from videxplore.views.scorecard.album import Album, MomentPixels
from videxplore.views.scorecard.costs import describe_costs
from videxplore.views.scorecard.drawings import draw_discovery, draw_diversity
from videxplore.views.scorecard.findings import describe_lights, describe_measures, outcome_color
from videxplore.views.scorecard.sampled import (
    describe_check,
    describe_faults,
    describe_prediction,
    describe_requests,
    describe_score,
    describe_tranche,
    describe_videos,
    moment_of,
)
from videxplore.views.sealing import fingerprint, inline
from videxplore.views.stills import environment

PICTURE_BYTES = 20_000_000
"""What pictures take of the page at most."""

CLIP_BYTES = 30_000_000
"""What clips take of the page at most."""

_ITEM = ("name", "question", "status", "who", "when", "evidence")


def write_scorecard(
    path: str | os.PathLike[str],
    report: SampleReport,
    *,
    poster: MomentPixels | None = None,
    clip: MomentPixels | None = None,
    score: PredictionScore | None = None,
    picture_bytes: int = PICTURE_BYTES,
    clip_bytes: int = CLIP_BYTES,
) -> Path:
    """Write the verdict, every figure with its interval and evidence, costs, limits and the checklist.

    Args:
        path: of the file; folders are made.
        report: what was found.
        poster: moment to the bytes of a picture, None where there is none.
        clip: moment to the bytes of a short film.
        score: how a prediction fared: the report's own, or the one made before this tranche was opened.
        picture_bytes: what pictures take of the file at most.
        clip_bytes: what clips take of it at most.
    """
    album = Album(report, poster, clip, picture_bytes, clip_bytes)
    style, script = styles("scorecard"), bundle("scorecard")
    page = (
        environment()
        .get_template("scorecard.html")
        .render(
            **describe_report(report, album, score),
            style=inline(style),
            style_hash=fingerprint(style),
            script=inline(script),
            script_hash=fingerprint(script),
        )
    )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8", newline="\n")
    return target


def describe_report(report: SampleReport, album: Album, score: PredictionScore | None) -> dict[str, Any]:
    """Return all that the template shows, as plain text and numbers."""
    costs = None if report.costs is None else describe_costs(report.costs)
    groups = describe_measures(report, album)
    return {
        "title": plain(report.name),
        "made_at": moment_of(report.made_at),
        "outcome": plain(report.verdict.outcome),
        "outcome_color": outcome_color(report),
        "sentence": plain(_said_once(report)),
        "lights": describe_lights(report),
        "check": describe_check(report.check),
        "groups": groups,
        "methods": _lettered(groups),
        "remarks": album.remarks,
        "clips": album.clips,
        "faults": describe_faults(report),
        "topics": next((group["rows"] for group in groups if group["part"] == "topics"), []),
        "discovery": None if report.discovery is None else draw_discovery(report.discovery),
        "diversity": draw_diversity(report.diversity) if report.diversity else None,
        "requests": describe_requests(report),
        "tranche": describe_tranche(report.tranche),
        "prediction": describe_prediction(report, score),
        "earlier": describe_score(report, score),
        "costs": costs,
        "costs_data": _script_data(costs["data"]) if costs else "",
        "limits": [plain(limit) for limit in report.verdict.limits],
        "checklist": [
            {field: plain(getattr(item, field)) for field in _ITEM} for item in report.verdict.checklist
        ],
        "videos": describe_videos(report),
        "failed": [
            {
                "name": file_name(one.path),
                "detail": plain(one.detail or one.reason),
                "remedy": plain(one.remedy),
            }
            for one in report.failed
        ],
        "settings": [(plain(str(name)), _setting(value)) for name, value in report.settings.items()],
    }


def _setting(value: str | float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else plain(str(value)) or "none"


def _said_once(report: SampleReport) -> str:
    """The verdict's sentence without the outcome, which stands above it."""
    verdict = report.verdict
    return verdict.sentence.removeprefix(f"{verdict.outcome.capitalize()}. ")


def _lettered(groups: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A letter for every way in which an interval was made."""
    methods = dict.fromkeys(row["method"] for group in groups for row in group["rows"] if row["method"])
    return {method: chr(ord("a") + i) for i, method in enumerate(methods)}


def _script_data(data: Mapping[str, Any]) -> Markup:
    """JSON that cannot end its element."""
    text = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - no bracket is left to open a tag
