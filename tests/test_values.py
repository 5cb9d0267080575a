"""Values refuse what is not whole when they are built, and print what they hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videxplore.stages.evaluation.reliability import Reliability
from videxplore.values.media import AudioClip, Cue, FrameBatch, Series, Span, Transcript, Video, format_time
from videxplore.values.rankings import Hit, Judgement, Query, Ranking
from videxplore.values.reports import IngestRecord, IngestReport
from videxplore.values.segments import Boundary, Segment, SegmentTree, segment_id
from videxplore.values.vectors import Embeddings, EncoderCard, Projection

VIDEO = Video("a/b.mp4", "0" * 16, 10.0, 640, 360, 25.0, 250, "h264", True, 48000)
seconds = st.floats(0, 1e5, allow_nan=False)


def make_tree() -> SegmentTree:
    """Two chapters; only the second is divided further, straight into moments."""

    def make(name, level, start, end, parent=None):
        return Segment(name, VIDEO.video_id, level, start, end, parent)

    return SegmentTree(
        VIDEO,
        (
            make("root", "video", 0, 10),
            make("c1", "chapter", 0, 4, "root"),
            make("c2", "chapter", 4, 10, "root"),
            make("m1", "moment", 4, 5, "c2"),
            make("m2", "moment", 5, 10, "c2"),
        ),
    )


def hit(rank: int, score: float, name: str | None = None) -> Hit:
    return Hit(rank, name or f"s{rank}", "v.mp4", "moment", 0.0, 2.0, score, score, rank)


@given(seconds, seconds, seconds, seconds)
def test_span_overlap_is_symmetric_and_bounded(a, b, c, d):
    one, two = Span(*sorted((a, b))), Span(*sorted((c, d)))
    assert one.overlap_s(two) == two.overlap_s(one) <= min(one.duration_s, two.duration_s)
    assert 0 <= one.iou(two) == two.iou(one) <= 1
    assert one.iou(one) == 1


def test_span_is_half_open():
    assert 1.0 in Span(1, 2)
    assert 2.0 not in Span(1, 2)


@pytest.mark.parametrize("ends", [(2, 1), (0, float("nan")), (float("-inf"), 0)])
def test_span_refuses_what_is_no_stretch_of_time(ends):
    with pytest.raises(ValueError, match="Span"):
        Span(*ends)


@pytest.mark.parametrize(
    ("given_s", "shown"),
    [(0, "0:00.0"), (59.96, "1:00.0"), (61.25, "1:01.2"), (3600, "1:00:00.0"), (-2.5, "-0:02.5")],
)
def test_time_is_written_as_people_read_it(given_s, shown):
    assert format_time(given_s) == shown


def test_frame_batch_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"FrameBatch\.rgb"):
        FrameBatch(np.zeros((2, 4, 4), np.uint8), np.zeros(2))
    with pytest.raises(ValueError, match=r"FrameBatch\.times_s"):
        FrameBatch(np.zeros((2, 4, 4, 3), np.uint8), np.zeros(3))
    assert repr(FrameBatch(np.zeros((2, 4, 6, 3), np.uint8), np.array([0.0, 0.04]))) == (
        "FrameBatch(2 frames of 6×4, 0.000–0.040 s)"
    )


def test_audio_clip_refuses_other_types():
    with pytest.raises(ValueError, match=r"AudioClip\.samples"):
        AudioClip(np.zeros(4), 16000)
    with pytest.raises(ValueError, match=r"AudioClip\.rate"):
        AudioClip(np.zeros(4, np.float32), 0)


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0.01, 3)), max_size=20), st.floats(1, 9))
def test_no_word_is_lost_or_doubled_where_segments_meet(cues, edge):
    words = [Cue(Span(start, start + length), f"w{i}") for i, (start, length) in enumerate(cues)]
    transcript = Transcript(tuple(words))
    split = f"{transcript.text_in(Span(0, edge))} {transcript.text_in(Span(edge, 99))}".split()
    assert sorted(split) == sorted(cue.text for cue in words)


def test_series_names_its_bad_columns():
    with pytest.raises(ValueError, match=r"\['b'\]"):
        Series(np.arange(2.0), np.array([[0, np.nan], [0, 1]], np.float32), ("a", "b"))
    with pytest.raises(KeyError, match="there are: a, b"):
        Series(np.arange(1.0), np.zeros((1, 2), np.float32), ("a", "b"))["c"]


def test_series_within_a_gap_gives_the_nearest_row():
    series = Series(np.arange(4.0), np.arange(4, dtype=np.float32)[:, None], ("x",))
    assert series.within(Span(1, 3)).ravel().tolist() == [1, 2]
    assert series.within(Span(2.1, 2.2)).ravel().tolist() == [2]


def test_tree_stands_a_coarser_segment_in_where_a_level_is_missing():
    tree = make_tree()
    assert [s.segment_id for s in tree.at("moment")] == ["c1", "m1", "m2"]
    assert [s.segment_id for s in tree.at("scene")] == ["c1", "c2"]
    assert [s.segment_id for s in tree.at("video")] == ["root"]
    assert [s.segment_id for s in tree.ancestors(tree["m1"])] == ["c2", "root"]
    assert tree.children(tree["c1"]) == ()
    assert list(tree.to_pandas().columns)[:3] == ["segment_id", "video_id", "level"]
    with pytest.raises(ValueError, match="no level 'act'"):
        tree.at("act")
    with pytest.raises(ValueError, match="keeps no signals"):
        tree.recut()


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ([("r", "video", 0, 10, None), ("a", "moment", 0, 4, "r")], "must tile"),
        ([("r", "video", 0, 10, None), ("a", "moment", 0, 6, "r"), ("b", "moment", 5, 10, "r")], "must tile"),
        ([("r", "video", 0, 10, None), ("a", "moment", 0, 10, "x")], "not in the tree"),
        ([("r", "video", 0, 10, None), ("q", "video", 0, 10, None)], "one root"),
        ([("r", "video", 0, 10, None), ("a", "act", 0, 10, "r")], "'act'"),
        ([("r", "moment", 0, 10, None)], "one root"),
    ],
)
def test_tree_refuses_what_is_not_nested(segments, message):
    with pytest.raises(ValueError, match=message):
        SegmentTree(VIDEO, tuple(Segment(n, "v", level, s, e, p) for n, level, s, e, p in segments))


def test_segment_identity_follows_from_what_it_is():
    assert segment_id("v", "moment", 1.0, 2.0) == segment_id("v", "moment", 1.0001, 2.0)
    assert segment_id("v", "moment", 1.0, 2.0) != segment_id("v", "scene", 1.0, 2.0)


def test_boundary_of_a_cut_takes_no_time():
    assert Boundary(3.0).span_s == (3.0, 3.0)
    with pytest.raises(ValueError, match="span_s"):
        Boundary(3.0, span_s=(4.0, 3.0))


def test_card_survives_storage_and_decides_whether_vectors_meet():
    card = EncoderCard(
        "x",
        3,
        modalities=("visual", "audio"),
        blocks=(("visual", 2), ("audio", 1)),
        pooling=("mean", "max", "count"),
        names=("a", "b", "c"),
        parameters={"rate": 1, "nested": {"b": [1, 2]}},
    )
    back = EncoderCard.from_json(card.to_json())
    assert back == card
    assert hash(back) == hash(card)
    assert card.slices() == {"visual": slice(0, 2), "audio": slice(2, 3)}
    assert card != EncoderCard("x", 3, modalities=("visual", "audio"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"blocks": (("visual", 2),)}, "blocks"),
        ({"pooling": ("mean",)}, "pooling"),
        ({"pooling": ("mean", "mean", "median")}, "pooling"),
        ({"names": ("a",)}, "names"),
    ],
)
def test_card_refuses_what_does_not_fit_its_dimension(arguments, message):
    with pytest.raises(ValueError, match=message):
        EncoderCard("x", 3, **arguments)


def test_embeddings_stay_tied_to_their_segments():
    card = EncoderCard("x", 2)
    both = Embeddings(np.eye(2), ("a", "b"), ("moment", "video"), card, np.array([2.0, 3.0]))
    assert both.attributes.tolist() == [[2, 0], [0, 3]]
    assert both.at("video").segment_ids == ("b",)
    assert both.select(np.array([1, 0])).segment_ids == ("b", "a")
    assert list(both.to_pandas().columns) == ["segment_id", "level", "coherence", "d0", "d1"]
    with pytest.raises(ValueError, match="unique"):
        Embeddings(np.eye(2), ("a", "a"), ("moment", "video"), card)
    with pytest.raises(ValueError, match=r"\(n, d\)"):
        Embeddings(np.eye(3), ("a", "b", "c"), ("moment",) * 3, card)
    with pytest.raises(ValueError, match="finite"):
        Embeddings(np.full((1, 2), np.nan), ("a",), ("moment",), card)


def test_projection_refuses_points_nobody_can_draw():
    with pytest.raises(ValueError, match="finite"):
        Projection(
            np.full((1, 2), np.inf, np.float32),
            ("a",),
            ("moment",),
            (None,),
            np.zeros(1, np.float32),
            {},
            "pca",
            EncoderCard("x", 2),
        )


@pytest.mark.parametrize(
    ("hits", "message"),
    [
        ((hit(1, 0.5), hit(2, 0.6)), "never rise"),
        ((hit(1, 0.5), hit(3, 0.4)), "ranks"),
        ((hit(1, 0.5, "a"), hit(2, 0.4, "a")), "unique"),
        ((hit(1, float("nan")),), "finite"),
    ],
)
def test_ranking_refuses_disorder(hits, message):
    with pytest.raises(ValueError, match=message):
        Ranking(Query("x"), hits)


def test_ranking_is_a_sequence_that_escapes_what_it_shows():
    hostile = Hit(1, "s", "/v/<img src=x onerror=alert(1)>.mp4", "moment", 0, 2, 0.5, 0.5, 1, {"audio": 0.5})
    ranking = Ranking(Query("<script>x</script>"), (hostile,))
    assert len(ranking) == 1
    assert ranking[0] is hostile
    assert list(ranking) == [hostile]
    assert ranking.to_run() == {"s": 0.5}
    assert ranking.to_pandas()["part_audio"].tolist() == [0.5]
    html = ranking._repr_html_()
    assert "<img" not in html
    assert "<script>" not in html
    assert Ranking(Query("x"), ()).to_pandas().empty


def test_query_refuses_a_vector_of_another_card():
    with pytest.raises(ValueError, match=r"Query\.vector must have 3"):
        Query("x", np.zeros(2, np.float32), EncoderCard("x", 3))
    with pytest.raises(ValueError, match="finite"):
        Query("x", np.array([np.nan], np.float32))


def test_a_judgement_may_say_no_but_not_less():
    assert Judgement("v.mp4", 0, 1, 0).gain == 0
    with pytest.raises(ValueError, match="gain"):
        Judgement("v.mp4", 0, 1, -1)


def test_ingest_report_counts_every_file_once():
    report = IngestReport(
        (IngestRecord("a"),), (), (IngestRecord("b", reason="empty", detail="is empty."),), 1.0
    )
    assert report.to_pandas()["status"].tolist() == ["done", "failed"]
    assert "b: is empty." in repr(report)


def test_hits_and_judges_agreement_are_short_to_read():
    hit = Hit(1, "x", "/films/<b>.mp4", "scene", 0.0, 3.5, 0.5, 0.5, 1, transcript="<i>" * 60)
    assert repr([hit]) == "[Hit(1. +0.500  scene    <b>.mp4 0:00.0–0:03.5)]"
    html = hit._repr_html_()
    assert "&lt;b&gt;.mp4" in html
    assert "<i>" not in html
    assert html.endswith("…</td></tr></tbody></table>")
    agreed = Reliability(0.78, -0.17, 1.0, 2, 3, 2 / 3)
    assert repr(agreed) == (
        "Reliability(alpha 0.78 [-0.17, 1.00], 2 judges, 3 items judged by several, 67% of their pairs equal)"
    )
    nan = float("nan")
    assert repr(Reliability(nan, nan, nan, 1, 0, nan)) == "Reliability(1 judge, no item judged by several)"
    assert "[" not in repr(Reliability(0.5, nan, nan, 2, 1, 1.0))
