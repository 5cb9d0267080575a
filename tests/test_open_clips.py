"""Open clips: listed facts, verified copies, attribution, clear errors. No network."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from videxplore.errors import MissingExtraError, VideoError
from videxplore.studio import open_clips as home
from videxplore.studio.open_clips import attribution, clip_facts, clips_at_hand, open_clips


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEXPLORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("VIDEXPLORE_MEDIA", raising=False)
    return tmp_path / "cache" / "open_clips"


@pytest.fixture
def two_clips(monkeypatch, tmp_path):
    """A list of two small made-up files and a folder that holds them."""
    folder = tmp_path / "folder"
    folder.mkdir()
    listed = []
    for name in ("one.mp4", "two.mp4"):
        (folder / name).write_bytes(name.encode() * 100)
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        facts = clip_facts()[0]
        listed.append(
            home.OpenClip(
                name, facts.repository, name, facts.commit, digest, "CC0-1.0", "https://x", "Someone", "x"
            )
        )
    monkeypatch.setattr(home, "clip_facts", lambda: tuple(listed))
    return folder


def test_the_list_is_complete_and_open():
    facts = clip_facts()
    assert len(facts) >= 10
    assert len({c.name for c in facts}) == len(facts)
    for clip in facts:
        assert clip.licence in {"CC0-1.0", "CC-BY-3.0", "CC-BY-4.0"}
        assert clip.licence_url.startswith("https://creativecommons.org/")
        assert re.fullmatch(r"[0-9a-f]{64}", clip.sha256)
        assert re.fullmatch(r"[0-9a-f]{40}", clip.commit)
        assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", clip.repository)
        assert clip.url.startswith("https://raw.githubusercontent.com/")
        assert f"/{clip.commit}/" in clip.url
        assert clip.licence in clip.attribution
        assert clip.name in attribution()
        assert clip.attribution in attribution()


def test_the_list_agrees_with_the_registry(media_dir):
    import csv

    with (media_dir / "registry.csv").open(encoding="utf-8") as stream:
        rows = {row["file"]: row for row in csv.DictReader(stream)}
    for clip in clip_facts():
        row = rows[clip.name]
        assert row["sha256"] == clip.sha256
        assert row["source"] == f"{clip.repository} {clip.path} @ {clip.commit}"
        assert clip.licence in row["licence"]
        assert "NC" not in row["licence"]


def test_real_clips_from_a_folder(cache, media_dir, monkeypatch):
    monkeypatch.setenv("VIDEXPLORE_MEDIA", str(media_dir))
    paths = open_clips()
    assert [path.name for path in paths] == [clip.name for clip in clip_facts()]
    assert all(path.parent == cache for path in paths)
    for path, clip in zip(paths, clip_facts(), strict=True):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == clip.sha256
    assert (cache / "ATTRIBUTION.md").read_text(encoding="utf-8") == attribution()
    monkeypatch.delenv("VIDEXPLORE_MEDIA")
    assert clips_at_hand() == paths  # kept, and found again without the folder


def test_copies_are_made_once_and_repaired(cache, two_clips, monkeypatch):
    monkeypatch.setenv("VIDEXPLORE_MEDIA", str(two_clips))
    first, second = open_clips()
    before = first.stat().st_mtime_ns
    second.write_bytes(b"damaged")
    open_clips()
    assert first.stat().st_mtime_ns == before
    assert second.read_bytes() == b"two.mp4" * 100
    assert sorted(path.name for path in cache.iterdir()) == ["ATTRIBUTION.md", "one.mp4", "two.mp4"]


def test_nothing_at_hand_is_an_empty_list(cache, two_clips):
    assert clips_at_hand() == []


def test_some_at_hand(cache, two_clips, monkeypatch):
    (two_clips / "two.mp4").unlink()
    monkeypatch.setenv("VIDEXPLORE_MEDIA", str(two_clips))
    assert [path.name for path in clips_at_hand()] == ["one.mp4"]
    with pytest.raises(VideoError, match="does not hold this clip") as caught:
        open_clips()
    assert caught.value.reason == "missing"
    assert "two.mp4" in caught.value.path


def test_another_content_is_refused(cache, two_clips, monkeypatch):
    (two_clips / "one.mp4").write_bytes(b"something else")
    monkeypatch.setenv("VIDEXPLORE_MEDIA", str(two_clips))
    with pytest.raises(VideoError, match="SHA-256") as caught:
        open_clips()
    assert caught.value.reason == "wrong-content"
    assert not (cache / "one.mp4").exists()


class TestFetching:
    """What pooch is asked to do; its transport is replaced, the network is not touched."""

    def test_the_raw_file_of_the_commit_is_fetched_and_verified(self, cache, two_clips, monkeypatch):
        pooch = pytest.importorskip("pooch")
        asked = []

        def transport(url, output_file, _pooch):
            asked.append(url)
            shutil.copyfile(two_clips / url.rsplit("/", 1)[1], output_file)

        monkeypatch.setattr(pooch.core, "choose_downloader", lambda *_, **__: transport)
        paths = open_clips()
        assert asked == [clip.url for clip in home.clip_facts()]
        assert [path.read_bytes() for path in paths] == [b"one.mp4" * 100, b"two.mp4" * 100]
        assert "Someone" in (cache / "ATTRIBUTION.md").read_text(encoding="utf-8")

    def test_a_changed_source_is_refused(self, cache, two_clips, monkeypatch):
        pooch = pytest.importorskip("pooch")

        def transport(_url, output_file, _pooch):
            Path(output_file).write_bytes(b"an error page")

        monkeypatch.setattr(pooch.core, "choose_downloader", lambda *_, **__: transport)
        with pytest.raises(VideoError, match="does not have the listed SHA-256") as caught:
            open_clips()
        assert caught.value.reason == "wrong-content"
        assert not (cache / "one.mp4").exists()

    def test_no_network_is_said_plainly(self, cache, two_clips, monkeypatch):
        pooch = pytest.importorskip("pooch")

        def transport(*_):
            raise ConnectionError("no route")

        monkeypatch.setattr(pooch.core, "choose_downloader", lambda *_, **__: transport)
        with pytest.raises(VideoError, match="VIDEXPLORE_MEDIA") as caught:
            open_clips()
        assert caught.value.reason == "not-fetched"

    def test_without_pooch_the_extra_is_named(self, cache, two_clips, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "pooch", None)
        with pytest.raises(MissingExtraError, match=r"videxplore\[clips\]"):
            open_clips()
