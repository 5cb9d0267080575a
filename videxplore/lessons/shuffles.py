"""What becomes of a clip's vector when its frames are put in another order, before anything is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.motion import ORDERS, first_time, order_frames
from videxplore.lessons.positions import ENCODINGS

if TYPE_CHECKING:
    from videxplore.lessons.transformer import TinyTransformer

DRAWS = 5
"""Networks of each encoding, whose weights are drawn with seeds 0 to 4."""

_SMALL = (18, 10)  # width and height of a frame as a token


@dataclass(frozen=True, eq=False)
class Untrained:
    """Networks as they are drawn.

    Attributes:
        networks: encoding -> :data:`DRAWS` networks.
    """

    networks: Mapping[str, Sequence[TinyTransformer]]

    def move(self, tokens: NDArray[np.float32], order: str) -> dict[str, float]:
        """Return how far a clip's vector moves, encoding -> cosine distance, the mean over all draws.

        Args:
            tokens: float32 (t, d), one per frame.
            order: one of :data:`~videxplore.lessons.motion.ORDERS`.
        """
        from videxplore.lessons.transformer import one_thread

        rows, times = order_frames(order, 1, len(tokens))[0], np.arange(len(tokens))
        start, moved = first_time(order), {}
        with one_thread():
            for encoding, drawn in self.networks.items():
                pairs = [
                    (_vector(one, tokens, times), _vector(one, tokens[rows], times + start)) for one in drawn
                ]
                moved[encoding] = float(np.mean([_distance(before, after) for before, after in pairs]))
        return moved


def draw_networks(inputs: int) -> Untrained:
    """Draw networks of every encoding for tokens of so many numbers."""
    from videxplore.lessons.transformer import TinyTransformer

    return Untrained(
        {name: tuple(TinyTransformer(inputs, name, seed=seed) for seed in range(DRAWS)) for name in ENCODINGS}
    )


def tokens_of(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return one token per frame: what changes in it, small, float32 (t, 540).

    Each frame is brought to 18 by 10 pixels, and the mean of all frames is taken off, since most of a picture
    is the same in all of them; then all are brought to a mean square of 1.

    Args:
        pictures: uint8 (t, h, w, 3).
    """
    from PIL import Image

    small = [
        np.asarray(Image.fromarray(one).resize(_SMALL, Image.Resampling.BOX), np.float32) for one in pictures
    ]
    rows = np.stack(small).reshape(len(small), -1)
    changes = rows - rows.mean(axis=0)
    return np.asarray(changes / np.sqrt(np.square(changes).mean() + 1e-6), np.float32)


def compare_orders(untrained: Untrained, clips: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Return how far vectors move, float64 (encodings, orders), the mean over clips.

    Args:
        untrained: networks.
        clips: pictures of each clip, uint8 (t, h, w, 3).
    """
    tokens = [tokens_of(pictures) for pictures in clips]
    moved = [[[*untrained.move(one, order).values()] for order in ORDERS] for one in tokens]
    return np.array(moved).mean(axis=0).T


def _vector(
    network: TinyTransformer, tokens: NDArray[np.float32], times: NDArray[np.intp]
) -> NDArray[np.float64]:
    import torch

    with torch.no_grad():
        return np.asarray(network.encode(torch.from_numpy(tokens[None]), times)[0].double().numpy())


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(1 - a @ b / np.sqrt((a @ a) * (b @ b)))
