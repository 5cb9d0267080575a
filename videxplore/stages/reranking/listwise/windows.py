"""Which candidates are read together, in which orders, and what several orders say when put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.reranking.listwise.naming import MOST, Verdict

Order = NDArray[np.intp]


Read = Callable[[Order], Verdict]
"""Shows the model the candidates with these numbers, in this order."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list of any length is read by a model that takes in a few candidates at a time.

    Windows slide from the tail of the list to its head, each overlapping the one before, so that a good
    candidate can rise all the way (Sun et al., RankGPT, 2023). What a language model thinks of candidates
    depends on the order in which it is shown them; every window is therefore read in several orders and
    the standardised scores are averaged (Tang et al., Permutation self-consistency, 2024).

    Attributes:
        window: candidates read together.
        stride: candidates by which a window lies before the one read before it; by default half a window.
        permutations: orders in which every window is shown: as it is, reversed, then shuffled.
        seed: of the shuffling.
    """

    window: int = 16
    stride: int | None = None
    permutations: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.window <= MOST:
            raise ValueError(f"window must be from 2 to {MOST} candidates, got {self.window!r}.")
        if self.stride is None:
            object.__setattr__(self, "stride", self.window // 2)
        elif not 1 <= self.stride < self.window:
            raise ValueError(
                f"stride must be from 1 to {self.window - 1}, below the window: {self.stride!r}."
            )
        if self.permutations < 1:
            raise ValueError(f"permutations must be at least 1, got {self.permutations!r}.")

    def windows(self, n: int) -> list[tuple[int, int]]:
        """First and last + 1 place of every window over n candidates, in the order they are read.

        >>> Reading(window=4, stride=2).windows(7)
        [(3, 7), (1, 5), (0, 4)]
        """
        stride = self.stride or self.window // 2
        found = [(max(n - self.window, 0), n)]
        while found[-1][0] > 0:
            start = max(found[-1][0] - stride, 0)
            found.append((start, min(start + self.window, n)))
        return found

    def orders(self, n: int, window: int) -> list[Order]:
        """The orders in which a window of n candidates is shown; all of them where there are no more."""
        straight = np.arange(n)
        found = [straight, straight[::-1]][: self.permutations if n > 1 else 1]
        if n > 2:
            rng = np.random.default_rng([self.seed, window, n])
            found += [rng.permutation(n) for _ in range(self.permutations - len(found))]
        return found

    def read(self, n: int, show: Read) -> Account:
        """Sort n candidates, given in raw order, by what the model says in window after window."""
        order: Order = np.arange(n)
        account = Account(order, [()] * n)
        for number, (start, stop) in enumerate(self.windows(n)):
            inside = account.order[start:stop].copy()
            shown, said = [], []
            for permutation in self.orders(len(inside), number):
                verdict = show(inside[permutation])
                if verdict.note:
                    account.notes.append(verdict.note)
                if verdict.scores is not None:
                    shown.append(permutation)
                    said.append(verdict.scores)
            if not said:
                account.notes.append(f"ranks {start + 1} to {stop} keep the order they had.")
                continue
            ranks = [_ranks(p, s) for p, s in zip(shown, said, strict=True)]
            account.windows.append(np.stack(ranks))
            mean = np.mean([_standardised(p, s) for p, s in zip(shown, said, strict=True)], axis=0)
            best = np.argsort(-mean, kind="stable")
            for local, i in enumerate(inside.tolist()):
                account.places[i] = tuple(start + int(r[local]) for r in ranks)
            account.order[start:stop] = inside[best]
        return account


@dataclass(slots=True)
class Account:
    """What came of the reading.

    Attributes:
        order: the candidates' numbers, best first.
        places: where each candidate was put in each order shown, counted from 1, when it was last read;
            empty where nothing could be used.
        windows: int (orders, n) for every window read: rank of each candidate in each order shown.
        notes: what was wrong, in words.
    """

    order: Order
    places: list[tuple[int, ...]]
    windows: list[NDArray[np.intp]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def sensitivity(self) -> tuple[float, float] | None:
        """Mean |Δrank| and mean Kendall tau between two orders of showing; None where only one was."""
        from scipy.stats import kendalltau

        pairs = [(a, b) for ranks in self.windows for a, b in combinations(ranks, 2)]
        if not pairs:
            return None
        moved = float(np.mean([np.abs(a - b).mean() for a, b in pairs]))
        return moved, float(np.mean([kendalltau(a, b).statistic for a, b in pairs]))


def _standardised(permutation: Order, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores in the window's own order, mean 0 and standard deviation 1 (all 0 where they do not differ)."""
    back = np.empty(len(scores))
    back[permutation] = scores
    spread = back.std()
    return (back - back.mean()) / spread if spread > 0 else np.zeros(len(back))


def _ranks(permutation: Order, scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Ranks from 1 of the candidates in the window's own order; equal scores by that order."""
    back = np.empty(len(scores))
    back[permutation] = scores
    ranks = np.empty(len(back), np.intp)
    ranks[np.argsort(-back, kind="stable")] = np.arange(1, len(back) + 1)
    return ranks
