"""The map: honest about what it tears apart, still when it grows."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from synthetic_library import CARD, make_record

from videxplore.errors import CardMismatchError, LibraryError
from videxplore.stages.encoding.sentences import SentenceEncoder
from videxplore.stages.projection.honesty import judge
from videxplore.stages.projection.kept_umap import load_umap
from videxplore.stages.projection.neighbours import Surroundings
from videxplore.stages.projection.project import project_embeddings
from videxplore.stages.projection.regions import find_regions, telling_words
from videxplore.values.vectors import Embeddings, EncoderCard
from videxplore.workbench.library import Library
from videxplore.workbench.project import project
from videxplore.workbench.regions import alike_said, regions

METHODS = (
    "umap",
    "densmap",
    "pca",
    pytest.param("tsne", marks=pytest.mark.long),
    pytest.param("pacmap", marks=pytest.mark.long),
)


def cloud(n: int, *, seed: int = 0, d: int = 12, groups: int = 3, prefix: str = "s") -> Embeddings:
    """``n`` points around ``groups`` directions."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(groups, d)) * 3
    vectors = centres[np.arange(n) % groups] + rng.normal(size=(n, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    card = CARD if d == 12 else EncoderCard("wide", d)
    ids = tuple(f"{prefix}{i}" for i in range(n))
    return Embeddings(vectors.astype(np.float32).reshape(n, d), ids, ("moment",) * n, card)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 20])
def test_any_number_of_points(n, method):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ImportWarning)  # umap says once that TensorFlow is missing
        warnings.filterwarnings("ignore", module="faiss.*")
        made = project_embeddings(cloud(n), method=method)
    assert made.xy.shape == (n, 2)
    assert len({tuple(p) for p in made.xy.tolist()}) == n
    assert ((made.distortion >= 0) & (made.distortion <= 1)).all()


@pytest.mark.parametrize("method", METHODS)
def test_points_without_variation(method):
    same = Embeddings(np.ones((30, 12), np.float32), tuple(map(str, range(30))), ("moment",) * 30, CARD)
    assert np.isfinite(project_embeddings(same, method=method).xy).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_map(method):
    a, b = (project_embeddings(cloud(60), method=method) for _ in range(2))
    assert np.array_equal(a.xy, b.xy)


_ELSEWHERE = """
import sys, numpy as np
from videxplore.stages.projection.project import project_embeddings
from videxplore.values.vectors import Embeddings, EncoderCard

vectors = np.load(sys.argv[1])
ids = tuple(map(str, range(len(vectors))))
made = project_embeddings(Embeddings(vectors, ids, ("moment",) * len(ids), EncoderCard("any", 12)))
np.save(sys.argv[1], made.xy)
"""


def test_another_process_makes_the_same_map(tmp_path):
    points = cloud(60)
    np.save(tmp_path / "points.npy", points.vectors)
    command = [sys.executable, "-c", _ELSEWHERE, str(tmp_path / "points.npy")]
    subprocess.run(command, check=True, timeout=300, env=os.environ | {"PYTHONHASHSEED": "7"})
    assert np.array_equal(np.load(tmp_path / "points.npy"), project_embeddings(points).xy)


@pytest.mark.parametrize("method", METHODS)
def test_groups_stay_together(method):
    made = project_embeddings(cloud(90), method=method)
    distance = np.linalg.norm(made.xy[:, None] - made.xy[None], axis=2)
    same = np.arange(90)[:, None] % 3 == np.arange(90)[None] % 3
    assert distance[same].mean() < 0.5 * distance[~same].mean()
    assert made.quality["neighbour overlap@15"] > 2 * made.quality["chance@15"]


def test_quality_is_what_scikit_learn_says():
    points = cloud(80)
    made = project_embeddings(points, method="pca")
    expected = trustworthiness(points.vectors.astype(float), made.xy, n_neighbors=15)
    assert made.quality["trustworthiness@15"] == pytest.approx(expected, abs=1e-6)
    assert made.quality["chance@15"] == pytest.approx(15 / 79)


