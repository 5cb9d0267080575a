"""Copies of stretches of video: found again however they were cropped, mirrored, cut or bordered."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.licensing.cells import Cells, coarse
from videxplore.stages.licensing.copies import copies_of, copy_groups, find_copies
from videxplore.stages.licensing.fingerprints import (
    EVERY_S,
    Fingerprint,
    averaging,
    find_borders,
    fingerprint,
    print_of,
)
from videxplore.stages.licensing.lookalikes import Lookalike
from videxplore.stages.licensing.registration import SHARES, correlate, even, place

SIZE = 72, 128


def draw(seed, seconds=12.0, every_s=EVERY_S):
    """Luma eight times a second: blots that wander and change, as float (n, 72, 128)."""
    rng = np.random.default_rng(seed)
    times = np.arange(0, seconds, every_s)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]] / SIZE[0]
    picture = np.full((len(times), *SIZE), 110.0)
    for _ in range(14):
        at, speed = rng.random(2) * (1.0, 1.78), rng.normal(0, 0.06, 2)
        size, light = rng.uniform(0.05, 0.25), rng.normal(0, 70)
        sway = rng.normal(0, 0.1, 2)[:, None] * np.sin(rng.uniform(0.3, 2.0) * times + rng.random() * 6)
        cy, cx = (at[:, None] + speed[:, None] * times + sway)[:, :, None, None]
        picture += light * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * size**2))
    return picture.clip(50, 255)


def take(name, picture, noise=0.0):
    luma = picture + np.random.default_rng(1).normal(0, noise, picture.shape)
    return print_of(
        name, len(luma) * EVERY_S, np.arange(len(luma)) * EVERY_S, luma.clip(0, 255).astype(np.uint8)
    )


def part(picture, start_s, end_s=None):
    return picture[round(start_s / EVERY_S) : None if end_s is None else round(end_s / EVERY_S)]


def crop(picture, share, down, right):
    h, w = (round(share * size) for size in SIZE)
    top, left = round(down * (SIZE[0] - h)), round(right * (SIZE[1] - w))
    return picture[:, top : top + h, left : left + w]


def with_bars(picture):
    barred = picture.copy()
    barred[:, :9] = barred[:, -9:] = 0
    return barred


def with_logo(picture):
    marked = picture.copy()
    marked[:, 4:14, 106:124] = 230
    return marked


KINDS = {
    "encoded again": lambda p: p,
    "darker": lambda p: 0.7 * p + 20,
    "mirrored": lambda p: p[:, :, ::-1],
    "cropped": lambda p: crop(p, 0.82, 0.2, 0.9),
    "trimmed": lambda p: part(p, 2.5, 8.5),
    "letterboxed": with_bars,
    "pillarboxed": lambda p: np.pad(p, ((0, 0), (0, 0), (16, 16))),
    "with a logo": with_logo,
}


@pytest.fixture(scope="module")
def originals():
    return {f"film{seed}": draw(seed) for seed in range(4)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_found_and_nothing_else(originals, kind):
    prints = [take(name, picture) for name, picture in originals.items()]
    copied = take("copy", KINDS[kind](originals["film3"]), noise=3.0)
    (found,) = find_copies([copied], prints)
    assert found.of_video_id == "film3"
    assert found.mirrored == (kind == "mirrored")
    assert (found.height < 0.9 and found.width < 0.9) == (kind == "cropped")
    begin = 2.5 if kind == "trimmed" else 0.0
    assert found.of_span.start_s == pytest.approx(begin, abs=0.5)
    assert found.span.duration_s == pytest.approx(copied.duration_s, abs=1.0)


def test_looked_for_in_one_another_a_pair_is_found_once(originals):
    prints = [take(name, picture) for name, picture in originals.items()]
    (found,) = find_copies([*prints, take("copy", originals["film3"], noise=3.0)])
    assert {found.video_id, found.of_video_id} == {"film3", "copy"}


def test_originals_are_no_copies(originals):
    assert find_copies([take(name, picture) for name, picture in originals.items()]) == []


def test_two_takes_of_one_set_are_no_copies():
    """A camera that stands still sees the same set; what moves in it moves otherwise."""
    scene = draw(1, 0.5)
    rng = np.random.default_rng(2)
    takes = []
    for name in ("one", "two"):
        picture = np.repeat(scene[:1], 48, axis=0)
        for i, (row, column) in enumerate(
            zip(rng.integers(0, 44, 48), rng.integers(0, 100, 48), strict=True)
        ):
            picture[i, row : row + 28, column : column + 28] += 90
        takes.append(take(name, picture.clip(0, 255)))
    assert find_copies(takes) == []


@pytest.mark.parametrize(("scenes", "copies"), [(1, 0), (6, 1)])
def test_scenes_drawn_to_one_plan_are_no_copies_unless_they_are_cut_alike(scenes, copies):
    """Most of what is there and moves is in both, and each has something of its own."""

    def film(own):
        parts = []
        for number in range(scenes):
            plan, mine = draw(300 + number, 6 / scenes), draw(own + number, 6 / scenes)
            parts.append(plan + 0.75 * (mine - 110))
        return np.concatenate(parts).clip(20, 255)

    assert len(find_copies([take("one", film(400)), take("two", film(500))])) == copies


def test_a_stretch_within_a_longer_film_is_found(originals):
    compiled = np.concatenate([draw(40, 6), part(originals["film2"], 2, 10), draw(41, 6)])
    prints = [take(name, picture) for name, picture in originals.items()]
    (found,) = find_copies([take("compiled", compiled, noise=2.0)], prints)
    assert found.of_video_id == "film2"
    assert (found.span.start_s, found.span.end_s) == pytest.approx((6.0, 14.0), abs=0.6)
    assert (found.of_span.start_s, found.of_span.end_s) == pytest.approx((2.0, 10.0), abs=0.6)


def test_a_stretch_of_fast_cuts_is_found():
    """Half a second beside the right time every picture is another one."""
    film = np.concatenate([draw(seed, 0.75) for seed in range(60, 80)])
    prints = [take("film", film), take("other", draw(90, 8))]
    (found,) = find_copies([take("copy", part(film, 2.5, 10.5), noise=3.0)], prints)
    assert found.of_span.start_s == pytest.approx(2.5, abs=0.3)
    assert found.span.duration_s == pytest.approx(8.0, abs=1.0)


@pytest.mark.parametrize("kind", ["encoded again", "cropped", "mirrored"])
def test_a_fight_is_found_between_whose_pictures_others_lie(kind):
    """Every fifth of a second is another picture, and the copy is looked at between two looks at the film."""
    often = round(EVERY_S * 32)
    fight = np.concatenate([draw(seed, 0.1875, 1 / 32) for seed in range(100, 160)])
    prints = [take("film", fight[::often]), take("other", draw(90, 8))]
    looks = part(fight[often // 2 :: often], 1, 9)
    (found,) = find_copies([take("copy", KINDS[kind](looks), noise=3.0)], prints)
    assert found.of_span.start_s == pytest.approx(1 + EVERY_S / 2, abs=0.15)
    assert found.span.duration_s == pytest.approx(8.0, abs=1.0)


def test_what_flickers_is_laid_over_the_same_moment():
    """Alike in all that is large, at any time; in detail at one moment only."""
    often, rng = round(EVERY_S * 32), np.random.default_rng(0)
    detail = rng.normal(0, 40, (96, 18, 32)).repeat(4, 0).repeat(4, 1).repeat(4, 2)
    film = (draw(3, 12, 1 / 32) + detail).clip(0, 255)
    copied = part(film[often // 2 :: often], 1.25, 9.25)
    (found,) = find_copies([take("copy", copied)], [take("film", film[::often]), take("other", draw(90, 8))])
    assert found.of_span.start_s == pytest.approx(1.25 + EVERY_S / 2, abs=0.15)


def credits(names, light=200):
    """Cards of three seconds with some blots of light on black."""
    cards = []
    for name in names:
        rng = np.random.default_rng(name)
        card = np.zeros(SIZE)
        for row in range(24, 48, 8):
            for _ in range(7):
                column = int(rng.integers(30, 94))
                card[row : row + 4, column : column + 4] = light
        cards.append(np.repeat(card[None], round(3 / EVERY_S), axis=0))
    return np.concatenate(cards)


def test_credits_on_black_are_found_at_their_time():
    """Of a card that stands still, others tell the time that are too faint to be looked for."""
    film = np.concatenate([draw(7, 6), credits(range(3), 34), credits([3]), credits(range(4, 6), 34)])
    prints = [take("film", film), take("other", np.concatenate([draw(8, 6), credits(range(10, 16))]))]
    (found,) = find_copies([take("copy", part(film, 8, 20), noise=2.0)], prints)
    assert found.of_video_id == "film"
    assert found.of_span.start_s == pytest.approx(8.0, abs=0.3)
    assert found.span.duration_s == pytest.approx(12.0, abs=1.0)


def test_what_a_crop_leaves_of_a_border_on_one_side_does_not_hide_it(originals):
    barred = originals["film1"].copy()
    barred[:, :9] = barred[:, -9:] = 0
    prints = [take(name, barred if name == "film1" else film) for name, film in originals.items()]
    (found,) = find_copies([take("copy", crop(barred, 0.85, 0.0, 0.5))], prints)
    assert found.of_video_id == "film1"
    assert found.width == pytest.approx(0.85, abs=0.06)


def test_a_film_shown_three_times_in_one_file_is_found_once_in_another():
    loop = draw(5, 5)
    three, other = np.concatenate([loop] * 3), draw(6, 15)
    (found,) = find_copies([take("a", three), take("b", three, noise=3.0), take("c", other)])
    assert found.span.duration_s == pytest.approx(15.0, abs=1.0)


def test_the_search_leaves_nothing_out_that_trying_everything_finds():
    """Reference: every two videos at every whole second, either way round."""
    films = [draw(seed, 5) for seed in (1, 2)]
    prints = [
        take("one", films[0]),
        take("two", films[1]),
        take("cut", part(films[0], 1), noise=2.0),
        take("mirror", films[1][:, :, ::-1], noise=2.0),
    ]
    expected = []
    for first, second in combinations(range(4), 2):
        times = tuple(np.arange(0.5, prints[first].duration_s - 0.5, 0.5).tolist())
        tried = [
            Lookalike(first, second, offset, mirrored, *_shifted(times, offset, prints[second]), 1.0)
            for offset in (-1.0, 0.0, 1.0)
            for mirrored in (False, True)
        ]
        expected += copies_of(tried, prints[first], prints[second])
    found = {(c.video_id, c.of_video_id, c.mirrored): c for c in find_copies(prints)}
    assert set(found) == {(c.video_id, c.of_video_id, c.mirrored) for c in expected}
    for copy in expected:
        same = found[copy.video_id, copy.of_video_id, copy.mirrored]
        assert (same.span.start_s, same.span.end_s) == pytest.approx(
            (copy.span.start_s, copy.span.end_s), abs=0.3
        )
        assert same.of_span.start_s == pytest.approx(copy.of_span.start_s, abs=0.3)


def _shifted(times, offset, other):
    kept = tuple(t for t in times if 0 <= t + offset < other.duration_s)
    return kept, tuple(t + offset for t in kept)


def test_black_films_and_short_ones_are_never_copies():
    black = [take(name, np.zeros((20, *SIZE))) for name in "ab"]
    short = [take(name, draw(3, 1.0)) for name in "cd"]
    assert find_copies([*black, *short]) == []
    assert find_copies([]) == []
    assert find_copies(short, []) == []


def test_groups_hold_what_is_mostly_the_same(originals):
    whole, other = originals["film0"], originals["film1"]
    prints = [
        take("a", whole),
        take("b", whole[:, :, ::-1], noise=2),
        take("c", np.concatenate([other, part(whole, 0, 2.5)]), noise=2),
        take("d", other),
        take("e", draw(50)),
    ]
    groups = copy_groups(find_copies(prints), prints)
    assert groups[0] == groups[1]
    assert groups[2] == groups[3]
    assert len(set(groups.tolist())) == 3


@settings(max_examples=25, deadline=None)
@given(
    share=st.sampled_from([s for s in SHARES if s[0] == s[1] and s[0] < 1]),
    down=st.floats(0, 1),
    right=st.floats(0, 1),
    seed=st.integers(0, 5),
)
def test_a_part_is_placed_where_it_was_cut(share, down, right, seed):
    whole = even(take("whole", draw(seed, 1.5)).luma)
    rows, columns = round(share[0] * 36), round(share[1] * 64)
    top, left = round(down * (36 - rows)), round(right * (64 - columns))
    cut = whole[:, top : top + rows, left : left + columns]
    part = averaging(0, rows, rows, 36) @ cut @ averaging(0, columns, columns, 64).T
    found = place(part, whole)
    assert found.likeness > 0.97
    assert (found.top * 36, found.left * 64) == pytest.approx((top, left), abs=2.5)
    assert (found.height, found.width) == pytest.approx(share, abs=0.08)


def test_correlation_is_that_of_numpy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(100, 30, (2, 4, 9, 16))
    expected = [np.corrcoef(p.ravel(), q.ravel())[0, 1] for p, q in zip(a, b, strict=True)]
    assert correlate(a, b, np.ones((9, 16), bool)) == pytest.approx(expected, abs=1e-6)


def test_borders_are_found_to_the_pixel_and_a_black_film_has_none():
    luma = draw(0).astype(np.uint8)
    luma[:, :7] = luma[:, -5:] = luma[:, :, :3] = 16
    assert find_borders(luma) == (7, 5, 0, 0)  # nearly black on one side only is a dark picture
    luma[:, :, :3] = 8
    assert find_borders(luma) == (7, 5, 3, 0)  # black is what a crop left of a border
    luma[:, :, :60] = 8
    assert find_borders(luma) == (7, 5, 0, 0)  # but where black goes on beside it, it is none
    assert find_borders(np.zeros((4, 36, 64), np.uint8)) == (0, 0, 0, 0)


def test_black_around_lettering_is_no_border():
    assert find_borders(credits(range(3)).astype(np.uint8)) == (0, 0, 0, 0)


def unit(rng, shape):
    vectors = rng.normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_few_vectors_are_all_looked_at_and_never_those_of_the_asker():
    rng = np.random.default_rng(0)
    held, asked = unit(rng, (500, 16)), unit(rng, (40, 16))
    owners, askers = np.arange(500) % 7, np.arange(40) % 7
    rows, found, cosines = Cells(coarse(held), owners).nearest(asked, askers, 3, -1.0)
    expected = asked @ held.T
    expected[askers[:, None] == owners] = -2.0
    best = np.sort(expected, axis=1)[:, :-4:-1]
    for row in range(40):
        assert np.sort(cosines[rows == row])[::-1] == pytest.approx(best[row], abs=0.02)
    assert not (owners[found] == askers[rows]).any()


def test_of_many_vectors_in_cells_nearly_every_nearest_is_found():
    rng = np.random.default_rng(0)
    kinds = np.repeat(unit(rng, (2000, 24)), 20, axis=0)
    held = kinds + 0.4 * unit(rng, kinds.shape)
    held /= np.linalg.norm(held, axis=1, keepdims=True)
    asked = held[::100] + 0.2 * unit(rng, (400, 24))
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    rows, found, _ = Cells(coarse(held), np.arange(len(held))).nearest(asked, None, 8, 0.0)
    nearest = (asked @ held.T).argmax(axis=1)
    pairs = set(zip(rows.tolist(), found.tolist(), strict=True))
    assert np.mean([(row, column) in pairs for row, column in enumerate(nearest.tolist())]) > 0.97


def test_a_fingerprint_is_read_as_it_was_saved(tmp_path):
    print_ = take("film", draw(0, 3))
    print_.save(tmp_path / "film.npz")
    again = Fingerprint.read(tmp_path / "film.npz")
    for field in fields(Fingerprint):
        assert np.array_equal(getattr(again, field.name), getattr(print_, field.name))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 torn"])
def test_another_file_is_no_fingerprint(tmp_path, content):
    path = tmp_path / "film.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"film\.npz holds"):
        Fingerprint.read(path)


def test_a_real_file_and_its_copy(media_dir):
    import videxplore as vx

    prints = [
        fingerprint(vx.open_video(media_dir / name))
        for name in ("mdn_flower.mp4", "mdn_flower.webm", "mdn_frog.mp4")
    ]
    (found,) = find_copies(prints)
    assert {found.video_id, found.of_video_id} == {prints[0].video_id, prints[1].video_id}
    assert found.likeness > 0.99
