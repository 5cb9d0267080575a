"""The scorecard: what it says, what it refuses, its reckoning against Python's, its tables, its safety."""

from __future__ import annotations

import csv
import io
import json
import math
import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import reports
from harness import run_node, screenshot_path, until
from hypothesis import given
from hypothesis import strategies as st
from test_accessibility import findings

from videxplore.stages.licensing.economics import Assumptions, reckon
from videxplore.values.assessments import AssessedVideo, Evidence, Measure, Moment, SampleReport
from videxplore.values.decisions import Constant
from videxplore.values.jsonable import as_data, from_data
from videxplore.values.licensing import Estimate, Request
from videxplore.values.media import Span
from videxplore.values.rankings import Query
from videxplore.views.scorecard.album import Album
from videxplore.views.scorecard.amounts import amount
from videxplore.views.scorecard.costs import archive_bytes, useful_share
from videxplore.views.scorecard.drawings import WIDTH, draw_interval
from videxplore.views.scorecard.page import write_scorecard
from videxplore.views.scorecard.sampled import describe_prediction, describe_score, describe_videos
from videxplore.views.scorecard.tables import measures_csv, videos_csv, write_tables
from videxplore.workbench.display import figure, page

MADE = {
    "full": reports.full,
    "chosen": reports.chosen,
    "one source": reports.one_source,
    "empty": reports.empty,
}


# --- as JSON and back ---


@pytest.mark.parametrize("name", MADE)
def test_a_report_is_read_back_as_it_was(name):
    report = replace(MADE[name](), files={"vid00": Path("/secret/a.mp4")})
    text = report.to_json()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    again = SampleReport.from_json(text)
    assert again.to_json() == text
    assert repr(again) == repr(report)
    assert "secret" not in text
    assert SampleReport.from_json(text, files=report.files).files == report.files
    if report.prediction is not None:
        assert again.prediction.commitment == report.prediction.commitment


@given(
    value=st.floats(0, 1), arms=st.tuples(st.floats(0, 5), st.floats(0, 5)), known=st.booleans(),
    more=st.floats(0, allow_nan=False), reason=st.text(min_size=1),
)  # fmt: skip
def test_numbers_that_json_lacks_survive(value, arms, known, more, reason):
    found = Estimate(value, value - arms[0], value + arms[1]) if known else Estimate(math.nan, reason=reason)
    request = Request(reason, found, value, math.inf, more)
    text = json.dumps(as_data(request), allow_nan=False)
    assert repr(from_data(Request, json.loads(text))) == repr(request)


def test_what_is_no_report_is_refused():
    with pytest.raises(ValueError, match="reads reports of format"):
        SampleReport.from_json("[]")
    with pytest.raises(ValueError, match="reads reports of format"):
        SampleReport.from_json('{"format": "videxplore sample report 0"}')
    data = json.loads(reports.empty().to_json())
    with pytest.raises(ValueError, match="has no surprise"):
        SampleReport.from_json(json.dumps(data | {"surprise": 1}))
    with pytest.raises(ValueError, match="cannot be read"):
        SampleReport.from_json(json.dumps({"format": data["format"], "name": "x"}))
    with pytest.raises(TypeError, match="JSON cannot hold object"):
        as_data({"a": object()})


# --- tables ---


def test_tables_hold_every_figure_and_no_formula(tmp_path):
    names = ["=1+1", "+49", "-a", "@x", "\ttab", 'ok, "quoted"\nline']
    videos = tuple(AssessedVideo(f"v{i}", name, name, 3.0, 1.5, (name,)) for i, name in enumerate(names))
    report = replace(reports.full(), videos=videos)
    for path in write_tables(report, tmp_path / "new"):
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]
    assert [row["name"].removeprefix("'") for row in rows] == names
    figures = list(csv.DictReader(io.StringIO(measures_csv(report), newline="")))
    assert [(row["key"], float(row["low"])) for row in figures] == [
        (m.key, m.estimate.low) for m in report.measures
    ]
    refused = list(csv.DictReader(io.StringIO(measures_csv(reports.chosen()), newline="")))
    assert {(row["low"], row["high"]) for row in refused} == {("", "")}
    assert all(row["reason"] for row in refused)
    assert figures[4]["evidence"].count("~") == 4
    assert videos_csv(reports.empty()).strip() == "video_id,name,source,duration_s,usable_s,faults"


# --- the page's reckoning against Python's ---