def test_pca_equals_scikit_learn_up_to_signs():
    from sklearn.decomposition import PCA

    points = cloud(50)
    made = project_embeddings(points, method="pca").xy
    expected = PCA(2, svd_solver="full").fit_transform(points.vectors.astype(float))
    assert np.allclose(np.abs(made), np.abs(expected), atol=1e-5)


def test_distortion_counts_lost_neighbours():
    line = np.arange(40.0)[:, None] * np.array([[1.0, 0.0]])
    around = Surroundings(line.astype(np.float32))
    assert not judge(around, line)[0].any()
    torn = line.copy()
    torn[0] = [1000.0, 0.0]
    assert judge(around, torn)[0][0] == 1.0


def test_torn_and_false_neighbours_are_named():
    points = cloud(60)
    made = project_embeddings(points, method="pca")
    high = np.argsort(-(points.vectors @ points.vectors.T) - 9 * np.eye(60), axis=1)
    flat = np.linalg.norm(made.xy[:, None] - made.xy[None], axis=2) + 99 * np.eye(60)
    for row in range(60):
        true, drawn = set(high[row, 1:16]) if row in high[row, :1] else set(high[row, :15]), set()
        drawn = set(np.argsort(flat[row])[:15])
        assert set(made.torn_from(row)) == true - drawn
        assert set(made.falsely_near(row)) == drawn - true
        assert len(made.torn_from(row)) / 15 == pytest.approx(made.distortion[row])
    with pytest.raises(ValueError, match="keeps no true neighbours"):
        replace(made, neighbours=None).torn_from(0)


def test_continuity_is_trustworthiness_of_the_way_back():
    points = cloud(80)
    made = project_embeddings(points, method="pca")
    expected = trustworthiness(made.xy, points.vectors.astype(float), n_neighbors=15)
    assert made.quality["continuity@15"] == pytest.approx(expected, abs=1e-6)


def test_a_doubtful_map_says_so():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(300, 12))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    spheres = Embeddings(noise.astype(np.float32), tuple(map(str, range(300))), ("moment",) * 300, CARD)
    assert any("Trustworthiness" in doubt for doubt in project_embeddings(spheres, method="pca").doubts)
    assert any("Only 5 points" in doubt for doubt in project_embeddings(cloud(5), method="pca").doubts)
    assert not project_embeddings(cloud(90, d=3), method="umap").doubts


def test_beyond_ten_thousand_points_neighbours_come_from_a_first_pass(monkeypatch):
    from videxplore.stages.projection import neighbours

    vectors = cloud(700, d=80, groups=9).vectors
    exact = Surroundings(vectors)
    assert exact.nearest.shape == (700, 15)  # found now, before the bound is lowered
    assert exact.found == 1.0
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 100)
    around = Surroundings(vectors)
    shared = [len(np.intersect1d(*rows)) / 15 for rows in zip(exact.nearest, around.nearest, strict=True)]
    assert np.mean(shared) > 0.95
    probed = np.random.default_rng(42).choice(700, 500, replace=False)
    assert around.found == pytest.approx(np.mean(np.array(shared)[probed]))
    made = project_embeddings(cloud(700, d=80, groups=9), method="pca")
    assert made.quality["true neighbours found@15"] == around.found < 1
    away = np.linalg.norm(made.xy[probed, None] - made.xy[None], axis=2)
    away[np.arange(500), probed] = np.inf
    drawn = np.argsort(away, axis=1)[:, :15]
    kept = [len(np.intersect1d(a, b)) / 15 for a, b in zip(exact.nearest[probed], drawn, strict=True)]
    assert made.quality["neighbour overlap@15"] == pytest.approx(np.mean(kept), abs=2e-3)


