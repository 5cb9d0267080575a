"""Keeping what an explorer looks at in its library, so that looking goes on after a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock, Timer
from typing import Any

from videxplore.errors import LibraryError
from videxplore.workbench.library import Library

LAST = "last"
"""The name under which the view is kept."""

DELAY_S = 1.5
"""How long nothing must change until the view is written, in seconds."""


class Keeper:
    """Writes a view a moment after its last change, in the background.

    Args:
        library: where to.
        view: gives what is looked at.
        tell: is told where the view cannot be kept, and why; after that nothing is tried any more.
    """

    def __init__(
        self, library: Library, view: Callable[[], Mapping[str, Any]], tell: Callable[[str], None]
    ) -> None:
        self._library, self._view, self._tell = library, view, tell
        self._lock = Lock()
        self._timer: Timer | None = None
        self._refused = False

    def changed(self, _: Any = None) -> None:
        """Write soon."""
        with self._lock:
            self._drop()
            if not self._refused:
                self._timer = Timer(DELAY_S, self.keep)
                self._timer.daemon = True
                self._timer.name = "videxplore view"
                self._timer.start()

    def _drop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def keep(self) -> None:
        """Write now."""
        with self._lock:
            self._drop()
            if self._refused:
                return
            try:
                self._library.save_view(LAST, self._view())
            except (LibraryError, OSError, ValueError) as problem:
                self._refused = True
                self._tell(f"This view is not kept: {problem}")

    def close(self) -> None:
        """Write what is not written yet."""
        if self._timer is not None:
            self.keep()


def kept_view(library: Library) -> dict[str, Any] | None:
    """Return the view that was kept last, or None."""
    try:
        return library.load_view(LAST)
    except LibraryError:
        return None


def in_words(view: Mapping[str, Any]) -> str:
    """Say what a view shows.

    >>> in_words({"query": "rain", "selection": ["a", "b"]})
    'Go on: “rain”, 2 chosen'
    """
    query, chosen = str(view.get("query", "")), len(view.get("selection", ()))
    short = query if len(query) <= 24 else f"{query[:23]}…"
    facts = [f"“{short}”"] if short else []
    facts += [f"{chosen} chosen"] if chosen else []
    return f"Go on: {', '.join(facts) or 'as it was'}"
