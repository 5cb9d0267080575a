"""How well shot boundaries agree with a truth that knows every cut and transition to the frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from videxplore.stages.evaluation.edges import match_boundaries
from videxplore.values.segments import Boundary

HARD_KINDS = ("cut", "jump")
"""Kinds of boundaries between one frame and the next; all others take an interval."""

_AROUND = 2
"""A hard boundary this near a gradual transition counts as one more answer to it."""


def f1(counts: Counter[str], what: str) -> float:
    """Return F1 of ``what`` (``"cuts"`` or ``"gradual"``) from counts of one or several videos."""
    claims, facts = counts[f"{what} found"], counts[f"{what} known"]
    return 2 * counts[f"{what} matched"] / (claims + facts) if claims + facts else 1.0


def count_shots(
    boundaries: Sequence[Boundary],
    times_s: np.ndarray,
    *,
    cuts: Sequence[int],
    jumps: Sequence[int] = (),
    gradual: Sequence[tuple[int, int, str]] = (),
    tolerance: int = 1,
) -> Counter[str]:
    """Hold boundaries against the truth of a video.

    Hard boundaries are matched one-to-one, nearest first, at ``tolerance`` frames; gradual ones one-to-one
    where the intervals share a frame, largest share first. A hard boundary inside a gradual transition counts
    neither for nor against hard cuts and is no answer to the transition.

    The counts are ``"matched"``, ``"found"`` and ``"known"`` of ``"cuts"`` (jump cuts left out) and of
    ``"gradual"``; ``"jumps known"``, ``"jumps matched"`` (found as a hard boundary of either kind),
    ``"jumps found"`` (called jumps) and ``"jumps right"`` among those; ``"inside"``, hard boundaries
    in gradual transitions.
    Counts of several videos add up.

    Args:
        boundaries: what a detector found.
        times_s: time of every frame (n,).
        cuts: first frame of the new shot, per hard cut.
        jumps: the same per jump cut.
        gradual: first and last frame and kind.
        tolerance: in frames.
    """
    hard = [b for b in boundaries if b.kind in HARD_KINDS]
    frames = _frames([b.time_s for b in hard], times_s)
    known = np.array([*cuts, *jumps], float)
    answers = dict(match_boundaries(frames, known, tolerance))
    named = [i for i, b in enumerate(hard) if b.kind == "jump"]
    inside = {
        i
        for i, at in enumerate(frames)
        if i not in answers and any(a - _AROUND <= at <= b + _AROUND for a, b, _ in gradual)
    }
    cut_hits = sum(k < len(cuts) for k in answers.values())
    jump_hits = len(answers) - cut_hits
    spans = [
        _frames(b.span_s or (b.time_s, b.time_s), times_s) for b in boundaries if b.kind not in HARD_KINDS
    ]
    pairs = match_intervals([(a, b) for a, b in spans], [(a, b) for a, b, _ in gradual])
    return Counter(
        {
            "cuts matched": cut_hits,
            "cuts found": len(hard) - jump_hits - len(inside),
            "cuts known": len(cuts),
            "jumps matched": jump_hits,
            "jumps right": sum(answers.get(i, -1) >= len(cuts) for i in named),
            "jumps found": len(named),
            "jumps known": len(jumps),
            "gradual matched": len(pairs),
            "gradual found": len(spans),
            "gradual known": len(gradual),
            "inside": len(inside),
        }
    )


def match_intervals(
    found: Sequence[tuple[float, float]], known: Sequence[tuple[float, float]]
) -> list[tuple[int, int]]:
    """Return pairs (index in ``found``, index in ``known``) of closed intervals that meet, one-to-one.

    The largest overlap is matched first.
    """
    shared = sorted(
        (-(min(b, d) - max(a, c)), i, j)
        for i, (a, b) in enumerate(found)
        for j, (c, d) in enumerate(known)
        if a <= d and c <= b
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in shared:
        if all(i != p and j != q for p, q in pairs):
            pairs.append((i, j))
    return sorted(pairs)


def _frames(at_s: Iterable[float], times_s: np.ndarray) -> np.ndarray:
    return np.array([np.argmin(np.abs(times_s - t)) for t in at_s], float)
