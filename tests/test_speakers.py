"""Who speaks, as subtitles tell it: read from every kind, cut by, and named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import subtitled_video
from subtitled_video import write_subtitled
from test_segmentation import draw_measurements

from videxplore.stages.decoding.speakers import tell_voices
from videxplore.stages.decoding.subtitles import transcript
from videxplore.stages.segmentation.evidence import speaker_turns
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.speaking import MOST_SPEAKERS, lift_speaking, main_speakers
from videxplore.stages.store.rows import TreeFacts
from videxplore.values.media import Cue, Span, Transcript
from videxplore.views.outline import outline

SIDECARS = {
    "film.vtt": "WEBVTT\n\n00:00.000 --> 00:02.000\n<v.loud Anna>You came.</v>\n<v Ben>I <i>did</i>.</v>\n",
    "film.srt": "1\n00:00:00,000 --> 00:00:02,000\nANNA: You came.\nBEN: I did.\n",
    "film.ass": "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:00.00,0:00:01.20,Default,Anna,0,0,0,,You came.\n"
    "Dialogue: 0,0:00:01.20,0:00:02.00,Default,Ben,0,0,0,,{\\i1}I did.\n",
}


@pytest.mark.parametrize("name", SIDECARS)
def test_speakers_are_read_from_every_kind(tmp_path, name):
    write_subtitled(tmp_path / "film.mkv", "srt", [])
    (tmp_path / name).write_text(SIDECARS[name])
    said = transcript(tmp_path / "film.mkv")
    assert [cue.speaker.title() for cue in said] == ["Anna", "Ben"]
    assert [cue.text.split(": ")[-1] for cue in said] == ["You came.", "I did."]
    first, second = said
    assert (first.span.start_s, second.span.end_s) == (0.0, 2.0)
    assert first.span.end_s == second.span.start_s
    assert 1.0 < first.span.end_s < 1.5, "the longer line takes the longer time"


@pytest.mark.parametrize("name", [b"Anna", b""])
def test_speakers_of_a_track_inside(tmp_path, monkeypatch, name):
    line = b"%d,0,Default," + name + b",0,0,0,,%s"
    monkeypatch.setattr(subtitled_video, "_coded", lambda codec, number, text: line % (number, text))
    write_subtitled(tmp_path / "film.mkv", "ass", [(0.5, 1.0, "You came, at last.")])
    said = [(c.text, c.speaker) for c in transcript(tmp_path / "film.mkv")]
    assert said == [("You came, at last.", name.decode())]


@pytest.mark.parametrize(
    ("texts", "speakers"),
    [
        ([r"- Yes?\N- No."], [["?", "?"]]),
        (["- Only one."], [[""]]),
        (["Listen: it rains."], [[""]]),
        (["Anna: Hi.", "Ben: Hello.", "Anna: Well."], [["Anna"], [""], ["Anna"]]),
        ([r"- ANNA: Yes?\Nreally?\N- No."], [["ANNA", "?"]]),
        (["at 10:30 we go", "http://x.y", "<b>bold</b>: no one"], [[""], [""], [""]]),
        (["<v Anna>a<v Ben>b"], [["Anna", "Ben"]]),
        (["before <v Anna>a"], [["", "Anna"]]),
    ],
)
def test_who_is_someone_and_who_is_not(texts, speakers):
    found = tell_voices(texts)
    assert [[who for who, _ in parts] for parts in found] == speakers
    for text, parts in zip(texts, found, strict=True):
        assert "<v" in text or "".join("".join(words.split("\\N")) for _, words in parts) == text.replace(
            "\\N", ""
        )


def exchange(speakers: list[str], length_s: float = 6.0) -> Transcript:
    return Transcript(
        tuple(Cue(Span(length_s * i, length_s * (i + 1)), "words", who) for i, who in enumerate(speakers))
    )


def test_a_turn_needs_two_who_are_told():
    said = exchange(["Anna", "Anna", "Ben", "", "Anna", "?", "?"], 1.0)
    assert list(speaker_turns(said)) == [(2.0, "Anna", "Ben"), (5.0, "Anna", "?"), (6.0, "?", "?")]


def test_a_calm_picture_is_cut_where_speakers_change():
    names = ["Anna", "Ben"] * 10
    calm = draw_measurements(120, moving=False, sound=False)
    tree = segment(replace(calm, transcript=exchange(names)), levels={"moment": 6, "scene": 40})
    turns = np.arange(6.0, 120.0, 6.0)
    found = np.array([b.time_s for b in tree.boundaries])
    hits = [np.abs(found - t).min(initial=np.inf) <= 0.25 for t in turns]
    assert np.mean(hits) >= 0.9
    noted = [b for b in tree.boundaries if b.note]
    assert noted
    assert {b.note for b in noted} == {"speaker changes: Anna → Ben", "speaker changes: Ben → Anna"}
    assert all(b.evidence["speaker"] == 1.0 for b in noted)
    # The same speaker returning is the same label, and the exchange is one scene.
    assert {label.split(" · ")[1] for label in tree.labels.values()} == {"Anna", "Ben"}
    assert len(tree.at("scene")) == 1
    # Without names the same subtitles say nothing of turns.
    nameless = segment(replace(calm, transcript=exchange([""] * 20)), levels={"moment": 6, "scene": 40})
    assert not any(b.note or "speaker" in b.evidence for b in nameless.boundaries)
    assert len(nameless.leaves) < len(tree.leaves)
    # What was noted is stored, and shown.
    assert TreeFacts.from_json(TreeFacts.of(tree).to_json()).boundaries == tree.boundaries
    shown = outline(tree)
    assert shown["boundaries"][0]["note"] == tree.boundaries[0].note
    assert {"key": "speaker", "word": "another person speaks"} in shown["events"]


def test_a_crowd_of_names_stays_small():
    said = exchange([f"Extra {i}" for i in range(5000)], 0.25)
    vectors, names = lift_speaking(said, np.arange(5001) / 4)
    assert len(names) == MOST_SPEAKERS
    assert vectors.shape == (5000, 2 + MOST_SPEAKERS)
    assert (vectors[-1] == np.eye(2 + MOST_SPEAKERS)[1]).all()
    leaves = main_speakers(vectors, names, np.array([0, 1, 3, 5000]))
    assert leaves == ["Extra 0", "", ""]
