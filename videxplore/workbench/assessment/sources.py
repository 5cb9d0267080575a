"""Which channel or contributor each file comes from: the unit of every interval."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from videxplore.stages.licensing.exchange import SharedVectors
from videxplore.values.sampling import Manifest
from videxplore.workbench.assessment.sides import Film, Side

Sources = str | os.PathLike[str] | Mapping[str, str] | Sequence[str]
"""A column, a folder whose subfolders are the sources, a mapping from file to source, or a name per clip."""

UNKNOWN = (
    "Cannot estimate: no sources were given, and clips of one source resemble each other. "
    "Say with sources= which channel or contributor each file comes from."
)

UNLISTED = "(not in the manifest)"

UNNAMED = "?"
"""The one source of all files where nobody named any."""


def name_sources(
    side: Side,
    films: Sequence[Film],
    given: Sources | None,
    manifest: Manifest | None = None,
    *,
    label: str = "sources",
) -> tuple[str, ...] | None:
    """Return the source of each file, or None where nobody said.

    Args:
        side: whose clips a sequence has names for.
        films: f files, those of the side first.
        given: where omitted, what the side or the manifest says.
        manifest: whose columns can be named.
        label: of the argument, for errors.

    Raises:
        ValueError: no such column, a file without a source, or clips of one file from two.
    """
    if given is None and isinstance(side.origin, SharedVectors):
        return _by_clip(side, side.origin.sources, label)
    if given is None:
        return None if manifest is None else _by_column(films, "source", manifest, label)
    if isinstance(given, str):
        return _by_column(films, given, manifest, label)
    if isinstance(given, os.PathLike):
        return _checked([_below(film, Path(given)) for film in films], films, label)
    if isinstance(given, Mapping):
        return _checked([film.find(given) for film in films], films, label)
    return _by_clip(side, given, label)


def rows_in(manifest: Manifest, films: Sequence[Film]) -> list[int | None]:
    """The row of each file in a manifest, by id, name or path; None where it is not listed."""
    place = {name: row for row, name in enumerate(manifest.ids)}
    return [film.find(place) for film in films]


def _by_column(films: Sequence[Film], name: str, manifest: Manifest | None, label: str) -> tuple[str, ...]:
    if manifest is not None and (name == "source" or name in manifest.columns):
        column = manifest.sources if name == "source" else manifest.columns[name]
        rows = rows_in(manifest, films)
        return tuple(UNLISTED if row is None else str(column[row]) or UNLISTED for row in rows)
    if all(name in film.facts for film in films):
        return tuple(str(film.facts[name]) for film in films)
    known = [] if manifest is None else ["source", *manifest.columns]
    allowed = ", ".join([*known, *(films[0].facts if films else ())])
    raise ValueError(
        f"{label} must be a column ({allowed or 'there is none'}), a Path whose subfolders are the sources, "
        f"or a mapping from file to source, got {name!r}."
    )


def _below(film: Film, folder: Path) -> str | None:
    """First level below a folder, of a file that lies in a subfolder of it."""
    if film.path is None:
        return None
    try:
        parts = Path(os.path.abspath(film.path)).relative_to(os.path.abspath(folder)).parts  # noqa: PTH100
    except ValueError:
        return None
    return parts[0] if len(parts) > 1 else "."


def _checked(names: Sequence[str | None], films: Sequence[Film], label: str) -> tuple[str, ...]:
    lost = [film.name for film, name in zip(films, names, strict=True) if not name]
    if lost:
        raise ValueError(
            f"{label} names no source for {len(lost)} of {len(films)} files, such as {lost[0]!r}: "
            "name the channel or contributor of every file, by path, name or video id."
        )
    return tuple(str(name) for name in names)


def _by_clip(side: Side, given: Sequence[str], label: str) -> tuple[str, ...]:
    names = np.asarray(given, dtype=np.str_)
    if names.shape != (len(side),):
        raise ValueError(f"{label} must have one name per clip ({len(side)}), got {names.shape}.")
    found: dict[int, str] = {}
    for film, name in zip(side.film.tolist(), names[side.rows].tolist(), strict=True):
        if found.setdefault(film, name) != name:
            raise ValueError(
                f"{label} names two sources for {side.films[film].name!r}: {found[film]!r} and {name!r}."
            )
    return _checked([found.get(i) for i in range(len(side.films))], side.films, label)
