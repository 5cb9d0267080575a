"""Where encoders meet segmentation: vectors and likeness to words, over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from videxplore.errors import QueryError
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.encoding.embed import embed_frames, encode_query
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.registry import as_encoder
from videxplore.stages.pooling import normalise
from videxplore.stages.segmentation.states import cut_by_states
from videxplore.values.checks import check_kind, check_positive
from videxplore.values.media import Measurements, Series, Video
from videxplore.values.segments import SegmentTree


def embedding_track(
    video: Measurements | Video | str | Path, encoder: Encoder | str = "perceptual", *, every_s: float = 0.5
) -> Series:
    """Return the unit vectors of a video over time, as a track to cut by.

    ``vx.segment(video, tracks={"picture": vx.embedding_track(video, encoder)})`` cuts by what the encoder
    sees instead of by colours and shapes.

    Args:
        video: a path, a probed video, or its measurements.
        encoder: makes the vectors, or its name.
        every_s: distance of the vectors in seconds.

    Raises:
        VideoError: the file cannot be read.
    """
    check_positive("every_s", every_s)
    source = video if isinstance(video, Measurements | Video) else open_video(video)
    chosen = as_encoder(encoder)
    times, values = embed_frames(source, chosen, every_s=every_s)
    vectors, _ = normalise(np.asarray(values, dtype=np.float32))
    return Series(times, vectors, tuple(f"{chosen.card.name} {i}" for i in range(vectors.shape[1])))


def segment_by_words(
    video: Measurements | Video | str | Path,
    words: Sequence[str],
    *,
    encoder: Encoder | str = "perceptual",
    every_s: float = 0.5,
    min_s: float = 2.0,
) -> SegmentTree:
    """Cut a video where another of the given phrases fits best: segments as you define them.

    ``vx.segment_by_words(video, ["a person speaks", "music plays"])`` labels every segment with its phrase.

    Args:
        video: a path, a probed video, or its measurements.
        words: two phrases or more that exclude each other.
        encoder: with a text side, or its name.
        every_s: distance of the times compared in seconds.
        min_s: how long a phrase must fit to count, in seconds.

    Returns:
        A tree with the one level ``"moment"``, its ``labels`` the phrases. It can be cut again, by ``min_s``
        and by the odds of each phrase as weights, and corrected.

    Raises:
        ValueError: fewer than two phrases, or one twice.
        QueryError: the encoder has no text side, or understands nothing of a phrase.
        VideoError: the file cannot be read.
    """
    check_kind("words", words, (list, tuple), "a list of phrases, such as ['a person speaks', 'music plays']")
    phrases = list(words)
    if len(phrases) < 2 or len(set(phrases)) < len(phrases):
        raise ValueError(f"words must be two different phrases or more, got {phrases}.")
    chosen = as_encoder(encoder)
    asked = [encode_query(chosen, phrase) for phrase in phrases]
    lost = [query.text for query in asked if query.vector is None or not np.any(query.vector)]
    if lost:
        raise QueryError(
            f"the encoder {chosen.card.name!r} understands nothing of {', '.join(map(repr, lost))}; "
            "say it in other words, or give an encoder that knows them."
        )
    queries = np.stack([query.vector for query in asked if query.vector is not None])
    track = embedding_track(video, chosen, every_s=every_s)
    likeness = Series(track.times_s, (track.values @ queries.T).astype(np.float32), tuple(phrases))
    if isinstance(video, Measurements):
        opened = video.video
    else:
        opened = video if isinstance(video, Video) else open_video(video)
    return cut_by_states(opened, likeness, min_s=min_s)
