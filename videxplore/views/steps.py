"""Steps: what was, to go back to, and what was taken back, to go forward to."""

from __future__ import annotations

from typing import Generic, TypeVar

State = TypeVar("State")


class Steps(Generic[State]):
    """States in the order in which they were, with a place among them.

    Args:
        now: the first state.
        most: how many earlier states are kept.

    >>> steps = Steps("a")
    >>> steps.note("b"); steps.note("b"); steps.note("c")
    >>> steps.back(), steps.back(), steps.back(), steps.forward()
    ('b', 'a', None, 'b')
    >>> steps.note("d")
    >>> steps.forward(), steps.back()
    (None, 'b')
    """

    def __init__(self, now: State, most: int = 100) -> None:
        self.now = now
        self._most = most
        self._before: list[State] = []
        self._after: list[State] = []

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier state."""
        return bool(self._before)

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a state that was gone back from."""
        return bool(self._after)

    def note(self, state: State) -> None:
        """Take a state as the present one; one equal to it is no step."""
        if state == self.now:
            return
        self._before = [*self._before, self.now][-self._most :]
        self.now, self._after = state, []

    def back(self) -> State | None:
        """Go one state back and return it; None where there is none."""
        return self._move(self._before, self._after)

    def forward(self) -> State | None:
        """Go one state forward and return it; None where there is none."""
        return self._move(self._after, self._before)

    def _move(self, source: list[State], target: list[State]) -> State | None:
        """Take the last state of ``source`` as the present one, which goes to ``target``."""
        if not source:
            return None
        target.append(self.now)
        self.now = source.pop()
        return self.now
