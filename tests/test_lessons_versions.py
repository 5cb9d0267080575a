"""Lesson 8: overlap, turning, mixing, retrieve and rank; drift, its test and its alarm; by references."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.stats import binomtest
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors

from videxplore.lessons import alarm, drift
from videxplore.lessons.clips import Clips
from videxplore.lessons.mixing import AS_THEY_ARE, INDEXES, NEW_ONLY, TURNED, mix
from videxplore.lessons.two_stages import kept, retrieve_and_rank, score_other_films, smallest_pool
from videxplore.lessons.version_labs import show_turning
from videxplore.lessons.versions import (
    ASKED,
    Change,
    draw_anchors,
    find_again,
    measure_overlap,
    rank_self,
    turn,
)
from videxplore.values.segments import Segment
from videxplore.values.vectors import Embeddings, EncoderCard

N, WIDE = 120, 8


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def rotation(rng, d=WIDE):
    return np.linalg.qr(rng.normal(size=(d, d)))[0]


def crowd(rng, n=N, d=WIDE):
    return unit(rng.normal(size=(12, d))[rng.integers(12, size=n)] + 0.5 * rng.normal(size=(n, d)))


def embeddings(rows, revision):
    ids = tuple(f"s{i}" for i in range(len(rows)))
    return Embeddings(
        rows, ids, ("moment",) * len(rows), EncoderCard("made", rows.shape[1], revision=revision)
    )


def change(old, new, films=10):
    names = np.char.mod("film %d.mp4", np.arange(len(old)) % films)
    return Change("made", embeddings(old, "1"), embeddings(new, "2"), names)


def turned_change(seed, noise=0.0):
    """A second version that is the first one, turned, with some noise."""
    rng = np.random.default_rng(seed)
    old = crowd(rng)
    return change(old, unit(old @ rotation(rng) + noise * rng.normal(size=old.shape)))


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.integers(1, 20))
def test_a_turn_changes_no_neighbour(seed, k):
    found = measure_overlap(turned_change(seed), (k,))[k]
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_overlap_is_that_of_scikit_learn_and_its_chance_that_of_strangers():
    made, k = turned_change(0, noise=0.3), 7
    near = [
        NearestNeighbors(n_neighbors=k, metric="cosine").fit(rows).kneighbors(return_distance=False)
        for rows in made.pair
    ]
    shared = [len(set(a) & set(b)) / k for a, b in zip(*near, strict=True)]
    found = measure_overlap(made, (1, k, 20))[k]  # a prefix of the twenty nearest
    assert found.value == pytest.approx(np.mean(shared), abs=1e-3)
    assert found.low < found.value < found.high
    rngs = map(np.random.default_rng, range(8))
    strangers = [measure_overlap(change(crowd(rng), crowd(rng)), (k,))[k] for rng in rngs]
    assert np.mean([s.value for s in strangers]) == pytest.approx(strangers[0].chance, abs=0.015)


@pytest.mark.long
def test_interval_over_films_covers_the_truth():
    """Films of one archive have subjects of their own and differ in how much they keep."""
    subjects, found = np.random.default_rng(99).normal(size=(12, WIDE)), []
    for seed in range(150):
        rng, film = np.random.default_rng(seed), np.repeat(np.arange(9), 20)
        own = np.stack([rng.permutation(12)[:4] for _ in range(9)])[film, rng.integers(4, size=180)]
        old = unit(subjects[own] + 0.5 * rng.normal(size=(180, WIDE)))
        new = unit(old + rng.uniform(0.1, 0.6, size=9)[film, None] * rng.normal(size=old.shape))
        made = replace(change(old, new), films=np.char.mod("%d", film))
        found.append(measure_overlap(made, (10,))[10])
    truth = np.mean([one.value for one in found])
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.88 <= covered <= 0.99  # leaving out the figures of its own clips alone covers .8


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_a_planted_turn_is_found_exactly(seed):
    rng = np.random.default_rng(seed)
    old = crowd(rng)
    new = old @ rotation(rng)
    anchors = np.arange(N) < WIDE + 2
    np.testing.assert_allclose(turn(old, new, anchors), new, atol=1e-7)
    assert (rank_self(turn(old, new, anchors), new, np.arange(N)) == 0).all()


def test_turn_is_that_of_scipy():
    made = turned_change(3, noise=0.4)
    (old, new), anchors = made.pair, np.random.default_rng(1).random(N) < 0.4
    here, there = old[anchors].mean(axis=0), new[anchors].mean(axis=0)
    q, scale = orthogonal_procrustes(old[anchors] - here, new[anchors] - there)
    by_hand = (old - here) @ q * scale / np.square(old[anchors] - here).sum() + there
    np.testing.assert_allclose(turn(old, new, anchors), unit(by_hand), atol=1e-9)


def test_only_anchors_are_looked_at():
    made = turned_change(4, noise=0.4)
    (old, new), anchors = made.pair, np.arange(N) < 30
    spoiled = np.where(anchors[:, None], new, 99.0)
    np.testing.assert_array_equal(turn(old, new, anchors), turn(old, spoiled, anchors))


def test_rank_is_counted_by_hand():
    made = turned_change(5, noise=0.5)
    old, new = made.pair
    ranks = rank_self(old, new, np.arange(N))
    for i in (0, 17, 119):
        assert ranks[i] == sum(old[i] @ new[j] > old[i] @ new[i] + 1e-9 for j in range(N))


def test_anchors_and_those_who_are_looked_for_are_kept_apart():
    films = np.char.mod("film %d", np.arange(N) % 9)
    parts = draw_anchors(films, 20, seed=2)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(N))
    assert len(parts[ASKED[0]]) == 20
    assert set(films[parts[ASKED[1]]]) >= set(films[parts[ASKED[0]]])
    assert not set(films[parts[ASKED[2]]]) & set(films[np.concatenate([parts[w] for w in ASKED[:2]])])
    found = find_again(turned_change(6, noise=0.2), (5, 40), draws=4)
    assert found[ASKED[1]][1].mean() > found[ASKED[1]][0].mean() + 0.2
    assert found[ASKED[0]][0].mean() > found[ASKED[1]][0].mean() + 0.2, "few anchors flatter themselves"


def test_lab_of_a_turn_shows_who_lies_far_from_itself():
    made = archive()
    change = Change("made", embeddings(made.vectors, "1"), embeddings(made.other, "2"), made.clips.films)
    found = find_again(change, draws=1)
    few, many = (show_turning(made.clips, change, found, count, 0) for count in (5, 40))
    old, new = change.pair
    parts = draw_anchors(change.films, 5, 0)
    turned = turn(old, new, np.isin(np.arange(len(change)), parts[ASKED[0]]))
    far = int(few.lanes[0].segment_ids[0][1:])
    nearer = (turned[far] @ new.T > turned[far] @ new[far] + 1e-9).sum()
    assert far not in parts[ASKED[0]]
    assert few.lanes[0].notes[0] == f"place {nearer + 1} of {len(change)}"
    assert few.lanes[1].segment_ids[0] == f"s{np.argmax(turned[far] @ new.T)}"
    assert many.lanes[0].segment_ids == ()
    assert "100% of 40 anchors" in many.said


@pytest.mark.parametrize("index", INDEXES)
def test_mixture_is_answered_as_by_hand(index):
    made = turned_change(7, noise=0.2)
    mixed = mix(made, 0.5, index)
    old, new = made.pair
    stored = turn(old, new, mixed.renewed) if index == TURNED else old
    for i in (3, 60, 118):
        scores = {j: new[i] @ (new[j] if mixed.renewed[j] else stored[j]) for j in range(N) if j != i}
        if index == NEW_ONLY:
            scores = {j: s for j, s in scores.items() if mixed.renewed[j]}
        assert mixed.found[i].tolist() == sorted(scores, key=scores.__getitem__, reverse=True)[:10]
    assert mixed.wrongly().sum() == mixed.missing().sum() == round((1 - mixed.recall) * N * 10)
    assert mixed.renewed.sum() == N / 2


def test_unturned_versions_hide_each_other_and_a_turn_brings_them_together():
    made = turned_change(8, noise=0.05)
    raw, turned, without = (mix(made, 0.5, index) for index in INDEXES)
    assert raw.recall < without.recall + 0.1
    assert turned.recall > 0.9
    assert turned.answered_by_old == pytest.approx(0.5, abs=0.05)
    assert (without.own, without.answered_by_old) == (1.0, 0.0)
    same = mix(change(made.pair[0], made.pair[0]), 0.3, AS_THEY_ARE)
    assert same.recall == 1.0


def test_answers_of_one_version_by_lot():
    mixed = mix(turned_change(9), 0.8, AS_THEY_ARE)
    rng, hits = np.random.default_rng(0), 0
    for i in range(N):
        others = np.delete(mixed.renewed, i)
        hits += sum(others[rng.permutation(N - 1)[:10]].all() for _ in range(40))
    assert mixed.own_by_chance == pytest.approx(hits / (40 * N), abs=0.015)


def test_impossible_mixtures_are_refused():
    with pytest.raises(ValueError, match="as they are"):
        mix(turned_change(0), 0.5, "shaken")
    with pytest.raises(ValueError, match="raise the share"):
        mix(turned_change(0), 0.05, AS_THEY_ARE)


def test_two_stages_by_hand():
    made = turned_change(10, noise=0.4)
    old, new = made.pair
    found = retrieve_and_rank(made, 25, k=5)
    for i in (0, 55):
        others = [j for j in range(N) if made.films[j] != made.films[i]]
        pool = sorted(others, key=lambda j: old[i] @ old[j], reverse=True)[:25]
        assert found[i].tolist() == sorted(pool, key=lambda j: new[i] @ new[j], reverse=True)[:5]
    assert (score_other_films(new, made.films)[0, made.films == made.films[0]] == -np.inf).all()
    shares = [kept(made, pool) for pool in (10, 20, 40, 100)]
    assert shares == sorted(shares)
    assert shares[-1] > 0.97
    assert kept(made, smallest_pool(made, 0.9)) >= 0.9
    with pytest.raises(ValueError, match="pool must be"):
        retrieve_and_rank(made, 3)


def archive(seed=0, n=202, shift=1.0):
    """Vectors of which the first forty are of another kind, by two versions that are turned to each other."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, WIDE))
    rows[:40, 0] += shift
    old = unit(rows)
    films = np.where(np.arange(n) < 40, "long one.mp4", np.char.mod("film %d.mp4", np.arange(n) % 9))
    segments = tuple(Segment(f"s{i}", "v", "moment", float(i), i + 1.0) for i in range(n))
    facts = {"dark": np.arange(n) < 40}
    first, second = embeddings(old, "1"), embeddings(old @ rotation(rng), "2")
    clips = Clips(first, segments, films, films, facts, None)
    return drift.make_archive(clips, Change("made", first, second, films))


