"""Words in their senses: what a query asks for, and what it must not be taken for."""

from __future__ import annotations

import numpy as np
import pytest

from videxplore.stages.encoding.perceptual.attributes import NAMES
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder


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
