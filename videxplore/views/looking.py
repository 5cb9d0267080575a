"""What an explorer is looking at: traits to read, set and observe, the way back, and the view as a whole."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from typing import Any

import ipywidgets
import traitlets

from videxplore.views.steps import Steps

ASKED = ("query", "level", "weights", "where")
"""The traits that make a question."""

LOOK = ("color", "levels_shown", "names", "ranked", "torn")
"""The traits of the map."""

STEPPED = (*ASKED, "selection")
"""What undo takes back."""

VIEWED = (*STEPPED, "history", *LOOK, "folded", "shape", "current_time")
"""What a view is made of."""

RESTORED = ("history", "level", "weights", "where", "query", "selection", *LOOK, "folded", "shape")
"""The same in the order in which it is gone to: one search, and the choice after the answers."""


class Looking(ipywidgets.VBox):
    """The traits of an explorer, with undo and redo of questions and choices.

    Args:
        children: what it stands on.
        there: ids of the segments that there are.
        tell_steps: called with whether there is a way back, and forward, whenever that may have changed.
    """

    selection = traitlets.List(traitlets.Unicode(), help="ids of the chosen segments")
    query = traitlets.Unicode("", help="what is looked for")
    level = traitlets.Unicode("any", help="level of the answers")
    weights = traitlets.Dict({}, help="what a modality counts, 1 where not given")
    where = traitlets.Unicode("", help="condition on the answers, as Library.search takes it")
    history = traitlets.List(traitlets.Unicode(), help="what was asked before, newest last")
    hits = traitlets.Any(None, help="the Ranking that answers the query, or None")
    current_time = traitlets.Float(0.0, help="where the player stands, in seconds")
    color = traitlets.Unicode("level", help="what the colour of a point on the map stands for")
    levels_shown = traitlets.List(traitlets.Unicode(), help="levels whose points are on the map")
    ranked = traitlets.Bool(True, help="whether a line leads through the first answers")
    names = traitlets.Bool(True, help="whether regions of the map are named, where they have names")
    torn = traitlets.Bool(False, help="whether the map shows what it says falsely about the chosen segment")
    folded = traitlets.List(traitlets.Unicode(), ["compare"], help="panels that are folded away")
    shape = traitlets.Unicode("timeline", help="how the segment tree is drawn")

    def __init__(
        self,
        children: Sequence[ipywidgets.DOMWidget],
        *,
        there: Container[str],
        tell_steps: Callable[[bool, bool], None],
    ) -> None:
        super().__init__(list(children))
        self._there, self._on_steps = there, tell_steps
        self._quiet = False
        self._steps = Steps(self._now(STEPPED))
        self.observe(self._note_step, names=STEPPED)

    def undo(self) -> None:
        """Take back the last change of the question or the selection."""
        self._go(self._steps.back())

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._go(self._steps.forward())

    @property
    def view(self) -> dict[str, Any]:
        """What is looked at, as JSON can hold it: question, history, selection, colours, panels, time."""
        return self._now(VIEWED)

    def go_to(self, view: Mapping[str, Any]) -> None:
        """Look at what was looked at, as one step; what is no more, such as a removed segment, is left out.

        Args:
            view: as :attr:`view` gave it, or some of it.
        """
        known = {"query": ""} | {name: view[name] for name in RESTORED if name in view}
        self._quiet = True
        try:
            for name, value in known.items():
                if name == "selection":
                    value = [segment_id for segment_id in value if segment_id in self._there]
                # A level, a column or a panel that this library does not have.
                with suppress(traitlets.TraitError):
                    setattr(self, name, value)
        finally:
            self._quiet = False
        self._note_step()
        if self.selection and "current_time" in view:
            self.current_time = float(view["current_time"])

    def _now(self, names: Sequence[str]) -> dict[str, Any]:
        return {name: copied(getattr(self, name)) for name in names}

    def _go(self, step: Mapping[str, Any] | None) -> None:
        with self.hold_trait_notifications():
            for name, value in (step or {}).items():
                setattr(self, name, copied(value))
        self._tell_steps()

    def _note_step(self, _: Any = None) -> None:
        """Remember what was. To go back or forward leads to the state that is noted already: no step."""
        if not self._quiet:
            self._steps.note(self._now(STEPPED))
            self._tell_steps()

    def _tell_steps(self) -> None:
        self._on_steps(self._steps.can_go_back, self._steps.can_go_forward)


def copied(value: Any) -> Any:
    """A value that does not change with what it was read from."""
    return value.copy() if isinstance(value, list | dict) else value
