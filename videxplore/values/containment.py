"""A segment and its ancestor are one answer: which of the two a list shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from videxplore.values.rankings import Candidate


def ancestor_ids(candidates: Iterable[Candidate]) -> dict[str, frozenset[str]]:
    """Ids of each candidate's ancestors, by the candidate's id."""
    return {
        c.hit.segment_id: frozenset(r.segment_id for r in c.relatives if r.relation == "ancestor")
        for c in candidates
    }


def keep_unrelated(
    order: Sequence[str], ancestors: Mapping[str, frozenset[str]], count: int
) -> list[tuple[str, tuple[str, ...]]]:
    """Walk ``order`` and keep what is neither ancestor nor descendant of anything kept before.

    The better placed one of two relatives stands for both. A long segment near the top can thereby
    silence so many short ones that fewer than ``count`` remain; then the worst placed kept segment with
    descendants gives way to them, until ``count`` are kept or only leaves are left.

    Args:
        order: segment ids, best first, each once.
        ancestors: ids of the ancestors of each id in ``order``.
        count: how many to keep.

    Returns:
        At most ``count`` pairs in the given order: the id kept, and the ids in ``order`` that it stands for.

    >>> family = {"scene": frozenset(), "moment": frozenset({"scene"}), "other": frozenset()}
    >>> keep_unrelated(["moment", "scene", "other"], family, 2)
    [('moment', ('scene',)), ('other', ())]
    """
    banned: set[str] = set()
    while True:
        kept = _walk([i for i in order if i not in banned], ancestors)
        if len(kept) >= count:
            break
        holds_others = [i for i, silenced in kept.items() if any(i in ancestors[j] for j in silenced)]
        if not holds_others:
            break
        banned.add(holds_others[-1])
    first = list(kept.items())[: max(count, 0)]
    return [(i, tuple(silenced)) for i, silenced in first]


def _walk(order: Sequence[str], ancestors: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """Ids kept, in order, each with the ids that it silenced."""
    kept: dict[str, list[str]] = {}
    above_kept: dict[str, str] = {}  # an ancestor of something kept -> the first such kept id
    for i in order:
        holder = next((a for a in sorted(ancestors[i]) if a in kept), above_kept.get(i))
        if holder is not None:
            kept[holder].append(i)
            continue
        kept[i] = []
        for ancestor in ancestors[i]:
            above_kept.setdefault(ancestor, i)
    return kept
