"""What a map costs in a browser and in the kernel: frames while panning and zooming, bytes sent, memory.

    python benchmarks/map_browser.py                    10,000 and 100,000 points
    python benchmarks/map_browser.py --million          1,000,000 too, by jupyter-scatter alone

Frames: the longest wait between two frames after each of 10 steps of a drag and 8 turns of the wheel, in
milliseconds; median, 95th percentile and longest. 17 is a screen that never waits. In headless Chromium,
which draws WebGL in software. Four maps of the same points: ``vx.figure`` (plotly, every point), the
explorer's (plotly; beyond 50,000 points a density and a sample, without the kernel that refines it), plotly
with one bare trace of every point, and jupyter-scatter as ``backend="scatter"`` sets it up. Bytes: what all
comms of an explorer send when it is made, to a page that draws it (without plotly's library, 1.8 MB once per
page), for one choice and for 20 other answers. Memory: how much an explorer adds to its process.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from videxplore.values.rankings import Hit, Query, Ranking  # noqa: E402
from videxplore.values.vectors import EncoderCard, Projection  # noqa: E402

SCENES, MOMENTS = 4, 30
KERNEL_SIZES = (5_000, 100_000)
RECORD = """() => {
  window.waits = [];
  let last = performance.now();
  const each = (now) => {
    window.waits.push(now - last);
    last = now;
    requestAnimationFrame(each);
  };
  requestAnimationFrame(each);
}"""
LONGEST = """() => new Promise((done) => {
  setTimeout(() => requestAnimationFrame(() => done(Math.max(...window.waits.splice(0)))), 150);
})"""


def segments(n: int) -> list[dict[str, Any]]:
    """About ``n`` rows of a library: videos of 4 scenes of 30 moments of a second each."""
    rows: list[dict[str, Any]] = []
    for v in range(-(-n // (1 + SCENES + SCENES * MOMENTS))):
        film = {"video_id": f"v{v}", "path": f"films/film {v}.mp4"}

        def add(name: str, level: str, start: float, end: float, parent: str | None, film: Any = film) -> str:
            rows.append(
                {**film, "segment_id": name, "level": level, "start_s": start, "end_s": end,
                 "parent_id": parent, "transcript": ""}
            )  # fmt: skip
            return name

        whole = add(f"v{v}", "video", 0.0, float(SCENES * MOMENTS), None)
        for s in range(SCENES):
            begun = float(s * MOMENTS)
            scene = add(f"v{v}-{s}", "scene", begun, begun + MOMENTS, whole)
            for m in range(MOMENTS):
                add(f"v{v}-{s}-{m}", "moment", begun + m, begun + m + 1, scene)
    return rows


def projection_of(rows: list[dict[str, Any]]) -> Projection:
    """A map of 60 groups, seed 0; a parent stands amid its first children."""
    rng = np.random.default_rng(0)
    n = len(rows)
    centres, group = rng.normal(size=(60, 2)) * 8, rng.integers(0, 60, n)
    xy = (centres[group] + rng.normal(size=(n, 2)) * rng.uniform(0.2, 1.2, 60)[group, None]).astype(
        np.float32
    )
    return Projection(
        xy=xy,
        segment_ids=tuple(row["segment_id"] for row in rows),
        levels=tuple(row["level"] for row in rows),
        parent_ids=tuple(row["parent_id"] for row in rows),
        distortion=rng.random(n).astype(np.float32),
        quality={"trustworthiness@15": 0.95, "neighbour overlap@15": 0.3, "chance@15": 15 / n},
        method="drawn at random",
        card=EncoderCard("bench", 2),
        labels=tuple(f"{Path(row['path']).name} {row['start_s']:.0f} s" for row in rows),
        video_ids=tuple(row["video_id"] for row in rows),
        times_s=np.array([(row["start_s"], row["end_s"]) for row in rows]),
    )


def exercise(page: Any, selector: str) -> dict[str, list[float]]:
    """Drag and zoom over the middle of an element; the longest wait of each step, by what was done."""
    box = page.locator(selector).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_timeout(300)
    page.evaluate(RECORD)
    page.mouse.down()
    page.evaluate(LONGEST)
    found: dict[str, list[float]] = {"pan": [], "zoom": []}
    for step in range(1, 11):
        page.mouse.move(x + 8 * step, y + 3 * step)
        found["pan"].append(page.evaluate(LONGEST))
    page.mouse.up()
    page.evaluate(LONGEST)
    for step in range(8):
        page.mouse.wheel(0, -80 if step < 4 else 80)
        found["zoom"].append(page.evaluate(LONGEST))
    return found


def bare_plotly(drawn: Projection) -> go.Figure:
    """The same points as one trace of discs without outline, lines, hover or linked axes: plotly's floor."""
    points = go.Scattergl(x=drawn.xy[:, 0], y=drawn.xy[:, 1], mode="markers", marker={"size": 6})
    return go.Figure(points).update_layout(height=354, dragmode="pan", showlegend=False, hovermode=False)


def report(n: int, name: str, ready_s: float, found: dict[str, list[float]]) -> None:
    """One line per map."""
    parts = [
        f"{what} {statistics.median(times):5.0f} /{np.percentile(times, 95):6.0f} /{max(times):6.0f} ms"
        for what, times in found.items()
    ]
    print(f"{n:>9,}  {name:<28} ready {ready_s:5.1f} s   {'   '.join(parts)}", flush=True)


