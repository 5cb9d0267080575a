"""Words in their senses: what a query asks for, and what it must not be taken for."""

from __future__ import annotations

import json

import numpy as np
import pytest

from videxplore.stages.encoding.perceptual.attributes import NAMES
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.perceptual.language import read_language
from videxplore.stages.encoding.perceptual.named_colours import mix_colour
from videxplore.stages.features.colour import COLOURS


@pytest.fixture(scope="module")
def encoder():
    return PerceptualEncoder(sentences=None)


def columns(encoder, text: str) -> dict[str, float]:
    vector = encoder.encode_query(text).vector
    return {} if vector is None else {NAMES[i]: float(vector[i]) for i in np.flatnonzero(vector)}


@pytest.mark.parametrize(
    ("text", "asked", "not_asked"),
    [
        ("fish sizzling in a pan", ["treble"], ["pan_left", "pan_right"]),
        ("the camera pans to the left", ["pan_left"], ["treble"]),
        ("snow falls", ["white_ground"], ["tilt_down", "falls"]),
        ("a leaf falls", ["falls"], ["tilt_down"]),
        ("water pours over a rock", ["roar"], ["blue_below", "falls"]),
        ("water", ["blue_below"], ["roar"]),
        ("a burning house", ["flame_share"], ["straight_lines"]),
        ("a golden field", ["yellow", "green_ground"], []),
        ("parked for hours", ["still_share"], ["green_ground"]),
        ("a deserted square", [], ["yellow", "horizon"]),
        ("birds sing", ["chirp"], ["music_likeness"]),
        ("she sings", ["harmonicity"], ["chirp"]),
        ("a phone rings", ["ring"], ["chirp"]),
        ("pink light", ["pink"], ["lightness"]),
        ("a strobe light", ["flicker"], ["lightness"]),
        ("a man asks the way", ["speech_likeness"], ["music_likeness"]),
        ("knocking", ["hits"], ["speech_likeness"]),
        ("a splash", ["splash_rate"], ["blast_rate", "blue"]),
        ("a gunshot", ["blast_rate", "bang_rate"], ["splash_rate"]),
        ("the sun rises", ["orange"], ["rises"]),
        ("the flower opens", [], ["opening"]),
        ("a jet takes off", ["rumble"], ["black"]),
        ("a wide shot", ["detail"], ["bang"]),
        ("the wind blows", ["roar"], ["thud"]),
        ("the music stops", ["hush_rate"], ["music_likeness"]),
        ("applause", ["onset_rate"], ["swell_rate"]),
        ("a wooden table", ["brown"], ["green"]),
    ],
)  # fmt: skip
def test_a_word_in_its_sense(encoder, text, asked, not_asked):
    found = columns(encoder, text)
    assert all(found.get(name, 0) > 0 for name in asked), found
    assert all(found.get(name, 0) <= 0 for name in not_asked), found


@pytest.mark.parametrize("text", ["a democratic quorum", "her sister", "an encyclopaedia and a giraffe"])
def test_objects_without_a_look_or_a_sound_stay_unknown(encoder, text):
    query = encoder.encode_query(text)
    assert query.vector is None
    assert query.terms == ()
    assert query.unknown_words


def test_the_same_thing_said_twice_counts_once(encoder):
    once, twice = (
        columns(encoder, "red in the dark"),
        columns(encoder, "red, crimson and scarlet in the dark"),
    )
    assert once == pytest.approx(twice, abs=1e-6)


def test_wanted_and_unwanted_stay_apart(encoder):
    found = columns(encoder, "a bang without speech, and a bang")
    assert found["bang_rate"] > 0 > found["speech_likeness"]


def test_a_verb_in_the_present_asks_less_for_many_than_a_number(encoder):
    verb, number = columns(encoder, "a seal splashes"), columns(encoder, "several splashes")
    assert 0 < verb["splash_count"] < 0.6 * number["splash_count"]


def test_words_are_no_part_of_the_card(encoder):
    """Editing the lexicon changes no stored vector, so it must not part a library from its encoder."""
    assert set(encoder.card.parameters) == {"calibration", "from_span"}


