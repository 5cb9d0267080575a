"""Lesson 2: cosines add up, the loss is the published one, towers beat chance on films they have not seen."""

from __future__ import annotations

import numpy as np
import pytest
from lesson_data import LESSONS

from videxplore.lessons.clips import read_clips
from videxplore.lessons.exam import FIRST, HELD, Exam, hold_out, name_moments, show_search
from videxplore.lessons.fusion import fuse, show_mixing, split_senses
from videxplore.lessons.gap import GROUPS, crowd, gap_between, measure_gaps, separate, show_gap
from videxplore.lessons.similarity import centred
from videxplore.lessons.towers import STEPS, bag_words, caption, info_nce, train_towers

TIMES_CHANCE = 4
"""By how much towers must beat chance in films that they have not seen."""


@pytest.fixture(scope="module")
def clips(sample, sample_library):
    return read_clips(sample_library, sample.truth)


@pytest.fixture(scope="module")
def data(sample_library):
    return LESSONS["senses"](sample_library)


@pytest.fixture(scope="module")
def exam(data) -> Exam:
    return data["senses/times-chance"][0]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_late_fusion_is_a_sum_of_cosines():
    rng = np.random.default_rng(0)
    senses, weights = [rng.normal(size=(9, d)) for d in (3, 7)], (0.3, 0.7)
    fused = fuse(senses, weights)
    alone = [unit(sense - sense.mean(axis=0)) for sense in senses]
    by_hand = sum(w * one @ one.T for one, w in zip(alone, weights, strict=True))
    np.testing.assert_allclose(fused @ fused.T, by_hand, atol=1e-12)


def test_senses_have_the_columns_they_are_named_for(clips, data):
    senses = split_senses(clips)
    names = list(clips.embeddings.card.names)
    np.testing.assert_array_equal(
        senses["picture"][:, -1], clips.embeddings.attributes[:, names.index("variety")]
    )
    np.testing.assert_array_equal(
        senses["motion"][:, 0], clips.embeddings.attributes[:, names.index("speed")]
    )
    assert senses["early fusion"].shape[1] == sum(senses[s].shape[1] for s in ("picture", "motion", "sound"))
    cells = senses["poster: colours of 12 cells"].reshape(len(clips), 12, 3)
    np.testing.assert_allclose(cells.mean(axis=1), senses["poster: one colour"], atol=1e-5)
    mixing = data["senses/share"][0]
    scene = show_mixing(clips, mixing, mixing.best, clips.ids[40])
    assert 0.0 < mixing.best < 1.0, "both senses are needed"
    assert [len(lane.segment_ids) for lane in scene.lanes] == [1, 8]


def test_loss_is_the_published_one():
    import torch

    rng = np.random.default_rng(1)
    video, text = (unit(rng.normal(size=(6, 4))) for _ in range(2))
    scores = video @ text.T / 0.2
    by_hand = 0.0
    for table in (scores, scores.T):
        for i in range(6):
            by_hand -= np.log(np.exp(table[i, i]) / np.exp(table[i]).sum()) / 12
    loss = info_nce(torch.from_numpy(video), torch.from_numpy(text), torch.eye(6, dtype=torch.float64), 0.2)
    assert float(loss) == pytest.approx(by_hand, abs=1e-12)


def test_words_of_held_out_captions_are_unknown():
    bag = bag_words(["the red car", "a red_dog", "rain"], np.array([False, False, True]))
    np.testing.assert_array_equal(bag, [[1, 1, 0], [0, 0, 1], [0, 0, 0]])  # car, red, red_dog


def test_caption_of_an_unknown_kind_is_refused(clips, sample):
    with pytest.raises(ValueError, match="tags, sentences"):
        caption(clips, sample.truth, "poems")
    with pytest.raises(ValueError, match="other films"):
        hold_out(clips, clips.scenes, "nothing")


@pytest.mark.parametrize("kind", HELD)
def test_every_clip_is_held_out_once_with_its_moment(clips, sample, kind):
    moments = name_moments(clips, sample.truth)
    parts = np.array(hold_out(clips, moments, kind))
    assert (parts.sum(axis=0) == 1).all()
    whole = clips.films if kind == HELD[0] else moments
    for part in parts:
        assert not set(whole[part]) & set(whole[~part])


def test_towers_beat_chance_on_films_they_have_not_seen(exam):
    assert exam.recall[-1] > TIMES_CHANCE * exam.chance
    assert exam.recall[0] < 2 * exam.chance, "random matrices answer by chance"
    assert all(towers.losses[-1] < towers.losses[0] for towers in exam.towers)


def test_chance_is_that_of_random_orders(exam):
    rng = np.random.default_rng(0)
    found = []
    for row in exam.asked:
        among = np.flatnonzero(next(towers.held for towers in exam.towers if towers.held[row]))
        right = exam.moments[among] == exam.moments[row]
        found += [right[rng.permutation(len(among))[:FIRST]].any() for _ in range(100)]
    assert np.mean(found) == pytest.approx(exam.chance, abs=0.01)


def test_training_again_gives_the_same_towers_without_a_look_at_held_out_clips(clips, sample, exam):
    held, captions = exam.towers[0].held, list(exam.captions)
    for row in np.flatnonzero(held):
        captions[row] = "never heard of it"
    again = train_towers(clips, captions, exam.moments, held)
    np.testing.assert_array_equal(again.video, exam.towers[0].video)
    assert (again.text[:, held] == 0).all()


def test_search_shows_what_was_found(clips, exam):
    row = exam.asked[20]
    scene = show_search(clips, {(HELD[0], "tags"): exam}, HELD[0], "tags", STEPS[-1], row)
    assert scene.lanes[0].segment_ids == (clips.ids[row],)
    first = exam.find(row, STEPS[-1])[:FIRST]
    assert scene.lanes[1].segment_ids == tuple(clips.ids[i] for i in first)
    assert scene.chart.here == (STEPS[-1], exam.recall[-1])


def test_gap_of_planted_sides():
    rng = np.random.default_rng(2)
    same = rng.normal(size=(60, 4))
    shifted = same + np.array([3.0, 4.0, 0.0, 0.0])
    assert gap_between(same, shifted) == pytest.approx(5.0)
    assert separate(same, shifted) > 0.95
    other = rng.normal(size=(60, 4))
    assert 0.3 < separate(same, other) < 0.7
    assert crowd(same + np.array([99.0, 0, 0, 0]), same - np.array([99.0, 0, 0, 0])) == 1.0
    assert 0.35 < crowd(same, other) < 0.65


def test_a_cold_loss_keeps_the_sides_apart(clips, exam):
    gaps = measure_gaps(clips, exam.captions, exam.moments, exam.towers[0].held, (0.02, 0.5))
    apart = {t: gaps.apart[t, GROUPS[0], False] for t in (0.02, 0.5)}
    assert all(cold > warm + 0.2 for cold, warm in zip(apart[0.02], apart[0.5], strict=True))
    video, text = gaps.sides(0.02, GROUPS[1], True)
    np.testing.assert_allclose(video, centred(gaps.towers[0.02].video[-1, gaps.towers[0.02].held]))
    assert len(show_gap(clips, gaps, 0.02, GROUPS[1], True).chart.xy) == len(video) + len(text)
