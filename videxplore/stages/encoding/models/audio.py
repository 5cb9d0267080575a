"""Models of sound: CLAP, the audio spectrogram transformer, wav2vec 2.0, the encoder of Whisper."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.stages.encoding.models.base import ModelEncoder, TextSide, make_card, pooled
from videxplore.stages.pooling import normalise
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import AudioClip, FrameBatch

_LEAST_S = 0.1
"""Shorter sound is filled up with silence: the models' first layers need that much."""

_UNLIMITED_S = 20.0
"""Longest stretch for models without a limit of their own; attention grows with the square of it."""


class SoundEncoder(ModelEncoder, ABC):
    """A model that only hears.

    A clip longer than the model takes is cut into the fewest stretches of equal length; its vector is the
    mean of their unit vectors. Nothing is cut at random, as CLAP's own preparation would.
    """

    audio_rate: int
    _extractor: Any
    _longest_s: float
    _padded = True
    """Whether the model takes input of one length, to which its preparation fills up."""

    def encode_audio(self, clips: list[AudioClip]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips at ``audio_rate``, rows of unit length.

        Raises:
            ValueError: a clip has another rate.
        """
        wrong = sorted({clip.rate for clip in clips} - {self.audio_rate})
        if wrong:
            raise ValueError(f"encoder {self.card.name!r} hears {self.audio_rate} Hz, got {wrong}.")
        parts = [self._cut(clip.samples) for clip in clips]
        pieces = [piece for part in parts for piece in part]
        owners = np.repeat(np.arange(len(clips)), [len(part) for part in parts])
        sums = np.zeros((len(clips), self.card.dimension))
        np.add.at(sums, owners, self._run_pieces(pieces))
        return normalise(sums)[0]

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, 0): this encoder sees nothing."""
        return np.zeros((len(frames), 0), np.float32)

    def _run_pieces(self, pieces: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        if self._padded:
            return self.run(self._listen, pieces)
        # Padding would change the vectors of models that do not mask it: only equal lengths share a batch.
        rows = np.zeros((len(pieces), self.card.dimension), np.float32)
        lengths = np.array([len(piece) for piece in pieces])
        for length in np.unique(lengths):
            which = np.flatnonzero(lengths == length)
            rows[which] = self.run(self._listen, [pieces[i] for i in which])
        return rows

    def _cut(self, samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The fewest stretches of equal length that cover ``samples``."""
        least, most = round(_LEAST_S * self.audio_rate), round(self._longest_s * self.audio_rate)
        if len(samples) < least:
            samples = np.pad(samples, (0, least - len(samples)))
        count = math.ceil(len(samples) / most)
        length = math.ceil(len(samples) / count)
        starts = np.linspace(0, len(samples) - length, count).round().astype(int)
        return [samples[start : start + length] for start in starts]

    @abstractmethod
    def _listen(self, pieces: Sequence[NDArray[np.float32]]) -> torch.Tensor:
        """Vectors (n, d) of one batch."""

    def _describe(self) -> str:
        most = f"{self._longest_s:g} s"
        return f"sound at {self.audio_rate} Hz in stretches of at most {most}, mean of unit vectors"


class SoundTextEncoder(SoundEncoder, TextSide):
    """CLAP (Wu et al. 2023): sound and text in one space."""

    def __init__(self, plan: Plan) -> None:
        from transformers import ClapModel

        model = plan.read_model(ClapModel)
        self._extractor = plan.read_feature_extractor()
        self._tokenizer = plan.read_tokenizer()
        self.audio_rate = self._extractor.sampling_rate
        self._longest_s = float(self._extractor.max_length_s)
        card = make_card(
            plan,
            plan.config.projection_dim,
            modalities=("audio", "text"),
            processor=type(self._extractor).__name__,
            sampling=self._describe(),
        )
        super().__init__(plan, model, card)

    def _listen(self, pieces: Sequence[NDArray[np.float32]]) -> torch.Tensor:
        inputs = self._extractor(list(pieces), sampling_rate=self.audio_rate, return_tensors="pt")
        # The extractor calls one short clip of a batch long, at random; none is.
        inputs["is_longer"] = torch.zeros(len(pieces), 1, dtype=torch.bool)
        return pooled(self.model.get_audio_features(**self.place(inputs)))


class SpectrogramEncoder(SoundEncoder):
    """The audio spectrogram transformer (Gong et al. 2021): its pooled output, before any head."""

    def __init__(self, plan: Plan) -> None:
        from transformers import ASTModel
        from transformers.utils import is_speech_available

        model = plan.read_model(ASTModel)
        self._extractor = plan.read_feature_extractor()
        self.audio_rate = self._extractor.sampling_rate
        self._longest_s = self._extractor.max_length / 100  # a frame of the spectrogram every 10 ms
        backend = "torchaudio" if is_speech_available() else "numpy"
        card = make_card(
            plan,
            plan.config.hidden_size,
            modalities=("audio",),
            processor=f"{type(self._extractor).__name__} ({backend})",
            sampling=self._describe(),
        )
        super().__init__(plan, model, card)

    def _listen(self, pieces: Sequence[NDArray[np.float32]]) -> torch.Tensor:
        inputs = self._extractor(list(pieces), sampling_rate=self.audio_rate, return_tensors="pt")
        return self.model(**self.place(inputs)).pooler_output


class SpeechEncoder(SoundEncoder):
    """wav2vec 2.0 (Baevski et al. 2020) and the encoder of Whisper (Radford et al. 2023): mean over time.

    Whisper takes 30 s and is given silence behind shorter sound; the mean leaves that silence out.
    """

    def __init__(self, plan: Plan) -> None:
        from transformers import AutoModel

        model = plan.read_model(AutoModel)
        self._extractor = plan.read_feature_extractor()
        self.audio_rate = self._extractor.sampling_rate
        self._padded = plan.config.model_type == "whisper"
        if self._padded:
            model = model.get_encoder()
            # The encoder halves the rate of the spectrogram's frames.
            self._samples_per_token = 2 * self._extractor.hop_length
        self._longest_s = float(self._extractor.chunk_length) if self._padded else _UNLIMITED_S
        card = make_card(
            plan,
            plan.config.hidden_size,
            modalities=("audio",),
            processor=type(self._extractor).__name__,
            sampling=self._describe(),
        )
        super().__init__(plan, model, card)

    def _listen(self, pieces: Sequence[NDArray[np.float32]]) -> torch.Tensor:
        inputs = self._extractor(list(pieces), sampling_rate=self.audio_rate, return_tensors="pt")
        tokens = self.model(**self.place(inputs)).last_hidden_state
        if not self._padded:
            return tokens.mean(dim=1)
        lengths = [math.ceil(len(piece) / self._samples_per_token) for piece in pieces]
        return torch.stack([row[:length].mean(dim=0) for row, length in zip(tokens, lengths, strict=True)])
