"""How long a text a model reads."""

from __future__ import annotations

from typing import Any

_NOVEL = 1 << 20
"""A tokenizer that says nothing of its limit gives an astronomical one."""


def text_limit(tokenizer: Any, config: Any) -> int:
    """How many tokens the model reads.

    Args:
        tokenizer: of the model.
        config: of the part of the model that reads text.
    """
    limits = [tokenizer.model_max_length, getattr(config, "max_position_embeddings", None) or _NOVEL]
    # RoBERTa counts positions from the one after padding.
    if "roberta" in config.model_type or config.model_type == "clap_text_model":
        limits[1] -= config.pad_token_id + 1
    return min((n for n in limits if n < _NOVEL), default=_NOVEL)
