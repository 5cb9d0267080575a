"""The demo: the quick-start notebook run from a fresh kernel, its page, and a summary to read."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from videxplore._extras import missing_extra
from videxplore.values.rankings import Ranking
from videxplore.workbench.library import Library

QUICKSTART = "01_quickstart.ipynb"
QUICKSTART_LIBRARY = "quickstart.lance"
SAMPLE_QUERIES = ("gunshot", "corner kick", "first half")


@dataclass(frozen=True)
class DemoSummary:
    """What a demo run made.

    Attributes:
        page: the executed quick start.
        segments: number of segments by level, for each library made.
        top_hits: query -> its best hits, raw, as text.
        moved: query -> what joint reranking moved, as text.
        other_pages: further pages written, such as the explorer of the open clips.
        failed: one line per file that could not be read.
        seconds: how long it took.
    """

    page: Path
    segments: Mapping[str, Mapping[str, int]]
    top_hits: Mapping[str, tuple[str, ...]]
    moved: Mapping[str, str]
    other_pages: tuple[Path, ...]
    failed: tuple[str, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, for JSON."""
        plain = asdict(self)
        return plain | {"page": str(self.page), "other_pages": [str(p) for p in self.other_pages]}

    def __str__(self) -> str:
        lines = []
        for name, counts in self.segments.items():
            lines.append(f"{name}: " + ", ".join(f"{n} {level}" for level, n in counts.items()))
        for query, hits in self.top_hits.items():
            lines += ["", f"“{query}”, raw similarity:", *(f"  {hit}" for hit in hits)]
            lines.append(f"  jointly reranked: {self.moved[query]}")
        lines += ["", *(f"could not be read: {line}" for line in self.failed)]
        lines.append(f"Done in {self.seconds:.0f} s. Look next at:")
        lines += [f"  {page}" for page in (self.page, *self.other_pages)]
        lines.append("  make lab   (the same notebook, live)")
        return "\n".join(lines)


def notebooks_folder() -> Path:
    """Folder of the notebooks: beside the package in a checkout, inside it when installed.

    Raises:
        FileNotFoundError: there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package.parent / "notebooks", package / "notebooks"):
        if (folder / QUICKSTART).is_file():
            return folder
    raise FileNotFoundError(f"the notebooks are not beside the package {package}; reinstall videxplore.")


def run_demo(out: Path) -> DemoSummary:
    """Run the quick start in ``out`` from a fresh kernel, write its page there, and sum up what it made.

    Args:
        out: folder to write to; made if absent. The library in it is reused when it is there.

    Raises:
        MissingExtraError: the extra ``lab`` is not installed.
    """
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    page = execute_notebook(notebooks_folder() / QUICKSTART, out)
    library = Library(out / QUICKSTART_LIBRARY)
    segments = {f"{len(library.videos())} sample videos": _count_levels(library)}
    rankings = {query: library.search(query, k=10) for query in SAMPLE_QUERIES}
    clips, failed, other_pages = _explore_open_clips(out)
    return DemoSummary(
        page=page,
        segments=segments | clips,
        top_hits={query: tuple(str(hit) for hit in ranking[:3]) for query, ranking in rankings.items()},
        moved={query: _describe_moves(ranking) for query, ranking in rankings.items()},
        other_pages=other_pages,
        failed=failed,
        seconds=time.monotonic() - started,
    )


def execute_notebook(notebook: Path, out: Path) -> Path:
    """Run ``notebook`` from a fresh kernel with ``out`` as its folder; write it and its HTML page there.

    Raises:
        MissingExtraError: the extra ``lab`` is not installed.
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbconvert import HTMLExporter
    except ImportError as error:
        raise missing_extra("nbclient and nbconvert", "lab", "running a notebook") from error
    book = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        book,
        timeout=600,
        kernel_name="python3",
        # Widget state holds plotly's 5 MB of JavaScript per figure and cannot be shown without a kernel.
        store_widget_state=False,
        # Each kernel would tell the reader of the demo that its sockets on this machine are not encrypted.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(out)}},
    )
    # Figures must also show in a page without Jupyter, and offline.
    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype+notebook"
    try:
        client.execute()
    finally:
        del os.environ["PLOTLY_RENDERER"]
    _drop_progress_bars(book)
    # The page must be whole offline: no script from a CDN. Figures bring plotly themselves.
    exporter = HTMLExporter(embed_images=True, mathjax_url="", require_js_url="")
    html, _ = exporter.from_notebook_node(book)
    html = re.sub(r'<script src="https://[^"]*mathjax[^"]*"></script>', "", html)  # plotly asks for it
    page = out / f"{notebook.stem.split('_', 1)[-1]}.html"
    page.write_text(html, encoding="utf-8")
    nbformat.write(book, out / notebook.name)
    return page


def _drop_progress_bars(book: Any) -> None:
    """Remove progress bars: without a kernel they would stand at 0 % for ever."""
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if "%|" not in o.get("data", {}).get("text/plain", "")]


def _count_levels(library: Library) -> dict[str, int]:
    counts = library.segments()["level"].value_counts()
    return {level: int(counts.get(level, 0)) for level in ("video", "chapter", "scene", "moment")}


def _describe_moves(raw: Ranking) -> str:
    from videxplore.stages.reranking.rerank import rerank
    from videxplore.workbench.compare import compare

    moves = compare(raw, rerank(raw)).moves[0]
    states = [move.state for move in moves]
    counts = ", ".join(f"{states.count(s)} {s}" for s in ("up", "down", "entered", "left") if s in states)
    return counts or "the order stays as it is"


def _explore_open_clips(out: Path) -> tuple[dict[str, dict[str, int]], tuple[str, ...], tuple[Path, ...]]:
    """Ingest the open clips where they are at hand, and write their explorer page."""
    from videxplore.studio.open_clips import clips_at_hand
    from videxplore.workbench.display import page
    from videxplore.workbench.ingest import ingest

    paths = clips_at_hand()
    if not paths:
        return {}, (), ()
    library = Library(out / "clips.lance")
    report = ingest(paths, library, progress=False)
    written = page(library, out / "clips.html")
    return (
        {f"{len(library.videos())} open clips": _count_levels(library)},
        tuple(str(record) for record in report.failed),
        (written,),
    )
