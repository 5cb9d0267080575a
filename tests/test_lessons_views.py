"""Labs, charts and cards of lessons without a browser: what is drawn, and what a hand may send."""

from __future__ import annotations

import numpy as np
import pytest
from showcase import HOSTILE

from videxplore.values.charts import Bars, Cloud, Curves, Grid, Lane, Line, Pictures, Scene, two_decimals
from videxplore.views.describe import describe_segment
from videxplore.views.figures.charts import CHART_FIGURES
from videxplore.views.lessons.axes import linear, logarithmic
from videxplore.views.lessons.controls import Controls, read_options
from videxplore.views.lessons.drawing import HEIGHT, WIDTH, draw
from videxplore.views.lessons.lab import Lab
from videxplore.views.lessons.pictures import draw_pictures

X = np.array([1.0, 2, 4, 8])
CURVES = Curves(
    HOSTILE, (Line(HOSTILE, X, 1 / X), Line("whole", X, X / 8, dashed=True)), HOSTILE, "recall@10",
    HOSTILE, here=(2, 0.5), chance=0.1, x_log=True, y_range=(0, 1),
)  # fmt: skip
BARS = Bars(
    HOSTILE, (HOSTILE, "loud"), np.array([0.5, np.nan]), HOSTILE, HOSTILE, np.array([1, -0.2]), HOSTILE, 0.1
)
GRID = Grid(
    HOSTILE, (HOSTILE, "b"), (HOSTILE,), np.array([[0.3], [np.nan]]), HOSTILE, HOSTILE, HOSTILE, HOSTILE
)
CLOUD = Cloud(
    HOSTILE, np.random.default_rng(0).normal(size=(4, 2)), ("a", HOSTILE, "a", "b"), (HOSTILE,) * 4, HOSTILE,
    HOSTILE, HOSTILE, ((0, 1),), (2,), square=True,
)  # fmt: skip
CHARTS = [CURVES, BARS, GRID, CLOUD]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: type(c).__name__)
def test_names_stay_text_in_svg_and_in_plotly(chart):
    html = draw(chart)
    assert "<img" not in html
    assert "&lt;img" in html
    assert 'role="img"' in html
    figure = CHART_FIGURES[type(chart)](chart)
    assert "<img" not in figure.to_json().replace("\\u003c", "<")


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: type(c).__name__)
def test_everything_is_drawn_inside_the_box(chart):
    import re

    html = draw(chart)
    height = float(re.search(rf'viewBox="0 0 {WIDTH} ([\d.]+)"', html)[1])
    assert 0 < height <= HEIGHT + 60
    for x, y in re.findall(r"translate\((-?[\d.]+) (-?[\d.]+)\)", html):
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= height


def test_a_chart_of_nothing_and_of_one_value():
    draw(Cloud("none", np.zeros((0, 2)), ()))
    draw(Bars("none", (), np.zeros(0), "x"))
    draw(Curves("one", (Line("one", np.array([3.0]), np.array([2.0])),), "x", "y"))
    draw(Grid("one", ("a",), ("b",), np.array([[1.0]])))


def test_ticks_are_round_and_hold_the_values():
    axis = linear([0.03, 0.97], 0, 100)
    assert axis.ticks == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert axis.at(0) == 0
    assert axis.at(1) == 100
    powers = logarithmic([1, 64], 0, 60, ticks=(1, 8, 64))
    assert [powers.at(t) for t in powers.ticks] == [0, 30, 60]


def test_charts_refuse_what_cannot_be_drawn():
    with pytest.raises(ValueError, match="one length"):
        Line("a", X, X[:2])
    with pytest.raises(ValueError, match="above zero"):
        Curves("a", (Line("a", X - 1, X),), "x", "y", x_log=True)
    with pytest.raises(ValueError, match="y above zero"):
        Curves("a", (Line("a", X, X - 1),), "x", "y", y_log=True)
    with pytest.raises(ValueError, match=r"uint8 \(n, h, w, 3\)"):
        Pictures("a", np.zeros((2, 4, 4), np.uint8))
    with pytest.raises(ValueError, match="2 entries"):
        Pictures("a", np.zeros((2, 4, 4, 3), np.uint8), ["one"])
    with pytest.raises(ValueError, match=r"Grid.values must be \(1, 1\)"):
        Grid("a", ("a",), ("b",), np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"Lane.state"):
        Lane("a", state="lost")
    with pytest.raises(ValueError, match="2 entries"):
        Lane("a", ["x", "y"], ["one"])


