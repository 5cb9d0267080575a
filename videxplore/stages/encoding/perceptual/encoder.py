"""The encoder that needs no download."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES, BLOCKS, NAMES
from videxplore.stages.encoding.perceptual.calibration import STRUCTURE, load_calibration, place_spans
from videxplore.stages.encoding.perceptual.guessing import Guesser
from videxplore.stages.encoding.perceptual.lexicon import Lexicon, Reading, load_lexicon
from videxplore.stages.encoding.perceptual.rows import describe
from videxplore.stages.encoding.perceptual.weights import column_weights
from videxplore.stages.encoding.sentences import SentenceEncoder, Sentences, has_bundled
from videxplore.stages.features.picture import PictureScan
from videxplore.stages.features.resize import shrink
from videxplore.stages.features.sound import measure_sound
from videxplore.values.media import AudioClip, FrameBatch, Measurements, Series, Span, Video
from videxplore.values.rankings import Order, Query, Term
from videxplore.values.vectors import EncoderCard

REVISION = "3"
_log = logging.getLogger("videxplore")


class PerceptualEncoder:
    """Named, calibrated attributes of picture, motion and sound.

    Deterministic and without weights. It knows what a segment looks and sounds like, never what it means:
    "sea" is smooth blue in the lower half. Words that it cannot map are returned, not guessed.

    Args:
        sentences: compares words that the lexicon lacks with its entries; a query marks what was taken for
            what. ``"auto"``: the model of the extra ``sentences``, where installed. A folder or id of a
            sentence-transformers model, or any object with ``encode_text``; None: no guessing.
        language: of the queries: a code for which a lexicon comes with the package, or the path of a lexicon
            of your own (JSON). Vectors do not depend on it.

    >>> encoder = PerceptualEncoder(sentences=None)
    >>> encoder.encode_query("a sudden bang in the dark, zyzzyva").unknown_words
    ('zyzzyva',)
    """

    def __init__(
        self,
        sentences: str | os.PathLike[str] | Sentences | None = "auto",
        language: str | os.PathLike[str] = "en",
    ) -> None:
        calibration = load_calibration()
        self._calibration = calibration
        self._lexicon = load_lexicon(os.fspath(language))
        found = _find_sentences(sentences)
        self._guesser = None if found is None else Guesser(self._lexicon.entries, found)
        self._weights = column_weights()
        self.card = EncoderCard(
            "perceptual",
            len(ATTRIBUTES),
            modalities=("visual", "audio", "text"),
            revision=REVISION,
            blocks=BLOCKS,
            pooling=tuple(a.pooling for a in ATTRIBUTES),
            names=tuple("" if a.block == "similarity" else a.name for a in ATTRIBUTES),
            parameters={
                "calibration": calibration.digest,
                "from_span": list(NAMES[STRUCTURE]),
            },
        )

    def __repr__(self) -> str:
        guesses = "guesses words it lacks" if self.guesses else "no guesses"
        return f"PerceptualEncoder({self.card!r}, {guesses})"

    @property
    def lexicon(self) -> Lexicon:
        """The words that it knows."""
        return self._lexicon

    @property
    def guesses(self) -> bool:
        """Whether words that the lexicon lacks are taken for the nearest that it has."""
        return self._guesser is not None

    def encode_spans(self, measurements: Measurements, spans: Sequence[Span]) -> NDArray[np.float32]:
        """Return weighted scores (n, d) of stretches of a measured video; without sound its columns are 0."""
        say_once()
        scores = self._calibration.score(describe(measurements, spans))
        self.place(scores, spans, measurements.video.duration_s)
        return scores * self._weights

    def place(self, values: NDArray[np.float32], spans: Sequence[Span], duration_s: float) -> None:
        """Write the structure columns of ``spans`` into ``values`` (n, d), weighted."""
        values[:, STRUCTURE] = place_spans(spans, duration_s) * self._weights[STRUCTURE]

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return (n, d) for pictures alone: motion between frames less than half a second apart, no sound."""
        scan = PictureScan()
        scan.push(shrink(frames.rgb), frames.times_s)
        duration = float(frames.times_s[-1]) + 0.25
        gap = float(np.median(np.diff(frames.times_s))) if len(frames) > 1 else 0.25
        spans = [Span(max(0.0, float(t) - gap / 2), float(t) + gap / 2) for t in frames.times_s]
        height, width = frames.rgb.shape[1:3]
        video = Video(Path("frames"), "0" * 16, duration, width, height, 1 / gap, len(frames), "")
        values = self.encode_spans(Measurements(video, scan.series(), _nothing()), spans)
        values[:, STRUCTURE] = 0.0
        return values

    def encode_audio(self, clips: list[AudioClip]) -> NDArray[np.float32]:
        """Return (n, d) for sounds alone: columns of picture and structure are 0."""
        values = np.zeros((len(clips), len(ATTRIBUTES)), np.float32)
        for row, clip in enumerate(clips):
            sound = measure_sound([clip])
            if sound is None:
                continue
            video = Video(Path("sound"), "0" * 16, max(clip.duration_s, 0.05), 1, 1, 1.0, 0, "")
            raw = describe(Measurements(video, _nothing(), _nothing(), sound), [video.span])
            values[row] = self._calibration.score(raw)[0] * self._weights
        return values

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return (n, d) unit vectors; a row of zeros where no word was understood."""
        vectors = [self.encode_query(text).vector for text in texts]
        return np.stack([np.zeros(len(ATTRIBUTES), np.float32) if v is None else v for v in vectors])

    def encode_query(self, text: str) -> Query:
        """Return the query with unit vector, terms and the words not understood; no vector if none was."""
        reading = self.explain(text)
        query = self._to_query(reading)
        if not reading.parts:
            return query
        first, second = (self._to_query(part) for part in reading.parts)
        return replace(query, vector=first.vector, order=Order(reading.relation, first, second))

    def _to_query(self, reading: Reading) -> Query:
        vector = self._to_vector(reading.terms)
        return Query(reading.text, vector, self.card, reading.terms, reading.unknown_words)

    def explain(self, text: str) -> Reading:
        """Say which words of ``text`` were understood, as what, and which were not."""
        return self._lexicon.read(text, self._guesser)

    def _to_vector(self, terms: Sequence[Term]) -> NDArray[np.float32] | None:
        if not terms:
            return None
        # Two words that ask for the same column ask for it once: "flash" and "lightning" are no double flash.
        wanted, unwanted = np.zeros(len(ATTRIBUTES)), np.zeros(len(ATTRIBUTES))
        for term in terms:
            column = NAMES.index(term.attribute)
            wanted[column] = max(wanted[column], term.weight)
            unwanted[column] = min(unwanted[column], term.weight)
        vector = wanted + unwanted
        vector *= self._weights
        length = np.linalg.norm(vector)
        return (vector / length).astype(np.float32) if length > 1e-9 else None


def _find_sentences(wanted: str | os.PathLike[str] | Sentences | None) -> Sentences | None:
    if wanted == "auto":
        return SentenceEncoder() if has_bundled() else None
    if isinstance(wanted, str | os.PathLike):
        return SentenceEncoder(wanted)
    return wanted


def say_once() -> None:
    """Log, the first time only, what the perceptual encoder is not and how to get more."""
    if not _SAID:
        _SAID.append(True)
        _log.info(
            "The perceptual encoder compares how segments look and sound, not what they mean. For meaning: "
            "Library(path, encoder=vx.encoder('openai/clip-vit-base-patch32', download=True)), which fetches "
            "CLIP once, 0.6 GB. Nothing is downloaded unasked."
        )


_SAID: list[bool] = []


def _nothing() -> Series:
    return Series(np.zeros(0), np.zeros((0, 0), np.float32), ())