def test_arrivals_are_all_different_and_as_planted():
    made = archive()
    planted = drift.plant(0.5, 20)
    one = drift.draw_arrival(made, drift.DARK, planted, 3)
    drawn = np.concatenate([one.reference, one.incoming])
    assert len(set(drawn.tolist())) == len(drawn) == drift.REFERENCE + 20
    assert (one.incoming[planted] < 40).all()
    np.testing.assert_array_equal(one.stored, one.incoming)
    other = drift.draw_arrival(made, drift.VERSION, planted, 3)
    np.testing.assert_array_equal(other.stored - other.incoming, np.where(planted, 202, 0))
    again = drift.draw_arrival(made, drift.DARK, planted, 3)
    np.testing.assert_array_equal(one.incoming, again.incoming)
    with pytest.raises(ValueError, match="Let fewer"):
        drift.draw_arrival(made, drift.DARK, np.ones(31, np.bool_), 0)


def test_statistic_of_a_stream_is_mmd_as_published():
    """Gretton et al. (2012), equation 3: unbiased, each pair of different clips once on either side."""
    made, window = archive(), 10
    stream = alarm.draw_stream(made, drift.DARK, 5)
    heard = alarm.listen(made.kernel, stream, window)
    known = made.vectors[stream.reference]
    apart = [np.linalg.norm(a - b) for i, a in enumerate(made.vectors) for b in made.vectors[:i]]
    gamma = 0.5 / np.median(apart) ** 2
    assert len(heard) == alarm.QUIET + alarm.AFTER - window + 1
    for look in (0, 31, len(heard) - 1):
        new = made.both[stream.stored[look : look + window]]
        x, y, xy = rbf_kernel(new, gamma=gamma), rbf_kernel(known, gamma=gamma), rbf_kernel(new, known, gamma)
        m, n = len(new), len(known)
        wanted = (x.sum() - m) / (m * (m - 1)) + (y.sum() - n) / (n * (n - 1)) - 2 * xy.mean()
        assert heard[look] == pytest.approx(wanted, abs=2e-5)
    pushed = drift.witness(made.kernel, stream.stored[:window], stream.reference)
    first = made.both[stream.stored[:window]]
    own = (rbf_kernel(first, gamma=gamma).sum(axis=1) - 1) / (window - 1)
    np.testing.assert_allclose(pushed, own - rbf_kernel(first, known, gamma).mean(axis=1), atol=2e-5)