def test_equal_ratios_are_equally_long_upwards_in_both_drawings():
    import re

    chart = Curves("a", (Line("a", X, np.array([1.0, 10, 1000, 10_000])),), "x", "y", y_log=True)
    up = [
        float(y)
        for y in re.findall(r'vx-chart-dot" data-hue="0" transform="translate\([\d.]+ ([\d.]+)', draw(chart))
    ]
    np.testing.assert_allclose(np.diff(up) / np.diff(up)[0], [1, 2, 1], atol=0.02)
    assert CHART_FIGURES[Curves](chart).layout.yaxis.type == "log"


def test_pictures_show_each_frame_with_its_outlines_and_move_for_less_than_five_seconds():
    import base64
    import io
    import re

    from PIL import Image

    frames = np.random.default_rng(0).integers(0, 256, (3, 8, 12, 3)).astype(np.uint8)
    box = np.array([[1, 2, 6, 3, 9]])
    html = draw_pictures(Pictures(HOSTILE, frames, [HOSTILE, "", "last"], strong=box, each_s=0.5))
    assert "<img src=x" not in html
    found = re.findall(r'src="data:image/webp;base64,([^"]+)"', html)
    moving, *stills = [Image.open(io.BytesIO(base64.b64decode(one))) for one in found]
    assert moving.n_frames == 3
    assert 0 < moving.info["loop"] * 3 * 0.5 < 5
    for frame, still in zip(frames, stills, strict=True):  # as small as this, no number is lost
        np.testing.assert_array_equal(np.asarray(still.convert("RGB")), frame)
    cells = html.split('class="vx-frame"')[1:]
    assert [("M3 2H9V6H3Z" in cell) for cell in cells] == [False, True, False]


def test_two_decimals_have_no_minus_without_a_number():
    assert [two_decimals(v) for v in (-0.001, 0.005, -1.25)] == ["0.00", "0.01", "−1.25"]


def made_lab(respond=None) -> Lab:
    def plain(size, kind, on):
        return Scene(CURVES, f"{size} {kind} {on}", [Lane(HOSTILE, ["s1", "s2"], [HOSTILE, ""], "left")])

    return Lab(
        respond or plain,
        {"size": (1, 2, 4), "kind": ("a", "b"), "on": True},
        start={"size": 2},
        describe=lambda i: describe_segment(i, video=HOSTILE, level="moment", start_s=0, end_s=1),
    )


def test_a_lab_starts_where_it_is_told_and_follows():
    lab = made_lab()
    assert lab.values == {"size": 2, "kind": "a", "on": True}
    lab.choose(kind="b", on=False)
    assert lab.scene.said == "2 b False"
    assert "2 b False" in lab._said.value
    with pytest.raises(ValueError, match="size must be one of"):
        lab.choose(size=3)
    with pytest.raises(ValueError, match="no control speed"):
        lab.choose(speed=3)
    lab.close()


def test_a_lab_shows_pictures_above_its_chart_live_and_still():
    frames = np.zeros((2, 8, 12, 3), np.uint8)
    lab = made_lab(lambda size, kind, on: Scene(CURVES, "", (), Pictures(f"frames {size}", frames)))
    lab.choose(size=4)
    for html in (lab._picture.value, lab.still()):
        assert html.index("frames 4") < html.index('class="vx-chart"')
        assert html.count('class="vx-frame"') == 2
    lab.close()


def test_what_a_page_sends_is_checked():
    controls = Controls(*read_options({"size": (1, 2, 4)}, {}))
    controls.set_state({"_places": {"size": 99, "other": 1}})
    assert controls.values == {"size": 1}
    turns = controls._turn
    controls.set_state({"_places": {"size": 2}})
    assert controls.values == {"size": 4}
    assert controls._turn > turns, "the page waits for this before it sends the next"
    controls.close()


def test_a_start_or_options_that_cannot_be():
    with pytest.raises(ValueError, match="start names speed"):
        read_options({"size": (1,)}, {"speed": 2})
    with pytest.raises(ValueError, match="has no options"):
        read_options({"size": ()}, {})


def test_a_response_that_fails_is_shown_and_the_next_one_heals():
    def fails(size, kind, on):
        if size == 4:
            raise ZeroDivisionError("<img src=x> by zero")
        return Scene(CURVES, "fine")

    lab = made_lab(fails)
    lab.choose(size=4)
    assert "This setting has no answer" in lab._picture.value
    assert "<img" not in lab._picture.value
    lab.choose(size=1)
    assert "vx-chart" in lab._picture.value
    lab.close()


def test_the_still_copy_holds_settings_chart_and_clips():
    lab = made_lab()
    html = lab.still()
    assert "<img src=x" not in html
    assert "vx-frame" not in lab._picture.value
    assert html.count('class="vx-tile"') == 2
    assert 'class="vx-chart"' in html
    assert "2 a True" in html
    lab.close()
