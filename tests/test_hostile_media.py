"""Files made to harm: to read other files, to fill the memory, to take for ever, to be taken for films.

Each is refused with a reason or read as what it is, within seconds and a few megabytes.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import zlib
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from coded_video import read_numbers, write_video
from mutated_media import write_seeds
from test_bad_input import refused
from test_fuzz_media import NOT_A_REFUSAL, documented_reasons

from videxplore.errors import VideoError
from videxplore.stages.decoding import container as container_module
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.probe import MAX_HOURS, open_video
from videxplore.stages.encoding.registry import encoder
from videxplore.workbench.ingest import ingest
from videxplore.workbench.library import Library
from videxplore.workbench.limits import Limits
from videxplore.workbench.worker import Worker

WITH_B_FRAMES = {"preset": "ultrafast", "bf": "2", "b-adapt": "0", "crf": "10"}
KNOWN = documented_reasons() - NOT_A_REFUSAL
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="inotify, or files of /proc and /dev")


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.mp4"
    write_video(path, count=50, size=(192, 128), options=WITH_B_FRAMES)
    return path


@contextmanager
def never_opened(*paths: Path):
    """Assert that nobody, FFmpeg included, opens one of these files meanwhile: inotify counts."""
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    try:
        for path in paths:
            assert libc.inotify_add_watch(watch, os.fsencode(path), 0x20) >= 0  # IN_OPEN
        yield
        with pytest.raises(BlockingIOError):
            os.read(watch, 4096)
    finally:
        os.close(watch)


@linux_only
def test_the_watch_itself_sees_an_opening(good):
    with pytest.raises(pytest.fail.Exception), never_opened(good):
        av.open(str(good)).close()


LISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:2,\n{path}\n#EXT-X-ENDLIST\n",
    "hls, by address": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:2,\nfile://{path}\n#EXT-X-ENDLIST\n",
    "hls with a key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{path}"\n#EXTINF:2,\n{path}\n',
    "hls of lists": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{path}\n",
    "plain list": "{path}\n",
    "concat": "ffconcat version 1.0\nfile {name}\n",
    "concat without a head": "file '{name}'\nfile '{name}'\n",
    "dash": '<?xml version="1.0"?>\n<MPD><Period><BaseURL>{path}</BaseURL></Period></MPD>',
    "smil": '<smil><body><video src="{path}"/></body></smil>',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{path}" width="9" height="9"/></svg>',
    "svg with a head": '<?xml version="1.0"?><svg><image href="{path}" width="9" height="9"/></svg>',
    "xspf": '<?xml version="1.0"?><playlist><trackList><location>{path}</location></trackList></playlist>',
    "asx": '<asx version="3.0"><entry><ref href="{path}"/></entry></asx>',
    "pls": "[playlist]\nFile1={path}\nNumberOfEntries=1\n",
    "edl": "# mpv EDL v0\n{path}\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n",
    "ass": "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,{{\\1img({path})}}\n",
    "avisynth": 'AVISource("{path}")\n',
    "ffmetadata": ";FFMETADATA1\ntitle={path}\n",
    "real": ".ra\xfd rtsp://127.0.0.1/{path}\n",
    "web address": "[InternetShortcut]\nURL=file://{path}\n",
}


@linux_only
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".ts", ".avi"])
@pytest.mark.parametrize("kind", LISTS)
def test_text_that_names_other_files_has_none_of_them_opened(good, tmp_path, kind, suffix, monkeypatch):
    other = tmp_path / "part.mp4"
    other.write_bytes(good.read_bytes())
    path = tmp_path / f"list{suffix}"
    path.write_text(LISTS[kind].format(path=other, name=other.name), encoding="utf-8")
    with never_opened(other):
        error = refuse(path)
        assert error.reason in ("playlist", "not-a-video")
        # The format whitelist alone holds as well, should the look at the first bytes miss a kind.
        monkeypatch.setattr(container_module, "_refuse_by_content", lambda *_: None)
        assert refuse(path).reason == "not-a-video"


def refuse(path: Path) -> VideoError:
    with pytest.raises(VideoError) as caught:
        open_video(path)
    return caught.value


@linux_only
@pytest.mark.parametrize(("kind", "flags"), [(b"url ", 0), (b"alis", 0), (b"urn ", 0)])
@pytest.mark.parametrize("form", ["{path}", "file://{path}", "{name}", "http://127.0.0.1:9/{name}"])
def test_references_of_an_mp4_to_other_files_are_not_followed(good, tmp_path, kind, flags, form):
    other = tmp_path / "secret.bin"
    other.write_bytes(good.read_bytes())
    target = form.format(path=other, name=other.name).encode() + b"\0"
    entry = struct.pack(">I4sI", 12 + len(target), kind, flags) + target
    dref = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    path = tmp_path / "refers.mp4"
    path.write_bytes(
        replace_box(good.read_bytes(), (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"), dref)
    )
    with never_opened(other):
        assert outcome(path) in KNOWN | {"decoded"}


def replace_box(data: bytes, where: tuple[bytes, ...], new: bytes) -> bytes:
    """Replace the box at the path ``where`` of an MP4 and put the lengths of those around it right."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == where[0]:
            inside = data[at + 8 : at + size]
            box = new if len(where) == 1 else replace_box(inside, where[1:], new)
            if len(where) > 1:
                box = struct.pack(">I4s", 8 + len(box), kind) + box
            return data[:at] + box + data[at + size :]
        at += size
    raise AssertionError(where)