def in_browser(browser: Any, n: int, scatter_only: bool) -> None:
    """All maps of n points."""
    from binary_widgets import BinaryMounted, bare_page
    from harness import open_tab

    from videxplore.views.figures.segment_map import map_figure
    from videxplore.views.figures.style import CONFIG
    from videxplore.views.live_map import LiveMap
    from videxplore.views.scatter_map import ScatterMap

    drawn = projection_of(segments(n))
    figures = {} if scatter_only else {"vx.figure, every point": (map_figure(drawn, height=480), {})}
    if not scatter_only:
        as_drawn = {"plotGlPixelRatio": 1}  # as live_figure.js sets it on a screen with one dot per pixel
        figures["the explorer's map"] = (LiveMap(drawn).figure, as_drawn)
        figures["plotly alone, every point"] = (bare_plotly(drawn), as_drawn)
    for name, (figure, config) in figures.items():
        html = figure.to_html(config={**CONFIG, "scrollZoom": True, **config}, include_plotlyjs=True)
        with open_tab(browser, timeout_s=120) as page:
            begun = time.perf_counter()
            page.set_content(html, wait_until="load", timeout=120_000)
            page.wait_for_selector(".nsewdrag")
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            ready = time.perf_counter() - begun
            report(len(drawn), name, ready, exercise(page, ".nsewdrag"))
    scatter = ScatterMap(drawn, height=480)
    with open_tab(browser, timeout_s=240) as page:
        bare_page(page)
        begun = time.perf_counter()
        BinaryMounted(page, scatter.points, name="points")
        page.wait_for_selector("#points canvas")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        ready = time.perf_counter() - begun
        report(len(drawn), "jupyter-scatter", ready, exercise(page, "#points canvas"))
    scatter.close()


def kernel_cost(n: int) -> dict[str, float]:
    """Bytes over all comms and memory of an explorer, in this process."""
    import comm
    import psutil
    from ipywidgets.widgets.widget import _instances

    from videxplore.views.base import View
    from videxplore.views.catalogue import Catalogue
    from videxplore.views.explorer import ExplorerView

    sent = {"bytes": 0}

    def publish(_: Any, kind: str, data: Any = None, metadata: Any = None, buffers: Any = None, **__: Any):
        sent["bytes"] += len(json.dumps(data, default=str)) + sum(memoryview(b).nbytes for b in buffers or ())

    comm.DummyComm.publish_msg = publish  # what ipywidgets sends through where there is no kernel

    def explore(catalogue: Catalogue, drawn: Projection) -> ExplorerView:
        return ExplorerView(catalogue, drawn, search=lambda *_: Ranking(Query("rain"), ()))

    few = segments(200)
    explore(Catalogue(few), projection_of(few)).close()  # what is imported belongs to no size
    rows = segments(n)
    drawn, catalogue = projection_of(rows), Catalogue(rows)
    here = psutil.Process()
    before, found = here.memory_info().rss, {}
    sent["bytes"] = 0
    begun = time.perf_counter()
    view = explore(catalogue, drawn)
    found["seconds"] = time.perf_counter() - begun
    found["opened"] = sent["bytes"]
    found["memory"] = here.memory_info().rss - before
    sent["bytes"] = 0
    view._map.live.figure._handle_custom_msg({"kind": "figure"}, [])  # as a page asks that draws it
    for one in [widget for widget in _instances.values() if isinstance(widget, View)]:
        one._handle_custom_msg({"kind": "tell"}, [])
    found["drawn"] = sent["bytes"]
    moments = [row for row in rows if row["level"] == "moment"]
    sent["bytes"] = 0
    view.selection = [moments[7]["segment_id"]]
    found["choice"], sent["bytes"] = sent["bytes"], 0
    view.answer(answers(moments[:: len(moments) // 20][:20]))
    found["answers"] = sent["bytes"]
    found["process"] = here.memory_info().rss
    return found


def answers(rows: list[dict[str, Any]]) -> Ranking:
    """These segments as an answer."""
    hits = []
    for rank, row in enumerate(rows, 1):
        where = row["segment_id"], row["path"], row["level"], row["start_s"], row["end_s"]
        hits.append(Hit(rank, *where, score=1 / rank, raw_score=1 / rank, raw_rank=rank))
    return Ranking(Query("rain"), tuple(hits))


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--points", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument(
        "--kernel", type=int, help="print what an explorer of so many segments costs, as JSON"
    )
    parser.add_argument("--browser", default="chromium", help="name or path of Chromium")
    chosen = parser.parse_args()
    if chosen.kernel:
        print(json.dumps(kernel_cost(chosen.kernel)))
        return
    print("an explorer in the kernel, without pictures")
    for n in KERNEL_SIZES:
        command = [sys.executable, __file__, "--kernel", str(n)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = json.loads(output.splitlines()[-1])
        print(
            f"{n:>9,}  made in {found['seconds']:.1f} s, memory +{found['memory'] / 2**20:.0f} MiB (process "
            f"{found['process'] / 2**20:.0f} MiB); sent: {found['opened'] / 1e6:.2f} MB when made, "
            f"{found['drawn'] / 1e6:.2f} MB to be drawn, {found['choice'] / 1e3:.1f} kB per choice, "
            f"{found['answers'] / 1e3:.1f} kB for 20 answers",
            flush=True,
        )
    from harness import launch

    path = shutil.which(chosen.browser)
    if path is None:
        parser.error(f"no Chromium by the name {chosen.browser!r}; give its path with --browser")
    print("frames while panning and zooming: median / 95th percentile / longest")
    with launch(path) as browser:
        for n in chosen.points:
            in_browser(browser, n, scatter_only=False)
        if chosen.million:
            in_browser(browser, 1_000_000, scatter_only=True)


if __name__ == "__main__":
    main()
