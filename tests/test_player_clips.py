"""Clips on their way to the player: made aside, given up, kept on disk, or played from the server."""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from coded_video import write_video

from videxplore.errors import VideoError
from videxplore.stages.decoding.muxing import picture_times
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.proxies import clip
from videxplore.values.media import Span
from videxplore.workbench import clips as clips_module
from videxplore.workbench.clip_cache import ClipCache
from videxplore.workbench.clips import BackgroundClips, Stretch
from videxplore.workbench.served_files import served_file, server_root

FORMATS = ("mp4", "webm")
SPAN = Span(1.0, 3.0)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_video(path, count=250, options={"preset": "ultrafast"}, size=(192, 108))
    cues = ["00:01.000 --> 00:02.000\nfirst", "00:05.000 --> 00:06.000\nsecond"]
    (path.parent / "film.vtt").write_text("\n\n".join(["WEBVTT", *cues]) + "\n")
    return path


@pytest.fixture
def kept(tmp_path) -> ClipCache:
    return ClipCache(tmp_path / "clips")


def source(film, kept, span=SPAN) -> BackgroundClips:
    return BackgroundClips(lambda _: Stretch(film, span), kept)


def test_a_clip_is_made_in_another_thread_and_bears_its_times(film, kept, monkeypatch):
    threads = []

    def make(*arguments, **more):
        threads.append(threading.current_thread())
        return clip(*arguments, **more)

    monkeypatch.setattr(clips_module, "clip", make)
    made = source(film, kept).order("s", "clip", FORMATS, False).result(60)
    assert threads[0] is not threading.main_thread()
    np.testing.assert_allclose(made.times_s, np.arange(50) / 25, atol=1e-4)
    assert made.pace == 1
    assert not made.preview


def test_what_was_made_is_found_again_by_content(film, kept, tmp_path, monkeypatch):
    first = source(film, kept).order("s", "clip", FORMATS, False).result(60)
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(film.read_bytes())

    def refuse(*arguments, **more):
        raise RuntimeError("it was made twice")

    monkeypatch.setattr(clips_module, "clip", refuse)
    again = source(moved, kept).order("s", "clip", FORMATS, False).result(60)
    assert again.content == first.content
    with pytest.raises(RuntimeError, match="made twice"):
        source(moved, kept, Span(1.0, 2.0)).order("s", "clip", FORMATS, False).result(60)


def test_what_is_given_up_ends_between_two_pictures(film, kept, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    def slow(*arguments, cancelled, **more):
        begun.set()
        while not cancelled():
            time.sleep(0.005)
        ended.set()
        raise CancelledError

    monkeypatch.setattr(clips_module, "clip", slow)
    order = source(film, kept).order("s", "clip", FORMATS, False)
    assert begun.wait(30)
    order.cancel()
    assert ended.wait(30)
    with pytest.raises(CancelledError):
        order.result(30)
    with pytest.raises(CancelledError):
        clip(film, Span(0.0, 9.0), cancelled=lambda: True)


def test_a_long_segment_is_a_preview_until_it_is_asked_for_whole(film, kept, monkeypatch):
    monkeypatch.setattr(clips_module, "LONG_S", 4.0)
    clips = source(film, kept, Span(1.0, 9.0))
    preview = clips.order("s", "clip", FORMATS, False).result(60)
    assert preview.preview
    assert preview.pace == pytest.approx(8.0 / 25.0)
    assert len(preview.times_s) <= 150
    whole = clips.order("s", "whole", FORMATS, False).result(60)
    assert len(whole.times_s) == 200
    monkeypatch.setattr(clips_module, "WHOLE_LIMIT_S", 5.0)
    with pytest.raises(ValueError, match=r"0:08\.0 is not sent whole \(up to 0:05\.0\)"):
        clips.order("s", "whole", FORMATS, False).result(60)


def test_a_glimpse_is_small(film, kept):
    glimpse = source(film, kept).order("s", "hover", FORMATS, False).result(60)
    assert len(glimpse.content) < 60_000
    assert len(glimpse.times_s) == 12


def test_subtitles_of_the_segment_alone(film, kept):
    assert source(film, kept, Span(0.5, 4.0)).cues("s").result(60) == [(1.0, 2.0, "first")]


def test_errors_reach_whoever_waits(film, kept, tmp_path):
    with pytest.raises(VideoError, match="no such file"):
        source(tmp_path / "gone.mp4", kept).order("s", "clip", FORMATS, False).result(60)
    with pytest.raises(ValueError, match="this browser plays no format"):
        source(film, kept).order("s", "clip", (), False).result(60)


# --- kept on disk ---


def test_the_least_recently_used_goes_first(tmp_path):
    held = ClipCache(tmp_path, limit_bytes=250)
    for k, name in enumerate("abc"):
        if name == "c":
            os.utime(held._path(("a",)), ns=(10, 10**18 * 3))  # a was used after b
        held.keep(b"x" * 100, name)
        os.utime(held._path((name,)), ns=(k, 10**18 + k))
    assert held.find("b") is None
    assert held.find("a") == held.find("c") == b"x" * 100
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) <= 250