def outcome(path: Path) -> str:
    """Look at a file with all that is used of it; return the reason, or ``"decoded"``."""
    try:
        video = open_video(path)
        assert sum(map(len, FrameScan(video, size=(32, 24)))) > 0
        assert len(frames(video, times_s=[0.0, video.duration_s / 2, video.duration_s], size=(32, 24))) == 3
    except VideoError as error:
        return error.reason
    return "decoded"


@linux_only
def test_links_to_what_is_no_file(tmp_path, good):
    os.mkfifo(tmp_path / "pipe")
    for name, target in (("zero", "/dev/zero"), ("fifo", tmp_path / "pipe"), ("folder", "/etc")):
        (tmp_path / f"{name}.mp4").symlink_to(target)
        refused(tmp_path / f"{name}.mp4", "not-a-file")
    (tmp_path / "mem.mp4").symlink_to("/proc/self/mem")
    refused(tmp_path / "mem.mp4", "empty")
    (tmp_path / "film.mp4").symlink_to(good)
    assert open_video(tmp_path / "film.mp4").frame_count == 50


@linux_only
def test_a_folder_of_all_of_them_is_ingested_to_the_end(tmp_path, good):
    """Pipes, links and loops inside a folder: nothing blocks, nothing outside is walked, all is reported."""
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "private.mp4").write_bytes(good.read_bytes() + b"\0")
    os.mkfifo(folder / "pipe.mp4")
    (folder / "loop.mp4").symlink_to(folder / "loop.mp4")
    (folder / "round").symlink_to(folder)
    (folder / "away").symlink_to(outside)
    (folder / "null.mp4").symlink_to("/dev/null")
    (folder / "%03d.mp4").write_bytes(good.read_bytes())
    (folder / "wrong-extension.avi").write_bytes(good.read_bytes() + b"\0\0")
    library = Library(tmp_path / "lib.lance")
    report = ingest(folder, library, segmenter="fixed", workers=2, time_limit_s=60, progress=False)
    assert {Path(r.path).name for r in report.done} == {"%03d.mp4", "wrong-extension.avi"}
    reasons = {Path(r.path).name: r.reason for r in report.failed}
    assert reasons == {"pipe.mp4": "not-a-file", "loop.mp4": "unreadable", "null.mp4": "not-a-file"}
    assert len(library.videos()) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "lib.lance", "outside"]


def coded(codec: str, width: int, height: int, count: int, pix_fmt: str = "yuvj420p") -> list[bytes]:
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = width, height, pix_fmt
    context.time_base, context.framerate = Fraction(1, 25), 25
    packets = []
    for k in range(count):
        frame = av.VideoFrame(width, height, pix_fmt)
        for plane in frame.planes:
            plane.update(bytes([90 + k]) * plane.buffer_size)
        frame.pts, frame.time_base = k, Fraction(1, 25)
        packets += context.encode(frame)
    return [bytes(packet) for packet in packets + context.encode(None)]


