"""What is said, compared by meaning: a sentence encoder's vectors of the transcripts, beside their words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videxplore.values.vectors import EncoderCard

SPEECH = "speech"
"""Block of a card that what is said fills."""

UNRELATED = 0.99
"""Share of unrelated pairs, a generic query and a transcript, whose cosine lies below that from which a
transcript counts. Cosines of one sentence encoder mean little to another; ranks among such pairs do."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """Transcripts of a library's segments in the space of a sentence encoder.

    Attributes:
        vectors: float32 (n, d), unit length; zero where nothing is said or nothing was encoded.
        bank: float32 (q, d), generic queries, unit length.
        encode: one text to its unit vector, float32 (d,).
    """

    vectors: NDArray[np.float32]
    bank: NDArray[np.float32]
    encode: Callable[[str], NDArray[np.float32]]

    def match(self, text: str) -> NDArray[np.float64]:
        """How much more than unrelated each segment's transcript means what ``text`` does.

        Float64 (n,) in [0, 1]: 0 up to the cosine that all but few unrelated pairs stay below, 1 from half
        way between that and the same words.
        """
        cosines = (self.vectors @ self.encode(text)).astype(np.float64)
        return np.clip(2 * (cosines - self.usual) / (1 - self.usual), 0, 1) * self._says_something

    @cached_property
    def usual(self) -> float:
        """The cosine that the share :data:`UNRELATED` of unrelated pairs stays below; below 1."""
        said = self.vectors[self._says_something]
        if not len(said):
            return 0.0
        return float(np.clip(np.quantile(said @ self.bank.T, UNRELATED), 0.0, 0.99))

    @cached_property
    def _says_something(self) -> NDArray[np.bool_]:
        return np.any(self.vectors != 0, axis=1)


def reads_speech_only(card: EncoderCard) -> bool:
    """Whether vectors of this card are of what is said and of nothing else."""
    return set(card.slices()) == {SPEECH} and "text" in card.modalities
