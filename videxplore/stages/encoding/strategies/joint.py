"""Several encoders as one: what is seen and what is heard in one vector."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.protocol import Encoder, TextEncoder, check_encoder
from videxplore.stages.encoding.strategies.correlation import Correlation, fit_correlation
from videxplore.stages.encoding.stretches import join_blocks
from videxplore.stages.pooling import normalise
from videxplore.values.media import FrameBatch
from videxplore.values.vectors import Embeddings, EncoderCard

METHODS = ("late", "concatenate", "cca")


def joint(
    *encoders: Encoder,
    method: str = "late",
    weights: Sequence[float] | None = None,
    fit: tuple[Embeddings, Embeddings] | None = None,
) -> JointEncoder:
    """Return several encoders as one, such as one of pictures and one of sound.

    * ``"late"``: every encoder keeps a block of its own; the score of a segment is Σ weight · cosine in the
      block. The weights can be set anew for each search: ``library.search(…, weights=…)``.
    * ``"concatenate"``: early fusion. One block, one cosine over everything: a segment is alike if all of it
      is. Words address the columns of the encoders that read; what the others say counts against a segment.
    * ``"cca"``: two encoders meet in the directions along which they agree (canonical correlation), fitted in
      closed form on pairs; a text of the one then finds what only the other perceives. What one of them alone
      knows is lost.

    Parents are means of leaves, also of columns that one of the encoders would pool otherwise.

    Args:
        encoders: two or more, for ``"cca"`` exactly two.
        method: one of ``"late"``, ``"concatenate"``, ``"cca"``.
        weights: one per encoder, positive; equal by default.
        fit: for ``"cca"``, the same segments embedded by the first and by the second encoder:
            ``(vx.embed(tree, a), vx.embed(tree, b))``. The more and the more varied, the better.

    Raises:
        ValueError: an unknown method, the wrong number of encoders or weights, or ``fit`` missing, not
            wanted, or not of these encoders and the same segments.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} is not allowed; allowed: {', '.join(METHODS)}.")
    if len(encoders) < 2 or (method == "cca" and len(encoders) != 2):
        raise ValueError(f"method={method!r} needs two encoders{'' if method == 'cca' else ' or more'}.")
    shares = np.ones(len(encoders)) if weights is None else np.asarray(weights, dtype=np.float64)
    if shares.shape != (len(encoders),) or not (np.isfinite(shares) & (shares > 0)).all():
        raise ValueError(
            f"weights must be {len(encoders)} positive numbers, one per encoder, got {weights!r}."
        )
    for encoder in encoders:
        check_encoder(encoder)
    if (fit is None) == (method == "cca"):
        raise ValueError("fit=(embeddings of the first, embeddings of the second) belongs to method='cca'.")
    found = None if fit is None else _fitted(encoders, *fit)
    make = JointTextEncoder if any(isinstance(e, TextEncoder) for e in encoders) else JointEncoder
    return make(encoders, method, tuple((shares / shares.sum()).tolist()), found)


class JointEncoder:
    """See :func:`joint`."""

    def __init__(
        self,
        encoders: tuple[Encoder, ...],
        method: str,
        weights: tuple[float, ...],
        correlation: Correlation | None,
    ) -> None:
        self.parts = encoders
        self._method, self._weights, self._correlation = method, weights, correlation
        self.card = _make_card([e.card for e in encoders], method, weights, correlation)

    def combine(self, values: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return (n, d) from the vectors (n, d of the part) of every part; rows of zeros say nothing."""
        units = [normalise(rows)[0].astype(np.float64) for rows in values]
        if self._correlation is not None:
            placed = [
                weight * self._correlation.project(side, rows)
                for side, (weight, rows) in enumerate(zip(self._weights, units, strict=True))
            ]
            return normalise(placed[0] + placed[1])[0]
        # The product of two whole vectors is then Σ weight · cosine.
        scaled = [np.sqrt(weight) * rows for weight, rows in zip(self._weights, units, strict=True)]
        return np.concatenate(scaled, axis=1).astype(np.float32)

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d) for pictures alone: what is heard or said is zero."""
        rows = []
        for part in self.parts:
            values = np.asarray(part.encode_frames(frames), dtype=np.float32)
            seen = None if values.shape[1] == 0 else values
            rows.append(join_blocks(part.card, len(frames), {"visual": (seen, "encode_frames")}))
        return self.combine(rows)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (self.parts, self._method, self._weights, self._correlation)

    def __repr__(self) -> str:
        return f"joint({', '.join(map(repr, self.parts))}, method={self._method!r}, weights={self._weights})"


class JointTextEncoder(JointEncoder):
    """A joint encoder of which at least one part reads."""

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d): columns of parts that do not read are zero."""
        rows = []
        for part in self.parts:
            empty = np.zeros((len(texts), part.card.dimension), np.float32)
            rows.append(np.asarray(part.encode_text(texts)) if isinstance(part, TextEncoder) else empty)
        return self.combine(rows)


def _make_card(
    cards: Sequence[EncoderCard], method: str, weights: Sequence[float], correlation: Correlation | None
) -> EncoderCard:
    parameters: dict[str, Any] = {
        "strategy": "joint",
        "method": method,
        "weights": list(weights),
        "parts": [card.to_json() for card in cards],
    }
    dimension = sum(card.dimension for card in cards)
    blocks = _name_blocks(cards) if method == "late" else ()
    if correlation is not None:
        dimension = len(correlation.correlations)
        arrays = (*correlation.means, *correlation.axes)
        parameters["fit_sha256"] = hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()
    return EncoderCard(
        " + ".join(card.name for card in cards),
        dimension,
        modalities=tuple(dict.fromkeys(m for card in cards for m in card.modalities)),
        blocks=blocks or (("joint", dimension),),
        parameters=parameters,
    )


def _name_blocks(cards: Sequence[EncoderCard]) -> tuple[tuple[str, int], ...]:
    """The blocks of all parts; the second ``"visual"`` is ``"visual-2"``."""
    blocks: list[tuple[str, int]] = []
    seen: dict[str, int] = {}
    for name, length in (block for card in cards for block in card.blocks):
        seen[name] = seen.get(name, 0) + 1
        blocks.append((name if seen[name] == 1 else f"{name}-{seen[name]}", length))
    return tuple(blocks)


def _fitted(encoders: Sequence[Encoder], first: Embeddings, second: Embeddings) -> Correlation:
    for encoder, given in zip(encoders, (first, second), strict=True):
        if given.card != encoder.card:
            raise ValueError(
                f"fit holds vectors of {given.card.name!r} where those of {encoder.card.name!r} are wanted; "
                "give (vx.embed(tree, first), vx.embed(tree, second)) in the order of the encoders."
            )
    row = {segment_id: i for i, segment_id in enumerate(second.segment_ids)}
    both = [(i, row[s]) for i, s in enumerate(first.segment_ids) if s in row]
    a, b = (e.vectors[[pair[k] for pair in both]] for k, e in enumerate((first, second)))
    said = (np.linalg.norm(a, axis=1) > 0) & (np.linalg.norm(b, axis=1) > 0)
    return fit_correlation(a[said], b[said])
