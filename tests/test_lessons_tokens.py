"""Lesson 3: tokens and positions are the published ones, and trained models tell order as far as they can."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lesson_data import LESSONS
from scipy.stats import binomtest

from videxplore.lessons.motion import DELAY, FRAMES, MOTIONS, ORDERS, make_motion, order_frames
from videxplore.lessons.order import TRAININGS, Trained, train, train_all
from videxplore.lessons.positions import BUCKETS, ENCODINGS, FARTHEST, bucket_distances, sinusoids
from videxplore.lessons.token_labs import show_answers, show_cut, show_move, show_moves, show_told
from videxplore.lessons.tokens import CUTS, SIZE, clip_at, cut, cut_objects, cut_tubelets
from videxplore.lessons.transformer import LONGEST, TinyTransformer, attend
from videxplore.stages.licensing.intervals import wilson_interval

MARGIN = 0.4
"""By how much a model that knows positions must beat chance, which is one half, on clips it has not seen."""

SEEDS = st.integers(0, 10_000)


def pictures(seed: int, count: int = 4, high: int = 12, wide: int = 20):
    return np.random.default_rng(seed).integers(0, 256, (count, high, wide, 3)).astype(np.uint8)


@given(SEEDS, st.sampled_from([1, 2, 4]), st.sampled_from([2, 3, 12]), st.sampled_from([4, 10, 20]))
@settings(max_examples=25, deadline=None)
def test_tubelets_are_those_of_a_strided_convolution(seed, length, height, width):
    rng = np.random.default_rng(seed)
    video = pictures(seed)
    kernel = rng.normal(size=(length, height, width, 3, 5))
    tokens = cut_tubelets(video, length, height, width)
    ours = tokens.values.astype(np.float64) @ kernel.reshape(-1, 5)
    theirs = torch.nn.functional.conv3d(
        torch.from_numpy(video / 255.0).permute(3, 0, 1, 2)[None],
        torch.from_numpy(kernel).permute(4, 3, 0, 1, 2),
        stride=(length, height, width),
    )
    np.testing.assert_allclose(ours, theirs[0].flatten(1).T.numpy(), atol=1e-4)
    covered = np.zeros(video.shape[:3], int)
    for (a, b, top, bottom, left, right), numbers in zip(tokens.boxes, tokens.values, strict=True):
        covered[a:b, top:bottom, left:right] += 1
        np.testing.assert_allclose(numbers, video[a:b, top:bottom, left:right].ravel() / 255, atol=1e-6)
    assert (covered == 1).all()
    assert tokens.pairs == len(tokens) ** 2


def test_each_way_to_cut_makes_the_tokens_it_is_named_for():
    video = pictures(0, 8, SIZE[1], SIZE[0])
    assert [len(cut(video, how)) for how in CUTS[:3]] == [8, 4, 4 * 9 * 5]
    with pytest.raises(ValueError, match="frames, clips, tubelets, objects"):
        cut(video, "words")
    with pytest.raises(ValueError, match="each must divide its side"):
        cut(video, "tubelets", patch=7)


def test_objects_are_the_planted_ones():
    video = np.tile(pictures(1, 1, 40, 60) // 4, (5, 1, 1, 1))
    planted = []
    for frame in range(5):
        for top, left, size in ((2, 10 * frame + 2, 8), (34 - 5 * frame, 50, 6)):
            video[frame, top : top + size, left : left + size] = 255
            planted.append([frame, frame + 1, top, top + size, left, left + size])
    found = cut_objects(video)
    assert sorted(found.boxes.tolist()) == sorted(planted)
    assert found.values.shape[1] == 8 * 8 * 3 + 4
    np.testing.assert_allclose(found.values[:, :-4], 1.0)
    np.testing.assert_allclose(found.values[:, -4:], found.boxes[:, 2:] / (40, 40, 60, 60), rtol=1e-6)


def test_nothing_moves_or_the_light_does():
    still = np.tile(pictures(2, 1, 40, 60), (5, 1, 1, 1))
    assert len(cut_objects(still)) == 0
    still[4] = 255 - still[4] // 8  # as if the light were switched on
    assert cut_objects(still).boxes.tolist() == [[4, 5, 0, 40, 0, 60]]


def test_sinusoids_are_the_published_ones():
    made = sinusoids(np.array([0, 3, 50]), 6)
    for row, t in enumerate((0, 3, 50)):
        for i in range(3):
            angle = t / 10_000 ** (2 * i / 6)
            pair = made[row, 2 * i : 2 * i + 2]
            np.testing.assert_allclose(pair, [np.sin(angle), np.cos(angle)], atol=1e-6)
    with pytest.raises(ValueError, match="even"):
        sinusoids(np.array([0]), 5)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_products_of_sinusoids_know_the_distance_only(one, other, delay):
    here = sinusoids(np.array([one, other]), 32).astype(np.float64)
    there = sinusoids(np.array([one, other]) + delay, 32).astype(np.float64)
    assert here[0] @ here[1] == pytest.approx(there[0] @ there[1], abs=1e-4)


def test_near_distances_have_a_bucket_each_and_far_ones_share():
    kinds = bucket_distances(np.array([0, 1, 7, 8, 16, 500]))
    assert kinds[:, 0].tolist() == [0, 1, 7, 8, 10, 15]
    assert kinds[0].tolist() == [0, 17, 23, 24, 26, 31]


@pytest.mark.long
def test_buckets_are_those_of_t5():
    t5 = pytest.importorskip("transformers.models.t5.modeling_t5")
    times = np.arange(0, 300, 3)
    away = torch.from_numpy(times[None, :] - times[:, None])
    theirs = t5.T5Attention._relative_position_bucket(
        away, bidirectional=True, num_buckets=BUCKETS, max_distance=FARTHEST
    )
    np.testing.assert_array_equal(bucket_distances(times), theirs.numpy())


@given(SEEDS, st.integers(1, 9), st.booleans())
@settings(max_examples=25, deadline=None)
def test_attention_is_that_of_torch(seed, tokens, biased):
    rng = torch.Generator().manual_seed(seed)
    query, key, value = (torch.randn(2, 3, tokens, 5, generator=rng) for _ in range(3))
    bias = torch.randn(3, tokens, tokens, generator=rng) if biased else None
    theirs = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
    torch.testing.assert_close(attend(query, key, value, bias), theirs, atol=1e-5, rtol=1e-5)


def encoded(network, tokens, times):
    with torch.no_grad():
        return network.encode(torch.from_numpy(tokens[None]), times)[0].numpy()


@given(SEEDS, st.permutations(range(6)), st.integers(1, LONGEST - 6))
@settings(max_examples=20, deadline=None)
def test_what_each_encoding_cannot_notice(seed, order, delay):
    tokens = np.random.default_rng(seed).normal(size=(6, 7)).astype(np.float32)
    times, moved = np.arange(6), list(order) != sorted(order)
    for encoding in ENCODINGS:
        network = TinyTransformer(7, encoding, seed=seed)
        vector = encoded(network, tokens, times)
        same = {"atol": 2e-5, "rtol": 0}
        np.testing.assert_allclose(encoded(network, tokens[order], times[list(order)]), vector, **same)
        shuffled, later = (encoded(network, tokens[order], times), encoded(network, tokens, times + delay))
        if encoding == "none":
            np.testing.assert_allclose(shuffled, vector, **same)
        elif moved:
            assert np.abs(shuffled - vector).max() > 1e-4
        if encoding in ("none", "relative"):
            np.testing.assert_array_equal(later, vector)
        else:
            assert np.abs(later - vector).max() > 1e-4


def test_a_network_refuses_what_it_has_no_numbers_for():
    with pytest.raises(ValueError, match="none, learned, sinusoidal, relative"):
        TinyTransformer(7, "rotary")
    with pytest.raises(ValueError, match="times 0 to 15"):
        encoded(TinyTransformer(7, "learned"), np.zeros((2, 7), np.float32), np.array([15, 16]))


@pytest.mark.parametrize("order", ORDERS)
def test_orders_are_what_they_are_called(order):
    rows = order_frames(order, 50, 8, seed=1)
    np.testing.assert_array_equal(np.sort(rows, axis=1), np.tile(np.arange(8), (50, 1)))
    away = (rows != np.arange(8)).sum(axis=1)
    if order in ("as filmed", "later"):
        assert (away == 0).all()
    if order == "two swapped":
        assert (away == 2).all()
        assert (np.abs(rows - np.arange(8)).max(axis=1) == 1).all()
    if order == "shuffled":
        assert len(np.unique(rows, axis=0)) > 40
    with pytest.raises(ValueError, match="as filmed, later"):
        order_frames("sorted", 1, 8)


def test_classes_differ_in_order_only():
    across = np.arange(16)
    for kind in MOTIONS:
        motion = make_motion(2000, kind, seed=3)
        assert motion.labels.mean() == 0.5
        light = motion.frames.clip(0.3)
        weight = light.sum(axis=(2, 3))
        where = (light.sum(axis=2) @ across) / weight
        told = where if kind == "sideways" else weight
        grows = told[:, -3:].mean(axis=1) > told[:, :3].mean(axis=1)
        assert (grows == (motion.labels == 0)).mean() > 0.97
        for seen in (where, weight):  # all frames together say nothing
            first, second = (seen[motion.labels == label].mean(axis=1) for label in (0, 1))
            error = np.sqrt(first.var() / len(first) + second.var() / len(second))
            assert abs(first.mean() - second.mean()) < 4 * error
    with pytest.raises(ValueError, match="sideways, in depth"):
        make_motion(2, "upwards", seed=0)


@given(st.integers(0, 60), st.integers(1, 60))
def test_interval_is_that_of_wilson(right, more):
    low, high = wilson_interval(right / (right + more), right + more)
    theirs = binomtest(right, right + more).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


@pytest.fixture(scope="module")
def data(sample_library):
    return LESSONS["tokens"](sample_library)


@pytest.fixture(scope="module")
def blind(data) -> dict[tuple[str, str], Trained]:
    return data["tokens/order-inside"][0]


def test_order_is_learned_where_positions_are_known_and_only_there(blind):
    relative = train("relative")
    assert relative.accuracy("as filmed") > 0.5 + MARGIN
    assert relative.accuracy("reversed") < 0.5 - MARGIN
    assert abs(relative.accuracy("shuffled") - 0.5) < 0.1
    np.testing.assert_array_equal(relative.scores[0], relative.scores[ORDERS.index("later")])
    frames, pairs = (blind[way, "none"] for way in list(TRAININGS)[:2])
    low, high = wilson_interval(frames.accuracy("as filmed"), len(frames.held))
    assert low < 0.5 < high, "without positions there is nothing but chance"
    np.testing.assert_allclose(frames.scores, frames.scores[:1].repeat(len(ORDERS), axis=0), atol=1e-4)
    assert pairs.accuracy("as filmed") > 0.5 + MARGIN, "two frames in a token have an order inside"


def test_training_again_gives_the_same_and_another_seed_other_clips():
    once, again, other = (train("learned", steps=(0, 5), clips=100, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(once.scores, again.scores)
    assert np.abs(once.held.frames - other.held.frames).max() > 0.1
    assert once.learning.shape == (2,)
    assert once.learning[-1] == once.accuracy("as filmed")


def test_labs_show_what_was_computed(data):
    untrained, still = data["tokens/unmoved"]
    clips, row = data["clips"]
    examples = {"one": (row, still), "nothing": (row, np.repeat(still[:1], 8, axis=0))}
    for how in CUTS:
        scene = show_cut(clips, examples, "one", how, 2, 16)
        assert scene.chart.here[1] == cut(still, how).pairs
        assert scene.lanes[0].segment_ids == (clips.ids[row],)
    assert show_cut(clips, examples, "nothing", "objects", 2, 16).chart.here is None
    scene = show_move(clips, examples, untrained, "one", "reversed")
    assert scene.said == "Reversed: the vector stays where it is with “none”."
    np.testing.assert_array_equal(scene.pictures.frames, still[::-1])
    later = show_move(clips, examples, untrained, "one", "later")
    assert later.pictures.notes[0] == f"frame 0, time {DELAY}"
    assert show_moves(np.zeros((4, 5)), 1).values.shape == (4, 5)


def test_a_clip_is_found_by_its_time(data):
    clips, row = data["clips"]
    segment = clips.segments[row]
    assert clip_at(clips, clips.films[row], segment.start_s) == row
    with pytest.raises(ValueError, match=r"no clip of 'none\.mp4'"):
        clip_at(clips, "none.mp4", 1.0)


@pytest.mark.long
@pytest.mark.parametrize("kind", list(MOTIONS))
def test_every_encoding_in_every_way_over_seeds(kind):
    for seed in range(3):
        models = train_all(kind, seed=seed)
        for (way, encoding), one in models.items():
            told = {order: one.accuracy(order) for order in ORDERS}
            if encoding == "none" and TRAININGS[way][0] == 1:
                assert all(abs(share - 0.5) < 0.1 for share in told.values()), (way, seed, told)
                continue
            assert told["as filmed"] > 0.93, (way, encoding, seed, told)
            assert told["reversed"] < 0.07, (way, encoding, seed, told)
            assert abs(told["shuffled"] - 0.5) < 0.1, (way, encoding, seed, told)
            if encoding in ("none", "relative") or "any time" in way:
                assert told["later"] > 0.93, (way, encoding, seed, told)
            else:
                assert told["later"] < 0.93, (way, encoding, seed, "times that it has not met")
        scene = show_answers(models, next(iter(TRAININGS)), "later", 0)
        assert scene.chart.values[ENCODINGS.index("relative")] == scene.chart.before[-1]
        assert show_told(models).values.shape == (3, 4)
        assert scene.pictures.frames.shape[0] == FRAMES
