"""Maps kept in a library, so that what was learnt to be read can be read again, and grown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from videxplore.errors import CardMismatchError
from videxplore.stages.store.maps import list_maps, read_map, remove_map, write_map
from videxplore.values.vectors import Projection
from videxplore.workbench.judgements import LibraryJudgements

if TYPE_CHECKING:
    import pandas as pd


class LibraryMaps(LibraryJudgements):
    """Maps of :class:`videxplore.Library`."""

    def save_map(self, projection: Projection, name: str) -> None:
        """Keep a map under a name; one of that name is replaced.

        Args:
            projection: of this library's segments, all or some.
            name: for people.

        Raises:
            ValueError: no name, or segments that are not in this library.
            CardMismatchError: the map is of another encoder's vectors.
            LibraryError: the folder cannot be written.
        """
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"name must be a text that says what the map shows, got {name!r}.")
        if projection.card != self.card:
            raise CardMismatchError(
                f"the map is of {projection.card!r}, this library's vectors are of {self.card!r}."
            )
        snapshot = self.snapshot()
        known = {} if snapshot is None else snapshot.row_of
        strangers = [i for i in projection.segment_ids if i not in known]
        if strangers or not known:
            raise ValueError(
                f"{len(strangers)} of the {len(projection)} segments on the map are not in this library, "
                f"such as {strangers[:1]!r}; keep it in the library that it was made from."
            )
        write_map(self.database, name, projection)

    def load_map(self, name: str) -> Projection:
        """Return a map that was kept, for :func:`videxplore.figure`, the explorer, or as ``fit=``.

        Segments removed since are left out; those added since are not on it: place them with
        ``vx.project(library, fit=library.load_map(name))``. How far to trust it is judged anew.

        Raises:
            LibraryError: no map of that name.
            CardMismatchError: this handle looks at other vectors than the map is of.
        """
        from videxplore.workbench.project import restore_projection

        stored, snapshot = read_map(self.database, name), self.snapshot()
        assert snapshot is not None  # noqa: S101 - a library with a map holds something
        return restore_projection(snapshot, stored)

    def maps(self) -> pd.DataFrame:
        """One row per map kept: name, encoder, method, segments, made_at (UTC)."""
        import pandas as pd

        columns = ["name", "encoder", "method", "segments", "made_at"]
        return pd.DataFrame(list_maps(self.database), columns=columns)

    def remove_map(self, name: str) -> None:
        """Take a map away.

        Raises:
            LibraryError: none of that name, or the folder cannot be written.
        """
        remove_map(self.database, name)
