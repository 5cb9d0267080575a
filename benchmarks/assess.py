"""Ten gigabytes assessed end to end: `videxplore assess`, killed half-way and started again.

    python benchmarks/assess.py                     4.4 hours at 5 Mbit/s in 24 channels
    python benchmarks/assess.py --minutes 6         the same, small

The footage is a generated archive (:mod:`videxplore.studio.archive`) whose clips are brought to 1280×720 with
film grain, encoded at the wanted bit rate, and looped: a file shows its clip three times, so that a third of
the hours has to be drawn and encoded. Making it is not timed; it is kept in ``build/bench/assess``. What is
owned is ten sources of the same archive, in a library before the clock starts.

The command runs until half of the files are ingested, is killed with signal 9 and started again. What had
been stored must be there still and must not be done again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

import av
import numpy as np
from shelf import KEPT
from tables import show

import videxplore as vx
from videxplore.studio.archive.clips import Clip
from videxplore.studio.archive.plan import Scale, plan
from videxplore.studio.archive.render import render
from videxplore.studio.archive.vendor import write_manifest

LOOPS, CHANNELS, OWNED, CLIPS = 3, 24, 10, 4
SIZE, SMALL, FPS = (1280, 720), (320, 180), 25
GRAIN = 6.0
"""Levels of 255; without it drawn pictures do not fill the bit rate."""

STEP = re.compile(r"(\w[\w ]*): +\d+%.*?\| (\d+)/(\d+)")


def main() -> None:
    given = _options()
    footage = make_footage(given.minutes, given.mbit, KEPT / "assess")
    out = footage.folder / "report"
    shutil.rmtree(out, ignore_errors=True)
    first, second, stored = Run(footage, out), Run(footage, out), {}
    if given.kill:
        first.go(until=("ingest", 0.5))
        stored = ingested(out)
    second.go()
    report(footage, first if given.kill else None, second)
    print(f"\nleft half-written: {sum('.part' in path.name for path in out.rglob('*'))}")
    if given.kill:
        again = {path for path, when in stored.items() if ingested(out).get(path) != when}
        print(f"stored before the kill: {len(stored)} files; of these done again: {len(again)}")
        if not stored or again:
            sys.exit("the second run did not go on where the first was killed.")


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--minutes", type=float, default=264.0, help="of video")
    options.add_argument("--mbit", type=float, default=5.0, help="per second, of a file")
    options.add_argument("--no-kill", dest="kill", action="store_false", help="run through at once")
    return options.parse_args()


# --- footage ---


@dataclass(frozen=True)
class Footage:
    """What is assessed."""

    folder: Path
    sample: tuple[Path, ...]
    owned: Path
    manifest: Path
    hours: float

    @property
    def gigabytes(self) -> float:
        return sum(path.stat().st_size for path in self.sample) / 1e9


def make_footage(minutes: float, mbit: float, root: Path) -> Footage:
    """Draw, grow, encode and loop; what is there already is kept."""
    seconds = minutes * 60 / LOOPS / (CHANNELS * CLIPS)
    scale = Scale(CHANNELS, OWNED, CLIPS, (max(2.0, 0.9 * seconds), max(2.2, 1.1 * seconds)), SMALL)
    clips, theirs = plan(scale, 0)
    folder = root / f"{minutes:g}min-{mbit:g}Mbit"
    need = minutes * 60 * mbit * 1e6 / 8 * 1.2
    folder.mkdir(parents=True, exist_ok=True)
    sample = tuple(folder / "sample" / clip.clip_id for clip in clips)
    if not all(path.is_file() for path in sample) and shutil.disk_usage(folder).free < need:
        free = shutil.disk_usage(folder).free / 1e9
        sys.exit(f"{need / 1e9:.1f} GB are needed and {free:.1f} GB are free: give --minutes.")
    began = time.monotonic()
    drawn = render(clips, folder / "drawn", SMALL)
    few = _first_of_each(theirs)
    render(few, folder / "owned", SMALL)
    jobs = [(a, b, mbit) for a, b in zip(drawn, sample, strict=True) if not b.is_file()]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(grow, *zip(*jobs, strict=True)) if jobs else [])
    longer = [replace(clip, duration_s=clip.duration_s * LOOPS) for clip in clips]
    write_manifest(longer, folder / "manifest.csv", SIZE[1])
    library = folder / "owned.lance"
    vx.ingest(folder / "owned", library, progress=False)
    if jobs:
        print(f"footage made in {time.monotonic() - began:.0f} s (not counted)")
    hours = sum(clip.duration_s for clip in longer) / 3600
    return Footage(folder, sample, library, folder / "manifest.csv", hours)


def _first_of_each(theirs: Sequence[Clip], most: int = 2) -> list[Clip]:
    """The first clips of every owned source."""
    taken: dict[str, list[Clip]] = {}
    for clip in theirs:
        taken.setdefault(clip.channel, []).append(clip)
    return [clip for members in taken.values() for clip in members[:most]]


def grow(source: Path, target: Path, mbit: float) -> None:
    """Encode a clip large, with grain, at a bit rate, and write it several times over into one file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    once, part = target.with_suffix(".once.mp4"), target.with_suffix(".part.mp4")
    _enlarge(source, once, mbit)
    _loop(once, part)
    once.unlink()
    part.rename(target)


