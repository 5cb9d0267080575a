"""The map of very many segments, drawn by jupyter-scatter."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from binary_widgets import BinaryMounted, bare_page
from harness import screenshot_path, until
from synthetic_library import make_record
from traitlets import TraitError

from videxplore.errors import MissingExtraError
from videxplore.stages.projection.project import project_embeddings
from videxplore.stages.store.writing import write_video
from videxplore.values.vectors import Embeddings, EncoderCard, Projection
from videxplore.views.scatter_map import ScatterMap
from videxplore.views.tokens import token
from videxplore.workbench.display import show
from videxplore.workbench.library import Library
from videxplore.workbench.project import project

CARD = EncoderCard("any", 3)


def drawn(n: int) -> Projection:
    """``n`` points on a circle around the middle, every tenth a scene."""
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    xy = np.column_stack([3 * np.cos(turn), np.sin(turn)]).astype(np.float32)
    return Projection(
        xy,
        tuple(f"s{i}" for i in range(n)),
        tuple("moment" if i % 10 else "scene" for i in range(n)),
        (None,) * n,
        np.linspace(0, 1, n, dtype=np.float32),
        {"trustworthiness@15": 0.9},
        "by hand",
        CARD,
        labels=tuple(f"<img src=x> film {i % 3}" for i in range(n)),
        video_ids=tuple(f"v{i % 3}" for i in range(n)),
    )


def test_points_levels_and_scale():
    made = ScatterMap(drawn(40))
    points = np.asarray(made.points.points)
    assert len(points) == 40
    assert np.ptp(points[:, 0]) == pytest.approx(3 * np.ptp(points[:, 1]), rel=1e-3)
    assert made.points.size[0] < made.points.size[1]
    assert made.foot._caption.startswith("n = 40 segments")
    assert [level["n"] for level in made.foot._key["levels"]] == [36, 4]
    made.close()


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_points(n):
    rng = np.random.default_rng(0)
    points = Embeddings(rng.random((n, 3), np.float32), tuple(map(str, range(n))), ("moment",) * n, CARD)
    made = ScatterMap(project_embeddings(points))
    assert len(made.children) == 1 + bool(n)
    assert ("Nothing to draw" in made.foot._caption) == (n == 0)
    made.selection = [str(i) for i in range(n)]
    made.close()


def test_colours_are_those_of_the_kit_in_either_theme():
    for theme in ("light", "dark"):
        made = ScatterMap(drawn(40))
        made.foot._dark = theme == "dark"
        hues = [tuple(round(255 * c) for c in color[:3]) for color in made.points.color]
        wanted = [token(f"level-{tier}", theme) for tier in (0, 3)]
        assert hues == [tuple(int(hue[i : i + 2], 16) for i in (1, 3, 5)) for hue in wanted]
        assert not made.points.axes
        assert not made.points.legend
    grouped = ScatterMap(drawn(40), color="video", names={"v0": "first.mp4"})
    assert grouped.foot._key["groups"][0] == "first.mp4"
    shades = np.asarray(grouped.points.points)[:, 2:]
    palette = [tuple(round(255 * c) for c in color[:3]) for color in grouped.points.color]
    column = int(np.argmax([len(np.unique(shades[:, c])) == 3 for c in range(2)]))
    used = {palette[round(float(v) * (len(palette) - 1))] for v in np.unique(shades[:, column])}
    hues = [token(f"category-{i}", "light") for i in range(3)]
    assert used == {tuple(int(hue[i : i + 2], 16) for i in (1, 3, 5)) for hue in hues}
    by_number = ScatterMap(drawn(40), color="distortion")
    assert (by_number.foot._key["low"], by_number.foot._key["high"]) == ("0", "1")
    with pytest.raises(ValueError, match="color must"):
        ScatterMap(drawn(40), color="weather")


def test_selection_goes_both_ways():
    made = ScatterMap(drawn(40))
    seen: list[list[str]] = []
    made.observe(lambda change: seen.append(change["new"]), names="selection")
    made.selection = ["s3", "s7"]
    assert list(made.points.selection) == [3, 7]
    made.points.selection = np.array([1, 2, 4], np.uint32)
    assert made.selection == ["s1", "s2", "s4"]
    assert made.foot._chosen == 3
    made.selection = []
    assert len(made.points.selection) == 0
    assert seen == [["s3", "s7"], ["s1", "s2", "s4"], []]
    with pytest.raises(TraitError, match="s99"):
        made.selection = ["s99"]


def test_shown_by_backend(tmp_path, monkeypatch):
    library = Library(tmp_path / "toy.lance")
    write_video(library.database, make_record("v1"))
    made = show(drawn(5), backend="scatter", height=300)
    assert isinstance(made, ScatterMap)
    whole = show(library, backend="scatter", projection=project(library, method="pca"), color="start_s")
    assert len(whole.projection) == len(library.segments())
    assert whole.foot._key["title"] == "start_s"
    with pytest.raises(ValueError, match="plotly, scatter"):
        show(drawn(5), backend="gl")
    with pytest.raises(TypeError, match="Library or a Projection"):
        show(3, backend="scatter")
    monkeypatch.setitem(sys.modules, "jscatter", None)
    with pytest.raises(MissingExtraError, match=r"videxplore\[scatter\]"):
        show(drawn(5), backend="scatter")


def test_an_empty_library(tmp_path):
    made = show(Library(tmp_path / "none.lance"), backend="scatter")
    assert len(made.projection) == 0
    made.close()


@pytest.mark.browser
def test_in_a_page(tab):
    made = ScatterMap(drawn(400), height=400)
    for theme in ("dark", "light"):
        bare_page(tab, theme)
        points = BinaryMounted(tab, made.points, name="points")
        foot = BinaryMounted(tab, made.foot, name="foot")
        tab.wait_for_selector("#points canvas")
        until(tab, lambda dark=theme == "dark": made.foot._dark == dark)
        points.push()
        made.selection = ["s0", "s1"]
        points.push()
        foot.push()
        tab.get_by_text("2 segments selected").wait_for()
        tab.wait_for_timeout(300)
        tab.screenshot(path=screenshot_path(f"scatter-{theme}"))
    box = tab.locator("#points canvas").first.bounding_box()
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    half = box["height"] / 2 / 1.04  # the map is as high as the frame, which is wider
    at = (across + half * 1.0, down)  # s0, the point farthest right
    tab.mouse.move(at[0] - 30, at[1] - 30)
    tab.mouse.move(*at, steps=6)
    tab.get_by_text("<img src=x> film", exact=False).first.wait_for()
    made.selection = []
    made.points.mouse_mode = "lasso"
    points.push()
    corners = [(0.2, -0.9), (1.1, -0.9), (1.1, 0.9), (0.2, 0.9), (0.2, -0.8)]
    spots = [(across + half * x, down + half * y) for x, y in corners]
    tab.mouse.move(*spots[0])
    tab.mouse.down()
    for spot in spots[1:]:
        tab.mouse.move(*spot, steps=8)
    tab.mouse.up()
    until(tab, lambda: len(made.selection) > 0)
    inside = made.projection.xy[:, 0] > 0.2 * 3
    wanted = {made.projection.segment_ids[row] for row in np.flatnonzero(inside)}
    assert len(wanted ^ set(made.selection)) <= 2  # at the edge of the lasso
    made.close()
