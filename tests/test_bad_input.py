"""Whatever a user points at: a one-line reason, never a crash, a hang or a read of another file."""

from __future__ import annotations

import http.server
import os
import socket
import sys
import threading
from fractions import Fraction

import av
import numpy as np
import pytest
from coded_video import read_numbers, write_video
from PIL import Image

from videxplore.errors import VideoError
from videxplore.stages.decoding import tracks
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.sound import audio

X264 = {"preset": "ultrafast", "bf": "3", "b-adapt": "0", "crf": "10"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


def tone(seconds: float = 4.0) -> np.ndarray:
    return 0.3 * np.sin(np.arange(round(seconds * 48000)) / 20)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "good.mp4"
    write_video(path, count=50, size=(192, 128), options=X264, sound=tone(2.0))
    return path


def refused(path, reason):
    """Assert that the file is refused for this reason, in one line that names it; return the error."""
    with pytest.raises(VideoError) as caught:
        open_video(path)
    error = caught.value
    assert error.reason == reason
    text = str(error)
    assert "\n" not in text
    assert len(text) < 400
    assert repr(os.fspath(path)) in text
    assert error.detail
    assert error.remedy.endswith(".")
    return error


def made_of(content):
    return lambda path: path.write_bytes(content)


def save_image(path, kind):
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(path, format=kind)


def write_sound(path, codec="aac", container="mp4"):
    with av.open(str(path), "w", format=container) as output:
        track = output.add_stream(codec, rate=48000, layout="mono")
        for start in range(0, 48000, 960):
            block = tone(1.0)[None, start : start + 960].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="mono")
            frame.rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
            output.mux(track.encode(frame))
        output.mux(track.encode(None))


