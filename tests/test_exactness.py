"""The frame-exactness table: every frame by the number burnt into it, and the committed table in step."""

from __future__ import annotations

import av
import numpy as np
import pytest
from coded_video import TICKS
from decord_alone import DecordAlone
from exactness import DOCUMENT, EXACT, HAS_DECORD, judge, written_rows
from exactness_cases import CASES, Case

from videxplore.stages.decoding import tone
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.proxies import clip
from videxplore.values.media import Span

# FFmpeg itself, and so every program that reads with it, puts these frames one frame time late.
KNOWN = {"MP4 H.264 edit list: two pieces, joined inside a GOP"}


@pytest.fixture(scope="module")
def verdict(tmp_path_factory):
    """Judges each case once for all tests of this module."""
    found, alone = {}, DecordAlone()

    def of(case: Case):
        if case.name not in found:
            found[case.name] = judge(case, tmp_path_factory.mktemp("exactness"), alone)
        return found[case.name]

    yield of
    alone.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_frame_is_right_or_decord_is_refused(case, verdict):
    found = verdict(case)
    if case.name in KNOWN:
        assert found.scanned.startswith("right frames")
    else:
        assert (found.scanned, found.sought) == (EXACT, EXACT)
    if HAS_DECORD:
        assert found.decord == EXACT or found.decord.startswith("refused: ")
        if found.decord == EXACT:
            assert found.decord_alone in ("right", "wrong by index")


