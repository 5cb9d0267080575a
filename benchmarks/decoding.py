"""Decoding against its limit: every frame small, one frame per second, keyframes only; and the memory.

The limit of a file is plain sequential decoding, every frame decoded and none looked at, by the fastest of
decord, PyAV and OpenCV with the threads they choose. All columns of a row are timed in turn, ``--times``
times over, and the best of each counts, so that what else runs on the machine disturbs all alike. ``cpu`` is
the processor time of the dense scan over that of PyAV's plain decoding, which a busy machine blurs less.
The first scan of the process loads numba and the compiled loops (seconds), so ask for two times at least.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
from shelf import real_clips
from tables import show

from videxplore.errors import VideoError
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.probe import open_video
from videxplore.studio.samples import sample_videos
from videxplore.values.media import Video

DENSE, SPARSE = (64, 36), (224, 224)
SHORTEST_S = 2.0
"""Shorter clips say more about opening files than about decoding."""
SUFFIXES = {".mp4", ".mov", ".mkv", ".webm"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="the real clips, else the sample films, if none")
    parser.add_argument("--times", type=int, default=3, help="repeats, of which the best counts")
    arguments = parser.parse_args()
    videos = usable(arguments.files or default_files())
    if plain_opencv is None:
        print("OpenCV (cv2) is not installed here: the limit is that of PyAV and decord")
    rows = []
    for video in videos:
        rows.append(against_limit(video, arguments.times))
        print(".", end="", flush=True)
    show(
        f"seconds of plain decoding, and multiples of the fastest (best of {arguments.times})",
        rows,
        note=f"dense: every frame at {DENSE[0]}×{DENSE[1]}; 1 fps and keyframes at {SPARSE[0]}×{SPARSE[1]}",
    )
    if Path("/proc/self/status").is_file():
        rows = [memory_row(v.path) for v in sorted(videos, key=lambda v: -v.width * v.height)[:3]]
        show("peak memory of a process that scans the file densely, MiB", rows)


def default_files() -> list[Path]:
    folder = real_clips()
    clips = sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES) if folder else []
    return [*clips, *sample_videos()[:2]]


def usable(paths: list[Path]) -> list[Video]:
    videos = []
    for path in paths:
        try:
            video = open_video(path)
        except VideoError as error:
            print(f"left out: {path.name} ({error.reason})")
            continue
        if video.duration_s >= SHORTEST_S:
            videos.append(video)
    return videos


def plain_pyav(video: Video) -> None:
    with av.open(str(video.path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            pass


def plain_decord(video: Video) -> None:
    import decord

    decord.logging.set_level(decord.logging.QUIET)
    reader = decord.VideoReader(str(video.path))
    for _ in range(len(reader)):
        reader.next()


def _plain_opencv(video: Video) -> None:
    import cv2

    capture = cv2.VideoCapture(str(video.path))
    grabbed = 0
    while capture.grab():  # decodes; retrieve() would convert
        grabbed += 1
    if not grabbed:
        raise ValueError("OpenCV reads nothing")


def _opencv_or_none() -> Callable[[Video], None] | None:
    try:
        import cv2  # noqa: F401 - only whether it is there
    except ImportError:
        return None
    return _plain_opencv


plain_opencv = _opencv_or_none()


def scan(video: Video) -> None:
    for _ in FrameScan(video, size=DENSE):
        pass


def against_limit(video: Video, times: int) -> dict[str, object]:
    """One row: every way of plain decoding in seconds, everything else in multiples of the fastest."""
    plain: dict[str, Callable[[Video], object]] = {"PyAV": plain_pyav, "decord": plain_decord}
    if plain_opencv is not None:
        plain["OpenCV"] = plain_opencv
    ours: dict[str, Callable[[Video], object]] = {
        "dense ×": scan,
        "1 fps ×": lambda v: frames(v, every_s=1.0, size=SPARSE),
        "keyframes ×": lambda v: frames(v, keyframes=True, size=SPARSE),
    }
    wall: dict[str, float] = {}
    cpu: dict[str, float] = {}
    for _ in range(times):
        for name, run in (plain | ours).items():
            try:
                seconds, worked = timed(run, video)
            except Exception as error:  # decord and OpenCV fail in their own ways
                if name in ours:
                    raise
                print(f"{name} cannot decode {video.path.name}: {type(error).__name__}")
                seconds = worked = float("inf")
            wall[name] = min(wall.get(name, float("inf")), seconds)
            cpu[name] = min(cpu.get(name, float("inf")), worked)
    limit = min(wall[name] for name in plain)
    row: dict[str, object] = {
        "file": video.path.name[:28],
        "codec": video.codec,
        "s": round(video.duration_s),
    }
    row |= {name: wall[name] if wall[name] < float("inf") else "–" for name in plain}
    row |= {name: f"{wall[name] / limit:.2f}" for name in ours}
    row["cpu ×"] = f"{cpu['dense ×'] / cpu['PyAV']:.2f}"
    row["dense × real time"] = round(video.duration_s / wall["dense ×"])
    return row


def timed(run: Callable[[Video], object], video: Video) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    gc.collect()
    began, worked = time.perf_counter(), time.process_time()
    run(video)
    return time.perf_counter() - began, time.process_time() - worked


# What the kernel notes for a process itself: getrusage would count the parent's peak as the child's.
_MEMORY = """
import sys
from pathlib import Path
from videxplore.stages.decoding.frames import FrameScan
for path in sys.argv[1:]:
    for _ in FrameScan(path, size=(64, 36)):
        pass
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def memory_row(path: Path) -> dict[str, object]:
    """Peak resident memory of fresh processes: one that only imports, one that scans."""
    command = [sys.executable, "-c", _MEMORY]
    bare, busy = (
        int(subprocess.run([*command, *given], capture_output=True, text=True, check=True).stdout)
        for given in ([], [str(path)])
    )
    return {"file": path.name, "imports": bare, "scanning": busy}


if __name__ == "__main__":
    main()
