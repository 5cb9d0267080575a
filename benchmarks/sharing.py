"""A page to send: how large it is, how long it takes to write, to open, to search and to move its map.

    python benchmarks/sharing.py                       5,000 segments
    python benchmarks/sharing.py --segments 100000     without pictures, the map by principal components

The library is made of the sample films: vectors, words and posters of their moments, drawn at random with
seed 0, a little noise on vectors and posters so that no two are the same. Chromium draws without a GPU.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

import videxplore as vx
from videxplore.stages.store.record import VideoRecord
from videxplore.stages.store.writing import write_video
from videxplore.values.media import Video
from videxplore.values.segments import Segment, SegmentTree, segment_id
from videxplore.values.vectors import Embeddings
from videxplore.workbench.library import Library
from videxplore.workbench.sharing import share

MOMENT_S, PER_SCENE = 4.0, 8
QUERIES = ("gunshot", "rain", "blue sky and bright water", "two loud bangs then silence", "goal")

FRAMES = """async () => {
  const canvas = document.querySelector(".vx-share-canvas");
  const box = canvas.getBoundingClientRect();
  const at = (x) => ({ pointerId: 1, clientX: box.left + x, clientY: box.top + 200, bubbles: true });
  canvas.setPointerCapture = () => {};
  canvas.dispatchEvent(new PointerEvent("pointerdown", at(200)));
  const times = [];
  for (let i = 0; i < 40; i += 1) {
    const before = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", at(200 + 5 * i)));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    times.push(performance.now() - before);
  }
  canvas.dispatchEvent(new PointerEvent("pointerup", at(400)));
  return times.slice(5);
}"""
SEARCH = """(text) => {
  const before = performance.now();
  document.querySelector(".vx-query").value = text;
  document.querySelector(".vx-share-form").requestSubmit();
  return performance.now() - before;
}"""


def spans(video_id: str, scenes: int) -> tuple[Video, list[Segment]]:
    """A film of equal scenes and moments."""
    length = MOMENT_S * PER_SCENE * scenes
    video = Video(Path(f"/films/{video_id}.mp4"), video_id, length, 640, 360, 25.0, None, "h264")
    made = [Segment(segment_id(video_id, "video", 0.0, length), video_id, "video", 0.0, length)]
    for level, seconds in (("scene", MOMENT_S * PER_SCENE), ("moment", MOMENT_S)):
        above = [s for s in made if s.level == ("video" if level == "scene" else "scene")]
        for start in np.arange(0.0, length, seconds).tolist():
            parent = next(s for s in above if s.start_s <= start < s.end_s)
            identity = segment_id(video_id, level, start, start + seconds)
            made.append(Segment(identity, video_id, level, start, start + seconds, parent.segment_id))
    return video, made


def posters(known: list[bytes], rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """Posters of the sample films with noise."""
    for i in rng.integers(0, len(known), count):
        picture = np.asarray(Image.open(io.BytesIO(known[i])).convert("RGB"), dtype=np.int16)
        noisy = picture + rng.integers(-6, 7, (*picture.shape[:2], 1))
        out = io.BytesIO()
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=82)
        yield out.getvalue()


def fill(library: Library, films: Library, count: int, pictures: bool) -> None:
    """Write so many segments, drawn from what the sample films hold."""
    rng = np.random.default_rng(0)
    held = films.snapshot()
    assert held is not None
    known = [films.poster(s.segment_id) for s in held.segments if s.level == "moment"]
    scenes = 25 if pictures else 500
    for number in range(-(-count // (1 + scenes * (1 + PER_SCENE)))):
        video, segments = spans(f"{number:016x}", scenes)
        rows = rng.integers(0, len(held), len(segments))
        values = held.vectors[rows] * held.magnitudes[rows, None]
        values = values * rng.normal(1.0, 0.05, values.shape)
        norms = np.linalg.norm(values, axis=1)
        ids = tuple(s.segment_id for s in segments)
        shown = posters(known, rng, len(ids)) if pictures else iter([b""] * len(ids))
        write_video(
            library.database,
            VideoRecord(
                SegmentTree(video, tuple(segments), ("moment", "scene", "video"), (), "by the clock"),
                Embeddings(
                    (values / norms[:, None]).astype(np.float32), ids, tuple(s.level for s in segments),
                    films.card, norms.astype(np.float32), None, (video.video_id,) * len(ids),
                ),
                {i: held.transcripts[row] for i, row in zip(ids, rows, strict=True)},
                dict(zip(ids, shown, strict=True)),
                np.zeros(0), np.zeros((0, films.card.dimension), np.float32), np.zeros(0, np.float32),
            ),
        )  # fmt: skip


def look(path: Path) -> None:
    """Open the page in Chromium and print how long things take there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        began = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector(".vx-result", timeout=60_000)
        print(f"opened in {time.perf_counter() - began:.2f} s")
        took = [page.evaluate(SEARCH, text) for text in QUERIES for _ in range(3)]
        print(f"search and list: median {np.median(took):.0f} ms, longest {max(took):.0f} ms")
        page.evaluate("document.querySelector('.vx-query').value = ''")
        frames = page.evaluate(FRAMES)
        worst = np.percentile(frames, 95)
        print(f"frame of the map while moved: median {np.median(frames):.1f} ms, p95 {worst:.1f} ms")
        heap = page.evaluate("performance.memory.usedJSHeapSize")
        print(f"memory of the page's script: {heap / 1e6:.0f} MB")
        browser.close()


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--segments", type=int, default=5000)
    parser.add_argument("--films", help="a library of the sample films, to spare the time to make one")
    chosen = parser.parse_args()
    many = chosen.segments > 20_000
    with tempfile.TemporaryDirectory() as folder:
        films = Library(chosen.films or Path(folder) / "films.lance")
        if not chosen.films:
            vx.ingest(vx.sample_set().videos, films.path, progress=False)
        library = Library(Path(folder) / "many.lance")
        fill(library, films, chosen.segments, pictures=not many)
        drawn = vx.project(library, method="pca" if many else "umap")
        for size in (20_000_000, 5_000_000) if not many else (0,):
            began = time.perf_counter()
            path = share(library, Path(folder) / "page.html", projection=drawn, picture_bytes=size)
            took = time.perf_counter() - began
            written = path.stat().st_size / 1e6
            print(
                f"{len(drawn)} segments, pictures up to {size / 1e6:g} MB: {written:.1f} MB in {took:.1f} s"
            )
            look(path)


if __name__ == "__main__":
    sys.exit(main())
