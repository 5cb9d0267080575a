"""The clips of a lesson: their vectors, what is true of them, and their bare pixels and sounds."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import LibraryError
from videxplore.stages.decoding.sound import audio
from videxplore.stages.store.database import Database
from videxplore.stages.store.filters import level_mask
from videxplore.stages.store.schema import SEGMENTS
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.segments import Segment
from videxplore.values.vectors import Embeddings

PIXELS = (32, 18)
"""Width and height to which a poster is reduced before its pixels are compared."""

BANDS = 32
"""Bands of a spectrum, equally wide on a logarithmic axis from 60 Hz to 7.6 kHz."""

_RATE = 16_000
_WINDOW = 1024
_PRESENT = 0.5  # strength from which a script's attribute counts as true


class Footage(Protocol):
    """What a lesson needs of a library."""

    @property
    def database(self) -> Database:
        """The tables."""
        ...

    def snapshot(self) -> Snapshot | None:
        """The library as it is now."""
        ...

    def file(self, video_id: str) -> Path:
        """The file of a video."""
        ...


class Truth(Protocol):
    """What a script says of one film: its moments and scenes, with ``attributes`` of moments."""

    def at(self, level: str) -> Sequence[Any]:
        """Segments of a level, with ``label``, ``start_s``, ``end_s`` and ``attributes``."""
        ...


@dataclass(frozen=True, eq=False)
class Clips:
    """Clips on one level.

    Attributes:
        embeddings: of the n clips.
        segments: n segments.
        films: n file names.
        scenes: n labels of the scenes they lie in, by the script.
        facts: name -> bool (n,), what the script says of each.
        footage: where pictures and sounds come from.
    """

    embeddings: Embeddings
    segments: tuple[Segment, ...]
    films: NDArray[np.str_]
    scenes: NDArray[np.str_]
    facts: Mapping[str, NDArray[np.bool_]]
    footage: Footage

    def __len__(self) -> int:
        return len(self.segments)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the segments."""
        return self.embeddings.segment_ids

    def row(self, segment_id: str) -> int:
        """Return the row of a segment."""
        return self.ids.index(segment_id)

    def block(self, modality: str) -> NDArray[np.float32]:
        """Return the columns of one block of the encoder's card, on the encoder's own scale."""
        return self.embeddings.attributes[:, self.embeddings.card.slices()[modality]]

    @cached_property
    def pixels(self) -> NDArray[np.float32]:
        """float32 (n, 1728), the poster of each clip as bare numbers in [0, 1]."""
        from PIL import Image

        # All at once: asked one by one, the library looks for changes before each.
        table = self.footage.database.require(SEGMENTS).search().select(["segment_id", "poster"])
        posters = {row["segment_id"]: row["poster"] for row in table.limit(None).to_list()}
        rows = []
        for segment_id in self.ids:
            with Image.open(io.BytesIO(posters[segment_id])) as image:
                small = image.convert("RGB").resize(PIXELS, Image.Resampling.BOX)
            rows.append(np.asarray(small, np.float32).ravel() / 255)
        return np.stack(rows)

    @cached_property
    def spectra(self) -> NDArray[np.float32]:
        """float32 (n, 32), mean power in each band of each clip's sound, in decibels; −100 dB for silence."""
        rows = np.full((len(self), BANDS), -100.0, np.float32)
        for video_id in dict.fromkeys(segment.video_id for segment in self.segments):
            sound = audio(self.footage.file(video_id), rate=_RATE)
            if sound is None:
                continue
            for row, segment in enumerate(self.segments):
                if segment.video_id == video_id:
                    part = sound.samples[round(segment.start_s * _RATE) : round(segment.end_s * _RATE)]
                    rows[row] = spectrum(part)
        return rows


def read_clips(footage: Footage, truth: Mapping[str, Truth], level: str = "moment") -> Clips:
    """Return the clips of a library on one level, with what a script says of them.

    A clip takes what is true at its middle.

    Args:
        footage: a library.
        truth: file name -> what is true of the film, such as ``vx.sample_set().truth``.
        level: of the clips.

    Raises:
        LibraryError: the library is empty.
        KeyError: nothing is known of a film.
    """
    snapshot = footage.snapshot()
    if snapshot is None:
        raise LibraryError(
            "this library is empty; ingest the sample films first: vx.ingest(videos, library)."
        )
    rows = np.flatnonzero(level_mask(snapshot, level))
    found = snapshot.embeddings().select(rows)
    segments = tuple(snapshot.segments[row] for row in rows)
    names = {video_id: str(row["name"]) for video_id, row in snapshot.videos.items()}
    films = np.array([names[s.video_id] for s in segments])
    moments = [part_at(truth[film], "moment", s) for film, s in zip(films, segments, strict=True)]
    scenes = [
        f"{film}: {part_at(truth[film], 'scene', s).label}" for film, s in zip(films, segments, strict=True)
    ]
    known = sorted({name for moment in moments for name in moment.attributes})
    facts = {name: np.array([m.attributes.get(name, 0.0) >= _PRESENT for m in moments]) for name in known}
    return Clips(found, segments, films, np.array(scenes), facts, footage)


def part_at(truth: Truth, level: str, segment: Segment) -> Any:
    """Return the segment of the script in which the middle of a clip lies."""
    middle = (segment.start_s + segment.end_s) / 2
    parts = truth.at(level)
    return next((part for part in parts if part.start_s <= middle < part.end_s), parts[-1])


def spectrum(samples: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the mean power in :data:`BANDS` bands, in decibels, of samples at 16 kHz; −100 where silent."""
    edges = np.geomspace(60.0, 7600.0, BANDS + 1)
    mono = np.asarray(samples, np.float64).reshape(-1)
    frames = mono[: len(mono) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    if not len(frames):
        return np.full(BANDS, -100.0, np.float32)
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1))).mean(axis=0) / _WINDOW
    bins = np.fft.rfftfreq(_WINDOW, 1 / _RATE)
    # The lowest bands are narrower than a bin: power is read off between bins, not summed over none.
    summed = np.concatenate([[0.0], np.cumsum(power)])
    below = np.interp(edges, np.concatenate([bins, [bins[-1] + bins[1]]]), summed)
    return (10 * np.log10(np.maximum(np.diff(below), 1e-10))).astype(np.float32)
