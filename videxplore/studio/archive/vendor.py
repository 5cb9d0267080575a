"""A vendor's archive: its manifest, what was drawn from it, what the buyer owns already, and the truth."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from videxplore._cache import cache_folder
from videxplore.stages.licensing.manifests import NEEDED, draw, read_manifest
from videxplore.studio.archive.clips import Clip
from videxplore.studio.archive.plan import Scale, kind_of, plan
from videxplore.studio.archive.render import render
from videxplore.studio.archive.truth import ArchiveTruth, archive_truth
from videxplore.studio.render import meaning
from videxplore.values.sampling import Draw, Manifest

COLUMNS = ("kind", "language", "height", "sound")
"""Columns of the manifest besides those that every manifest needs."""


@dataclass(frozen=True, eq=False, repr=False)
class Delivery:
    """Files that were handed over.

    Attributes:
        folder: in which they lie, as ``channel/video/clip.mp4``.
        paths: of the files.
        sources: path of each file -> its channel or owned source.
        clips: what is true of each file, in their order.
        draw: by which they were chosen; None for what is owned.
    """

    folder: Path
    paths: tuple[Path, ...]
    sources: Mapping[str, str]
    clips: tuple[Clip, ...]
    draw: Draw | None = None

    @property
    def hours(self) -> float:
        """Of all files."""
        return sum(clip.duration_s for clip in self.clips) / 3600

    def __repr__(self) -> str:
        return (
            f"Delivery({len(self.paths)} files, {len(set(self.sources.values()))} sources, "
            f"{60 * self.hours:.1f} min, {str(self.folder)!r})"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Archive:
    """An archive of which only what was drawn exists as files; all else follows from the seed.

    Attributes:
        folder: of everything.
        scale: how much there is.
        seed: that everything follows from.
        buyer_seed: of the draw.
        manifest: the vendor's list of all clips, as read back from ``manifest.csv``.
        committed: its SHA-256, which the vendor fixed before the buyer named a seed.
        sample: drawn by the buyer, delivered by the vendor.
        owned: what the buyer has already.
        truth: of the whole archive, not of the sample.
        clips: of the whole archive.
    """

    folder: Path
    scale: Scale
    seed: int
    buyer_seed: int
    manifest: Manifest
    committed: str
    sample: Delivery
    owned: Delivery
    truth: ArchiveTruth
    clips: tuple[Clip, ...]

    @property
    def manifest_path(self) -> Path:
        """The manifest as a file."""
        return self.folder / "manifest.csv"

    @property
    def second_draw(self) -> Draw:
        """The channels that come next in the order of the buyer's draw, as many as the sample has."""
        channels = len(set(self.sample.sources.values()))
        whole = draw_channels(self.manifest, 2 * channels, self.committed, self.buyer_seed)
        begin = len(self.sample.paths)
        rows = whole.rows[begin:]
        hours = float(np.asarray(self.manifest.durations_s)[list(rows)].sum() / 3600)
        return Draw(whole.ids[begin:], rows, whole.inclusion[begin:], whole.design, hours)

    def second_tranche(self) -> Delivery:
        """What :attr:`second_draw` chooses; rendered when it is first asked for."""
        drawn = self.second_draw
        clips = {clip.clip_id: clip for clip in self.clips}
        return _deliver([clips[i] for i in drawn.ids], self.folder / "tranche", self.scale.size, drawn)

    def __repr__(self) -> str:
        return (
            f"Archive({self.truth.clips} clips of {self.truth.channels} channels, {self.truth.hours:.1f} h; "
            f"sample: {len(self.sample.paths)} clips, owned: {len(self.owned.paths)} clips)"
        )