def _enlarge(source: Path, target: Path, mbit: float) -> None:
    rate = round((mbit - 0.05) * 1e6)
    options = {"preset": "ultrafast", "g": "50", "threads": "1", "maxrate": str(rate), "bufsize": str(rate)}
    grain = np.random.default_rng(0).normal(0, GRAIN, (SIZE[1] * 2, SIZE[0])).round().astype(np.int16)
    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        picture = made.add_stream("libx264", rate=Fraction(FPS), options=options)
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = *SIZE, "yuv420p", rate
        heard = given.streams.audio[0] if given.streams.audio else None
        sound = made.add_stream_from_template(heard) if heard is not None else None
        streams = [stream for stream in (given.streams.video[0], heard) if stream is not None]
        k = 0
        for packet in given.demux(streams):
            if sound is not None and packet.stream is heard:
                if packet.dts is not None:
                    packet.stream = sound
                    made.mux(packet)
                continue
            for frame in packet.decode():  # an empty packet at the end brings the last ones
                made.mux(picture.encode(_grained(frame, grain, k)))
                k += 1
        made.mux(picture.encode(None))


def _grained(frame: av.VideoFrame, grain: np.ndarray, k: int) -> av.VideoFrame:
    """The picture enlarged, with another stretch of grain than the one before."""
    planes = frame.reformat(*SIZE, format="yuv420p").to_ndarray()
    first = k * 97 % SIZE[1]
    luma = planes[: SIZE[1]] + grain[first : first + SIZE[1]]
    planes[: SIZE[1]] = luma.clip(16, 235)
    made = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    made.pts, made.time_base = k, Fraction(1, FPS)
    return made


def _loop(source: Path, target: Path) -> None:
    """The packets of a file several times over; nothing is encoded again."""
    with av.open(str(target), "w") as made:
        streams: dict[str, av.stream.Stream] = {}
        last = {"video": -1, "audio": -1}
        for turn in range(LOOPS):
            with av.open(str(source)) as given:
                length = Fraction(given.duration, av.time_base)
                for stream in given.streams:
                    if stream.type not in streams:
                        streams[stream.type] = made.add_stream_from_template(stream)
                for packet in given.demux():
                    if packet.dts is None:
                        continue
                    kind = packet.stream.type
                    shift = round(turn * length / packet.time_base)
                    if packet.dts + shift <= last[kind]:  # sound that leads in, before the beginning
                        continue
                    last[kind] = packet.dts + shift
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = streams[kind]
                    made.mux(packet)


# --- the command, watched ---


