"""The files of a generated archive, drawn by two processes at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

from videxplore.studio.apart import run_apart
from videxplore.studio.archive.clips import Clip, PlantedFault
from videxplore.studio.archive.delivery import deliver
from videxplore.values.media import Span

_AT_A_TIME, _BATCHES = 2, 4


def render(clips: Sequence[Clip], folder: Path, size: tuple[int, int]) -> tuple[Path, ...]:
    """Draw the clips that are not in the folder yet. Of several processes that want them one draws.

    Returns:
        The path of every clip, in their order.

    Raises:
        VidexploreError: a clip could not be drawn; the message ends with what the renderer said.
    """
    from filelock import FileLock

    paths = tuple(folder / clip.clip_id for clip in clips)
    if not all(path.is_file() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            _render(
                [clip for clip, path in zip(clips, paths, strict=True) if not path.is_file()], folder, size
            )
    return paths


def _render(missing: list[Clip], folder: Path, size: tuple[int, int]) -> None:
    # What is about the same shares its painted backgrounds, which are kept as long as a process lives.
    missing.sort(key=lambda clip: (clip.topic, clip.clip_id))
    if len(missing) < 2 * _BATCHES:
        for clip in missing:
            deliver(clip, folder / clip.clip_id, size)
        return
    ends = [round(len(missing) * k / _BATCHES) for k in range(_BATCHES + 1)]
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        list(pool.map(lambda ends: _render_apart(missing[slice(*ends)], folder, size), pairwise(ends)))


def _render_apart(clips: Sequence[Clip], folder: Path, size: tuple[int, int]) -> None:
    order = {"folder": str(folder), "size": size, "clips": [asdict(clip) for clip in clips]}
    failing = f"clips of the generated archive could not be drawn into {str(folder)!r}"
    run_apart("videxplore.studio.archive.render", order=json.dumps(order), failing=failing)


def _clip(entry: dict) -> Clip:
    faults = tuple(PlantedFault(f["kind"], Span(**f["span"])) for f in entry.pop("faults"))
    return Clip(**entry, faults=faults)


def _main() -> None:
    order = json.load(sys.stdin)
    folder, size = Path(order["folder"]), (order["size"][0], order["size"][1])
    for clip in map(_clip, order["clips"]):
        deliver(clip, folder / clip.clip_id, size)


if __name__ == "__main__":
    _main()