def random_case(rng: random.Random) -> tuple[float, Estimate, Assumptions]:
    def constant(scale: float) -> Constant:
        ends = sorted(
            rng.choice([0.0, rng.uniform(0, scale), rng.lognormvariate(0, 2) * scale]) for _ in "abc"
        )
        return Constant(*ends, "unit", "made up")

    scales = {name: rng.choice([0.01, 1.0, 50.0, 1000.0]) for name in Assumptions.__dataclass_fields__}
    made = Assumptions(**{name: constant(scale) for name, scale in scales.items()})
    likely = Constant(
        *(max(end, 1e-3) for end in (made.bitrate.low, made.bitrate.likely, made.bitrate.high)), "u", "m"
    )
    low, value, high = sorted(rng.random() for _ in "abc")
    useful = Estimate(value, rng.choice([0.0, low]), high)
    if rng.random() < 0.2:
        useful = useful.described_only("Cannot estimate.")
    return 10 ** rng.uniform(9, 17), useful, replace(made, bitrate=likely)


def test_the_page_reckons_as_python_does(tmp_path):
    rng = random.Random(5)
    cases, expected = [], []
    for _ in range(200):
        size, useful, assumptions = random_case(rng)
        costs = reckon(size, useful, assumptions)
        share = (useful.low, useful.value, useful.high) if useful.estimated else (0.0, None, 1.0)
        known = {name: [c.low, c.likely, c.high] for name, c in costs.constants.items()}
        cases.append({"bytes": size, "share": share, "known": known})
        expected.append({k: as_data([m.low, m.likely, m.high]) for k, m in costs_of(costs).items()})
    amounts = [
        (value, unit)
        for case in expected
        for ends in case.values()
        for value in ends
        for unit in ("$", "$/min", "B", "h")
    ]
    triples = [(1, 2, 3), (2, 1, 3), (-1, 0, 1), (None, 1, 2), (0, 0, 0)]
    (tmp_path / "asked.json").write_text(json.dumps({"cases": cases, "amounts": amounts, "triples": triples}))
    answered = json.loads(run_node(tmp_path, "reckon_test.mjs"))
    for mine, theirs in zip(answered["costs"], expected, strict=True):
        assert list(mine) == list(theirs)
        for name, ends in theirs.items():
            numbers = [[float("nan" if v is None else v) for v in side] for side in (mine[name], ends)]
            assert numbers[0] == pytest.approx(numbers[1], rel=1e-12, nan_ok=True), name
    words = [amount(math.nan if value is None else float(value), unit) for value, unit in amounts]
    different = [pair for pair in zip(answered["words"], words, strict=True) if pair[0] != pair[1]]
    assert different == []
    assert [bool(text) for text in answered["objections"]] == [False, True, True, True, False]


def costs_of(costs) -> dict:
    return {name: getattr(costs, name) for name in costs.__dataclass_fields__ if name != "constants"}


@given(st.floats(1e6, 1e18), st.floats(0.01, 1))
def test_size_and_share_are_found_in_the_costs(size, value):
    costs = reckon(size, Estimate(value, value / 2, 1.0))
    assert archive_bytes(costs) == pytest.approx(size, rel=1e-9)
    assert useful_share(costs) == pytest.approx((value / 2, value, 1.0))


# --- what is drawn ---


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), st.none() | st.floats(-1e6, 1e6))
def test_an_interval_stays_on_its_axis(value, below, above, threshold):
    drawn = draw_interval(Estimate(value, value - below, value + above), "topics", threshold)
    assert 0 <= drawn["low"] <= drawn["value"] <= drawn["high"] + 1e-6 <= WIDTH
    assert threshold is None or 0 <= drawn["threshold"] <= WIDTH


