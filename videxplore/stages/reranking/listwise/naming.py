"""Candidates by letter: what a model says of A, B, C, … and what becomes of an answer that is not whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST = 26
"""As many candidates can be told apart by one letter."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model said about n candidates shown in one order.

    Attributes:
        scores: float64 (n,) in the order shown, higher is better; None where nothing could be used.
        note: what was wrong with the answer; empty where nothing was.
    """

    scores: NDArray[np.float64] | None
    note: str = ""


def letters(n: int) -> str:
    """The first n letters."""
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n]


def order_named(named: Sequence[object], names: Sequence[str]) -> Verdict:
    """Make a full order of one that a model wrote, whatever it wrote.

    What it named first counts; what it left out follows in the order given. No candidate is lost, none
    comes twice.

    Args:
        named: labels as the model gave them, best first.
        names: what each label stands for, for the note; label A is the first.
    """
    allowed = letters(len(names))
    order: list[int] = []
    twice: list[str] = []
    unknown: list[str] = []
    for label in named:
        text = label.strip().strip("[]().").upper() if isinstance(label, str) else repr(label)
        if len(text) != 1 or text not in allowed:
            unknown.append(text[:20])
        elif allowed.index(text) in order:
            twice.append(text)
        else:
            order.append(allowed.index(text))
    if not order:
        return Verdict(None, f"the model named none of {allowed[0]} to {allowed[-1]}.")
    left = [i for i in range(len(names)) if i not in order]
    scores = np.empty(len(names))
    scores[order + left] = -np.arange(len(names), dtype=np.float64)
    faults = [f"named {', '.join(sorted(set(twice)))} twice (the first counts)"] if twice else []
    faults += [f"named {', '.join(unknown[:3])}, which there is not"] if unknown else []
    faults += [f"left out {', '.join(allowed[i] for i in left)}"] if left else []
    note = f"the model {' and '.join(faults)}" if faults else ""
    if left:
        note += f": raw order kept for {', '.join(names[i] for i in left[:4])}{' …' if len(left) > 4 else ''}"
    return Verdict(scores, f"{note}." if note else "")
