"""The pages' code runs as it stands, names what exists, and their links lead somewhere."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from coded_video import write_video
from conftest import ROOT

import videxplore as vx

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "data/README.md",
    *sorted(ROOT.glob("docs/*.md")),
]
NOTEBOOKS = sorted(ROOT.glob("notebooks/**/[0-9]*.ipynb"))

NOT_RUN = {
    ("docs/encoders.md", "/models/my-clip"): "weights",
    ("docs/encoders.md", "onnxruntime"): "weights; run by test_own_encoders.py where they are",
    ("docs/encoders.md", "Interpreter"): "the same",
    ("docs/encoders.md", "queries=queries"): "run by test_compare_encoders.py",
    ("docs/lessons.md", "Question("): "a form to fill in",
    ("docs/licensing.md", "vx.assess("): "an archive; run by test_assess.py",
    ("docs/licensing.md", "scorecard.html"): "the same report",
    ("docs/reranking_models.md", "Qwen"): "weights, and a server",
    ("docs/search.md", '"sentences"'): "weights; run by test_spoken.py where they are",
    ("docs/segmentation.md", "openai/clip"): "weights",
    ("docs/segmentation.md", "tree.moved("): "another film; run by test_recut.py",
    ("docs/maps.md", 'backend="scatter"'): "an extra; run by test_scatter_map.py",
}
"""Blocks that need what is not here: page and a text that the block holds -> what that is."""

INSTEAD = {
    "/path/to/videos": "tiny.mp4",
    "vx.sample_set()": "studio",
    "qrels=...": "qrels=[]",
    'vx.segment("street.mp4")': "tree",
    'vx.segment("street.mp4", method="fixed")': 'vx.segment(video, method="fixed")',
    "clip.mp4": "tiny.mp4",
    'vx.page(library, "films.html", ': 'vx.page(library, "films.html", projection=projection, ',
    "clips=True": "clips=False",
    "vx.segment(video, levels": "vx.segment(measured, levels",
    "vx.segment_by_words(video": "vx.segment_by_words(measured",
    '"segment-id"': "projection.segment_ids[0]",
}
"""Texts that stand for something of the reader's -> what is here."""


def blocks_of(path: Path) -> list[str]:
    """The Python blocks of a page, in order."""
    return re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def kept_out(path: Path, block: str) -> bool:
    return any(page == named(path) and text in block for page, text in NOT_RUN)


def code_of(path: Path) -> list[str]:
    if path.suffix == ".md":
        return blocks_of(path)
    cells = nbformat.read(path, as_version=4).cells
    inside = [
        re.findall(r"^```python\n(.*?)^```", c.source, re.M | re.S)
        for c in cells
        if c.cell_type == "markdown"
    ]
    return [c.source for c in cells if c.cell_type == "code"] + [block for found in inside for block in found]


def owner_of(call: ast.Call, owners: dict[str, Any]) -> Any:
    """What is called, where it is a function of the kit or a method of a library or explorer; else None."""
    func = call.func
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in owners:
        return getattr(owners[func.value.id], func.attr)
    return None


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=named)
def test_code_names_what_exists_and_passes_what_is_taken(path):
    owners = {"vx": vx, "library": vx.Library, "explorer": vx.Explorer}
    for block in code_of(path):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "vx":
                assert hasattr(vx, node.attr), f"vx.{node.attr} in {block!r}"
            if isinstance(node, ast.Call) and (called := owner_of(node, owners)) is not None:
                takes = inspect.signature(called).parameters
                if any(p.kind is p.VAR_KEYWORD for p in takes.values()):
                    continue
                for keyword in node.keywords:
                    assert keyword.arg is None or keyword.arg in takes, f"{keyword.arg}= in {block!r}"


@pytest.fixture
def reader(sample, sample_library, sample_measured, tmp_path, monkeypatch):
    """What a reader of a page has at hand, in a folder of its own."""
    import ipywidgets
    import lancedb

    monkeypatch.chdir(tmp_path)
    shutil.copytree(sample_library.path, "demo.lance")
    write_video(Path("tiny.mp4"), count=25, size=(96, 64))
    measured = sample_measured["night_street.mp4"]
    library, chance = vx.Library("demo.lance"), np.random.default_rng(0)
    library.save_map(vx.project(library, method="pca"), "by hand")
    Path("poster.jpg").write_bytes(vx.poster(measured.video, vx.Span(40.0, 44.0)))
    raw, projection = library.search("a gunshot in the dark"), library.load_map("by hand")
    library.judge("corner kick", raw[0], 2, judge="ada")
    sources = np.repeat([f"channel {i}" for i in range(12)], 20)
    return {
        "vx": vx,
        "np": np,
        "Path": Path,
        "lancedb": lancedb,
        "ipywidgets": ipywidgets,
        "studio": sample,
        "library": library,
        "raw": raw,
        "hit": raw[0],
        "video": measured.video,
        "measured": measured,
        "tree": vx.segment(measured),
        "projection": projection,
        "explorer": vx.show(library, projection=projection),
        "vector": library.encoder.encode_text(["a goal"])[0],
        "a": "perceptual",
        "model": "perceptual",
        "b": vx.pooled(library.encoder, "max"),
        "embeddings_a": library.embeddings(),
        "embeddings_b": library.embeddings(),
        "my_model": lambda rgb: chance.normal(size=(len(rgb), 512)).astype("float32"),
        "passes_checks": chance.random(240) < 0.8,
        "durations_s": np.full(240, 5.0),
        "sources": sources,
        "owned_sources": sources,
        "sample_vectors": chance.normal(size=(240, 8)),
        "owned_vectors": chance.normal(size=(240, 8)),
    }


SLOW = ("README.md", "docs/evaluation.md", "docs/search.md", "docs/segmentation.md", "docs/widgets.md")
"""Pages whose code starts workers, models or indexes; the others run with every `make test`."""

RUN = [
    pytest.param(path, marks=pytest.mark.long if named(path) in SLOW else (), id=named(path))
    for path in PAGES
    if blocks_of(path)
]


@pytest.mark.parametrize("path", RUN)
def test_code_runs_as_it_stands(path, reader):
    for block in blocks_of(path):
        if kept_out(path, block):
            continue
        for text, instead in INSTEAD.items():
            block = block.replace(text, instead)
        exec(compile(block, named(path), "exec"), reader)
    for value in reader.values():
        if isinstance(value, vx.Explorer):
            value.close()


def test_what_is_not_run_is_there():
    for page, text in NOT_RUN:
        assert any(text in block for block in blocks_of(ROOT / page)), f"{page} has no block with {text!r}"


def anchors(path: Path) -> set[str]:
    """The names under which a code host links to a page's headings."""
    heads = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=named)
def test_links_lead_somewhere(path):
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'href="([^"]+)"', text)
    for link in links:
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = path if not name else path.parent / name
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link
