"""From a decoded frame to an RGB array as shown: scaled, eight bits, upright."""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from videxplore.stages.decoding.index import FrameIndex
from videxplore.stages.decoding.tone import is_hdr, peak_of, to_sdr
from videxplore.values.media import Video

_ODDEST = 8.0  # a pixel more oblong than this is a damaged header
_MATRICES = frozenset({0, 1, 2, 4, 5, 6, 7, 9})  # ITU-T H.273 table 4; the scaler refuses frames of others
_UNSPECIFIED = 2
_THUMBNAIL = 128 * 128  # pixels; larger pictures gain too little to wait for the averaging to be loaded


class Painter:
    """Turns decoded frames into RGB arrays of one size; HDR is mapped to an ordinary screen.

    All source pixels that fall into a target pixel are averaged, so that small pictures keep the brightness
    and do not flicker with fine detail: thumbnails of the common formats by :mod:`.averaging`, which takes a
    third of the time, everything else by FFmpeg's scaler. One reformatter serves all frames: a new one per
    frame would rebuild the scaler's tables each time.

    Args:
        size: (width, height) of the result as shown, after rotation. A stream may change its frame size; the
            result does not.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._reformatter = VideoReformatter()
        self._orientation = Orientation()
        self._peak: float | None = None

    def __call__(self, frame: Any) -> NDArray[np.uint8]:
        """Return uint8 (h, w, 3)."""
        _untag(frame)
        turns, mirrored = self._orientation(frame)
        width, height = self._size
        if turns % 2:
            width, height = height, width
        rgb = self._from_hdr(frame, width, height) if is_hdr(frame) else self._rgb(frame, width, height)
        if mirrored:
            rgb = rgb[:, ::-1]
        return np.rot90(rgb, turns) if turns else rgb

    def _rgb(self, frame: Any, width: int, height: int) -> NDArray[np.uint8]:
        if width * height <= _THUMBNAIL:
            from videxplore.stages.decoding import averaging

            averaged = averaging.average(frame, width, height)
            if averaged is not None:
                return averaged
        small = self._reformatter.reformat(
            frame, width=width, height=height, format="rgb24", interpolation=_scaling(frame, width), threads=1
        )
        return np.asarray(small.to_ndarray(), dtype=np.uint8)

    def _from_hdr(self, frame: Any, width: int, height: int) -> NDArray[np.uint8]:
        small = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgb48le",
            src_colorspace=Colorspace.BT2020,  # some files state the curve only
            interpolation=_scaling(frame, width),
            threads=1,
        )
        if self._peak is None:  # one for all frames: brightness must not jump where a frame does not say
            self._peak = peak_of(frame)
        return to_sdr(np.asarray(small.to_ndarray(), dtype=np.uint16), int(frame.color_trc), self._peak)


class EncoderPainter:
    """Turns decoded frames into frames for an encoder: 4:2:0, eight bits, limited range, upright.

    Args:
        size: (width, height), both even.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._painter = Painter(size)
        self._reformatter = VideoReformatter()
        self._orientation = Orientation()

    def __call__(self, frame: Any) -> Any:
        """Return a new frame without timestamp."""
        _untag(frame)
        if self._orientation(frame) == (0, False) and not is_hdr(frame):
            width, height = self._size
            small = self._reformatter.reformat(
                frame,
                width=width,
                height=height,
                format="yuv420p",
                interpolation=Interpolation.AREA,
                dst_colorspace=Colorspace.ITU601,  # what players assume of small untagged video
                dst_color_range=ColorRange.MPEG,
                threads=1,
            )
            if small is not frame:
                small.pict_type = 0  # else the encoder repeats the source's frame types
                return small
        return VideoFrame.from_ndarray(np.ascontiguousarray(self._painter(frame)), format="rgb24")


def _scaling(frame: Any, width: int) -> Interpolation:
    """Averaging over areas; where pictures become smaller, of each pixel's colour as well.

    Without the flag FFmpeg gives two pixels side by side one colour, and makes all darker by a level.
    """
    area = Interpolation.AREA
    return area | Interpolation.FULL_CHR_H_INT if width < frame.width else area


def _untag(frame: Any) -> None:
    """Read a frame whose stated colour matrix is reserved or not known here as one that states none."""
    if int(frame.colorspace) not in _MATRICES:
        frame.colorspace = _UNSPECIFIED


class Orientation:
    """The orientation of one stream's frames, asked anew where the angle changes.

    A frame that is asked for its side data and that data refer to each other in PyAV, so that Python keeps
    both until it next looks for such circles: 600 MB after 300 pictures of 1080p. The angle costs nothing.
    """

    def __init__(self) -> None:
        self._angle: int | None = None
        self._last = (0, False)

    def __call__(self, frame: Any) -> tuple[int, bool]:
        """Return quarter turns and whether to mirror, as :func:`orientation` does."""
        if frame.rotation != self._angle:
            self._angle, self._last = frame.rotation, orientation(frame)
        return self._last


def orientation(frame: Any) -> tuple[int, bool]:
    """Return quarter turns counter-clockwise and whether to mirror left-right before turning.

    FFmpeg decodes the picture as stored; the display matrix of the container says how it is shown.
    """
    if not frame.side_data:
        return 0, False
    turns = round(frame.rotation / 90) % 4
    matrix = next((bytes(d) for d in frame.side_data if d.type.name == "DISPLAYMATRIX"), None)
    if matrix is None or len(matrix) < 20:
        return turns, False
    a, b, _, c, d = np.frombuffer(matrix, dtype=np.int32, count=5).tolist()
    return turns, a * d - b * c < 0


def shown_size(video: Video, index: FrameIndex) -> tuple[float, float]:
    """Width and height as a player shows the picture: upright and with square pixels.

    ``Video.width`` and ``height`` count the pixels that are stored; DVD-like files store oblong ones.
    """
    turned = (video.height, video.width) == index.stored and video.width != video.height
    aspect = 1 / index.pixel_aspect if turned else index.pixel_aspect
    return video.width * min(max(float(aspect), 1 / _ODDEST), _ODDEST), float(video.height)


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