@pytest.mark.parametrize(
    ("text", "asked", "not_asked"),
    [
        ("a periwinkle dress", ["purple", "blue", "centre_purple"], ["green"]),
        ("a chartreuse wall", ["green"], ["red", "blue"]),
        ("viridian", ["green"], ["red", "orange"]),
    ],
)
def test_colour_names_beyond_the_eleven(encoder, text, asked, not_asked):
    found = columns(encoder, text)
    assert all(found.get(name, 0) > 0 for name in asked), found
    assert not set(not_asked) & set(found)


def test_every_named_colour_is_a_mixture_of_the_eleven():
    data = read_language("en")
    assert len(data["colours"]) >= 400
    for name, code in data["colours"].items():
        mixture = mix_colour(code)
        shares = [mixture[colour] for colour in COLOURS if colour in mixture]
        assert 0.5 < sum(shares) <= 1.0 + 1e-6, name
        assert set(mixture) == {c for c in COLOURS if c in mixture} | {
            f"centre_{c}" for c in COLOURS if c in mixture
        }, name


def test_how_often_in_a_minute_is_a_rate_and_a_number_a_count(encoder):
    paced, counted = columns(encoder, "3 cuts per minute"), columns(encoder, "3 cuts")
    assert paced["cut_rate"] > 0
    assert "cut_count" not in paced
    assert counted["cut_count"] > columns(encoder, "cuts")["cut_count"] > 0
    assert columns(encoder, "12 gunshots")["blast_count"] > 0
    for text in ("3 cuts per minute", "two goals", "multiple turnovers"):
        assert encoder.encode_query(text).unknown_words == (), text
    assert columns(encoder, "two goals")["swell_count"] > 0


GERMAN = {
    "language": "de",
    "concepts": {"dunkel": {"dark_share": 1, "lightness": -1}, "knall": {"bang": 0.6, "bang_rate": 1}},
    "words": {"dunkel": ["dunkel", "finster"], "knall": ["knall", "schuss", "es knallt"]},
    "colours": {"himmelblau": "58a0e0"},
    "intensifiers": {"sehr": 1.5},
    "negations": ["kein", "ohne"],
    "numbers": ["zwei", "mehrere"],
    "orders": {"dann": "next", "nach": "previous"},
    "paces": {"in der minute": 60},
    "endings": {"em": "", "en": "", "e": ""},
    "joins": ["und"],
    "ignored": ["der", "die", "das", "ein", "in", "im", "und", "es", "ist"],
}


@pytest.fixture
def german(tmp_path):
    path = tmp_path / "deutsch.json"
    path.write_text(json.dumps(GERMAN), "utf-8")
    return PerceptualEncoder(sentences=None, language=path)


def test_another_language_is_another_file(german, encoder):
    found = columns(german, "ein Knall in finsteren Nächten")
    assert found["bang_rate"] > 0 < found["dark_share"]
    assert german.encode_query("ein Knall in finsteren Nächten").unknown_words == ("nächten",)
    assert columns(german, "ohne Knall")["bang_rate"] < 0
    assert columns(german, "mehrere Schüsse und ein Knall")["bang_rate"] > 0
    assert columns(german, "zwei Schuss")["bang_count"] > 0
    assert columns(german, "himmelblau")["blue"] > 0
    order = german.encode_query("dunkel, dann ein Knall").order
    assert (order.relation, order.second.terms[0].phrase) == ("next", "knall")
    assert german.card == encoder.card


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"concepts": {"x": {"loudnes": 1}}}, "loudnes"),
        ({"concepts": {"x": {}}}, "asks for nothing"),
        ({"words": {"nirgends": ["wo"]}}, "nirgends"),
        ({"orders": {"dann": "later"}}, "later"),
        ({"colours": {"rot": "ff"}}, "six hexadecimal"),
        ({"numbers": {"zwei": 2}}, "must be a JSON list"),
    ],
)
def test_a_lexicon_that_does_not_keep_to_the_format_is_refused(tmp_path, change, said):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(GERMAN | change), "utf-8")
    with pytest.raises(ValueError, match=said):
        PerceptualEncoder(sentences=None, language=path)


def test_a_language_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="there is one for 'en'"):
        PerceptualEncoder(sentences=None, language="tlh")
    with pytest.raises(ValueError, match="no file"):
        PerceptualEncoder(sentences=None, language=tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{", "utf-8")
    with pytest.raises(ValueError, match="no JSON"):
        PerceptualEncoder(sentences=None, language=broken)