def test_test_hears_what_is_planted():
    made = archive(shift=4.0)
    strong = [
        drift.try_arrival(made, drift.draw_arrival(made, drift.DARK, drift.plant(1.0, 20), s)).p
        for s in range(6)
    ]
    assert max(strong) <= drift.LEVEL
    trials = drift.count_alarms(made, quiet=6, planted=2)
    scene = drift.show_test(trials, drift.DARK, 1.0, 20, 0)
    assert "alarm" in scene.said
    assert [len(lane.segment_ids) for lane in scene.lanes] == [6, 6]
    assert drift.show_films(made, trials, films=2).values.shape == (3,)


@pytest.mark.long
def test_false_alarms_of_the_test_are_as_promised():
    made, size = archive(), 20
    alarms = sum(
        drift.try_arrival(made, drift.draw_arrival(made, kind, drift.plant(0.0, size), s), seed=s).p
        <= drift.LEVEL
        for kind in drift.KINDS
        for s in range(400)
    )
    assert binomtest(alarms, 1200, drift.LEVEL).pvalue > 0.001


def test_rates_of_an_alarm_are_counted():
    quiet = np.array([[0.0, 0.1], [0.0, 0.3], [0.2, 0.0], [0.0, 0.0]])
    looks = np.zeros((4, alarm.QUIET + alarm.AFTER - 10 + 1))
    looks[0, 3] = looks[1, 31] = looks[2, 41] = 1.0
    made = alarm.Alarms(10, quiet, quiet[:2], looks)
    assert made.before == 31
    assert made.false_alarms(0.15) == (0.5, 0.5)
    assert made.delays(0.5) == (0.25, 0.5, 6.0)  # the first look after the change sees one clip of it
    assert np.isnan(made.delays(2.0)[2])
    assert (made.enough(0.5), made.enough(0.0)) == (0.1, float("inf"))


