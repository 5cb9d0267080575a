"""How long the player keeps one waiting: the first picture of a clip, cached and not, in a real Chromium.

    python benchmarks/player.py [--times 5] [--large 2.0]

Made here: 30 s of 720p with sound, and with ``--large`` a film of that many GiB. Printed: seconds from the
click to the first picture on the screen of a real JupyterLab (least, median and most of n), the same without
a browser (order to bytes), and for the large film the bytes read to make one clip.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from harness import launch, serve_lab  # noqa: E402

from videxplore.values.media import Span  # noqa: E402
from videxplore.workbench.clip_cache import ClipCache  # noqa: E402
from videxplore.workbench.clips import BackgroundClips, Stretch  # noqa: E402

SPAN = Span(10.02, 20.02)
FORMATS = ("mp4", "webm")
FIRST_PICTURE = """async () => {
  const video = document.querySelector('.vx-stage video');
  const begun = performance.now();
  const shown = new Promise((resolve) => {
    video.requestVideoFrameCallback(() => resolve(performance.now() - begun));
  });
  document.querySelector('.vx-stage-play').click();
  return await shown;
}"""


def write_720p(path: Path) -> None:
    """Thirty seconds of a moving texture, 25 fps, H.264 and AAC."""
    rng = np.random.default_rng(0)
    coarse = av.VideoFrame.from_ndarray(rng.integers(0, 255, (90, 160, 3), np.uint8), format="rgb24")
    texture = coarse.reformat(width=1600, height=900, interpolation="BICUBIC").to_ndarray(format="rgb24")
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(30 * 48000) / 48000)).astype(np.float32)
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=25, options={"preset": "veryfast", "crf": "23"})
        picture.width, picture.height, picture.pix_fmt = 1280, 720, "yuv420p"
        sound = output.add_stream("aac", rate=48000, layout="mono")
        for k in range(750):
            part = texture[k % 180 : k % 180 + 720, (2 * k) % 320 : (2 * k) % 320 + 1280]
            output.mux(picture.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(part), format="rgb24")))
        output.mux(picture.encode(None))
        for start in range(0, len(tone), 1024):
            block = av.AudioFrame.from_ndarray(tone[None, start : start + 1024], format="fltp", layout="mono")
            block.rate, block.pts = 48000, start
            output.mux(sound.encode(block))
        output.mux(sound.encode(None))


def write_large(path: Path, size: float) -> float:
    """A film of ``size`` bytes: one noisy picture, over and over. Returns its length in seconds."""
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuvj420p"
        content = bytes(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24"))[0])
        count = int(size / len(content))
        for k in range(count):
            packet = av.Packet(content)
            packet.stream, packet.pts, packet.dts, packet.duration = stream, k, k, 1
            packet.time_base, packet.is_keyframe = Fraction(1, 25), True
            output.mux_one(packet)
    return count / 25


CELL = """import ipywidgets
import videxplore as vx
from videxplore.values.rankings import Hit

def play(k):
    start_s = 10.02 + 0.04 * k
    return vx.play(Hit(1, f"s{{k}}", {path!r}, "scene", start_s, start_s + 10.0, 1.0, 1.0, 1, {{}}))

which = ipywidgets.Dropdown(options=["-", *map(str, range(40))]).add_class("which")
shown = ipywidgets.VBox([])
which.observe(lambda _: setattr(shown, "children", [play(int(which.value) // 2)]), names="value")
display(which, shown)"""


def browse(folder: Path, path: Path, chromium: str, times: int) -> tuple[list[float], list[float]]:
    """Seconds from click to first picture in JupyterLab, anew and cached: every film is put on twice."""
    os.environ["VIDEXPLORE_CACHE"] = str(folder / "cache")
    lab = folder / "lab"
    lab.mkdir()
    anew: list[float] = []
    cached: list[float] = []
    with serve_lab(lab, [CELL.format(path=str(path))]) as address, launch(chromium) as browser:
        page = browser.new_page()
        page.set_default_timeout(90_000)
        page.goto(address)
        kernel = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
        page.wait_for_function(f"{kernel}?.status === 'idle'")
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        page.wait_for_selector(".which select")
        for k in range(2 * times + 2):
            page.evaluate("document.querySelectorAll('.vx-player').forEach(p => { p.className = 'old'; })")
            page.select_option(".which select", str(k))
            page.wait_for_selector(".vx-player .vx-stage-poster[src]")
            page.wait_for_function(f"{kernel}.status === 'idle'")
            (cached if k % 2 else anew).append(page.evaluate(FIRST_PICTURE) / 1000)
    return anew[1:], cached[1:]  # the first pair also imports


def show(name: str, seconds: list[float], aim: str) -> None:
    least, middle, most = min(seconds), statistics.median(seconds), max(seconds)
    print(f"{name:<46} {least:6.3f} {middle:6.3f} {most:6.3f} s   n = {len(seconds)}   aim {aim}")


def measure(folder: Path, times: int, chromium: str | None) -> None:
    path = folder / "film.mp4"
    write_720p(path)

    def clips(name: str) -> BackgroundClips:
        return BackgroundClips(lambda _: Stretch(path, SPAN), ClipCache(folder / name))

    clips("warm").order("s", "clip", FORMATS, False).result()
    bare = []
    for k in range(times):
        begun = time.perf_counter()
        clips(f"bare{k}").order("s", "clip", FORMATS, False).result()
        bare.append(time.perf_counter() - begun)
    print(f"{'10 s of 720p, 25 fps, with sound':<46} least, median, most")
    show("clip made, without a browser", bare, "-")
    if chromium is None:
        print("no Chromium here: the first picture is not measured")
        return
    anew, cached = browse(folder, path, chromium, times)
    show("first picture in JupyterLab, made anew", anew, "1.5 s")
    show("first picture in JupyterLab, cached", cached, "0.3 s")


def measure_large(folder: Path, gib: float) -> None:
    path = folder / "large.mp4"
    length_s = write_large(path, gib * 2**30)
    span = Span(length_s / 2, length_s / 2 + 4)
    clips = BackgroundClips(lambda _: Stretch(path, span), ClipCache(folder / "large"))
    before, begun = bytes_read(), time.perf_counter()
    clips.order("s", "clip", FORMATS, False).result()
    spent = time.perf_counter() - begun
    read = (bytes_read() - before) / 2**20
    size = path.stat().st_size / 2**20
    print(f"{'4 s from the middle of a large film':<46} {spent:6.3f} s, {read:.0f} of {size:.0f} MiB read")


def bytes_read() -> int:
    """Bytes this process has read so far, as Linux counts them."""
    return int(re.search(r"rchar: (\d+)", Path("/proc/self/io").read_text()).group(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--large", type=float, default=0.0, help="GiB of the large film; 0 leaves it out")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), arguments.times, chromium)
        if arguments.large:
            measure_large(Path(folder), arguments.large)


if __name__ == "__main__":
    main()