@pytest.mark.long
def test_of_very_many_points_neighbours_are_found_by_descent(monkeypatch):
    from videxplore.stages.projection import neighbours
    from videxplore.stages.projection.kept_umap import load_umap

    points = neighbours.reduce_points(cloud(3000, d=80, groups=9).vectors, random_state=0)
    points[:40] = points[0]
    monkeypatch.setattr(neighbours, "EXACT_IN_FEW_UP_TO", 100)
    load_umap()  # which warns of what it lacks itself
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows, far = neighbours.about_nearest(points, 15, random_state=1)
    exact, distances = neighbours.nearest(points, 15)
    assert rows.shape == far.shape == (3000, 15)
    assert not (rows == np.arange(3000)[:, None]).any()
    assert np.mean([len(np.intersect1d(a, b)) for a, b in zip(rows[40:], exact[40:], strict=True)]) > 14.7
    assert np.allclose(far[40:].mean(), distances[40:].mean(), rtol=1e-2)
    again = neighbours.find_neighbourhood(points, 5, random_state=1)
    assert np.array_equal(again.rows, neighbours.find_neighbourhood(points, 5, random_state=1).rows)


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_neighbours_among_some_are_those_of_a_search_among_them(share):
    from videxplore.stages.projection import neighbours

    vectors = cloud(200).vectors
    kept = np.random.default_rng(1).random(200) < share
    pool = neighbours.find_neighbourhood(vectors, 6, random_state=0)
    rows, distances = pool.among(kept, 6)
    wanted, far = neighbours.nearest(pool.points[kept], 6)
    assert np.array_equal(rows, wanted)
    assert np.allclose(distances, far, atol=1e-3)


def test_a_map_aligned_to_another_lies_like_it():
    points = cloud(90)
    first = project_embeddings(points, random_state=1)
    turn = np.array([[0.0, -3.0], [3.0, 0.0]], np.float32)
    turned = replace(first, xy=first.xy @ turn + 7)
    for method in ("umap", "pca"):
        alone = project_embeddings(points, method=method, random_state=2)
        aligned = project_embeddings(points, method=method, align_to=turned, random_state=2)
        assert "aligned to an earlier map" in aligned.method
        off = [np.linalg.norm(made.xy - turned.xy, axis=1).mean() for made in (alone, aligned)]
        assert off[1] < {"umap": 0.6, "pca": 0.9}[method] * off[0]
    own = project_embeddings(points, method="pca")
    back = project_embeddings(points, method="pca", align_to=replace(own, xy=own.xy @ turn + 7))
    assert np.allclose(back.xy, own.xy @ turn + 7, atol=1e-3)
    strangers = project_embeddings(cloud(9, prefix="other"), method="pca")
    with pytest.raises(ValueError, match="fewer than two"):
        project_embeddings(points, align_to=strangers)


def test_a_map_of_another_encoder_and_version_is_aligned_by_what_both_have():
    points = cloud(90)
    made = project_embeddings(points, method="pca")
    first = replace(made, xy=made.xy @ np.array([[0.0, -3.0], [3.0, 0.0]], np.float32) + 7)
    mixed = points.vectors @ np.random.default_rng(3).normal(size=(points.vectors.shape[1], 12))
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    other = Embeddings(
        mixed.astype(np.float32)[10:], points.segment_ids[10:], points.levels[10:], EncoderCard("other", 12)
    )
    alone = project_embeddings(other, method="pca")
    aligned = project_embeddings(other, method="pca", align_to=first)
    assert aligned.card == other.card != first.card
    off = [np.linalg.norm(made.xy - first.xy[10:], axis=1).mean() for made in (alone, aligned)]
    assert off[1] < 0.2 * off[0]


