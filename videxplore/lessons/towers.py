"""Two towers: words and video brought into one space by contrastive training, small enough to watch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips, Truth, part_at

if TYPE_CHECKING:
    import torch

CAPTIONS = ("tags", "sentences")
"""What a clip can be called: all that the script holds true of it, or the sentence that it says there."""

STEPS = (0, 2, 5, 10, 20, 40, 70, 100)
"""After which steps of training the towers are looked at; 0 is before."""

WIDTH = 32
"""Dimensions of the space in which words and video meet."""

TEMPERATURE = 0.1

_RATE, _DECAY, _LEFT_OUT = 1e-2, 0.3, 0.3
_WIDEST = 4.0  # standard deviations beyond which a measurement is cut
_EMPTY = frozenset(
    ["a", "an", "and", "are", "at", "by", "for", "from", "in", "into", "is", "it", "of", "on", "the", "to"]
)


def caption(clips: Clips, truth: Mapping[str, Truth], kind: str) -> tuple[str, ...]:
    """Return what each clip is called.

    Args:
        clips: of the films.
        truth: file name -> the script of a film.
        kind: one of :data:`CAPTIONS`.

    Raises:
        ValueError: an unknown kind.
    """
    if kind == "tags":
        return tuple(
            " ".join(name for name, true in clips.facts.items() if true[row]) for row in range(len(clips))
        )
    if kind == "sentences":
        pairs = zip(clips.films, clips.segments, strict=True)
        return tuple(part_at(truth[film], "moment", segment).label for film, segment in pairs)
    raise ValueError(f"kind must be one of {', '.join(CAPTIONS)}, got {kind!r}.")


def bag_words(captions: Sequence[str], held: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return which words occur in each caption, (n, words).

    Words that only captions of held-out clips have are unknown: they have no column.
    """
    split = [set(re.findall(r"[a-z_]+", text.lower())) - _EMPTY for text in captions]
    known = sorted(set().union(*(words for words, out in zip(split, held, strict=True) if not out)))
    return np.array([[word in words for word in known] for words in split], np.float32)


def info_nce(video: torch.Tensor, text: torch.Tensor, same: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return how surprised each clip is by its own text among all, and each text by its own clip.

    The symmetric InfoNCE loss (van den Oord et al. 2018; CLIP, Radford et al. 2021). Where several clips
    show one moment, each of them is right, in equal parts.

    Args:
        video: (n, d) at unit length.
        text: (n, d) at unit length.
        same: (n, n), 1 where clip and text are of one moment.
        temperature: by which cosines are divided, above 0.
    """
    scores = video @ text.T / temperature
    right = same / same.sum(dim=1, keepdim=True)
    surprise = -(right * scores.log_softmax(dim=1)).sum() - (right * scores.T.log_softmax(dim=1)).sum()
    return surprise / (2 * len(video))


@dataclass(frozen=True, eq=False)
class Towers:
    """Two towers, as they were after some steps of training.

    Attributes:
        video: float32 (steps, n, 32), all clips at unit length, those that were held out among them.
        text: float32 (steps, n, 32), their captions; zeros where no word is known.
        losses: float64 (steps,), of the clips that were learned from.
        held: bool (n,), which clips were not.
        temperature: of the loss.
    """

    video: NDArray[np.float32]
    text: NDArray[np.float32]
    losses: NDArray[np.float64]
    held: NDArray[np.bool_]
    temperature: float


def train_towers(
    clips: Clips,
    captions: Sequence[str],
    moments: NDArray[np.str_],
    held: NDArray[np.bool_],
    *,
    temperature: float = TEMPERATURE,
    seed: int = 0,
) -> Towers:
    """Train a matrix for video and a matrix for words until a clip and its caption meet.

    Each tower is one matrix: measurements of picture, motion and sound, or a bag of words, times the matrix,
    at unit length. All clips that are learned from are one batch. A third of the inputs is left out at
    random in each step, so that no single word or measurement is relied on; AdamW (Loshchilov & Hutter 2019).

    Args:
        clips: n clips.
        captions: n captions.
        moments: n labels; clips of one moment have one caption, and are no counterexamples to each other.
        held: bool (n,), clips that are not learned from, not even their mean.
        temperature: of the loss.
        seed: of the first matrices, and of what is left out.
    """
    import torch

    measured = torch.from_numpy(_standardise(np.hstack([clips.block("visual"), clips.block("audio")]), held))
    words = torch.from_numpy(bag_words(captions, held))
    learned = torch.from_numpy(np.flatnonzero(~held))
    same = torch.from_numpy((moments[~held][:, None] == moments[~held][None, :]).astype(np.float32))
    rng = torch.Generator().manual_seed(seed)
    matrices = [_matrix(inputs.shape[1], rng) for inputs in (measured, words)]
    training = torch.optim.AdamW(matrices, lr=_RATE, weight_decay=_DECAY)
    seen: list[tuple[NDArray[np.float32], NDArray[np.float32], float]] = []
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            with torch.no_grad():
                video, text = _unit(measured @ matrices[0]), _unit(words @ matrices[1])
                loss = info_nce(video[learned], text[learned], same, temperature)
                seen.append((video.numpy(), text.numpy(), float(loss)))
        part = [_leave_out(inputs[learned], rng) for inputs in (measured, words)]
        met = [_unit(inputs @ matrix) for inputs, matrix in zip(part, matrices, strict=True)]
        training.zero_grad()
        info_nce(met[0], met[1], same, temperature).backward()
        training.step()
    videos, texts, losses = zip(*seen, strict=True)
    return Towers(np.stack(videos), np.stack(texts), np.array(losses), held, temperature)


def _standardise(measured: NDArray[np.floating], held: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Measurements in standard deviations of the clips that are learned from, within [−1, 1]."""
    learned = measured[~held]
    spread = learned.std(axis=0) + 1e-3
    return (np.clip((measured - learned.mean(axis=0)) / spread, -_WIDEST, _WIDEST) / _WIDEST).astype(
        np.float32
    )


def _matrix(inputs: int, rng: torch.Generator) -> torch.Tensor:
    """A matrix (inputs, 32) that is to be trained."""
    import torch

    return (torch.randn(inputs, WIDTH, generator=rng) / inputs**0.5).requires_grad_()


def _unit(rows: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.nn.functional.normalize(rows, dim=1)


def _leave_out(rows: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    import torch

    return rows * (torch.rand(rows.shape, generator=rng) >= _LEFT_OUT)
