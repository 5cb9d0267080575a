"""Copies planted in films and real clips: how many are found again, and what else is taken for a copy.

    python benchmarks/copies.py                          20 stretches of ten seconds, nine copies of each
    python benchmarks/copies.py --seeds 201 202 203
    python benchmarks/copies.py --clips 1000             time among so many clips

A copy counts as found where a stretch that overlaps the original by half is named, mirrored or not as it is.
What is named besides is counted apart: another stretch of the same film (drawn films and fixed cameras repeat
themselves), and another film. Beside it stands what is usually taken: perceptual hashes of two pictures a
second, given what they cannot do themselves (black borders cut off, the mirror image hashed too) and the
thresholds that suit them best on these very copies.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from scipy.fft import dctn
from shelf import real_clips
from tables import show

import videxplore as vx
from videxplore.errors import VideoError
from videxplore.stages.licensing.copies import find_copies
from videxplore.stages.licensing.fingerprints import EVERY_S, Fingerprint, fingerprint, print_of
from videxplore.stages.licensing.intervals import wilson_interval

LENGTH_S, WIDTH, FPS = 10.0, 640, 25.0
KINDS = ("encoded again", "darker", "mirrored", "cropped", "trimmed", "letterboxed", "pillarboxed", "logo")
SLOWER = "25 shown as 24"
HASHED = round(0.5 / EVERY_S)
"""Of so many pictures of a fingerprint one is hashed, two a second."""
LEAST_WIDTH = 64
"""One of the clips is 10×6 pixels: no copy of it could be told from anything."""
UNSEEN = ("intel_bottle", "tears-of-steel", "moviepy_second", "torchcodec_nasa", "festival", "journey")
"""Films that no threshold was chosen on."""
SAME_FILM = {"mdn_flower": "flower", "mdn_rabbit": "rabbit", "bunny": "bunny", "bbb": "bunny"}


@dataclass(frozen=True)
class Planted:
    """A copy, and what it is a copy of."""

    print: Fingerprint
    path: Path
    start_s: float
    kind: str


@dataclass(frozen=True)
class Named:
    """That a copy shows the same as a stretch of a film."""

    planted: Planted
    path: Path
    start_s: float
    end_s: float
    mirrored: bool


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--stretches", type=int, default=20)
    options.add_argument("--seeds", type=int, nargs="+", default=[0])
    options.add_argument("--clips", type=int, help="only the time it takes to look among so many clips")
    given = options.parse_args()
    if given.clips:
        crowd(given.clips)
        return
    began = time.process_time()
    originals = films()
    seconds = sum(f.duration_s for f in originals.values())
    each = (time.process_time() - began) / seconds * 3600
    with tempfile.TemporaryDirectory() as folder:
        size = kept(list(originals.values()), Path(folder))
        planted = [p for s in given.seeds for p in plant(originals, given.stretches, s, Path(folder))]
    print(f"{len(originals)} films, {seconds / 60:.0f} minutes.")
    print(f"An hour of video: fingerprint {each:.0f} s of processor time, {size / seconds * 3.6e-3:.1f} MB.")
    assess(originals, planted)


def assess(originals: dict[Path, Fingerprint], planted: Sequence[Planted]) -> None:
    """Look for planted copies, by both ways, and say what came of it."""
    began = time.process_time()
    found = find_copies([p.print for p in planted], list(originals.values()))
    spent = time.process_time() - began
    path_of = {f.video_id: path for path, f in originals.items()}
    of = {p.print.video_id: p for p in planted}
    named = [
        Named(of[c.video_id], path_of[c.of_video_id], c.of_span.start_s, c.of_span.end_s, c.mirrored)
        for c in found
    ]
    report("Planted copies", planted, named)
    print(f"\n{len(planted)} copies against {len(originals)} films: {spent:.0f} s of processor time")
    for name, hashed in (("dHash", difference_hash), ("pHash", wave_hash)):
        tries = list(hash_matches(originals, planted, hashed))
        report(f"The same by {name}", planted, max(tries, key=lambda named: standing(planted, named)))


def crowd(count: int) -> None:
    """How long it takes to look for copies among many clips of ten seconds, of which a tenth are copies."""
    rng = np.random.default_rng(0)
    prints = [wander(str(i), rng) for i in range(count)]
    twins = [
        print_of(f"twin of {f.video_id}", f.duration_s, f.times_s, (0.9 * f.luma + 9).astype(np.uint8))
        for f in prints[: count // 10]
    ]
    began = time.process_time()
    found = find_copies([*prints, *twins])
    spent = time.process_time() - began
    pairs = [sorted((c.video_id, c.of_video_id), key=len) for c in found]
    right = sum(twin == f"twin of {name}" for name, twin in pairs)
    print(f"{count + len(twins)} clips in one another: {spent:.0f} s of processor time")
    print(f"{right} of {len(twins)} twins found, {len(found) - right} other pairs named")


def wander(name: str, rng: np.random.Generator) -> Fingerprint:
    """Ten seconds of a view over a landscape of 1/f noise: two thirds of the clips move, the others sway."""
    height, width, n = 36, 64, round(LENGTH_S / EVERY_S)
    across = np.hypot(np.fft.fftfreq(2 * height)[:, None] * 2, np.fft.fftfreq(2 * width))
    land = np.fft.ifft2(np.fft.fft2(rng.normal(size=across.shape)) / np.maximum(across, 0.01) ** 1.2).real
    land = (128 + 50 * land / land.std()).clip(0, 255)
    way = np.cumsum(rng.normal(0, 0.7, (n, 2)), axis=0) * (rng.random() < 2 / 3)
    at = np.rint(way - way.min(axis=0)).astype(int) % (height, width)
    view = np.stack([land[y : y + height, x : x + width] for y, x in at])
    view += rng.normal(0, 2, view.shape) + 10 * np.sin(np.arange(n) * rng.uniform(0.1, 0.5))[:, None, None]
    return print_of(name, LENGTH_S, np.arange(n) * EVERY_S, view.clip(0, 255).astype(np.uint8))


def films() -> dict[Path, Fingerprint]:
    """Sample films and real clips of some length."""
    folder = real_clips()
    paths = [*vx.sample_videos(), *(sorted(folder.iterdir()) if folder is not None else ())]
    found = {}
    for path in paths:
        try:
            video = vx.open_video(path)
        except (VideoError, ValueError):
            continue
        if video.duration_s >= LENGTH_S and video.width >= LEAST_WIDTH:
            found[Path(path)] = fingerprint(video)
    return found


def kept(prints: Sequence[Fingerprint], folder: Path) -> int:
    """Bytes of fingerprints on disk."""
    for i, each in enumerate(prints):
        each.save(folder / f"{i}.npz")
    return sum(path.stat().st_size for path in folder.glob("*.npz"))


def plant(originals: dict[Path, Fingerprint], count: int, seed: int, folder: Path) -> Iterator[Planted]:
    """Copies of stretches drawn at random, one of each kind: half of drawn films, half of real clips."""
    rng = np.random.default_rng(seed)
    made = drawn()
    places: dict[bool, list[tuple[Path, float]]] = {True: [], False: []}
    for path, original in originals.items():
        # Where stretches begin is another place with every seed.
        for start in np.arange(rng.uniform(0, 5), original.duration_s - 6, 15):
            places[film_of(path) in made].append((path, float(start)))
    shares = {True: count - count // 2, False: count // 2}
    picked = [
        of[i]
        for kind, of in places.items()
        for i in rng.permutation(len(of))[: shares[kind] if all(places.values()) else count]
    ]
    for path, start in picked:
        video = vx.open_video(path)
        times = np.arange(start, min(start + LENGTH_S, video.duration_s), 1 / FPS)
        size = (WIDTH, round(video.height * WIDTH / video.width / 2) * 2) if video.width > WIDTH else None
        rgb = vx.frames(video, times_s=times, size=size).rgb
        for kind in (*KINDS, SLOWER):
            target = folder / f"{seed}_{path.stem}_{start:.2f}_{kind}.mp4"
            write(
                target,
                altered(rgb, kind, rng),
                crf="32" if kind == "encoded again" else "26",
                fps=24.0 if kind == SLOWER else FPS,
            )
            copied = fingerprint(vx.open_video(target))
            target.unlink()
            yield Planted(copied, path, float(start), kind)


def altered(rgb: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    n, h, w, _ = rgb.shape
    match kind:
        case "encoded again":
            return rgb[:, ::2, ::2]
        case "darker":
            return (rgb * np.float32(0.8) + 30).clip(0, 255).astype(np.uint8)
        case "mirrored":
            return rgb[:, :, ::-1]
        case "cropped":
            share = rng.uniform(0.75, 0.9)
            tall, wide = int(h * share), int(w * share)
            top, left = int((h - tall) * rng.random()), int((w - wide) * rng.random())
            return rgb[:, top : top + tall, left : left + wide]
        case "trimmed":
            first = int(rng.integers(0, n - n // 2))
            return rgb[first : first + n // 2]
        case "letterboxed":
            barred = rgb.copy()
            barred[:, : int(h * 0.12)] = barred[:, -int(h * 0.12) :] = 0
            return barred
        case "pillarboxed":
            side = w // 8
            return np.pad(rgb, ((0, 0), (0, 0), (side, side), (0, 0)))
        case "logo":
            marked = rgb.copy()
            marked[:, int(h * 0.05) : int(h * 0.19), int(w * 0.78) : int(w * 0.96)] = (240, 200, 30)
            return marked
    return rgb


def write(path: Path, pictures: np.ndarray, *, crf: str, fps: float) -> None:
    height, width = (size // 2 * 2 for size in pictures.shape[1:3])
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(fps), options={"preset": "ultrafast", "crf": crf}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in pictures[:, :height, :width]:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def difference_hash(luma: np.ndarray) -> np.ndarray:
    """Bits (n, 64): whether each of 9×8 fields is darker than the next (Krawetz, 2013)."""
    small = np.stack([cv2.resize(picture, (9, 8), interpolation=cv2.INTER_AREA) for picture in luma])
    return (small[:, :, 1:] > small[:, :, :-1]).reshape(len(luma), -1)


def wave_hash(luma: np.ndarray) -> np.ndarray:
    """Bits (n, 64): whether each of the lowest 8×8 cosine waves is above their median (Zauner, 2010)."""
    small = np.stack([cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA) for picture in luma])
    waves = dctn(small.astype(np.float32), axes=(1, 2))[:, :8, :8].reshape(len(luma), -1)
    return waves > np.median(waves, axis=1, keepdims=True)


def hash_matches(originals: dict, planted: Sequence[Planted], hashed) -> Iterator[list[Named]]:
    """What hashes name, for each pair of thresholds: bits that may differ, share of pictures that agree."""
    films = {path: hashed(f.luma[::HASHED]).astype(np.float32) for path, f in originals.items()}
    step_s, bits, shares = (
        HASHED * EVERY_S,
        (4, 6, 8, 10, 12, 14, 16, 18, 20),
        (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    )
    named: dict[tuple[int, float], list[Named]] = {(b, s): [] for b in bits for s in shares}
    for p in planted:
        best: dict[int, tuple[float, Named | None]] = dict.fromkeys(bits, (0.0, None))
        for mirrored in (False, True):
            ours = hashed(p.print.luma[::HASHED, :, ::-1] if mirrored else p.print.luma[::HASHED]).astype(
                np.float32
            )
            for path, theirs in films.items():
                apart = np.rint(ours @ (1 - theirs.T) + (1 - ours) @ theirs.T)
                n, room = len(ours), len(theirs) - len(ours) + 1
                if room < 1:
                    continue
                by_offset = np.stack([apart[i, i : i + room] for i in range(n)])
                for b in bits:
                    agree = (by_offset <= b).mean(axis=0)
                    at = int(agree.argmax())
                    if agree[at] > best[b][0]:
                        said = Named(p, path, at * step_s, at * step_s + p.print.duration_s, mirrored)
                        best[b] = (float(agree[at]), said)
        for (b, s), found in named.items():
            if best[b][1] is not None and best[b][0] >= s:
                found.append(best[b][1])
    yield from named.values()


def standing(planted: Sequence[Planted], named: Sequence[Named]) -> tuple[bool, int]:
    """What thresholds are chosen by: first a precision of .9, then how many copies are found."""
    what = Counter(judged(n) for n in named)
    right = what["right"]
    wrong = what["another film"] + what["another stretch of the same film"]
    return right >= 0.9 * (right + wrong), len({id(n.planted) for n in named if judged(n) == "right"})


def judged(named: Named) -> str:
    """What a name is worth."""
    planted = named.planted
    if film_of(named.path) != film_of(planted.path):
        return "another film"
    if named.path != planted.path:
        return "the same film in another file"
    shared = min(named.end_s, planted.start_s + LENGTH_S) - max(named.start_s, planted.start_s)
    right = named.mirrored == (planted.kind == "mirrored") and shared >= (named.end_s - named.start_s) / 2
    return "right" if right else "another stretch of the same film"


def film_of(path: Path) -> str:
    """One name for files that hold the same film."""
    return next((film for part, film in SAME_FILM.items() if part in path.name), path.name)


def report(title: str, planted: Sequence[Planted], named: Sequence[Named]) -> None:
    what = Counter(judged(n) for n in named)
    right = {id(n.planted) for n in named if judged(n) == "right"}
    groups = {kind: [p for p in planted if p.kind == kind] for kind in (*KINDS, SLOWER)}
    groups[f"all but {SLOWER}"] = [p for p in planted if p.kind != SLOWER]
    asked = groups[f"all but {SLOWER}"]
    groups["of these, real clips"] = [p for p in asked if film_of(p.path) not in drawn()]
    groups["of these, drawn films"] = [p for p in asked if film_of(p.path) in drawn()]
    groups["of these, films never tuned on"] = [p for p in asked if any(u in p.path.name for u in UNSEEN)]
    show(title, [row(kind, sum(id(p) in right for p in ps), len(ps)) for kind, ps in groups.items() if ps])
    good, film = what["right"], what["another film"]
    stretch = what["another stretch of the same film"]
    show(
        "Stretches named",
        [
            row("the right stretch, of stretches in this file", good, good + film + stretch),
            row("the right film, of all named", len(named) - film, len(named)),
        ],
        note=", ".join(f"{count} {kind}" for kind, count in what.most_common()),
    )


def drawn() -> set[str]:
    return {film_of(path) for path in vx.sample_videos()}


def row(what: str, hits: int, count: int) -> dict[str, object]:
    """Share with its interval (Wilson, 1927)."""
    share = hits / max(count, 1)
    low, high = wilson_interval(share, count)
    return {"": what, "found": hits, "of": count, "share": f"{share:.3f} [{low:.3f}, {high:.3f}]"}


if __name__ == "__main__":
    main()
