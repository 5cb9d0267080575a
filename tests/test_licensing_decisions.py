"""Draws, checks of a sample, exchange of vectors, planning, predictions, costs and the verdict."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.errors import CardMismatchError, LibraryError
from videxplore.stages.licensing.archives import simulate_tranche, simulate_world
from videxplore.stages.licensing.economics import PETABYTE, Assumptions, reckon
from videxplore.stages.licensing.exchange import check_comparable, export_vectors, read_vectors
from videxplore.stages.licensing.intervals import ONE_SOURCE, share
from videxplore.stages.licensing.manifests import METHODS, draw, read_manifest
from videxplore.stages.licensing.novelty import novelty
from videxplore.stages.licensing.planning import (
    clips_needed,
    hours_needed,
    requests,
    sources_needed,
    tranche_value,
)
from videxplore.stages.licensing.predictions import NEW_TOPICS, predict, score
from videxplore.stages.licensing.sampling import check_sample
from videxplore.stages.licensing.verdict import CHECKLIST, decide
from videxplore.values.decisions import ChecklistItem, Constant, Thresholds
from videxplore.values.licensing import Estimate, Prediction
from videxplore.values.sampling import CHOSEN, Manifest, SampleCheck, SamplingDesign
from videxplore.values.vectors import Embeddings, EncoderCard


def make_manifest(seed: int = 0, sources: int = 60, clips: int = 30) -> Manifest:
    rng = np.random.default_rng(seed)
    index = np.repeat(np.arange(sources), clips)
    n = len(index)
    return Manifest(
        tuple(f"clip{i:05d}" for i in range(n)),
        tuple(f"channel{i:02d}" for i in index),
        rng.lognormal(2, 0.5, n),
        {
            "height": tuple(rng.choice([720, 1080, 2160], n).tolist()),
            "language": tuple(np.array(["en", "de", "fr"])[index % 3].tolist()),
        },
    )


def make_check(design: SamplingDesign | None = None, sources: int = 30) -> SampleCheck:
    kind = design or SamplingDesign("vendor-random", "abc")
    names = [f"s{i % sources}" for i in range(10 * sources)]
    return replace(check_sample(kind, names, np.ones(10 * sources)), doubts=())


def make_estimate(low: float, high: float, sources: int = 30) -> Estimate:
    return Estimate((low + high) / 2, low, high, 300, sources, "made up")


# ------------------------------------------------------------------------------------- manifest and draw


def test_the_hash_ignores_the_order_and_nothing_else():
    first = make_manifest()
    order = np.random.default_rng(1).permutation(len(first))

    def pick(column):
        return tuple(column[i] for i in order)

    turned = Manifest(
        pick(first.ids),
        pick(first.sources),
        first.durations_s[order],
        {name: pick(column) for name, column in first.columns.items()},
    )
    assert turned.sha256 == first.sha256
    durations = first.durations_s.copy()
    durations[3] += 1e-6
    assert replace(first, durations_s=durations).sha256 != first.sha256
    for method in METHODS:
        drawn = [
            draw(m, 0.5, seed=7, committed=m.sha256, method=method, stratum="language")
            for m in (first, turned)
        ]
        assert set(drawn[0].ids) == set(drawn[1].ids)


@pytest.mark.parametrize("method", METHODS)
def test_a_draw_can_be_repeated_and_stands_for_the_archive(method):
    manifest = make_manifest()

    def drawn(seed):
        options = {"method": method, "stratum": "language", "per_source": 5}
        return draw(manifest, 0.6, seed=seed, committed=manifest.sha256, **options)

    found = drawn(3)
    assert found == drawn(3)
    assert found.ids != drawn(4).ids
    assert 0.6 <= found.hours < 0.65
    assert len(set(found.ids)) == len(found.ids)
    assert found.design.kind == "buyer-drawn"
    if method == "cluster":
        assert max(np.unique([manifest.sources[r] for r in found.rows], return_counts=True)[1]) == 5
    else:
        assert sum(found.inclusion) == pytest.approx(len(manifest))


def test_every_clip_is_drawn_equally_often():
    manifest = make_manifest(sources=10, clips=10)
    times = np.zeros(100)
    for seed in range(200):
        drawn = draw(manifest, manifest.hours / 4, seed=seed, committed=manifest.sha256, method="simple")
        times[list(drawn.rows)] += 1
    assert times.sum() / 200 == pytest.approx(25.5, abs=1)
    assert np.square(times - times.mean()).sum() / times.mean() < 130  # chi-square, 99 degrees of freedom


def test_inclusion_sets_right_what_a_limit_per_source_distorts():
    rng = np.random.default_rng(0)
    index = np.repeat(np.arange(60), np.repeat([5, 60], 30))
    flags = index >= 30  # large channels alone have it
    n = len(index)
    manifest = Manifest(
        tuple(f"c{i:04d}" for i in range(n)), tuple(f"s{i:02d}" for i in index), rng.uniform(5, 9, n)
    )
    found = {"with": [], "without": []}
    for seed in range(40):
        drawn = draw(manifest, 0.4, seed=seed, committed=manifest.sha256, per_source=5)
        rows = np.array(drawn.rows)
        names = [manifest.sources[row] for row in rows]
        hours = manifest.durations_s[rows]
        found["with"].append(share(flags[rows], names, weights=hours * drawn.inclusion).value)
        found["without"].append(share(flags[rows], names, weights=hours).value)
    truth = manifest.durations_s @ flags / manifest.durations_s.sum()
    assert np.mean(found["with"]) == pytest.approx(truth, abs=0.02)
    assert np.mean(found["without"]) < truth - 0.3


def test_a_changed_manifest_and_bad_arguments_are_refused():
    manifest = make_manifest()
    with pytest.raises(ValueError, match="committed"):
        draw(manifest, 0.5, seed=1, committed="other")
    with pytest.raises(ValueError, match="hours"):
        draw(manifest, 1e6, seed=1, committed=manifest.sha256)
    with pytest.raises(ValueError, match="method"):
        draw(manifest, 0.5, seed=1, committed=manifest.sha256, method="best")
    with pytest.raises(ValueError, match="stratum"):
        draw(manifest, 0.5, seed=1, committed=manifest.sha256, method="stratified", stratum="mood")
    with pytest.raises(ValueError, match="unique"):
        Manifest(("a", "a"), ("s", "s"), np.ones(2))


def test_manifest_from_a_file(tmp_path):
    path = tmp_path / "manifest.csv"
    path.write_text("id,source,duration_s,height,language\na,x,3.5,720,en\nb,y,4,1080,\n", encoding="utf-8")
    found = read_manifest(path)
    assert found.ids == ("a", "b")
    assert found.durations_s.tolist() == [3.5, 4]
    assert found.columns == {"height": (720.0, 1080.0), "language": ("en", "")}
    path.write_text("id,duration_s\na,3\n", encoding="utf-8")
    with pytest.raises(ValueError, match="source"):
        read_manifest(path)


# ---------------------------------------------------------------------------------------------- checks


@pytest.mark.parametrize("method", ["simple", "cluster"])
def test_an_honest_draw_passes_and_a_picked_one_does_not(method):
    manifest = make_manifest()
    values = []
    for seed in range(8):
        drawn = draw(manifest, 0.6, seed=seed, committed=manifest.sha256, method=method)
        rows = list(drawn.rows)
        found = check_sample(
            drawn.design,
            [manifest.sources[r] for r in rows],
            manifest.durations_s[rows],
            ids=drawn.ids,
            manifest=manifest,
            draws=99,
        )
        assert found.inferable
        values += [c.p for c in found.comparisons]
    assert 0.25 < np.mean(values) < 0.75
    best = np.argsort(-manifest.durations_s)[:200].tolist()
    picked = check_sample(
        SamplingDesign("vendor-random", manifest.sha256, method=method),
        [manifest.sources[r] for r in best],
        manifest.durations_s[best],
        ids=[manifest.ids[r] for r in best],
        manifest=manifest,
        draws=499,
    )
    assert any("duration_s" in doubt for doubt in picked.doubts)


def test_chosen_and_single_source_samples_are_refused():
    chosen = check_sample(SamplingDesign("vendor-chosen"), ["a", "b"], [1, 1])
    assert chosen.refusal == CHOSEN
    assert not chosen.inferable
    single = check_sample(SamplingDesign("vendor-random", "abc"), ["a", "a"], [1, 1])
    assert single.refusal == ONE_SOURCE
    few = check_sample(SamplingDesign("vendor-random", "abc"), list("abc"), [1, 1, 1])
    assert few.effective_sources == pytest.approx(3)
    assert len(few.doubts) == 2


def test_designs_that_nobody_could_check_are_refused():
    with pytest.raises(ValueError, match="manifest_sha256"):
        SamplingDesign("vendor-random")
    with pytest.raises(ValueError, match="seed"):
        SamplingDesign("buyer-drawn", "abc")
    with pytest.raises(ValueError, match="kind"):
        SamplingDesign("a friend's")
    manifest = make_manifest()
    with pytest.raises(ValueError, match="hash"):
        check_sample(SamplingDesign("vendor-random", "abc"), ["a"], [1], ids=["clip00000"], manifest=manifest)


# -------------------------------------------------------------------------------------------- exchange


def make_side(seed: int, channels: int, name: str = "model") -> tuple[Embeddings, list[str]]:
    found = simulate_tranche(np.random.default_rng(seed), simulate_world(np.random.default_rng(0)), channels)
    n, d = found.vectors.shape
    ids = tuple(f"{seed}-{i}" for i in range(n))
    return Embeddings(found.vectors, ids, ("moment",) * n, EncoderCard(name, d)), found.names


def test_turned_and_quantised_vectors_give_the_same_novelty(tmp_path):
    (sample, sources), (owned, theirs) = make_side(1, 20), make_side(2, 25)
    plain = novelty(sample.vectors, owned.vectors, sources, theirs)
    for quantised, tolerance in ((False, 1e-6), (True, 0.02)):
        files = [
            export_vectors(side, names, tmp_path / f"{i}.npz", secret="a long one", quantised=quantised)
            for i, (side, names) in enumerate(((sample, sources), (owned, theirs)))
        ]
        shared = [read_vectors(file) for file in files]
        check_comparable(*shared)
        found = novelty(shared[0].vectors, shared[1].vectors, shared[0].sources, shared[1].sources)
        assert found.beyond.value == pytest.approx(plain.beyond.value, abs=tolerance)
        np.testing.assert_allclose(found.distances, plain.distances, atol=0.02 if quantised else 1e-5)
        assert np.abs(shared[1].vectors - owned.vectors).max() > 0.1


def test_only_vectors_and_ids_leave_the_house(tmp_path):
    side, names = make_side(1, 5)
    path = export_vectors(side, [f"/secret/place/{n}" for n in names], tmp_path / "out.npz")
    with np.load(path) as stored:
        assert set(stored.files) == {"format", "vectors", "ids", "sources", "card", "turned"}
    assert not any(b"secret" in file.read_bytes() for file in tmp_path.iterdir())
    assert set(read_vectors(path).sources) == {str(i) for i in range(5)}


def test_other_models_secrets_and_files_are_refused(tmp_path):
    side, names = make_side(1, 5)
    other, _ = make_side(1, 5, "other")
    first = read_vectors(export_vectors(side, names, tmp_path / "a.npz"))
    with pytest.raises(CardMismatchError):
        check_comparable(first, read_vectors(export_vectors(other, names, tmp_path / "b.npz")))
    with pytest.raises(ValueError, match="secret"):
        check_comparable(first, read_vectors(export_vectors(side, names, tmp_path / "c.npz", secret="x")))
    (tmp_path / "d.npz").write_bytes(b"PK nothing")
    with pytest.raises(LibraryError, match="no shared vectors"):
        read_vectors(tmp_path / "d.npz")


# -------------------------------------------------------------------------------------------- planning


def test_sizes_by_the_textbook():
    assert clips_needed(0.03) == 1068
    assert sources_needed(0.05, clips_per_source=1) == clips_needed(0.05) == 385
    # At ρ = 1 every source is one observation; at 0 every clip is.
    assert sources_needed(0.05, intra_source=1) == 385
    assert sources_needed(0.05, intra_source=0) == 20
    with pytest.raises(ValueError, match="half_width"):
        clips_needed(0)


def test_a_draw_of_the_hours_needed_has_the_sources_needed():
    manifest = make_manifest(sources=300)
    hours = hours_needed(manifest, 0.05, per_source=10)
    drawn = draw(manifest, hours, seed=1, committed=manifest.sha256, per_source=10)
    wanted = sources_needed(0.05, clips_per_source=10)
    assert len({manifest.sources[row] for row in drawn.rows}) == pytest.approx(wanted, rel=0.05)
    assert hours_needed(manifest, 0.001) == manifest.hours


def test_sources_to_ask_for_are_whole():
    """Sources of unequal length count as a number that is none, those to come do not."""
    found = requests(
        [1, 0, 1, 1, 0, 0], ["a", "b", "c", "d", "e", "e"], ["one"] * 6, weights=[5, 1, 2, 1, 3, 0.5]
    )
    assert found[0].more > 0
    assert found[0].more == int(found[0].more)


def test_what_to_ask_for_is_what_is_least_known_and_asking_helps():
    rng = np.random.default_rng(3)

    def make(sources, chance_spread, prefix):
        level = np.clip(0.5 + chance_spread * rng.normal(size=sources), 0, 1)
        names = np.repeat([f"{prefix}{i}" for i in range(sources)], 10)
        return (
            (rng.random(10 * sources) < np.repeat(level, 10)).astype(float),
            names.tolist(),
            [prefix] * 10 * sources,
        )

    parts = [make(30, 0.05, "steady"), make(12, 0.5, "mixed")]
    flags, sources, strata = ([entry for part in parts for entry in part[i]] for i in range(3))
    found = requests(flags, sources, strata, archive={"steady": 500, "mixed": 500, "unseen": 10})
    assert [r.stratum for r in found] == ["unseen", "mixed", "steady"]
    assert found[0].estimate.reason
    assert math.isinf(found[0].more)
    assert found[1].more > found[2].more
    more = make(int(found[1].more), 0.5, "mixed+")
    again = requests(
        [*flags, *more[0]], [*sources, *more[1]], [*strata, *["mixed"] * len(more[0])],
        archive={"steady": 500, "mixed": 500},
    )  # fmt: skip
    widths = {r.stratum: r.estimate.half_width for r in again}
    assert widths["mixed"] < 0.6 * found[1].estimate.half_width


def test_a_tranche_is_worth_most_where_the_decision_is_close():
    close = tranche_value(make_estimate(0.4, 0.6), 30, worth_per_share=100, cost=50)
    clear = tranche_value(make_estimate(0.4, 0.6), 30, worth_per_share=100, cost=10)
    assert close.flips == pytest.approx(0.5)
    assert clear.flips < 1e-6
    assert close.perfect == pytest.approx(0.1 / 1.959964 * 100 / math.sqrt(2 * math.pi))
    assert close.worth == pytest.approx(close.perfect * math.sqrt(0.5))
    assert clear.worth < 1e-6 * close.worth
    # Against drawing the truth and the tranche.
    rng = np.random.default_rng(0)
    near = tranche_value(make_estimate(0.4, 0.6), 30, worth_per_share=100, cost=47)
    moved = 3 + 100 * 0.1 / 1.959964 * math.sqrt(0.5) * rng.normal(size=200_000)
    assert near.worth == pytest.approx(np.maximum(moved, 0).mean() - 3, abs=0.03)
    assert near.flips == pytest.approx(np.mean(moved < 0), abs=0.005)
    with pytest.raises(ValueError, match="interval"):
        tranche_value(Estimate(0.5, reason="none"), 3, worth_per_share=1, cost=1)


def test_predictions_cannot_be_changed_afterwards():
    rng = np.random.default_rng(1)
    world = simulate_world(rng)
    first, second = simulate_tranche(rng, world, 25), simulate_tranche(rng, world, 25)
    shares = {"usable": share(first.topics % 2, first.names), "refused": share([1, 0], ["a", "a"])}
    ids = [f"c{i}" for i in range(len(first.topics))]
    said = predict(shares, ids, tranche_sources=25, topics=first.topics.tolist(), sources=first.names)
    assert set(said.figures) == {"usable", NEW_TOPICS}
    low, high = said.figures["usable"][1:]
    assert low < shares["usable"].low
    assert high > shares["usable"].high
    assert Prediction.from_json(said.to_json()) == said
    added = len(set(second.topics.tolist()) - set(first.topics.tolist()))
    observed = {"usable": share(second.topics % 2, second.names).value, NEW_TOPICS: added}
    scored = score(said, said.commitment, observed)
    assert scored.hits == sum(r["low"] <= r["observed"] <= r["high"] for r in scored.rows) == 2
    changed = replace(said, figures=said.figures | {"usable": (0.5, 0, 1)})
    with pytest.raises(ValueError, match="commitment"):
        score(changed, said.commitment, observed)
    with pytest.raises(ValueError, match="missing"):
        score(said, said.commitment, {"usable": 0.5})


# ------------------------------------------------------------------------------------------- economics


def test_costs_by_hand():
    useful = make_estimate(0.2, 0.4)
    found = reckon(PETABYTE, useful)
    assert found.hours.likely == pytest.approx(1e15 * 8 / 10e6 / 3600)
    assert found.hours.high == pytest.approx(444_444, rel=1e-3)  # 1 PB at 5 Mbit/s
    assert found.price.high == pytest.approx(found.minutes.high * 4)
    assert found.storage_month.likely == pytest.approx(21_000)
    assert found.per_novel_usable_minute.likely == pytest.approx((2.5 + 0.043 / 18.4 / 60) / 0.3)
    assert found.break_even.likely == pytest.approx(2.5 * 0.3 - 0.043 / 18.4 / 60)
    assert all(constant.source and constant.unit for constant in found.constants.values())
    for name in ("hours", "price", "embedding", "vectors", "break_even", "per_novel_usable_minute"):
        amount = getattr(found, name)
        assert amount.low <= amount.likely <= amount.high


@settings(max_examples=25)
@given(factor=st.floats(0.1, 10), size=st.floats(1e9, 1e17))
def test_units_scale(factor, size):
    useful = make_estimate(0.2, 0.4)
    known = Assumptions()
    rate = known.bitrate
    low, likely, high = (end * factor for end in (rate.low, rate.likely, rate.high))
    other = replace(known, bitrate=replace(rate, low=low, likely=likely, high=high))
    first, second = reckon(size, useful), reckon(size, useful, other)
    assert second.hours.likely == pytest.approx(
        first.hours.likely / factor
    )  # half the bitrate, twice the hours
    assert second.storage_month == first.storage_month
    assert second.per_novel_usable_minute == first.per_novel_usable_minute


def test_without_an_interval_nothing_is_bounded():
    found = reckon(1e12, Estimate(0.5, reason="chosen"))
    assert found.per_novel_usable_minute.high == math.inf
    assert math.isnan(found.novel_usable_minutes.likely)
    assert found.novel_usable_minutes.low == 0
    with pytest.raises(ValueError, match="source"):
        Constant(1, 2, 3, "$", "")
    with pytest.raises(ValueError, match="low"):
        Constant(3, 2, 1, "$", "x")


# --------------------------------------------------------------------------------------------- verdict

GOOD = {
    "usable": make_estimate(0.85, 0.95),
    "novel": make_estimate(0.4, 0.6),
    "redundant": make_estimate(0.01, 0.05),
    "owned": make_estimate(0.0, 0.02),
    "unseen": make_estimate(0.1, 0.2),
}


def test_bounds_decide_and_not_the_mean():
    assert decide(GOOD, make_check()).outcome == "license"
    unsure = decide(GOOD | {"novel": make_estimate(0.25, 0.9)}, make_check())
    assert unsure.outcome == "negotiate or sample more"
    assert {light.name: light.color for light in unsure.lights}["novel"] == "amber"
    bad = decide(GOOD | {"redundant": make_estimate(0.11, 0.2)}, make_check())
    assert bad.outcome == "decline"
    assert "at most 10.0%" in bad.sentence


def test_a_thin_sample_asks_for_more_and_never_declines():
    assert (
        decide(GOOD | {"unseen": make_estimate(0.4, 0.5)}, make_check()).outcome == "negotiate or sample more"
    )
    assert decide(GOOD, make_check(sources=12)).outcome == "negotiate or sample more"


def test_a_chosen_sample_never_passes_whatever_its_figures():
    found = decide(GOOD, make_check(SamplingDesign("vendor-chosen")))
    assert found.outcome == "negotiate or sample more"
    assert CHOSEN in found.sentence
    assert {light.color for light in found.lights if light.name != "sources"} == {"none"}


def test_what_was_not_measured_is_not_green():
    found = decide({}, make_check())
    assert found.outcome == "negotiate or sample more"
    assert decide({}, make_check(), Thresholds(None, None, None, None, None, None)).outcome == "license"
    with pytest.raises(ValueError, match="estimates"):
        decide({"beauty": make_estimate(0, 1)}, make_check())


def test_the_checklist_is_for_people():
    found = decide(GOOD, make_check())
    assert len(found.open_items) == len(CHECKLIST)
    assert found.sentence.startswith(f"License, subject to {len(CHECKLIST)} open items of the checklist.")
    problem = replace(CHECKLIST[0], status="problem", who="Ada", when="2026-11-22", evidence="contract, p. 3")
    assert decide(GOOD, make_check(), checklist=[problem]).outcome == "negotiate or sample more"
    with pytest.raises(ValueError, match="who, when"):
        ChecklistItem("releases", "Any?", "clear")
