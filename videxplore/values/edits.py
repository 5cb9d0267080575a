"""By what a tree was cut: targets, weights, and the corrections of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One correction of a tree by a person. It holds however the video is cut again.

    Attributes:
        action: ``"move"``, ``"merge"``, ``"split"`` or ``"lock"``.
        time_s: the boundary meant: one that stood there, or for a split the new one.
        to_s: where the boundary stands from now on; None after a merge.
        level: the coarsest that it separates, of a merge the finest that it unites; None for the finest.
        between_s: its neighbours: after a move or a merge no other boundary may stand between them.
    """

    action: str
    time_s: float
    to_s: float | None = None
    level: str | None = None
    between_s: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All by which a tree was cut that can be changed without measuring the video again.

    Attributes:
        levels: target mean duration in seconds per level, finest first; None for as many segments as there is
            evidence for.
        weights: weight per signal.
        min_s: shortest leaf in seconds; None for the usual one.
        edits: corrections by a person, in the order in which they were made.
    """

    levels: Mapping[str, float | None]
    weights: Mapping[str, float]
    min_s: float | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def finest_s(self) -> float:
        """Target mean duration of the finest level, in seconds."""
        target = next(iter(self.levels.values()))
        if target is None:
            raise ValueError(f"the finest level needs a target duration, got {dict(self.levels)}.")
        return target
