"""What is seen of the files of both sides, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from videxplore.stages.licensing.fingerprints import Fingerprint
from videxplore.values.reports import IngestRecord
from videxplore.values.sampling import Manifest
from videxplore.workbench.assessment.copying import Copying
from videxplore.workbench.assessment.kept import kept_beside
from videxplore.workbench.assessment.looking import Looks, fingerprints_of, look_at
from videxplore.workbench.assessment.sides import Film, Side

MOST_OWNED_HOURS = 50.0
"""Hours of what is owned whose pictures are compared: 3.3 GB of fingerprints in memory."""


GONE = "Cannot estimate: copies are found by pictures, and no file of what is owned is at hand."

ONLY_VECTORS = "Cannot estimate: copies are found by pictures, and of the owned there are only vectors."

TOO_MANY = f"Cannot estimate: pictures of {MOST_OWNED_HOURS:.0f} h at most are compared, and more is owned."


@dataclass(frozen=True, eq=False)
class Seen:
    """What is seen of files.

    Attributes:
        looks: at the sample's; None where there is no library.
        owned: video id -> fingerprint; None where the owned files cannot be looked at.
        reason: why they cannot; empty where they can, or nothing is owned.
        failed: files of the sample that could not be ingested or looked at.
        copying: finds copies among these; None where there is no library.
    """

    looks: Looks | None
    owned: Mapping[str, Fingerprint] | None
    reason: str
    failed: tuple[IngestRecord, ...]
    copying: Copying | None = None

    def lost(self, manifest: Manifest | None) -> list[Film]:
        """Files that could not be ingested, as far as the manifest says how long they are."""
        if manifest is None:
            return []
        place = {name: row for row, name in enumerate(manifest.ids)}
        found = []
        for record in self.failed:
            path = Path(record.path)
            film = Film("", path.name, path, 0.0)
            row = None if record.video_id else film.find(place)
            if row is not None:
                found.append(Film("", path.name, path, float(manifest.durations_s[row])))
        return found


def see(side: Side, theirs: Side | None, *, workers: int | None = None, progress: bool = True) -> Seen:
    """Look at the files of a library, and at the pictures of what is owned where its files are at hand.

    Raises:
        OSError: what was seen cannot be kept.
    """
    if side.library is None:
        return Seen(None, None, "", ())
    kept = kept_beside(side.library)
    copying = Copying(kept, workers, progress)
    looks = look_at(side.library, kept, workers=workers, progress=progress)
    report = side.library.ingest_report
    failed = (*(report.failed if report is not None else ()), *looks.failed)
    reason = "" if theirs is None else _refusal(theirs)
    if theirs is None or theirs.library is None or reason:
        return Seen(looks, None, reason, failed, copying)
    owned = fingerprints_of(theirs.library, kept, workers=workers, progress=progress)
    return Seen(looks, owned or None, "" if owned else GONE, failed, copying)


def _refusal(theirs: Side) -> str:
    """Why the owned side's pictures are not looked at; empty where they are."""
    if theirs.library is None:
        return ONLY_VECTORS
    hours = sum(film.duration_s for film in theirs.films) / 3600
    return TOO_MANY if hours > MOST_OWNED_HOURS else ""
