"""What an archive holds and costs, up to petabytes: every number named, sourced and open to change."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from videxplore.values.decisions import Constant, Costs, Money
from videxplore.values.licensing import Estimate

Range = tuple[float, float, float]

PETABYTE = 1e15


BITRATE = Constant(
    5,
    10,
    20,
    "Mbit/s",
    "usual for delivery files from HD (5) to 4K (20); replace with the sample's own bitrate",
)
PRICE = Constant(
    1,
    2.5,
    4,
    "$/min",
    "US$1 to 4 a minute of unused footage: Bloomberg, January 2025, cited by the-decoder.com",
)
WORTH = Constant(
    1,
    2.5,
    4,
    "$/min",
    "what the market pays for a minute, as for price; replace with what one is worth to you",
)
STORAGE = Constant(
    8,
    21,
    23,
    "$/TB/month",
    "Wasabi, pay as you go, July 2026 (7.99); Amazon S3 Standard by volume, July 2022 (21 to 23)",
)
CORE = Constant(
    0.018,
    0.043,
    0.05,
    "$/h",
    "a virtual core at Amazon: c6g.2xlarge spot (0.14 / 8), c6i.large (0.085 / 2), c5.18xlarge (3.64 / 72)",
)
CORE_SPEED = Constant(
    10,
    18.4,
    18.4,
    "h/h",
    "the perceptual encoder on 720p, per core: docs/measured.md (18.4); 10 is what it must reach",
)
CORES = Constant(64, 64, 64, "machines", "64 cores at the same time; your choice")
VECTORS = Constant(300, 450, 900, "1/h", "one vector per 12, 8 or 4 seconds; follows from the segmentation")
VECTOR_BYTES = Constant(768, 1536, 3072, "B", "768 dimensions of 8, 16 or 32 bits; follows from the encoder")

GPU = Constant(2, 3, 5, "$/h", "one H100 on demand, US$1.99 to 5.00: mercatus-ai.com, May 2026")
"""To put in the place of :data:`CORE` for a model on a GPU, together with its speed as you measured it."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The constants of the reckoning. Replace what you know better with ``dataclasses.replace``.

    Attributes:
        bitrate: of the archive's files.
        price: of licensing a minute.
        worth: of a usable, new minute to the buyer.
        storage: of keeping a terabyte for a month.
        machine: of an hour of one embedding machine (a core, unless replaced).
        speed: hours of video that such a machine embeds in an hour.
        machines: that work at the same time.
        vectors: per hour of video.
        vector_bytes: of one vector.
    """

    bitrate: Constant = BITRATE
    price: Constant = PRICE
    worth: Constant = WORTH
    storage: Constant = STORAGE
    machine: Constant = CORE
    speed: Constant = CORE_SPEED
    machines: Constant = CORES
    vectors: Constant = VECTORS
    vector_bytes: Constant = VECTOR_BYTES


def reckon(archive_bytes: float, useful: Estimate, assumptions: Assumptions | None = None) -> Costs:
    """Reckon hours, prices and what a useful minute comes to.

    ``low`` and ``high`` take every constant at the end that makes the figure smallest or largest: they
    bound the figure, they are no 95 % interval.

    Args:
        archive_bytes: size of the whole archive; :data:`PETABYTE` is 10¹⁵.
        useful: share of hours that are usable, no copies and new to the owner, all at once: ``share`` of the
            flags joined by and, never a product of shares. Without an interval it bounds nothing.
        assumptions: the defaults where omitted.

    Raises:
        ValueError: no size.
    """
    if not archive_bytes > 0:
        raise ValueError(f"archive_bytes must be above zero, got {archive_bytes!r}.")
    known = assumptions or Assumptions()
    share = (useful.low, useful.value, useful.high) if useful.estimated else (0.0, math.nan, 1.0)
    hours = _over((archive_bytes * 8 / 3.6e9,) * 3, _of(known.bitrate))
    minutes = _scaled(hours, 60)
    machine_hours = _over(hours, _of(known.speed))
    embedding = _times(machine_hours, _of(known.machine))
    embedding_minute = _scaled(_over(_of(known.machine), _of(known.speed)), 1 / 60)
    cost_minute = _plus(_of(known.price), embedding_minute)
    gain = _times(_of(known.worth), share)
    even = (gain[0] - embedding_minute[2], gain[1] - embedding_minute[1], gain[2] - embedding_minute[0])
    return Costs(
        _money(hours, "h", "size / bitrate"),
        _money(minutes, "min", "hours × 60"),
        _money(_times(minutes, share), "min", "minutes × share that is usable, new and no copy"),
        _money(_times(minutes, _of(known.price)), "$", "minutes × price"),
        _money(_scaled(_of(known.storage), archive_bytes / 1e12), "$/month", "size × price of storage"),
        _money(embedding, "$", "hours / speed × machine"),
        _money(
            _scaled(_over(machine_hours, _of(known.machines)), 1 / 24), "days", "hours / speed / machines"
        ),
        _money(
            _times(_times(hours, _of(known.vectors)), _of(known.vector_bytes)),
            "B",
            "hours × vectors × bytes of one",
        ),
        _money(_over(cost_minute, share), "$/min", "(price + embedding of a minute) / share"),
        _money(even, "$/min", "worth of a useful minute × share − embedding of a minute"),
        {field.name: getattr(known, field.name) for field in fields(known)},
    )


def _of(constant: Constant) -> Range:
    return constant.low, constant.likely, constant.high


def _times(first: Range, second: Range) -> Range:
    return first[0] * second[0], first[1] * second[1], first[2] * second[2]


def _plus(first: Range, second: Range) -> Range:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


def _scaled(amount: Range, factor: float) -> Range:
    return amount[0] * factor, amount[1] * factor, amount[2] * factor


def _over(first: Range, second: Range) -> Range:
    """Quotient: least over most, most over least; infinite over nothing."""
    low, likely, high = (
        a / b if b else math.inf for a, b in zip(first, (second[2], second[1], second[0]), strict=True)
    )
    return low, likely, high


def _money(amount: Range, unit: str, how: str) -> Money:
    return Money(*amount, unit, how)
