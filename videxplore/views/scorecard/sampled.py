"""Sample, hours, requests, prediction and files of a report as plain dictionaries for the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from videxplore.values.assessments import AssessedVideo, SampleReport
from videxplore.values.licensing import PredictionScore, Tranche
from videxplore.values.media import counted, format_time
from videxplore.values.sampling import SampleCheck
from videxplore.views.describe import plain
from videxplore.views.scorecard.amounts import amount, figure, interval, is_share, length, significant
from videxplore.views.scorecard.drawings import draw_interval
from videxplore.views.scorecard.findings import anchor

_VIDEOS_SHOWN = 300
_DESIGNS = {
    "buyer-drawn": "drawn by the buyer from the manifest",
    "vendor-random": "drawn by the vendor by chance",
    "vendor-chosen": "chosen by the vendor",
}


def describe_check(check: SampleCheck) -> dict[str, Any]:
    """Return who drew the sample, how it compares with its manifest, and whether it carries a claim."""
    design = check.design
    facts = [("Design", f"{_DESIGNS[design.kind]} ({design.kind})")]
    if design.kind != "vendor-chosen":
        facts.append(("Method", plain(design.method)))
    facts.append(("Manifest SHA-256", plain(design.manifest_sha256) or "none"))
    if design.seed is not None:
        facts.append(("Seed", str(design.seed)))
    if design.note:
        facts.append(("Note", plain(design.note)))
    facts += [
        ("Sample", f"{counted(check.clips, 'clip')}, {length(check.hours)}"),
        ("Sources", f"{check.sources}, which weigh as much as {check.effective_sources:.1f} equal ones"),
    ]
    return {
        "summary": " · ".join(
            [counted(check.clips, "clip"), length(check.hours), counted(check.sources, "source")]
        ),
        "refusal": plain(check.refusal),
        "facts": facts,
        "doubts": [plain(doubt) for doubt in check.doubts],
        "comparisons": [
            {
                "column": plain(c.column),
                "test": c.test,
                "statistic": f"{c.statistic:.3g}",
                "p": figure(c.p, "p"),
                "draws": f"{c.draws:,}",
            }
            for c in check.comparisons
        ],
    }


def describe_faults(report: SampleReport) -> dict[str, Any] | None:
    """Return the sample's hours, those of use, and those that each fault takes; None where nobody looked."""
    looked = [video for video in report.videos if not math.isnan(video.usable_s)]
    hours = sum(video.duration_s for video in looked) / 3600
    if not hours:
        return None
    usable = sum(video.usable_s for video in looked) / 3600
    own = [
        m
        for m in report.measures
        if m.part == "technical" and is_share(m.unit) and not m.key.endswith(".usable")
    ]
    seen = sorted((m for m in own if m.estimate.value > 0), key=lambda m: -m.estimate.value)
    return {
        "hours": length(hours),
        "usable": length(usable),
        "share": usable / hours,
        "shown": figure(usable / hours, "share"),
        "rows": [
            {
                "title": plain(m.title),
                "share": m.estimate.value,
                "hours": length(m.estimate.value * hours),
                "shown": figure(m.estimate.value, m.unit),
                "anchor": anchor(m) if m.evidence else "",
            }
            for m in seen
        ],
        "clean": [plain(m.title) for m in own if m.estimate.value == 0],
    }


def describe_requests(report: SampleReport) -> list[dict[str, Any]]:
    """Return what to ask for next."""
    return [
        {
            "stratum": plain(one.stratum),
            "archive": figure(one.archive_share, "share"),
            "shown": figure(one.estimate.value, "share"),
            "interval": interval(one.estimate, "share") if one.estimate.estimated else "",
            "reason": plain(one.estimate.reason),
            "drawing": draw_interval(one.estimate, "share"),
            "gain": figure(one.gain, "share") if math.isfinite(one.gain) else "nothing is known yet",
            "more": significant(one.more) if math.isfinite(one.more) else "two at least",
        }
        for one in report.requests
    ]


def moment_of(made_at: str) -> str:
    """Return an ISO time for people.

    >>> moment_of("2026-11-22T15:00:00+00:00")
    '2026-11-22 15:00:00 UTC'
    """
    return plain(made_at.replace("T", " ").replace("+00:00", " UTC"))


def describe_tranche(tranche: Tranche | None) -> str:
    """Return what another tranche is worth, in words; empty where nothing is known of it."""
    if tranche is None:
        return ""
    return (
        f"A tranche of {counted(tranche.sources, 'source')} turns the decision with a chance of "
        f"{figure(tranche.flips, 'share')}. Being able to turn it is worth {amount(tranche.worth, '$')}; "
        f"knowing the archive exactly would be worth {amount(tranche.perfect, '$')}, and no tranche is "
        "worth more."
    )


def describe_prediction(report: SampleReport, score: PredictionScore | None) -> dict[str, Any] | None:
    """Return what the next tranche is expected to show, and what it showed where the score is of this."""
    made = report.prediction
    if made is None:
        return None
    ours = score is not None and score.commitment == made.commitment
    observed = {str(row["figure"]): row for row in score.rows} if score is not None and ours else {}
    blank = {"observed": math.nan, "hit": None}
    rows = [
        {"figure": name, "expected": expected, "low": low, "high": high, **observed.get(name, blank)}
        for name, (expected, low, high) in made.figures.items()
    ]
    return {
        "commitment": made.commitment,
        "made_at": moment_of(made.made_at),
        "sources": made.tranche_sources,
        "rows": [_predicted(report, row) for row in rows],
        "score": _hits(score) if score is not None and ours else "",
    }


def describe_score(report: SampleReport, score: PredictionScore | None) -> dict[str, Any] | None:
    """Return how the prediction made before this tranche fared; None where there is no such score."""
    if score is None or (report.prediction is not None and report.prediction.commitment == score.commitment):
        return None
    return {
        "commitment": plain(score.commitment),
        "rows": [_predicted(report, row) for row in score.rows],
        "score": _hits(score),
    }


def _hits(score: PredictionScore) -> str:
    return f"{score.hits} of {len(score.rows)} within their interval"


def _predicted(report: SampleReport, row: Mapping[str, Any]) -> dict[str, Any]:
    """One figure of a prediction in words; the report's own name for it where it has one."""
    name = str(row["figure"])
    measure = next((one for one in report.measures if one.key == name), None)
    unit = measure.unit if measure else "topics"
    return {
        "title": plain(measure.title if measure else name.capitalize()),
        "expected": figure(row["expected"], unit),
        "interval": f"{figure(row['low'], unit)} to {figure(row['high'], unit)}",
        "observed": figure(row["observed"], unit),
        "hit": row["hit"],
    }


def _lost_s(video: AssessedVideo) -> float:
    """Seconds that pass not every check; none where nobody looked."""
    return 0.0 if math.isnan(video.usable_s) else video.duration_s - video.usable_s


def describe_videos(report: SampleReport) -> dict[str, Any]:
    """Return the videos, those that lose most first."""
    ordered = sorted(report.videos, key=lambda video: (-_lost_s(video), video.name))
    return {
        "count": len(ordered),
        "left_out": max(0, len(ordered) - _VIDEOS_SHOWN),
        "rows": [
            {
                "name": plain(video.name),
                "source": plain(video.source),
                "duration": format_time(video.duration_s),
                "usable": figure(
                    video.usable_s / video.duration_s if video.duration_s else math.nan, "share"
                ),
                "faults": [plain(fault) for fault in video.faults],
            }
            for video in ordered[:_VIDEOS_SHOWN]
        ],
    }
