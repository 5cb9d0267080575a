"""Clips cut into tokens: whole frames, several frames, tubelets, or what moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.stages.decoding.frames import frames

CUTS = ("frames", "clips", "tubelets", "objects")
"""Ways to cut a clip into tokens."""

FRAMES = 8
"""Frames that are taken of a clip, evenly."""

SIZE = (144, 80)
"""Width and height to which they are brought: patches of 4, 8 and 16 pixels fit in."""

CROP = 8
"""Width and height, in pixels, to which the picture of an object is brought."""

_MOVED = 20  # grey levels by which a pixel must differ from the still picture
_LEAST = 24  # pixels of the smallest object


@dataclass(frozen=True, eq=False)
class Tokens:
    """What a clip is cut into.

    Attributes:
        values: float32 (n, d), the numbers of each token, colours in [0, 1].
        boxes: intp (n, 6), where it lies: frames from, to; rows from, to; columns from, to; ends not
            included.
    """

    values: NDArray[np.float32]
    boxes: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def pairs(self) -> int:
        """How many pairs self-attention compares: each token with each, n²."""
        return len(self) ** 2


def clip_at(clips: Clips, film: str, time_s: float) -> int:
    """Return the row of the clip that is on at a time.

    Args:
        clips: of the films.
        film: its file name.
        time_s: seconds from its start.

    Raises:
        ValueError: there is none.
    """
    for row, (name, segment) in enumerate(zip(clips.films, clips.segments, strict=True)):
        if name == film and segment.start_s <= time_s < segment.end_s:
            return row
    raise ValueError(f"no clip of {film!r} at {time_s:g} s; films are {', '.join(sorted(set(clips.films)))}.")


def read_frames(clips: Clips, row: int) -> NDArray[np.uint8]:
    """Return :data:`FRAMES` pictures of a clip at even times, uint8 (8, 80, 144, 3).

    Each stands for an eighth of the clip and is taken from the middle of it.
    """
    segment = clips.segments[row]
    times = segment.start_s + (np.arange(FRAMES) + 0.5) / FRAMES * (segment.end_s - segment.start_s)
    return frames(clips.footage.file(segment.video_id), times_s=times.tolist(), size=SIZE).rgb


def cut_tubelets(pictures: NDArray[np.uint8], length: int, height: int, width: int) -> Tokens:
    """Cut pictures into blocks that do not overlap (tubelets: Arnab et al., *ViViT*, 2021, section 3.2).

    A block one frame long and as large as the picture is a whole frame; one of several frames, a clip.

    Args:
        pictures: uint8 (t, h, w, 3).
        length: frames of a block.
        height: its rows.
        width: its columns.

    Returns:
        Tokens of length · height · width · 3 numbers, by time, then row, then column; within a token alike.

    Raises:
        ValueError: blocks do not fill the pictures.
    """
    size, block = pictures.shape[:3], (length, height, width)
    if any(part < 1 or whole % part for whole, part in zip(size, block, strict=True)):
        raise ValueError(f"blocks of {block} do not fill pictures of {size}: each must divide its side.")
    (t, rows, columns) = (whole // part for whole, part in zip(size, block, strict=True))
    split = pictures.reshape(t, length, rows, height, columns, width, 3).transpose(0, 2, 4, 1, 3, 5, 6)
    values = split.reshape(t * rows * columns, -1).astype(np.float32)
    values /= 255
    corners = np.indices((t, rows, columns)).reshape(3, -1).T * block
    boxes = np.stack([corners, corners + block], axis=-1).reshape(-1, 6)
    return Tokens(values, boxes.astype(np.intp))


def cut_objects(pictures: NDArray[np.uint8]) -> Tokens:
    """Cut out what moves, by a plain method that knows nothing of things.

    The median of the frames is taken for the still picture. Where a frame differs from it by more than 20 of
    255 grey levels, something has moved; such pixels that touch, corners included and gaps of a pixel or two
    closed, are one region, and those of 24 pixels or more are tokens. So two people who touch are one, a
    waving arm may be an object without its owner, and when the camera or the light moves, everything does.

    Args:
        pictures: uint8 (t, h, w, 3).

    Returns:
        Tokens by frame, each the picture of a region brought to 8 by 8, and its place: 196 numbers, the last
        four top, bottom, left and right as shares of the picture. There may be none.
    """
    from scipy import ndimage

    count, high, wide, _ = pictures.shape
    away = np.abs(pictures - np.median(pictures, axis=0)).mean(axis=-1)
    around = np.ones((3, 3), bool)
    values, boxes = [], []
    for frame in range(count):
        moved = np.pad(
            away[frame] > _MOVED, 1, mode="edge"
        )  # else closing would wear off what is at the edge
        regions, _ = ndimage.label(ndimage.binary_closing(moved, around)[1:-1, 1:-1], around)
        for number, place in enumerate(ndimage.find_objects(regions), start=1):
            if (regions[place] == number).sum() < _LEAST:
                continue
            box = [edge for side in place for edge in (side.start, side.stop)]
            shares = np.array(box, np.float32) / (high, high, wide, wide)
            values.append(np.concatenate([_shrink(pictures[frame][place]).ravel(), shares]))
            boxes.append([frame, frame + 1, *box])
    return Tokens(
        np.array(values, np.float32).reshape(-1, CROP * CROP * 3 + 4), np.array(boxes, np.intp).reshape(-1, 6)
    )


def _shrink(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture brought to 8 by 8 by the mean of what falls on each pixel, float32 (8, 8, 3) in [0, 1]."""
    from PIL import Image

    small = Image.fromarray(np.ascontiguousarray(picture)).resize((CROP, CROP), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)


def cut(pictures: NDArray[np.uint8], how: str, *, length: int = 2, patch: int = 16) -> Tokens:
    """Cut a clip's pictures into tokens.

    Args:
        pictures: uint8 (t, h, w, 3).
        how: one of :data:`CUTS`.
        length: frames of a clip or of a tubelet.
        patch: width and height of a tubelet in pixels.

    Raises:
        ValueError: an unknown way to cut, or blocks that do not fill the pictures.
    """
    _, high, wide, _ = pictures.shape
    if how == "frames":
        return cut_tubelets(pictures, 1, high, wide)
    if how == "clips":
        return cut_tubelets(pictures, length, high, wide)
    if how == "tubelets":
        return cut_tubelets(pictures, length, patch, patch)
    if how == "objects":
        return cut_objects(pictures)
    raise ValueError(f"how must be one of {', '.join(CUTS)}, got {how!r}.")
