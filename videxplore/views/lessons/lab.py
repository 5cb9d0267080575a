"""Lab: sliders, the picture that follows them, and the clips that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from videxplore.values.charts import Lane, Scene
from videxplore.views.base import Pixels, announce
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain
from videxplore.views.lessons.card import framed
from videxplore.views.lessons.controls import Controls, Options, read_options
from videxplore.views.lessons.pictures import draw_scene
from videxplore.views.lessons.shelf import Shelf
from videxplore.views.lives import close_below
from videxplore.views.stills import render

Respond = Callable[..., Scene]
"""What is chosen, by name, to what is shown."""

Describe = Callable[[str], Mapping[str, Any]]
"""A segment id to what :func:`videxplore.views.describe.describe_segment` returns."""


class Lab(ipywidgets.VBox):
    """Calls ``respond`` with what is chosen and shows what it returns.

    While a slider is dragged, one response is under way at a time and the latest place follows it.

    Args:
        respond: called with one keyword per control.
        options: name -> numbers (a slider), words (a list), or True or False (a switch).
        start: name -> what is chosen at first.
        describe: a segment id to what names and places it.
        poster: segment id to JPEG bytes.
        clip: what makes clips.
    """

    def __init__(
        self,
        respond: Respond,
        options: Mapping[str, Options],
        *,
        start: Mapping[str, Any],
        describe: Describe,
        poster: Pixels | None = None,
        clip: Clips | None = None,
    ) -> None:
        self._respond, self._describe, self._poster = respond, describe, poster
        self._controls = Controls(*read_options(options, start))
        self._picture = ipywidgets.HTML()
        self._said = ipywidgets.HTML().add_class("vx-lab-said")
        self._shelf = Shelf(poster=poster, clip=clip)
        self.scene: Scene = respond(**self._controls.values)
        top = ipywidgets.Box([self._controls, self._picture]).add_class("vx-lab-top")
        super().__init__([top, self._said, self._shelf])
        self.add_class("vx").add_class("vx-lab").add_class("vx-lesson")
        self._show()
        self._controls.on_change(self._answer)

    @property
    def values(self) -> dict[str, Any]:
        """What is chosen, by name."""
        return self._controls.values

    def choose(self, **values: Any) -> None:
        """Choose from Python what a hand would choose.

        Raises:
            ValueError: no such control or option.
        """
        self._controls.choose(**values)

    def _answer(self) -> None:
        """Respond to what is chosen; what a lesson raises is shown where its picture was."""
        try:
            self.scene = self._respond(**self._controls.values)
        except Exception as problem:  # noqa: BLE001 - a student's own response may raise anything
            text = f"{type(problem).__name__}: {problem}"
            self._picture.value = framed(render("lesson_problem", text=plain(text)))
            return
        self._show()

    def _show(self) -> None:
        self._picture.value = f'<div class="vx vx-lesson">{draw_scene(self.scene)}</div>'
        said = render("lesson_said", said=plain(self.scene.said))
        self._said.value = f'<div class="vx vx-lesson">{said}</div>'
        self._shelf.load(self._lanes())

    def _lanes(self) -> list[dict[str, Any]]:
        return [self._lane(lane) for lane in self.scene.lanes]

    def _lane(self, lane: Lane) -> dict[str, Any]:
        notes = lane.notes or [""] * len(lane.segment_ids)
        items = [
            {**self._describe(segment_id), "note": plain(note)}
            for segment_id, note in zip(lane.segment_ids, notes, strict=True)
        ]
        return {
            "title": plain(lane.title), "state": lane.state, "empty": plain(lane.empty), "items": items,
        }  # fmt: skip

    def still(self) -> str:
        """What is chosen, the picture and the clips as HTML, for readers without a kernel."""
        chosen = [
            {"label": control.label, "word": control.words[control.place_of(self.values[control.name])]}
            for control in self._controls.controls
        ]
        return framed(
            render(
                "lesson_lab",
                self._poster,
                controls=chosen,
                chart=draw_scene(self.scene),
                said=plain(self.scene.said),
                lanes=self._lanes(),
            )
        )

    def _ipython_display_(self) -> None:
        announce(self, self._controls)

    def close(self) -> None:
        """Close every part."""
        close_below(self)
        super().close()