def test_alarm_rings_for_what_is_planted_and_shows_it():
    made = archive(shift=4.0)
    alarms = alarm.simulate_alarms(made, streams=40, checks=20, drifts=20)
    heard = alarms[drift.DARK, 10]
    early, late, delay = heard.delays(heard.enough(0.1))
    assert late > 0.8
    assert early <= 0.2
    assert 1 <= delay < alarm.AFTER
    scene = alarm.show_alarm(made, alarms, drift.DARK, 10, heard.enough(0.1), 1)
    assert [len(lane.segment_ids) for lane in scene.lanes] == [6, 6]
    assert "planted" in scene.lanes[0].notes[0]
    silent = alarm.show_alarm(made, alarms, drift.DARK, 10, 9.0, 1)
    assert silent.lanes[0].segment_ids == ()
    assert "does not ring" in silent.said


@pytest.mark.long
def test_threshold_holds_on_streams_that_it_was_not_chosen_by():
    made = archive()
    heard = alarm.simulate_alarms(made, streams=1000, checks=1000, drifts=1)[drift.FILM, 10]
    threshold = float(np.quantile(heard.quiet.max(axis=1), 0.95))
    assert 0.03 <= heard.false_alarms(threshold)[1] <= 0.075
    each = float(np.quantile(heard.quiet, 0.95))
    assert heard.false_alarms(each)[0] > 0.4, "one look in twenty is most streams"