class Reader(HTMLParser):
    """Elements of a page, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.links, self.images, self.tags = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if tag == "img":
            self.images.append(found["src"])

    def count(self, tag: str, name: str) -> int:
        return sum(1 for one, attrs in self.tags if one == tag and name in attrs.get("class", "").split())


def written(folder: Path, report: SampleReport, **options) -> tuple[str, Reader]:
    text = write_scorecard(folder / "scorecard.html", report, **options).read_text(encoding="utf-8")
    return text, Reader(text)


@pytest.mark.parametrize("name", MADE)
def test_every_link_leads_somewhere_and_nothing_leads_out(tmp_path, name):
    text, read = written(tmp_path, MADE[name](), poster=reports.poster)
    assert len(set(read.ids)) == len(read.ids)
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", text)
    assert all(image.startswith("data:image/jpeg;base64,") for image in read.images)
    assert "onerror" not in {name for _, attrs in read.tags for name in attrs}
    assert "\u202e" not in text


def test_every_figure_is_drawn_or_refused_in_words(tmp_path):
    full, chosen = reports.full(), reports.chosen()
    _, read = written(tmp_path, full)
    lights = sum(light.color != "none" for light in full.verdict.lights)
    topics = sum(m.part == "topics" for m in full.measures)
    requests = sum(r.estimate.estimated for r in full.requests)
    scale = 1
    assert read.count("svg", "vx-interval") == lights + len(full.measures) + topics + requests + scale
    text, read = written(tmp_path, chosen)
    assert read.count("rect", "vx-range") == 0, "no bar where nothing is inferred"
    assert read.count("span", "vx-reason") >= len(chosen.measures)
    assert text.count("Nothing about the archive is inferred") == 1
    assert "Not reckoned.</strong>" not in text


def test_evidence_is_shown_beside_its_counterpart_within_the_budget(tmp_path):
    report = reports.full(measures=reports.measures(reports.ROWS[3:7]))
    _, read = written(tmp_path, report, poster=reports.poster, clip=reports.clip)
    pairs = sum(one.twin is not None for m in report.measures for one in m.evidence)
    assert read.count("li", "vx-pair") == pairs
    moments = {m for measure in report.measures for e in measure.evidence for m in (e.moment, e.twin) if m}
    lost = sum(reports.clip(m) is None for m in moments)
    album = Album(report, reports.poster, reports.clip, 10**7, 40_000)
    assert sum("found no room in 0.04 MB" in remark for remark in album.remarks) == 1
    assert 0 < sum(map(len, album.clips)) <= 40_000 + 30 * len(album.clips)
    room = Album(report, reports.poster, reports.clip, 10**7, 10**7)
    assert f"{lost} of {len(moments)} clips could not be made." in room.remarks
    assert len(room.clips) == len(moments) - lost, "each is there once"
    firsts = [m.evidence[0] for m in report.measures if reports.clip(m.evidence[0].moment)][:2]
    assert all(album.describe(one)["moment"]["clip"] is not None for one in firsts), (
        "the first of every figure"
    )
    tight = Album(report, reports.poster, None, 30_000, 0)
    shown = [p for m in report.measures for e in m.evidence for p in tight.describe(e).values() if p]
    assert 0 < sum(len(piece["poster"]) for piece in shown) <= 30_000 + 30 * len(shown)
    bare = Album(report, None, None, 10**7, 10**7)
    assert any("where the videos are was not said" in remark for remark in bare.remarks)


def test_a_score_stands_with_its_own_prediction(tmp_path):
    made = reports.prediction()
    report = reports.full(prediction=made)
    found = describe_prediction(report, reports.scored())
    assert [row["hit"] for row in found["rows"]] == [True, False, True]
    assert found["commitment"] == made.commitment
    assert describe_score(report, reports.scored()) is None
    after = replace(report, prediction=replace(made, nonce="another"))
    assert {row["hit"] for row in describe_prediction(after, reports.scored())["rows"]} == {None}
    assert describe_score(after, reports.scored())["score"] == "2 of 3 within their interval"
    text, _ = written(tmp_path, after, score=reports.scored())
    assert "How the earlier prediction fared" in text
    assert made.commitment in text


def test_a_long_list_of_videos_is_cut_and_says_so():
    many = tuple(AssessedVideo(f"v{i}", f"{i}.mp4", "a", 10.0, 10.0 - i % 7) for i in range(1000))
    found = describe_videos(replace(reports.full(), videos=many))
    assert (len(found["rows"]), found["left_out"]) == (300, 700)
    assert found["rows"][0]["usable"] == "40.0 %"


def test_pictures_are_cut_from_the_files_that_a_report_knows(sample, tmp_path):
    film = sample.videos[0]
    moment = Moment("v1", Span(1.0, 30.0), "a street")
    gone = Moment("v2", Span(0.0, 1.0))
    measure = Measure(
        "technical.usable", "Usable", reports.estimate(0.8, 0.7, 0.9), "share of hours", "",
        (Evidence(moment), Evidence(gone)),
    )  # fmt: skip
    report = replace(reports.empty(), measures=(measure,), files={"v1": film})
    text = page(report, tmp_path / "card.html").read_text()
    assert text.count("data:video/") == 1
    assert text.count('<img class="vx-poster" src="data:image/jpeg') == 1
    assert "1 of 2 clips could not be made." in text
    assert str(film.parent) not in text
    with pytest.raises(ValueError, match="clip_bytes must be at least 0"):
        page(report, tmp_path / "card.html", clip_bytes=-1)
    with pytest.raises(TypeError, match="there is no figure of a Query"):
        page(Query("x"), tmp_path / "card.html")


# --- as a figure ---


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", MADE)
def test_the_figure_has_a_bar_for_every_interval_and_words_for_the_rest(name, theme):
    report = MADE[name]()
    drawn = figure(report, theme=theme)
    shares = [m for m in report.measures if m.unit.startswith("share")]
    bars = [trace for trace in drawn.data if trace.error_x.array is not None]
    assert sum(len(trace.x) for trace in bars) == sum(m.estimate.estimated for m in shares)
    for trace in bars:
        assert all(reports.METHOD in text and "\u202e" not in text for text in trace.text)
        assert not any("<img" in text for text in trace.text)
    words = [note.text for note in drawn.layout.annotations if note.y is not None and note.xanchor == "left"]
    refused = [m for m in shares if not m.estimate.estimated]
    assert len([text for text in words if "%:" in text]) == len(refused)
    thresholds = [shape for shape in drawn.layout.shapes if shape.yref != "y2 domain"]
    lights = [light for light in report.verdict.lights if light.color != "none" and light.name != "sources"]
    assert sorted(shape.x0 for shape in thresholds) == sorted(light.threshold for light in lights)


# --- in Chromium, from a file, without network ---


@pytest.fixture(scope="module")
def card(browser, tmp_path_factory):
    """The full page, opened as a file."""
    folder = tmp_path_factory.mktemp("card")
    clip = {"poster": reports.poster, "clip": reports.clip, "score": reports.scored()}
    path = write_scorecard(folder / "card.html", reports.full(), **clip)
    context = browser.new_context(
        offline=True, viewport={"width": 1180, "height": 900}, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    tab.troubles, tab.asked = [], []
    tab.on("pageerror", lambda error: tab.troubles.append(str(error)))
    tab.on(
        "console", lambda line: tab.troubles.append(line.text) if line.type in ("error", "warning") else None
    )
    tab.on("request", lambda request: tab.asked.append(request.url.split(":")[0]))
    tab.goto(path.as_uri())
    yield tab
    context.close()


@pytest.mark.browser
def test_the_page_opens_offline_and_reckons_anew(card):
    row = "[data-figure=hours] td:nth-of-type(2)"
    before = card.inner_text(row)
    card.fill("[name=bitrate-likely]", "5")
    assert card.inner_text(row) == "533,000 h", "half the bitrate is twice the hours"
    assert "not the report's" in card.inner_text("#vx-reckoned")
    card.fill("[name=bitrate-likely]", "50")
    assert "must rise" in card.inner_text("#vx-reckoned")
    assert card.get_attribute("[name=bitrate-likely]", "aria-invalid") == "true"
    assert card.inner_text(row) == "533,000 h"
    card.click("text=As reported")
    assert (card.inner_text(row), card.inner_text("#vx-reckoned")) == (before, "")
    card.click("#m-redundancy-owned-evidence .vx-clip summary >> nth=0")
    playing = "document.querySelector('.vx-clip[open] video').currentTime"
    until(card, lambda: card.evaluate(playing) > 0.1)
    assert card.locator(".vx-clip[open]").count() == 2, "a copy plays beside its twin"
    assert card.evaluate("[...document.querySelectorAll('.vx-clip[open] video')].map(v => v.muted)") == [
        False,
        True,
    ]
    card.click("#m-technical-black-evidence .vx-clip summary >> nth=1")
    until(card, lambda: card.locator(".vx-clip[open]").count() == 1)
    card.click(".vx-clip[open] summary")
    until(card, lambda: card.locator(".vx-clip[open]").count() == 0)
    assert card.troubles == []
    assert set(card.asked) <= {"file", "data"}
    assert card.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    card.screenshot(path=screenshot_path("scorecard"))


@pytest.mark.browser
@pytest.mark.long
def test_the_page_is_accessible_and_prints(card, tmp_path):
    found = {}
    for theme in ("light", "dark"):
        card.emulate_media(color_scheme=theme)
        found[theme] = findings(card, theme)
    assert found == {"light": [], "dark": []}
    card.set_viewport_size({"width": 390, "height": 800})
    assert card.evaluate("document.documentElement.scrollWidth") == 390
    card.screenshot(path=screenshot_path("scorecard_narrow"), full_page=True)
    card.set_viewport_size({"width": 1180, "height": 900})
    pdf = card.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 6 <= pages <= 14
    card.emulate_media(media="print", color_scheme="dark")
    ground, ink = card.evaluate(
        "[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(27, 35, 48)"), "paper is light"
    assert not card.locator("nav, .vx-clip >> visible=true").count()
