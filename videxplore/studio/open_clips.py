"""Openly licensed real clips: fetched on request from where they were published, verified, attributed.

``open_clips.json`` lists them. A clip is on the list only if its footage is CC0 or CC-BY: by the licence
file of the repository that published it, or because it is an excerpt of a film that the Blender Foundation
released under CC-BY. Clips whose footage has no such licence of its own are left out, whatever licence the
code around them has. No video file is part of this package.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from videxplore._cache import cache_folder
from videxplore._extras import missing_extra
from videxplore.errors import VideoError

STAND_IN = "VIDEXPLORE_MEDIA"
"""Environment variable that names a folder which stands in for the network, holding the files by name."""

_ATTRIBUTION = "ATTRIBUTION.md"


@dataclass(frozen=True, slots=True)
class OpenClip:
    """The facts about one clip.

    Attributes:
        name: file name here, unique.
        repository: address of the public repository it is published in.
        path: where it lies in that repository.
        commit: the version taken, 40 hexadecimal digits.
        sha256: digest of the file.
        licence: SPDX identifier of the licence of the footage.
        licence_url: text of the licence.
        attribution: whom to name, in the words to use.
        content: what it shows.
    """

    name: str
    repository: str
    path: str
    commit: str
    sha256: str
    licence: str
    licence_url: str
    attribution: str
    content: str

    @property
    def url(self) -> str:
        """Address of the raw file at that commit."""
        owner_and_name = self.repository.removeprefix("https://github.com/")
        return f"https://raw.githubusercontent.com/{owner_and_name}/{self.commit}/{quote(self.path)}"


@lru_cache(maxsize=1)
def clip_facts() -> tuple[OpenClip, ...]:
    """Return the facts about every open clip, as shipped with the package."""
    listed = resources.files("videxplore.studio").joinpath("open_clips.json").read_text(encoding="utf-8")
    return tuple(OpenClip(**row) for row in json.loads(listed))


def open_clips() -> list[Path]:
    """Return the paths of all open clips, fetching those that are not in the cache yet (about 26 MB).

    Each file is verified by its SHA-256. ``ATTRIBUTION.md`` is written beside them. Where the environment
    variable ``VIDEXPLORE_MEDIA`` names a folder, files are taken from there and no network is used.

    Raises:
        VideoError: a clip cannot be had (``not-fetched``, ``missing``) or is not the file that was listed
            (``wrong-content``).
        MissingExtraError: clips have to be fetched and the extra ``clips`` is not installed.
    """
    return [_obtain(clip) for clip in clip_facts()]


def clips_at_hand() -> list[Path]:
    """Return the open clips that need no network: in the cache, or in the folder ``VIDEXPLORE_MEDIA``.

    Raises:
        VideoError: a clip in that folder is not the file that was listed (``wrong-content``).
    """
    folder = _stand_in()
    near = [c for c in clip_facts() if _is_cached(c) or (folder and (folder / c.name).is_file())]
    return [_obtain(clip) for clip in near]


def attribution() -> str:
    """Return whom to name for each clip, as Markdown."""
    lines = [
        "# Attribution",
        "",
        "Real clips fetched by videxplore, unchanged, under the licences named.",
        "",
    ]
    for c in clip_facts():
        lines.append(f"* `{c.name}`: {c.attribution}. [{c.licence}]({c.licence_url}).")
        lines.append(f"  Source: {c.repository}, `{c.path}`, commit {c.commit[:12]}.")
    return "\n".join(lines) + "\n"


def _stand_in() -> Path | None:
    named = os.environ.get(STAND_IN)
    return Path(named) if named else None


def _place(clip: OpenClip) -> Path:
    return cache_folder() / "open_clips" / clip.name


def _is_cached(clip: OpenClip) -> bool:
    place = _place(clip)
    return place.is_file() and _sha256(place) == clip.sha256


def _obtain(clip: OpenClip) -> Path:
    place = _place(clip)
    if not _is_cached(clip):
        place.parent.mkdir(parents=True, exist_ok=True)
        (place.parent / _ATTRIBUTION).write_text(attribution(), encoding="utf-8")
        folder = _stand_in()
        if folder is None:
            _fetch(clip, place)
        else:
            _copy(clip, folder / clip.name, place)
    return place


def _copy(clip: OpenClip, source: Path, place: Path) -> None:
    if not source.is_file():
        raise VideoError(
            source,
            "missing",
            f"the folder named by {STAND_IN} does not hold this clip",
            f"Put it there, or unset {STAND_IN} to fetch it from {clip.url}.",
        )
    if (found := _sha256(source)) != clip.sha256:
        raise VideoError(
            source,
            "wrong-content",
            f"its SHA-256 is {found[:12]}…, listed is {clip.sha256[:12]}…",
            f"Replace it with the file at {clip.url}.",
        )
    partial = place.with_name(f".{os.getpid()}.{place.name}")
    shutil.copyfile(source, partial)
    partial.replace(place)  # whole or not at all


def _fetch(clip: OpenClip, place: Path) -> None:
    try:
        import pooch
    except ImportError as error:
        raise missing_extra("pooch", "clips", "fetching the open clips") from error
    try:
        pooch.retrieve(clip.url, f"sha256:{clip.sha256}", fname=place.name, path=place.parent)
    except ValueError as error:  # pooch found another digest and threw the file away
        raise VideoError(
            place,
            "wrong-content",
            f"what {clip.url} gave does not have the listed SHA-256 {clip.sha256[:12]}…",
            "Try again; if it stays so, the source has changed.",
        ) from error
    except OSError as error:
        raise VideoError(
            place,
            "not-fetched",
            f"{clip.url} could not be fetched ({type(error).__name__})",
            f"Check the network, or set {STAND_IN} to a folder that holds the clips.",
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
