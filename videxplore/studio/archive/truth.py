"""What is true of a generated archive, computed from all of its clips."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from videxplore.studio.archive.clips import Clip
from videxplore.studio.archive.takes import film_take
from videxplore.values.media import Span

SPOILING = (
    "black",
    "frozen",
    "silent",
    "no sound",
    "letterbox",
    "resolution",
    "bitrate",
    "blurred",
    "over-edited",
    "logo",
)
"""Faults that make a stretch unusable."""


@dataclass(frozen=True, slots=True)
class ArchiveTruth:
    """The figures that an assessment estimates from a sample, as they are in the whole archive.

    Attributes:
        clips: how many.
        channels: how many.
        hours: of all clips.
        usable: share of hours that is free of every fault of :data:`SPOILING`.
        faults: kind -> share of hours that has it.
        novel: share of hours about topics that the owner does not have.
        extra: share of hours that repeats a longer or earlier clip of the archive.
        in_channel: share of hours that repeats a longer or earlier clip of the same channel.
        owned: share of hours that is copied from what is owned.
        useful: share of hours that is usable, novel and no copy.
        spoken: share of hours in which someone speaks.
        languages: language -> share of hours of its channels.
        topics: topic -> share of hours.
        by_channel: channel -> topic -> hours.
        new_topics: topics that the owner does not have, the most frequent first.
    """

    clips: int
    channels: int
    hours: float
    usable: float
    faults: Mapping[str, float]
    novel: float
    extra: float
    in_channel: float
    owned: float
    useful: float
    spoken: float
    languages: Mapping[str, float]
    topics: Mapping[str, float]
    by_channel: Mapping[str, Mapping[str, float]]
    new_topics: tuple[str, ...]


def archive_truth(clips: Sequence[Clip], owned: Sequence[Clip]) -> ArchiveTruth:
    """Add up what is true of every clip."""
    seconds = np.array([clip.duration_s for clip in clips])
    usable = np.array([usable_s(clip) for clip in clips])
    known = {clip.topic for clip in owned}
    novel = np.array([clip.topic not in known for clip in clips])
    takes = {clip.take for clip in owned}
    from_owned = np.array([clip.take in takes for clip in clips])
    extra = np.array(_repeats(clips, lambda clip: clip.take))
    within = np.array(_repeats(clips, lambda clip: (clip.channel, clip.take)))
    topics = _hours_by(clips, lambda clip: clip.topic)
    whole = float(seconds.sum())

    def share(amounts: np.ndarray) -> float:
        return float(amounts.sum() / whole)

    kinds = sorted({fault.kind for clip in clips for fault in clip.faults})
    channels = dict.fromkeys(clip.channel for clip in clips)
    return ArchiveTruth(
        clips=len(clips),
        channels=len(channels),
        hours=whole / 3600,
        usable=share(usable),
        faults={
            kind: share(np.array([sum(s.duration_s for s in clip.spans_of(kind)) for clip in clips]))
            for kind in kinds
        },
        novel=share(seconds * novel),
        extra=share(seconds * extra),
        in_channel=share(seconds * within),
        owned=share(seconds * from_owned),
        useful=share(usable * novel * ~extra * ~from_owned),
        spoken=share(np.array([spoken_s(clip) for clip in clips])),
        languages=_shares(_hours_by(clips, lambda clip: clip.language)),
        topics=_shares(topics),
        by_channel={
            name: _hours_by([clip for clip in clips if clip.channel == name], lambda clip: clip.topic)
            for name in channels
        },
        new_topics=tuple(sorted(topics.keys() - known, key=lambda topic: -topics[topic])),
    )


def usable_s(clip: Clip) -> float:
    """Seconds of a clip that no fault of :data:`SPOILING` touches."""
    spans = [span for kind in SPOILING for span in clip.spans_of(kind)]
    return clip.duration_s - _covered(spans)


def spoken_s(clip: Clip) -> float:
    """Seconds of a clip in which someone speaks and can be heard."""
    if clip.has("no sound"):
        return 0.0
    film = film_take(clip.take, clip.topic, clip.take_s, (64, 36), hectic=clip.has("over-edited"))
    end_s = clip.start_s + clip.duration_s
    spoken = []
    for beat in film.beats:
        for line in beat.lines:
            begin = film.time_s(beat.start_frame) + line.offset_s
            first, last = max(begin, clip.start_s), min(begin + line.seconds, end_s)
            if last > first:
                spoken.append(Span(first - clip.start_s, last - clip.start_s))
    mute = clip.spans_of("silent")
    return _covered([*spoken, *mute]) - _covered(mute)


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


def _shares(hours: Mapping[str, float]) -> dict[str, float]:
    whole = sum(hours.values())
    return {name: amount / whole for name, amount in hours.items()}
