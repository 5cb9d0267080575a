"""Subtitles beside the video and inside it, good and bad."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from coded_video import write_video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from subtitled_video import write_subtitled

from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.subtitles import transcript
from videxplore.values.media import Cue, Span, Transcript
from videxplore.workbench.ingest import ingest

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
    for tag in ("", ".en", ".de", ".en-US", ".es", ".en.forced"):
        film.with_name(f"film{tag}.srt").write_text(SRT.format(tag or "plain"), encoding="utf-8")
    film.with_name("film2.srt").write_text(SRT.format("another film"), encoding="utf-8")
    film.with_name("film.commentary of the makers.srt").write_text(SRT.format("no"), encoding="utf-8")
    assert texts(transcript(film)) == ["plain"]
    assert texts(transcript(film, language="en")) == [".en"]
    assert texts(transcript(film, language="EN-us")) == [".en-US"]
    assert texts(transcript(film, language="eng")) == [".en"]
    assert texts(transcript(film, language="spa")) == [".es"]
    assert texts(transcript(film, language="fr")) == ["plain"]
    film.with_name("film.srt").unlink()
    assert texts(transcript(film)) == [".de"]
    assert transcript(film, language="en").language == "en"
    film.with_name("film.en.srt").unlink()
    assert texts(transcript(film, language="en")) == [".en-US"]
    film.with_name("film.en-US.srt").unlink()
    assert texts(transcript(film, language="en")) == [".en.forced"]
    assert texts(transcript(film)) == [".de"]


def test_of_one_language_the_kinds_have_an_order(film):
    film.with_name("film.en.srt").write_text(SRT.format("srt"), encoding="utf-8")
    film.with_name("film.en.vtt").write_text(VTT.format("vtt"), encoding="utf-8")
    assert texts(transcript(film)) == ["vtt"]
    film.with_name("film.en.vtt").write_text("WEBVTT\n\n", encoding="utf-8")
    assert texts(transcript(film)) == ["srt"]


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
    ("encoding", "said", "shown", "guessed"),
    [
        ("cp1252", "café", "café", True),
        ("cp1252", "naïve “quotes” – €5", "naïve “quotes” – €5", True),
        ("utf-8-sig", "café", "café", False),
        ("utf-16", "café", "café", False),
        ("utf-16-le", "café", "café", False),
        ("utf-16-be", "café", "café", False),
        ("utf-16-le", "日本語の字幕", "日本語の字幕", False),
        ("utf-32", "café", "café", False),
        ("cp932", "「これは字幕です。」", "「これは字幕です。」", True),
        ("cp1251", "Привет", "Ïðèâåò", True),  # nothing in the file says otherwise: see the next test
    ],
)
def test_encodings(film, encoding, said, shown, guessed, caplog):
    film.with_suffix(".srt").write_bytes(SRT.format(said).encode(encoding))
    assert texts(transcript(film)) == [shown]
    assert ("film.srt is not UTF-8" in caplog.text) == guessed  # a guess is said to be one


def test_bytes_that_no_encoding_knows_are_replaced(film, caplog):
    film.with_suffix(".srt").write_bytes(SRT.format("bad X byte").encode().replace(b"X", b"\x81"))
    assert texts(transcript(film)) == ["bad \ufffd byte"]
    assert "became \ufffd" in caplog.text
    film.with_suffix(".srt").write_bytes(SRT.format("café").replace("\n", "\r\n").encode())
    assert texts(transcript(film)) == ["café"]


@pytest.mark.parametrize(
    ("tag", "encoding", "said"),
    [
        ("ru", "cp1251", "Привет, мир"),
        ("rus", "cp1251", "Привет, мир"),
        ("ja", "cp932", "ありがとう"),
        ("pl", "cp1250", "Zażółć gęślą jaźń"),
        ("el", "cp1253", "Καλημέρα"),
        ("zh", "gb18030", "你好,世界"),
        ("zh-TW", "big5", "繁體字幕"),
        ("ko", "cp949", "안녕하세요"),
        ("he", "cp1255", "שלום"),
    ],
)
def test_the_language_in_the_name_chooses_the_old_code_page(film, tag, encoding, said, caplog):
    film.with_name(f"film.{tag}.srt").write_bytes(SRT.format(said).encode(encoding))
    assert texts(transcript(film)) == [said]
    assert f"read as {encoding}" in caplog.text
    film.with_name(f"film.{tag}.srt").write_bytes(SRT.format(said).encode("utf-8"))
    assert texts(transcript(film)) == [said]


def test_a_giant_file_is_passed_over_unread_with_a_reason(film, caplog):
    with film.with_suffix(".srt").open("wb") as giant:  # sparse: 200 MB that take no room
        giant.write(SRT.format("hello").encode())
        giant.truncate(200 * 10**6)
    film.with_name("film.en.srt").write_text(SRT.format("the small one"), encoding="utf-8")
    assert texts(transcript(film)) == ["the small one"]
    assert "film.srt are passed over: 191 MiB is more than the 16 MiB that are read" in caplog.text


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_passed_over_is_in_the_report_of_the_ingest(film, tmp_path, workers):
    film.with_suffix(".srt").write_bytes(b"no subtitles here")
    report = ingest(film, tmp_path / "a.lance", segmenter="fixed", workers=workers, progress=False)
    assert "subtitles in film.srt are passed over: it holds no subtitles" in report.done[0].detail


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of this kind are POSIX")
def test_what_is_no_file_is_not_opened_as_subtitles(film):
    os.mkfifo(film.with_suffix(".srt"))  # opening it would block for ever
    film.with_suffix(".vtt").symlink_to("/dev/zero")
    film.with_suffix(".ass").symlink_to("film.ass")
    assert transcript(film) is None


CUE = b"1\n00:00:00,500 --> 00:00:01,250\n"


@pytest.mark.parametrize(
    "body",
    [
        b"<" * 200_000,
        CUE + b"<a" * 200_000,
        CUE + b"{" * 200_000,
        b"WEBVTT\n\n00:00.500 --> 00:01.250\n" + b"<1" * 200_000,
        b"[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.50,0:00:01.25," + b"{\\p1" * 200_000,
        b"1\n" + b"9" * 6000 + b":00:00,500 --> 00:00:01,250\nx\n",
        b"{1}{" * 200_000,
        b"\n" * 200_000,
        b"WEBVTT\n\n" + b"--> " * 200_000,
    ],
)
def test_hostile_text_takes_time_in_proportion_to_its_size(film, body):
    film.with_suffix(".srt").write_bytes(body)
    began = time.process_time()
    transcript(film)
    assert time.process_time() - began < 10.0  # about 0.1 s; what grows with the square takes an hour


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (r"{\k20}ka{\k30}ra{\kf40}oke", "karaoke"),
        (r"{\pos(10,20)\an8}placed {\b1}bold{\b0}", "placed bold"),
        (r"before {\p1}m 0 0 l 100 0 100 100{\p0}after", "before after"),
        (r"{\p1}m 0 0 l 100 0{\c&HFF&}b 1 2 3", ""),
        (r"shown{a remark of the translator}", "shown"),
        (r"one\Ntwo\nthree\hfour", "one two three four"),
        (r"a {brace that stays open", "a {brace that stays open"),
    ],
)
def test_ass_styles_drawings_and_remarks_are_not_words(film, line, shown):
    film.with_suffix(".ass").write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        f"Dialogue: 0,0:00:00.50,0:00:01.25,Default,,0,0,0,,{line}\n",
        encoding="utf-8",
    )
    assert texts(transcript(film) or ()) == ([shown] if shown else [])


SPOKEN = [(0.2, 0.9, "first words"), (1.0, 1.8, "second <i>words</i>"), (2.0, 2.6, "words in LANGUAGE")]


@pytest.mark.parametrize(
    ("container", "codec"), [("mkv", "subrip"), ("mkv", "ass"), ("webm", "webvtt"), ("mp4", "mov_text")]
)
def test_tracks_inside_the_file(tmp_path, container, codec):
    path = tmp_path / f"film.{container}"
    write_subtitled(path, codec, SPOKEN, languages=("eng", "deu"))
    found = transcript(path)
    assert found.source.startswith("track:")
    assert texts(found) == ["first words", "second words", "words in eng"]
    for cue, (start_s, end_s, _) in zip(found, SPOKEN, strict=True):
        assert (cue.span.start_s, cue.span.end_s) == pytest.approx((start_s, end_s), abs=0.011)
    assert transcript(path, language="de").cues[-1].text == "words in deu"
    assert transcript(path, language="de").language == "deu"


@settings(max_examples=60, deadline=None)
@given(
    cues=st.lists(st.tuples(st.floats(0, 20), st.floats(0, 8), st.integers(1, 12)), max_size=12),
    edges=st.lists(st.floats(0.01, 19.99), max_size=8, unique=True),
)
def test_property_every_word_is_in_exactly_one_leaf_and_in_its_parents(cues, edges):
    said = Transcript(
        tuple(
            Cue(Span(start, min(start + length, 20.0)), " ".join(f"c{i}w{k}" for k in range(count)))
            for i, (start, length, count) in enumerate(cues)
            if start < 20.0
        )
    )
    where = {word: cue.span for cue in said for word in cue.text.split()}
    leaves = [Span(a, b) for a, b in itertools.pairwise([0.0, *sorted(edges), 20.0])]
    spoken = [said.text_in(leaf).split() for leaf in leaves]
    assert sorted(itertools.chain(*spoken)) == sorted(where)
    for first in range(0, len(leaves), 2):
        pair = slice(first, first + 2)
        parent = said.text_in(Span(leaves[pair][0].start_s, leaves[pair][-1].end_s)).split()
        assert sorted(parent) == sorted(itertools.chain(*spoken[pair]))
    for leaf, words in zip(leaves, spoken, strict=True):
        assert all(leaf.start_s <= where[w].end_s and where[w].start_s < leaf.end_s for w in words)


def test_a_long_cue_is_spread_over_the_segments_it_spans():
    said = Transcript((Cue(Span(0.0, 6.0), "aaaa bbbb cccc dddd eeee ffff"),))
    spread = [said.text_in(Span(start, start + 2.0)) for start in (0.0, 2.0, 4.0)]
    assert spread == ["aaaa bbbb", "cccc dddd", "eeee ffff"]
    assert said.text_in(Span(-1.0, 7.0)) == "aaaa bbbb cccc dddd eeee ffff"
    flash = Transcript((Cue(Span(2.0, 2.0), "a flash"),))
    assert [flash.text_in(Span(1.0, 2.0)), flash.text_in(Span(2.0, 3.0))] == ["", "a flash"]


def test_the_words_in_a_library_add_up(sample_library, sample):
    table = sample_library.segments()
    leaves = table[~table.segment_id.isin(set(table.parent_id))]
    heard = 0
    for path in map(Path, sample.videos):
        cues = transcript(path) or ()
        mine = leaves[leaves.path.map(lambda p: Path(p).name) == path.name].sort_values("start_s")
        assert sorted(" ".join(mine.transcript).split()) == sorted(w for c in cues for w in c.text.split())
        heard += len(cues)
    assert heard > 10


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