def test_finding_counts_as_use(kept):
    kept.keep(b"x", "a")
    os.utime(kept._path(("a",)), ns=(1, 1))
    kept.find("a")
    assert kept._path(("a",)).stat().st_mtime_ns > 10**18


def test_what_a_dead_kernel_left_is_swept(kept):
    kept.keep(b"x", "a")
    for name, age_s in (("old.part", 7200), ("new.part", 0)):
        (kept.folder / name).write_bytes(b"half")
        os.utime(kept.folder / name, (time.time() - age_s,) * 2)
    kept.keep(b"y", "b")
    assert {p.name for p in kept.folder.glob("*.part")} == {"new.part"}


def test_a_folder_that_cannot_be_written_is_told(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    held = ClipCache(tmp_path / "file" / "clips")
    held.keep(b"x", "a")
    assert "could not be kept" in caplog.text
    assert held.find("a") is None


def _write_and_read(folder: str, seed: int) -> int:
    """One kernel of several on one folder; returns how many of the clips read were not whole."""
    held = ClipCache(Path(folder), limit_bytes=60_000)
    rng = np.random.default_rng(seed)
    torn = 0
    for _ in range(150):
        key = int(rng.integers(12))
        wanted = bytes([key]) * 9_000
        found = held.find(key)
        torn += found not in (None, wanted)
        if found is None:
            held.keep(wanted, key)
    return torn


def test_two_kernels_share_the_folder(tmp_path):
    with get_context("spawn").Pool(2) as kernels:
        assert kernels.starmap(_write_and_read, [(str(tmp_path), 1), (str(tmp_path), 2)]) == [0, 0]
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda seed: _write_and_read(str(tmp_path), seed), range(4))) == 0
    assert sum(p.stat().st_size for p in tmp_path.glob("*.clip")) <= 70_000


# --- from the notebook's server ---


@pytest.fixture
def server(tmp_path, monkeypatch) -> Path:
    """The description that a running server leaves for its kernels."""
    root, runtime = tmp_path / "root", tmp_path / "runtime"
    root.mkdir()
    runtime.mkdir()
    (runtime / "jpserver-4711.json").write_text(json.dumps({"root_dir": str(root)}))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    return root


def test_only_what_lies_below_the_root_is_named(film, server, tmp_path):
    assert server_root() == server.resolve()
    inside = server / "my films" / "a & b.mp4"
    inside.parent.mkdir()
    inside.write_bytes(film.read_bytes())
    found = served_file(open_video(inside))
    assert found["path"] == ["my films", "a & b.mp4"]
    assert found["size"] == inside.stat().st_size
    assert served_file(open_video(film)) is None
    (server / "link.mp4").symlink_to(film)
    assert served_file(open_video(server / "link.mp4")) is None, "a link must not lead out of the root"
    hidden = server / ".secret" / "film.mp4"
    hidden.parent.mkdir()
    hidden.write_bytes(film.read_bytes())
    assert served_file(open_video(hidden)) is None


def test_what_browsers_do_not_play_is_not_named(film, server):
    odd = server / "turned.mp4"
    write_video(odd, count=5, options={"preset": "ultrafast"}, rotation=90)
    assert served_file(open_video(odd)) is None
    other = server / "film.mkv"
    write_video(other, count=5, options={"preset": "ultrafast"})
    assert served_file(open_video(other)) is None


@pytest.mark.parametrize("process", ["", "4712", "../../etc"])
def test_without_a_server_nothing_is_named(server, monkeypatch, process):
    monkeypatch.setenv("JPY_PARENT_PID", process)
    assert server_root() is None


def test_a_long_segment_below_the_root_is_not_encoded(film, kept, server, monkeypatch):
    inside = server / "film.mp4"
    inside.write_bytes(film.read_bytes())
    monkeypatch.setattr(clips_module, "LONG_S", 4.0)
    clips = source(inside, kept, Span(1.0, 9.0))
    assert clips.order("s", "clip", FORMATS, True).result(60).served["path"] == ["film.mp4"]
    assert clips.order("s", "clip", FORMATS, False).result(60).served is None


def test_times_of_a_clip_are_read_from_it(film):
    np.testing.assert_allclose(picture_times(clip(film, Span(2.0, 2.4))), np.arange(10) / 25, atol=1e-4)
