"""Two encoders on the same segments: against the definitions, planted answers, and on a library."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest
import scipy.linalg
import showcase as show
from harness import Mounted, becomes, screenshot_path
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom, ortho_group
from sklearn.neighbors import NearestNeighbors

import videxplore as vx
from videxplore.errors import QueryError
from videxplore.stages.evaluation.spaces import (
    compare_neighbours,
    jaccard_chance,
    linear_cka,
    procrustes_residual,
    shared_chance,
)
from videxplore.values.comparisons import Place
from videxplore.values.rankings import JudgedQuery, Judgement
from videxplore.views.encoder_compare import EncoderCompare


def unit(values):
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def random_vectors(n, d, seed=0):
    return unit(np.random.default_rng(seed).normal(size=(n, d)))


def embeddings(vectors, name="a", level="moment"):
    ids = tuple(f"{i:020d}" for i in range(len(vectors)))
    return vx.Embeddings(vectors, ids, (level,) * len(ids), vx.EncoderCard(name, vectors.shape[1]))


def literal_cka(x, y):
    """Song et al. 2012, equation 5, with the n × n kernels written out."""

    def hsic(k, m):
        n = len(k)
        k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
        one = np.ones(n)
        total = np.trace(k @ m) + (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
        return (total - 2 / (n - 2) * (one @ k @ m @ one)) / (n * (n - 3))

    x, y = (np.asarray(v, np.float64) for v in (x, y))
    k, m = x @ x.T, y @ y.T
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


class TestAgainstTheDefinitions:
    @settings(max_examples=25, deadline=None)
    @given(n=st.integers(5, 40), d=st.integers(1, 30), e=st.integers(1, 30), seed=st.integers(0, 999))
    def test_property_cka_is_the_literal_formula(self, n, d, e, seed):
        rng = np.random.default_rng(seed)
        shared = rng.normal(size=(n, 3))
        x = shared @ rng.normal(size=(3, d)) + 0.3 * rng.normal(size=(n, d))
        y = shared @ rng.normal(size=(3, e)) + 0.3 * rng.normal(size=(n, e))
        assert linear_cka(x, y) == pytest.approx(literal_cka(x, y), abs=1e-8, nan_ok=True)

    @settings(max_examples=25, deadline=None)
    @given(n=st.integers(4, 40), d=st.integers(1, 20), e=st.integers(1, 20), seed=st.integers(0, 999))
    def test_property_procrustes_is_scipys(self, n, d, e, seed):
        x, y = random_vectors(n, d, seed), random_vectors(n, e, seed + 1)
        a, b = (np.pad(v - v.mean(0), ((0, 0), (0, max(d, e) - v.shape[1]))).astype(float) for v in (x, y))
        if not np.linalg.norm(a) * np.linalg.norm(b) > 0:  # in one dimension all unit vectors may be one
            assert np.isnan(procrustes_residual(x, y))
            return
        a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
        rotation, scale = scipy.linalg.orthogonal_procrustes(a, b)
        assert procrustes_residual(x, y) == pytest.approx(
            np.linalg.norm(scale * a @ rotation - b) ** 2, abs=1e-6
        )

    @pytest.mark.parametrize(("n", "k"), [(30, 5), (1100, 10)])
    def test_neighbours_are_those_of_brute_force(self, n, k):
        first, second = random_vectors(n, 12), random_vectors(n, 20, 1)
        near = compare_neighbours(first, second, k)
        lists = []
        for vectors, found in ((first, near.first), (second, near.second)):
            search = NearestNeighbors(n_neighbors=k + 1, metric="cosine", algorithm="brute").fit(vectors)
            expected = search.kneighbors(vectors, return_distance=False)[:, 1:]
            # Rounding may turn two neighbours round that are as good as equally near.
            assert np.mean(np.sort(found, axis=1) == np.sort(expected, axis=1)) > 0.999
            lists.append([set(row) for row in found.tolist()])
        shared = [len(a & b) for a, b in zip(*lists, strict=True)]
        assert near.shared.tolist() == shared
        assert near.jaccard.tolist() == [len(a & b) / len(a | b) for a, b in zip(*lists, strict=True)]

    def test_displacement_is_the_mean_place_in_the_others_list(self):
        first, second = random_vectors(25, 6), random_vectors(25, 6, 1)
        near = compare_neighbours(first, second, 3)
        for row in range(25):
            depths = []
            for vectors, top in ((second, near.first[row]), (first, near.second[row])):
                others = [i for i in np.argsort(-(vectors @ vectors[row]), kind="stable") if i != row]
                depths.append((np.mean([others.index(i) for i in top]) - 1) / (23 - 1))
            assert near.displacement[row] == pytest.approx(np.mean(depths))

    @pytest.mark.parametrize(("n", "k"), [(12, 3), (60, 10), (2000, 10)])
    def test_chance_levels(self, n, k):
        m = np.arange(k + 1)
        p = hypergeom(n - 1, k, k).pmf(m)
        assert jaccard_chance(n, k) == pytest.approx(np.sum(p * m / (2 * k - m)))
        assert shared_chance(n, k) == pytest.approx(np.sum(p * m) / k)


class TestPlanted:
    @settings(max_examples=15, deadline=None)
    @given(seed=st.integers(0, 999), d=st.integers(2, 24))
    def test_property_a_rotation_is_the_same_space(self, seed, d):
        vectors = random_vectors(60, d, seed)
        turned = unit(vectors @ ortho_group.rvs(d, random_state=seed))
        found = vx.compare_encoders(embeddings(vectors), embeddings(turned, "b"), k=5)
        assert found.figures["jaccard"] == pytest.approx(1.0, abs=0.02)
        assert found.figures["cka"] == pytest.approx(1.0, abs=1e-5)
        assert found.figures["procrustes"] == pytest.approx(0.0, abs=1e-5)
        assert found.displacement.max() < 0.02

    def test_more_dimensions_of_nothing_change_nothing(self):
        vectors = random_vectors(50, 8)
        wider = np.pad(vectors, ((0, 0), (0, 5)))
        found = vx.compare_encoders(embeddings(vectors), embeddings(wider, "b"))
        assert (found.figures["jaccard"], found.figures["shared"]) == (1.0, 1.0)
        assert found.figures["procrustes"] == pytest.approx(0.0, abs=1e-6)

    def test_strangers_are_at_chance(self):
        found = vx.compare_encoders(
            embeddings(random_vectors(600, 32)), embeddings(random_vectors(600, 64, 1), "b")
        )
        for name in ("jaccard", "shared", "cka"):
            assert found.figures[name] == pytest.approx(found.chance[name], abs=0.01)
        assert found.figures["procrustes"] == pytest.approx(found.chance["procrustes"], abs=0.02)
        assert found.displacement.mean() == pytest.approx(0.5, abs=0.02)
        # Few items and many dimensions: unrelated spaces fit each other far better than 1 would say.
        few = vx.compare_encoders(
            embeddings(random_vectors(20, 64)), embeddings(random_vectors(20, 64, 1), "b"), k=3
        )
        assert few.chance["procrustes"] < 0.2

    def test_the_segment_that_moved_is_found(self):
        rng = np.random.default_rng(0)
        centres = random_vectors(6, 16)
        vectors = unit(np.repeat(centres, 10, axis=0) + 0.05 * rng.normal(size=(60, 16)))
        moved = vectors.copy()
        moved[7] = unit(centres[4][None] + 0.05 * rng.normal(size=(1, 16)))[0]
        found = vx.compare_encoders(embeddings(vectors), embeddings(moved, "b"), k=5)
        worst = found.disagreements[0]
        assert worst.segment_id == f"{7:020d}"
        assert worst.jaccard == 0.0
        assert {int(i) // 10 for i in worst.first} == {0}
        assert {int(i) // 10 for i in worst.second} == {4}
        assert found.to_pandas().segment_id[0] == worst.segment_id


class TestAsked:
    def test_rows_in_another_order_are_the_same(self):
        first, second = embeddings(random_vectors(40, 6)), embeddings(random_vectors(40, 9, 1), "b")
        order = np.random.default_rng(0).permutation(40)
        plain, mixed = (vx.compare_encoders(first, b, k=4) for b in (second, second.select(order)))
        assert plain.figures == mixed.figures
        assert plain.disagreements == mixed.disagreements

    def test_segments_without_a_word_are_left_out_and_counted(self):
        vectors = random_vectors(40, 6)
        vectors[:3] = 0
        found = vx.compare_encoders(embeddings(vectors), embeddings(random_vectors(40, 5, 1), "b"))
        assert (len(found.segment_ids), found.left_out) == (37, 3)

    def test_a_sample_is_drawn_from_many(self):
        first, second = embeddings(random_vectors(300, 6)), embeddings(random_vectors(300, 5, 1), "b")
        found = vx.compare_encoders(first, second, most=100, seed=3)
        again = vx.compare_encoders(first, second, most=100, seed=3)
        assert (len(found.segment_ids), found.drawn_from) == (100, 300)
        assert found.segment_ids == again.segment_ids
        assert found.figures == again.figures

    def test_two_of_one_name_are_told_apart(self):
        a = embeddings(random_vectors(30, 6))
        b = replace(a, card=vx.EncoderCard("a", 6, revision="2"))
        assert vx.compare_encoders(a, b, k=3).names == ("a (1)", "a (2)")

    def test_what_is_wrong_is_said(self):
        a = embeddings(random_vectors(30, 6))
        with pytest.raises(ValueError, match=r"30 segments on level 'moment' are too few.*30 neighbours"):
            vx.compare_encoders(a, a, k=30)
        with pytest.raises(ValueError, match="k must be a whole number"):
            vx.compare_encoders(a, a, k=0)
        with pytest.raises(ValueError, match="10 of level 'moment' are on one side only"):
            vx.compare_encoders(a, a.select(np.arange(20)), k=3)
        with pytest.raises(ValueError, match="level must be one of moment, got 'scene'"):
            vx.compare_encoders(a, a, level="scene")
        with pytest.raises(ValueError, match="queries need encoders to ask"):
            vx.compare_encoders(a, a, k=3, queries=[], qrels={})
        with pytest.raises(TypeError, match="two Embeddings, or two libraries; got Embeddings, str"):
            vx.compare_encoders(a, "perceptual")


COLOURS = {"red": (220, 20, 20), "green": (20, 190, 20), "blue": (20, 20, 220), "white": (240, 240, 240)}


class Colours:
    """Red, green and blue, in pictures and in words."""

    card = vx.EncoderCard("colours", 3, modalities=("visual", "text"))

    def encode_frames(self, frames):
        return frames.rgb.mean((1, 2)).astype("float32")

    def encode_text(self, texts):
        return np.array([[name in text for name in ("red", "green", "blue")] for text in texts], "float32")


class Swapped(Colours):
    """The same with red and blue mistaken for each other in pictures: a rotation, wrong for words."""

    card = vx.EncoderCard("swapped", 3, modalities=("visual", "text"))

    def encode_frames(self, frames):
        return super().encode_frames(frames)[:, ::-1].copy()


class Light:
    """No text side."""

    card = vx.EncoderCard("light", 2)

    def encode_frames(self, frames):
        light = frames.rgb.mean((1, 2, 3)) / 255
        return np.stack([light, 1 - light], axis=1).astype("float32")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Two films of eight seconds: red, green, blue and white, and the other way round."""
    folder = tmp_path_factory.mktemp("compared")
    for name, colours in (("there", list(COLOURS.values())), ("back", list(COLOURS.values())[::-1])):
        with av.open(str(folder / f"{name}.mp4"), "w") as output:
            stream = output.add_stream("libx264", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for rgb in colours:
                for k in range(20):
                    picture = np.full((48, 64, 3), rgb, np.uint8) - np.uint8(k)
                    output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            output.mux(stream.encode(None))
    made = vx.Library(folder / "colours.lance", encoder=Colours())
    cut = lambda measured: vx.segment(measured, method="fixed", length_s=1.0)  # noqa: E731
    assert not vx.ingest(folder, made, segmenter=cut, workers=1, progress=False).failed
    return made


@pytest.fixture(scope="module")
def judged(library):
    finest = library.segments().groupby("level").size().idxmax()
    queries = [JudgedQuery(name, f"something {name}", "test", "event", finest) for name in ("red", "blue")]
    qrels = {
        name: [
            Judgement(f"{film}.mp4", s + k, s + k + 1)
            for film, s in zip(("there", "back"), (first, second), strict=True)
            for k in (0, 1)
        ]
        for name, (first, second) in {"red": (0, 6), "blue": (4, 2)}.items()
    }
    return queries, qrels


class TestLibrary:
    def test_by_itself_and_by_another_with_judged_queries(self, library, judged):
        queries, qrels = judged
        found = vx.compare_encoders(library, library.card, Swapped(), k=3, queries=queries, qrels=qrels)
        assert found.figures["jaccard"] == pytest.approx(1.0, abs=0.15)
        assert found.figures["cka"] == pytest.approx(1.0, abs=1e-3)
        assert found.figures["procrustes"] == pytest.approx(0.0, abs=1e-3)
        r1 = {row["system"]: row["mean"] for row in found.retrieval.rows if row["metric"] == "r@1"}
        assert r1 == {"colours": 1.0, "swapped": 0.0}

    def test_the_same_ranking_as_the_librarys_own_search(self, library, judged):
        queries, qrels = judged
        found = vx.compare_encoders(library, Colours(), Swapped(), k=3, queries=queries, qrels=qrels)
        own = vx.evaluate(library, queries, qrels=qrels, rerankers=["raw"], level="judged", metrics=["mrr"])
        rows = {(r["system"], r["metric"]): r["mean"] for r in found.retrieval.rows}
        assert rows["colours", "mrr"] == own.rows[0]["mean"]

    def test_vectors_made_now_are_those_that_ingest_would_store(self, library, tmp_path):
        cut = lambda measured: vx.segment(measured, method="fixed", length_s=1.0)  # noqa: E731
        other = vx.Library(tmp_path / "light.lance", encoder=Light())
        paths = list(library.videos().path)
        vx.ingest(paths, other, segmenter=cut, workers=1, progress=False)
        here, there = (
            vx.compare_encoders(library, library.card, Light(), k=3),
            vx.compare_encoders(library, other, k=3),
        )
        assert here.names == there.names == ("colours", "light")
        assert here.figures == pytest.approx(there.figures)
        assert here.disagreements == there.disagreements

    def test_vectors_that_were_added_are_those_compared(self, library, tmp_path, monkeypatch):
        copy = shutil.copytree(library.path, tmp_path / "copy.lance")
        both = vx.Library(copy, encoder=Colours())
        made = vx.compare_encoders(both, Colours(), Light(), k=3)
        assert not both.add_encoder(Light(), progress=False).failed
        monkeypatch.setattr(Light, "encode_frames", None)
        stored = vx.compare_encoders(both, Colours(), Light(), k=3)
        assert stored.figures == pytest.approx(made.figures)
        other = vx.Library(copy, encoder=Light())
        assert vx.compare_encoders(other, Colours(), Light(), k=3).figures == pytest.approx(made.figures)

    def test_an_encoder_without_words_answers_no_queries(self, library, judged):
        queries, qrels = judged
        with pytest.raises(QueryError, match="'light' has no text side"):
            vx.compare_encoders(library, library.card, Light(), k=3, queries=queries, qrels=qrels)
        with pytest.raises(ValueError, match="queries need qrels="):
            vx.compare_encoders(library, library.card, Light(), k=3, queries=queries)

    def test_segments_put_together_by_hand_are_compared_under_their_names(self, library, tmp_path):
        both = vx.Library(shutil.copytree(library.path, tmp_path / "copy.lance"), encoder=Colours())
        assert not both.add_encoder(Light(), progress=False).failed
        leaves = both.segments().query("duration_s < 2").segment_id.tolist()
        for k in range(6):
            both.compose(leaves[k : k + 2], name=f"two from {k}")
        queries = [JudgedQuery("red", "something red", "test", "event", "composition")]
        qrels = {"red": [Judgement("two from 0", 0.0, 2.0)]}
        found = vx.compare_encoders(both, Colours(), Light(), level="composition", k=1)
        assert {place.video for place in found.places.values()} <= {f"two from {k}" for k in range(6)}
        assert found.places
        asked = vx.compare_encoders(both, Colours(), Swapped(), k=1, queries=queries, qrels=qrels).retrieval
        assert {row["system"]: row["mean"] for row in asked.rows if row["metric"] == "r@1"}["colours"] == 1.0

    def test_places_lead_to_pictures_and_clips(self, library):
        found = vx.compare_encoders(library, library.card, Light(), k=3)
        widget = vx.show(found)
        worst = found.disagreements[0]
        assert found.places[worst.segment_id].video.endswith(".mp4")
        assert widget._poster(worst.first[0]).startswith(b"\xff\xd8")
        widget.close()


def shown(k=6, listed=8):
    """A comparison over drawn films, with a hostile file name among them."""
    trees = [show.tree(path) for path in show.FILMS]
    places = {
        s.segment_id: Place(path, s.level, s.start_s, s.end_s)
        for path, made in zip(show.FILMS, trees, strict=True)
        for s in made.at("moment")
    }
    ids = tuple(places)
    vectors = random_vectors(len(ids), 8)
    near = unit(vectors + 0.5 * random_vectors(len(ids), 8, 1))
    a, b = (
        vx.Embeddings(v, ids, ("moment",) * len(ids), vx.EncoderCard(name, 8))
        for v, name in ((vectors, "first"), (near, "<b>second</b>"))
    )
    return replace(vx.compare_encoders(a, b, k=k, listed=listed), places=places)


class TestShown:
    def test_the_page_is_whole_and_escapes(self, tmp_path):
        written = vx.page(shown(), tmp_path / "encoders.html").read_text()
        assert "onerror=alert(1)&gt;" in written or "&lt;img src=x" in written
        assert "<b>second</b>" not in written
        assert "chance" in written
        assert "Jaccard@6" in written

    def test_bare_embeddings_are_shown_by_their_ids(self, tmp_path):
        bare = replace(shown(), places={})
        written = vx.page(bare, tmp_path / "bare.html").read_text()
        assert bare.disagreements[0].segment_id in written
        assert "0:00.0" not in written

    def test_the_figure_says_n_k_and_chance(self):
        figure = vx.figure(shown())
        assert "n = 72 segments" in figure.layout.annotations[-1].text
        assert [trace.name for trace in figure.data[:2]] == ["found", "chance"]
        assert sum(figure.data[2].y) == 72

    def test_what_it_prints(self):
        assert "chance 0." in repr(shown())

    def test_unknown_arguments_are_refused(self):
        with pytest.raises(TypeError, match="EncoderCompare has no argument colour"):
            EncoderCompare(shown(), colour="red")


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("light", 1100), ("dark", 1100), ("light", 700)])
def test_in_a_browser(browser, theme, width):
    page = browser.new_page(viewport={"width": 1180, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(60_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    widget = EncoderCompare(shown(), poster=show.poster, clip=lambda _: show.clip())
    Mounted(page, widget, theme=theme, width=width)
    loaded = "[...document.querySelectorAll('img[src]')].filter(i => i.complete && i.naturalWidth).length"
    page.wait_for_function(f"() => {loaded} >= 8")
    assert page.locator(".vx-split").count() == 8
    assert page.locator(".vx-lane").count() == 16
    assert page.locator("img[src=x]").count() == 0
    assert page.eval_on_selector(".vx-encoders", "e => e.scrollWidth <= e.clientWidth")
    page.screenshot(path=screenshot_path(f"encoder_compare_{theme}_{width}"))
    lane = page.locator(".vx-lane-items").first
    places = lane.locator(".vx-seg").evaluate_all("nodes => nodes.map(n => n.getBoundingClientRect().left)")
    assert len(places) == 6
    assert max(b - a for a, b in pairwise(places)) < 110, "neighbours stand side by side"
    second = page.locator(".vx-split").first.locator(".vx-lane .vx-seg").nth(1)
    second.click()
    becomes(page, lambda: widget.selected, second.get_attribute("data-id"))
    page.wait_for_selector(".vx-playback[data-state=ready]")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    becomes(page, lambda: widget.selected, page.locator(".vx-seg").last.get_attribute("data-id"))
    assert troubles == []
    page.close()
