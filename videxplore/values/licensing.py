"""What a sample says about its archive: figures with intervals, and refusals where there are none."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure about the archive with its 95 % interval, or the reason why there is none.

    Attributes:
        value: as seen in the sample; nan where even that cannot be said.
        low: low end of the interval; nan without one.
        high: high end.
        clips: how many it rests on.
        sources: channels or contributors that these come from; the unit of the interval.
        method: how the interval was made, in words.
        reason: why there is no interval, one sentence; empty where there is one.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    clips: int = 0
    sources: int = 0
    method: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.low) != math.isnan(self.high) or self.low > self.high:
            raise ValueError(f"Estimate needs low ≤ high or neither, got {self.low!r} and {self.high!r}.")
        if not self.estimated and not self.reason:
            raise ValueError("Estimate without an interval needs the reason why.")

    @property
    def estimated(self) -> bool:
        """Whether there is an interval."""
        return not math.isnan(self.low)

    @property
    def half_width(self) -> float:
        """Half the interval's width; nan without one."""
        return (self.high - self.low) / 2

    def described_only(self, reason: str) -> Estimate:
        """The figure as a description of the sample, its interval withdrawn for this reason.

        An empty reason leaves it as it is.
        """
        return replace(self, low=math.nan, high=math.nan, reason=reason) if reason else self

    def __str__(self) -> str:
        seen = f"{self.value:.3g}"
        return f"{seen} [{self.low:.3g}, {self.high:.3g}]" if self.estimated else f"{seen} ({self.reason})"