RANDOM = np.random.default_rng(3).bytes(20_000)
BAD = {
    "empty": ("a.mp4", made_of(b""), "empty"),
    "text": ("a.mp4", made_of(b"this is my shopping list\n" * 50), "not-a-video"),
    "one byte": ("a.mp4", made_of(b"x"), "not-a-video"),
    "zeros": ("a.mp4", made_of(bytes(5000)), "not-a-video"),
    "random bytes": ("a.mp4", made_of(RANDOM), "not-a-video"),
    "html": ("a.mp4", made_of(b"<!DOCTYPE html><html><body>Not found</body></html>"), "not-a-video"),
    "zip": ("a.mp4", made_of(b"PK\x03\x04" + RANDOM), "not-a-video"),
    "pdf": ("a.mp4", made_of(b"%PDF-1.7\n" + RANDOM), "not-a-video"),
    "subtitles": ("a.mp4", made_of(b"1\n00:00:00,000 --> 00:00:01,000\nhi\n"), "not-a-video"),
    "sound only": ("a.mp4", write_sound, "no-picture"),
    "sound only, mp3": ("a.mp3", lambda p: write_sound(p, "mp3", "mp3"), "no-picture"),
    "sound only, wav": ("a.wav", lambda p: write_sound(p, "pcm_s16le", "wav"), "no-picture"),
    "png": ("a.png", lambda p: save_image(p, "PNG"), "image"),
    "png named mp4": ("a.mp4", lambda p: save_image(p, "PNG"), "image"),
    "jpeg named mp4": ("a.mp4", lambda p: save_image(p, "JPEG"), "image"),
    "gif named mp4": ("a.mp4", lambda p: save_image(p, "GIF"), "image"),
    "webp": ("a.webp", lambda p: save_image(p, "WEBP"), "image"),
    "bmp": ("a.bmp", lambda p: save_image(p, "BMP"), "image"),
    "tiff": ("a.tif", lambda p: save_image(p, "TIFF"), "image"),
    "avif brand": ("a.mp4", made_of(b"\x00\x00\x00\x1cftypavif" + RANDOM), "image"),
    "hls": ("a.m3u8", made_of(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), "playlist"),
    "hls named mp4": ("a.mp4", made_of(b"#EXTM3U\n#EXTINF:1,\nother.ts\n"), "playlist"),
    "hls with a byte order mark": ("a.mp4", made_of(b"\xef\xbb\xbf#EXTM3U\n#EXTINF:1,\nx.ts\n"), "playlist"),
    "concat": ("a.mp4", made_of(b"ffconcat version 1.0\nfile good.mp4\n"), "playlist"),
    "dash": ("a.mpd", made_of(b'<?xml version="1.0"?>\n<MPD><Period/></MPD>'), "playlist"),
    "sdp": ("a.sdp", made_of(b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n"), "playlist"),
    "head of an mp4": ("a.mp4", made_of(b"\x00\x00\x00\x20ftypisom" + bytes(24)), "incomplete"),
    "head of an mkv": ("a.mkv", made_of(b"\x1a\x45\xdf\xa3" + RANDOM[:50]), "incomplete"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_video_is_refused_with_the_reason(tmp_path, name, capfd):
    file, make, reason = BAD[name]
    path = tmp_path / file
    make(path)
    refused(path, reason)
    captured = capfd.readouterr()  # FFmpeg's chatter must not reach the console
    assert captured.out + captured.err == ""


def test_missing_file_folder_and_null_device(tmp_path):
    refused(tmp_path / "nowhere.mp4", "missing")
    refused(tmp_path / "a file.mp4" / "inside", "missing")
    assert "folder" in refused(tmp_path, "not-a-file").detail
    refused("", "missing")
    refused("a\x00b.mp4", "unreadable")


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes and devices of this kind are POSIX")
def test_pipes_sockets_and_devices_are_not_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.mp4")
    refused(tmp_path / "pipe.mp4", "not-a-file")  # opening it would block for ever
    refused("/dev/zero", "not-a-file")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # socket paths are limited to about 100 bytes
        listener.bind("socket.mp4")
        refused(tmp_path / "socket.mp4", "not-a-file")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    refused(tmp_path / "loop.mp4", "unreadable")
    (tmp_path / "dangling.mp4").symlink_to(tmp_path / "gone.mp4")
    refused(tmp_path / "dangling.mp4", "missing")


@pytest.mark.parametrize(
    "address", ["https://example.org/a.mp4", "file:///etc/passwd", "rtsp://camera/1", "concat://a"]
)
def test_addresses_are_refused(address):
    refused(address, "url")


@pytest.mark.parametrize("trick", ["concat:{0}|{0}", "subfile,,start,0,end,0,,:{0}", "file:{0}", "cache:{0}"])
def test_protocols_of_ffmpeg_in_a_path_are_only_names(good, trick):
    refused(trick.format(good), "missing")


def test_no_request_is_made_for_a_playlist_or_an_address(tmp_path):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/x.ts"
    playlist = tmp_path / "a.mp4"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\n{address}\n")
    refused(playlist, "playlist")
    spaced = tmp_path / "b.mp4"
    spaced.write_text(f"\n\n #EXTM3U\n#EXTINF:1,\n{address}\n")
    refused(spaced, "playlist")
    refused(address, "url")
    server.shutdown()
    thread.join()
    server.server_close()
    assert asked == []


def test_the_demuxers_that_read_other_files_are_closed_even_without_the_first_check(
    tmp_path, good, monkeypatch
):
    """The format whitelist alone refuses playlists that the look at the first bytes would miss."""
    monkeypatch.setattr("videxplore.stages.decoding.container._refuse_by_content", lambda *_: None)
    (tmp_path / "part.mp4").write_bytes(good.read_bytes())
    for name, text in (
        ("a.mp4", "ffconcat version 1.0\nfile part.mp4\n"),
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:2,\npart.mp4\n#EXT-X-ENDLIST\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        refused(path, "not-a-video")


def test_an_mp4_cut_before_its_index_is_incomplete(tmp_path, good):
    path = tmp_path / "cut.mp4"
    path.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    assert "moov" in refused(path, "incomplete").detail


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("a.mp4", {"options": X264, "mux": {"movflags": "faststart"}}),
        ("a.mp4", {"options": X264, "mux": FRAGMENTED}),
        ("a.mkv", {"options": X264}),
        ("a.ts", {"options": X264}),
    ],
)
def test_a_file_cut_off_gives_what_is_there_and_says_so(tmp_path, file, arguments):
    path = tmp_path / file
    write_video(path, count=100, size=(192, 128), sound=tone(), **arguments)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    video = open_video(path)
    numbers = [n for batch in FrameScan(video) for n in read_numbers(batch.rgb)]
    assert 40 < len(numbers) < 75
    assert numbers[:40] == list(range(1, 41))
    assert video.duration_s == pytest.approx(len(numbers) / 25, abs=0.4)  # decoded, not the header's 4 s
    assert len(audio(video).samples) == round(video.duration_s * 16000)
    assert len(frames(video, every_s=0.5)) >= 3
    if "mux" in arguments and arguments["mux"] is not FRAGMENTED:
        assert "truncated" in video.flags  # TS and fragments do not state how long they should be
    with_end = open_video(path.with_name(file))
    assert with_end.video_id == video.video_id


@pytest.mark.parametrize(("file", "mux"), [("a.ts", None), ("a.mkv", None), ("a.mp4", FRAGMENTED)])
def test_a_recording_still_being_written_is_read_as_far_as_it_goes(tmp_path, file, mux):
    path = tmp_path / file
    write_video(path, count=100, size=(192, 128), options=X264, mux=mux)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    early = open_video(path)
    before = [n for batch in FrameScan(early) for n in read_numbers(batch.rgb)]
    with path.open("ab") as recorder:
        recorder.write(whole[len(whole) // 2 :])
    late = open_video(path)
    after = [n for batch in FrameScan(late) for n in read_numbers(batch.rgb)]
    assert 20 < len(before) < 90
    assert before[:20] == after[:20]
    assert after == list(range(1, 101))
    assert late.duration_s == pytest.approx(4.0, abs=0.05)
    assert late.video_id != early.video_id  # a library sees it as changed


@pytest.mark.parametrize("name", ["film.avi", "film.jpg", "film.txt"])
def test_content_decides_and_never_the_extension(good, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(good.read_bytes())
    assert open_video(path).frame_count == 50


def test_bit_rot_is_counted_and_passed_over(media_dir):
    video = open_video(media_dir / "decord_corrupted.mp4")
    scan = FrameScan(video, size=(64, 36))
    assert (sum(map(len, scan)), scan.decode_errors) == (49, 1)
    batch = frames(video, times_s=np.arange(50) / 10, size=(64, 36))
    assert len(batch) == 50  # where one frame is lost the one before stays on screen
    assert (batch.times_s <= np.arange(50) / 10 + 1e-6).all()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("file", ["a.mp4", "a.mkv", "a.ts"])
def test_damaged_files_give_frames_or_a_reason(tmp_path, file, seed):
    path = tmp_path / file
    write_video(path, count=40, options=X264, sound=tone(1.6))
    data = bytearray(path.read_bytes())
    chance = np.random.default_rng(seed)
    for _ in range(int(chance.integers(1, 60))):
        data[int(chance.integers(len(data)))] = int(chance.integers(256))
    if seed % 3 == 0:
        data = data[: int(chance.integers(1, len(data)))]
    path.write_bytes(data)
    try:
        video = open_video(path)
        scan = FrameScan(video, size=(32, 24))
        assert sum(map(len, scan)) > 0
        assert len(frames(video, every_s=max(video.duration_s / 5, 0.01), size=(32, 24))) >= 1
        audio(video, span=video.span)
    except VideoError as error:
        reason = error.reason
    else:
        reason = None
    assert reason in {None, "no-frames", "incomplete", "not-a-video", "no-picture", "unsupported-codec"}


def test_frames_too_large_are_refused_before_decoding(good, monkeypatch):
    monkeypatch.setattr(tracks, "MAX_PIXELS", 192 * 128 - 1)
    assert "192×128" in refused(good, "too-large").detail


def test_a_real_giant_frame_is_refused(tmp_path):
    path = tmp_path / "giant.mkv"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = 9000, 6000, "yuvj420p"
        frame = av.VideoFrame(9000, 6000, "yuvj420p")
        frame.pts = 0
        for packet in stream.encode(frame):
            output.mux(packet)
        output.mux(stream.encode(None))
    refused(path, "too-large")


def test_a_codec_not_listed_is_refused_with_a_remedy(good, monkeypatch):
    monkeypatch.setattr(tracks, "_PICTURE_CODECS", frozenset({"vp9"}))
    error = refused(good, "unsupported-codec")
    assert "h264" in error.detail
    assert "ffmpeg" in error.remedy


def test_sound_with_cover_art_has_no_picture(tmp_path):
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as output:
        track = output.add_stream("mp3", rate=48000, layout="mono")
        picture = output.add_stream("mjpeg", rate=1)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuvj420p"
        picture.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        frame.pts = 0
        output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        for start in range(0, 9600, 960):
            block = np.zeros((1, 960), np.float32)
            sound = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            sound.rate, sound.pts, sound.time_base = 48000, start, Fraction(1, 48000)
            output.mux(track.encode(sound))
        output.mux(track.encode(None))
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 1
    refused(path, "no-picture")


def test_one_frame_is_a_video(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, count=1, options=X264)
    video = open_video(path)
    assert video.frame_count == 1
    assert 0.0 < video.duration_s < 1.0
    assert len(frames(video, every_s=10.0)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="these characters are not allowed in names there")
@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>.mp4",
        "-leading dash.mp4",
        "new\nline.mp4",
        "emoji 🎬 #?&%20.mp4",
        "concat:a|b.mp4",
        "x" * 250 + ".mp4",
        "a'b\"c.mp4",
        "no extension",
        "wrong.txt",
    ],
)
def test_strange_names_are_only_names(good, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(good.read_bytes())
    video = open_video(path)
    assert video.video_id == open_video(good).video_id
    assert len(frames(video, times_s=[0.0], size=(16, 16))) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux allows names that are not UTF-8")
def test_a_name_that_is_not_utf8(good, tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    path.write_bytes(good.read_bytes())
    assert len(frames(path, times_s=[0.0], size=(16, 16))) == 1
    assert sum(map(len, FrameScan(path))) == 50


def test_control_characters_in_labels_are_dropped(tmp_path):
    assert tracks.plain_text("\u202eevil\u202c\x07 \ttitle\n") == "evil title"
    assert tracks.plain_text("x" * 500) == "x" * 200


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path, good):
    path = tmp_path / "a.mp4"
    path.write_bytes(good.read_bytes())
    path.chmod(0)
    refused(path, "unreadable")


def test_every_real_clip_opens_or_says_why(media_dir):
    for path in sorted(media_dir.glob("*.*")):
        if path.suffix in (".csv", ".md"):
            refused(path, "not-a-video")
        elif path.name == "popcorn_italia.mp4":
            refused(path, "no-picture")
        else:
            video = open_video(path)
            assert len(frames(video, times_s=[video.duration_s / 2], size=(32, 18))) == 1
