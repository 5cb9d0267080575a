"""Simulated archives whose truth is known: channels hold videos, videos hold clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.distances import Vectors, unit_rows
from videxplore.values.sampling import Manifest

DIMENSION = 32

CHANNEL_SPREAD, VIDEO_SPREAD, CLIP_SPREAD = 0.5, 0.4, 0.4
"""Lengths of the random parts of a clip's vector that its channel, video and itself add to its topic's."""

KINDS = {"news": -0.8, "sport": 0.0, "nature": 0.8}
"""Kinds of channels, and how much more of a trait they have, on the scale of log odds."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class World:
    """What archives are made of: topics by how common they are, and where each lies.

    Attributes:
        popularity: float64 (t,), sums to 1; Zipf.
        centres: float32 (t, d), unit rows.
        elsewhere: float32 (t, d), centres of material of another kind.
    """

    popularity: Numbers
    centres: Vectors
    elsewhere: Vectors


@dataclass(frozen=True, eq=False, slots=True)
class Tranche:
    """Whole channels of an archive with the truth about their clips.

    Attributes:
        sources: intp (n,).
        durations: float64 (n,), seconds.
        topics: intp (n,).
        novel: bool (n,), of another kind than the world's topics.
        copies: intp (n,), group of copies; a copy has the group, duration and vector of its original.
        vectors: float32 (n, d).
    """

    sources: NDArray[np.intp]
    durations: Numbers
    topics: NDArray[np.intp]
    novel: NDArray[np.bool_]
    copies: NDArray[np.intp]
    vectors: Vectors

    @property
    def names(self) -> list[str]:
        """The sources as names."""
        return [f"{source:05d}" for source in self.sources]


def simulate_world(rng: np.random.Generator, *, topics: int = 300, zipf: float = 1.1) -> World:
    """Topics whose popularity falls with their rank to the power of ``zipf``."""
    popularity = np.arange(1, topics + 1, dtype=np.float64) ** -zipf
    # Material of another kind lies on the other side of one axis: near to none of the topics, as planted.
    centres = unit_rows(rng.standard_normal((topics, DIMENSION)).astype(np.float32))
    elsewhere = unit_rows(rng.standard_normal((topics, DIMENSION)).astype(np.float32))
    centres[:, -1] = 0.5
    elsewhere[:, -1] = -2
    return World(popularity / popularity.sum(), unit_rows(centres), unit_rows(elsewhere))


def simulate_tranche(
    rng: np.random.Generator,
    world: World,
    channels: int,
    *,
    clips: float = 12,
    novelty: float = 0.0,
    duplicates: float = 0.0,
    alike: float = 0.2,
) -> Tranche:
    """Draw whole channels.

    Args:
        rng: generator.
        world: topics.
        channels: how many.
        clips: mean number of clips per channel; sizes are lognormal with σ .5.
        novelty: expected share of hours of another kind; it differs by channel as ``alike`` says.
        duplicates: expected share of hours that repeat a clip of the same channel.
        alike: correlation of two clips of a channel in being novel or a copy.
    """
    sizes = np.maximum(2, rng.poisson(clips * np.exp(0.5 * rng.standard_normal(channels) - 0.125)))
    source = np.repeat(np.arange(channels), sizes)
    n = len(source)
    video = np.cumsum((rng.random(n) < 0.25) | (np.diff(source, prepend=-1) > 0)) - 1
    head = np.unique(video, return_index=True)[1]
    novel = (rng.random(len(head)) < _varied(rng, novelty, alike, channels)[source[head]])[video]
    mixture = rng.dirichlet(20 * world.popularity + 1e-9, channels)
    steps = np.cumsum(mixture, axis=1)
    topic = (steps[source[head]] < rng.random((len(head), 1))).sum(axis=1).clip(max=len(world.popularity) - 1)
    own = rng.random(n) < 0.3  # the others have their video's topic
    topics = topic[video]
    topics[own] = (steps[source[own]] < rng.random((own.sum(), 1))).sum(axis=1).clip(max=steps.shape[1] - 1)
    vectors = np.where(novel[:, None], world.elsewhere[topics], world.centres[topics])
    for spread, index in ((CHANNEL_SPREAD, source), (VIDEO_SPREAD, video), (CLIP_SPREAD, np.arange(n))):
        noise = rng.standard_normal((int(index[-1]) + 1, DIMENSION)) / np.sqrt(DIMENSION)
        vectors = vectors + spread * noise[index]
    durations = 8 * np.exp(0.4 * rng.standard_normal(n))
    copies = _copies(rng, source, _varied(rng, duplicates, alike, channels))
    whole = np.where(novel, len(world.popularity), 0) + topics
    return Tranche(
        source,
        durations[copies],
        whole[copies],
        novel[copies],
        copies,
        unit_rows(vectors.astype(np.float32)[copies]),
    )


