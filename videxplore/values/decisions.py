"""From figures to a decision: what an archive costs, what is asked of it, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from videxplore.values.licensing import Estimate

RANGES = ("low", "likely", "high")


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that a cost rests on.

    Attributes:
        low: the least it may be.
        likely: what to reckon with.
        high: the most it may be.
        unit: of all three.
        source: where it comes from, so that it can be doubted.
    """

    low: float
    likely: float
    high: float
    unit: str
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.likely <= self.high:
            raise ValueError(
                f"Constant needs 0 ≤ low ≤ likely ≤ high, got {self.low!r}, {self.likely!r}, {self.high!r}."
            )
        if not self.source or not self.unit:
            raise ValueError(
                "Constant needs a unit and a source line: a number from nowhere convinces nobody."
            )


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that is uncertain.

    Attributes:
        low: the least.
        likely: what to reckon with.
        high: the most; infinite where nothing of use is sure to be there.
        unit: such as ``"$"`` or ``"h"``.
        how: the formula in words.
    """

    low: float
    likely: float
    high: float
    unit: str
    how: str

    def __str__(self) -> str:
        return f"{self.likely:,.4g} {self.unit} ({self.low:,.4g} to {self.high:,.4g})"


@dataclass(frozen=True, slots=True)
class Costs:
    """What an archive holds and costs, low, likely and high.

    Attributes:
        hours: of video.
        minutes: of video.
        novel_usable_minutes: that pass the checks, are no copies and are new to the owner.
        price: of licensing all of it.
        storage_month: of keeping it, per month.
        embedding: of embedding it.
        embedding_days: on the machines reckoned with.
        vectors: bytes that the vectors take.
        per_novel_usable_minute: price and embedding over what is of use.
        break_even: price per minute at which what is of use is worth what it costs.
        constants: name -> constant, all that went in.
    """

    hours: Money
    minutes: Money
    novel_usable_minutes: Money
    price: Money
    storage_month: Money
    embedding: Money
    embedding_days: Money
    vectors: Money
    per_novel_usable_minute: Money
    break_even: Money
    constants: Mapping[str, Constant]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is asked of an archive; None asks nothing.

    Attributes:
        usable: share of hours that must pass the technical checks.
        novel: share of hours that must be new to the owner.
        redundant: share of hours that may repeat others.
        owned: share of hours that may be copies of what is owned.
        unseen: share of a further source's hours that may be of topics not seen yet; more means that the
            sample shows too little of the archive.
        sources: effective sources that the sample must have.
    """

    usable: float | None = 0.8
    novel: float | None = 0.3
    redundant: float | None = 0.1
    owned: float | None = 0.05
    unseen: float | None = 0.3
    sources: float | None = 20


LIGHTS = ("green", "amber", "red", "none")
OUTCOMES = ("license", "negotiate or sample more", "decline")


@dataclass(frozen=True, slots=True)
class Light:
    """One figure against its threshold.

    Attributes:
        name: of the figure.
        color: ``"green"`` where the whole interval is on the right side, ``"red"`` where it is on the wrong
            one, ``"amber"`` where the threshold lies within, ``"none"`` where there is no interval.
        threshold: asked for.
        estimate: with its interval.
        sentence: what it says.
    """

    name: str
    color: str
    threshold: float
    estimate: Estimate
    sentence: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """Something that no measurement settles: who looked, when, on what evidence.

    Attributes:
        name: short.
        question: what has to be answered.
        status: ``"open"``, ``"clear"``, ``"problem"`` or ``"not applicable"``; open until a person says
            otherwise.
        who: settled it.
        when: ISO date.
        evidence: a file, a page of a contract, a clip.
    """

    name: str
    question: str
    status: str = "open"
    who: str = ""
    when: str = ""
    evidence: str = ""

    def __post_init__(self) -> None:
        allowed = ("open", "clear", "problem", "not applicable")
        if self.status not in allowed:
            raise ValueError(
                f"ChecklistItem.status must be one of {', '.join(allowed)}, got {self.status!r}."
            )
        if self.status != "open" and not (self.who and self.when and self.evidence):
            raise ValueError(
                f"ChecklistItem {self.name!r} is {self.status!r}: say who, when and on what evidence."
            )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from the figures.

    Attributes:
        outcome: one of :data:`OUTCOMES`.
        sentence: for a buyer or a lawyer.
        lights: per threshold.
        limits: what the figures do not say, one sentence each.
        checklist: what a person has to settle.
    """

    outcome: str
    sentence: str
    lights: tuple[Light, ...]
    limits: tuple[str, ...]
    checklist: tuple[ChecklistItem, ...] = field(default=())

    @property
    def open_items(self) -> tuple[ChecklistItem, ...]:
        """What nobody has settled yet."""
        return tuple(item for item in self.checklist if item.status == "open")
