"""The perceptual encoder: what it finds, what it does not claim, what it must repeat."""

from __future__ import annotations

import hashlib
import json
import logging
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from attribute_world import make_world
from synthetic import bang, measure_arrays, moving, noise, plain, reencode

from videxplore.stages.encoding.embed import bank_texts
from videxplore.stages.encoding.perceptual import encoder as encoder_module
from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES, BLOCKS, NAMES
from videxplore.stages.encoding.perceptual.calibration import (
    PROBABILITIES,
    fit_knots,
    load_calibration,
    place_spans,
    squash,
)
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.perceptual.lexicon import load_lexicon
from videxplore.stages.encoding.perceptual.rows import describe
from videxplore.stages.encoding.perceptual.weights import column_weights
from videxplore.stages.encoding.strategies.temporal import FlowEncoder
from videxplore.stages.features import likeness
from videxplore.stages.features.measure import measure
from videxplore.values.media import AudioClip, FrameBatch, Measurements, Span


@pytest.fixture(scope="module")
def encoder():
    return PerceptualEncoder(sentences=None)


@pytest.fixture(scope="module")
def world():
    return make_world(count=90)


@pytest.fixture(scope="module")
def scores(world, encoder):
    """Unit blocks of the world's pieces, centred."""
    _, spans, measurements = world
    values = encoder.encode_spans(measurements, spans)
    units = np.zeros_like(values)
    for block in encoder.card.slices().values():
        part = values[:, block] - values[:, block].mean(0)
        units[:, block] = part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9)
    return units


def rank(encoder, units: np.ndarray, text: str) -> np.ndarray:
    """Order of the pieces for a query: share of each block in the query times its cosine."""
    vector = encoder.encode_query(text).vector
    total = np.zeros(len(units))
    for block in encoder.card.slices().values():
        length = np.linalg.norm(vector[block])
        total += length * (units[:, block] @ vector[block])
    return np.argsort(-total, kind="stable")


def precision(order: np.ndarray, relevant: np.ndarray) -> float:
    """Precision at ten, or at as many as there are."""
    n = min(10, int(relevant.sum()))
    assert n >= 3, "the world is too small for this query"
    return float(relevant[order[:n]].mean())


def area(scores: np.ndarray, relevant: np.ndarray) -> float:
    """Probability that a relevant piece scores above another."""
    wins = np.sign(scores[relevant][:, None] - scores[~relevant][None])
    return float((wins.mean() + 1) / 2)


def facts_of(world) -> dict[str, np.ndarray]:
    table = [piece.facts() for piece in world[0]]
    return {name: np.array([row[name] for row in table]) for name in table[0]}


def test_the_card_names_every_column(encoder):
    card = encoder.card
    assert card.dimension == len(NAMES) == len(set(NAMES)) >= 60
    assert dict(card.blocks) == dict(BLOCKS)
    assert [m for m, _ in card.blocks] == ["visual", "audio", "structure", "similarity"]
    for name, block in card.slices().items():
        assert all(card.names[block]) == (name != "similarity"), "only words cannot ask for likeness"
    kinds = {a.name: a for a in ATTRIBUTES}
    for name, pooling in zip(NAMES, card.pooling, strict=True):
        expected = {"max": "max", "count": "count"}.get(kinds[name].statistic, "mean")
        assert pooling == expected, name
    assert all(a.meaning for a in ATTRIBUTES)
    json.loads(card.to_json())


SINGLE = {
    "red": "red", "green": "green", "blue": "blue", "grey": "grey", "dark": "dark_share",
    "still": "still_share", "fast": "speed", "silence": "silence", "roar": "roar",
    "speech": "speech_likeness", "music": "music_likeness", "whistle": "whistle",
    "bang": "bang", "flash": "flash",
}  # fmt: skip


@pytest.mark.parametrize(("fact", "attribute"), SINGLE.items())
def test_an_attribute_tells_its_fact(world, encoder, fact, attribute):
    _, spans, measurements = world
    column = encoder.encode_spans(measurements, spans)[:, NAMES.index(attribute)]
    assert area(column, facts_of(world)[fact]) >= 0.95


QUERIES = {
    "a red picture": "red", "green": "green", "in the dark": "dark", "nothing moves": "still",
    "a fast movement": "fast", "silence": "silence", "the noise of a crowd": "roar",
    "someone talking": "speech",
    "music": "music", "a whistle": "whistle", "a gunshot": "bang", "a flash of light": "flash",
    "the camera pans to the right": "pan_right",
}  # fmt: skip


def test_one_thing_asked_for(world, encoder, scores):
    facts = facts_of(world)
    found = {q: precision(rank(encoder, scores, q), facts[f]) for q, f in QUERIES.items()}
    assert np.mean(list(found.values())) >= 0.9, found


