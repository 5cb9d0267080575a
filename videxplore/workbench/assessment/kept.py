"""What was seen of files, kept in small files of its own, so that a killed run goes on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from videxplore._cache import cache_folder
from videxplore.stages.licensing.copies import Copy
from videxplore.stages.licensing.fingerprints import Fingerprint
from videxplore.studio.render import meaning
from videxplore.values.inspections import Inspection
from videxplore.values.jsonable import as_data, from_data
from videxplore.values.media import Span
from videxplore.workbench.library import Library

_LICENSING = Path(__file__).resolve().parents[2] / "stages" / "licensing"


@cache
def look_recipe() -> str:
    """Changes with the code that looks at files, so that what other code saw is not found any more."""
    seen = _recipe([_LICENSING / "fingerprints.py", *sorted((_LICENSING / "technical").glob("*.py"))])
    return f"{seen}, voices" if hears_voices() else seen


@cache
def hears_voices() -> bool:
    """Whether the extra ``speech`` is installed, so that files without subtitles are listened to."""
    return find_spec("silero_vad") is not None


@cache
def copy_recipe() -> str:
    """Changes with the code that finds copies."""
    return _recipe(sorted(_LICENSING.glob("*.py")))


def _recipe(modules: Iterable[Path]) -> str:
    return hashlib.sha256("".join(map(meaning, modules)).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Look:
    """What looking at a file once told.

    Attributes:
        inspection: technical.
        pictures: by which copies are found.
        spoken: when something is said; None where there are no subtitles to tell.
        language: of the subtitles, as the file says; empty where it does not.
        voice: when a voice is heard, of a file without subtitles; None where nobody listened.
    """

    inspection: Inspection
    pictures: Fingerprint
    spoken: tuple[Span, ...] | None
    language: str
    voice: tuple[Span, ...] | None = None


class Kept:
    """A folder of what was seen, by content. Files are written aside and moved in: none is half there.

    Args:
        folder: made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def look(self, video_id: str) -> Look | None:
        """What was kept of a video; None where nothing can be used."""
        pictures = self.fingerprint(video_id)
        try:
            told = json.loads(self._path(video_id, "json").read_text(encoding="utf-8"))
            if pictures is None or told["recipe"] != look_recipe():
                return None
            spoken, voice = (_spans(told[name]) for name in ("spoken", "voice"))
            inspection = Inspection.from_json(told["inspection"])
            return Look(inspection, pictures, spoken, told["language"], voice)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep_look(self, video_id: str, look: Look) -> None:
        """Keep one; the fingerprint first, since a look without it is none."""
        self.keep_fingerprint(video_id, look.pictures)
        told = {
            "recipe": look_recipe(),
            "inspection": look.inspection.to_json(),
            "spoken": _ends(look.spoken),
            "language": look.language,
            "voice": _ends(look.voice),
        }
        with self._aside(self._path(video_id, "json")) as part:
            part.write_text(json.dumps(told), encoding="utf-8")

    def fingerprint_path(self, video_id: str) -> Path:
        """Where the fingerprint of a video is, if it is kept."""
        return self._path(video_id, "npz")

    def fingerprint(self, video_id: str) -> Fingerprint | None:
        """The fingerprint kept of a video; None where there is none that can be used."""
        try:
            return Fingerprint.read(self.fingerprint_path(video_id))
        except (OSError, ValueError):
            return None

    def keep_fingerprint(self, video_id: str, pictures: Fingerprint) -> None:
        """Keep one."""
        with self._aside(self.fingerprint_path(video_id)) as part:
            pictures.save(part)

    def copies(self, name: str) -> list[Copy] | None:
        """Copies that were kept under a name; None where there are none that can be used."""
        try:
            told = json.loads(self._path(f"copies-{name}", "json").read_text(encoding="utf-8"))
            return [from_data(Copy, each) for each in told]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep_copies(self, name: str, copies: Sequence[Copy]) -> None:
        """Keep some."""
        with self._aside(self._path(f"copies-{name}", "json")) as part:
            part.write_text(json.dumps([as_data(copy) for copy in copies]), encoding="utf-8")

    def forget_copies(self, name: str) -> None:
        """Keep them no longer."""
        self._path(f"copies-{name}", "json").unlink(missing_ok=True)

    def _path(self, video_id: str, suffix: str) -> Path:
        return self.folder / f"{video_id}.{suffix}"

    @contextlib.contextmanager
    def _aside(self, path: Path) -> Iterator[Path]:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".part", dir=self.folder)
        os.close(handle)
        part = Path(name)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _ends(spans: tuple[Span, ...] | None) -> list[list[float]] | None:
    return None if spans is None else [[span.start_s, span.end_s] for span in spans]


def _spans(ends: list[list[float]] | None) -> tuple[Span, ...] | None:
    return None if ends is None else tuple(Span(*pair) for pair in ends)


def kept_beside(library: Library) -> Kept:
    """Where looks at a library's files are kept: beside it, or in the cache where nothing can lie there."""
    path = Path(library.path)
    if "://" in library.path or not os.access(path.parent, os.W_OK):
        return Kept(cache_folder() / "assessed")
    return Kept(path.with_name(f"{path.name}.assessed"))
