"""Outlets: what can be made of chosen segments, and how far it has got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Any

from videxplore.views.describe import plain

Progress = Callable[[int, int], None]
"""How much is done, of how much."""


@dataclass(frozen=True)
class Outlet:
    """One thing that can be made of segments.

    Attributes:
        kind: its name.
        label: what it is called.
        place: where it goes unless another place is named.
        hint: what the place may be.
        write: segment ids, place and what to tell the progress to what was made, as a sentence.
    """

    kind: str
    label: str
    place: str
    hint: str
    write: Callable[[Sequence[str], str, Progress], str]


class Errand:
    """Writes in the background, one thing at a time, and tells how far it has got.

    Args:
        outlets: what can be written.
        tell: is given ``state`` (``"running"``, ``"done"`` or ``"failed"``), ``text`` and ``share`` (0 to 1,
            None where not known).
    """

    def __init__(self, outlets: Sequence[Outlet], tell: Callable[[dict[str, Any]], None]) -> None:
        self._outlets = {outlet.kind: outlet for outlet in outlets}
        self._tell = tell
        self._thread: Thread | None = None

    @property
    def running(self) -> bool:
        """Whether something is being written."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, kind: str, place: str, segment_ids: Sequence[str]) -> None:
        """Begin to write; while something else is being written nothing happens."""
        if self.running:
            return
        outlet = self._outlets[kind]
        place = place.strip() or outlet.place
        self._tell({"state": "running", "text": f"{outlet.label}: {plain(place)}", "share": None})
        self._thread = Thread(
            target=self._write, args=(outlet, place, list(segment_ids)), name="videxplore outlet", daemon=True
        )
        self._thread.start()

    def _write(self, outlet: Outlet, place: str, segment_ids: Sequence[str]) -> None:
        def progress(done: int, of: int) -> None:
            text = f"{outlet.label}: {done} of {of}"
            self._tell({"state": "running", "text": text, "share": done / max(of, 1)})

        try:
            made = outlet.write(segment_ids, place, progress)
        except Exception as problem:  # noqa: BLE001 - nobody waits for this thread: the widget tells
            reason = plain(str(problem)) or type(problem).__name__
            self._tell({"state": "failed", "text": f"{outlet.label} failed: {reason}", "share": None})
        else:
            self._tell({"state": "done", "text": plain(made), "share": None})

    def settle(self, timeout_s: float | None = None) -> None:
        """Wait until nothing is being written, or for so many seconds at most."""
        if self._thread is not None:
            self._thread.join(timeout_s)
