"""Libraries that benchmarks search: made once per state of the code, kept in build/bench."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.segmentation.segment import segment
from videxplore.workbench.ingest import ingest
from videxplore.workbench.library import Library

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "bench"
WINDOWS_S = (2.0, 4.0, 10.0)


@cache
def code_state() -> str:
    """Changes whenever code that decides what a library holds changes."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "videxplore").glob("**/*.py")):
        part = path.relative_to(ROOT / "videxplore").parts
        if part[0] in ("stages", "values", "studio") and part[1] not in ("reranking", "evaluation"):
            digest.update(path.read_bytes())
    for path in sorted((ROOT / "videxplore").glob("**/*.json")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def library_of(
    videos: Sequence[Path],
    name: str,
    *,
    window_s: float | None = None,
    encoder: PerceptualEncoder | None = None,
) -> Library:
    """The videos in a library, cut by meaning or into windows of ``window_s`` seconds."""
    cut = "semantic" if window_s is None else f"windows-{window_s:g}"
    folder = KEPT / code_state() / f"{name}-{cut}.lance"
    segmenter = None if window_s is None else partial(segment, method="fixed", length_s=window_s)
    library = Library(folder, encoder=encoder)
    report = ingest([os.fspath(v) for v in videos], library, segmenter=segmenter, progress=False)
    for record in report.failed:
        print(f"  left out: {record}")
    return library


def real_clips() -> Path | None:
    """The folder of real clips with hand-checked truth, where it is at hand."""
    for folder in (os.environ.get("VIDEXPLORE_MEDIA"), ROOT.parent / "shared" / "media"):
        if folder and (Path(folder) / "registry.csv").is_file():
            return Path(folder)
    return None
