"""Novelty without sharing: vectors and ids leave the owner's house, nothing else, and turned if wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import LibraryError
from videxplore.stages.licensing.distances import check_cards, unit_rows
from videxplore.values.vectors import Embeddings, EncoderCard

FORMAT = "videxplore vectors 1"


@dataclass(frozen=True, eq=False, slots=True)
class SharedVectors:
    """Vectors that were handed over.

    Attributes:
        vectors: float32 (n, d), unit rows.
        ids: n ids.
        sources: n sources, as numbers that mean nothing outside.
        card: of the encoder.
        turned: fingerprint of the secret that the vectors were turned with; empty where they were not.
        quantised: whether they were stored in 8 bits.
    """

    vectors: NDArray[np.float32]
    ids: tuple[str, ...]
    sources: tuple[str, ...]
    card: EncoderCard
    turned: str
    quantised: bool


def export_vectors(
    embeddings: Embeddings,
    sources: Sequence[str],
    path: str | PathLike[str],
    *,
    secret: str = "",
    quantised: bool = False,
) -> Path:
    """Write vectors and ids to one file: no video, no picture, no path, no text.

    With a ``secret`` all vectors are turned by a random rotation that follows from it. Both sides must use
    the same secret, and whoever compares must not have it: distances stay, so novelty stays, but a vector
    can no longer be laid beside those of known clips. A rotation is not encryption: who has as many clips
    together with their turned vectors as there are dimensions can solve for it, and who guesses the secret
    has it; choose a long one.

    Args:
        embeddings: of one side.
        sources: n sources; written as numbers in random order.
        path: of the file, ``.npz``.
        secret: turns the vectors; nothing turns them where it is empty.
        quantised: in 8 bits per dimension, a quarter of the size.

    Returns:
        The path.

    Raises:
        ValueError: not one source per vector, or a path that does not end in ``.npz``.
    """
    target = Path(path)
    if target.suffix != ".npz":
        raise ValueError(f"path must end in .npz, got {str(target)!r}.")
    if len(sources) != len(embeddings):
        raise ValueError(f"sources must name one per vector ({len(embeddings)}), got {len(sources)}.")
    vectors = unit_rows(embeddings.vectors)
    if secret:
        vectors = (vectors @ _rotation(secret, embeddings.card.dimension)).astype(np.float32)
    _, codes = np.unique(np.asarray(sources, dtype=np.str_), return_inverse=True)
    shuffled = np.random.default_rng().permutation(int(codes.max(initial=-1)) + 1)[codes]
    scale = np.abs(vectors).max(axis=1, keepdims=True, initial=0) / 127
    safe = np.where(scale > 0, scale, 1)
    np.savez_compressed(
        target,
        format=FORMAT,
        vectors=np.rint(vectors / safe).astype(np.int8) if quantised else vectors,
        ids=np.asarray(embeddings.segment_ids, dtype=np.str_),
        sources=shuffled.astype(np.int64),
        card=embeddings.card.to_json(),
        turned=_fingerprint(secret, embeddings.card.dimension),
    )
    return target


def read_vectors(path: str | PathLike[str]) -> SharedVectors:
    """Read what :func:`export_vectors` wrote.

    Raises:
        LibraryError: the file is not such a file.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["format"]) != FORMAT:
                raise KeyError("format")
            raw = stored["vectors"]
            return SharedVectors(
                unit_rows(raw.astype(np.float32)),
                tuple(stored["ids"].tolist()),
                tuple(f"{code:d}" for code in stored["sources"]),
                EncoderCard.from_json(str(stored["card"])),
                str(stored["turned"]),
                raw.dtype == np.int8,
            )
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise LibraryError(
            f"{str(path)!r} holds no shared vectors ({error}): have it written with export_vectors."
        ) from error


def check_comparable(first: SharedVectors, second: SharedVectors) -> None:
    """Refuse to compare what was made with another model or turned with another secret.

    Raises:
        CardMismatchError: the encoders differ.
        ValueError: the secrets differ.
    """
    check_cards(first.card, second.card)
    if first.turned != second.turned:
        raise ValueError(
            "the two sides were not turned with the same secret: "
            "export both with the same one, or both without."
        )


def _rotation(secret: str, dimension: int) -> NDArray[np.float32]:
    """A random orthogonal matrix (Mezzadri, 2007) that follows from the secret."""
    key = hashlib.sha256(f"videxplore rotation:{secret}".encode()).digest()
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(key, "big")))
    basis, upper = np.linalg.qr(rng.standard_normal((dimension, dimension)))
    return np.asarray(basis * np.sign(np.diag(upper)), np.float32)


def _fingerprint(secret: str, dimension: int) -> str:
    """Tells whether two sides were turned alike, slowly enough that guessing the secret is work.

    A corner of the rotation is part of it: no version of numpy promises to draw the same numbers as another.
    """
    if not secret:
        return ""
    corner = np.round(_rotation(secret, dimension)[0, :8], 3) + 0.0
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), corner.tobytes(), 200_000).hex()[:32]