def simulate_trait(
    rng: np.random.Generator, channels: int, share: float, alike: float, *, pull: float = 0.0
) -> tuple[Numbers, Numbers, Numbers]:
    """Totals by channel of a trait alone: hours with it, hours, and squared hours of single clips.

    Args:
        rng: generator.
        channels: how many.
        share: of an ordinary channel.
        alike: correlation of two clips of a channel.
        pull: how much more of it large channels have, on the scale of log odds.
    """
    size = 0.5 * rng.standard_normal(channels)
    odds = np.log(share / (1 - share)) + pull * size
    chance = _varied(rng, 1 / (1 + np.exp(-odds)), alike, channels)
    videos = np.maximum(1, rng.poisson(6 * np.exp(size)))
    source = np.repeat(np.arange(channels), videos)
    clips = 1 + rng.poisson(9, len(source))
    hits = rng.binomial(clips, rng.beta(*_beta(chance[source], 0.15)))
    length = np.exp(0.5 * rng.standard_normal(len(source)))

    def totals(column: NDArray[np.generic]) -> Numbers:
        return np.bincount(source, column, channels).astype(np.float64)

    return totals(hits * length), totals(clips * length), totals(clips * length**2)


def simulate_manifest(
    rng: np.random.Generator, channels: int, share: float, alike: float, *, pull: float = 0.0
) -> tuple[Manifest, NDArray[np.bool_]]:
    """An archive clip by clip, with the kind of each channel as a column, and a trait (n,).

    Args:
        rng: generator.
        channels: how many; some ten clips of each.
        share: of an ordinary channel.
        alike: correlation of two clips of a channel in the trait.
        pull: how much more of it large channels have, on the scale of log odds.
    """
    size = 0.5 * rng.standard_normal(channels)
    kind = rng.integers(len(KINDS), size=channels)
    odds = np.log(share / (1 - share)) + pull * size + np.array(list(KINDS.values()))[kind]
    chance = _varied(rng, 1 / (1 + np.exp(-odds)), alike, channels)
    source = np.repeat(np.arange(channels), 1 + rng.poisson(9 * np.exp(size)))
    names = list(KINDS)
    manifest = Manifest(
        tuple(f"clip-{row:06d}" for row in range(len(source))),
        tuple(f"channel-{channel:05d}" for channel in source),
        8 * np.exp(0.4 * rng.standard_normal(len(source))),
        {"kind": tuple(names[kind[channel]] for channel in source)},
    )
    return manifest, rng.random(len(source)) < chance[source]


def _copies(rng: np.random.Generator, source: NDArray[np.intp], chance: Numbers) -> NDArray[np.intp]:
    """Row of each clip's original: itself, or an original of the same channel for those that are copies."""
    n = len(source)
    copy = rng.random(n) < chance[source]
    original = np.flatnonzero(~copy)
    first = np.searchsorted(source[original], source)
    many = np.searchsorted(source[original], source, side="right") - first
    picked = original[np.minimum(first + (rng.random(n) * many).astype(np.intp), len(original) - 1)]
    return np.where(copy & (many > 0), picked, np.arange(n)).astype(np.intp)


def _varied(rng: np.random.Generator, mean: float | Numbers, alike: float, channels: int) -> Numbers:
    """Chances by channel: beta with this mean, and ``alike`` as the correlation of two clips of a channel."""
    if not np.any(mean):
        return np.zeros(channels)
    return np.asarray(rng.beta(*_beta(np.broadcast_to(mean, channels), alike)))


def _beta(mean: Numbers, alike: float) -> tuple[Numbers, Numbers]:
    held = np.clip(mean, 1e-6, 1 - 1e-6)
    return held * (1 - alike) / alike, (1 - held) * (1 - alike) / alike
