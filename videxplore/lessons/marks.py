"""Marks: whether an answer to a question is right, and what to think about where it is not.

A question does not hold its right answer but the function that computes it from the data of the lesson, so
that it stays right on videos of one's own, and so that no notebook gives it away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Protocol

STATES = ("open", "right", "wrong")
"""What an answer can be; ``open`` where none was given."""


class Kind(Protocol):
    """How answers of one kind are compared."""

    def fault(self, answer: Any, right: Any) -> str:
        """Return which class of wrong an answer is, empty where it is right."""
        ...

    @property
    def faults(self) -> tuple[str, ...]:
        """Every class of wrong there is."""
        ...

    @property
    def wanted(self) -> str:
        """What an answer looks like, for a reader."""
        ...


@dataclass(frozen=True)
class Number:
    """A number.

    Attributes:
        within: how far from the right one it may lie, absolute.
        unit: of the answer.
    """

    within: float
    unit: str = ""

    @property
    def faults(self) -> tuple[str, ...]:
        """Below, above, or no number."""
        return "too small", "too large", "no number"

    @property
    def wanted(self) -> str:
        """What an answer looks like."""
        unit = f" ({self.unit})" if self.unit else ""
        return f"a number{unit}, within ±{self.within:g}"

    def fault(self, answer: Any, right: Any) -> str:
        """Return which class of wrong an answer is, empty where it is right."""
        if not isinstance(answer, Real) or isinstance(answer, bool) or answer != answer:
            return "no number"
        off = float(answer) - float(right)
        # What is computed in another order may differ in the last digits.
        if abs(off) <= self.within * (1 + 1e-9) + 1e-12:
            return ""
        return "too small" if off < 0 else "too large"


@dataclass(frozen=True)
class OneOf:
    """One of several words or numbers.

    Attributes:
        options: what can be answered.
    """

    options: tuple[Any, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Every option, as text, or none of them."""
        return *(str(option) for option in self.options), "not an option"

    @property
    def wanted(self) -> str:
        """What an answer looks like."""
        return "one of " + ", ".join(repr(option) for option in self.options)

    def fault(self, answer: Any, right: Any) -> str:
        """Return which class of wrong an answer is, empty where it is right."""
        if answer not in self.options:
            return "not an option"
        return "" if answer == right else str(answer)


@dataclass(frozen=True)
class SetOf:
    """A set of things, such as segment ids, in any order.

    Attributes:
        what: the things, in the plural.
    """

    what: str = "segment ids"

    @property
    def faults(self) -> tuple[str, ...]:
        """Too few, too many, some of both, or no set."""
        return "some missing", "too many", "some missing, some too many", "no set"

    @property
    def wanted(self) -> str:
        """What an answer looks like."""
        return f"a list or set of {self.what}"

    def fault(self, answer: Any, right: Any) -> str:
        """Return which class of wrong an answer is, empty where it is right."""
        if isinstance(answer, str) or not isinstance(answer, Collection):
            return "no set"
        given, wanted = set(answer), set(right)
        missing, more = wanted - given, given - wanted
        if missing and more:
            return "some missing, some too many"
        return "some missing" if missing else "too many" if more else ""


@dataclass(frozen=True)
class Question:
    """A question with a checkable answer.

    Attributes:
        key: ``"<lesson>/<name>"``; the lesson is the module in :mod:`videxplore.lessons.questions`.
        text: what is asked.
        kind: how answers are compared.
        right: computes the right answer from the data that the check is given.
        because: what a right answer shows, in a sentence.
        hints: class of wrong -> what to think about; a class without one gets :attr:`hint`.
        hint: what to think about otherwise.
    """

    key: str
    text: str
    kind: Kind
    right: Callable[..., Any]
    because: str
    hint: str
    hints: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.hints) - set(self.kind.faults))
        if unknown:
            raise ValueError(f"{self.key}: hints for {unknown}, but wrong answers are {self.kind.faults}.")

    def mark(self, answer: Any, data: Sequence[Any]) -> Mark:
        """Return the mark of an answer; None is no answer."""
        if answer is None:
            return Mark(self.key, "open", self.text, f"No answer yet. Put {self.kind.wanted} in its place.")
        fault = self.kind.fault(answer, self.right(*data))
        if not fault:
            return Mark(self.key, "right", self.text, self.because)
        return Mark(self.key, "wrong", self.text, self.hints.get(fault, self.hint))


@dataclass(frozen=True)
class Mark:
    """What an answer got.

    Attributes:
        key: of the question.
        state: one of :data:`STATES`.
        question: what was asked.
        message: what is said about the answer: why it is right, or what to think about.
    """

    key: str
    state: str
    question: str
    message: str

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.state == "right"

    def __str__(self) -> str:
        return f"{self.question}\n{self.state}: {self.message}"

    def _repr_html_(self) -> str:
        from videxplore.views.lessons.card import mark_card

        return mark_card(self.state, self.question, self.message)
