"""The map of a library: a first look at once, the final map when it is made, and that made once."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from videxplore.stages.projection.project import judge_projection, project_embeddings, surroundings_of
from videxplore.values.vectors import Projection
from videxplore.workbench.project import facts_of, project

if TYPE_CHECKING:
    from videxplore.stages.store.snapshot import Snapshot
    from videxplore.workbench.library import Library


class FirstLook:
    """A map by principal components, at once; how far to trust it and the final map are asked for later.

    Both need to know who is near whom in the full dimension, which takes longer than the first look itself;
    it is found once.

    Attributes:
        projection: the first look, not judged.
        held: what the library held.
    """

    def __init__(self, library: Library) -> None:
        self.held = library.snapshot()
        self._embeddings, self._facts = library.embeddings(), facts_of(self.held)
        self._around = surroundings_of(self._embeddings)
        self.projection = project_embeddings(
            self._embeddings, method="pca", around=self._around, judged=False, **self._facts
        )

    def judge(self) -> Projection:
        """Return the first look with how far to trust it."""
        return judge_projection(self.projection, self._around)

    def finish(self) -> Projection:
        """Return the map by UMAP, judged: the same as :func:`videxplore.project` makes."""
        return project_embeddings(self._embeddings, around=self._around, **self._facts)


_MAKING = Lock()

_MAPS: WeakKeyDictionary[Library, tuple[Snapshot | None, Projection]] = WeakKeyDictionary()


def known_map(library: Library) -> Projection | None:
    """Return the map of a library, if one was made of what it holds now."""
    known = _MAPS.get(library)
    return known[1] if known is not None and known[0] is library.snapshot() else None


def map_of(library: Library, look: FirstLook | None = None) -> Projection:
    """Return the map of a library; it is made once for what the library holds, since that takes seconds.

    Args:
        library: to be drawn.
        look: the first look at it, if there was one: what it found out is not found out again.
    """
    with _MAKING:
        known = known_map(library)
        if known is None:
            held = library.snapshot()
            known = project(library) if look is None or look.held is not held else look.finish()
            _MAPS[library] = (held, known)
        return known
