"""What comes back: leaves that look and sound alike share a label, wherever in the video they are.

A dialogue goes back and forth between two pictures, A-B-A-B. Each cut is a change for good as far as the
next seconds go, yet all are one scene. Linking shots that recur is how scene transition graphs (Yeung & Yeo,
1998) and overlapping links (Hanjalic, Lagendijk & Biemond, 1999) find that. Here two links that *interleave*
hold a stretch together: A comes back after B began, and B after A came back. A single return (A-B-A) does
not: one leaves the kitchen for the garden and comes back, and those are three scenes.
"""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_LIKENESS = 0.7
"""Cosine of a leaf and the mean of its label. Of the drawn development films' pairs of leaves those of one
setting lie above, all others below."""

LONGEST_ABSENCE_S = 30.0
"""What stays away for longer comes back as something new, as far as scenes go."""

_MEMORY = 512
"""Labels that a leaf is compared with, the ones seen last: keeps time linear however long the video is."""


def label_leaves(totals: Floats) -> NDArray[np.intp]:
    """Return a label (m,) per leaf, numbered as they first appear: alike leaves share one.

    Leader clustering (Hartigan, 1975): each leaf joins the label whose mean so far is nearest, or begins one.

    Args:
        totals: float64 (m, d), the sum of the signal's unit vectors over each leaf.
    """
    unit = (totals / np.maximum(np.linalg.norm(totals, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    sums = np.zeros((_MEMORY, unit.shape[1]), dtype=np.float32)
    lengths = np.ones(_MEMORY, dtype=np.float32)
    owner, last_seen = np.zeros((2, _MEMORY), dtype=np.intp)
    labels = np.zeros(len(unit), dtype=np.intp)
    count = 0
    for i, leaf in enumerate(unit):
        likeness = (sums @ leaf) / lengths
        slot = int(likeness.argmax())
        if likeness[slot] < LEAST_LIKENESS:
            slot = int(last_seen.argmin())
            sums[slot], owner[slot] = 0.0, count
            count += 1
        sums[slot] += leaf
        lengths[slot] = np.linalg.norm(sums[slot])
        last_seen[slot] = i + 1
        labels[i] = owner[slot]
    return labels


def find_exchanges(labels: NDArray[np.intp], times_s: Floats) -> NDArray[np.bool_]:
    """Return whether each leaf boundary (m − 1,) lies inside an exchange: links that interleave around it.

    Args:
        labels: (m,), from :func:`label_leaves`.
        times_s: float64 (m + 1,), when the leaves begin, and when the last one ends.
    """
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    ends = np.append(starts[1:], len(labels))
    last: dict[int, int] = {}
    links: list[tuple[int, int]] = []
    # Neighbours of one label are one run; links are between runs.
    for run, label in enumerate(labels[starts].tolist()):
        before = last.get(label)
        if before is not None and times_s[starts[run]] - times_s[ends[before]] <= LONGEST_ABSENCE_S:
            links.append((before, run))
        last[label] = run
    links.sort()
    inside = np.zeros(max(len(labels) - 1, 0), dtype=np.bool_)
    for k, (first, back) in enumerate(links):
        for begin, end in links[k + 1 :]:
            if begin >= back:
                break
            if end > back:
                # Boundary b stands between leaves b and b + 1.
                inside[starts[first] : ends[end] - 1] = True
    return inside


def name_labels(labels: NDArray[np.intp]) -> list[str]:
    """Return letters for numbers: A, B, …, Z, AA, AB and so on."""
    return [_letters(label) for label in labels.tolist()]


def _letters(number: int) -> str:
    rest, letter = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + string.ascii_uppercase[letter]
