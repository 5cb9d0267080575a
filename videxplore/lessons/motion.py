"""Generated motion: short clips whose two classes hold the same frames, so that only their order tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOTIONS: Mapping[str, tuple[str, str]] = {
    "sideways": ("to the right", "to the left"),
    "in depth": ("towards us", "away from us"),
}
"""Kind of motion -> what the two classes do; the second is the first, played backwards."""

FRAMES, SIDE = 8, 16
"""Frames of a clip, and its width and height in pixels."""

ORDERS = ("as filmed", "later", "two swapped", "reversed", "shuffled")
"""What can be done to the frames of a clip; ``later`` keeps their order and moves all to later times."""

DELAY = 4
"""By how many frames ``later`` is later."""

_NOISE = 0.15


@dataclass(frozen=True, eq=False)
class Motion:
    """Clips of a blob that moves.

    Attributes:
        frames: float32 (n, 8, 16, 16), about 0 for the ground and up to 1 for the blob, with noise.
        labels: int64 (n,), which of the two classes of its kind.
        kind: a key of :data:`MOTIONS`.
    """

    frames: NDArray[np.float32]
    labels: NDArray[np.int64]
    kind: str

    def __len__(self) -> int:
        return len(self.labels)


def make_motion(count: int, kind: str, *, seed: int) -> Motion:
    """Draw clips of a round blob that moves sideways, or grows as if it came nearer.

    Place, size, speed and brightness are drawn for each clip, and each pixel of each frame gets noise of its
    own. All clips are drawn as the first class; every other one, at random, is then played backwards. So both
    classes have the same frames, and no frame by itself tells which it is.

    Args:
        count: number of clips, n.
        kind: a key of :data:`MOTIONS`.
        seed: of all draws.

    Raises:
        ValueError: an unknown kind.
    """
    if kind not in MOTIONS:
        raise ValueError(f"kind must be one of {', '.join(MOTIONS)}, got {kind!r}.")
    rng = np.random.default_rng(seed)
    steps = np.arange(FRAMES) - (FRAMES - 1) / 2
    middle = rng.uniform(5, SIDE - 6, (2, count, 1))
    speed, size, light = (
        rng.uniform(low, high, (count, 1)) for low, high in ((0.5, 1.2), (1.5, 2.5), (0.6, 1))
    )
    across, radius = np.broadcast_to(middle[0], (count, FRAMES)), np.broadcast_to(size, (count, FRAMES))
    if kind == "sideways":
        across = middle[0] + speed * steps
    else:
        radius = size * 2 ** (speed * steps / 4)
    away = [
        np.exp(-np.square(np.arange(SIDE) - centre[..., None]) / (2 * np.square(radius)[..., None]))
        for centre in (across, np.broadcast_to(middle[1], (count, FRAMES)))
    ]
    blob = light[..., None, None] * away[1][..., :, None] * away[0][..., None, :]
    noise = _NOISE * rng.standard_normal(blob.shape, np.float32)
    frames = blob.astype(np.float32) + noise
    labels = rng.permutation(np.arange(count) % 2)
    frames[labels == 1] = frames[labels == 1, ::-1]
    return Motion(frames, labels, kind)


def order_frames(order: str, clips: int, frames: int, *, seed: int = 0) -> NDArray[np.intp]:
    """Return which frame stands at each place, (clips, frames); each clip is shuffled or swapped by itself.

    Args:
        order: one of :data:`ORDERS`.
        clips: how many.
        frames: of a clip, 2 or more.
        seed: of the shuffles, and of which two neighbours are swapped.

    Raises:
        ValueError: an unknown order.
    """
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}.")
    rng = np.random.default_rng(seed)
    places = np.tile(np.arange(frames), (clips, 1))
    if order == "reversed":
        return places[:, ::-1]
    if order == "shuffled":
        return rng.permuted(places, axis=1)
    if order == "two swapped":
        first, each = rng.integers(frames - 1, size=clips), np.arange(clips)
        places[each, first], places[each, first + 1] = first + 1, first
    return places


def first_time(order: str) -> int:
    """Return at which time the first frame stands: 0, or :data:`DELAY` where the clip begins later."""
    return DELAY if order == "later" else 0
