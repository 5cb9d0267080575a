"""The list of everything in an archive: read, and drawn from by a rule that nobody can bend."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videxplore.values.sampling import Draw, Manifest, SamplingDesign

NEEDED = ("id", "source", "duration_s")

METHODS = ("simple", "stratified", "cluster")


def read_manifest(path: str | PathLike[str]) -> Manifest:
    """Read a CSV file with the columns ``id``, ``source``, ``duration_s`` and any others.

    A further column whose entries are all numbers is read as numbers, any other as names.

    Raises:
        ValueError: a column is missing, or an entry cannot be used.
    """
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in NEEDED if name not in (reader.fieldnames or ())]:
            raise ValueError(
                f"manifest {str(path)!r} lacks the columns {', '.join(missing)}; "
                f"needed are {', '.join(NEEDED)}."
            )
        rows = list(reader)
        others = [name for name in reader.fieldnames or () if name not in NEEDED]
    durations = _numbers([row["duration_s"] for row in rows])
    if durations is None:
        raise ValueError(f"manifest {str(path)!r}: duration_s must be numbers, in seconds.")
    columns: dict[str, tuple[object, ...]] = {}
    for name in others:
        entries = [row[name] or "" for row in rows]
        numbers = _numbers(entries)
        columns[name] = tuple(entries) if numbers is None else tuple(numbers)
    ids, sources = (tuple(row[name] for row in rows) for name in ("id", "source"))
    return Manifest(ids, sources, np.array(durations), columns)


def draw(
    manifest: Manifest,
    hours: float,
    *,
    seed: int,
    committed: str,
    method: str = "cluster",
    per_source: int = 20,
    stratum: str = "",
) -> Draw:
    """Draw a sample from a manifest that was fixed before the seed was named.

    The vendor hands over the manifest's hash, the buyer then names a seed, and anybody can repeat the draw:
    the order of chance is the SHA-256 of hash, seed and id, so that neither the order of the rows nor the
    version of a random generator has a say.

    Args:
        manifest: of the whole archive.
        hours: wanted; the draw stops at the first clip that reaches them.
        seed: named by the buyer.
        committed: the hash that the vendor handed over.
        method: ``"cluster"`` draws sources and ``per_source`` clips of each, which makes the most of
            intervals by source; ``"simple"`` draws clips; ``"stratified"`` draws clips from each stratum by
            its hours.
        per_source: clips at most from one source, for ``"cluster"``.
        stratum: column of the manifest, for ``"stratified"``.

    Raises:
        ValueError: the manifest is not the one committed to, or an argument is out of range.
    """
    if manifest.sha256 != committed:
        raise ValueError(
            f"manifest has the hash {manifest.sha256}, committed was {committed!r}: it was changed since. "
            "Ask for the one that was committed to."
        )
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}.")
    if not 0 < hours <= manifest.hours:
        raise ValueError(f"hours must lie between 0 and the archive's {manifest.hours:.2f}, got {hours!r}.")
    chance = _chances(manifest.ids, f"{committed}:{seed}")
    if method == "cluster":
        rows, inclusion = _by_source(manifest, hours, chance, per_source, f"{committed}:{seed}")
    elif method == "stratified":
        rows, inclusion = _by_stratum(manifest, hours, chance, strata_of(manifest, stratum))
    else:
        rows = _until(np.argsort(chance), manifest.durations_s, hours)
        inclusion = np.full(len(rows), len(manifest) / len(rows))
    design = SamplingDesign(
        "buyer-drawn", committed, seed, method, stratum=stratum if method == "stratified" else ""
    )
    ids = tuple(manifest.ids[row] for row in rows)
    total = float(manifest.durations_s[rows].sum() / 3600)
    return Draw(ids, tuple(rows.tolist()), tuple(inclusion.tolist()), design, total)


def _by_source(
    manifest: Manifest, hours: float, chance: NDArray[np.float64], per_source: int, key: str
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Sources in random order, up to ``per_source`` clips of each, until the hours are reached."""
    if per_source < 1:
        raise ValueError(f"per_source must be at least 1, got {per_source!r}.")
    names, index = np.unique(np.asarray(manifest.sources, dtype=np.str_), return_inverse=True)
    place = np.argsort(np.argsort(_chances(names.tolist(), f"{key}:source")))
    order = np.lexsort((chance, place[index]))
    sizes = np.bincount(index)
    starts = np.searchsorted(place[index][order], np.arange(len(names)))
    within = np.arange(len(order)) - starts[place[index][order]]
    kept = order[within < per_source]
    rows = _until(kept, manifest.durations_s, hours)
    taken = np.bincount(index[rows], minlength=len(names))
    return rows, sizes[index[rows]] / taken[index[rows]]


def _by_stratum(
    manifest: Manifest, hours: float, chance: NDArray[np.float64], strata: NDArray[np.str_]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """From each stratum its share of the hours, one clip at least."""
    rows, inclusion = [], []
    total = float(manifest.durations_s.sum())
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        wanted = hours * float(manifest.durations_s[members].sum()) / total
        taken = _until(members[np.argsort(chance[members])], manifest.durations_s, wanted)
        rows.append(taken)
        inclusion.append(np.full(len(taken), len(members) / len(taken)))
    return np.concatenate(rows), np.concatenate(inclusion)


def _until(order: NDArray[np.intp], durations: NDArray[np.float64], hours: float) -> NDArray[np.intp]:
    """The first of these rows that together reach the hours."""
    reached = np.cumsum(durations[order])
    return order[: int(np.searchsorted(reached, hours * 3600 - 1e-6)) + 1]


def strata_of(manifest: Manifest, column: str) -> NDArray[np.str_]:
    """Stratum (n,) of each clip by a column of the manifest, its sources among them.

    Raises:
        ValueError: there is no such column.
    """
    if column == "source":
        return np.asarray(manifest.sources, dtype=np.str_)
    if column not in manifest.columns:
        have = ", ".join(["source", *manifest.columns])
        raise ValueError(f"stratum must be a column of the manifest ({have}), got {column!r}.")
    return np.array([str(entry) for entry in manifest.columns[column]])


def _chances(ids: Sequence[str], key: str) -> NDArray[np.float64]:
    """A number in [0, 1) per id that follows from the key alone."""
    digests = b"".join(hashlib.sha256(f"{key}:{name}".encode()).digest()[:8] for name in ids)
    return np.frombuffer(digests, ">u8").astype(np.float64) / 2.0**64


def _numbers(entries: Iterable[str]) -> list[float] | None:
    try:
        return [float(entry) for entry in entries]
    except ValueError:
        return None


def columns_of(manifest: Manifest) -> Mapping[str, tuple[object, ...]]:
    """All columns that a sample can be checked on: durations and sources among them."""
    return {
        "duration_s": tuple(manifest.durations_s.tolist()),
        "source": manifest.sources,
        **manifest.columns,
    }
