"""The two sides of an assessment: clips with vectors and times, and the files that they come from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.exchange import SharedVectors, read_vectors
from videxplore.stages.store.filters import level_mask
from videxplore.stages.store.schema import displayable, uri_to_path
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.media import Span
from videxplore.values.segments import VIDEO_LEVEL
from videxplore.values.vectors import Embeddings, EncoderCard
from videxplore.workbench.library import Library
from videxplore.workbench.regions import Bag, attribute_words, segment_words

CLIP_LEVEL = "scene"
"""Level whose segments are the clips, where a library has it."""

Sideable = Library | Embeddings | SharedVectors | str | os.PathLike[str]
"""What can be a side: a library or its path, embeddings, or vectors that were handed over (``.npz``)."""


Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class Film:
    """One file of a side. Content that lies at two places is two files.

    Attributes:
        video_id: from the content.
        name: of the file.
        path: where it is; None where only vectors are known.
        duration_s: seconds.
        facts: what is known of it by name, such as ``"codec"``; ``"folder"`` is the folder that it lies in.
    """

    video_id: str
    name: str
    path: Path | None
    duration_s: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """What others may call it: ends of its path, longest first, with and without suffix, and its id."""
        if self.path is None:
            return (self.video_id,)
        parts = self.path.parts[1:] if self.path.is_absolute() else self.path.parts
        ends = ["/".join(parts[i:]) for i in range(len(parts))]
        shorter = [end.removesuffix(self.path.suffix) for end in ends]
        return os.fspath(self.path), *ends, *shorter, self.video_id

    def find(self, mapping: Mapping[str, Value]) -> Value | None:
        """The entry for this file, under whatever name it is there; None where it is not."""
        return next((mapping[key] for key in self.keys if key in mapping), None)


@dataclass(frozen=True, eq=False)
class Side:
    """All clips of one side.

    Attributes:
        films: f files.
        film: intp (n,), the file of each clip.
        ids: n segment ids.
        vectors: float32 (n, d).
        spans: n spans within the video; empty at zero where only vectors are known.
        durations_s: float64 (n,), seconds; 1 each where only vectors are known.
        card: of the vectors.
        origin: what was given.
        rows: intp (n,), row of each clip in embeddings as they were given; clips are sorted, so that the
            order they are given in never matters.
    """

    films: tuple[Film, ...]
    film: NDArray[np.intp]
    ids: tuple[str, ...]
    vectors: NDArray[np.float32]
    spans: tuple[Span, ...]
    durations_s: NDArray[np.float64]
    card: EncoderCard
    origin: Library | Embeddings | SharedVectors
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def library(self) -> Library | None:
        """The library that it is; None where only vectors are known."""
        return self.origin if isinstance(self.origin, Library) else None

    @property
    def name(self) -> str:
        """Name of the library, or of nothing in particular."""
        return "sample" if self.library is None else displayable(Path(self.library.path).stem)

    @property
    def turned(self) -> str:
        """Fingerprint of the secret that the vectors were turned with; empty where they were not."""
        return self.origin.turned if isinstance(self.origin, SharedVectors) else ""

    def words(self) -> list[Bag]:
        """N bags of words by which topics are named: what is said, and what stands out."""
        snapshot = None if self.library is None else self.library.snapshot()
        if snapshot is not None:
            known = segment_words(snapshot)
            return [known.get(i, {}) for i in self.ids]
        if not isinstance(self.origin, Embeddings):
            return [{} for _ in self.ids]
        found = dict(zip(self.origin.segment_ids, attribute_words(self.origin), strict=True))
        return [found[i] for i in self.ids]


def side_of(
    given: Sideable, *, level: str | None = None, durations_s: ArrayLike | None = None, label: str = "sample"
) -> Side:
    """Gather the clips of one side.

    Args:
        given: see :data:`Sideable`.
        level: whose segments are the clips; scenes, or the finest level where there are none.
        durations_s: seconds of each row of embeddings.
        label: of the argument, for errors.

    Raises:
        ValueError: no clip, an unknown level, or embeddings of segments within one another.
        TypeError: something else.
        LibraryError: no library there, or no file with vectors.
    """
    value = given
    if isinstance(value, str | os.PathLike):
        value = read_vectors(value) if os.fspath(value).endswith(".npz") else Library(value)
    if isinstance(value, Library):
        made = _of_library(value, level)
    elif isinstance(value, SharedVectors):
        made = _of_vectors(value, value.ids, value.ids, durations_s)
    elif isinstance(value, Embeddings):
        made = _of_embeddings(value if level is None else value.at(level), durations_s)
    else:
        raise TypeError(
            f"{label} must be a Library, Embeddings, vectors read with read_vectors, or the path of one, "
            f"got {type(value).__name__}."
        )
    if not len(made):
        raise ValueError(f"{label} must hold one clip at least, got none: {value!r}.")
    return made


def _of_library(library: Library, level: str | None) -> Side:
    snapshot = library.snapshot()
    if snapshot is None or not snapshot.videos:
        raise ValueError(f"the library {library.path!r} holds no video; ingest some first.")
    wanted = level or (CLIP_LEVEL if CLIP_LEVEL in snapshot.levels else snapshot.levels[0])
    films = tuple(film for _, row in sorted(snapshot.videos.items()) for film in _films(row))
    place: dict[str, list[int]] = {}
    for row in np.flatnonzero(level_mask(snapshot, wanted)):
        place.setdefault(snapshot.segments[row].video_id, []).append(int(row))
    rows = [place[film.video_id] for film in films]
    return _with_rows(library, snapshot, films, rows)


def _with_rows(
    library: Library, snapshot: Snapshot, films: tuple[Film, ...], rows: Sequence[Sequence[int]]
) -> Side:
    """The clips of each file, in order of files and time."""
    index = np.array([row for part in rows for row in part], np.intp)
    segments = [snapshot.segments[row] for row in index]
    return Side(
        films,
        np.repeat(np.arange(len(films)), [len(part) for part in rows]),
        tuple(s.segment_id for s in segments),
        snapshot.vectors[index],
        tuple(s.span for s in segments),
        np.array([s.duration_s for s in segments]),
        library.card,
        library,
        index,
    )


def _films(row: Mapping[str, Any]) -> list[Film]:
    """The files at which a video of a library lies; the one that it was ingested from where none is left."""
    main = uri_to_path(row["uri"])
    places = list(dict.fromkeys([main, *map(uri_to_path, sorted(row["locations"]))]))
    found = [place for place in places if place.is_file()] or [main]
    told = ("width", "height", "fps", "codec", "has_audio", "size_bytes")
    facts = {name: row[name] for name in told}
    return [
        Film(
            row["video_id"],
            displayable(place.name),
            place,
            float(row["duration_s"]),
            facts | {"video_id": row["video_id"], "path": displayable(place), "folder": place.parent.name},
        )
        for place in found
    ]


def _of_embeddings(embeddings: Embeddings, durations_s: ArrayLike | None) -> Side:
    videos = embeddings.video_ids or embeddings.segment_ids
    whole = {v for v, level in zip(videos, embeddings.levels, strict=True) if level == VIDEO_LEVEL}
    if len(videos) - len(set(videos)) and any(
        v in whole and level != VIDEO_LEVEL for v, level in zip(videos, embeddings.levels, strict=True)
    ):
        raise ValueError(
            "embeddings hold whole videos beside parts of them, and each hour must count once: "
            "hand in one level, such as library.embeddings('scene')."
        )
    return _of_vectors(embeddings, embeddings.segment_ids, videos, durations_s)


def _of_vectors(
    given: Embeddings | SharedVectors,
    ids: Sequence[str],
    videos: Sequence[str],
    durations_s: ArrayLike | None,
) -> Side:
    """A side of which only vectors are known: no files, no times."""
    seconds = np.ones(len(ids)) if durations_s is None else np.asarray(durations_s, np.float64)
    if seconds.shape != (len(ids),):
        raise ValueError(f"durations_s must have one entry per clip ({len(ids)}), got {seconds.shape}.")
    names, film = np.unique(np.asarray(videos, dtype=np.str_), return_inverse=True)
    totals = np.bincount(film, seconds, len(names))
    order = np.array(sorted(range(len(ids)), key=lambda i: (film[i], ids[i])), np.intp)
    return Side(
        tuple(Film(n, n, None, float(total)) for n, total in zip(names.tolist(), totals, strict=True)),
        film[order].astype(np.intp),
        tuple(ids[i] for i in order),
        given.vectors[order],
        (Span(0.0, 0.0),) * len(ids),
        seconds[order],
        given.card,
        given,
        order,
    )