def test_groups_that_are_told_lie_together():
    points = cloud(90, groups=1)
    told = ["even" if i % 2 else "odd" for i in range(90)]
    made = project_embeddings(points, groups=[*told[:80], *[None] * 10])
    assert made.method.endswith("groups told")
    same = np.equal.outer(told[:80], told[:80])
    away = np.linalg.norm(made.xy[:80, None] - made.xy[None, :80], axis=2)
    assert away[same].mean() < 0.6 * away[~same].mean()
    with pytest.raises(ValueError, match="takes no groups"):
        project_embeddings(points, method="pca", groups=told)
    with pytest.raises(ValueError, match="n = 90"):
        project_embeddings(points, groups=told[:3])


def test_an_estimator_of_the_users_own():
    from sklearn.decomposition import FastICA
    from sklearn.manifold import MDS

    points = cloud(40)
    made = project_embeddings(points, method=FastICA(2, random_state=0))
    assert made.method.startswith("FastICA(")
    assert project_embeddings(cloud(50), fit=made).xy.shape == (50, 2)
    with pytest.raises(ValueError, match=r"\(40, 2\)"):
        project_embeddings(points, method=FastICA(3, random_state=0))
    with pytest.raises(TypeError, match="fit_transform"):
        project_embeddings(points, method=MDS)


def test_parents_may_stand_where_their_own_vectors_say():
    record = make_record("v1", scenes=4)
    parents = {s.segment_id: s.parent_id for s in record.tree.segments}
    amid = project_embeddings(record.embeddings, parents=parents)
    own = project_embeddings(record.embeddings, parents=parents, parents_at="vector")
    leaves = [not record.tree.children(s) for s in record.tree.segments]
    assert np.array_equal(amid.xy[leaves], own.xy[leaves])
    assert not np.allclose(amid.xy, own.xy)
    with pytest.raises(ValueError, match="children, vector"):
        project_embeddings(record.embeddings, parents_at="nowhere")


def test_parents_stand_at_the_weighted_centroid_of_their_children():
    record = make_record("v1", scenes=4)
    tree = record.tree
    parents = {s.segment_id: s.parent_id for s in tree.segments}
    times = np.array([(s.start_s, s.end_s) for s in tree.segments])
    made = project_embeddings(record.embeddings, parents=parents, times_s=times, labels=["x"] * len(times))
    at = dict(zip(made.segment_ids, made.xy, strict=True))
    for s in tree.segments:
        children = tree.children(s)
        if children:
            weights = [c.duration_s for c in children]
            centre = np.average([at[c.segment_id] for c in children], axis=0, weights=weights)
            assert np.allclose(at[s.segment_id], centre, atol=1e-5)
    assert made.parent_ids == tuple(s.parent_id for s in tree.segments)


@pytest.mark.parametrize("method", ["umap", "pca"])
@pytest.mark.parametrize("n", [2, 60])
def test_an_earlier_map_stays_still(method, n):
    first = project_embeddings(cloud(n), method=method)
    joined = cloud(n + 30)
    vectors = np.vstack([cloud(n).vectors, joined.vectors[n:]])
    more = Embeddings(vectors, joined.segment_ids, joined.levels, CARD)
    second = project_embeddings(more, fit=first)
    assert np.array_equal(second.xy[:n], first.xy)
    assert second.method == first.method
    third = project_embeddings(cloud(n), fit=second)
    assert np.array_equal(third.xy, first.xy)


def test_a_copy_of_a_point_lands_on_it():
    points = cloud(40)
    first = project_embeddings(points)
    copies = Embeddings(points.vectors, tuple(f"copy{i}" for i in range(40)), points.levels, CARD)
    assert np.allclose(project_embeddings(copies, fit=first).xy, first.xy, atol=1e-4)


def test_wrong_arguments_are_refused():
    points = cloud(10)
    with pytest.raises(ValueError, match="umap, densmap, pca"):
        project_embeddings(points, method="mds")
    with pytest.raises(ValueError, match="times_s"):
        project_embeddings(points, times_s=np.zeros((3, 2)))
    with pytest.raises(ValueError, match="labels"):
        project_embeddings(points, labels=["a"])
    with pytest.raises(CardMismatchError, match="wide"):
        project_embeddings(cloud(10, d=20), fit=project_embeddings(points, method="pca"))
    with pytest.raises(TypeError, match="Library or Embeddings"):
        project([1, 2, 3])