def make_archive(
    folder: str | PathLike[str] | None = None,
    *,
    channels: int = 240,
    sampled: int = 24,
    owned: int = 12,
    clips: float = 3.5,
    seconds: tuple[float, float] = (6.0, 8.0),
    size: tuple[int, int] = (320, 180),
    seed: int = 0,
    buyer_seed: int = 1,
) -> Archive:
    """Make a vendor's archive whose truth is known, and draw a sample from its manifest.

    Channels hold videos, videos hold clips. Topics follow Zipf's law, each channel has a mixture of its own;
    clips are copied within a channel, from what everybody shows and from what the buyer owns; some are
    technically faulty. Only the sample, what is owned and later the second tranche are drawn as files (two
    at a time; some 40 s for the default on two cores); the manifest and the truth cover all clips.

    Args:
        folder: to write to; by default one in the cache folder. What is there already is kept.
        channels: of the archive.
        sampled: channels that the buyer draws, with all of their clips.
        owned: sources that the buyer has, ten or more.
        clips: mean number per channel.
        seconds: shortest and longest clip.
        size: (width, height) of an ordinary clip in pixels, multiples of 4.
        seed: of the archive.
        buyer_seed: of the draw, named after the vendor committed to the manifest.

    Raises:
        ValueError: an argument is out of range, or the folder holds another archive.
        VidexploreError: a clip could not be drawn.
    """
    scale = Scale(channels, owned, clips, seconds, size)
    if not 1 <= 2 * sampled <= channels:
        raise ValueError(f"sampled must be 1 to half of the {channels} channels, got {sampled!r}.")
    everything, theirs = plan(scale, seed)
    key = _key(everything, theirs, scale)
    place = Path(folder) if folder is not None else cache_folder() / "archives" / key
    _claim(place, key)
    write_manifest(everything, place / "manifest.csv", size[1])
    manifest = read_manifest(place / "manifest.csv")
    drawn = draw_channels(manifest, sampled, manifest.sha256, buyer_seed)
    by_id = {clip.clip_id: clip for clip in everything}
    return Archive(
        folder=place,
        scale=scale,
        seed=seed,
        buyer_seed=buyer_seed,
        manifest=manifest,
        committed=manifest.sha256,
        sample=_deliver([by_id[i] for i in drawn.ids], place / "sample", size, drawn),
        owned=_deliver(theirs, place / "owned", size, None),
        truth=archive_truth(everything, theirs),
        clips=everything,
    )


def write_manifest(clips: Sequence[Clip], path: Path, height: int) -> None:
    """Write the vendor's list as CSV: what a vendor would say of its clips, and nothing of the truth."""
    channels: defaultdict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        channels[clip.channel].append(clip)
    kinds = {name: kind_of(members) for name, members in channels.items()}
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([*NEEDED, *COLUMNS])
        for clip in clips:
            tall = height // 2 if clip.has("resolution") else height
            sound = "no" if clip.has("no sound") else "yes"
            rows.writerow(
                [clip.clip_id, clip.channel, clip.duration_s, kinds[clip.channel], clip.language, tall, sound]
            )
    part.replace(path)


def draw_channels(manifest: Manifest, channels: int, committed: str, seed: int) -> Draw:
    """Draw whole channels, so many of them, as :func:`videxplore.stages.licensing.manifests.draw` does.

    Raises:
        ValueError: the manifest is not the one committed to, or has too few channels.
    """
    if not 1 <= channels <= len(set(manifest.sources)):
        raise ValueError(f"channels must be 1 to {len(set(manifest.sources))}, got {channels!r}.")
    every = draw(manifest, manifest.hours, seed=seed, committed=committed, per_source=len(manifest))
    order = list(dict.fromkeys(manifest.sources[row] for row in every.rows))
    wanted = set(order[:channels])
    seconds = sum(float(manifest.durations_s[row]) for row in every.rows if manifest.sources[row] in wanted)
    return draw(manifest, seconds / 3600, seed=seed, committed=committed, per_source=len(manifest))


def _deliver(clips: Sequence[Clip], folder: Path, size: tuple[int, int], drawn: Draw | None) -> Delivery:
    paths = render(clips, folder, size)
    sources = {str(path): clip.channel for path, clip in zip(paths, clips, strict=True)}
    return Delivery(folder, paths, sources, tuple(clips), drawn)


def _key(clips: Sequence[Clip], owned: Sequence[Clip], scale: Scale) -> str:
    """Changes with whatever is planned, and with the code that draws it."""
    here = Path(__file__).resolve().parent
    drawing = [here / f"{name}.py" for name in ("delivery", "scenery", "takes", "topics")]
    drawing += sorted((here.parent / "films").glob("*.py"))
    drawing += [here.parent / f"{name}.py" for name in ("canvas", "encode", "mix", "picture", "props")]
    digest = hashlib.sha256("".join(map(meaning, drawing)).encode())
    digest.update(json.dumps([asdict(scale), [asdict(clip) for clip in (*clips, *owned)]]).encode())
    return digest.hexdigest()[:16]


def _claim(place: Path, key: str) -> None:
    """Make the folder, or see that it is this archive's.

    Raises:
        ValueError: it is another's.
    """
    place.mkdir(parents=True, exist_ok=True)
    mark = place / "archive.key"
    if mark.is_file():
        if mark.read_text(encoding="utf-8") != key:
            raise ValueError(
                f"folder {str(place)!r} holds another archive, or one drawn by another version; choose an "
                "empty folder, or delete this one."
            )
    elif any(place.iterdir()):
        raise ValueError(f"folder {str(place)!r} is not empty and holds no archive; choose an empty one.")
    else:
        mark.write_text(key, encoding="utf-8")
