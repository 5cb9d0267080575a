"""From the card of an encoder made of others back to the encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.strategies.joint import joint
from videxplore.stages.encoding.strategies.pooled import pooled
from videxplore.stages.encoding.strategies.regions import REGIONS, crops
from videxplore.stages.encoding.strategies.temporal import FlowEncoder, temporal
from videxplore.stages.encoding.strategies.together import read_along
from videxplore.stages.encoding.strategies.wrapped import POOLED
from videxplore.values.vectors import EncoderCard


def is_made_of_others(card: EncoderCard) -> bool:
    """Whether ``card`` is of an encoder of this folder."""
    return "strategy" in card.parameters or any(name in card.parameters for name in POOLED) or _is_flow(card)


def rebuild(card: EncoderCard, restore: Callable[[EncoderCard], Encoder]) -> Encoder:
    """Return the encoder that ``card`` describes.

    Args:
        card: for which :func:`is_made_of_others`.
        restore: finds the encoders that it is made of.

    Raises:
        ValueError: it depends on what no card holds, axes fitted on vectors or a function; or one of its
            parts is not on this machine.
    """
    asked = {name: card.parameters[name] for name in POOLED if name in card.parameters}
    if asked:
        rest = {name: value for name, value in card.parameters.items() if name not in asked}
        return pooled(restore(replace(card, parameters=rest)), **asked)
    if _is_flow(card):
        return FlowEncoder()
    given: Mapping[str, Any] = card.parameters
    parts = [restore(EncoderCard.from_json(part)) for part in given["parts"]]
    if given["strategy"] == "joint" and given["method"] != "cca":
        return joint(*parts, method=given["method"], weights=given["weights"])
    if given["strategy"] == "read-along":
        return read_along(parts[0])
    if given["strategy"] == "temporal":
        return temporal(parts[0], given["method"], frames=given["frames"])
    if given["strategy"] == "crops" and given["regions"] in REGIONS:
        return crops(parts[0], given["regions"], count=given["count"], pooling=given["regions_pooling"])
    what = "axes fitted on vectors" if given["strategy"] == "joint" else str(given.get("regions"))
    raise ValueError(
        f"encoder {card.name!r} depends on {what}, which its card does not hold; give the encoder."
    )


def _is_flow(card: EncoderCard) -> bool:
    return card.name == FlowEncoder.card.name and card.blocks == FlowEncoder.card.blocks
