"""Pictures of the explorer in JupyterLab, to be looked at: few, many, very many segments, nothing, failures.

    python tests/explorer_pictures.py build/explorer            all states
    python tests/explorer_pictures.py build/explorer few large   some of them

Each state is drawn in the light and the dark theme, wide, medium and narrow, after a query and a choice where
there is something to find. What the page reported as an error, how long the first picture took and how large
the saved notebook is are printed. Large libraries are made up and stay in the folder for the next time.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from coded_library import coded_library
from coded_video import write_video
from conftest import pytest_configure
from harness import find_chromium, lab_command, launch, serve_lab

from videxplore.stages.segmentation.assemble import assemble_tree
from videxplore.studio.samples import sample_set
from videxplore.values.media import Measurements
from videxplore.values.segments import SegmentTree
from videxplore.values.vectors import EncoderCard
from videxplore.workbench.ingest import ingest
from videxplore.workbench.library import Library

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "benchmarks"))

CARD = EncoderCard("made up", 64)
SIZES = {"wide": (1500, 1100), "medium": (1100, 1500), "narrow": (640, 2600)}


class Reader:
    """Finds the made-up centre that a text is for."""

    card = CARD

    def encode_frames(self, frames: np.ndarray) -> np.ndarray:
        return np.ones((len(frames), CARD.dimension), np.float32)

    def encode_text(self, texts: list[str]) -> np.ndarray:
        from library import centres

        return np.stack([centres(CARD.dimension)[sum(text.encode()) % 2000] for text in texts])


def made_up(folder: Path, rows: int) -> Path:
    from library import fill

    return fill(folder / f"{rows}.lance", CARD, rows)


def failed(folder: Path) -> str:
    return ingesting(folder, *bad_files(folder))


def some_failed(folder: Path) -> str:
    """Two films that are fine beside two that are none."""
    shutil.rmtree(folder / "failed.lance", ignore_errors=True)
    good = [str(path) for path in sample_set().videos if path.stem in ("night_street", "storm")]
    return ingesting(folder, *good, *bad_files(folder))


def bad_files(folder: Path) -> list[str]:
    (folder / "broken.mp4").write_text("no film")
    (folder / "empty.mp4").write_bytes(b"")
    return [str(folder / "broken.mp4"), str(folder / "empty.mp4")]


def ingesting(folder: Path, *files: str) -> str:
    return f"""library = vx.Library({str(folder / "failed.lance")!r})
report = vx.ingest({list(files)!r}, library, progress=False)
explorer = vx.show(library)"""


def twenty(folder: Path) -> str:
    """One film of 20 segments."""
    folder = folder / "films"
    folder.mkdir(exist_ok=True)
    path = folder / "numbers.mp4"
    if not path.exists():
        write_video(path, count=600, options={"preset": "ultrafast"}, size=(320, 180), gop=50)
    shutil.rmtree(folder / "twenty.lance", ignore_errors=True)
    library = Library(folder / "twenty.lance")
    ingest([path], library, segmenter=by_hand, workers=1, progress=False)
    return f"explorer = vx.show(vx.Library({str(folder / 'twenty.lance')!r}))"


def by_hand(measurements: Measurements) -> SegmentTree:
    """The video, 4 scenes and 15 moments."""
    cuts = {"moment": np.arange(1.6, 23.9, 1.6).tolist(), "scene": np.arange(6.4, 23.9, 6.4).tolist()}
    return assemble_tree(measurements.video, cuts, method="by hand")


STATES = {
    "twenty": twenty,
    "few": lambda folder: f"explorer = vx.show(vx.Library({str(coded_library(folder).path)!r}))",
    "many": lambda folder: opened(made_up(folder, 5_000)),
    "large": lambda folder: opened(made_up(folder, 100_000)),
    "empty": lambda folder: f"explorer = vx.show(vx.Library({str(folder / 'empty.lance')!r}))",
    "failed": failed,
    "some_failed": some_failed,
}
"""What a cell does first, by the name of a state; it may put files into a folder."""


def opened(path: Path) -> str:
    return f"explorer = vx.show(vx.Library({str(path)!r}, encoder=Reader()))"


def draw(page, name: str, target: Path) -> None:
    """Pictures of one state in both themes and all widths."""
    for theme in ("Light", "Dark"):
        lab_command(page, "apputils:change-theme", {"theme": f"JupyterLab {theme}"})
        page.wait_for_selector(f"body[data-jp-theme-light={str(theme == 'Light').lower()}]", state="attached")
        page.mouse.move(2, 2)  # away from the answers: no card beside one
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(1500)
            page.locator(".vx-explorer").screenshot(path=target / f"{name}_{theme.lower()}_{size}.png")


def show(browser, name: str, setup: str, target: Path) -> None:
    """Open a notebook with one state, ask and choose in it, draw it."""
    first = f"import sys; sys.path[:0] = [{str(HERE)!r}, {str(HERE.parent / 'benchmarks')!r}]\n"
    cell = first + "import videxplore as vx\nfrom explorer_pictures import Reader\n" + setup + "\nexplorer"
    with TemporaryDirectory() as folder, serve_lab(Path(folder), [cell]) as address:
        page = browser.new_context(viewport={"width": 1500, "height": 1500}).new_page()
        page.set_default_timeout(300_000)
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(address)
        page.wait_for_selector('.jp-StatusBar-Widget :text-matches("ipykernel.*Idle")')
        began = time.monotonic()
        lab_command(page, "notebook:run-all-cells")
        page.wait_for_selector(".vx-explorer-tools:visible")
        some = page.get_attribute(".vx-explorer", "data-empty") == "false"
        if some:
            page.wait_for_selector(".vx-explorer .main-svg:visible")
        seconds = time.monotonic() - began
        if some:
            page.fill(".vx-query", "rain in the dark")
            page.keyboard.press("Enter")
            page.locator(".vx-result[data-id]").nth(1).click()
            page.wait_for_timeout(3000)
        draw(page, name, target)
        page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
        saved = (Path(folder) / "widgets.ipynb").stat().st_size
        facts = {"state": name, "first picture s": round(seconds, 1), "saved kB": saved // 1000}
        sys.stdout.write(json.dumps(facts | {"errors": troubles}) + "\n")
        page.context.close()


def main() -> None:
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    pytest_configure()  # Chromium as root would starve the machine
    with launch(find_chromium() or "chromium") as browser:
        for name in sys.argv[2:] or STATES:
            folder = target / "libraries" / name
            folder.mkdir(parents=True, exist_ok=True)
            show(browser, name, STATES[name](folder.resolve()), target)


if __name__ == "__main__":
    main()
