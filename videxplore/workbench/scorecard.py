"""A report as a scorecard: one HTML file to take to a meeting."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from videxplore.values.assessments import SampleReport
from videxplore.values.licensing import PredictionScore
from videxplore.views.scorecard.page import CLIP_BYTES, PICTURE_BYTES
from videxplore.views.scorecard.page import write_scorecard as write
from videxplore.workbench.library import Library
from videxplore.workbench.moments import MomentFootage

_log = logging.getLogger("videxplore")


def write_scorecard(
    report: SampleReport,
    path: str | os.PathLike[str],
    *,
    library: Library | None = None,
    clips: bool = True,
    score: PredictionScore | None = None,
    picture_bytes: int = PICTURE_BYTES,
    clip_bytes: int = CLIP_BYTES,
) -> Path:
    """Write the scorecard of a report; size and time are logged.

    Args:
        report: what was found; pictures are cut from its ``files``.
        path: of the file.
        library: asked for files that the report does not know.
        clips: whether to put short clips of the evidence into the page.
        score: how a prediction fared: the report's own, or the one made before this tranche was opened.
        picture_bytes: what pictures take of the file at most; 0 for none.
        clip_bytes: what clips take of it at most.

    Raises:
        ValueError: a budget below 0.
    """
    began = time.perf_counter()
    for name, budget in (("picture_bytes", picture_bytes), ("clip_bytes", clip_bytes)):
        if budget < 0:
            raise ValueError(f"{name} must be at least 0, got {budget!r}.")
    footage = MomentFootage(report, library)
    written = write(
        path,
        report,
        poster=footage.poster if footage.known else None,
        clip=footage.clip if footage.known and clips else None,
        score=score,
        picture_bytes=picture_bytes,
        clip_bytes=clip_bytes,
    )
    _log.info(
        "Wrote %s: %.1f MB in %.1f s.", written, written.stat().st_size / 1e6, time.perf_counter() - began
    )
    return written
