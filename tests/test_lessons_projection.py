"""Lesson 10: made-up points, what a map keeps, islands; maps by linear projections, so that all is quick."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from lesson_data import Turned
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.manifold import trustworthiness as by_sklearn

from videxplore.lessons.projections import (
    GAPS,
    MADE,
    NOISE,
    SIZES,
    TRUE_RATIO,
    K,
    count_islands,
    draw_maps,
    farther,
    make_points,
    most_torn,
    show_made,
    wider,
)

PLACE = (15, 0.1, 1)


@lru_cache
def maps_of(name: str):
    return draw_maps(*make_points(name), layout=Turned)


@pytest.mark.parametrize("name", MADE)
def test_judged_as_scikit_learn_does(name):
    maps = maps_of(name)
    trusted, continuous = maps.judge(PLACE)
    points, xy = maps.points.astype(np.float64), maps.drawn[PLACE]
    assert trusted == pytest.approx(by_sklearn(points, xy, n_neighbors=K), abs=1e-9)
    assert continuous == pytest.approx(by_sklearn(xy, points, n_neighbors=K), abs=1e-9)


def test_truth_of_made_up_points():
    sizes, gaps = maps_of(SIZES), maps_of(GAPS)
    assert wider(sizes, sizes.points.astype(float)) == pytest.approx(TRUE_RATIO, rel=0.1)
    assert farther(gaps, gaps.points.astype(float)) == pytest.approx(TRUE_RATIO, rel=0.1)
    noise, groups = make_points(NOISE)
    assert set(groups) == {"noise"}
    assert 0 <= noise.min() < noise.max() <= 1
    assert count_islands(noise) == 1
    assert (make_points(NOISE)[0] == noise).all()
    with pytest.raises(ValueError, match="name must be one of"):
        make_points("nothing")


def test_islands_are_single_linkage_groups():
    rng = np.random.default_rng(3)
    xy = np.concatenate([rng.normal(size=(30, 2)) + shift for shift in (0, 40, 90)] + [[[300.0, 0.0]]])
    assert count_islands(xy) == 3
    for drawn in list(maps_of(NOISE).drawn.values())[:4]:
        away = np.linalg.norm(drawn[:, None] - drawn[None], axis=2) + np.diag(np.full(len(drawn), np.inf))
        labels = fcluster(linkage(drawn, "single"), 3 * np.median(away.min(axis=1)), "distance")
        assert count_islands(drawn) == (np.bincount(labels)[1:] >= 3).sum()


def test_kept_is_the_share_of_true_neighbours():
    maps = maps_of(NOISE)
    kept = maps.kept(PLACE)
    row = most_torn(maps, PLACE, 3)[0]
    assert kept[row] == kept.min()
    away = np.linalg.norm(maps.drawn[PLACE] - maps.drawn[PLACE][row], axis=1)
    full = np.linalg.norm(maps.points - maps.points[row], axis=1)
    both = set(np.argsort(away)[1 : K + 1]) & set(np.argsort(full)[1 : K + 1])
    assert kept[row] == len(both) / K


@pytest.mark.parametrize(("name", "word"), [(NOISE, "Islands"), (SIZES, "wide"), (GAPS, "far")])
def test_a_map_is_told_from_the_truth(name, word):
    scene = show_made(name, maps_of(name), PLACE)
    assert word in scene.said
    assert scene.chart.xy.shape == (200, 2)


@pytest.mark.long
def test_umap_makes_islands_of_noise_and_evens_out_widths():
    noise = draw_maps(*make_points(NOISE))
    assert count_islands(noise.drawn[3, 0.0, 0]) > 10
    sizes = draw_maps(*make_points(SIZES))
    assert wider(sizes, sizes.drawn[15, 0.1, 0]) < 2
