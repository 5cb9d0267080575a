"""Asked: what somebody looks for, with all that narrows it down, as a search takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a library.

    Attributes:
        query: the words.
        level: a level name, ``"any"`` or ``"auto"``.
        weights: what a modality counts, 1 where not given; None for all alike.
        where: a condition, as :meth:`videxplore.Library.search` takes it; None for none.
    """

    query: str
    level: str = "any"
    weights: Mapping[str, float] | None = None
    where: Mapping[str, Any] | str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What differs from a plain search, by the names of the arguments of ``Library.search``."""
        options: dict[str, Any] = {} if self.level == "any" else {"level": self.level}
        options |= {"weights": dict(self.weights)} if self.weights else {}
        return options | ({"where": self.where} if self.where else {})

    def code(self, **options: Any) -> str:
        """Return the call that asks the same, to be pasted into a notebook.

        Args:
            options: further arguments of ``Library.search``, such as ``k``.

        >>> Asked("rain", "scene", where="duration_s >= 3").code(k=20)
        "library.search('rain', k=20, level='scene', where='duration_s >= 3')"
        """
        given = "".join(f", {name}={value!r}" for name, value in (options | self.options).items())
        return f"library.search({self.query!r}{given})"
