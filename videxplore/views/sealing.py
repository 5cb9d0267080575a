"""Scripts and styles of pages whose policy allows their own and no other."""

from __future__ import annotations

import base64
import hashlib

from markupsafe import Markup


def inline(source: str) -> Markup:
    """Our own source, to stand between its tags as it is.

    Raises:
        ValueError: it holds what would end or hide its element.
    """
    if "</" + "script" in source.lower() or "</" + "style" in source.lower() or "<!--" in source:
        raise ValueError("a script or style of the page would end its own element; write it otherwise.")
    return Markup(f"\n{source}\n")  # noqa: S704 - our own files


def fingerprint(source: str) -> str:
    """What the page's policy calls an element with this source."""
    digest = hashlib.sha256(f"\n{source}\n".encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