BOTH = {
    "a bang in the dark": ("dark", "bang"), "dark with music": ("dark", "music"),
    "blue and someone speaks": ("blue", "speech"), "a whistle, green": ("green", "whistle"),
    "dark and the noise of a crowd": ("dark", "roar"), "silence in the dark": ("dark", "silence"),
}  # fmt: skip


def test_two_things_asked_for_together(world, encoder, scores):
    facts = facts_of(world)
    found = {q: precision(rank(encoder, scores, q), facts[a] & facts[b]) for q, (a, b) in BOTH.items()}
    assert np.mean(list(found.values())) >= 0.75, found


WITHOUT = {
    "dark without a bang": ("dark", "bang"), "red without music": ("red", "music"),
    "crowd noise, not dark": ("roar", "dark"), "someone speaks but it is not red": ("speech", "red"),
}  # fmt: skip


def test_one_thing_without_another(world, encoder, scores):
    facts = facts_of(world)
    found = {q: precision(rank(encoder, scores, q), facts[a] & ~facts[b]) for q, (a, b) in WITHOUT.items()}
    assert np.mean(list(found.values())) >= 0.8, found


def test_the_moment_of_a_bang_beats_the_stretch_around_it(encoder):
    """A parent contains the bang as well; that it is a small part of it must tell."""
    sound = noise(60, 0.01)
    shot = bang(0.5)
    sound[480_000 : 480_000 + len(shot)] += shot
    measurements = measure_arrays(plain((20, 20, 26), 60), sound)
    spans = [Span(29.5, 31.5), Span(25, 35), Span(0, 60), Span(10, 12)]
    values = encoder.encode_spans(measurements, spans)
    contains, rate = NAMES.index("bang"), NAMES.index("bang_rate")
    assert np.allclose(values[:3, contains], values[0, contains])
    assert values[3, contains] < 0.1 * values[0, contains]
    assert values[0, rate] > 3 * values[1, rate] > 9 * values[2, rate] > values[3, rate] == 0


def test_events_are_counted(encoder):
    sound = noise(30, 0.005)
    for i in range(4):
        shot = bang(0.5, seed=i)
        first = (5 + 5 * i) * 16_000
        sound[first : first + len(shot)] += shot
    raw = describe(measure_arrays(plain((60, 60, 60), 30), sound), [Span(0, 30), Span(0, 9)])
    assert raw[:, NAMES.index("bang_count")].tolist() == [4.0, 1.0]


def test_structure_follows_from_the_span():
    names = NAMES[PerceptualEncoder(sentences=None).card.slices()["structure"]]
    spans = [Span(0, 90), Span(90, 180), Span(0, 180), Span(0, 18), Span(162, 180), Span(40, 44)]
    found = dict(zip(names, place_spans(spans, 180.0).T, strict=True))
    assert found["first_half"].tolist() == pytest.approx([1, 0, 0.5, 0.2, 0, 4 / 90])
    assert found["second_half"].argmax() == 1
    assert found["opening"].argmax() == 3
    assert found["ending"].argmax() == 4
    assert found["long"].argmax() == 2
    assert found["early"][0] > 0 > found["early"][1]


def test_bitwise_the_same_twice_and_for_any_division_of_work(world, encoder):
    _, spans, measurements = world
    once = encoder.encode_spans(measurements, spans)
    np.testing.assert_array_equal(once, PerceptualEncoder().encode_spans(measurements, spans))
    one_by_one = np.concatenate([encoder.encode_spans(measurements, [s]) for s in spans[:12]])
    np.testing.assert_array_equal(one_by_one, once[:12])


def test_without_sound_the_audio_block_is_zero(encoder):
    values = encoder.encode_spans(measure_arrays(plain((200, 30, 30))), [Span(0, 2)])
    assert not values[:, encoder.card.slices()["audio"]].any()
    assert values[:, encoder.card.slices()["visual"]].any()


def test_pictures_and_sounds_alone_lie_in_the_same_space(encoder):
    frames = FrameBatch(np.full((3, 90, 160, 3), (210, 20, 20), np.uint8), np.arange(3.0))
    seen = encoder.encode_frames(frames)
    assert seen.shape == (3, len(NAMES))
    assert (seen[:, NAMES.index("red")] > 0.5).all()
    assert not seen[:, encoder.card.slices()["audio"]].any()
    heard = encoder.encode_audio([AudioClip(noise(2, 0.1).astype(np.float32), 16_000)])
    assert heard[0, NAMES.index("roar")] > 0.5
    assert not heard[:, encoder.card.slices()["visual"]].any()