@dataclass(frozen=True, eq=False, slots=True)
class Novelty:
    """How much of a sample lies beyond what is owned.

    Attributes:
        beyond: share of hours farther from the owned than 95 % of the owned is from its other sources;
            5 % where the two are alike.
        excess: share of hours that is of another kind, after those 5 % are taken off; a lower bound, since
            new material near to owned material does not count.
        threshold: cosine distance beyond which a clip counts.
        null: share of the owned side beyond the threshold, 5 % but for ties.
        distances: float64 (n,), each clip's cosine distance to the nearest owned clip.
        nearest: intp (n,), row of that clip.
        owned_sources: sources of the owned side.
    """

    beyond: Estimate
    excess: Estimate
    threshold: float
    null: float
    distances: NDArray[np.float64]
    nearest: NDArray[np.intp]
    owned_sources: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a sample and what is owned fill the same region, at equal numbers of sources.

    Attributes:
        coverage: share of the owned that the sample reaches, over what another part of the owned reaches:
            1 where the two are alike, less where the sample is narrower.
        precision: share of the sample that lies among the owned, over the same of another part of the owned.
        raw: (coverage, precision) of the sample before the division.
        null: (coverage, precision) of the other part of the owned.
        sources: on either side of the comparison.
        k: neighbours that make a radius.
    """

    coverage: Estimate
    precision: Estimate
    raw: tuple[float, float]
    null: tuple[float, float]
    sources: int
    k: int


@dataclass(frozen=True, slots=True)
class Redundancy:
    """How much of a sample is there more than once.

    Attributes:
        extra: share of hours that repeat an earlier clip of the sample. A lower bound for the archive, since
            a copy whose twin was not drawn goes unseen.
        in_source: share of hours that repeat a clip of the same source.
        owned: share of hours that are copies of what is owned.
        pair_rate: share of pairs of clips from different sources that are copies.
        pair_bound: its upper 95 % bound.
    """

    extra: Estimate
    in_source: Estimate
    owned: Estimate
    pair_rate: float
    pair_bound: float

    def twins(self, clips: float) -> tuple[float, float]:
        """Copies from other sources per clip in an archive of so many: likely number, upper bound."""
        return self.pair_rate * (clips - 1), self.pair_bound * (clips - 1)


@dataclass(frozen=True, eq=False, slots=True)
class DiversityCurve:
    """Effective number of different things, by how many sources are looked at.

    Attributes:
        name: of the measure.
        sources: intp (k,).
        clips: float64 (k,), mean number of clips in so many sources.
        value: float64 (k,), mean over random orders of the sources.
        whole: the figure of the whole sample with its interval.
    """

    name: str
    sources: NDArray[np.intp]
    clips: NDArray[np.float64]
    value: NDArray[np.float64]
    whole: Estimate


@dataclass(frozen=True, eq=False, slots=True)
class DiscoveryCurve:
    """Topics found by how many sources are looked at, from one to twice as many as there are.

    Attributes:
        sources: float64 (k,).
        hours: float64 (k,), that so many sources bring on average.
        topics: float64 (k,), expected number of different topics.
        low: float64 (k,), low end of the 95 % interval; nan where there are too few sources for one.
        high: float64 (k,).
        seen: topics in the sample.
        reference: sources in the sample; beyond them the curve is an extrapolation.
    """

    sources: NDArray[np.float64]
    hours: NDArray[np.float64]
    topics: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    seen: int
    reference: int


@dataclass(frozen=True, slots=True)
class Breadth:
    """What share of the archive's topics the sample has met, and how many twice as much would meet.

    Attributes:
        covered: share of topic appearances that are of topics seen (Good–Turing over sources).
        unseen: share of the hours of a further source that are of topics not seen yet.
        doubled: topics after as many sources again. Nothing beyond that is estimable.
        curve: topics by number of sources.
    """

    covered: Estimate
    unseen: Estimate
    doubled: Estimate
    curve: DiscoveryCurve


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether two sets of sources are alike in distribution.

    Attributes:
        mmd2: squared maximum mean discrepancy over pairs of different sources; 0 expected for alike.
        p: by permuting whole sources.
        null_95: 95th percentile of what permuting gives.
        permutations: how many.
    """

    mmd2: Estimate
    p: float
    null_95: float
    permutations: int


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask the vendor for.

    Attributes:
        stratum: name.
        estimate: of the share within the stratum.
        archive_share: the stratum's share of the archive's hours.
        gain: how much one more source there lowers the variance of the whole, as a share of it.
        more: sources to add for the half width wanted within the stratum; infinite where it cannot be said.
    """

    stratum: str
    estimate: Estimate
    archive_share: float
    gain: float
    more: float


@dataclass(frozen=True, slots=True)
class Tranche:
    """What another tranche is worth before a decision.

    Attributes:
        sources: in the tranche.
        flips: chance that it turns the decision.
        worth: expected gain from deciding after it, in the currency of the stakes.
        perfect: expected gain from knowing the archive exactly; no tranche is worth more.
    """

    sources: int
    flips: float
    worth: float
    perfect: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a second tranche will show, written down before it is opened.

    Attributes:
        figures: name -> (expected, low, high), 95 % prediction intervals.
        tranche_sources: sources expected in the tranche.
        sample_sha256: of the first sample.
        made_at: ISO time.
        nonce: random text that keeps the hash from being guessed.
    """

    figures: Mapping[str, tuple[float, float, float]]
    tranche_sources: int
    sample_sha256: str
    made_at: str
    nonce: str

    def to_json(self) -> str:
        """The record, in one canonical form."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Prediction:
        """Read back what :meth:`to_json` wrote."""
        data = json.loads(text)
        figures = {name: tuple(values) for name, values in data.pop("figures").items()}
        return cls(figures, **data)

    @property
    def commitment(self) -> str:
        """SHA-256 to hand over before the tranche is opened."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PredictionScore:
    """How a prediction fared.

    Attributes:
        rows: per figure ``figure``, ``expected``, ``low``, ``high``, ``observed``, ``hit``.
        commitment: the hash, found to be right.
    """

    rows: tuple[Mapping[str, object], ...]
    commitment: str

    @property
    def hits(self) -> int:
        """Figures within their interval."""
        return sum(bool(row["hit"]) for row in self.rows)
