"""What files do not allow to tell is said to be unknown, never counted as none."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from videxplore.stages.decoding.probe import open_video
from videxplore.stages.licensing.fingerprints import print_of
from videxplore.stages.licensing.technical.judge import faults
from videxplore.values.inspections import Inspection
from videxplore.values.media import Span
from videxplore.workbench.assessment.case import Case
from videxplore.workbench.assessment.condition import Condition, describe_films, technical_measures
from videxplore.workbench.assessment.hearing import hear_voice
from videxplore.workbench.assessment.kept import Kept, Look, look_recipe
from videxplore.workbench.assessment.language import language_measures
from videxplore.workbench.assessment.sides import Film

PICTURES = print_of("film", 1.0, np.arange(4) / 4, np.zeros((4, 36, 64), np.uint8))
WHOLE = Span(0.0, 100.0)


def look(logo_judged=1.0, logo=(), spoken=None, language="", voice=None) -> Look:
    inspection = Inspection(
        "film", 100.0, 1280, 720, 25.0, 5e6, "h264", True,
        {"logo_judged": logo_judged, "fields_judged": 6.0, "pace_judged": 1.0},
        {"logo": logo} if logo else {},
    )  # fmt: skip
    return Look(inspection, PICTURES, spoken, language, voice)


def case_of(looks):
    films = tuple(Film(f"v{i}", f"{i}.mp4", Path(f"{i}.mp4"), 100.0) for i in range(len(looks)))
    sources = tuple(f"channel {i}" for i in range(len(looks)))
    judged = [Condition(each, faults(each.inspection), (WHOLE,)) for each in looks]
    case = Case((), films, sources, np.ones(len(looks)), "", None, None)
    return case, judged


def of(measures):
    return {measure.key: measure for measure in measures}


def test_a_logo_that_no_scene_allows_to_tell_is_not_none():
    looks = [look(logo=(WHOLE,)), *[look() for _ in range(3)], *[look(logo_judged=0.0) for _ in range(12)]]
    case, judged = case_of(looks)
    logo = of(technical_measures(case, judged))["technical.logo"]
    assert logo.estimate.value == pytest.approx(1 / 4)
    assert logo.estimate.sources == 4
    assert "in 12 of 16, 75% of the hours" in logo.about
    assert [row.facts["not judged"] for row in describe_films(case, judged)] == [""] * 4 + ["logo"] * 12
    case, judged = case_of(looks[4:])
    logo = of(technical_measures(case, judged))["technical.logo"]
    assert math.isnan(logo.estimate.value)
    assert logo.estimate.reason.startswith("Cannot estimate")


def test_voices_are_told_apart_from_subtitles_and_no_language_is_guessed():
    looks = [
        look(spoken=(Span(0, 50),), language="en"),
        look(spoken=(Span(0, 10),)),
        look(voice=(Span(0, 40),)),
        look(voice=()),
    ]
    found = of(language_measures(*case_of(looks)))
    assert found["language.subtitles"].estimate.value == pytest.approx(0.5)
    assert found["language.speech"].estimate.value == pytest.approx(0.3)
    assert found["language.voice"].estimate.value == pytest.approx(0.2)
    assert found["language.unknown"].estimate.value == pytest.approx(0.75)
    assert found["language.voice"].evidence[0].moment.span == Span(0, 40)
    unheard = of(language_measures(*case_of([look(), look()])))
    assert "videxplore[speech]" in unheard["language.voice"].estimate.reason
    assert unheard["language.unknown"].estimate.value == 1.0


def test_what_was_heard_is_kept(tmp_path):
    kept = Kept(tmp_path)
    for voice in (None, (), (Span(1.0, 2.0),)):
        kept.keep_look("film", look(voice=voice, spoken=()))
        read = kept.look("film")
        assert read is not None
        assert (read.voice, read.spoken) == (voice, ())


def test_what_was_seen_without_the_net_is_looked_at_again_with_it(monkeypatch):
    recipes = set()
    for there in (True, False):
        look_recipe.cache_clear()
        monkeypatch.setattr("videxplore.workbench.assessment.kept.hears_voices", lambda there=there: there)
        recipes.add(look_recipe())
    look_recipe.cache_clear()
    assert len(recipes) == 2


def test_an_astronaut_speaks_and_cars_do_not(media_dir):
    pytest.importorskip("silero_vad")
    said = hear_voice(open_video(media_dir / "torchcodec_nasa_13013.mp4"))
    assert sum(span.duration_s for span in said) / 13.0 == pytest.approx(0.9, abs=0.1)
    assert hear_voice(open_video(media_dir / "torchcodec_av1_video.mkv")) == ()