def test_robust_to_scale_and_frame_rate(media_dir, encoder, tmp_path):
    """Median cosine of two-second stretches at least .97 after half the size and half the frames."""
    source = media_dir / "moviepy_big_buck_bunny_0_30.webm"
    small = reencode(source, tmp_path / "small.mp4")
    first, second = measure(source), measure(small)
    spans = [Span(t, t + 2.0) for t in np.arange(0, 28, 2.0)]
    for block in ("visual", "similarity"):
        columns = encoder.card.slices()[block]
        a, b = (encoder.encode_spans(m, spans)[:, columns] for m in (first, second))
        cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        assert np.median(cosine) >= 0.97, block


def test_likeness_sees_what_lies_where(encoder):
    """The same things elsewhere in the picture: attributes hardly differ, the similarity block does."""
    rng = np.random.default_rng(3)
    blocks = rng.integers(30, 220, (3, 4, 3)).repeat(18, 0).repeat(24, 1)
    pictures = [
        blocks,
        blocks[::-1, ::-1],
        np.clip(blocks * 0.95 + 4 + rng.normal(0, 3, blocks.shape), 0, 255),
    ]
    values = encoder.encode_frames(FrameBatch(np.stack(pictures).astype(np.uint8), np.arange(3.0)))
    like = values[:, encoder.card.slices()["similarity"]]
    like /= np.linalg.norm(like, axis=1, keepdims=True)
    assert like[0] @ like[2] > 0.95
    assert like[0] @ like[1] < 0.5
    seen = values[:, encoder.card.slices()["visual"]]
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    assert seen[0] @ seen[1] > 0.7


def test_likeness_mixes_with_the_same_signs_everywhere():
    signs = likeness._signs()
    assert signs.shape == (116, 48)
    assert hashlib.sha256(np.packbits(signs > 0).tobytes()).hexdigest()[:16] == "beb4c8b34f4766b0"
    turned = signs.T @ signs
    assert np.allclose(np.diag(turned), 1.0, atol=1e-5)
    assert np.abs(turned - np.diag(np.diag(turned))).max() < 0.5


def test_words_never_ask_for_likeness(encoder):
    columns = encoder.card.slices()["similarity"]
    for text in bank_texts()[:40]:
        assert not encoder.encode_query(text).vector[columns].any(), text


def test_calibration_spreads_scores_and_events_start_at_zero(encoder):
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(2000, len(ATTRIBUTES))).astype(np.float32) * 50
    knots = fit_knots(raw)
    assert set(knots) == {a.name for a in ATTRIBUTES if a.kind == "state"}
    steps = squash(PROBABILITIES)
    assert (np.diff(steps) > 0).all()
    assert steps[-1] == 1
    assert np.allclose(steps, -steps[::-1])
    shipped = load_calibration()
    for name, values in shipped.knots.items():
        assert len(values) == len(PROBABILITIES), name
        assert (np.diff(values) >= 0).all(), name
    zero = shipped.score(np.zeros((1, len(ATTRIBUTES)), np.float32))[0]
    assert all(zero[i] == 0 for i, a in enumerate(ATTRIBUTES) if a.kind == "event")
    unknown = shipped.score(np.full((1, len(ATTRIBUTES)), np.nan, np.float32))
    assert not unknown.any()


def test_a_difference_that_nobody_notices_hardly_counts():
    shipped = load_calibration()
    for i, attribute in enumerate(ATTRIBUTES):
        if attribute.kind != "state":
            continue
        raw = np.zeros((2, len(ATTRIBUTES)), np.float32)
        middle = float(np.median(shipped.knots[attribute.name]))
        raw[:, i] = middle, middle + 0.05 * attribute.tolerance
        low, high = shipped.score(raw)[:, i]
        assert 0 <= high - low < 0.08, attribute.name


# ---------------------------------------------------------------- words


def test_the_lexicon_fits_the_attributes():
    data = json.loads(
        files("videxplore.stages.encoding.perceptual").joinpath("lexicon_en.json").read_text("utf-8")
    )
    assert len(load_lexicon()) >= 400
    assert set(data["concepts"]) == set(data["words"])
    for concept, wanted in data["concepts"].items():
        assert wanted, concept
        assert set(wanted) <= set(NAMES), concept
        assert all(-1 <= weight <= 1 and weight for weight in wanted.values()), concept
    everything = [phrase for phrases in data["words"].values() for phrase in phrases]
    assert set(data["strengths"]) <= set(data["concepts"])
    assert len(everything) == len(set(everything))
    assert all(phrase == phrase.lower().strip() for phrase in everything)


def test_the_page_lists_every_attribute():
    page = (Path(__file__).resolve().parent.parent / "docs" / "perceptual.md").read_text("utf-8")
    for attribute in (a for a in ATTRIBUTES if a.block != "similarity"):
        assert f"| `{attribute.name}` | {attribute.kind} |" in page, attribute.name
        assert attribute.meaning in page


