"""Thumbnails averaged from the decoder's planes: against exact means in float64, and FFmpeg's scaler.

Tolerances: half a level against exact means (rounding alone), 1 level on average against FFmpeg's scaler,
which rounds several times and takes colour samples to sit elsewhere by a quarter of one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.decoding import averaging, picture
from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.picture import Painter

# Kr and Kb of ITU-T H.273, table 4.
MATRICES = {1: (0.2126, 0.0722), 2: (0.299, 0.114), 4: (0.30, 0.11), 5: (0.299, 0.114), 6: (0.299, 0.114)}
MATRICES |= {7: (0.212, 0.087), 9: (0.2627, 0.0593)}
FORMATS = {"yuv420p": (2, 2), "yuvj420p": (2, 2), "yuv422p": (2, 1), "yuvj422p": (2, 1), "yuv444p": (1, 1)}
FORMATS["yuvj444p"] = (1, 1)


def area_weights(pixels, target, step):
    """How much of each sample lies in each target pixel: (target, samples), rows add up to 1."""
    edges = np.linspace(0, pixels, target + 1)
    begins = np.arange(-(-pixels // step)) * step
    shared = np.minimum(edges[1:, None], begins + step) - np.maximum(edges[:-1, None], begins)
    return shared.clip(0) * target / pixels


def planes_of(frame):
    return [np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[: p.height, : p.width] for p in frame.planes]


def exact_means(frame, width, height):
    """RGB (h, w, 3) in float64: means first, colours after."""
    across, down = FORMATS[frame.format.name]
    luma, cb, cr = (
        area_weights(frame.height, height, steps[1])
        @ plane.astype(float)
        @ area_weights(frame.width, width, steps[0]).T
        for plane, steps in zip(planes_of(frame), [(1, 1), (across, down), (across, down)], strict=True)
    )
    red, blue = MATRICES[int(frame.colorspace)]
    if frame.format.name.startswith("yuvj") or int(frame.color_range) == 2:
        luma, cb, cr = luma / 255, (cb - 128) / 255, (cr - 128) / 255
    else:
        luma, cb, cr = (luma - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    r, b = luma + 2 * (1 - red) * cr, luma + 2 * (1 - blue) * cb
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return np.stack([r, g, b], axis=-1).clip(0, 1) * 255


def noisy(width, height, form, seed=0, grain=1):
    """A frame of random values in blocks of ``grain`` pixels."""
    frame = VideoFrame(width, height, form)
    rng = np.random.default_rng(seed)
    for plane in frame.planes:
        small = rng.integers(
            0, 256, (plane.height // grain + 2, plane.line_size // grain + 2), dtype=np.uint8
        )
        large = small.repeat(grain, axis=0).repeat(grain, axis=1)[: plane.height, : plane.line_size]
        plane.update(np.ascontiguousarray(large))
    return frame


def smooth(width, height, form):
    """A frame of soft colours."""
    rng = np.random.default_rng(2)
    few = VideoFrame.from_ndarray(rng.integers(0, 256, (9, 16, 3), dtype=np.uint8), "rgb24")
    return few.reformat(width, height, form, interpolation=Interpolation.BILINEAR)


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(2, 150), st.integers(2, 150)),
    shrunk=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    form=st.sampled_from(sorted(FORMATS)),
    matrix=st.sampled_from(sorted(MATRICES)),
    full=st.booleans(),
    seed=st.integers(0, 99),
)
def test_each_pixel_is_the_mean_of_its_area(size, shrunk, form, matrix, full, seed):
    frame = noisy(*size, form, seed)
    frame.colorspace = matrix
    frame.color_range = 2 if full else 1
    target = tuple(max(1, int(share * side / 2)) for side, share in zip(size, shrunk, strict=True))
    found = averaging.average(frame, *target)
    assert np.abs(found - exact_means(frame, *target)).max() <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("source", "size"), [((1280, 720), (64, 36)), ((8192, 512), (3, 2)), ((4, 256), (1, 1))]
)
def test_sums_of_white_do_not_overflow(source, size):
    frame = noisy(*source, "yuvj444p")
    frame.planes[0].update(np.full(frame.planes[0].buffer_size, 255, np.uint8))
    assert np.abs(averaging.average(frame, *size) - exact_means(frame, *size)).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("matrix", [1, 2, 5, 9])
def test_near_to_the_scaler(form, matrix):
    frame = smooth(640, 360, form)
    frame.colorspace = matrix
    ours = averaging.average(frame, 64, 36).astype(float)
    flags = Interpolation.AREA | Interpolation.FULL_CHR_H_INT
    scaled = VideoReformatter().reformat(frame, 64, 36, "rgb24", interpolation=flags, threads=1).to_ndarray()
    difference = scaled - ours
    assert np.abs(difference).mean() < 1.0
    assert np.abs(difference.mean((0, 1))).max() < 0.25


def test_what_it_is_not_made_for_is_left_to_the_scaler():
    assert averaging.average(noisy(128, 72, "yuv420p"), 64, 36) is not None
    assert averaging.average(noisy(127, 72, "yuv420p"), 64, 36) is None  # less than half as wide
    assert averaging.average(noisy(128, 71, "yuv420p"), 64, 36) is None
    assert averaging.average(noisy(16, 600, "yuv420p"), 2, 2) is None  # more rows than 16 bits hold
    assert averaging.average(VideoFrame(640, 360, "yuv420p10le"), 64, 36) is None
    assert averaging.average(VideoFrame(640, 360, "rgb24"), 64, 36) is None
    rgb_matrix = noisy(128, 72, "yuv420p")
    rgb_matrix.colorspace = 0
    assert averaging.average(rgb_matrix, 64, 36) is None


@pytest.mark.parametrize("form", ["yuv420p10le", "gray", "rgb24", "yuv411p"])
def test_other_formats_are_scaled_with_each_pixels_own_colour(form):
    source = smooth(640, 360, form)
    painted = Painter((64, 36))(source)
    means = source.to_ndarray(format="rgb24").astype(float).reshape(36, 10, 64, 10, 3).mean((1, 3))
    assert (
        np.abs(painted - means).mean() < 2.5
    )  # the scaler makes full-size pictures darker by a level or two


def test_both_ways_agree_on_films(sample, monkeypatch):
    path = sample.videos[0]
    compiled = next(iter(FrameScan(path, size=(96, 54), batch_size=40))).rgb.astype(float)
    monkeypatch.setattr(picture, "_THUMBNAIL", 0)
    scaled = next(iter(FrameScan(path, size=(96, 54), batch_size=40))).rgb
    assert np.abs(compiled - scaled).mean() < 1.0
    assert np.abs((compiled - scaled).mean()) < 0.2


def test_threads_may_share_it():
    frames = [noisy(320, 180, "yuv420p", seed) for seed in range(16)]
    alone = [averaging.average(frame, 64, 36) for frame in frames]
    found = {}

    def work(number):
        for _ in range(20):
            for k in range(number, len(frames), 4):
                found[k] = averaging.average(frames[k], 64, 36)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(found[k], alone[k]) for k in range(len(frames)))


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
import loops
half = np.empty((1, 2, 2, 3), np.uint8)
loops.halve_pictures(np.full((1, 4, 4, 3), 9, np.uint8), half)
assert (half == 9).all()
stats = loops.halve_pictures.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def _run(folder: Path, **environment: str) -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split(), done.stderr


@pytest.mark.long
def test_machine_code_is_kept_and_compiled_anew_where_it_cannot_be(tmp_path):
    source = tmp_path / "loops.py"
    shutil.copy(ROOT / "videxplore" / "stages" / "features" / "loops.py", source)
    assert _run(tmp_path)[0] == ["0", "1"]
    assert _run(tmp_path)[0] == ["1", "0"]
    kept = list((tmp_path / "__pycache__").glob("*.nbc"))
    assert len(kept) == 1
    # A folder that cannot be written to, not by root either: a file stands where it would be.
    shutil.rmtree(tmp_path / "__pycache__")
    (tmp_path / "__pycache__").write_text("")
    blocked = tmp_path / "file"
    blocked.write_text("")
    home = {"HOME": str(blocked), "XDG_CACHE_HOME": str(blocked), "LOCALAPPDATA": str(blocked)}
    counted, said = _run(tmp_path, **home)
    assert "each process compiles anew" in said
    assert counted == ["0", "1"]
