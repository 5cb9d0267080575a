"""Judges every case of the frame-exactness table and writes it: ``python tests/exactness.py``."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from coded_video import read_number
from decord_alone import DecordAlone
from exactness_cases import CASES, Case, Truth

from videxplore.stages.decoding import decord_backend
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.probe import open_video

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "frame_exactness.md"
EXACT = "exact"
TOLERANCE_S = 2e-3  # containers that count milliseconds or 90 kHz ticks round; no frame is that short
SOUGHT = {"pyav": 10, "decord": 2}  # frames fetched singly; decord reads from the start for each
HAS_DECORD = importlib.util.find_spec("decord") is not None
HEAD = (
    "Container",
    "Codec",
    "Property",
    "PyAV: every frame",
    "PyAV: any time",
    "decord in the kit",
    "decord alone",
)
START = "<!-- made by `python tests/exactness.py`; a test compares every row with a fresh run -->"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one file, in the words of the table, and what the table does not show."""

    scanned: str
    sought: str
    decord: str
    decord_alone: str
    auto: frozenset[str]  # what backend="auto" takes at full size and for a dense scan
    flags: tuple[str, ...]

    def cells(self, case: Case) -> tuple[str, ...]:
        return (
            case.container, case.codec, case.property,
            self.scanned, self.sought, self.decord, self.decord_alone,
        )  # fmt: skip


def judge(case: Case, folder: Path, alone: DecordAlone) -> Verdict:
    """Write the file of a case and compare all that is read from it with the truth."""
    path = folder / f"film.{case.suffix}"
    truth = case.write(path)
    video = open_video(path)
    decord = decord_alone = "not installed"
    if HAS_DECORD:
        reason = decord_backend.unfit(video)
        decord = f"refused: {reason}" if reason else _both(_scanned(path, truth, "decord"), path, truth)
        decord_alone = _alone(path, truth, alone)
    auto = frozenset(FrameScan(path, size=size).backend for size in (None, (64, 36)))
    scanned, sought = _scanned(path, truth, "pyav"), _sought(path, truth, "pyav")
    return Verdict(scanned, sought, decord, decord_alone, auto, video.flags)


def _both(scanned: str, path: Path, truth: Truth) -> str:
    sought = _sought(path, truth, "decord")
    return scanned if scanned == sought else f"in order {scanned}, by time {sought}"


def _scanned(path: Path, truth: Truth, backend: str) -> str:
    """Every frame in one pass: its number, its time, how many there are, where the film ends."""
    scan = FrameScan(path, backend=backend, batch_size=17)
    batches = list(scan)
    numbers = [_number(rgb, truth) for batch in batches for rgb in batch.rgb]
    if numbers != truth.numbers:
        return f"wrong frames ({len(numbers)} for {len(truth.numbers)})"
    off_s = np.abs(np.concatenate([batch.times_s for batch in batches]) - truth.times_s)
    if off_s.max() > TOLERANCE_S:
        return f"right frames, {np.mean(off_s > TOLERANCE_S):.0%} of them off by {off_s.max() * 1000:.0f} ms"
    video = scan.video
    if video.frame_count != len(numbers) or scan.decode_errors:
        return f"right frames, counted as {video.frame_count} with {scan.decode_errors} errors"
    step = np.diff(truth.times_s).max()
    if not 0 < video.duration_s - truth.times_s[-1] <= step + TOLERANCE_S:
        return f"right frames, length {video.duration_s:.2f} s"
    return EXACT


def _sought(path: Path, truth: Truth, backend: str) -> str:
    """The frame on screen in the middle of each frame's time: shuffled in one call, and some one by one."""
    ends_s = np.append(truth.times_s[1:], truth.times_s[-1] + 0.02)
    order = np.random.default_rng(7).permutation(len(truth.numbers))
    wanted_s = ((truth.times_s + ends_s) / 2)[order]
    video = open_video(path)
    pictures = list(frames(video, times_s=wanted_s, backend=backend).rgb)
    single = SOUGHT[backend]
    pictures += [frames(video, times_s=time_s, backend=backend).rgb[0] for time_s in wanted_s[:single]]
    expected = np.array(truth.numbers)[np.append(order, order[:single])]
    wrong = np.array([_number(rgb, truth) for rgb in pictures]) != expected
    return EXACT if not wrong.any() else f"{wrong[: len(order)].mean():.0%} wrong"


def _number(rgb: np.ndarray, truth: Truth) -> int:
    return read_number(np.rot90(rgb, -truth.turns))


def _alone(path: Path, truth: Truth, decord: DecordAlone) -> str:
    """What decord gives without the kit's guard."""
    found = decord.read(str(path), truth.turns)
    if found is None:
        return "crashes"
    if "error" in found:
        return "cannot read it"
    in_order = found["in_order"] == truth.numbers
    by_index = found["by_index"] == truth.numbers
    if in_order and by_index:
        return "right"
    return "wrong by index" if in_order else "wrong"


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """The rows as Markdown."""
    lines = [HEAD, tuple("---" for _ in HEAD), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def written_rows() -> list[tuple[str, ...]]:
    """The rows of the committed table."""
    _, _, after = DOCUMENT.read_text(encoding="utf-8").partition(START)
    lines = [line for line in after.splitlines() if line.startswith("|")][2:]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]


def main() -> None:
    alone, rows = DecordAlone(), []
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(judge(case, Path(folder), alone).cells(case))
    alone.close()
    before, _, _ = DOCUMENT.read_text(encoding="utf-8").partition(START)
    DOCUMENT.write_text(f"{before}{START}\n\n{table(rows)}", encoding="utf-8")


if __name__ == "__main__":
    main()