FLAGS = {
    "rotated": ("rotated",),
    "interlaced": ("interlaced",),
    "non-square-pixels": ("non-square",),
    "hdr": ("HDR", "HLG"),
    "variable-frame-rate": ("varying", "left-out", "joined inside"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_flags_say_what_is_unusual_and_no_more(case, verdict):
    flags = set(verdict(case).flags)
    assert flags - {"start-offset"} == {
        flag for flag, words in FLAGS.items() if any(word in case.property for word in words)
    }
    if "late start" in case.property:
        assert "start-offset" in flags


def test_the_written_table_is_what_this_run_found(verdict):
    found = [verdict(case).cells(case) for case in CASES]
    shown = 7 if HAS_DECORD else 5  # the last two columns are decord's
    assert [row[:shown] for row in written_rows()] == [row[:shown] for row in found], (
        f"run `python tests/exactness.py` and look at what changed in {DOCUMENT.name}"
    )


def test_the_table_covers_what_people_have():
    assert len({case.name for case in CASES}) == len(CASES)
    containers = {case.container for case in CASES}
    assert containers >= {"MP4", "MOV", "MKV", "WebM", "AVI", "MPEG-TS", "FLV", "OGG"}
    codecs = {case.codec for case in CASES}
    assert codecs >= {"H.264", "HEVC", "VP8", "VP9", "AV1", "MPEG-4", "ProRes", "MJPEG"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_auto_takes_decord_only_where_it_is_right(case, verdict):
    found = verdict(case)
    if found.decord != EXACT or case.container == "MPEG-TS" or case.codec == "AV1":
        assert found.auto == {"pyav"}


def write_patches(path, curve: str | None, signals: list[float], x265: str = "", codec="libx265") -> None:
    """Ten bits whose columns are grey at the given signals, 0..1; FFV1 leaves the curve to the container."""
    colour = f":colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc" if curve else ""
    width, height = 64 * len(signals), 64
    grey = np.repeat(np.round(64 + 876 * np.array(signals)), 64).astype(np.uint16)
    planes = np.full((height * 3 // 2, width), 512, np.uint16)
    planes[:height] = grey
    with av.open(str(path), "w") as output:
        options = {"preset": "ultrafast", "x265-params": f"log-level=none:pools=1:qp=4{colour}{x265}"}
        stream = output.add_stream(codec, rate=25, options=options if codec == "libx265" else {})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p10le"
        if codec == "ffv1":
            stream.codec_context.color_trc = tone.PQ
            stream.codec_context.color_primaries = stream.codec_context.colorspace = 9  # BT.2020
        for k in range(3):
            frame = av.VideoFrame(width, height, "yuv420p10le")
            for plane, values in zip(frame.planes, (planes[:height], None, None), strict=True):
                rows = np.full((plane.height, plane.line_size // 2), 512, np.uint16)
                if values is not None:
                    rows[:, : values.shape[1]] = values
                plane.update(rows.tobytes())
            frame.pts, frame.time_base = k * 3600, TICKS
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def shown_greys(path, count: int, **arguments) -> list[int]:
    rgb = frames(path, times_s=[0.04], **arguments).rgb[0]
    columns = rgb.reshape(rgb.shape[0], count, -1, 3)[:, :, 2:-2].mean(axis=(0, 2))
    assert np.ptp(columns, axis=1).max() <= 2  # grey stays grey
    return np.round(columns.mean(axis=1)).astype(int).tolist()


NITS = np.array([0, 1, 5, 26, 58, 100, 203, 400, 1000, 4000])
ON_A_SCREEN = 255 * np.minimum(NITS / 203, 1) ** (1 / 2.4)  # ITU-R BT.1886, white at 203 cd/m²


def pq(nits):
    """SMPTE ST 2084, written down anew."""
    power = (np.asarray(nits) / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


@pytest.mark.parametrize("size", [None, (160, 16)])
def test_known_light_in_pq_comes_out_as_on_an_ordinary_screen(tmp_path, size):
    path = tmp_path / "pq.mp4"
    write_patches(path, "smpte2084", pq(NITS).tolist())
    assert "hdr" in open_video(path).flags
    greys = shown_greys(path, len(NITS), size=size)
    # Up to the knee nothing but the coding changes; above it all greys are told apart up to the peak.
    np.testing.assert_allclose(greys[:6], ON_A_SCREEN[:6], atol=2.5)
    assert greys[6:9] == sorted(greys[6:9])
    assert 220 <= greys[6] <= 240 < greys[7] < greys[8]
    assert greys[8] == greys[9] == 255


def test_the_container_alone_may_tell_of_hdr(tmp_path):
    path = tmp_path / "pq.mkv"
    write_patches(path, "smpte2084", pq(NITS).tolist(), codec="ffv1")
    assert "hdr" in open_video(path).flags
    np.testing.assert_allclose(shown_greys(path, len(NITS))[:6], ON_A_SCREEN[:6], atol=2.5)


def test_clips_of_hdr_look_like_its_frames(tmp_path):
    path, played = tmp_path / "pq.mp4", tmp_path / "clip.mp4"
    write_patches(path, "smpte2084", pq([1, 26, 100, 400]).tolist())
    played.write_bytes(clip(path, Span(0.0, 0.12), height=64))
    assert "hdr" not in open_video(played).flags
    np.testing.assert_allclose(shown_greys(played, 4), shown_greys(path, 4), atol=5)


CHROMATICITIES = "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)"


@pytest.mark.parametrize(
    "statement", [":max-cll={peak},100", ":master-display=" + CHROMATICITIES + "L({peak}0000,50)"]
)
def test_the_stated_peak_sets_where_white_is(tmp_path, statement):
    greys = {}
    for peak in (400, 4000):
        path = tmp_path / f"{peak}.mp4"
        write_patches(path, "smpte2084", pq([26, 203, 400, 4000]).tolist(), statement.format(peak=peak))
        greys[peak] = shown_greys(path, 4)
    assert greys[400][2] == 255 > greys[4000][2]
    assert greys[4000][3] == 255
    assert abs(greys[400][0] - greys[4000][0]) <= 1  # mid-grey stays


def test_hlg_greys_are_those_of_its_reference_display(tmp_path):
    path = tmp_path / "hlg.mp4"
    write_patches(path, "arib-std-b67", [0.0, 0.38, 0.5, 0.75, 0.9, 1.0])
    # BT.2408: grey of 18 % is coded at 38 % and shines at 26 cd/m², white at 75 % and 203 cd/m²; half signal
    # is a twelfth of the light of the scene, so 1000 / 12 ** 1.2 cd/m².
    ideal = [255 * (nits / 203) ** (1 / 2.4) for nits in (0, 26.0, 1000 / 12**1.2)]
    greys = shown_greys(path, 6)
    np.testing.assert_allclose(greys[:3], ideal, atol=2.5)
    assert 220 <= greys[3] <= 240 < greys[4] < greys[5] == 255


def test_ordinary_pictures_are_left_alone(tmp_path):
    path = tmp_path / "sdr.mp4"
    write_patches(path, None, [0.0, 0.25, 0.5, 0.75, 1.0])
    with av.open(str(path)) as container:
        plain = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    read = np.concatenate([batch.rgb for batch in FrameScan(path)])
    np.testing.assert_array_equal(read, plain)
    np.testing.assert_allclose(shown_greys(path, 5), [0, 64, 128, 191, 255], atol=2.5)


def test_saturated_hdr_colours_keep_their_hue():
    primaries = np.zeros((1, 3, 3), np.uint16)
    primaries[0, range(3), range(3)] = round(65280 * pq(100))
    for curve in (tone.PQ, tone.HLG):
        shown = tone.to_sdr(primaries, curve, 1000.0)[0]
        assert shown.argmax(axis=1).tolist() == [0, 1, 2]
        assert (np.sort(shown, axis=1)[:, 1] < 0.3 * shown.max(axis=1)).all()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_hdr_is_turned_upright_as_well(tmp_path, turns):
    path, turned = tmp_path / "pq.mp4", tmp_path / "turned.mp4"
    write_patches(path, "smpte2084", pq([1, 26, 203]).tolist())
    with av.open(str(path)) as source, av.open(str(turned), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        copy.set_display_rotation(90 * turns)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    plain, upright = frames(path, times_s=[0.0]).rgb[0], frames(turned, times_s=[0.0]).rgb[0]
    np.testing.assert_array_equal(upright, np.rot90(plain, turns))


def real_clips(media_dir):
    return [
        path
        for path in sorted(media_dir.glob("*.*"))
        if path.suffix not in (".csv", ".md")
        and path.name not in ("popcorn_italia.mp4", "decord_corrupted.mp4")
    ]


def test_every_real_clip_shows_the_pixels_that_pyav_decodes(media_dir):
    """The first frames at full size; one clip is turned, one has two pictures."""
    for path in real_clips(media_dir):
        number = frame_index(path.absolute()).stream
        with av.open(str(path)) as container:
            decoded = container.decode(container.streams[number])
            plain = [
                np.rot90(f.to_ndarray(format="rgb24"), f.rotation // 90)
                for f, _ in zip(decoded, range(12), strict=False)
            ]
        read = next(iter(FrameScan(path, batch_size=12))).rgb
        np.testing.assert_array_equal(read, plain, err_msg=path.name)


@pytest.mark.long
def test_real_clips_show_the_same_pixels_by_seeking_as_in_order(media_dir):
    random = np.random.default_rng(11)
    for path in real_clips(media_dir):
        video = open_video(path)
        index = frame_index(path.absolute())
        chosen = np.sort(random.choice(len(index.pts), min(10, len(index.pts)), replace=False))
        in_order = {}
        position = 0
        for batch in FrameScan(video, size=(96, 54)):
            for number in chosen[(chosen >= position) & (chosen < position + len(batch))]:
                in_order[number] = batch.rgb[number - position]
            position += len(batch)
        assert position == len(index.pts), path.name
        for number in random.permutation(chosen):
            sought = frames(video, times_s=index.times_s[number], size=(96, 54)).rgb[0]
            np.testing.assert_array_equal(sought, in_order[number], err_msg=f"{path.name} frame {number}")
