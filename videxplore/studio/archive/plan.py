"""The law of a generated archive: who offers what, what is copied from whom, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from videxplore.studio.archive.clips import COPY_KINDS, IMPLIED, Clip, PlantedFault
from videxplore.studio.archive.topics import BY_LABEL, TOPICS
from videxplore.values.media import Span

ZIPF = 0.8
"""Exponent of how common topics are in the archive; what is owned is level."""

OWNED_TOPICS = 0.5
"""Share of the archive's appearances that are of topics which the owner has, at least."""

OWNED_CLIPS = 1.5
"""How many clips an owned source has for one of a channel: what is owned is known well."""

SAME_TOPIC = 0.7
"""Share of clips that are about what their video is about."""

ALIKE = 0.2
"""Correlation of two clips of a channel in what they are copied from and what is wrong with them."""

COPIED_WITHIN, COPIED_VIRAL, COPIED_OWNED = 0.07, 0.04, 0.08
"""Expected shares of clips copied from the same channel, from what everybody shows, from what is owned."""

VIRAL_TAKES = 3

FAULTY = {
    "black": 0.05,
    "frozen": 0.05,
    "silent": 0.03,
    "no sound": 0.04,
    "letterbox": 0.04,
    "resolution": 0.05,
    "bitrate": 0.04,
    "blurred": 0.04,
    "over-edited": 0.03,
}
"""Expected share of clips, other than copies, that have a fault."""

IN_PART = ("black", "frozen", "silent")
"""Faults that fill a stretch of a clip and not all of it."""

HECTIC_CLIP_S = 12.0
"""Shortest over-edited clip, in seconds: a few quick shots alone are no fault."""

LANGUAGES = {"en": 0.6, "de": 0.25, "es": 0.15}
"""Share of channels by language."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is.

    Attributes:
        channels: of the archive.
        owned: sources of what is owned, ten or more.
        clips: mean number per channel; two at least, lognormal. Owned sources have half as many again.
        seconds: shortest and longest clip.
        size: (width, height) of an ordinary clip, in pixels.
    """

    channels: int = 240
    owned: int = 12
    clips: float = 3.5
    seconds: tuple[float, float] = (6.0, 9.0)
    size: tuple[int, int] = (320, 180)

    def __post_init__(self) -> None:
        if self.channels < 2 or self.owned < 10:
            raise ValueError(
                f"an archive needs 2 channels and 10 owned sources at least, got {self.channels} and "
                f"{self.owned}."
            )
        low, high = self.seconds
        if not 2.0 <= low <= high:
            raise ValueError(f"seconds must be (shortest, longest) of 2 or more, got {self.seconds!r}.")
        if self.clips < 2 or any(side < 64 or side % 4 for side in self.size):
            raise ValueError(
                f"clips must be 2 or more and size two multiples of 4 from 64 on, got {self.clips!r} and "
                f"{self.size!r}."
            )


def plan(scale: Scale, seed: int) -> tuple[tuple[Clip, ...], tuple[Clip, ...]]:
    """Lay out an archive and what is owned; nothing is drawn.

    Returns:
        The clips of the archive, and those that are owned.
    """
    rng = np.random.default_rng(seed)
    labels = [topic.label for topic in TOPICS]
    ranked = np.arange(1.0, len(labels) + 1) ** -ZIPF
    popularity = rng.permutation(ranked / ranked.sum())
    known = _known(rng, popularity)
    takes = (f"{seed}-{number}" for number in count())
    # What is owned is not lopsided, so that each of its topics comes up in several of its sources.
    theirs = known.astype(np.float64)
    well = replace(scale, clips=OWNED_CLIPS * scale.clips)
    owned = _Layout(rng, takes, well, labels, "owned").lay_out(scale.owned, theirs / theirs.sum(), 30.0)
    laid = _Layout(rng, takes, scale, labels, "channel").lay_out(scale.channels, popularity, 6.0)
    archive = _spoil(rng, _copy(rng, laid, owned))
    return tuple(archive), tuple(owned)


def _known(rng: np.random.Generator, popularity: Numbers) -> NDArray[np.bool_]:
    """Which topics the owner has: rather those that everybody has."""
    order = rng.choice(len(popularity), len(popularity), replace=False, p=popularity)
    needed = int(np.searchsorted(np.cumsum(popularity[order]), OWNED_TOPICS)) + 1
    known = np.zeros(len(popularity), bool)
    known[order[:needed]] = True
    return known


