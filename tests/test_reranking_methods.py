"""Every reranker against its definition, written out in plain loops or closed forms."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from videxplore.stages.reranking.affinity import (
    modality_vectors,
    modality_weights,
    same_thing,
    weighted_vectors,
)
from videxplore.stages.reranking.context import Context
from videxplore.stages.reranking.diversify import Diversify
from videxplore.stages.reranking.feedback import Feedback
from videxplore.stages.reranking.graph import Graph
from videxplore.stages.reranking.hubness import Hubness
from videxplore.stages.reranking.late_interaction import LateInteraction
from videxplore.stages.reranking.superglobal import SuperGlobal
from videxplore.values.rankings import Candidate, Hit, Query, Relative
from videxplore.values.vectors import EncoderCard

CARD = EncoderCard("two senses", 8, modalities=("visual", "audio"), blocks=(("visual", 5), ("audio", 3)))
QUERY = Query("anything", card=CARD)


def make(i, score, vector=None, *, video="f", start=0.0, end=None, relatives=(), seed=0, **more) -> Candidate:
    hit = Hit(
        1, i, f"/{video}.mp4", more.pop("level", "moment"), start, start + 4 if end is None else end,
        score, score, 1, more.pop("parts", {"visual": 0.6 * score, "audio": 0.4 * score}),
        transcript=more.pop("transcript", ""), attributes=more.pop("attributes", {}),
    )  # fmt: skip
    if vector is None:
        vector = np.random.default_rng([seed, *i.encode()]).normal(size=8)
    vector = np.asarray(vector, np.float32)
    return Candidate(
        hit, vector / np.linalg.norm(vector), np.zeros(0), np.zeros(0, np.float32), tuple(relatives), **more
    )


def pool(n=12, seed=0) -> list[Candidate]:
    """Candidates of different videos, best first, ranks as they stand."""
    scores = sorted(np.random.default_rng(seed).normal(size=n).tolist(), reverse=True)
    made = [make(f"c{k}", s, video=f"v{k % 3}", start=10.0 * k, seed=seed) for k, s in enumerate(scores)]
    return [replace(c, hit=replace(c.hit, rank=k, raw_rank=k)) for k, c in enumerate(made, start=1)]


def scores_of(reranker, candidates) -> dict[str, float]:
    answers = reranker.scores(candidates, QUERY)
    return {a.segment_id: a.score for a in getattr(answers, "scores", answers)}


def reasons_of(reranker, candidates, i):
    answers = reranker.scores(candidates, QUERY)
    return next(a for a in getattr(answers, "scores", answers) if a.segment_id == i).reasons


def deviation(candidates) -> float:
    return float(np.std([c.hit.raw_score for c in candidates]))


# -------------------------------------------------------------------------------------- likeness


def test_modalities_are_centred_by_themselves_and_weighed_by_what_they_score():
    candidates = pool()
    mute = replace(candidates[3], vector=np.r_[candidates[3].vector[:5], 0, 0, 0].astype(np.float32))
    candidates[3] = mute
    vectors = modality_vectors(candidates, QUERY)
    for name, columns in (("visual", slice(0, 5)), ("audio", slice(5, 8))):
        rows = [np.asarray(c.vector[columns], float) for c in candidates]
        there = [k for k, row in enumerate(rows) if row.any()]
        mean = sum(rows[k] for k in there) / len(there)
        for k, row in enumerate(rows):
            wanted = (row - mean) / np.linalg.norm(row - mean) if k in there else 0 * row
            assert vectors[name][k] == pytest.approx(wanted, abs=1e-9)
    assert modality_weights(candidates, vectors) == pytest.approx({"visual": 0.6, "audio": 0.4})
    joined = weighted_vectors(candidates, QUERY)
    wanted = 0.6 * vectors["visual"] @ vectors["visual"].T + 0.4 * vectors["audio"] @ vectors["audio"].T
    assert joined @ joined.T == pytest.approx(wanted, abs=1e-9)


def test_words_make_candidates_alike_too():
    said = ["the red balloon flies", "a red balloon again", "nothing of this kind", ""]
    candidates = [make(f"c{k}", 0.5, transcript=text) for k, text in enumerate(said)]
    words = modality_vectors(candidates, QUERY)["text"]
    cosines = words @ words.T
    assert cosines[0, 1] > 0.2
    assert cosines[0, 2] == pytest.approx(0)
    assert not cosines[3].any()
    assert "text" not in modality_vectors(candidates[3:], QUERY)


def test_the_same_thing_is_told_by_vectors_or_by_place_and_all_through():
    first = make("a", 0.9, [1, 0, 0, 0, 0, 0, 0, 0])
    near = make("b", 0.8, [1, 0.2, 0, 0, 0, 0, 0, 0], start=50)
    nearer = make("c", 0.7, [1, 0.4, 0, 0, 0, 0, 0, 0], start=90)
    overlap = make("d", 0.6, [0, 0, 0, 1, 0, 0, 0, 0], start=91, end=95)
    elsewhere = make("e", 0.5, [0, 0, 0, 0, 1, 0, 0, 0], start=91, end=95, video="g")
    cosine = float(first.vector @ nearer.vector)
    assert cosine < 0.97 < min(float(first.vector @ near.vector), float(near.vector @ nearer.vector))
    assert same_thing([first, near, nearer, overlap, elsewhere]).tolist() == [0, 0, 0, 0, 4]
    assert same_thing([overlap, elsewhere, nearer, near, first]).tolist() == [0, 1, 0, 0, 0]


# ----------------------------------------------------------------------------------------- graph


def test_graph_solves_its_equation_and_pulls_towards_relatives():
    scene = Relative("ancestor", "s", "scene", 0, 40, 0.8)
    candidates = [make("a", 0.2, relatives=[scene]), make("b", 0.1, start=50.0)]
    (a, b) = Graph(share=0.3, alike=0, tree=1.0).scores(candidates, QUERY)
    # f_a = .7·.2 + .3 f_s and f_s = .7·.8 + .3 f_a; b has no links and stays.
    f_a = (0.7 * 0.2 + 0.3 * 0.7 * 0.8) / (1 - 0.09)
    assert a.score == pytest.approx(f_a)
    assert (b.score, b.reasons) == (pytest.approx(0.1), ())
    assert [r.text for r in a.reasons] == ["part of the scene 0:00.0–0:40.0"]


def test_graph_is_where_power_iteration_ends():
    candidates = pool()
    scene = Relative("ancestor", "scene", "scene", 0, 40, 0.7)
    candidates[4] = replace(candidates[4], relatives=(scene,))
    candidates[7] = replace(candidates[7], relatives=(scene, Relative("next", "c4", "moment", 0, 4, 0.0)))
    share, alike, tree = 0.4, 3, 0.5
    n = len(candidates)
    vectors, parts = modality_vectors(candidates, QUERY), {"visual": 0.6, "audio": 0.4}
    weights = np.zeros((n + 1, n + 1))
    for name, weight in parts.items():
        cosines = [[float(x @ y) for y in vectors[name]] for x in vectors[name]]
        near = [
            sorted((j for j in range(n) if j != i), key=lambda j, i=i: -cosines[i][j])[:alike]
            for i in range(n)
        ]
        for i in range(n):
            for j in near[i]:
                if i in near[j] and cosines[i][j] > 0:
                    weights[i, j] += weight * cosines[i][j] ** 3
    for i, j in ((4, n), (7, n), (7, 4)):
        weights[i, j] = weights[j, i] = tree
    start = np.array([c.hit.raw_score for c in candidates] + [0.7])
    degree = weights.sum(axis=1)
    f = start.copy()
    for _ in range(200):
        f = np.where(
            degree > 0, (1 - share) * start + share * (weights @ f) / np.where(degree > 0, degree, 1), start
        )
    found = scores_of(Graph(share=share, alike=alike, tree=tree), candidates)
    assert [found[f"c{k}"] for k in range(n)] == pytest.approx(f[:n].tolist(), abs=1e-9)


@pytest.mark.parametrize(("tree", "counts"), [(1e-6, False), (5.0, True)])
def test_of_two_links_between_the_same_nodes_the_larger_counts(tree, counts):
    """A neighbour that is also a look-alike is linked once, and never less than without its place in time."""
    candidates, graph = pool(), Graph(tree=tree, alike=5)
    alike = next(r for r in reasons_of(graph, candidates, "c0") if r.kind == "alike")
    beside = Relative("next", alike.segment_id, "moment", 0, 4, 0.0)
    linked = [replace(candidates[0], relatives=(beside,)), *candidates[1:]]
    assert (scores_of(graph, candidates) != scores_of(graph, linked)) == counts


def test_copies_share_a_node_stay_in_the_list_and_speak_once():
    right, other = [1, 0.1, 0, 0, 0, 1, 0, 0], [1, 0.9, 0, 0, 0, 1, 0.7, 0]
    far = [make("far", 0.0, [-1, 0, 1, 0, 0, 0, -1, 1], start=400)]
    twins = [make(f"twin{k}", 0.9, right, start=20.0 * k) for k in range(6)]
    asked = make("asked", 0.1, other, start=300)
    found = scores_of(Graph(tree=1.0, alike=5), [*twins, asked, *far])
    assert len(found) == 8
    assert len({found[t.hit.segment_id] for t in twins}) == 1
    assert len(reasons_of(Graph(tree=1.0, alike=5), [*twins, asked, *far], "asked")) <= 1
    lower = replace(twins[5], hit=replace(twins[5].hit, raw_score=0.5, score=0.5))
    found = scores_of(Graph(tree=1.0, alike=5), [*twins[:5], lower, asked, *far])
    assert found["twin0"] > found["twin5"]  # each keeps what its own score says


# ------------------------------------------------------------------------- feedback, superglobal


def test_feedback_is_rocchio_with_marks_or_with_the_first():
    candidates = pool()
    v, unit = weighted_vectors(candidates, QUERY), deviation(candidates)
    marked = Feedback(relevant=["c2", "c5"], irrelevant=["c0"], weight=0.8, against=0.4)
    pseudo = Feedback(first=3, pseudo=0.2)
    found, guessed = scores_of(marked, candidates), scores_of(pseudo, candidates)
    for k, c in enumerate(candidates):
        right = (v[k] @ v[2] + v[k] @ v[5]) / 2
        wanted = c.hit.raw_score + unit * (0.8 * right - 0.4 * v[k] @ v[0])
        assert found[f"c{k}"] == pytest.approx(float(wanted), abs=1e-9)
        wanted = c.hit.raw_score + unit * 0.2 * sum(v[k] @ v[j] for j in range(3)) / 3
        assert guessed[f"c{k}"] == pytest.approx(float(wanted), abs=1e-9)


def test_feedback_says_whom_it_follows_and_what_marks_it_does_not_find():
    candidates = pool()
    marked = Feedback(relevant=["c2", "gone"], irrelevant=["c0"])
    texts = {r.segment_id: r.text for r in reasons_of(marked, candidates, "c2")}
    assert texts["c2"] == "it is marked as right"
    assert texts["c0"] in {f"{w} the moment 0:00.0–0:04.0, marked as wrong" for w in ("like", "unlike")}
    answers = marked.scores(candidates, QUERY)
    assert answers.notes == ("Marked, but not among the 12 candidates, so without effect: gone.",)
    only_lost = Feedback(relevant=["gone"]).scores(candidates, QUERY)
    assert all(a.reasons == () for a in only_lost.scores)
    with pytest.raises(ValueError, match="not both: c1"):
        Feedback(relevant=["c1"], irrelevant=["c1"])
    with pytest.raises(ValueError, match="list of segment ids"):
        Feedback(relevant="c1")
    with pytest.raises(TypeError, match=r"\[hit.segment_id\], got Hit"):
        Feedback(relevant=[candidates[0].hit])


def test_what_was_marked_right_rises_and_wrong_falls():
    candidates = pool()
    found = scores_of(Feedback(relevant=["c9"], irrelevant=["c1"]), candidates)
    raw = {c.hit.segment_id: c.hit.raw_score for c in candidates}
    assert found["c9"] > raw["c9"]
    assert found["c1"] < raw["c1"]


def test_superglobal_refines_expands_and_averages():
    candidates = pool()
    n, count, beta = len(candidates), 3, 0.4
    v = weighted_vectors(candidates, QUERY)
    raw = [c.hit.raw_score for c in candidates]
    refined, refined_scores = [], []
    for i in range(n):
        near = sorted((j for j in range(n) if j != i), key=lambda j, i=i: -float(v[i] @ v[j]))[:count]
        weights = {i: 1.0} | {j: beta * float(v[i] @ v[j]) for j in near if v[i] @ v[j] > 0}
        total = sum(weights.values())
        refined.append(sum(w * v[j] for j, w in weights.items()) / total)
        refined_scores.append(sum(w * raw[j] for j, w in weights.items()) / total)
    first = sorted(range(n), key=lambda i: -refined_scores[i])[: count + 1]
    expanded = np.max([refined[i] for i in first], axis=0)
    agreed = np.array([float(expanded @ x) for x in refined])
    agreed = np.mean(raw) + np.std(raw) * (agreed - agreed.mean()) / agreed.std()
    wanted = (np.array(refined_scores) + agreed) / 2
    found = scores_of(SuperGlobal(nearest=count, beta=beta), candidates)
    assert [found[f"c{k}"] for k in range(n)] == pytest.approx(wanted.tolist(), abs=1e-9)


# ---------------------------------------------------------------------------- pointwise rerankers


def test_late_interaction_is_the_sum_of_the_best_agreements():
    rng = np.random.default_rng(0)
    query, frames = rng.normal(size=(3, 6)), rng.normal(size=(7, 6))  # sub-vectors by frames
    found = np.einsum("td,fd->tf", query, frames)
    names = ("dark", "loud", "red")
    seen = make(
        "a", 0.25, attributes=dict(zip(names, found.mean(axis=1).tolist(), strict=True)),
        frame_parts={name: row.astype(np.float32) for name, row in zip(names, found, strict=True)},
    )  # fmt: skip
    seen = replace(seen, frame_times_s=np.arange(7.0))
    words = 0.25 - found.mean(axis=1).sum()  # what no frame shows
    score = scores_of(LateInteraction(share=1.0), [seen])["a"]
    assert score == pytest.approx(found.max(axis=1).sum() + words, abs=1e-6)
    reasons = reasons_of(LateInteraction(share=1.0), [seen], "a")
    assert reasons[1].text == f"loud: best at 0:0{found[1].argmax()}.0"
    half = scores_of(LateInteraction(share=0.5), [seen])["a"]
    assert half == pytest.approx((0.25 + score) / 2, abs=1e-6)
    assert scores_of(LateInteraction(), [make("b", 0.5)]) == {"b": 0.5}
    with pytest.raises(ValueError, match="share"):
        LateInteraction(share=2.0)


def test_context_is_own_score_plus_a_share_of_its_ancestors():
    above = [Relative("ancestor", "s", "scene", 0, 40, 0.8), Relative("ancestor", "v", "video", 0, 400, 0.2)]
    low = make("a", 0.3, relatives=[*above, Relative("next", "n", "moment", 4, 8, 0.9)])
    assert scores_of(Context(share=0.6), [low])["a"] == pytest.approx(0.3 + 0.6 * 0.5)
    assert [r.text for r in reasons_of(Context(), [low], "a")] == [
        "score of its scene", "score of its video",
    ]  # fmt: skip
    assert scores_of(Context(share=0.6), [make("v", 0.5, level="video")])["v"] == pytest.approx(0.8)


def test_hubness_takes_what_answers_everything_and_says_where_nothing_is_known():
    pair = [make("a", 0.5, hubness=0.4), make("b", 0.5, hubness=0.2)]
    assert scores_of(Hubness(weight=0.5), pair) == pytest.approx({"a": 0.45, "b": 0.55})
    assert Hubness().scores(pair, QUERY).notes == ()
    assert "no bank" in Hubness().scores([make("a", 0.5)], QUERY).notes[0]


# ------------------------------------------------------------------------------------- diversity


def test_mmr_is_its_greedy_definition():
    candidates = pool(15)
    v, theta, unit = weighted_vectors(candidates, QUERY), 0.6, deviation(candidates)
    left, picked, values = list(range(15)), [], []
    while left:

        def marginal(i):
            like = max([0.0, *(0.99 * float(v[i] @ v[j]) for j in picked)])
            return theta * candidates[i].hit.raw_score / unit - (1 - theta) * like

        best = max(left, key=marginal)
        values.append(marginal(best) * unit / theta)
        picked.append(best)
        left.remove(best)
    found = scores_of(Diversify(relevance=theta), candidates)
    assert sorted(found, key=lambda i: -found[i]) == [f"c{i}" for i in picked]
    assert [found[f"c{i}"] for i in picked] == pytest.approx(values, abs=1e-9)
    assert all(a >= b - 1e-9 for a, b in pairwise(values))  # so that the order by score is that of picking


def test_dpp_picks_what_makes_the_determinant_largest():
    candidates = pool(10, seed=3)
    v, theta, unit = weighted_vectors(candidates, QUERY), 0.6, deviation(candidates)
    kernel = 0.99 * v @ v.T
    np.fill_diagonal(kernel, 1.0)

    def gain(chosen):
        """Log-probability of a set, up to a constant (Chen et al., 2018, section 4)."""
        relevance = sum(candidates[i].hit.raw_score for i in chosen) / unit
        return theta * relevance + (1 - theta) * np.log(np.linalg.det(kernel[np.ix_(chosen, chosen)]))

    picked, values, left = [], [], list(range(10))
    while left:
        best = max(left, key=lambda i: gain([*picked, i]))
        values.append((gain([*picked, best]) - (gain(picked) if picked else 0.0)) * unit / theta)
        picked.append(best)
        left.remove(best)
    found = scores_of(Diversify(method="dpp", relevance=theta), candidates)
    assert sorted(found, key=lambda i: -found[i]) == [f"c{i}" for i in picked]
    assert [found[f"c{i}"] for i in picked] == pytest.approx(values, abs=1e-9)


def test_a_copy_goes_down_and_names_what_it_repeats():
    scores = {"a": 0.9, "copy": 0.899, "b": 0.898, "c": 0.8, "d": 0.8}
    one, *others = np.eye(8)[[0, 1, 2, 3]] + np.eye(8)[[5, 6, 7, 5]]
    shown = dict(zip(scores, (one, one, *others), strict=True))
    candidates = [make(i, s, shown[i], start=9.0 * k) for k, (i, s) in enumerate(scores.items())]
    for method in ("mmr", "dpp"):
        found = scores_of(Diversify(method=method), candidates)
        assert found["a"] == 0.9 > found["b"] > found["copy"]
        (reason,) = reasons_of(Diversify(method=method), candidates, "copy")
        assert reason.segment_id == "a"
        assert "repeats what stands above it, most of all the moment 0:00.0–0:04.0" in reason.text
    assert scores_of(Diversify(relevance=1.0), candidates) == scores


def test_further_hits_of_a_video_can_lose_as_well():
    candidates = [make(f"c{k}", 1.0 - 0.01 * k, video="f" if k < 3 else "g", start=9.0 * k) for k in range(4)]
    found = scores_of(Diversify(relevance=1.0, videos=4.0), candidates)
    unit = deviation(candidates)
    assert sorted(found, key=lambda i: -found[i]) == ["c0", "c3", "c1", "c2"]
    assert found["c1"] == pytest.approx(0.99 - 4 * unit * 0.5)
    assert found["c2"] == pytest.approx(0.98 - 4 * unit * 0.75)
    (reason,) = reasons_of(Diversify(relevance=1.0, videos=4.0), candidates, "c1")
    assert reason.text == "its video stands above it already"


@pytest.mark.parametrize(
    "options", [{"method": "magic"}, {"relevance": 0.0}, {"relevance": 1.5}, {"videos": -1.0}]
)
def test_wrong_diversity_is_refused(options):
    with pytest.raises(ValueError, match=r"Diversify\."):
        Diversify(**options)


# --------------------------------------------------------------------- what the library hands over


def test_the_library_hands_over_parts_and_what_every_frame_adds(sample_library):
    raw = sample_library.search("a loud bang in the dark", level="any")
    tree = {v: sample_library.tree(v) for v in {c.hit.video_id for c in raw.candidates}}
    for c in raw.candidates:
        children = {s.segment_id for s in tree[c.hit.video_id].segments if s.parent_id == c.hit.segment_id}
        assert {r.segment_id for r in c.relatives if r.relation == "part"} == children
    named = [c for c in raw.candidates if c.frame_parts]
    assert named
    for c in named:
        assert set(c.frame_parts) <= set(c.hit.attributes)
        assert sum(c.frame_parts.values()) == pytest.approx(c.frame_scores, abs=1e-5)
    joined = sample_library.search("a loud bang in the dark", level="any", fusion="rrf")
    assert all(c.hubness is None and not len(c.frame_scores) for c in joined.candidates)  # ranks: no frames
    assert math.isfinite(sum(c.hit.raw_score for c in joined.candidates))