def test_a_library_as_a_map(tmp_path):
    from videxplore.stages.store.writing import write_video

    library = Library(tmp_path / "toy.lance")
    assert len(project(Library(tmp_path / "none.lance"))) == 0
    for i in range(3):
        write_video(library.database, make_record(f"v{i}"))
    made = project(library)
    segments = library.segments().set_index("segment_id")
    assert list(made.segment_ids) == list(segments.index)
    assert made.labels[0] == "v0.mp4 0:00.0–1:00.0"
    assert np.allclose(made.times_s, segments[["start_s", "end_s"]])
    assert list(made.parent_ids) == [p if isinstance(p, str) else None for p in segments.parent_id]
    write_video(library.database, make_record("v3"))
    grown = project(library, fit=made)
    assert len(grown) == 48
    assert np.array_equal(grown.xy[:36], made.xy)
    pd_like = project(library.embeddings(level="moment"), method="pca")
    assert len(pd_like) == 36


@pytest.fixture
def toy_library(tmp_path):
    from videxplore.stages.store.writing import write_video

    library = Library(tmp_path / "toy.lance")
    for i in range(3):
        write_video(library.database, make_record(f"v{i}"))
    return library


def test_a_map_is_kept_in_the_library(toy_library):
    made = project(toy_library)
    toy_library.save_map(made, "first look")
    again = Library(toy_library.path)
    assert again.maps()[["name", "segments"]].to_dict("records") == [{"name": "first look", "segments": 36}]
    back = again.load_map("first look")
    assert np.array_equal(back.xy, made.xy)
    assert back.segment_ids == made.segment_ids
    assert back.parent_ids == made.parent_ids
    assert back.labels == made.labels
    assert back.method == made.method
    assert np.array_equal(back.distortion, made.distortion)
    assert np.array_equal(back.neighbours, made.neighbours)
    assert back.quality == pytest.approx(made.quality)
    again.save_map(project(again, method="pca"), "first look")
    assert again.load_map("first look").method == "pca(2 components)"
    assert again.versions()["action"].tolist()[-2:] == ["map", "map"]
    again.remove_map("first look")
    assert again.maps().empty
    with pytest.raises(LibraryError, match="it has none"):
        again.load_map("first look")


def test_a_kept_map_grows_and_shrinks_with_its_library(toy_library):
    from videxplore.stages.store.writing import write_video

    made = project(toy_library)
    toy_library.save_map(made, "still")
    toy_library.remove("v1")
    write_video(toy_library.database, make_record("v3"))
    back = toy_library.load_map("still")
    assert len(back) == 24
    grown = project(toy_library, fit=back)
    assert len(grown) == 36
    at = dict(zip(made.segment_ids, made.xy.tolist(), strict=True))
    for segment_id, xy in zip(grown.segment_ids, grown.xy.tolist(), strict=True):
        assert segment_id not in at or at[segment_id] == xy


def test_maps_of_other_segments_or_vectors_are_not_kept(toy_library):
    with pytest.raises(ValueError, match="not in this library"):
        toy_library.save_map(project_embeddings(cloud(5), method="pca"), "strange")
    with pytest.raises(CardMismatchError, match="wide"):
        toy_library.save_map(project_embeddings(cloud(5, d=20), method="pca"), "wide")
    with pytest.raises(ValueError, match="name must be"):
        toy_library.save_map(project(toy_library, method="pca"), " ")


def test_a_checked_out_version_has_the_maps_of_its_time(toy_library):
    toy_library.save_map(project(toy_library, method="pca"), "then")
    then = toy_library.tag("then")
    toy_library.remove_map("then")
    assert toy_library.checkout(then).maps()["name"].tolist() == ["then"]
    assert toy_library.load_map("then").method.startswith("pca")
    toy_library.restore(then)
    assert toy_library.maps()["name"].tolist() == ["then"]


