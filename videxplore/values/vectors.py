"""Vectors that never travel without their provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

POOLINGS = ("mean", "max", "count")
"""How a dimension of a parent follows from its children: duration-weighted mean, maximum, or the
count rule 1 − Π(1 − x), which adds event counts stored as 1 − exp(−count / c)."""


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """Where a vector comes from. Equality decides whether two vectors may meet.

    Attributes:
        name: encoder id, such as ``"perceptual"`` or a model id.
        dimension: length of the whole vector.
        modalities: what the encoder takes in: ``"visual"``, ``"audio"``, ``"text"``.
        revision: version of the weights or of the code.
        weights_sha256: hash of the weights, empty where there are none.
        parameters: everything else that changes the numbers (sampling, processor backend, dtype).
        blocks: (modality, length) in the order of the columns; lengths add up to ``dimension``.
        pooling: one of :data:`POOLINGS` per column, or empty where every column is a mean.
        names: one name per column where columns mean something, else empty; ``""`` for a column that means
            nothing by itself.
    """

    name: str
    dimension: int
    modalities: tuple[str, ...] = field(default=("visual",), kw_only=True)
    revision: str = field(default="", kw_only=True)
    weights_sha256: str = field(default="", kw_only=True)
    parameters: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    blocks: tuple[tuple[str, int], ...] = field(default=(), kw_only=True)
    pooling: tuple[str, ...] = field(default=(), kw_only=True)
    names: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if self.dimension < 1:
            raise ValueError(f"EncoderCard.dimension must be at least 1, got {self.dimension!r}.")
        modalities = tuple(self.modalities)
        blocks = tuple((str(m), int(n)) for m, n in self.blocks)
        if not blocks:
            first = next((m for m in modalities if m != "text"), modalities[0])
            blocks = ((first, self.dimension),)
        if sum(n for _, n in blocks) != self.dimension:
            raise ValueError(f"EncoderCard.blocks {blocks} must add up to dimension={self.dimension}.")
        for label, given in (("pooling", self.pooling), ("names", self.names)):
            if given and len(given) != self.dimension:
                raise ValueError(
                    f"EncoderCard.{label} needs {self.dimension} entries or none, got {len(given)}."
                )
        if set(self.pooling) - set(POOLINGS):
            raise ValueError(f"EncoderCard.pooling allows {POOLINGS}, got {sorted(set(self.pooling))}.")
        object.__setattr__(self, "modalities", modalities)
        object.__setattr__(self, "blocks", blocks)
        object.__setattr__(self, "pooling", tuple(self.pooling))
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "parameters", json.loads(json.dumps(dict(self.parameters))))

    def slices(self) -> dict[str, slice]:
        """Columns of each modality block, in order."""
        found: dict[str, slice] = {}
        start = 0
        for modality, length in self.blocks:
            found[modality] = slice(start, start + length)
            start += length
        return found

    def to_json(self) -> str:
        """The card as JSON, for storing beside the vectors."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> EncoderCard:
        """Read back what :meth:`to_json` wrote."""
        data = json.loads(text)
        name, dimension = data.pop("name"), data.pop("dimension")
        data["blocks"] = tuple(tuple(block) for block in data["blocks"])
        return cls(name, dimension, **data)

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        blocks = " + ".join(f"{m} {n}" for m, n in self.blocks)
        return f"EncoderCard({self.name!r}, {self.dimension} = {blocks}, revision {self.revision!r})"


