"""Damaged files by the hundred: each is decoded or refused with a reason that is documented."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lancedb
import pytest
from conftest import ROOT
from mutated_media import mutate, write_seeds

from videxplore.errors import VideoError
from videxplore.stages.encoding.registry import encoder
from videxplore.workbench.ingest import ingest
from videxplore.workbench.library import Library
from videxplore.workbench.limits import Limits
from videxplore.workbench.worker import PreparationFailed, Worker

ALWAYS = range(100_000, 100_046)  # two of each kind
LONG = range(3000)
LIMITS = Limits(time_limit_s=60.0, memory_limit_gb=1.0)
NOT_A_REFUSAL = {
    "timeout", "memory", "crashed", "error", "not-fetched", "wrong-content", "changed", "no-vectors",
}  # fmt: skip


def documented_reasons() -> set[str]:
    page = (ROOT / "docs" / "media_refusals.md").read_text()
    return set(re.findall(r"^\| `([a-z-]+)` \|", page, flags=re.M))


def reasons_in_the_code() -> set[str]:
    """Every literal reason of a ``VideoError`` and of a failed file in the ingest."""
    found = set()
    for path in (ROOT / "videxplore").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(call, "func", None), "id", "")
            if name in ("VideoError", "_record") and isinstance(call, ast.Call):
                place = 1 if name == "VideoError" else 2
                if len(call.args) > place and isinstance(call.args[place], ast.Constant):
                    found.add(call.args[place].value)
    return found - {"done", "already-there", "same-content"}


def test_every_reason_is_on_the_page_and_every_one_on_the_page_exists():
    assert reasons_in_the_code() == documented_reasons()


@pytest.fixture(scope="module")
def seeds(tmp_path_factory) -> dict[str, bytes]:
    made = write_seeds(tmp_path_factory.mktemp("seeds"))
    assert len(made) >= 15
    return made


def test_the_same_seed_gives_the_same_file(seeds):
    for seed in (0, 1, 500):
        assert mutate(seeds, seed) == mutate(seeds, seed)
    assert len({mutate(seeds, seed)[1] for seed in ALWAYS}) == len(ALWAYS)


def test_undamaged_all_of_them_are_videos(seeds, tmp_path):
    for name, content in seeds.items():
        (tmp_path / name).write_bytes(content)
    report = ingest(tmp_path, tmp_path / "lib.lance", segmenter="fixed", workers=1, progress=False)
    assert not report.failed
    assert len(report.done) == len(seeds)


def test_damaged_files_are_taken_or_refused_and_leave_nothing_behind(seeds, tmp_path):
    folder = tmp_path / "damaged"
    folder.mkdir()
    for seed in ALWAYS:
        name, content = mutate(seeds, seed)
        (folder / f"{seed}.{name}").write_bytes(content)
    library = Library(tmp_path / "lib.lance")
    files = sorted(folder.iterdir())
    report = ingest(files, library, segmenter="fixed", workers=2, time_limit_s=60.0, progress=False)
    assert len(report.done) + len(report.skipped) + len(report.failed) == len(ALWAYS)
    odd = {r.path: r.reason for r in report.failed if r.reason not in documented_reasons() - NOT_A_REFUSAL}
    assert not odd
    assert all(record.detail and record.remedy for record in report.failed)
    done = {record.video_id for record in report.done}
    for name in ("videos", "segments", "frames"):
        table = lancedb.connect(library.path).open_table(name)
        assert set(table.to_arrow()["video_id"].to_pylist()) == done
    assert sorted(folder.iterdir()) == files  # nothing is written beside the videos


def outcomes(seeds: dict[str, bytes], numbers: range, folder: Path) -> list[tuple[int, str, str]]:
    """What becomes of each mutation in a worker process: (seed, kind, reason or "decoded")."""
    worker = Worker(encoder(), "fixed", LIMITS)
    found = []
    for seed in numbers:
        name, content = mutate(seeds, seed)
        path = folder / f"{seed}.{name}"
        path.write_bytes(content)
        try:
            record, _ = worker.prepare(worker.open(os.fspath(path)))
            outcome = "decoded" if record.tree.segments else "nothing"
        except VideoError as error:
            outcome = error.reason
        except PreparationFailed as failure:
            outcome = failure.args[0]
        found.append((seed, name, outcome))
        path.unlink()
    worker.close()
    return found


@pytest.mark.long
def test_three_thousand_damaged_files_crash_and_hang_nothing(seeds, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(lambda first: outcomes(seeds, LONG[first::2], tmp_path), range(2))
        found = [one for half in halves for one in half]
    good = (documented_reasons() - NOT_A_REFUSAL) | {"decoded"}
    assert [one for one in found if one[2] not in good] == []  # (seed, kind, outcome): mutate(seeds, seed)
    counts = Counter(outcome for _, _, outcome in found)
    assert sum(counts.values()) == len(LONG)
    assert counts["decoded"] > 1000  # the damage is not such that nothing gets past the first look
    assert sum(counts.values()) - counts["decoded"] > 300
