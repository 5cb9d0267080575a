"""Search beyond words on one level: conditions, a level chosen by itself, fusion, copies, examples, signs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from synthetic_library import CARD, make_record

from videxplore.errors import QueryError
from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.conditions import select_rows
from videxplore.stages.store.fusion import RRF_K, fuse
from videxplore.stages.store.granularity import CLEARLY, choose_level
from videxplore.stages.store.scoring import cosine_probe
from videxplore.stages.store.writing import write_video
from videxplore.values.media import AudioClip, FrameBatch
from videxplore.values.rankings import Query
from videxplore.workbench.library import Library
from videxplore.workbench.queries import understand

LEVELS = ("moment", "scene", "chapter", "video")


class Senses:
    """Red and green of a picture, loudness of a sound, three words; blocks as in the synthetic library."""

    card = CARD
    frame_size = (16, 16)
    audio_rate = 8000

    def encode_frames(self, frames):
        light = frames.rgb.mean((1, 2)) / 255 + 1e-3
        assert frames.rgb.shape[1:3] == (16, 16)
        return np.pad(light, ((0, 0), (0, 5))).astype(np.float32)

    def encode_audio(self, clips):
        assert all(clip.rate == 8000 for clip in clips)
        return np.array([[np.abs(c.samples).mean(), 0, 0, 0] for c in clips], np.float32)

    def encode_text(self, texts):
        words = {"red": 0, "green": 1, "loud": 8}
        known = [[np.eye(12)[words[w]] for w in text.split() if w in words] for text in texts]
        return np.array([np.sum(k, axis=0) if k else np.zeros(12) for k in known], np.float32)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("options") / "senses.lance", encoder=Senses())
    for i in range(4):
        said = {5.0: "a corner kick", 25.0: "the first half"} if i == 2 else None
        write_video(made.database, make_record(f"v{i}", scenes=4, said=said))
    return made


# Conditions ------------------------------------------------------------------------------------------

ROWS = {
    "level": ["moment", "scene", "moment", "video"],
    "start_s": [0.0, 0.0, 5.0, 0.0],
    "end_s": [5.0, 20.0, 10.0, 80.0],
    "transcript": ["", "a goal", "it's over", "a goal it's over"],
}


def column(name):
    if name not in ROWS:
        raise ValueError(f"no column {name!r}")
    return ROWS[name]


NUMBERS = st.sampled_from(["start_s", "end_s", "0", "4.5", "-3", "20"])
COMPARISON = st.one_of(
    st.tuples(NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS),
    st.tuples(
        st.sampled_from(["level"]), st.sampled_from(["==", "!="]), st.sampled_from(["'moment'", "'x'"])
    ),
    st.tuples(st.just("level"), st.sampled_from(["in", "not in"]), st.just("['moment', 'video']")),
    st.tuples(st.just("'goal'"), st.sampled_from(["in", "not in"]), st.just("transcript")),
    st.tuples(st.just("0"), st.just("<"), st.just("start_s < end_s")),
).map(" ".join)
CONDITION = st.recursive(
    COMPARISON,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(not {t})"),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(CONDITION)
def test_a_condition_selects_what_python_would(condition):
    wanted = [eval(condition, {}, {name: ROWS[name][i] for name in ROWS}) for i in range(4)]
    assert select_rows(condition, column, 4).tolist() == wanted


@pytest.mark.parametrize(
    "condition",
    [
        "", "start_s >", "__import__('os').system('true')", "level.upper() == 'X'", "start_s + 1 > 2",
        "lambda: 1", "level == f'{level}'", "[x for x in level]", "level is None", "start_s > 1; end_s",
        "level > 3",
        "(" * 3000, "level == 'moment' " * 200, "1", "'a'", "level == b'x'", "video_id = 'x' OR 1=1 --",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(condition):
    with pytest.raises(ValueError, match="where"):
        select_rows(condition, column, 4)


def test_a_search_takes_conditions(library):
    found = library.search("red", where="duration_s > 6 and name in ['v1.mp4', 'v2.mp4']", k=50)
    assert found.candidates
    assert all(c.hit.duration_s > 6 and c.hit.video_id in ("v1", "v2") for c in found.candidates)
    heard = library.search("red", where="'corner' in transcript", level="moment")
    assert [h.start_s for h in heard] == [5.0]
    with pytest.raises(ValueError, match=r"no column 'length'.*Did you mean|no column 'length'"):
        library.search("red", where="length > 3")
    with pytest.raises(TypeError, match="condition such as"):
        library.search("red", where=["level"])


# Granularity -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("first half with multiple turnovers", "chapter"),
        ("the scene at the lake", "scene"),
        ("the whole match", "video"),
        ("a chapter about cooking", "chapter"),
        ("the moment he falls", "moment"),
        ("multiple turnovers", "scene"),
        ("many turnovers", "moment"),
        ("indoors while it rains", "scene"),
        ("a corner kick", "moment"),
        ("", "moment"),
    ],
)
def test_words_about_scope_decide_the_level(text, level):
    assert choose_level(text, LEVELS, dict.fromkeys(LEVELS, 1.0)).level == level


def test_without_such_words_a_coarser_level_has_to_win_clearly():
    best = {"moment": 0.4, "scene": 0.4 * CLEARLY * 0.99, "chapter": 0.1, "video": -np.inf}
    assert choose_level("rain", LEVELS, best).level == "moment"
    best["scene"] = 0.4 * CLEARLY * 1.01
    choice = choose_level("rain", LEVELS, best)
    assert (choice.level, "scene" in choice.reason or "moment" in choice.reason) == ("scene", True)


@settings(deadline=None)
@given(st.text(max_size=40), st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=5, unique=True))
def test_the_level_chosen_is_one_of_the_library(text, levels):
    assert choose_level(text + " half scene whole moment many", levels, {}).level in levels


def test_auto_searches_one_level_and_says_which_and_why(library):
    found = library.search("the scene that is red", level="auto")
    assert found.level == "scene"
    assert {c.hit.level for c in found.candidates} == {"scene"}
    assert any("“scene”" in note and "level=" in note for note in found.notes)
    assert found.to_run() == library.search("the scene that is red", level="scene").to_run()
    assert rerank(found).level == "scene"
    assert library.search("red", level=["moment", "video"]).level == "moment, video"


# Fusion and copies -----------------------------------------------------------------------------------


def test_reciprocal_ranks():
    parts = {"visual": np.array([0.3, -0.1, 0.3]), "text": np.array([0.0, 0.2, 0.0])}
    fused = fuse(parts, "rrf")
    assert fused["visual"].tolist() == [1 / (RRF_K + 1), 1 / (RRF_K + 3), 1 / (RRF_K + 1)]
    assert fused["text"].tolist() == [0, 1 / (RRF_K + 1), 0]
    with pytest.raises(ValueError, match="fusion"):
        fuse(parts, "mean")


def test_parts_add_up_under_either_fusion(library):
    for fusion in ("weighted", "rrf"):
        for hit in library.search("red corner", fusion=fusion, k=5, weights={"text": 2.0}):
            assert sum(hit.parts.values()) == pytest.approx(hit.raw_score)


def test_copies_are_folded_into_the_first(tmp_path):
    library = Library(tmp_path / "twice.lance", encoder=Senses())
    record = make_record("v1")
    write_video(library.database, record)
    twin = make_record("v2", seed=3)
    vectors = twin.embeddings.vectors
    vectors[:] = record.embeddings.vectors
    write_video(library.database, twin)
    plain = library.search("red", level="moment", k=50)
    folded = library.search("red", level="moment", k=50, fold=0.999)
    assert len(plain) == 2 * len(folded)
    assert all(len(h.duplicates) == 1 for h in folded)
    ids = [i for c in folded.candidates for i in (c.hit.segment_id, *c.hit.duplicates)]
    assert sorted(ids) == sorted(h.segment_id for h in plain)
    assert {h.segment_id for h in rerank(folded)} == {h.segment_id for h in folded}
    for bad in (0, -0.5, 1.2):
        with pytest.raises(ValueError, match="fold"):
            library.search("red", fold=bad)


# Examples and signs ----------------------------------------------------------------------------------


def coloured(red: int, green: int) -> np.ndarray:
    picture = np.zeros((40, 30, 3), np.uint8)
    picture[..., 0], picture[..., 1] = red, green
    return picture


def test_a_picture_is_the_same_however_it_comes(library, tmp_path):
    picture = coloured(250, 10)
    Image.fromarray(picture).save(tmp_path / "red.png")
    runs = [
        library.search(asked, k=5).to_run()
        for asked in (
            picture, Image.fromarray(picture), tmp_path / "red.png", FrameBatch(picture[None], np.zeros(1)),
        )
    ]  # fmt: skip
    assert all(run == runs[0] for run in runs)
    assert runs[0] != library.search(coloured(10, 250), k=5).to_run()
    assert "red.png" in repr(library.search(tmp_path / "red.png").query)


def test_a_sound_is_resampled_and_speaks_in_its_own_block(library):
    loud = AudioClip(np.sin(np.arange(16000) / 9).astype(np.float32), 16000)
    found = library.search(loud, k=3)
    assert all(h.parts["visual"] == 0 for h in found)
    with pytest.raises(QueryError, match="nothing to tell"):
        library.search(AudioClip(np.zeros(8000, np.float32), 8000))


def test_bad_examples_are_refused_clearly(library, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    for asked, words in (
        (tmp_path / "none.png", "no picture"),
        (tmp_path / "text.png", "cannot be read"),
        (np.zeros((4, 4, 4), np.uint8), "uint8"),
        (np.zeros((4, 4, 3), np.float32), "uint8"),
        ([], "empty"),
        ([(0, "red")], "weight"),
        ([(np.nan, "red")], "weight"),
        ([(1, "red"), (-1, "red")], "cancel out"),
    ):
        with pytest.raises(QueryError, match=words):
            library.search(asked)
    with pytest.raises(TypeError, match="query must be"):
        library.search({"red": 1})


def test_signs_add_and_take_away(library):
    red, green = (understand(library, word, library.snapshot())[1] for word in ("red", "green"))
    wanted = red / np.linalg.norm(red) - 2 * green / np.linalg.norm(green)
    found = library.search([(1.0, "red"), (-2.0, "green")], k=200, candidates=500)
    assert found.query.text == "red"
    assert found.query.vector == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-6)
    snapshot = library.snapshot()
    scores = cosine_probe(found.query.vector, CARD.slices()).score(snapshot.space.items)
    for c in found.candidates:
        assert c.hit.raw_score == pytest.approx(scores[snapshot.row_of[c.hit.segment_id]], abs=1e-6)


def test_one_example_in_a_list_finds_what_it_finds_alone(library):
    hit = library.search("red")[0]
    alone, listed = library.search(hit, k=5), library.search([(2.0, hit)], k=5)
    assert [h.segment_id for h in alone] == [h.segment_id for h in listed]
    assert isinstance(listed.query, Query)
    assert "2" in repr(listed.query)


def test_less_of_an_example_ranks_it_last(library):
    hit = library.search("red", level="moment")[0]
    found = library.search([(-1, hit)], level="moment", k=500, candidates=500)
    assert found.candidates[-1].hit.segment_id == hit.segment_id


def test_a_stretch_of_a_file_finds_itself(sample_library):
    library, video = sample_library
    tree = library.tree(library.videos().video_id[0])
    moment = max(tree.leaves, key=lambda s: s.duration_s)
    found = library.search((video, (moment.start_s, moment.end_s)), level="moment", k=3)
    assert found[0].segment_id == moment.segment_id
    assert found[0].raw_score > 0.99
    assert library.search(Path(video.path), level="video")[0].level == "video"
    with pytest.raises(QueryError, match="not inside"):
        library.search((video, (0.0, 1e6)))


@pytest.fixture(scope="module")
def sample_library(tmp_path_factory):
    import videxplore as vx

    video = vx.open_video(vx.sample_videos()[-1])
    made = Library(tmp_path_factory.mktemp("stretch") / "one.lance")
    vx.ingest([video.path], made, progress=False, workers=1)
    return made, video
