"""States of the explorer kept in a library, so that looking goes on where it was left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from videxplore.stages.store.database import Database
from videxplore.stages.store.views import list_views, read_view, remove_view, write_view
from videxplore.workbench.annotations import LibraryAnnotations

if TYPE_CHECKING:
    import pandas as pd


class LibraryViews(LibraryAnnotations):
    """States of the explorer in :class:`videxplore.Library`.

    They are no part of its history: :meth:`checkout` and :meth:`restore` leave them as they are.
    """

    def save_view(self, name: str, state: Mapping[str, Any]) -> None:
        """Keep a state under a name; one of that name is replaced.

        Args:
            name: for people; the explorer itself saves under ``"last"``.
            state: what JSON can hold, up to 4 MiB of it; it comes back as JSON does, tuples as lists.

        Raises:
            ValueError: no name, or a state that JSON cannot hold or that is too large.
            LibraryError: the library is empty, checked out at an earlier version, or cannot be written.
        """
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"name must be a text that says what the view shows, got {name!r}.")
        write_view(self.database, name, state)

    def load_view(self, name: str) -> dict[str, Any]:
        """Return a state that was kept.

        Raises:
            LibraryError: none of that name.
        """
        return read_view(self._present(), name)

    def views(self) -> pd.DataFrame:
        """One row per state kept: name, saved_at (UTC), bytes."""
        import pandas as pd

        return pd.DataFrame(list_views(self._present()), columns=["name", "saved_at", "bytes"])

    def remove_view(self, name: str) -> None:
        """Take a state away.

        Raises:
            LibraryError: none of that name, or the folder cannot be written.
        """
        remove_view(self.database, name)

    def _present(self) -> Database:
        return self.database if self.database.pinned is None else Database(self.path)
