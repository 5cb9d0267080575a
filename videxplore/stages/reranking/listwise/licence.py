"""Models whose licence forbids commercial use are opened only by those who say that they know."""

from __future__ import annotations

import re

from videxplore.errors import ModelError
from videxplore.stages.pretrained.source import Source

_NONCOMMERCIAL = re.compile(r"(?:^|[-_])nc(?:[-_]|$)|non-?commercial")


def check_licence(source: Source, accepted: str | None) -> None:
    """Let a model pass whose licence the user may use it under.

    Args:
        source: the model, with the licence that its README names.
        accepted: the licence that the user says to have accepted.

    Raises:
        ModelError: its licence forbids commercial use and was not accepted by name.
    """
    if _NONCOMMERCIAL.search(source.licence.lower()) and accepted != source.licence:
        given = "" if accepted is None else f" (got accept_licence={accepted!r})"
        raise ModelError(
            f"model {source.title!r} comes under the licence {source.licence}, which forbids commercial use. "
            f"If that is how you use it, say so: accept_licence={source.licence!r}{given}. Otherwise take a "
            "model under a free licence, such as 'Qwen/Qwen3-VL-2B-Instruct' (Apache-2.0)."
        )
