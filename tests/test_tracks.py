"""Signals that a caller brings, speech, and segments defined in words."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from test_segmentation import check_tiling, draw_measurements

from videxplore.errors import MissingExtraError, QueryError
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.states import cut_by_states
from videxplore.stages.segmentation.tracks import align_track
from videxplore.values.media import Series
from videxplore.values.segments import SegmentTree
from videxplore.values.vectors import EncoderCard
from videxplore.workbench.tracks import embedding_track, segment_by_words


def still(duration_s: float = 120.0):
    """A video in which nothing changes but what a track says."""
    return draw_measurements(duration_s, moving=False, sound=False)


def draw_track(duration_s: float, every_s: float, changes: list[float], width: int = 32) -> Series:
    rng = np.random.default_rng(2)
    times = np.arange(every_s / 2, duration_s, every_s)
    means = rng.normal(size=(len(changes) + 1, width))
    values = means[np.searchsorted(changes, times)] + 0.15 * rng.normal(size=(len(times), width))
    return Series(times, values.astype(np.float32), tuple(f"v{i}" for i in range(width)))


@pytest.mark.parametrize("every_s", [0.1, 0.5, 1.0])
def test_a_track_is_cut_where_it_changes(every_s):
    changes = [22.0, 41.0, 80.0]
    tree = segment(still(), tracks={"clip": draw_track(120, every_s, changes)}, levels={"moment": 30.0})
    found = [b.time_s for b in tree.boundaries]
    assert np.allclose(found, changes, atol=max(0.3, every_s))
    assert all(b.evidence["clip"] > b.evidence["picture"] for b in tree.boundaries)
    check_tiling(tree)


def test_a_track_has_a_weight_and_is_recut():
    tracks = {"clip": draw_track(120, 0.5, [22.0, 41.0, 80.0])}
    tree = segment(still(), tracks=tracks, levels={"moment": 30.0})
    deaf = tree.recut(weights={"clip": 0.0})
    assert "clip" not in {name for b in deaf.boundaries for name in b.evidence}
    assert len(deaf.leaves) < len(tree.leaves)
    again = deaf.recut(weights={"clip": 1.0})
    assert [s.segment_id for s in again.segments] == [s.segment_id for s in tree.segments]


def test_a_track_stands_in_for_the_picture():
    measured = draw_measurements(120, seed=4, sound=False)
    tree = segment(measured, tracks={"picture": draw_track(120, 0.5, [60.0])}, signals={"motion": 0.0})
    assert {name for b in tree.boundaries for name in b.evidence} == {"picture"}
    assert min(abs(b.time_s - 60) for b in tree.boundaries) <= 0.5
    assert max(tree.boundaries, key=lambda b: b.persistence).time_s == pytest.approx(60, abs=0.5)


def test_a_track_lies_on_the_clock():
    edges = np.arange(9) / 4
    series = Series(np.array([0.5, 1.5]), np.array([[0.0], [4.0]], np.float32), ("x",))
    values, floors = align_track(series, edges)
    assert values[:, 0].tolist() == [0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]
    assert floors.tolist() == [0.5]
    single = Series(np.array([0.5]), np.array([[3.0]], np.float32), ("x",))
    assert align_track(single, edges)[0][:, 0].tolist() == [3.0] * 8


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"tracks": {"a/b": draw_track(5, 0.5, [])}}, "slash"),
        ({"tracks": {"empty": Series(np.zeros(0), np.zeros((0, 2), np.float32), ("a", "b"))}}, "no values"),
        ({"signals": {"clip": 1.0}}, "signals must be among"),
    ],
)
def test_wrong_tracks_are_refused(arguments, named):
    with pytest.raises(ValueError, match=named):
        segment(still(5.0), **arguments)


def draw_likeness(states: list[int], length_s: float, *, noise: float = 0.02, every_s: float = 0.5) -> Series:
    """Likeness to three phrases of unlike levels: which one fits best changes with the state."""
    rng = np.random.default_rng(3)
    state = np.repeat(states, round(length_s / every_s))
    values = np.array([0.30, 0.10, 0.22]) + 0.06 * np.eye(3)[state] + noise * rng.normal(size=(len(state), 3))
    times = (np.arange(len(state)) + 0.5) * every_s
    return Series(times, values.astype(np.float32), ("a person speaks", "music plays", "silence"))


def test_states_become_labelled_segments():
    states = [0, 1, 0, 2, 1, 0]
    tree = cut_by_states(still(72).video, draw_likeness(states, 12.0))
    check_tiling(tree)
    assert [s.start_s for s in tree.leaves] == pytest.approx([0, 12, 24, 36, 48, 60], abs=0.51)
    named = [tree.labels[s.segment_id] for s in tree.leaves]
    phrases = ("a person speaks", "music plays", "silence")
    assert named == [phrases[i] for i in states]
    for before, boundary in zip(pairwise(states), tree.boundaries, strict=True):
        assert boundary.evidence[phrases[before[1]]] > 0 > boundary.evidence[phrases[before[0]]]
        assert boundary.kind == "words"


def test_a_state_must_last_to_count():
    likeness = draw_likeness([0] * 10 + [1] + [0] * 10 + [2] * 10, 1.0, noise=0.0)
    assert [s.start_s for s in cut_by_states(still(31).video, likeness, min_s=3.0).leaves] == [0, 21]
    assert [s.start_s for s in cut_by_states(still(31).video, likeness, min_s=0.5).leaves] == [0, 10, 11, 21]


def test_one_row_and_no_change():
    video = still(4).video
    one = Series(np.array([2.0]), np.array([[0.2, 0.3]], np.float32), ("a", "b"))
    assert len(cut_by_states(video, one).segments) == 1
    flat = Series(np.arange(8) / 2, np.full((8, 2), 0.2, np.float32), ("a", "b"))
    assert len(cut_by_states(video, flat).segments) == 1
    with pytest.raises(ValueError, match="two phrases"):
        cut_by_states(video, Series(np.arange(2.0), np.zeros((2, 1), np.float32), ("a",)))
    with pytest.raises(ValueError, match="min_s"):
        cut_by_states(video, flat, min_s=0)


def phrases_of(tree: SegmentTree) -> list[str]:
    return [tree.labels[s.segment_id] for s in tree.leaves]


def test_segments_in_words_are_cut_again():
    likeness = draw_likeness([0] * 10 + [1] + [0] * 10 + [2] * 10, 1.0, noise=0.0)
    tree = cut_by_states(still(31).video, likeness, min_s=3.0)
    finer = tree.recut(min_s=0.5)
    assert [s.start_s for s in finer.leaves] == [0, 10, 11, 21]
    assert [s.start_s for s in finer.recut(min_s=3.0).leaves] == [s.start_s for s in tree.leaves]
    without = finer.recut(weights={"music plays": 0.0})
    assert phrases_of(without) == ["a person speaks", "silence"]
    assert phrases_of(without.recut(weights={"music plays": 1.0})) == phrases_of(finer)
    assert set(phrases_of(finer.recut(weights={"music plays": 1e6}))) == {"music plays"}
    with pytest.raises(ValueError, match="as many as phrases change"):
        tree.recut({"moment": 4.0})
    with pytest.raises(ValueError, match="among a person speaks, music plays, silence"):
        tree.recut(weights={"picture": 1.0})
    with pytest.raises(ValueError, match="min_s"):
        tree.recut(min_s=-1.0)


def test_segments_in_words_are_corrected():
    tree = cut_by_states(still(72).video, draw_likeness([0, 1, 0, 2, 1, 0], 12.0))
    first, second = (b.time_s for b in tree.boundaries[:2])
    mine = tree.moved(first, first + 3.0).merged(second).split(66.2)
    check_tiling(mine)
    starts = [s.start_s for s in mine.leaves]
    assert first + 3.0 in starts
    assert 66.2 in starts
    assert second not in starts
    assert {b.time_s for b in mine.boundaries if b.kind == "edited"} == {first + 3.0, 66.2}
    # What was split has the same phrase on both sides, and stays apart.
    assert phrases_of(mine)[-2:] == ["a person speaks"] * 2
    again = mine.recut(min_s=4.0)
    assert again.edits == mine.edits
    assert {first + 3.0, 66.2} <= {s.start_s for s in again.leaves}
    back = mine.undone().undone().undone()
    assert [s.start_s for s in back.leaves] == [s.start_s for s in tree.leaves]
    assert not back.edits


class Tones:
    """An encoder of brightness that reads three words."""

    card = EncoderCard("tones", 2)

    def encode_frames(self, frames):
        light = frames.rgb.mean((1, 2, 3)) / 255
        return np.stack([1 - light, light], axis=1).astype("float32")

    def encode_text(self, texts):
        words = {"dark": (1.0, 0.0), "bright": (0.0, 1.0)}
        return np.array([words[text] for text in texts], dtype="float32")


def test_words_through_an_encoder(sample):
    """Every segment has the label that its light has."""
    film = next(path for path in sample.videos if path.name.startswith("kitchen"))
    tree = segment_by_words(film, ["dark", "bright"], encoder=Tones(), every_s=1.0)
    check_tiling(tree)
    light = embedding_track(film, Tones(), every_s=1.0)
    means = {"dark": [], "bright": []}
    for s in tree.leaves:
        means[tree.labels[s.segment_id]].append(float(light.within(s.span)[:, 1].mean()))
    assert means["dark"]
    assert means["bright"]
    assert max(means["dark"]) < min(means["bright"])


def test_words_need_a_text_side_and_two_phrases():
    measured = still(5.0)
    with pytest.raises(ValueError, match="two different"):
        segment_by_words(measured, ["one"])
    with pytest.raises(TypeError, match="a list of phrases"):
        segment_by_words(measured, "music")

    class Mute:
        card = EncoderCard("mute", 2)

        def encode_frames(self, frames):
            return np.zeros((len(frames), 2), np.float32)

    with pytest.raises(QueryError, match="no text side"):
        segment_by_words(measured, ["a", "b"], encoder=Mute())
    with pytest.raises(ValueError, match="every_s"):
        embedding_track(measured, every_s=0)


def test_words_through_the_perceptual_encoder():
    measured = draw_measurements(60, seed=1)
    tree = segment_by_words(replace(measured), ["a bright scene", "a dark scene"])
    check_tiling(tree)
    assert set(tree.labels.values()) <= {"a bright scene", "a dark scene"}


def test_speech_is_told_from_other_sounds(media_dir, sample):
    pytest.importorskip("silero_vad")
    from videxplore.stages.segmentation.voice import find_speech

    film = media_dir / "mdn_friday.mp4"
    spoken = find_speech(film)
    assert spoken is not None
    assert spoken.times_s[-1] == pytest.approx(open_video(film).duration_s, abs=0.3)
    assert (spoken["voice"] > 0.5).mean() > 0.7, "its subtitles cover it from end to end"
    sea = find_speech(next(path for path in sample.videos if path.name.startswith("nature")))
    assert sea is not None
    assert (sea["voice"] > 0.5).mean() < 0.3, "a few words are said over the waves"
    tree = segment(film, tracks={"voice": spoken}, levels={"moment": 2.0})
    assert all("voice" in b.evidence for b in tree.boundaries)


def test_speech_without_the_extra(monkeypatch):
    import sys

    from videxplore.stages.segmentation import voice

    monkeypatch.setitem(sys.modules, "silero_vad", None)
    voice._load.cache_clear()
    with pytest.raises(MissingExtraError, match=r"videxplore\[speech\]"):
        voice.find_speech("nothing.mp4")
    voice._load.cache_clear()
