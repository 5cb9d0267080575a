"""Details: all that is known of the chosen segment, with notes and tags to edit in place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import traitlets

from videxplore.values.details import SegmentDetails
from videxplore.values.segments import LEVELS
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain
from videxplore.views.describe_details import describe_details

Source = Callable[[str], SegmentDetails]
"""A segment id to its details; may take a while."""

SaveNote = Callable[[str, str], object]
"""Called with a segment id and its new note."""

SaveTags = Callable[[str, list[str]], object]
"""Called with a segment id and its new tags."""

Seek = Callable[[str, float], object]
"""Called with a segment id and a time on its video's clock, in seconds."""


class Details(View):
    """Facts, hierarchy, what is said, notes and tags, attributes, neighbours and provenance of one segment.

    Alone in a layout of one's own::

        details = Details(source=lambda segment_id: details_of(library, segment_id), poster=library.poster)
        details.on_note(lambda segment_id, note: library.annotate(segment_id, note=note))
        details.show(hit.segment_id)

    Args:
        details: of the segment shown first.
        source: gives details; :meth:`show` asks it in a thread of its own.
        levels: level names, finest first.
        poster: segment id to JPEG bytes.
        clip: what makes clips; asked for the times at which something is said.
        **traits: ``query``.
    """

    _esm = module("details")
    _css = styles("details")

    query = traitlets.Unicode("", help="words to mark in what is said").tag(sync=True)
    _details = traitlets.Dict({}).tag(told=True)
    _waits = traitlets.Bool(False).tag(sync=True)
    _problem = traitlets.Unicode("").tag(sync=True)
    _saved = traitlets.Dict({}).tag(sync=True)
    _takes = traitlets.List([], help="what can be saved: note, tags").tag(sync=True)
    _seeks = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        details: SegmentDetails | None = None,
        *,
        source: Source | None = None,
        levels: Sequence[str] = LEVELS,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        **traits: Any,
    ) -> None:
        self._source, self._order = source, tuple(levels)
        self._savers: dict[str, list[Callable[[str, Any], object]]] = {"note": [], "tags": []}
        self._seekers: list[Seek] = []
        self._saves = 0
        self._wanted: str | None = None
        self._turn = 0
        self._loader: threading.Thread | None = None
        self._lock = threading.RLock()
        super().__init__(poster=poster, clip=clip, **traits)
        self.load(details)

    def on_note(self, callback: SaveNote) -> None:
        """Call ``callback(segment_id, note)`` to save a note; what it raises is shown, and the text stays."""
        self._savers["note"].append(callback)
        self._takes = [kind for kind, savers in self._savers.items() if savers]

    def on_tags(self, callback: SaveTags) -> None:
        """Call ``callback(segment_id, tags)`` to save tags; what it raises is shown, and none is changed."""
        self._savers["tags"].append(callback)
        self._takes = [kind for kind, savers in self._savers.items() if savers]

    def on_seek(self, callback: Seek) -> None:
        """Call ``callback(segment_id, time_s)`` when the user chooses a time at which something is said."""
        self._seekers.append(callback)
        self._seeks = True

    def load(self, details: SegmentDetails | None) -> None:
        """Show details, or none."""
        with self._lock:
            self._wanted, self._turn = None, self._turn + 1
            self._set(details)

    def _set(self, details: SegmentDetails | None, problem: str = "") -> None:
        self.details = details
        with self.hold_sync():
            self._details = {} if details is None else describe_details(details, self._order)
            self._problem = plain(problem)
            self._waits = False

    def show(self, segment_id: str | None) -> None:
        """Show a segment as soon as ``source`` has its details, or none; returns at once.

        Raises:
            TypeError: there is no ``source``.
        """
        if segment_id is None:
            self.load(None)
            return
        if self._source is None:
            raise TypeError("Details was made without source=; give one, or use load(details).")
        with self._lock:
            self._wanted, self._turn, self._waits = segment_id, self._turn + 1, True
            if self._loader is None:
                self._loader = threading.Thread(target=self._work, name="videxplore details", daemon=True)
                self._loader.start()

    def _work(self) -> None:
        """Load what is wanted until nothing else is by then. No thread waits idly for the next segment."""
        while True:
            with self._lock:
                wanted, turn = self._wanted, self._turn
                if wanted is None:
                    self._loader = None
                    return
            found, problem = self._ask(wanted)
            with self._lock:
                if turn == self._turn:
                    self._wanted = None
                    self._set(found, problem)

    def _ask(self, segment_id: str) -> tuple[SegmentDetails | None, str]:
        assert self._source is not None  # noqa: S101 - show() has looked
        try:
            return self._source(segment_id), ""
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread: the panel tells
            return None, f"{type(error).__name__}: {error}"

    def settle(self, timeout_s: float | None = None) -> SegmentDetails | None:
        """Wait until what was asked for by :meth:`show` is shown; returns it."""
        loader = self._loader
        if loader is not None:
            loader.join(timeout_s)
        return self.details

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        kind, segment_id = content.get("kind"), str(content.get("id"))
        if kind == "note":
            self._keep("note", segment_id, str(content["value"]))
        elif kind == "tags":
            self._keep("tags", segment_id, [str(tag) for tag in content["value"]])
        elif kind == "seek":
            for callback in self._seekers:
                callback(segment_id, float(content["time"]))
        else:
            super()._answer(widget, content, buffers)

    def _keep(self, kind: str, segment_id: str, value: Any) -> None:
        """Save a note or tags, and say how that went."""
        problem = "" if self._savers[kind] else "nothing here saves it"
        for save in self._savers[kind]:
            try:
                save(segment_id, value)
            except Exception as error:  # noqa: BLE001 - a full disk or a removed video is told where one writes
                problem = str(error) or type(error).__name__
        with self._lock, self.hold_sync():
            shown = self.details
            if shown is not None and shown.segment_id == segment_id and not problem:
                told: dict[str, Any] = {kind: tuple(value) if kind == "tags" else value}
                self.details = replace(shown, **told)
                self._details = describe_details(self.details, self._order)
            self._saves += 1
            said = plain(f"Not saved: {problem}") if problem else ""
            self._saved = {"kind": kind, "id": segment_id, "problem": said, "turn": self._saves}

    def close(self) -> None:
        """Close the panel; what is still being loaded is not shown any more."""
        with self._lock:
            self._wanted, self._turn = None, self._turn + 1
        super().close()