def test_columns_of_a_library_as_groups(toy_library):
    assert project(toy_library, groups="video_id").method.endswith("groups told")
    with pytest.raises(ValueError, match=r"library\.segments"):
        project(toy_library, groups="weather")
    with pytest.raises(ValueError, match="give the values"):
        project(toy_library.embeddings(), groups="video_id")


def test_regions_are_named_by_what_sets_them_apart():
    points = cloud(90)
    made = project_embeddings(points, method="pca")
    subject = ["rain", "goal kick", "kick"]
    words = [{subject[i % 3]: 1.0, "the film": 2.0, f"only {i}": 0.1} for i in range(90)]
    found = find_regions(made, words)
    assert [len(set(region.rows % 3)) for region in found] == [1] * len(found)
    assert {region.name.split(" · ")[0] for region in found} == set(subject)
    assert not any("the film" in region.name for region in found)
    for region in found:
        assert list(region.xy) in made.xy[region.rows].astype(float).tolist()
    assert len(find_regions(made, words, most=2)) == 2
    assert find_regions(project_embeddings(cloud(6), method="pca"), words[:6]) == []
    with pytest.raises(ValueError, match="n = 90"):
        find_regions(made, words[:3])


def test_no_two_regions_have_one_name_and_no_name_says_a_thing_twice():
    bags = [
        {"purple": 3.0, "centre purple": 4.0, "dark": 1.0},
        {"purple": 3.0, "centre purple": 4.0},
        {"purple": 1.0},
    ]
    everything = {"purple": 7.0, "centre purple": 8.0, "dark": 1.0, "rain": 40.0}
    names = telling_words(bags, everything, 2)
    assert len([n for n in names if n]) == len({n for n in names if n})
    assert all("purple" not in name.replace("purple", "", 1) for name in names)


def test_words_that_mean_nearly_the_same_count_as_one():
    bags = [{"goal": 3.0, "coast": 2.0, "shore": 2.0}, {"rain": 5.0}]
    everything = {"goal": 3.0, "coast": 2.0, "shore": 2.0, "rain": 9.0}

    def alike(words):
        coasts = np.isin(words, ["coast", "shore"])
        return np.eye(len(words), dtype=bool) | np.outer(coasts, coasts)

    assert telling_words(bags, everything, 2)[0] == "goal · coast"
    assert telling_words(bags, everything, 1, alike) == ["coast", "rain"], "both together outweigh the goal"
    assert telling_words(bags, everything, 2, alike)[0] == "coast · goal"


def test_names_of_attributes_are_like_nothing_else(monkeypatch):
    asked = []

    def encode(self, texts):
        asked.append(list(texts))
        return np.ones((len(texts), 1), np.float32)

    monkeypatch.setattr(SentenceEncoder, "__init__", lambda self: None)
    monkeypatch.setattr(SentenceEncoder, "encode_text", encode)
    names = {"pan left", "pan right"}
    assert np.array_equal(alike_said(["pan left", "pan right", "coast"], names), np.eye(3))
    assert asked == [], "one word alone needs no model"
    found = alike_said(["pan left", "coast", "pan right", "shore"], names)
    assert asked == [["coast", "shore"]]
    assert np.argwhere(found & ~np.eye(4, dtype=bool)).tolist() == [[1, 3], [3, 1]]


def test_a_librarys_regions_speak_its_words(toy_library):
    made = project(toy_library, method="pca")
    assert all(set(region.rows) <= set(range(36)) for region in regions(toy_library, made))


def test_machine_code_of_umap_is_kept_for_the_next_process():
    loops = load_umap().umap_
    assert loops.smooth_knn_dist.stats.cache_path
    assert loops.compute_membership_strengths.stats.cache_path
