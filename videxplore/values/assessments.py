"""What a sample was found to be: measures with the moments behind them, and what follows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore.values.decisions import Costs, Verdict
from videxplore.values.jsonable import as_data, from_data
from videxplore.values.licensing import (
    DiscoveryCurve,
    DiversityCurve,
    Estimate,
    Prediction,
    Request,
    Tranche,
)
from videxplore.values.media import Span
from videxplore.values.reports import IngestRecord
from videxplore.values.sampling import SampleCheck
from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    import pandas as pd

PARTS = (
    "technical",
    "redundancy",
    "novelty",
    "coverage",
    "diversity",
    "breadth",
    "topics",
    "language",
)
"""What measures are about, in the order of the report."""

DECIDING = {
    "usable": "technical.usable",
    "novel": "novelty.excess",
    "redundant": "redundancy.extra",
    "owned": "redundancy.owned",
    "unseen": "breadth.unseen",
}
"""Name of a threshold -> key of the measure that is held against it."""

FORMAT = "videxplore sample report 1"
"""First entry of a report as JSON."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of a video that a figure rests on.

    Attributes:
        video_id: of the sample, or of what is owned.
        span: seconds.
        note: what is to be seen there, in words.
        owned: whether the video belongs to what is owned.
    """

    video_id: str
    span: Span
    note: str = ""
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A moment behind a figure, and its counterpart where there is one.

    Attributes:
        moment: of the sample.
        twin: the copy, or the nearest that is owned.
        score: what it was chosen by; its meaning is the measure's.
    """

    moment: Moment
    twin: Moment | None = None
    score: float = float("nan")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the report.

    Attributes:
        key: unique, such as ``"technical.black"``; begins with the part.
        title: short, for a row of a table.
        estimate: with its interval, or the reason why there is none.
        unit: ``"share of hours"``, ``"topics"``, ``"hours"``, ``"1/min"``, ``"p"`` …; shares are 0 to 1.
        about: how to read it, one sentence.
        evidence: moments behind it, the most telling first.
        moments: how many there are in all.
    """

    key: str
    title: str
    estimate: Estimate
    unit: str
    about: str
    evidence: tuple[Evidence, ...] = ()
    moments: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "moments", max(self.moments, len(self.evidence)))
        if self.part not in PARTS:
            raise ValueError(f"Measure.key must begin with one of {', '.join(PARTS)}, got {self.key!r}.")

    @property
    def part(self) -> str:
        """What it is about, one of :data:`PARTS`."""
        return self.key.partition(".")[0]


@dataclass(frozen=True, slots=True)
class AssessedVideo:
    """One video of the sample, as a row of the report.

    Attributes:
        video_id: content hash.
        name: of the file.
        source: channel or contributor.
        duration_s: seconds.
        usable_s: seconds that pass all technical checks.
        faults: what it fails, in words.
        facts: further columns: width, height, fps, bitrate, codec …
    """

    video_id: str
    name: str
    source: str
    duration_s: float
    usable_s: float
    faults: tuple[str, ...] = ()
    facts: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class AssessedClips:
    """What was found of every clip of a sample: all figures follow from these columns.

    Attributes:
        segment_ids: n ids.
        video_ids: n ids of the videos that they are in.
        sources: n channels or contributors.
        spans: n spans, seconds; empty at zero where only vectors are known.
        weights: float64 (n,), seconds that each stands for.
        usable: float64 (n,), part that passes the technical checks; nan where nobody looked.
        copied: float64 (n,), part that repeats another or is a copy of what is owned; nan likewise.
        distance: float64 (n,), cosine distance to the nearest owned clip; nan without one.
        novel: float64 (n,), 1 beyond what is owned, else 0; nan where it was not measured.
        useful: float64 (n,), part that is usable, new and no copy, as far as these are known.
        topics: intp (n,).
        vectors: float32 (n, d).
        card: of the vectors.
        topic_radius: cosine distance within which clips were joined to topics.
    """

    segment_ids: tuple[str, ...]
    video_ids: tuple[str, ...]
    sources: tuple[str, ...]
    spans: tuple[Span, ...]
    weights: NDArray[np.float64]
    usable: NDArray[np.float64]
    copied: NDArray[np.float64]
    distance: NDArray[np.float64]
    novel: NDArray[np.float64]
    useful: NDArray[np.float64]
    topics: NDArray[np.intp]
    vectors: NDArray[np.float32]
    card: EncoderCard
    topic_radius: float

    def __len__(self) -> int:
        return len(self.segment_ids)

    def to_pandas(self) -> pd.DataFrame:
        """One row per clip, without its vector."""
        import pandas as pd

        columns = ("weights", "usable", "copied", "distance", "novel", "useful", "topics")
        return pd.DataFrame(
            {
                "segment_id": self.segment_ids,
                "video_id": self.video_ids,
                "source": self.sources,
                "start_s": [span.start_s for span in self.spans],
                "end_s": [span.end_s for span in self.spans],
            }
            | {name: getattr(self, name) for name in columns}
        )

    def __repr__(self) -> str:
        return f"AssessedClips({len(self)} clips of {len(set(self.sources))} sources)"


@dataclass(frozen=True, eq=False, repr=False)
class SampleReport:
    """What a sample says about the archive it comes from, and what to do.

    Attributes:
        name: of the sample.
        made_at: ISO time.
        check: of the sampling, which decides what may be inferred at all.
        measures: in the order of :data:`PARTS`.
        verdict: lights, sentence, limits, checklist.
        videos: one row each.
        failed: files that could not be read, with reason and remedy.
        discovery: topics by sources.
        diversity: curves.
        requests: what to ask for next, the most useful first.
        tranche: what another one is worth; None where nothing is known of the stakes or the estimate.
        prediction: for the next tranche; None where nothing can be predicted.
        costs: None where the archive's size is not known.
        settings: all that the figures depend on: thresholds, seeds, encoder card, versions, hashes.
        files: video_id -> file, of the sample and of what is owned, where pictures and clips are cut from.
            It stays on this machine: no page, table or JSON has it.
        clips: what was found of every clip; kept in a file of its own, not in the JSON.
    """

    name: str
    made_at: str
    check: SampleCheck
    measures: tuple[Measure, ...]
    verdict: Verdict
    videos: tuple[AssessedVideo, ...]
    failed: tuple[IngestRecord, ...] = ()
    discovery: DiscoveryCurve | None = None
    diversity: tuple[DiversityCurve, ...] = ()
    requests: tuple[Request, ...] = ()
    tranche: Tranche | None = None
    prediction: Prediction | None = None
    costs: Costs | None = None
    settings: Mapping[str, str | float] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict, metadata={"json": False})
    clips: AssessedClips | None = field(default=None, metadata={"json": False})

    def __getitem__(self, key: str) -> Measure:
        """The measure of this key.

        Raises:
            KeyError: there is none.
        """
        for measure in self.measures:
            if measure.key == key:
                return measure
        keys = ", ".join(measure.key for measure in self.measures)
        raise KeyError(f"No measure {key!r}; there are {keys}.")

    def to_pandas(self) -> pd.DataFrame:
        """One row per measure: key, title, value, low, high, unit, clips, sources, method, reason."""
        import pandas as pd

        rows = [
            {
                "key": m.key,
                "title": m.title,
                "value": m.estimate.value,
                "low": m.estimate.low,
                "high": m.estimate.high,
                "unit": m.unit,
                "clips": m.estimate.clips,
                "sources": m.estimate.sources,
                "method": m.estimate.method,
                "reason": m.estimate.reason,
            }
            for m in self.measures
        ]
        return pd.DataFrame(rows)

    def to_json(self) -> str:
        """The whole report but for ``files``; :meth:`from_json` reads it back."""
        return json.dumps({"format": FORMAT, **as_data(self)}, ensure_ascii=False, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, *, files: Mapping[str, Path] | None = None) -> SampleReport:
        """Read back what :meth:`to_json` wrote.

        Args:
            text: JSON.
            files: where the videos are now.

        Raises:
            ValueError: it is no report, or one of another format.
        """
        data = json.loads(text)
        found = data.pop("format", None) if isinstance(data, dict) else None
        if found != FORMAT:
            raise ValueError(f"SampleReport.from_json reads reports of format {FORMAT!r}, got {found!r}.")
        return replace(from_data(cls, data), files=dict(files or {}))

    def __repr__(self) -> str:
        head = (
            f"SampleReport({self.name!r}, {len(self.videos)} videos, {self.check.hours:.2f} h, "
            f"{self.check.sources} sources)"
        )
        refusal = self.check.refusal
        figures = [
            f"  {m.title}: {m.estimate.value:.3g}" if refusal and m.estimate.reason == refusal
            else f"  {m.title}: {m.estimate}"
            for m in self.measures
        ]  # fmt: skip
        return "\n".join([head, f"  {self.verdict.sentence}", *figures])
