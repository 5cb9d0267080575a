"""Whatever a user hands over by mistake: an error that names the argument and says what was given."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from coded_video import write_video

import videxplore as vx


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_video(path, count=50, size=(192, 128), sound=0.3 * np.sin(np.arange(96_000) / 20))
    return vx.open_video(path)


@pytest.fixture(scope="module")
def tree(film):
    return vx.segment(film, method="fixed", length_s=1)


@pytest.fixture(scope="module")
def ranking(named_library):
    return named_library.search("goal")


@pytest.fixture
def given(film, tree, named_library, ranking):
    """What the cases below are made of."""
    return {"film": film, "tree": tree, "library": named_library, "ranking": ranking, "hit": ranking[0]}


NAN = math.nan
PERCEPTUAL = vx.encoder("perceptual", sentences=None)
WRONG = {
    "no path": (lambda g: vx.open_video(None), TypeError, "video must be the path of one file, got None"),
    "a list of videos": (lambda g: vx.frames([g["film"]], every_s=1), TypeError, "video must be"),
    "a number for a video": (lambda g: vx.segment(3), TypeError, "video must be .*got int 3"),
    "times as text": (lambda g: vx.frames(g["film"], times_s="abc"), ValueError, "times_s.*'abc'"),
    "a time as text": (lambda g: vx.frames(g["film"], times_s=["a"]), ValueError, "times_s"),
    "a step as text": (lambda g: vx.frames(g["film"], every_s="1"), ValueError, "every_s.*got '1'"),
    "more pictures than memory": (
        lambda g: vx.frames(g["film"], every_s=1e-4, size=(7000, 7000)),
        ValueError,
        "take .* GiB.*size=",
    ),
    "a step of a nanosecond": (lambda g: vx.frames(g["film"], every_s=1e-9), ValueError, "every_s=1e-09"),
    "a rate as text": (lambda g: vx.audio(g["film"], rate="16k"), ValueError, "rate.*'16k'"),
    "no rate": (lambda g: vx.audio(g["film"], rate=NAN), ValueError, "rate.*nan"),
    "a rate of a gigahertz": (lambda g: vx.audio(g["film"], rate=10**9), ValueError, "rate.*768,000"),
    "a pair for a span": (
        lambda g: vx.audio(g["film"], span=(1, 2)),
        TypeError,
        r"span must be a Span.*\(1, 2\)",
    ),
    "a pair for a clip": (lambda g: vx.clip(g["film"], (1, 2)), TypeError, "span must be a Span"),
    "a height as text": (lambda g: vx.clip(g["film"], vx.Span(0, 1), height="a"), ValueError, "height.*'a'"),
    "a side for a size": (lambda g: vx.poster(g["film"], vx.Span(0, 1), size=320), ValueError, "size.*320"),
    "text in a span": (lambda g: vx.Span("a", 1), ValueError, "finite seconds.*'a'"),
    "a length as text": (
        lambda g: vx.segment(g["film"], method="fixed", length_s="10"),
        ValueError,
        "length_s",
    ),
    "windows of a nanosecond": (
        lambda g: vx.segment(g["film"], method="fixed", length_s=1e-9),
        ValueError,
        "length_s=1e-09.*windows",
    ),
    "a level for levels": (lambda g: vx.segment(g["film"], levels="moment"), TypeError, "levels must be"),
    "a list of levels": (lambda g: vx.segment(g["film"], levels=["moment"]), TypeError, "levels must be"),
    "a target as text": (lambda g: vx.segment(g["film"], levels={"moment": "4"}), ValueError, "levels.*'4'"),
    "a level without a name": (lambda g: vx.segment(g["film"], levels={"": 4}), ValueError, "levels.*got ''"),
    "a list of signals": (lambda g: vx.segment(g["film"], signals=["sound"]), TypeError, "signals must be"),
    "a weight as text": (lambda g: vx.segment(g["film"], signals={"sound": "1"}), ValueError, "signals.*'1'"),
    "no track": (
        lambda g: vx.segment(g["film"], tracks={"x": [1]}),
        TypeError,
        r"tracks\['x'\] must be a Series",
    ),
    "an id for a segment": (lambda g: g["tree"].children("x"), TypeError, "segment must be.*'x'"),
    "an id for a child": (lambda g: g["tree"].parent("x"), TypeError, "segment must be"),
    "one phrase as text": (
        lambda g: vx.segment_by_words(g["film"], "music"),
        TypeError,
        "words must be a list",
    ),
    "phrases unheard of": (
        lambda g: vx.segment_by_words(g["film"], ["zyzzyva", "dark"], encoder=PERCEPTUAL),
        vx.QueryError,
        "'zyzzyva'",
    ),
    "numbers for phrases": (
        lambda g: vx.segment_by_words(g["film"], [1, 2]),
        TypeError,
        "text must be words",
    ),
    "an encoder without a name": (lambda g: vx.encoder(""), ValueError, "name='' is no encoder"),
    "a number for an encoder": (lambda g: vx.encoder(3), TypeError, "name must be.*got int 3"),
    "no encoder": (lambda g: vx.embed(g["tree"], None), TypeError, "encoder must be.*got None"),
    "a video for a tree": (
        lambda g: vx.embed(g["film"], PERCEPTUAL),
        TypeError,
        "tree must be a SegmentTree",
    ),
    "no encoder to pool": (lambda g: vx.pooled(None, "max"), TypeError, "encoder must be"),
    "no encoders to join": (lambda g: vx.joint(PERCEPTUAL, None), TypeError, "encoder must be"),
    "no encoder to crop": (lambda g: vx.crops(None), TypeError, "encoder must be"),
    "no encoder to read along": (lambda g: vx.read_along(None), TypeError, "encoder must be"),
    "a library's encoder": (lambda g: vx.Library(g["library"].path, encoder=3), TypeError, "encoder must be"),
    "a further encoder": (lambda g: g["library"].add_encoder(None), TypeError, "encoder must be"),
    "no such segmentation": (
        lambda g: vx.Library(g["library"].path, encoder=g["library"].encoder, segmentation="nope"),
        vx.LibraryError,
        "no segmentation 'nope'.*it has 'main'",
    ),
    "a segmentation's number": (
        lambda g: vx.Library(g["library"].path, segmentation=3),
        TypeError,
        "segmentation",
    ),
    "no level": (lambda g: g["library"].search("goal", level=None), ValueError, "level must be .*None"),
    "weights of text": (
        lambda g: g["library"].search("goal", weights={"visual": "1"}),
        ValueError,
        "weights.*'1'",
    ),
    "a name for weights": (
        lambda g: g["library"].search("goal", weights="visual"),
        TypeError,
        "weights must be",
    ),
    "a library without a path": (lambda g: vx.Library(""), vx.LibraryError, "path is empty"),
    "a library that is None": (lambda g: vx.Library(None), TypeError, "path must be.*got None"),
    "no videos": (lambda g: vx.ingest(None, g["library"]), TypeError, "videos must be.*got None"),
    "videos without a name": (
        lambda g: vx.ingest("", g["library"]),
        ValueError,
        "videos must be.*empty text",
    ),
    "workers that are no number": (
        lambda g: vx.ingest(g["film"], g["library"], workers=NAN),
        ValueError,
        "workers.*nan",
    ),
    "no such method": (
        lambda g: vx.ingest(g["film"], g["library"], segmenter="nope"),
        ValueError,
        "segmenter must be one of.*'nope'",
    ),
    "no segmenter": (
        lambda g: vx.ingest(g["film"], g["library"], segmenter=3),
        TypeError,
        "segmenter.*int 3",
    ),
    "a path for a tree": (lambda g: vx.timeline("film.mp4"), TypeError, "tree must be what vx.segment"),
    "a film beside a tree": (lambda g: vx.timeline(g["tree"], g["film"]), TypeError, "other must be another"),
    "no tree to compare": (
        lambda g: vx.compare_segmentations(g["tree"], None),
        TypeError,
        "b must be .* got None",
    ),
    "a ranking to be shown": (lambda g: vx.show(g["ranking"]), TypeError, "a Ranking has no .* widget"),
    "a text to be shown": (lambda g: vx.show("x"), TypeError, "no figure of a str; there is one of Library"),
    "an option of no page": (lambda g: vx.page(g["ranking"], "p.html", foo=1), TypeError, "takes no foo"),
    "a hit for an id": (
        lambda g: vx.play(g["library"], g["hit"]),
        TypeError,
        "segment_id must be.*hit.segment_id",
    ),
    "a path for a library": (lambda g: vx.play(g["hit"], library="demo"), TypeError, "library must be"),
    "a map that is none": (
        lambda g: vx.project(g["library"], fit=3),
        TypeError,
        "fit must be an earlier map",
    ),
    "a seed as text": (lambda g: vx.project(g["library"], random_state="a"), ValueError, "random_state.*'a'"),
    "regions of no map": (lambda g: vx.regions(g["library"], None), TypeError, "projection must be"),
    "a gain that is none": (lambda g: vx.Judgement("a.mp4", 0, 1, NAN), ValueError, "Judgement.gain.*nan"),
    "a judgement that ends first": (
        lambda g: vx.Judgement("a.mp4", 2, 1),
        ValueError,
        "end before it starts",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_error_names_the_argument(case, given):
    call, kind, says = WRONG[case]
    with pytest.raises(kind, match=says):
        call(given)


@pytest.mark.parametrize(
    ("pattern", "says"), [("empty", "no file in this folder"), ("*.mp4", "no file matches")]
)
def test_where_no_video_is_found_the_report_says_so(tmp_path, pattern, says):
    (tmp_path / "empty").mkdir()
    report = vx.ingest(tmp_path / pattern, tmp_path / "x.lance", workers=1, progress=False)
    assert [(r.reason, says in r.detail) for r in report.failed] == [("no-videos", True)]


def test_a_tree_is_walked_like_a_list(tree):
    assert list(tree) == list(tree.segments)


def test_a_query_made_by_hand_is_read_as_words(named_library):
    asked, by_hand = named_library.search("goal"), named_library.search(vx.Query("goal"))
    assert len(asked)
    assert [h.segment_id for h in by_hand] == [h.segment_id for h in asked]


def test_a_ranking_without_hits_says_why(tmp_path):
    assert "The library is empty" in repr(vx.Library(tmp_path / "void.lance").search("goal"))


def test_an_encoder_is_taken_by_its_name(tree, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "videxplore.stages.encoding.registry.PerceptualEncoder", lambda: asked.append(1) or PERCEPTUAL
    )
    assert vx.embed(tree, "perceptual").card == PERCEPTUAL.card
    assert asked == [1]


def test_an_encoder_says_what_it_is():
    assert repr(PERCEPTUAL) == f"PerceptualEncoder({PERCEPTUAL.card!r}, no guesses)"


def test_path_is_path(film):
    assert vx.open_video(Path(film.path)) == film
