"""Tiny transformers that learn what comes first, and what they answer about frames in another order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.motion import FRAMES, ORDERS, Motion, first_time, make_motion, order_frames
from videxplore.lessons.positions import ENCODINGS

if TYPE_CHECKING:
    from videxplore.lessons.transformer import TinyTransformer

TRAININGS: Mapping[str, tuple[int, int]] = {
    "a frame per token": (1, 0),
    "two frames per token": (2, 0),
    "a frame per token, from any time": (1, 8),
}
"""Way of training -> frames per token, and the latest time at which clips begin in training."""

STEPS = (0, 10, 20, 40, 70, 100)
"""After which steps of training the held-out clips are asked about; 0 is before."""

LEARNED_FROM, HELD_OUT = 1000, 400
"""Clips that are learned from, and clips that are not."""

_RATE, _DECAY, _BATCH = 3e-3, 0.1, 64
_ELSEWHERE = 10_000  # added to a seed for what is held out, so that no clip is drawn twice


@dataclass(frozen=True, eq=False)
class Trained:
    """What a transformer answers about clips that it has not learned from.

    Attributes:
        encoding: one of :data:`~videxplore.lessons.positions.ENCODINGS`.
        length: frames per token.
        held: the n clips.
        scores: float32 (orders, n), after training, of the clips in each of
            :data:`~videxplore.lessons.motion.ORDERS`; above 0 is the second class.
        learning: float64 (steps,), share of right answers about clips as filmed after :data:`STEPS`.
        seed: of clips, weights and batches.
    """

    encoding: str
    length: int
    held: Motion
    scores: NDArray[np.float32]
    learning: NDArray[np.float64]
    seed: int

    def accuracy(self, order: str) -> float:
        """Return the share of clips whose class is told, by the label of the clip as filmed."""
        return float(((self.scores[ORDERS.index(order)] > 0) == self.held.labels).mean())

    def likely(self, order: str, row: int) -> float:
        """Return how likely the second class is for one clip, by this model."""
        return 1 / (1 + math.exp(-float(self.scores[ORDERS.index(order), row])))


def join_frames(frames: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Return tokens (n, 8 / length, length · 256) of clips (n, 8, 16, 16): so many whole frames each."""
    return np.ascontiguousarray(frames).reshape(len(frames), frames.shape[1] // length, -1)


def train(
    encoding: str,
    length: int = 1,
    kind: str = "sideways",
    *,
    steps: Sequence[int] = STEPS,
    clips: int = LEARNED_FROM,
    begins: int = 0,
    seed: int = 0,
) -> Trained:
    """Train a transformer of one block to tell the two classes of a kind of motion.

    Logistic loss, batches of 64, AdamW (Loshchilov & Hutter 2019).

    Args:
        encoding: one of :data:`~videxplore.lessons.positions.ENCODINGS`.
        length: frames per token, a divisor of 8.
        kind: a key of :data:`~videxplore.lessons.motion.MOTIONS`.
        steps: ascending; the last one is how long is trained.
        clips: how many are learned from.
        begins: at which time clips begin in training at the latest; each batch at another, from 0 on.
        seed: of clips, weights and batches; the 400 clips that are held out have another one.
    """
    import torch

    from videxplore.lessons.transformer import TinyTransformer, one_thread

    shown, held = make_motion(clips, kind, seed=seed), make_motion(HELD_OUT, kind, seed=seed + _ELSEWHERE)
    tokens, labels = torch.from_numpy(join_frames(shown.frames, length)), torch.from_numpy(shown.labels)
    times = np.arange(FRAMES // length)
    model = TinyTransformer(tokens.shape[2], encoding, seed=seed)
    training = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=_DECAY)
    rng = np.random.default_rng(seed)
    learning = []
    with one_thread():
        for step in range(steps[-1] + 1):
            if step:
                rows = torch.from_numpy(rng.integers(0, clips, _BATCH))
                scores = model(tokens[rows], times + rng.integers(begins + 1))
                training.zero_grad()
                torch.nn.functional.binary_cross_entropy_with_logits(scores, labels[rows].float()).backward()
                training.step()
            if step in steps:
                learning.append(float(((_ask(model, held, "as filmed", length) > 0) == held.labels).mean()))
        answers = np.stack([_ask(model, held, order, length) for order in ORDERS])
    return Trained(encoding, length, held, answers, np.array(learning), seed)


def train_all(kind: str = "sideways", *, seed: int = 0) -> dict[tuple[str, str], Trained]:
    """Train with every encoding in every way, (way of training, encoding) -> what it answers."""
    return {
        (way, encoding): train(encoding, length, kind, begins=begins, seed=seed)
        for way, (length, begins) in TRAININGS.items()
        for encoding in ENCODINGS
    }


def reorder(motion: Motion, order: str) -> NDArray[np.float32]:
    """Return the frames of clips in another order, (n, 8, 16, 16); shuffles are the same at each call."""
    rows = order_frames(order, len(motion), FRAMES)
    return motion.frames[np.arange(len(motion))[:, None], rows]


def _ask(model: TinyTransformer, motion: Motion, order: str, length: int) -> NDArray[np.float32]:
    """Scores of clips whose frames are put in another order, (n,)."""
    import torch

    tokens = torch.from_numpy(join_frames(reorder(motion, order), length))
    times = np.arange(FRAMES // length) + first_time(order) // length
    with torch.no_grad():
        return np.asarray(model(tokens, times).numpy())
