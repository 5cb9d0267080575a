"""Subtitles beside the video and inside it, good and bad."""

from __future__ import annotations

import shutil

import pytest
from coded_video import write_video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.subtitles import transcript
from videxplore.values.media import Span

SRT = "1\n00:00:00,500 --> 00:00:01,250\n{}\n\n"
VTT = "WEBVTT\n\n00:00.500 --> 00:01.250\n{}\n\n"


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "film.mp4"
    write_video(path, count=75, options={"preset": "ultrafast"})
    return path


@pytest.fixture
def film(original, tmp_path):
    return shutil.copy(original, tmp_path / "film.mp4")


def texts(found):
    return [cue.text for cue in found]


@pytest.mark.parametrize(
    ("name", "body", "language"),
    [
        ("film.srt", SRT, ""),
        ("film.vtt", VTT, ""),
        ("film.SRT", SRT, ""),
        ("film.en.vtt", VTT, "en"),
        ("film.pt-BR.srt", SRT, "pt-BR"),
    ],
)
def test_a_file_beside_the_video(film, name, body, language):
    film.with_name(name).write_text(body.format("a corner kick"), encoding="utf-8")
    found = transcript(film)
    assert texts(found) == ["a corner kick"]
    assert found.cues[0].span == Span(0.5, 1.25)
    assert (found.source, found.language) == (f"sidecar:{name}", language)


def test_ass_with_style_tags_and_breaks(film):
    film.with_suffix(".ass").write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Comment: 0,0:00:00.10,0:00:00.20,Default,,0,0,0,,not shown\n"
        r"Dialogue: 0,0:00:00.50,0:00:01.25,Default,,0,0,0,,{\i1}two{\i0}\Nlines" + "\n",
        encoding="utf-8",
    )
    assert texts(transcript(film)) == ["two lines"]


def test_names_and_notes_of_webvtt_cues_are_not_text(film):
    film.with_suffix(".vtt").write_text(
        "WEBVTT - some title\n\nSTYLE\n::cue { color: red }\n\nNOTE a remark\nin two lines\n\n"
        "opening\n00:00.500 --> 00:01.250 align:start position:10%\nfirst line\nsecond line\n\n"
        "NOTE between\n\nlast cue\n00:01.500 --> 00:02.000\n<00:01.600>sung <00:01.700>words\n",
        encoding="utf-8",
    )
    assert texts(transcript(film)) == ["first line second line", "sung words"]


def test_which_file_is_taken(film):
    for tag in ("", ".en", ".de"):
        film.with_name(f"film{tag}.srt").write_text(SRT.format(tag or "plain"), encoding="utf-8")
    film.with_name("film2.srt").write_text(SRT.format("another film"), encoding="utf-8")
    film.with_name("film.commentary of the makers.srt").write_text(SRT.format("no"), encoding="utf-8")
    assert texts(transcript(film)) == ["plain"]
    assert texts(transcript(film, language="en")) == [".en"]
    film.with_name("film.srt").unlink()
    assert texts(transcript(film)) == [".de"]
    assert transcript(film, language="en").language == "en"


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("<i>leaning</i> <b>bold</b>", "leaning bold"),
        ("<v Anna>Hello <c.loud>there</c>", "Hello there"),
        ("karao<00:00:00.800>ke", "karaoke"),
        ("{\\an8}on top", "on top"),
        ("3 &lt; 5 &amp; 7", "3 < 5 & 7"),
        ("a < b and c > d", "a < b and c > d"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("first\nsecond", "first second"),
        ("\u202eevil\u202c \u0007bell", "evil bell"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
@pytest.mark.parametrize("body", [SRT, VTT])
def test_markup_is_removed_and_text_kept(film, given_text, shown, body):
    suffix = ".srt" if body is SRT else ".vtt"
    film.with_suffix(suffix).write_text(body.format(given_text), encoding="utf-8")
    assert texts(transcript(film)) == [shown]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (SRT.format("café").encode("cp1252"), "café"),
        (SRT.format("café").encode("utf-8-sig"), "café"),
        (SRT.format("café").encode("utf-16"), "café"),
        (SRT.format("bad X byte").encode().replace(b"X", b"\x81"), "bad \ufffd byte"),
        (SRT.format("café").replace("\n", "\r\n").encode(), "café"),
    ],
)
def test_encodings(film, data, shown):
    film.with_suffix(".srt").write_bytes(data)
    assert texts(transcript(film)) == [shown]


def test_reversed_overlapping_late_and_empty_cues(film):
    film.with_suffix(".srt").write_text(
        "1\n00:00:02,000 --> 00:00:01,000\nreversed\n\n"
        "2\n00:00:00,000 --> 00:00:01,500\nover\n\n"
        "3\n00:00:00,100 --> 00:00:00,200\n<i></i>\n\n"
        "4\n00:00:02,500 --> 00:00:09,000\npast the end\n\n"
        "5\n00:00:30,000 --> 00:00:31,000\nnever shown\n\n",
        encoding="utf-8",
    )
    found = transcript(film)
    assert [(cue.text, cue.span) for cue in found] == [
        ("over", Span(0.0, 1.5)),
        ("reversed", Span(1.0, 2.0)),
        ("past the end", Span(2.5, 3.0)),
    ]


@pytest.mark.parametrize("data", [b"", b"no subtitles here", bytes(range(256)) * 4, b"WEBVTT\n\n", b"{}"])
def test_a_file_that_holds_no_subtitles_is_passed_over(film, data):
    film.with_suffix(".srt").write_bytes(data)
    assert transcript(film) is None


def test_none_without_subtitles_and_for_a_folder_of_that_name(film):
    assert transcript(film) is None
    film.with_suffix(".srt").mkdir()
    assert transcript(film) is None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_property_any_bytes_give_cues_or_nothing(film, data):
    film.with_suffix(".vtt").write_bytes(b"WEBVTT\n\n00:00.500 --> 00:01.000\n" + data)
    found = transcript(film)
    if found is not None:
        ends = open_video(film).duration_s
        assert all(0 <= c.span.start_s <= c.span.end_s <= ends and c.text.strip() for c in found)


def test_embedded_track_on_the_clock_of_the_picture(media_dir):
    path = media_dir / "torchcodec_nasa_13013.mp4"
    video = open_video(path)
    assert video.subtitle_tracks == ("2 eng mov_text", "5 eng mov_text")
    found = transcript(video)
    assert (found.source, found.language) == ("track:2 eng mov_text", "eng")
    assert texts(found)[0] == "NAR: This is the optical and science segment of the Webb"
    assert "Goddard Space Flight Center" in texts(found)[2]
    starts_s = [0.21, 4.26, 8.35, 12.47]
    assert [cue.span.start_s for cue in found] == pytest.approx(starts_s, abs=0.02)


def test_a_sidecar_wins_over_the_track_inside(media_dir, tmp_path):
    path = shutil.copy(media_dir / "torchcodec_nasa_13013.mp4", tmp_path / "nasa.mp4")
    (tmp_path / "nasa.vtt").write_text(VTT.format("from beside"), encoding="utf-8")
    assert texts(transcript(path)) == ["from beside"]
    (tmp_path / "nasa.vtt").write_text("WEBVTT\n", encoding="utf-8")
    assert len(transcript(path)) == 4
