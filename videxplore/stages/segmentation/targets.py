"""Whether each level has as many segments as its target duration asks for, and why not where it has not."""

from __future__ import annotations

from collections.abc import Mapping

TOLERANCE = 0.1
"""How far the number of segments may be from the target's before it is explained; by one it always may."""


def explain_misses(
    duration_s: float,
    targets: Mapping[str, float | None],
    counts: Mapping[str, int],
    *,
    calm: bool,
    given: bool,
    edited: bool,
    exchange: bool,
) -> dict[str, str]:
    """Return a sentence per level whose number of segments is more than a tenth off its target.

    Args:
        duration_s: of the video.
        targets: target mean duration in seconds per level, finest first; nothing is asked where it is None.
        counts: number of segments per level.
        calm: whether the least penalty gives no more leaves: what is left uncut changes too little.
        given: whether leaves were given (shots), not sought.
        edited: whether a person changed the tree.
        exchange: whether something goes back and forth, A-B-A-B, which no level above the leaves divides.
    """
    finest = whole = next(iter(targets))
    notes = {}
    for level, target in targets.items():
        if target is None:
            whole = level
            continue
        wanted, got = duration_s / target, counts[level]
        if abs(got - wanted) <= max(TOLERANCE * wanted, 1.0):
            continue
        if given and level == finest:
            why = "the leaves are the shots"
        elif got <= wanted and calm and level == finest:
            why = "nothing more changes clearly enough to end a segment"
        elif wanted < 2 and got <= 2:
            why = "the video is too short for that target"
        elif got > wanted and level != finest:
            why = "every longer segment is divided in two at least"
        elif exchange and level != finest:
            why = "a stretch that goes back and forth (A-B-A-B) stays in one segment"
        elif edited:
            why = "edits hold or bar boundaries"
        elif level != finest:
            why = f"segments are made of whole {whole!r} segments, which are too long for more"
        elif got > wanted:
            why = "no leaf may last longer, or events make boundaries all but free"
        else:
            why = "no penalty gives a nearer number: the next smaller one gives too many"
        notes[level] = f"{got} segments where {target:g} s each would be {wanted:.1f}: {why}."
    return notes