def mux(path: Path, pictures: list[bytes], times: list[int] | None = None, rate: int = 25) -> Path:
    """Write coded pictures as they are, whatever their size, into a track that says 64×48."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for k, content in enumerate(pictures):
            packet = av.Packet(content)
            packet.stream, packet.time_base = stream, Fraction(1, rate)
            packet.pts = packet.dts = times[k] if times else k
            packet.duration, packet.is_keyframe = 1, True
            output.mux(packet)
    return path


@pytest.fixture(scope="module")
def small() -> list[bytes]:
    return coded("mjpeg", 64, 48, 10)


@pytest.mark.parametrize("container", ["mkv", "mp4", "avi"])
def test_pictures_that_grow_giant_in_mid_stream_are_not_decoded(tmp_path, small, container):
    giant = coded("mjpeg", 8000, 6400, 1)  # 51 megapixels in half a megabyte
    path = mux(tmp_path / f"grows.{container}", [*small[:5], *giant, *small[5:]])
    video = open_video(path)
    scan = FrameScan(video, size=(32, 24))
    assert (sum(map(len, scan)), scan.decode_errors) == (10, 1)
    assert len(frames(video, times_s=np.arange(11) / 25, size=(32, 24))) == 11
    assert "8000×6400" in refused(mux(tmp_path / f"all.{container}", giant), "too-large").detail


def test_a_size_that_changes_in_mid_stream_is_scaled(tmp_path, small):
    path = mux(tmp_path / "changes.mkv", [*small[:5], *coded("mjpeg", 160, 32, 5)])
    batches = list(FrameScan(open_video(path)))
    assert [batch.rgb.shape[1:] for batch in batches] == [(48, 64, 3)]
    assert len(batches[0]) == 10


def test_clocks_that_cannot_be_meant(tmp_path, small):
    hour = 25 * 3600
    leaps = mux(tmp_path / "leaps.mkv", small[:2], [0, 2 * hour])
    assert "stands for 2 hours" in refused(leaps, "broken-clock").detail
    years = mux(tmp_path / "years.mkv", small[:2], [0, 30 * 365 * 24 * hour])
    refused(years, "broken-clock")
    count = MAX_HOURS + 2
    long = mux(tmp_path / "long.mkv", small[:1] * count, [k * (hour - 25) for k in range(count)])
    assert f"limit is {MAX_HOURS} hours" in refused(long, "too-long").detail
    calm = mux(tmp_path / "calm.mkv", small[:2], [0, hour // 2])  # a slide may stand for half an hour
    assert open_video(calm).duration_s == pytest.approx(1800, abs=1)


NUMBERS = {
    "time scale of the film": (b"mvhd", 12),
    "time scale of the track": (b"mdhd", 12),
    "length": (b"mdhd", 16),
    "count of durations": (b"stts", 4),
    "count of frames of the first duration": (b"stts", 8),
    "first duration": (b"stts", 12),
    "size of all samples": (b"stsz", 4),
    "count of samples": (b"stsz", 8),
    "count of chunk runs": (b"stsc", 4),
    "samples per chunk": (b"stsc", 12),
    "count of chunks": (b"stco", 4),
    "place of the first chunk": (b"stco", 8),
    "count of keyframes": (b"stss", 4),
    "count of shifts": (b"ctts", 4),
    "count of edits": (b"elst", 4),
    "start of the first edit": (b"elst", 12),
    "width": (b"avc1", 24),
}


@pytest.mark.long
def test_impossible_numbers_in_every_table_of_an_mp4(tmp_path, good):
    """In a worker with little memory: a table that is believed would cost gigabytes, or minutes."""
    data = good.read_bytes()
    worker = Worker(encoder(), "fixed", Limits(time_limit_s=30.0, memory_limit_gb=0.7))
    wrong = []
    for name, (box, offset) in NUMBERS.items():
        at = data.index(box) + 4 + offset
        for number in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):
            path = tmp_path / "number.mp4"
            path.write_bytes(data[:at] + struct.pack(">I", number) + data[at + 4 :])
            try:
                worker.prepare(worker.open(str(path)))
            except VideoError as error:
                if error.reason not in KNOWN:
                    wrong.append((name, number, error.reason))
    worker.close()
    assert wrong == []


def test_a_tiny_file_that_claims_a_hundred_million_frames(tmp_path, good):
    """FFmpeg may believe it; then the limits hold, and the worker goes on with the next file."""
    data = bytearray(good.read_bytes())
    for box, offset, number in (
        (b"stsz", 4, 1),
        (b"stsz", 8, 10**8),
        (b"stsc", 12, 10**8),
        (b"stts", 8, 10**8),
    ):
        struct.pack_into(">I", data, data.index(box) + 4 + offset, number)
    path = tmp_path / "claims.mp4"
    path.write_bytes(data)
    worker = Worker(encoder(), "fixed", Limits(time_limit_s=20.0, memory_limit_gb=0.5))
    with pytest.raises(VideoError) as caught:
        worker.prepare(worker.open(str(path)))
    assert caught.value.reason in KNOWN | {"memory", "timeout"}
    assert worker.open(str(good)).frame_count == 50
    worker.close()


def test_a_compressed_index_that_swells(tmp_path, good):
    """QuickTime may deflate its index: 64 KB that become 64 MB of zeros."""
    swollen = zlib.compress(bytes(64 * 2**20), 9)
    cmvd = struct.pack(">I4sI", 12 + len(swollen), b"cmvd", 64 * 2**20) + swollen
    dcom = struct.pack(">I4s4s", 12, b"dcom", b"zlib")
    cmov = struct.pack(">I4s", 8 + len(dcom) + len(cmvd), b"cmov") + dcom + cmvd
    path = tmp_path / "swells.mov"
    path.write_bytes(
        replace_box(good.read_bytes(), (b"moov",), struct.pack(">I4s", 8 + len(cmov), b"moov") + cmov)
    )
    assert refuse(path).reason in KNOWN


def test_hundreds_of_tracks(tmp_path, good):
    path = tmp_path / "tracks.mkv"
    with av.open(str(path), "w") as output, av.open(str(good)) as source:
        video = output.add_stream_from_template(source.streams.video[0])
        sounds = [output.add_stream("aac", rate=48000, layout="mono") for _ in range(300)]
        assert len(sounds) == 300
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                output.mux(packet)
    video = open_video(path)
    assert "several-tracks" in video.flags
    assert [n for batch in FrameScan(video) for n in read_numbers(batch.rgb)] == list(range(1, 51))


def test_what_is_attached_is_not_written_anywhere(tmp_path, good, monkeypatch):
    path = tmp_path / "attached.mkv"
    with av.open(str(path), "w") as output, av.open(str(good)) as source:
        video = output.add_stream_from_template(source.streams.video[0])
        output.add_attachment("../../escape.sh", "application/x-sh", b"echo escaped")
        output.add_attachment("font.ttf", "application/x-truetype-font", b"\0\1\0\0" * 100)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                output.mux(packet)
    monkeypatch.chdir(tmp_path)
    assert outcome(path) == "decoded"
    assert [p.name for p in tmp_path.iterdir()] == ["attached.mkv"]


@pytest.mark.long
def test_cut_at_every_kind_of_place(tmp_path):
    """Each kind of film cut at its box borders and in between: what is there, or a reason."""
    wrong = []
    (tmp_path / "whole").mkdir()
    for name, data in write_seeds(tmp_path / "whole").items():
        borders = {
            data.find(box) + shift for box in (b"moov", b"mdat", b"idx1", b"movi") for shift in (-4, 4)
        }
        even = np.linspace(1, len(data) - 1, 12).astype(int).tolist()
        for at in sorted({*even, *(b for b in borders if 0 < b < len(data))}):
            path = tmp_path / name
            path.write_bytes(data[:at])
            if (found := outcome(path)) not in KNOWN | {"decoded"}:
                wrong.append((name, at, found))
    assert wrong == []


def test_nothing_is_printed(tmp_path, good, capfd):
    path = tmp_path / "rotten.mp4"
    data = bytearray(good.read_bytes())
    for at in range(len(data) // 3, len(data) // 2, 37):
        data[at] ^= 0xFF
    path.write_bytes(data)
    outcome(path)
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


# Rows of the table of bad input, and the tests that hold them (tests of the store and the views included).
ROWS = {
    "zero bytes, text, random bytes": "test_bad_input.test_what_is_no_video_is_refused_with_the_reason",
    "MP4 cut before moov": "test_bad_input.test_an_mp4_cut_before_its_index_is_incomplete",
    "faststart, MKV, fragments cut": "test_bad_input.test_a_file_cut_off_gives_what_is_there_and_says_so",
    "bit rot": "test_bad_input.test_bit_rot_is_counted_and_passed_over",
    "audio only": "test_ingest.test_audio_only_is_said_to_be_so",
    "still image": "test_bad_input.test_what_is_no_video_is_refused_with_the_reason",
    "cover art": "test_bad_input.test_sound_with_cover_art_has_no_picture",
    "one frame": "test_bad_input.test_one_frame_is_a_video",
    "varying rate, odd sizes, AV1, HEVC, MPEG-TS": (
        "test_exactness.test_every_frame_is_right_or_decord_is_refused"
    ),
    "growing file": "test_bad_input.test_a_recording_still_being_written_is_read_as_far_as_it_goes",
    "wrong extension": "test_bad_input.test_content_decides_and_never_the_extension",
    "hours long": "test_long_films.test_ten_hours_are_scanned_in_bounded_memory",
    "out of memory": "test_model_encoders.test_a_batch_is_halved_where_memory_runs_out",
    "rotated": "test_decoding.test_rotation_is_applied",
    "start offset": "test_decoding.test_a_film_that_starts_late_is_whole",
    "HDR and interlaced": "test_decoding.test_hdr_and_interlaced_are_flagged",
    "pixel aspect": "test_decoding.test_oblong_pixels_are_flagged",
    "small file, giant picture": "test_bad_input.test_a_real_giant_frame_is_refused",
    "no sound": "test_decoding_sound.test_no_sound_is_none",
    "several tracks": "test_decoding.test_of_several_tracks_the_default_one_is_taken",
    "playlist disguised": "test_hostile_media.test_text_that_names_other_files_has_none_of_them_opened",
    "FIFO, device, directory, socket": "test_bad_input.test_pipes_sockets_and_devices_are_not_opened",
    "links": "test_hostile_media.test_a_folder_of_all_of_them_is_ingested_to_the_end",
    "names": "test_bad_input.test_strange_names_are_only_names",
    "names in a library": "test_ingest.test_hostile_names",
    "two names": "test_ingest.test_the_same_content_under_two_names_is_one_video",
    "changed, moved": "test_ingest.test_a_moved_file_is_found_again_and_a_changed_one_is_seen",
    "read-only library": "test_store.test_opening_writes_nothing",
    "disk full": "test_ingest.test_a_full_disk_stops_the_batch_and_keeps_what_was_stored",
    "kill -9": "test_library_integrity.test_killed_three_times",
    "two at once": "test_ingest.test_two_processes_ingest_the_same_folder",
    "second reader": "test_library.test_what_another_process_adds_is_seen",
    "other model": "test_store.test_vectors_of_another_encoder_are_refused",
    "bad vectors": "test_encoder_protocol.test_a_wrong_answer_of_an_encoder_is_named",
    "odd queries": "test_library.test_what_cannot_be_asked_is_refused",
    "more hits than rows": "test_library.test_more_hits_than_there_are",
    "empty library": "test_library.test_an_empty_library",
    "bad reranker": "test_reranking.test_a_reranker_that_breaks_the_pool_is_named",
    "few points": "test_projection.test_any_number_of_points",
    "no variation": "test_projection.test_points_without_variation",
    "subtitles": "test_decoding_subtitles.test_reversed_overlapping_late_and_empty_cues",
    "interrupt": "test_ingest.test_an_interrupt_ends_the_workers_and_leaves_the_library_whole",
    "run again": "test_ingest.test_running_it_again_changes_nothing",
    "crash, hang, memory": "test_ingest.test_what_a_file_does_to_its_process_costs_that_file",
}


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_table_is_held_by_a_test(row):
    module, name = ROWS[row].split(".")
    assert f"def {name}(" in (Path(__file__).parent / f"{module}.py").read_text()
