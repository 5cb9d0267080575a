"""What a candidate knows of the segments around it."""

from __future__ import annotations

from videxplore.values.rankings import Candidate, Relative
from videxplore.values.segments import VIDEO_LEVEL


def find_whole_video(candidate: Candidate) -> tuple[str, float] | None:
    """Id and raw score of the whole video that ``candidate`` lies in; None where it is not known."""
    if candidate.hit.level == VIDEO_LEVEL:
        return candidate.hit.segment_id, candidate.hit.raw_score
    for relative in candidate.relatives:
        if relative.relation == "ancestor" and relative.level == VIDEO_LEVEL:
            return relative.segment_id, relative.score
    return None


def parts_of(candidate: Candidate) -> list[Relative]:
    """The candidate's children."""
    return [r for r in candidate.relatives if r.relation == "part"]
