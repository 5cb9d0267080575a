"""The map: honest about what it tears apart, still when it grows."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from synthetic_library import CARD, make_record

from videxplore.errors import CardMismatchError
from videxplore.stages.projection import METHODS, judge, project_embeddings
from videxplore.values.vectors import Embeddings, EncoderCard
from videxplore.workbench.library import Library
from videxplore.workbench.project import project


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
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 20])
def test_any_number_of_points(n, method):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ImportWarning)  # umap says once that TensorFlow is missing
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
    faithful, _ = judge(line, line)
    assert not faithful.any()
    torn = line.copy()
    torn[0] = [1000.0, 0.0]
    assert judge(line, torn)[0][0] == 1.0


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


@pytest.mark.parametrize("method", METHODS)
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
    with pytest.raises(ValueError, match="umap, pca"):
        project_embeddings(points, method="tsne")
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
