"""Two encoders on the same segments: how alike they are, and where they part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    import pandas as pd

    from videxplore.values.reports import EvaluationReport


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment is: the path of its video, and seconds."""

    video: str
    level: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A segment whose neighbours depend on the encoder.

    Attributes:
        segment_id: of the segment.
        first: ids of its k nearest for the first encoder, nearest first.
        second: the same for the second.
        jaccard: shared neighbours over all that either has.
        displacement: see :class:`EncoderComparison`.
    """

    segment_id: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    jaccard: float
    displacement: float


@dataclass(frozen=True, eq=False, repr=False)
class EncoderComparison:
    """Two encoders on the same segments, each in its full dimension.

    Attributes:
        names: of the encoders, told apart where they are the same.
        cards: of the encoders.
        segment_ids: n segments compared.
        level: their level.
        k: number of neighbours.
        figures: ``jaccard`` and ``shared`` (of the k nearest, means over the segments), ``cka`` (linear,
            unbiased), ``procrustes`` (residual: 0 for a rotated copy).
        chance: the same figures for encoders that know nothing of each other.
        jaccard: float64 (n,), per segment.
        displacement: float64 (n,), per segment: how far down the list of one encoder the k nearest of the
            other stand, 0 at its top, .5 expected by chance.
        disagreements: the segments with the fewest shared neighbours, most displaced first.
        places: where the segments named in ``disagreements`` are; empty where only embeddings were compared.
        retrieval: judged queries with either encoder, None without queries.
        left_out: segments that one of the encoders had nothing to say about (a row of zeros).
        drawn_from: segments there were; more than n where n were drawn at random.
        seed: of that draw and of the chance level.
    """

    names: tuple[str, str]
    cards: tuple[EncoderCard, EncoderCard]
    segment_ids: tuple[str, ...]
    level: str
    k: int
    figures: Mapping[str, float]
    chance: Mapping[str, float]
    jaccard: NDArray[np.float64]
    displacement: NDArray[np.float64]
    disagreements: tuple[Disagreement, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    retrieval: EvaluationReport | None = None
    left_out: int = 0
    drawn_from: int = 0
    seed: int = 0

    def to_pandas(self) -> pd.DataFrame:
        """One row per segment: segment_id, jaccard, displacement; those that disagree most first."""
        import pandas as pd

        table = pd.DataFrame(
            {"segment_id": self.segment_ids, "jaccard": self.jaccard, "displacement": self.displacement}
        )
        return table.sort_values(["jaccard", "displacement"], ascending=[True, False], ignore_index=True)

    def __repr__(self) -> str:
        words = {
            "jaccard": f"shared neighbours, Jaccard@{self.k}",
            "shared": f"shared neighbours, of {self.k}",
            "cka": "linear CKA, unbiased",
            "procrustes": "Procrustes residual",
        }
        pair = " and ".join(map(repr, self.names))
        head = f"EncoderComparison({pair}, {len(self.segment_ids)} segments, level {self.level!r})"
        lines = [
            f"  {words[name]}: {self.figures[name]:.3f} (chance {self.chance[name]:.3f})" for name in words
        ]
        return "\n".join([head, *lines, *([repr(self.retrieval)] if self.retrieval else [])])