@dataclass
class Run:
    """One run of the command."""

    footage: Footage
    out: Path
    wall_s: float = 0.0
    peak_gb: float = 0.0
    killed_at: str = ""
    code: int = 0
    answer: str = ""
    told: list[tuple[float, str, int, int]] = field(default_factory=list)

    def go(self, until: tuple[str, float] | None = None) -> None:
        """Run it, or kill it once a step has got so far."""
        began = time.monotonic()
        process = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        watch = threading.Thread(target=self._watch_memory, args=(process,), daemon=True)
        read = threading.Thread(target=self._read_answer, args=(process,), daemon=True)
        watch.start()
        read.start()
        said = bytearray()
        for line in _lines(process, said):
            if (found := STEP.search(line)) is None:
                continue
            name, done, total = found[1], int(found[2]), int(found[3])
            self.told.append((time.monotonic() - began, name, done, total))
            if until is not None and name == until[0] and done >= until[1] * total:
                os.killpg(process.pid, signal.SIGKILL)
                self.killed_at = f"{name} {done} of {total}"
                break
        self.code = process.wait()
        read.join()
        watch.join()
        self.wall_s = time.monotonic() - began
        if not self.killed_at and self.code not in (0, 1):
            sys.exit(f"videxplore assess ended with {self.code}:\n{said.decode(errors='replace')[-2000:]}")

    def command(self) -> list[str]:
        """As it would be typed."""
        folder = self.footage.folder
        return [
            sys.executable, "-m", "videxplore", "assess", str(folder / "sample"), "--out", str(self.out),
            "--owned", str(self.footage.owned), "--owned-sources", str(folder / "owned"),
            "--manifest", str(self.footage.manifest), "--design", "vendor-random", "--json",
        ]  # fmt: skip

    def steps(self) -> list[tuple[str, float]]:
        """Seconds of each step that tells its progress, and of all that comes after the last."""
        names = list(dict.fromkeys(name for _, name, _, _ in self.told))
        ends = [max(t for t, name, _, _ in self.told if name == one) for one in names]
        starts = [0.0, *ends]
        spent = [(one, end - start) for one, start, end in zip(names, starts, ends, strict=False)]
        return [*spent, ("measures, page", self.wall_s - (ends[-1] if ends else 0.0))]

    def _read_answer(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self.answer = process.stdout.read().decode()

    def _watch_memory(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            self.peak_gb = max(self.peak_gb, _resident(process.pid) / 1e9)
            time.sleep(0.5)


def _lines(process: subprocess.Popen[bytes], said: bytearray) -> Iterator[str]:
    """What comes from the error stream, split where a progress bar is drawn anew."""
    assert process.stderr is not None
    held = b""
    while piece := os.read(process.stderr.fileno(), 65536):
        said += piece
        *whole, held = re.split(rb"[\r\n]", held + piece)
        yield from (line.decode(errors="replace") for line in whole)


def _resident(group: int) -> int:
    """Bytes that all processes of a session hold; 0 where the system does not tell."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "stat").read_text().rpartition(")")[2].split()
            if int(told[3]) == group:  # session
                total += int(told[21]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            continue
    return total


# --- what came out ---


def report(footage: Footage, first: Run | None, second: Run) -> None:
    runs = [run for run in (first, second) if run is not None]
    hours, wall = footage.hours, sum(run.wall_s for run in runs)
    show(
        "Assessed from end to end",
        [
            {
                "files": len(footage.sample),
                "channels": len({path.relative_to(footage.folder).parts[1] for path in footage.sample}),
                "hours": hours,
                "GB": footage.gigabytes,
                "wall, minutes": wall / 60,
                "hours of video per minute": hours / (wall / 60),
                "times real time": hours * 3600 / wall,
                "peak memory, GB": max(run.peak_gb for run in runs),
            }
        ],
        note=f"{os.cpu_count()} cores; memory is that of all processes, pages shared by them counted twice",
    )
    for run, title in zip(runs, (["Until it was killed"] if first else []) + ["To the end"], strict=True):
        at = f"killed with signal 9 at: {run.killed_at}" if run.killed_at else f"exit code {run.code}"
        show(title, [{"step": step, "seconds": spent} for step, spent in run.steps()], note=at)
    answer = json.loads(second.answer)
    show(
        "What it says",
        [
            {"figure": key, "value": answer["measures"][key]["value"], "low": answer["measures"][key]["low"],
             "high": answer["measures"][key]["high"]}
            for key in ("technical.usable", "redundancy.extra", "redundancy.owned", "novelty.excess")
        ],
        note=answer["sentence"],
    )  # fmt: skip
    print(f"\nfiles that failed: {len(answer['failed'])}")


def ingested(out: Path) -> dict[str, object]:
    """When each file was stored, by its path."""
    table = vx.Library(out / "sample.lance").videos()
    return dict(zip(table["path"], table["ingested_at"], strict=True))


if __name__ == "__main__":
    main()
