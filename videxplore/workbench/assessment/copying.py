"""Copies are found in worker processes, video by video, and kept, so that a killed run goes on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from videxplore.stages.licensing.copies import Copy, by_videos, copies_of, search, surest_first
from videxplore.stages.licensing.fingerprints import Fingerprint
from videxplore.stages.licensing.lookalikes import Lookalike
from videxplore.workbench.assessment.kept import Kept, copy_recipe
from videxplore.workbench.crew import in_processes
from videxplore.workbench.worker import WorkerProcess

if TYPE_CHECKING:
    from tqdm.auto import tqdm

_WORTH_A_PROCESS = 100
"""Look-alikes that are compared in the time in which a process starts."""

_MINUTES, _PER_PAIR_S = 10.0, 5.0
_HELD = 64


@dataclass(frozen=True, slots=True)
class Task:
    """A video and all that looks like it.

    Attributes:
        path: of its fingerprint.
        others: of the other videos' fingerprints, each with its look-alikes.
    """

    path: Path
    others: tuple[tuple[Path, tuple[Lookalike, ...]], ...]

    @property
    def pairs(self) -> int:
        """How many look-alikes there are."""
        return sum(len(pairs) for _, pairs in self.others)


@dataclass(frozen=True, slots=True)
class Comparer:
    """Looks closely at look-alikes in this process."""

    def compare(self, task: Task) -> list[Copy]:
        """Copies of stretches of one video."""
        ours = Fingerprint.read(task.path)
        return [copy for path, pairs in task.others for copy in copies_of(pairs, ours, _read(path))]


@lru_cache(_HELD)
def _read(path: Path) -> Fingerprint:
    return Fingerprint.read(path)


class Copying:
    """Finds copies among videos whose fingerprints are kept.

    Args:
        kept: where fingerprints are, and copies will be.
        workers: processes; by default one per core.
        progress: whether to show bars.
    """

    def __init__(self, kept: Kept, workers: int | None = None, progress: bool = True) -> None:
        self._kept, self._workers, self._progress = kept, workers, progress

    def find(self, prints: Sequence[Fingerprint], owned: Sequence[Fingerprint] | None = None) -> list[Copy]:
        """Copies among videos, or in what is owned; found once for the same videos.

        What was found of a video is kept at once, until all is found.

        Raises:
            VideoError: a process ended, or took too much time or memory.
        """
        ids = [[p.video_id for p in side] for side in (prints, owned or ())]
        key = hashlib.sha256(json.dumps([copy_recipe(), *ids]).encode()).hexdigest()[:20]
        known = self._kept.copies(key)
        if known is not None:
            return known
        tasks = self._tasks(prints, owned)
        names = [f"{key}-{task.path.stem}" for task in tasks]
        parts = [self._kept.copies(name) for name in names]
        left = [number for number, part in enumerate(parts) if part is None]
        with self._bar("copies", "pair", sum(task.pairs for task in tasks)) as bar:
            bar.update(bar.total - sum(tasks[number].pairs for number in left))
            with contextlib.closing(self._compared([(number, tasks[number]) for number in left])) as results:
                for number, found in results:
                    self._kept.keep_copies(names[number], found)
                    parts[number] = found
                    bar.update(tasks[number].pairs)
        copies = surest_first(copy for part in parts for copy in part or ())
        self._kept.keep_copies(key, copies)
        for name in names:
            self._kept.forget_copies(name)
        return copies

    def _tasks(self, prints: Sequence[Fingerprint], owned: Sequence[Fingerprint] | None) -> list[Task]:
        """What is to be looked at closely, by video."""
        pool = prints if owned is None else owned
        pairs: list[Lookalike] = []
        with self._bar("lookalikes", "video", len(prints)) as bar:
            for found in search(prints, owned):
                pairs += found
                bar.update()

        def place(fingerprint: Fingerprint) -> Path:
            return self._kept.fingerprint_path(fingerprint.video_id)

        grouped = by_videos(pairs, within=owned is None)
        return [
            Task(
                place(prints[first]), tuple((place(pool[second]), tuple(alike)) for _, second, alike in rest)
            )
            for first, rest in groupby(grouped, key=lambda group: group[0])
        ]

    def _compared(self, tasks: Sequence[tuple[int, Task]]) -> Generator[tuple[int, list[Copy]]]:
        """Number of each task and what was found; where there is little to do, in this process."""
        pairs = sum(task.pairs for _, task in tasks)
        count = min(self._workers or os.cpu_count() or 1, len(tasks), pairs // _WORTH_A_PROCESS)
        if count < 2:
            yield from ((number, Comparer().compare(task)) for number, task in tasks)
            return

        def handle(item: tuple[int, Task], worker: WorkerProcess) -> tuple[int, list[Copy]]:
            number, task = item
            return number, worker.ask("compare", task, 60 * _MINUTES + _PER_PAIR_S * task.pairs)

        # The longest first, so that in the end no process waits for one.
        longest = sorted(tasks, key=lambda item: -item[1].pairs)
        yield from in_processes(handle, longest, lambda _: WorkerProcess(Comparer()), count)

    def _bar(self, what: str, unit: str, total: int) -> tqdm[NoReturn]:
        from tqdm.auto import tqdm

        return tqdm(total=total, desc=what, unit=unit, disable=not self._progress)