@dataclass(frozen=True, eq=False, repr=False)
class Embeddings:
    """Vectors tied to segments.

    Attributes:
        vectors: float32 (n, d), unit length (a row of zeros where nothing could be encoded).
        segment_ids: n ids, unique.
        levels: n level names.
        card: where the vectors come from.
        magnitudes: float32 (n,), length before normalising: ``vectors * magnitudes[:, None]`` gives the
            encoder's own scale back (attribute scores for the perceptual encoder).
        coherence: float32 (n,), mean resultant length R of the children in [0, 1]; 1 for a leaf.
        video_ids: n video ids.
    """

    vectors: NDArray[np.float32]
    segment_ids: tuple[str, ...]
    levels: tuple[str, ...]
    card: EncoderCard
    magnitudes: NDArray[np.float32] | None = None
    coherence: NDArray[np.float32] | None = None
    video_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        vectors = np.ascontiguousarray(self.vectors, dtype=np.float32)
        n = len(self.segment_ids)
        if vectors.shape != (n, self.card.dimension):
            raise ValueError(
                f"Embeddings.vectors must be (n, d) = ({n}, {self.card.dimension}), got {vectors.shape}."
            )
        if not np.isfinite(vectors).all():
            raise ValueError("Embeddings.vectors must be finite.")
        if len(set(self.segment_ids)) != n:
            raise ValueError("Embeddings.segment_ids must be unique.")
        if len(self.levels) != n:
            raise ValueError(f"Embeddings.levels must have {n} entries, got {len(self.levels)}.")
        if self.video_ids and len(self.video_ids) != n:
            raise ValueError(f"Embeddings.video_ids must have {n} entries, got {len(self.video_ids)}.")
        for label in ("magnitudes", "coherence"):
            given = getattr(self, label)
            column = np.ones(n, np.float32) if given is None else np.asarray(given, np.float32)
            if column.shape != (n,):
                raise ValueError(f"Embeddings.{label} must be (n,) = ({n},), got {column.shape}.")
            object.__setattr__(self, label, column)
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "segment_ids", tuple(self.segment_ids))
        object.__setattr__(self, "levels", tuple(self.levels))

    def __len__(self) -> int:
        return len(self.segment_ids)

    @property
    def attributes(self) -> NDArray[np.float32]:
        """float32 (n, d): the vectors on the encoder's own scale."""
        return self.vectors * self._column("magnitudes")[:, None]

    def select(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Embeddings:
        """The given rows, in the given order."""
        index = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows, np.intp)

        def pick(column: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(column[i] for i in index) if column else ()

        return Embeddings(
            self.vectors[index],
            pick(self.segment_ids),
            pick(self.levels),
            self.card,
            self._column("magnitudes")[index],
            self._column("coherence")[index],
            pick(self.video_ids),
        )

    def _column(self, name: str) -> NDArray[np.float32]:
        """A column that may be left out when building and is always there afterwards."""
        return getattr(self, name)

    def at(self, level: str) -> Embeddings:
        """The rows on one level."""
        return self.select(np.array([name == level for name in self.levels], dtype=bool))

    def to_pandas(self) -> pd.DataFrame:
        """One row per segment: segment_id, level, coherence, and one column per dimension."""
        import pandas as pd

        named = self.card.names or ("",) * self.card.dimension
        names = [name or f"d{i}" for i, name in enumerate(named)]
        table = pd.DataFrame(self.attributes, columns=names)
        table.insert(0, "coherence", self.coherence)
        table.insert(0, "level", self.levels)
        table.insert(0, "segment_id", self.segment_ids)
        return table

    def __repr__(self) -> str:
        return f"Embeddings({len(self)} × {self.card.dimension}, {self.card.name!r})"


_MEASURES = ("_rate", "_count", "_share")


def attribute_word(column: str) -> str:
    """Return what a named column is about; its rate, count and share repeat what the attribute itself says.

    >>> attribute_word("flash_rate"), attribute_word("moves_left")
    ('flash', 'moves left')
    """
    stem = column.rsplit("_", 1)[0] if column.endswith(_MEASURES) else column
    return stem.replace("_", " ")


FEW_POINTS = 20
"""A map of fewer points is not worth reading."""

LEAST_TRUSTED = 0.85
"""Trustworthiness and continuity below this make a map doubtful."""


@dataclass(frozen=True, eq=False, repr=False)
class Projection:
    """A map of segments in the plane.

    Attributes:
        xy: float32 (n, 2).
        segment_ids: n ids.
        levels: n level names.
        parent_ids: n ids, None where the parent is not on the map.
        distortion: float32 (n,) in [0, 1], share of a point's nearest neighbours that the map tore away;
            NaN as long as the map is not judged.
        quality: figures such as ``trustworthiness``, each with its ``k`` in the name.
        method: ``"umap"``, ``"pca"``, …, with the parameters that matter.
        card: of the vectors projected.
        labels: n short texts to show beside a point.
        video_ids: n video ids.
        times_s: float64 (n, 2), start and end of each segment in seconds.
        neighbours: int32 (n, k), rows of each point's true neighbours in the full dimension, nearest first;
            None where they were not kept.
        model: what places new points on this map; never stored, None where read back.
    """

    xy: NDArray[np.float32]
    segment_ids: tuple[str, ...]
    levels: tuple[str, ...]
    parent_ids: tuple[str | None, ...]
    distortion: NDArray[np.float32]
    quality: Mapping[str, float]
    method: str
    card: EncoderCard
    labels: tuple[str, ...] = ()
    video_ids: tuple[str, ...] = ()
    times_s: NDArray[np.float64] | None = None
    neighbours: NDArray[np.int32] | None = None
    model: Any = None

    def __post_init__(self) -> None:
        n = len(self.segment_ids)
        if self.xy.shape != (n, 2):
            raise ValueError(f"Projection.xy must be (n, 2) = ({n}, 2), got {self.xy.shape}.")
        if not np.isfinite(self.xy).all():
            raise ValueError("Projection.xy must be finite.")
        if self.neighbours is not None and len(self.neighbours) != n:
            raise ValueError(f"Projection.neighbours must have {n} rows, got {len(self.neighbours)}.")
        for label in ("levels", "parent_ids", "distortion"):
            if len(getattr(self, label)) != n:
                raise ValueError(f"Projection.{label} must have {n} entries.")

    def __len__(self) -> int:
        return len(self.segment_ids)

    @property
    def judged(self) -> bool:
        """Whether it is known how far to trust this map."""
        return not bool(np.isnan(self.distortion).any())

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why this map should not be trusted, one sentence each; empty where nothing speaks against it."""
        found = [] if self.judged else ["How far to trust this map is not known yet."]
        if 0 < len(self) < FEW_POINTS:
            found.append(f"Only {len(self)} points: where they stand says next to nothing.")
        for name, what in (("trustworthiness", "near each other"), ("continuity", "far apart")):
            figure = next((v for key, v in self.quality.items() if key.startswith(f"{name}@")), None)
            if figure is not None and figure < LEAST_TRUSTED:
                found.append(
                    f"{name.capitalize()} is {figure:.2f}: many points {what} here are not so in truth."
                )
        return tuple(found)

    def torn_from(self, row: int) -> NDArray[np.int32]:
        """Rows of the true neighbours of a point that the map placed elsewhere, nearest in truth first.

        Raises:
            ValueError: the map keeps no true neighbours.
        """
        true, drawn = self._neighbours_of(row)
        return true[~np.isin(true, drawn)]

    def falsely_near(self, row: int) -> NDArray[np.int32]:
        """Rows of the nearest points on the map that are no true neighbours, nearest on the map first.

        Raises:
            ValueError: the map keeps no true neighbours.
        """
        true, drawn = self._neighbours_of(row)
        return drawn[~np.isin(drawn, true)]

    def _neighbours_of(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The k true neighbours of a point and its k nearest on the map, int32 (k,) each."""
        if self.neighbours is None:
            raise ValueError("this map keeps no true neighbours; project once more.")
        true = self.neighbours[row]
        away = np.square(self.xy - self.xy[row]).sum(axis=1)
        away[row] = np.inf
        return true, np.argsort(away, kind="stable")[: len(true)].astype(np.int32)

    def to_pandas(self) -> pd.DataFrame:
        """One row per segment: segment_id, level, parent_id, x, y, distortion."""
        import pandas as pd

        return pd.DataFrame(
            {
                "segment_id": self.segment_ids,
                "level": self.levels,
                "parent_id": self.parent_ids,
                "x": self.xy[:, 0],
                "y": self.xy[:, 1],
                "distortion": self.distortion,
            }
        )

    def __repr__(self) -> str:
        quality = ", ".join(f"{name} {value:.2f}" for name, value in self.quality.items())
        return f"Projection({len(self)} segments, {self.method}, {quality})"


@dataclass(frozen=True, eq=False)
class Region:
    """A dense part of a map.

    Attributes:
        name: its telling words, or empty where nothing tells it from the rest.
        rows: intp (m,), rows of its points.
        xy: (x, y) of the point in its middle, the one nearest to the mean.
    """

    name: str
    rows: NDArray[np.intp]
    xy: tuple[float, float]
