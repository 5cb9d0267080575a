"""Segments in the formats of editing programs, read back by the libraries that define them."""

from __future__ import annotations

import builtins
import csv
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.showcase import TREES
from videxplore.errors import MissingExtraError
from videxplore.values.timelines import Part, to_edl, to_fcpxml, to_webvtt

otio = pytest.importorskip("opentimelineio")


@pytest.fixture
def tree():
    return TREES[0]


def spans_of(timeline, rate):
    (track,) = timeline.tracks
    ranges = [clip.source_range for clip in track]
    return [
        (r.start_time.rescaled_to(rate).value, r.end_time_exclusive().rescaled_to(rate).value) for r in ranges
    ]


@pytest.mark.parametrize("level", [None, "scene"])
def test_otio_has_the_clips_and_a_marker_per_coarser_segment(tree, level):
    timeline = otio.adapters.read_from_string(tree.to_otio(level), "otio_json")
    tiles = tree.at(level or tree.levels[0])
    fps = tree.video.fps
    found = np.array(spans_of(timeline, fps)) / fps
    np.testing.assert_allclose(found, [(s.start_s, s.end_s) for s in tiles], atol=0.5 / fps + 1e-9)
    above = tree.levels[tree.levels.index(level or tree.levels[0]) + 1 : -1]
    markers = [m.name for clip in timeline.tracks[0] for m in clip.markers]
    assert len(markers) == sum(s.level in above for s in tree.segments)
    assert timeline.tracks[0][0].media_reference.target_url == tree.video.path.absolute().as_uri()


def test_edl_reads_back_to_the_frame(tree):
    text = tree.to_edl("scene")
    rate = otio.opentime.RationalTime.nearest_valid_timecode_rate(tree.video.fps)
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=rate)
    tiles = tree.at("scene")
    assert spans_of(timeline, rate) == [(round(s.start_s * rate), round(s.end_s * rate)) for s in tiles]


@pytest.mark.parametrize("fps", [12.0, 15.0, 23.976, 24.0, 27.3, 29.97, 30.0, 50.0, 59.94, 60.0, 120.0])
def test_every_frame_rate_can_be_written(tree, fps):
    other = replace(tree, video=replace(tree.video, fps=fps))
    assert other.to_edl().count("FROM CLIP NAME") == len(tree.leaves)
    assert len(spans_of(otio.adapters.read_from_string(other.to_otio(), "otio_json"), fps)) == len(
        tree.leaves
    )
    assert len(list(ElementTree.fromstring(other.to_fcpxml()).iter("asset-clip"))) == len(tree.leaves)


def test_fcpxml_is_gapless(tree):
    def seconds(text):
        top, _, bottom = text.removesuffix("s").partition("/")
        return int(top) / int(bottom or 1)

    clips = list(ElementTree.fromstring(tree.to_fcpxml("scene")).iter("asset-clip"))
    ends = [seconds(c.get("offset")) + seconds(c.get("duration")) for c in clips]
    np.testing.assert_allclose([seconds(c.get("offset")) for c in clips[1:]], ends[:-1], atol=1e-9)
    assert ends[-1] == pytest.approx(tree.video.duration_s, abs=1 / tree.video.fps)


def test_webvtt_chapters_keep_the_exact_times(tree):
    import pysubs2

    cues = pysubs2.SSAFile.from_string(tree.to_webvtt("scene"), format_="vtt")
    tiles = tree.at("scene")
    assert [c.plaintext for c in cues] == [f"{s.level} {i}" for i, s in enumerate(tiles, 1)]
    np.testing.assert_allclose([c.start / 1000 for c in cues], [s.start_s for s in tiles], atol=1e-3)


def test_export_goes_by_the_ending(tree, tmp_path):
    for ending in (".edl", ".otio", ".fcpxml", ".vtt", ".csv"):
        path = tree.export(tmp_path / f"cut{ending}", level="scene")
        assert path.stat().st_size > 50
    rows = list(csv.DictReader(io.StringIO((tmp_path / "cut.csv").read_text("utf-8"))))
    assert [row["segment_id"] for row in rows] == [s.segment_id for s in tree.at("scene")]
    assert len(tree.export(tmp_path / "all.csv").read_text("utf-8").splitlines()) == len(tree) + 1
    with pytest.raises(ValueError, match=r"must end in \.edl, \.otio"):
        tree.export(tmp_path / "cut.mp4")
    with pytest.raises(ValueError, match="no level 'shot'"):
        tree.export(tmp_path / "cut.edl", level="shot")


def test_hostile_names_stay_names(tree):
    nasty = Path('/films/a & <b> "c"\n001  EVIL V C.mp4')
    other = replace(tree, video=replace(tree.video, path=nasty))
    assert not any(line.startswith("001  EVIL") for line in other.to_edl().splitlines())
    ElementTree.fromstring(other.to_fcpxml())
    otio.adapters.read_from_string(other.to_otio(), "otio_json")


def test_fcpxml_says_what_pyscenedetect_says(tree):
    """Of a whole video, without gaps, the same elements and times; names, sound and the DOCTYPE are ours."""
    pytest.importorskip("scenedetect")
    from scenedetect import FrameTimecode
    from scenedetect.output import write_scene_list_fcpx

    rate = Fraction(tree.video.fps).limit_denominator(1001)
    frames = [(round(s.start_s * rate), round(s.end_s * rate)) for s in tree.at("scene")]
    scenes = [(FrameTimecode(a, rate), FrameTimecode(b, rate)) for a, b in frames]
    text = io.StringIO()
    write_scene_list_fcpx(text, scenes, tree.video.path, rate, (tree.video.width, tree.video.height))

    def told(xml):
        root = ElementTree.fromstring(xml)
        ids = {e.get("id"): e.tag for e in root.iter() if e.get("id")}
        left_out = {"name", "hasAudio", "id"}
        return [
            (e.tag, {k: ids.get(v, v) for k, v in e.attrib.items() if k not in left_out}) for e in root.iter()
        ]

    assert told(tree.to_fcpxml("scene")) == told(text.getvalue())


def test_a_missing_package_names_the_extra(tree, monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "opentimelineio":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"videxplore\[editing\]"):
        tree.to_otio()


def test_a_hostile_tag_stays_inside_its_line(tree):
    """Names come from people: nothing in them may become a cue, an event or an element."""
    import pysubs2

    span = tree.leaves[0].span
    nasty = "--> 00:00:01.000\n\n00:00:00.000 --> 00:00:09.000\nx\n002  EVIL V C <b>]]>"
    parts = [Part(tree.video, nasty, span)]
    cues = pysubs2.SSAFile.from_string(to_webvtt(parts), format_="vtt")
    assert [(c.start, c.end) for c in cues] == [(round(1000 * span.start_s), round(1000 * span.end_s))]
    assert not any(line.startswith("002") for line in to_edl(parts, title=nasty).splitlines())
    (clip,) = ElementTree.fromstring(to_fcpxml(parts, title=nasty)).iter("asset-clip")
    assert clip.get("name").startswith("-->")
