"""Frames side by side with what is cut out of them, and one picture in which they follow each other."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from videxplore.values.charts import Pictures, Scene
from videxplore.views.base import data_uri
from videxplore.views.describe import plain
from videxplore.views.lessons.drawing import draw
from videxplore.views.stills import render

_MANY = 40  # outlines in a frame from which on they are drawn finer
_SMALL = 48  # pixels of height up to which every pixel is to be seen
_PLAYED_S = 4.5  # what moves by itself for five seconds or more must be stoppable (WCAG 2.2.2)
_QUALITY = 70


def draw_scene(scene: Scene) -> str:
    """Return the pictures of a lab, if it has some, and its chart as HTML."""
    return (draw_pictures(scene.pictures) if scene.pictures else "") + draw(scene.chart)


def draw_pictures(pictures: Pictures) -> str:
    """Return frames as HTML: played one after another a few times, and side by side."""
    count, high, wide, _ = pictures.frames.shape
    notes = pictures.notes or [""] * count
    cells = [
        {
            "source": data_uri(_encode(pictures.frames[i : i + 1])),
            "note": plain(note),
            "thin": _outline(pictures.outlines, i),
            "strong": _outline(pictures.strong, i),
        }
        for i, note in enumerate(notes)
    ]
    return render(
        "lesson_pictures",
        title=plain(pictures.title),
        moving=data_uri(_encode(pictures.frames, pictures.each_s)),
        cells=cells,
        size=(wide, high),
        small=high <= _SMALL,
        fine=len(pictures.outlines) > _MANY * count,
    )


def _outline(parts: NDArray[np.intp], frame: int) -> str:
    """The parts of one frame as an SVG path."""
    rows = parts[parts[:, 0] == frame].tolist()
    return "".join(f"M{left} {top}H{right}V{bottom}H{left}Z" for _, top, bottom, left, right in rows)


def _encode(frames: NDArray[np.uint8], each_s: float = 0.0) -> bytes:
    """Frames as WebP, which moves where there are several: for a few seconds, then it is still."""
    from PIL import Image

    images = [Image.fromarray(frame) for frame in frames]
    out = io.BytesIO()
    options = {"lossless": frames.shape[1] <= _SMALL, "quality": _QUALITY, "method": 0}
    if len(images) > 1:
        loops = max(1, int(_PLAYED_S / (each_s * len(images))))
        options |= {
            "save_all": True,
            "append_images": images[1:],
            "duration": round(1000 * each_s),
            "loop": loops,
        }
    images[0].save(out, "WEBP", **options)
    return out.getvalue()
