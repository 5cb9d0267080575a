"""From a decoded frame to an RGB array as shown: scaled, eight bits, upright."""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray


class Painter:
    """Turns decoded frames into RGB arrays of one size.

    One reformatter serves all frames: a new one per frame would rebuild the scaler's tables each time, which
    halves the throughput of a dense scan. AREA averages all source pixels that fall into a target pixel, so
    that small pictures keep the brightness and do not flicker with fine detail.

    Args:
        size: (width, height) of the result as shown, after rotation; None keeps the frame's own size.
    """

    def __init__(self, size: tuple[int, int] | None = None) -> None:
        self._size = size
        self._reformatter = VideoReformatter()

    def __call__(self, frame: Any) -> NDArray[np.uint8]:
        """Return uint8 (h, w, 3)."""
        turns, mirrored = orientation(frame)
        width, height = (None, None) if self._size is None else self._size
        if turns % 2:
            width, height = height, width
        small = self._reformatter.reformat(
            frame, width=width, height=height, format="rgb24", interpolation="AREA", threads=1
        )
        rgb: NDArray[np.uint8] = np.asarray(small.to_ndarray(), dtype=np.uint8)
        if mirrored:
            rgb = rgb[:, ::-1]
        return np.rot90(rgb, turns) if turns else rgb


def orientation(frame: Any) -> tuple[int, bool]:
    """Return quarter turns counter-clockwise and whether to mirror left-right before turning.

    FFmpeg decodes the picture as stored; the display matrix of the container says how it is shown.
    """
    turns = round(frame.rotation / 90) % 4
    matrix = next((bytes(d) for d in frame.side_data if d.type.name == "DISPLAYMATRIX"), None)
    if matrix is None or len(matrix) < 20:
        return turns, False
    a, b, _, c, d = np.frombuffer(matrix, dtype=np.int32, count=5).tolist()
    return turns, a * d - b * c < 0


def check_target(size: tuple[int, int] | None) -> tuple[int, int] | None:
    """Validate a ``size=(width, height)`` argument.

    Raises:
        ValueError: not two positive whole numbers.
    """
    if size is None:
        return None
    try:
        width, height = (int(side) for side in size)
    except (TypeError, ValueError):
        raise ValueError(f"size must be (width, height) in pixels, got {size!r}.") from None
    if width < 1 or height < 1 or width * height > 50_000_000:
        raise ValueError(f"size must be (width, height) of 1 to 50 million pixels, got {size!r}.")
    return width, height
