"""Whether the notebook server can hand a video file to the browser itself."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from videxplore.values.media import Video

# Media types with the codecs that browsers are asked about; the profile named is the commonest one.
_TYPES = {
    ("h264", ".mp4"): 'video/mp4; codecs="avc1.640028"',
    ("h264", ".m4v"): 'video/mp4; codecs="avc1.640028"',
    ("vp8", ".webm"): 'video/webm; codecs="vp8"',
    ("vp9", ".webm"): 'video/webm; codecs="vp09.00.40.08"',
    ("av1", ".webm"): 'video/webm; codecs="av01.0.08M.08"',
    ("av1", ".mp4"): 'video/mp4; codecs="av01.0.08M.08"',
}
# What browsers show otherwise than here, or on another clock.
_UNFIT = {"rotated", "mirrored", "start-offset", "hdr", "non-square-pixels", "several-tracks", "damaged"}


def served_file(video: Video) -> dict[str, Any] | None:
    """Return how a browser can fetch a video from the server that started this kernel, or None.

    Only files below the server's root are named, by their path relative to it; the address is put together
    in the browser, which knows the server's prefix, and there checked against the size before it is used.
    """
    kind = _TYPES.get((video.codec, video.path.suffix.lower()))
    if kind is None or _UNFIT & set(video.flags):
        return None
    root = server_root()
    if root is None:
        return None
    try:
        real = video.path.resolve(strict=True)
        inside = real.relative_to(root)
    except (OSError, ValueError):
        return None
    if any(part.startswith(".") for part in inside.parts):
        return None  # Jupyter does not serve hidden files
    return {"path": list(inside.parts), "size": real.stat().st_size, "type": kind, "fps": video.fps}


def server_root() -> Path | None:
    """The root folder of the Jupyter server that started this kernel; None elsewhere (VS Code, Colab).

    A running server describes itself in Jupyter's runtime folder, in a file named by its process.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    server = os.environ.get("JPY_PARENT_PID", "")
    if not server.isdigit():
        return None
    described = Path(jupyter_runtime_dir()) / f"jpserver-{server}.json"
    try:
        root = json.loads(described.read_text(encoding="utf-8"))["root_dir"]
        return Path(root).resolve(strict=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
