"""When a reranked list deserves doubt: what can be seen of it without judgements."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from videxplore.values.rankings import Hit, Ranking

_LEAST_HITS = 3
_QUICK_S = 2.0
_NEIGHBOURS = ("previous", "next")


def find_cautions(raw: Ranking, other: Ranking, k: int) -> tuple[str, ...]:
    """Return a sentence for each reason to doubt ``other``, none where its order is the raw one.

    Two cases in which reranking is known to lose: a single right answer has no other candidate to speak
    for it, and in a trailer the moment before or after shows something else.

    Args:
        raw: the ranking before.
        other: the ranking doubted.
        k: how many hits are compared.
    """
    before, after = raw.hits[:k], other.hits[:k]
    if [hit.segment_id for hit in before] == [hit.segment_id for hit in after]:
        return ()
    return tuple(filter(None, (_single_answer(before, after), _quick_cuts(other, after))))


def _single_answer(before: tuple[Hit, ...], after: tuple[Hit, ...]) -> str:
    """The first raw hit is further above the second than the second is above the last."""
    if len(before) < _LEAST_HITS:
        return ""
    best, second, last = before[0], before[1].raw_score, before[-1].raw_score
    if best.raw_score - second < second - last or best.raw_score == last:
        return ""
    now = next((hit.rank for hit in after if hit.segment_id == best.segment_id), None)
    fate = (
        "It is still first."
        if now == 1
        else f"Here it fell to rank {now}."
        if now
        else f"Here it left the first {len(after)}."
    )
    return (
        f"The first raw hit stands clear ({best.raw_score:.2f}, next {second:.2f}). If it is the only right "
        f"answer, nothing else can speak for it, and reranking can only harm. {fate}"
    )


def _quick_cuts(other: Ranking, after: tuple[Hit, ...]) -> str:
    """Hits lifted by the moment before or after in a video that is cut faster than a thought."""
    lengths: dict[str, list[float]] = defaultdict(list)
    for candidate in other.candidates:
        if any(relative.relation in _NEIGHBOURS for relative in candidate.relatives):
            lengths[candidate.hit.video].append(candidate.hit.duration_s)
    lifted = {hit.video for hit in after if any(reason.kind in _NEIGHBOURS for reason in hit.reasons)}
    paces = {
        video: median(found)
        for video, found in lengths.items()
        if video in lifted and len(found) >= _LEAST_HITS
    }
    quick = min((v for v, pace in paces.items() if pace < _QUICK_S), key=paces.__getitem__, default="")
    if not quick:
        return ""
    name = quick.replace("\\", "/").rsplit("/", 1)[-1]
    return (
        f"{name} changes every {paces[quick]:.1f} s, as trailers do: the moment before or after often shows "
        "something else, so being lifted by it means little there."
    )
