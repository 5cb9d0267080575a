"""What is true of a generated archive, computed from all of its clips."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.studio.archive.clips import Clip
from videxplore.studio.archive.plan import FAULTY
from videxplore.studio.archive.takes import film_take
from videxplore.values.media import Span

Numbers = NDArray[np.float64]

SPOILING = (*FAULTY, "logo")
"""Faults that make a stretch unusable."""


@dataclass(frozen=True, slots=True)
class ArchiveTruth:
    """The figures that an assessment estimates from a sample, as they are in the whole archive.

    Attributes:
        clips: how many.
        channels: how many.
        hours: of all clips.
        figures: key of a measure of :class:`videxplore.values.assessments.SampleReport` -> what it is in
            truth. Usable is what no fault of :data:`SPOILING` touches; new is what is about topics that the
            owner does not have; useful is usable, new and no copy.
        topics: topic -> share of hours, most first.
        by_channel: channel -> topic -> hours.
        new_topics: topics that the owner does not have, most hours first.
    """

    clips: int
    channels: int
    hours: float
    figures: Mapping[str, float]
    topics: Mapping[str, float]
    by_channel: Mapping[str, Mapping[str, float]]
    new_topics: tuple[str, ...]


def archive_truth(clips: Sequence[Clip], owned: Sequence[Clip]) -> ArchiveTruth:
    """Add up what is true of every clip."""
    seconds = np.array([clip.duration_s for clip in clips])
    topics = _hours_by(clips, lambda clip: clip.topic)
    return ArchiveTruth(
        clips=len(clips),
        channels=len({clip.channel for clip in clips}),
        hours=float(seconds.sum() / 3600),
        figures={**_technical(clips, seconds), **_worth(clips, owned, seconds), **_spoken(clips, seconds)},
        topics={topic: hours * 3600 / float(seconds.sum()) for topic, hours in topics.items()},
        by_channel={
            channel: _hours_by([clip for clip in clips if clip.channel == channel], lambda clip: clip.topic)
            for channel in dict.fromkeys(clip.channel for clip in clips)
        },
        new_topics=tuple(topic for topic in topics if topic not in {clip.topic for clip in owned}),
    )


def _technical(clips: Sequence[Clip], seconds: Numbers) -> dict[str, float]:
    """Shares of hours that are usable, and that have each fault."""
    shares = {"technical.usable": np.array([usable_s(clip) for clip in clips])}
    for kind in SPOILING:
        spoilt = [sum(span.duration_s for span in clip.spans_of(kind)) for clip in clips]
        shares[f"technical.{kind.replace(' ', '_').replace('-', '_')}"] = np.array(spoilt)
    return {key: float(amounts.sum() / seconds.sum()) for key, amounts in shares.items()}


def _worth(clips: Sequence[Clip], owned: Sequence[Clip], seconds: Numbers) -> dict[str, float]:
    """Shares of hours that repeat, that are new, and that are of use."""
    takes, topics = {clip.take for clip in owned}, {clip.topic for clip in owned}
    known = np.array([clip.take in takes for clip in clips])
    extra = np.array(_repeats(clips, lambda clip: clip.take))
    within = np.array(_repeats(clips, lambda clip: (clip.channel, clip.take)))
    new = np.array([clip.topic not in topics for clip in clips])
    usable = np.array([usable_s(clip) for clip in clips])
    amounts = {
        "redundancy.extra": seconds * extra,
        "redundancy.in_source": seconds * within,
        "redundancy.owned": seconds * known,
        "novelty.excess": seconds * new,
        "novelty.useful": usable * new * ~extra * ~known,
    }
    return {key: float(amount.sum() / seconds.sum()) for key, amount in amounts.items()}


def _spoken(clips: Sequence[Clip], seconds: Numbers) -> dict[str, float]:
    """Share of hours of files with subtitles, and of these the share that is spoken."""
    spoken = np.array([spoken_s(clip) if clip.subtitled else 0.0 for clip in clips])
    written = spoken > 0
    return {
        "language.subtitles": float(seconds[written].sum() / seconds.sum()),
        "language.speech": float(spoken.sum() / max(seconds[written].sum(), 1e-9)),
    }


def usable_s(clip: Clip) -> float:
    """Seconds of a clip that no fault of :data:`SPOILING` touches."""
    spans = [span for kind in SPOILING for span in clip.spans_of(kind)]
    return clip.duration_s - _covered(spans)


def spoken_s(clip: Clip) -> float:
    """Seconds of an original in which someone speaks."""
    film = film_take(clip.take, clip.topic, clip.take_s, (64, 36), hectic=clip.has("over-edited"))
    spoken = []
    for beat in film.beats:
        for line in beat.lines:
            begin = film.time_s(beat.start_frame) + line.offset_s
            if line.text:
                spoken.append(Span(begin, min(begin + line.seconds, clip.duration_s)))
    return _covered(spoken)


def _covered(spans: Sequence[Span]) -> float:
    """Seconds that lie in at least one of these."""
    total, reached = 0.0, 0.0
    for span in sorted(spans, key=lambda span: span.start_s):
        total += max(0.0, span.end_s - max(span.start_s, reached))
        reached = max(reached, span.end_s)
    return total


def _repeats(clips: Sequence[Clip], key: Callable[[Clip], object]) -> list[bool]:
    """Which clips repeat a longer one, or an earlier one as long, with the same key."""
    best: dict[object, int] = {}
    for row, clip in enumerate(clips):
        held = best.setdefault(key(clip), row)
        if clip.duration_s > clips[held].duration_s:
            best[key(clip)] = row
    return [best[key(clip)] != row for row, clip in enumerate(clips)]


def _hours_by(clips: Sequence[Clip], key: Callable[[Clip], str]) -> dict[str, float]:
    """Hours by name, the most first."""
    hours: defaultdict[str, float] = defaultdict(float)
    for clip in clips:
        hours[key(clip)] += clip.duration_s / 3600
    return dict(sorted(hours.items(), key=lambda item: -item[1]))
