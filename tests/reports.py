"""Assessments made by hand, to draw and to review: a full one, and those in which little can be said."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import showcase as show

from videxplore.stages.licensing.economics import Assumptions, reckon
from videxplore.stages.licensing.planning import tranche_value
from videxplore.stages.licensing.predictions import score
from videxplore.stages.licensing.verdict import CHECKLIST, decide
from videxplore.values.assessments import DECIDING, AssessedVideo, Evidence, Measure, Moment, SampleReport
from videxplore.values.decisions import ChecklistItem, Thresholds
from videxplore.values.licensing import (
    DiscoveryCurve,
    DiversityCurve,
    Estimate,
    Prediction,
    PredictionScore,
    Request,
)
from videxplore.values.media import Span
from videxplore.values.reports import IngestRecord
from videxplore.values.sampling import CHOSEN, ManifestComparison, SampleCheck, SamplingDesign

HOSTILE = "</script><img src=x onerror=alert(1)>=cmd()\u202egnp.mp4"
METHOD = "studentised bootstrap of whole sources, 2,000 resamples"
VIDEOS = 46
SOURCES = 24
ABOUT = "Hours farther from the owned than 95 % of the owned is from its other sources."
ROWS = (
    # key, title, value, low, high, unit, about
    ("technical.usable", "Usable hours", 0.861, 0.812, 0.903, "share of hours", "They pass every check."),
    ("technical.black", "Black picture", 0.034, 0.012, 0.071, "share of hours", "Hours without a picture."),
    ("technical.letterbox", "Letterbox", 0.081, 0.044, 0.132, "share of hours", "Bars above and below."),
    ("technical.silent", "Silence", 0.052, 0.021, 0.097, "share of hours", "Nothing is heard."),
    ("redundancy.extra", "Repeats others", 0.092, 0.061, 0.131, "share of hours", "A lower bound."),
    ("redundancy.owned", "Copies of what is owned", 0.011, 0.002, 0.034, "share of hours", "Found by sight."),
    ("novelty.excess", "New to the owner", 0.472, 0.391, 0.554, "share of hours", ABOUT),
    ("coverage.coverage", "Coverage of the owned", 0.83, 0.71, 0.96, "ratio", "1 where both are alike."),
    ("diversity.vendi", "Vendi score", 17.4, 15.1, 19.9, "effective number", "Of equally frequent things."),
    (
        "breadth.unseen",
        "Of topics not seen yet",
        0.213,
        0.142,
        0.288,
        "share of hours",
        "Of one more source.",
    ),
    ("breadth.doubled", "Topics at twice the sample", 61.0, 52.0, 71.0, "topics", "Nothing beyond that."),
    ("topics.0", "Topic 1", 0.241, 0.153, 0.342, "share of hours", "Streets at night."),
    ("topics.1", "Topic 2", 0.192, 0.121, 0.281, "share of hours", "Football."),
    ("topics.2", f"Topic 3 {HOSTILE}", 0.071, 0.022, 0.143, "share of hours", f"What is this? {HOSTILE}"),
    ("language.speech", "Speech", 0.331, 0.262, 0.404, "share of hours", "Somebody speaks."),
)


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, clips=412, sources=SOURCES, method=METHOD)


def moment(number: int, *, owned: bool = False, note: str = "") -> Moment:
    start = 3.0 + 7 * (number % 5)
    return Moment(f"{'own' if owned else 'vid'}{number % VIDEOS:02}", Span(start, start + 4.5), note, owned)


def evidence(key: str, count: int = 4) -> tuple[Evidence, ...]:
    first = sum(map(ord, key)) % 37
    part = key.partition(".")[0]
    found = []
    for i in range(count):
        one = moment(first + i, note={"technical": "dark from edge to edge"}.get(part, ""))
        twin = None
        if part == "redundancy":
            twin = moment(first + i + 9, owned=key.endswith("owned"), note="mirrored, 4.5 s")
        elif part == "novelty":
            twin = moment(first + i, owned=True, note="the nearest that is owned")
        found.append(Evidence(one, twin, 0.93 - 0.05 * i))
    return tuple(found)


def measures(rows=ROWS) -> tuple[Measure, ...]:
    return tuple(
        Measure(
            key,
            title,
            estimate(value, low, high),
            unit,
            about,
            () if part_of(key) == "diversity" else evidence(key),
        )
        for key, title, value, low, high, unit, about in rows
    )


def part_of(key: str) -> str:
    return key.partition(".")[0]


def videos() -> tuple[AssessedVideo, ...]:
    made = []
    for i in range(VIDEOS):
        name = HOSTILE if i == 7 else f"channel {i % SOURCES:02}/clip {i:03}.mp4"
        faults = ((), ("black from 0:03.0 to 0:07.5",), (), ("letterbox: 24 % of the rows", "silent"))[i % 4]
        duration = 41.0 + 13 * (i % 7)
        facts = {"width": 1280, "height": 720, "fps": 25.0, "codec": "h264"}
        made.append(
            AssessedVideo(
                f"vid{i:02}",
                name,
                f"channel {i % SOURCES:02}",
                duration,
                duration * (1 - 0.2 * len(faults)),
                faults,
                facts,
            )
        )
    return tuple(made)


def check() -> SampleCheck:
    design = SamplingDesign("buyer-drawn", "4f" * 32, 20261122, "cluster")
    compared = (
        ManifestComparison("height", "Kolmogorov-Smirnov", 0.084, 0.41, 999),
        ManifestComparison("language", "chi-square", 7.12, 0.22, 999),
    )
    return SampleCheck(design, 412, 0.84, SOURCES, 21.3, compared)


def discovery() -> DiscoveryCurve:
    sources = np.linspace(1, 2 * SOURCES, 24)
    topics = 72 * (1 - np.exp(-sources / 26))
    spread = 1 + 0.12 * sources**0.75
    seen = round(float(np.interp(SOURCES, sources, topics)))
    return DiscoveryCurve(
        sources, sources * 0.035, topics, np.maximum(topics - spread, 1), topics + spread, seen, SOURCES
    )


def diversity() -> tuple[DiversityCurve, ...]:
    sources = np.array([2, 4, 8, 16, 24])
    vendi = DiversityCurve(
        "Vendi", sources, sources * 17.2, 18 * (1 - np.exp(-sources / 7)), estimate(17.4, 15.1, 19.9)
    )
    second = DiversityCurve(
        "order 2", sources, sources * 17.2, 9 * (1 - np.exp(-sources / 5)), estimate(8.9, 7.2, 10.4)
    )
    return vendi, second  # fmt: skip


def prediction() -> Prediction:
    figures = {
        "technical.usable": (0.861, 0.792, 0.91),
        "novelty.excess": (0.472, 0.36, 0.59),
        "new topics": (17.0, 9.0, 25.0),
    }
    return Prediction(figures, SOURCES, "ab" * 32, "2026-11-22T15:00:00+00:00", "7d" * 16)


def scored() -> PredictionScore:
    made = prediction()
    return score(
        made, made.commitment, {"technical.usable": 0.84, "novelty.excess": 0.62, "new topics": 14.0}
    )


def deciding(found: tuple[Measure, ...]) -> dict[str, Estimate]:
    """What the thresholds are held against."""
    known = {m.key: m.estimate for m in found}
    return {name: known[key] for name, key in DECIDING.items()}


def full(**changes) -> SampleReport:
    """Everything that a report can hold; names that try to be markup among it."""
    found = measures()
    asked = deciding(found)
    settled = replace(
        CHECKLIST[0],
        status="clear",
        who="Ada Quill",
        when="2026-11-20",
        evidence=f"contract, page 4 {HOSTILE}",
    )
    checklist: tuple[ChecklistItem, ...] = (settled, *CHECKLIST[1:])
    useful = estimate(0.402, 0.331, 0.474)
    report = SampleReport(
        name=f"Northern lights archive {HOSTILE}",
        made_at="2026-11-22T15:00:00+00:00",
        check=check(),
        measures=found,
        verdict=decide(asked, check(), Thresholds(), checklist=checklist),
        videos=videos(),
        failed=(
            IngestRecord(
                "/media/a/broken.mp4",
                reason="no-picture",
                detail="No picture can be decoded.",
                remedy="Is the file whole?",
            ),
            IngestRecord(
                f"/media/{HOSTILE}",
                reason="empty",
                detail="The file is empty.",
                remedy="Ask the vendor for it again.",
            ),
        ),
        discovery=discovery(),
        diversity=diversity(),
        requests=(
            Request(
                "language: Finnish",
                Estimate(math.nan, reason="Cannot estimate: one source."),
                0.12,
                math.inf,
                math.inf,
            ),
            Request("decade: 1990s", estimate(0.61, 0.42, 0.79), 0.31, 0.083, 14.0),
            Request("decade: 2010s", estimate(0.44, 0.33, 0.56), 0.57, 0.041, 6.0),
        ),
        tranche=tranche_value(useful, 24, worth_per_share=4e6, cost=1.4e6),
        prediction=prediction(),
        costs=reckon(1.2e15, useful, Assumptions()),
        settings={
            "encoder": "perceptual, revision 3",
            "seed": 0,
            "videxplore": "0.9.0",
            "report sha256": "c0ffee" * 10,
        },
    )
    return replace(report, **changes)


def chosen() -> SampleReport:
    """The vendor chose the sample: described, never inferred."""
    report = full()
    check_ = replace(report.check, design=SamplingDesign("vendor-chosen"), comparisons=(), refusal=CHOSEN)
    found = tuple(replace(m, estimate=m.estimate.described_only(CHOSEN)) for m in report.measures)
    verdict = decide(deciding(found), check_, Thresholds())
    return replace(
        report,
        check=check_,
        measures=found,
        verdict=verdict,
        requests=(),
        tranche=None,
        prediction=None,
        discovery=None,
        diversity=(),
        costs=reckon(1.2e15, estimate(0.402, 0.331, 0.474).described_only(CHOSEN)),
    )


def one_source() -> SampleReport:
    """A single channel: figures of which none has an interval."""
    reason = "Cannot estimate: all clips come from one source."
    report = full()
    alone = replace(report.check, sources=1, effective_sources=1.0, comparisons=())
    found = tuple(replace(m, estimate=m.estimate.described_only(reason)) for m in report.measures)
    flat = replace(
        report.discovery,
        low=np.full(24, np.nan),
        high=np.full(24, np.nan),
        reference=1,
        sources=np.linspace(1, 2, 24),
    )
    verdict = decide(deciding(found), alone)
    return replace(
        report,
        check=alone,
        measures=found,
        verdict=verdict,
        discovery=flat,
        requests=(),
        tranche=None,
        prediction=None,
    )


def empty() -> SampleReport:
    """Nothing could be read."""
    nothing = SampleCheck(SamplingDesign("vendor-chosen"), 0, 0.0, 0, 0.0, refusal=CHOSEN)
    broken = IngestRecord("a.mp4", reason="empty", detail="The file is empty.", remedy="Ask for it again.")
    return SampleReport("empty", "2026-11-22T15:00:00+00:00", nothing, (), decide({}, nothing), (), (broken,))


def poster(one: Moment) -> bytes | None:
    """A drawn picture; none of one video, whose file has moved."""
    return None if one.video_id == "vid11" else show.poster(f"{one.video_id} {one.span.start_s}")


def clip(one: Moment) -> bytes | None:
    return None if one.video_id == "vid12" else show.clip()