class _Layout:
    """Channels of one kind with their videos and clips."""

    def __init__(
        self, rng: np.random.Generator, takes: Iterator[str], scale: Scale, labels: list[str], name: str
    ) -> None:
        self._rng, self._takes, self._scale, self._labels, self._name = rng, takes, scale, labels, name

    def lay_out(self, channels: int, popularity: Numbers, alike: float) -> list[Clip]:
        """Originals only; the larger ``alike``, the more every channel is about what all are about."""
        digits = len(str(channels))
        return [
            clip
            for number in range(1, channels + 1)
            for clip in self._channel(f"{self._name}-{number:0{digits}d}", popularity, alike)
        ]

    def _channel(self, name: str, popularity: Numbers, alike: float) -> list[Clip]:
        rng, scale = self._rng, self._scale
        mixture = rng.dirichlet(alike * len(popularity) * popularity / 6 + 1e-3 * (popularity > 0))
        language = str(rng.choice(list(LANGUAGES), p=list(LANGUAGES.values())))
        clips: list[Clip] = []
        size = max(2, round(scale.clips * float(np.exp(0.4 * rng.standard_normal() - 0.08))))
        video, within, about = 0, 0, 0
        for k in range(size):
            if k == 0 or rng.random() < 0.35:
                video, within = video + 1, 0
                about = int(rng.choice(len(mixture), p=mixture))
            within += 1
            own = rng.random() >= SAME_TOPIC
            topic = int(rng.choice(len(mixture), p=mixture)) if own else about
            seconds = round(float(rng.uniform(*scale.seconds)) * 25) / 25
            file = f"{name}/video-{video}/clip-{within}.mp4"
            label = self._labels[topic]
            clips.append(Clip(file, name, label, next(self._takes), seconds, 0.0, seconds, language))
        return clips


def _copy(rng: np.random.Generator, clips: list[Clip], owned: list[Clip]) -> list[Clip]:
    """Turn some clips into copies of others."""
    channels = {name: k for k, name in enumerate(dict.fromkeys(clip.channel for clip in clips))}
    shares = [_varied(rng, mean, len(channels)) for mean in (COPIED_WITHIN, COPIED_VIRAL, COPIED_OWNED)]
    viral = [clips[int(row)] for row in rng.choice(len(clips), VIRAL_TAKES, replace=False)]
    kept = {clip.clip_id for clip in viral}
    done: list[Clip] = []
    originals: dict[str, list[Clip]] = {}
    for clip in clips:
        channel = channels[clip.channel]
        steps = np.cumsum([share[channel] for share in shares])
        source = int(np.searchsorted(steps, rng.random(), side="right"))
        pools: tuple[list[Clip], ...] = (originals.get(clip.channel, []), viral, owned, [])
        pool = pools[source] if clip.clip_id not in kept else []
        if pool:
            done.append(_copied(rng, clip, pool[int(rng.integers(len(pool)))]))
        else:
            done.append(clip)
            originals.setdefault(clip.channel, []).append(clip)
    return done


def _copied(rng: np.random.Generator, clip: Clip, original: Clip) -> Clip:
    """This clip as a copy of another."""
    how = COPY_KINDS[int(rng.integers(len(COPY_KINDS)))]
    length = original.duration_s
    start = 0.0
    if how == "trimmed":
        length = round(length * float(rng.uniform(0.55, 0.75)) * 25) / 25
        start = round(float(rng.uniform(0, original.duration_s - length)) * 25) / 25
    whole = Span(0.0, length)
    faults = (PlantedFault(IMPLIED[how], whole),) if how in IMPLIED else ()
    return replace(
        clip,
        topic=original.topic,
        take=original.take,
        take_s=original.take_s,
        start_s=start,
        duration_s=length,
        copy_of=original.clip_id,
        copied=how,
        faults=faults,
    )


def _spoil(rng: np.random.Generator, clips: list[Clip]) -> list[Clip]:
    """Plant faults in clips that are no copies and that nobody copied, so that each shows one thing."""
    channels = {name: k for k, name in enumerate(dict.fromkeys(clip.channel for clip in clips))}
    shares = np.stack([_varied(rng, mean, len(channels)) for mean in FAULTY.values()])
    copied = {clip.copy_of for clip in clips}
    done = []
    for clip in clips:
        chances = shares[:, channels[clip.channel]]
        picked = [kind for kind, chance in zip(FAULTY, chances, strict=True) if rng.random() < chance]
        if clip.copy_of or clip.clip_id in copied or not picked:
            done.append(clip)
            continue
        kind = picked[int(rng.integers(len(picked)))]
        length = max(clip.duration_s, HECTIC_CLIP_S) if kind == "over-edited" else clip.duration_s
        fault = PlantedFault(kind, _where(rng, kind, length))
        done.append(replace(clip, take_s=length, duration_s=length, faults=(fault,)))
    return done


def _where(rng: np.random.Generator, kind: str, duration_s: float) -> Span:
    """All of the clip, or 40 % to 60 % of it on whole frames."""
    if kind not in IN_PART:
        return Span(0.0, duration_s)
    length = round(duration_s * float(rng.uniform(0.4, 0.6)) * 25) / 25
    start = round(float(rng.uniform(0, duration_s - length)) * 25) / 25
    return Span(start, start + length)


def _varied(rng: np.random.Generator, mean: float, channels: int) -> Numbers:
    """Chances by channel: beta, with :data:`ALIKE` as the correlation of two clips of a channel."""
    weight = (1 - ALIKE) / ALIKE
    return np.asarray(rng.beta(mean * weight, (1 - mean) * weight, channels))


def kind_of(channel: list[Clip]) -> str:
    """Of a channel: the kind of topic that most of its clips are about; the first of equals."""
    kinds = [BY_LABEL[clip.topic].kind for clip in channel]
    return max(dict.fromkeys(kinds), key=kinds.count)