def signs(encoder, text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for term in encoder.encode_query(text).terms:
        found[term.attribute] = found.get(term.attribute, 0.0) + term.weight
    return found


@pytest.mark.parametrize(
    ("text", "up", "down"),
    [
        ("music", ["music_likeness"], []),
        ("no music", [], ["music_likeness"]),
        ("without music or speech", [], ["music_likeness", "speech_likeness"]),
        ("without music but with speech", ["speech_likeness"], ["music_likeness"]),
        ("no bang in the dark", ["dark_share"], ["bang"]),
        ("dark, not red", ["dark_share"], ["red"]),
        ("not dark and not red", [], ["dark_share", "red"]),
        ("a crowd without whistles, green grass", ["roar", "green_ground"], ["whistle"]),
        ("without music, speech or a crowd", [], ["music_likeness", "speech_likeness", "roar"]),
        ("never red", [], ["red"]),
        ("without a zyzzyva music", [], ["music_likeness"]),
        ("the first half", ["first_half"], ["second_half"]),
        ("zooms out", ["zoom_out"], ["zoom_in"]),
        ("it gets quieter", [], ["gets_louder"]),
    ],
)
def test_negation_and_phrases(encoder, text, up, down):
    found = signs(encoder, text)
    assert all(found.get(name, 0) > 0 for name in up), found
    assert all(found.get(name, 0) < 0 for name in down), found


def test_intensifiers_and_numbers(encoder):
    plain_, very, slightly = (signs(encoder, t)["loudness"] for t in ("loud", "very loud", "slightly loud"))
    assert slightly < plain_ < very
    assert "bang_count" not in signs(encoder, "a bang")
    for text in ("several bangs", "two gunshots", "gunshots", "repeated bang"):
        assert signs(encoder, text)["bang_count"] > 0, text


def test_each_concept_weighs_the_same(encoder):
    weights = column_weights()
    for text in ("red", "dark", "a gunshot", "someone speaks", "the first half"):
        vector = np.zeros(len(NAMES))
        for term in encoder.encode_query(text).terms:
            vector[NAMES.index(term.attribute)] += term.weight * weights[NAMES.index(term.attribute)]
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5), text


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("a sudden bang in the dark", ()),
        ("the quokka whistles", ("quokka",)),
        ("Kumquat & Zyzzyva!", ("kumquat", "zyzzyva")),
        ("a video of the scene", ()),
        ("naïve fjord", ("naïve", "fjord")),
    ],
)
def test_words_not_understood_come_back(encoder, text, unknown):
    query = encoder.encode_query(text)
    assert query.unknown_words == unknown
    assert (query.vector is None) == (not query.terms)


def test_different_forms_of_a_word_mean_the_same(encoder):
    for forms in (("cheer", "cheers", "cheering", "cheered"), ("flash", "flashes", "flashing")):
        attributes = [{n for n in signs(encoder, f) if not n.endswith("_count")} for f in forms]
        assert all(a == attributes[0] for a in attributes), forms


def test_a_block_not_asked_for_is_zero(encoder):
    vector = encoder.encode_query("music").vector
    assert not vector[encoder.card.slices()["visual"]].any()
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)


def test_explaining_shows_words_attributes_and_gaps(encoder):
    text = repr(encoder.explain("a very dark quokka without music"))
    assert "75%" in text or "67%" in text
    assert "'dark' → lightness" in text
    assert "music_likeness -" in text
    assert "not understood: quokka" in text


def test_every_query_of_the_bank_is_understood(encoder):
    for text in bank_texts():
        assert encoder.explain(text).unknown_words == (), text
        assert encoder.encode_query(text).vector is not None, text


def test_what_it_is_not_is_said_once(caplog, monkeypatch, encoder):
    monkeypatch.setattr(encoder_module, "_SAID", [])
    found = measure_arrays(plain((9, 9, 9)))
    with caplog.at_level(logging.INFO, logger="videxplore"):
        FlowEncoder().encode_spans(found, [Span(0, 1)])  # of another it is not said
        assert not caplog.records
        for _ in range(2):
            encoder.encode_spans(found, [Span(0, 1)])
    assert len(caplog.records) == 1
    assert "not what they mean" in caplog.text
    assert "download=True" in caplog.text
    assert "0.6 GB" in caplog.text


def test_moving_and_still_lie_apart(encoder):
    fast, still = (
        encoder.encode_spans(measure_arrays(frames), [Span(0, 2)])[0] for frames in (moving(3), moving(0))
    )
    assert fast[NAMES.index("speed")] > 0.5 > still[NAMES.index("speed")]
    assert still[NAMES.index("still_share")] > fast[NAMES.index("still_share")]


def test_measurements_without_rows_of_sound(encoder):
    found = measure_arrays(plain((9, 9, 9)))
    empty = Measurements(found.video, found.picture, found.cuts, None)
    assert np.isfinite(encoder.encode_spans(empty, [Span(0, 1), Span(1.9, 2.0)])).all()
