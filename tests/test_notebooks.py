"""The notebooks are the product's face: each runs from a fresh kernel, quietly and soon, and reads well."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

QUICK = ("01_quickstart", "02_media", "03_segmentation")
"""Notebooks that `make test` runs; the others take longer and are left to `make test-long`."""

RUN = [pytest.param(p, marks=() if p.stem in QUICK else pytest.mark.long, id=p.stem) for p in NOTEBOOKS]


def read(path):
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks_and_they_are_numbered():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{i:02d}" for i in range(1, len(NOTEBOOKS) + 1)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_stripped_and_tidy(path):
    book = read(path)
    first = book.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.splitlines()[0].startswith("# ")
    assert "?" in first.source.splitlines()[0], "the title is a question"
    for cell in book.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            assert len(cell.source.splitlines()) <= 12
    assert "videxplore" not in book.metadata.get("kernelspec", {}).get("name", "")


@pytest.mark.parametrize("path", RUN)
def test_notebook_runs_from_a_fresh_kernel_without_a_warning(path, sample_library, tmp_path):
    from videxplore.workbench.demo import QUICKSTART_LIBRARY, execute_notebook

    shutil.copytree(sample_library.path, tmp_path / QUICKSTART_LIBRARY)
    page = execute_notebook(path, tmp_path)
    noise = [
        output.text
        for cell in read(tmp_path / path.name).cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr" and "%|" not in output.text
    ]
    assert not noise
    html = page.read_text()
    assert "Traceback" not in html
    assert "model not found" not in html


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_page_is_not_blank_where_a_widget_was(path):
    """Every cell that ends in a widget has a static twin: checked on the names that make widgets."""
    widgets = [c for c in read(path).cells if c.cell_type == "code" and "vx.show(" in c.source]
    assert widgets, "a notebook without anything to touch"
