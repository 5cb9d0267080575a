"""Films with a technical fault put into a known stretch of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from videxplore.values.media import Span

FPS, RATE = 25, 48_000
Picture = np.ndarray
Change = Callable[[Picture, int], Picture]
"""From a picture uint8 (h, w, 3) and its number in the stretch to the flawed picture."""

WHOLE = frozenset({"letterbox", "pillarbox", "interlaced", "logo", "faint mark", "no sound", "over-edited"})
"""Faults that are put into a whole film."""


def spoil(kind: str, pictures: Sequence[Picture], span: Span) -> list[Picture]:
    """Put a fault into the pictures of a stretch, or of the whole film for :data:`WHOLE`."""
    low, high = (0, len(pictures)) if kind in WHOLE else (round(span.start_s * FPS), round(span.end_s * FPS))
    high = min(high, len(pictures))
    done = list(pictures)
    if kind in CHANGES:
        for k in range(low, high):
            done[k] = CHANGES[kind](pictures[k], k - low)
    elif kind in CODED:
        done[low:high] = _coded(pictures[low:high], *CODED[kind])
    elif kind == "frozen":
        done[low:high] = [pictures[low]] * (high - low)
    elif kind == "noisy still":
        rng = np.random.default_rng(7)
        still = pictures[low].astype(np.float32)
        for k in range(low, high):
            done[k] = (still + rng.normal(0, 4, still.shape[:2])[..., None]).clip(0, 255).astype(np.uint8)
    elif kind == "interlaced":
        # Each frame holds the lines of two moments, as where 25 frames of two fields were recorded.
        for k in range(len(done) - 1):
            done[k] = pictures[k].copy()
            done[k][1::2] = pictures[k + 1][1::2]
    return done


def hear(kind: str, sound: np.ndarray, span: Span) -> np.ndarray | None:
    """Put a fault into sound float32 (n,); None for none."""
    low, high = round(span.start_s * RATE), round(span.end_s * RATE)
    done = sound.copy()
    if kind == "silent":
        done[low:high] = 0
    elif kind == "clipped sound":
        done[low:high] = (done[low:high] * 12).clip(-1, 1)
    return None if kind == "no sound" else done


def tone(seconds: float, seed: int = 0) -> np.ndarray:
    """A soft chord with some noise, float32 (n,)."""
    t = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).normal(0, 0.01, len(t))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.4 * t)
    return (swell * (0.1 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 331 * t)) + noise).astype(
        np.float32
    )


def write(
    path: Path | io.BytesIO,
    pictures: Sequence[Picture],
    sound: np.ndarray | None,
    *,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
) -> Path | io.BytesIO:
    """Write pictures (h, w, 3) and mono sound; H.264 of good quality unless told otherwise."""
    target, form = (path, "matroska") if isinstance(path, io.BytesIO) else (str(path), None)
    with av.open(target, "w", format=form) as container:
        picture = container.add_stream(
            codec, rate=FPS, options=options or {"preset": "ultrafast", "crf": "20", "threads": "1"}
        )
        picture.height, picture.width = pictures[0].shape[:2]
        picture.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        track = container.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for k, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, FPS)
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        if track is not None and sound is not None:
            for low in range(0, len(sound), 1024):
                part = av.AudioFrame.from_ndarray(sound[None, low : low + 1024], "fltp", "mono")
                part.sample_rate, part.pts, part.time_base = RATE, low, Fraction(1, RATE)
                container.mux(track.encode(part))
            container.mux(track.encode())
    return path


def _black(rgb: Picture, number: int) -> Picture:
    return np.random.default_rng(number).integers(0, 3, rgb.shape[:2], np.uint8)[..., None].repeat(3, 2)


def _night(rgb: Picture, number: int) -> Picture:
    """A scene without light: an eighth of it, with noise."""
    noise = np.random.default_rng(number).normal(0, 1.5, rgb.shape[:2])[..., None]
    return (rgb / 8.0 + noise).clip(0, 255).astype(np.uint8)


def _blurred(rgb: Picture, number: int) -> Picture:
    radius = rgb.shape[0] / 72
    return np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(radius)))


def _blocky(rgb: Picture, number: int) -> Picture:
    memory = io.BytesIO()
    Image.fromarray(rgb).save(memory, "jpeg", quality=6)
    return np.asarray(Image.open(memory).convert("RGB"))


def _coded(pictures: Sequence[Picture], codec: str, options: dict[str, str]) -> list[Picture]:
    """What is left of pictures after another encoder."""
    memory = io.BytesIO()
    write(memory, pictures, None, codec=codec, options=options)
    memory.seek(0)
    with av.open(memory) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def _overexposed(rgb: Picture, number: int) -> Picture:
    return (rgb.astype(np.float32) * 255 / max(np.percentile(rgb, 60), 1)).clip(0, 255).astype(np.uint8)


def _letterbox(rgb: Picture, number: int) -> Picture:
    done, bar = rgb.copy(), rgb.shape[0] // 8
    done[:bar] = done[-bar:] = 0
    return done


def _pillarbox(rgb: Picture, number: int) -> Picture:
    done, bar = rgb.copy(), rgb.shape[1] // 8
    done[:, :bar] = done[:, -bar:] = 0
    return done


def _subtitle(rgb: Picture, number: int) -> Picture:
    said = ("and then nobody came", "He told me on Friday.", "What do you mean by that?")[number // 60 % 3]
    image = Image.fromarray(rgb)
    width, height = image.size
    font = ImageFont.load_default(height / 16)
    ImageDraw.Draw(image).text(
        (width / 2, height * 0.9), said, "white", font, "mm", stroke_width=1, stroke_fill="black"
    )
    return np.asarray(image)


def _logo(rgb: Picture, number: int) -> Picture:
    image = Image.fromarray(rgb)
    mark = Image.new("RGBA", image.size)
    width, height = image.size
    pen = ImageDraw.Draw(mark)
    box = (width * 0.86, height * 0.05, width * 0.96, height * 0.15)
    pen.ellipse(box, fill=(255, 255, 255, 200), outline=(30, 30, 30, 255), width=2)
    pen.text(
        (width * 0.91, height * 0.1), "TV 5", (20, 20, 60, 255), ImageFont.load_default(height / 22), "mm"
    )
    image.paste(mark, mask=mark)
    return np.asarray(image)


def _faint_mark(rgb: Picture, number: int) -> Picture:
    """A word a third as strong as what it lies over, as samples bear it."""
    mark = Image.new("L", rgb.shape[1::-1])
    place = (mark.width / 2, mark.height / 2)
    ImageDraw.Draw(mark).text(place, "preview", 255, ImageFont.load_default(mark.height / 7), "mm")
    cover = np.asarray(mark)[..., None] / 255 * 0.35
    return (rgb * (1 - cover) + 255 * cover).astype(np.uint8)


def _title(rgb: Picture, number: int) -> Picture:
    image = Image.new("RGB", rgb.shape[1::-1])
    pen = ImageDraw.Draw(image)
    pen.text(
        (image.width / 2, image.height / 2),
        "Part Two: The Garden",
        "white",
        ImageFont.load_default(image.height / 12),
        "mm",
    )
    return np.asarray(image)


CHANGES: dict[str, Change] = {
    "black": _black,
    "night": _night,
    "title card": _title,
    "letterbox": _letterbox,
    "pillarbox": _pillarbox,
    "blurred": _blurred,
    "blocky": _blocky,
    "clipped picture": _overexposed,
    "burnt-in text": _subtitle,
    "logo": _logo,
    "faint mark": _faint_mark,
}

CODED: dict[str, tuple[str, dict[str, str]]] = {
    "blocky H.264": ("libx264", {"preset": "ultrafast", "crf": "42", "threads": "1"}),
    "blocky MPEG-4": ("mpeg4", {"qmin": "31", "qmax": "31", "threads": "1"}),
    "blocky MJPEG": ("mjpeg", {"qmin": "31", "qmax": "31", "threads": "1"}),
}
"""Encoders at their coarsest, or without the filter that hides the edges of blocks."""
