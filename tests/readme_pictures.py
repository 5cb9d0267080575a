"""The pictures of the README, drawn anew: widgets on the sample library in a real JupyterLab.

make pictures        writes docs/pictures/*.png
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conftest import pytest_configure
from harness import ROOT, find_chromium, lab_command, launch, serve_lab
from PIL import Image

TARGET = ROOT / "docs" / "pictures"
LIBRARY = ROOT / "build" / "pictures" / "sample.lance"
WIDTH = 1600

CELLS = [
    f"""import videxplore as vx
studio = vx.sample_set()
library = vx.Library({str(LIBRARY)!r})
vx.ingest(studio.videos, library, progress=False)
raw = library.search("a gunshot in the dark", k=10)
vx.show(vx.compare(raw, vx.rerank(raw)), library=library)""",
    "vx.show(library, projection=vx.project(library))",
    """street = next(path for path in studio.videos if "street" in path.name)
vx.timeline(vx.segment(street))""",
]


def keep(page: Any, selector: str, name: str) -> None:
    """The picture of one widget in 256 colours, a third of the size."""
    widget = page.locator(selector).last
    widget.scroll_into_view_if_needed()
    page.mouse.move(0, 0)  # nothing hovers
    page.wait_for_timeout(2000)  # pictures and points fade in
    drawn = Image.open(io.BytesIO(widget.screenshot())).convert("RGB")
    drawn.quantize(256, dither=Image.Dither.NONE).save(TARGET / f"{name}.png", optimize=True)


def draw(page: Any) -> None:
    lab_command(page, "notebook:run-all-cells")
    page.wait_for_selector(".vx-tree-timeline:visible")
    page.locator(".vx-compare [data-id]").nth(0).click()
    keep(page, ".vx-compare", "raw_and_reranked")
    page.fill(".vx-explorer .vx-query", "a gunshot in the dark")
    page.keyboard.press("Enter")
    page.locator(".vx-explorer .vx-result[data-id]").first.click()
    keep(page, ".vx-explorer", "explorer")
    keep(page, ".vx-tree-timeline", "timeline")


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    LIBRARY.parent.mkdir(parents=True, exist_ok=True)
    pytest_configure()  # Chromium as root would starve the machine
    with (
        TemporaryDirectory() as folder,
        serve_lab(Path(folder), CELLS) as address,
        launch(find_chromium() or "chromium") as browser,
    ):
        page = browser.new_context(viewport={"width": WIDTH, "height": 2400}).new_page()
        page.set_default_timeout(300_000)
        page.goto(address)
        page.wait_for_selector('.jp-StatusBar-Widget :text-matches("ipykernel.*Idle")')
        draw(page)
    for picture in sorted(TARGET.glob("*.png")):
        sys.stdout.write(f"{picture.relative_to(ROOT)}: {picture.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
