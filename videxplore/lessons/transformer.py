"""A transformer of one block, small enough to read: tokens in, one vector and one score out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from videxplore.lessons.positions import BUCKETS, ENCODINGS, bucket_distances, sinusoids

WIDTH, HEADS, LONGEST = 32, 4, 16
"""Numbers per token, heads of attention, and for how many times a learned table has rows."""


def attend(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return for each token a mean of all values, weighted by how well its query meets their keys.

    softmax(q kᵀ / √d + bias) v (Vaswani et al. 2017; the bias is that of Raffel et al. 2020).

    Args:
        query: (…, n, d).
        key: (…, m, d).
        value: (…, m, e).
        bias: what is added to the scores, to be broadcast to (…, n, m); or None.
    """
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    return (scores if bias is None else scores + bias).softmax(dim=-1) @ value


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread: on matrices as small as these, several mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class TinyTransformer(nn.Module):
    """One block of self-attention over tokens, and their mean.

    Layer norm before attention and before the small network (Xiong et al. 2020). Weights are drawn from the
    seed; those that all encodings share are the same for each. Positions are drawn as large as sinusoids.

    Args:
        inputs: numbers per token.
        encoding: one of :data:`~videxplore.lessons.positions.ENCODINGS`.
        seed: of the first weights.

    Raises:
        ValueError: an unknown encoding.
    """

    def __init__(self, inputs: int, encoding: str, *, seed: int = 0) -> None:
        if encoding not in ENCODINGS:
            raise ValueError(f"encoding must be one of {', '.join(ENCODINGS)}, got {encoding!r}.")
        super().__init__()
        self.encoding = encoding
        rng = torch.Generator().manual_seed(seed)
        self.bring = _drawn(rng, inputs, WIDTH)
        self.ask, self.offer, self.tell, self.mix = (_drawn(rng, WIDTH, WIDTH) for _ in range(4))
        self.widen, self.narrow = _drawn(rng, WIDTH, 2 * WIDTH), _drawn(rng, 2 * WIDTH, WIDTH)
        self.judge = _drawn(rng, WIDTH, 1)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        if encoding == "learned":
            self.table = nn.Parameter(math.sqrt(0.5) * torch.randn(LONGEST, WIDTH, generator=rng))
        elif encoding == "relative":
            self.near = nn.Parameter(torch.randn(HEADS, BUCKETS, generator=rng))

    def encode(self, tokens: Tensor, times: NDArray[np.integer]) -> Tensor:
        """Return one vector per clip, (clips, 32), of tokens (clips, n, inputs) that stand at times (n,).

        Raises:
            ValueError: a time for which a learned table has no row.
        """
        x = self._place(tokens @ self.bring, times)
        met = self.norms[0](x)
        heads = [
            (met @ side).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for side in (self.ask, self.offer, self.tell)
        ]
        bias = None
        if self.encoding == "relative":
            bias = self.near[:, torch.from_numpy(bucket_distances(times))]
        x = x + attend(heads[0], heads[1], heads[2], bias).transpose(1, 2).flatten(2) @ self.mix
        x = x + torch.relu(self.norms[1](x) @ self.widen) @ self.narrow
        return self.norms[2](x).mean(dim=1)

    def forward(self, tokens: Tensor, times: NDArray[np.integer]) -> Tensor:
        """Return one score per clip, (clips,): above 0 is the second class."""
        return (self.encode(tokens, times) @ self.judge)[:, 0]

    def _place(self, x: Tensor, times: NDArray[np.integer]) -> Tensor:
        """Add what says where each token stands; relative positions add nothing here."""
        if self.encoding == "sinusoidal":
            return x + torch.from_numpy(sinusoids(times, WIDTH))
        if self.encoding == "learned":
            if times.min() < 0 or times.max() >= LONGEST:
                raise ValueError(f"a learned table has rows for times 0 to {LONGEST - 1}, got {times}.")
            return x + self.table[torch.from_numpy(times)]
        return x


def _drawn(rng: torch.Generator, inputs: int, outputs: int) -> nn.Parameter:
    """A matrix that keeps the size of what goes through it."""
    return nn.Parameter(torch.randn(inputs, outputs, generator=rng) / math.sqrt(inputs))
