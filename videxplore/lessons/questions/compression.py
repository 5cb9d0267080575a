"""Questions of lesson 4, lossy compression."""

from __future__ import annotations

import math

from videxplore.lessons.compression import FORMATS, Compressor
from videxplore.lessons.compression_labs import exchanged
from videxplore.lessons.marks import Number, OneOf, Question, SetOf

ENOUGH = 0.9


def _coarsest(compressor: Compressor) -> str:
    """The format with the fewest bits that finds nine of ten, rescored, with all dimensions."""
    full = compressor.dimensions
    good = [name for name in FORMATS if compressor.recall(full, name, rescored=True) >= ENOUGH]
    return min(good, key=lambda name: compressor.code(full, name).bits)


def _lost(compressor: Compressor, example: str, dimensions: int) -> set[str]:
    """Ids of the neighbours that one bit per number loses."""
    found = compressor.found(dimensions, "binary")
    lost, _ = exchanged(compressor, compressor.clips.row(example), found)
    return {compressor.clips.ids[row] for row in lost}


def _axes(compressor: Compressor) -> int:
    """The fewest principal axes that find nine of ten in float32."""
    return next(
        count
        for count in range(1, compressor.dimensions + 1)
        if compressor.recall(count, "float32") >= ENOUGH
    )


def _bits_to_name(n: int) -> float:
    return math.log2(n)


QUESTIONS = (
    Question(
        "compression/coarsest",
        "All dimensions kept, candidates scored again: which format takes the fewest bits and still finds "
        "nine of ten?",
        OneOf(FORMATS),
        _coarsest,
        "The code only has to bring the right clips into the pool. Their order comes from the full vectors, "
        "which are still kept, but read for forty clips instead of all.",
        "Set all dimensions, switch rescored on and walk through the formats: which are above 0.9, and which "
        "of those has the fewest bits?",
        {"float32": "It finds them, at 32 bits a number. Does a coarser one find nine of ten as well?"},
    ),
    Question(
        "compression/lost",
        "Which of the ten nearest clips of the example does one bit per number lose?",
        SetOf("segment ids"),
        _lost,
        "A number says how many are lost. Only looking at them says whether you mind.",
        "compressor.wanted has the ten before, compressor.found(...) the ten after, as rows of clips.ids.",
        {
            "some missing": "There are more of them: compare the two rows as sets.",
            "too many": "Some of these are still found: take those before that are not among those after.",
        },
    ),
    Question(
        "compression/bits-to-name",
        "How many bits does a code need at least, to name each of these clips?",
        Number(0.1, "bits"),
        _bits_to_name,
        "log₂ n bits number the clips. A code of what a clip shows needs more: the two halves of it differ, "
        "and so do the bits that both should have in common.",
        "With b bits there are 2 to the power of b different codes.",
        {"too small": "So many bits have fewer different codes than there are clips."},
    ),
    Question(
        "compression/axes",
        "How many principal axes does it take until float32 finds nine of ten?",
        Number(0.5, "axes"),
        _axes,
        "A model trained the Matryoshka way would put what matters first by itself; principal axes do it "
        "afterwards, for vectors that nobody trained so.",
        "compressor.recall(count, 'float32') for count = 1, 2, 3, …: the first that reaches 0.9.",
        {"too small": "At so few the recall is below 0.9.", "too large": "Fewer do as well: go down."},
    ),
)
