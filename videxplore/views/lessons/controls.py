"""Controls: sliders, lists and switches of a lab, whose places arrive one at a time while one is dragged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import View
from videxplore.views.describe import plain

Options = Sequence[Any] | bool
"""What can be chosen: numbers make a slider, words a list; True or False makes a switch, so placed."""


@dataclass(frozen=True)
class Control:
    """One thing that can be set.

    Attributes:
        name: of the argument that it sets.
        kind: ``"slider"``, ``"list"`` or ``"switch"``.
        options: what can be chosen.
    """

    name: str
    kind: str
    options: tuple[Any, ...]

    @classmethod
    def of(cls, name: str, options: Options) -> Control:
        """Return the control that suits the options.

        Raises:
            ValueError: there are none.
        """
        if isinstance(options, bool):
            return cls(name, "switch", (False, True))
        chosen = tuple(options)
        if not chosen:
            raise ValueError(f"{name} has no options; give numbers, words, or True or False.")
        numbers = all(isinstance(one, Real) and not isinstance(one, bool) for one in chosen)
        return cls(name, "slider" if numbers else "list", chosen)

    @property
    def label(self) -> str:
        """Its name in words."""
        return plain(self.name.replace("_", " "))

    @property
    def words(self) -> list[str]:
        """Its options in words."""
        return [_word(option) for option in self.options]

    def place_of(self, value: Any) -> int:
        """Return the index of an option.

        Raises:
            ValueError: no such option.
        """
        if value not in self.options:
            raise ValueError(f"{self.name} must be one of {self.options}, got {value!r}.")
        return self.options.index(value)


def read_options(
    options: Mapping[str, Options], start: Mapping[str, Any]
) -> tuple[list[Control], dict[str, int]]:
    """Return the controls for some options, and where each stands at first.

    Args:
        options: name -> what can be chosen.
        start: name -> what is chosen at first; the first option, where nothing is said.

    Raises:
        ValueError: options without a value, or a start that is none of them.
    """
    unknown = sorted(set(start) - set(options))
    if unknown:
        raise ValueError(f"start names {', '.join(unknown)}; there are {', '.join(options)}.")
    controls = [Control.of(name, given) for name, given in options.items()]
    begin = {name: given for name, given in options.items() if isinstance(given, bool)} | dict(start)
    return controls, {c.name: c.place_of(begin[c.name]) if c.name in begin else 0 for c in controls}


class Controls(View):
    """Tells of one place at a time: what is asked while an answer is under way waits, and the latest wins.

    Args:
        controls: what can be set.
        places: name -> index of the option that is chosen at first.
    """

    _esm = module("controls")
    _css = styles("lesson", "lab")

    _controls = traitlets.List([]).tag(sync=True)
    _places = traitlets.Dict({}).tag(sync=True)
    _turn = traitlets.Int(0).tag(sync=True)

    def __init__(self, controls: Sequence[Control], places: Mapping[str, int]) -> None:
        self.controls = tuple(controls)
        self._callbacks: list[Callable[[], None]] = []
        self._stood = dict(places)
        drawn = [{"name": c.name, "label": c.label, "kind": c.kind, "words": c.words} for c in controls]
        super().__init__(_controls=drawn, _places=dict(places))
        self.observe(self._on_places, names="_places")

    @property
    def values(self) -> dict[str, Any]:
        """What is chosen, by name."""
        return {control.name: control.options[self._places[control.name]] for control in self.controls}

    def choose(self, **values: Any) -> None:
        """Choose options from Python.

        Raises:
            ValueError: no such control or option.
        """
        known = {control.name: control for control in self.controls}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"no control {', '.join(unknown)}; there are {', '.join(known)}.")
        self._places = self._places | {name: known[name].place_of(value) for name, value in values.items()}

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call ``callback()`` whenever something else was chosen."""
        self._callbacks.append(callback)

    @traitlets.validate("_places")
    def _check_places(self, proposal: Any) -> dict[str, int]:
        """A page may send anything: what is no place of an option stays where it stood."""
        checked = dict(self._stood)
        for control in self.controls:
            place = proposal["value"].get(control.name)
            if isinstance(place, int) and 0 <= place < len(control.options):
                checked[control.name] = place
        self._stood = checked
        return checked

    def _on_places(self, _: Any) -> None:
        try:
            for callback in self._callbacks:
                callback()
        finally:
            self._turn += 1


def _word(option: Any) -> str:
    if isinstance(option, bool):
        return "on" if option else "off"
    if isinstance(option, int):
        return f"{option:,}".replace("-", "−")
    return f"{option:g}".replace("-", "−") if isinstance(option, float) else plain(str(option))
