"""Rendered films in the cache folder: made once, whole or not at all, safe between processes."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from videxplore._cache import cache_folder
from videxplore.studio.apart import run_apart
from videxplore.studio.encode import encode, write_subtitles
from videxplore.studio.films import NAMES, direct

_STUDIO = Path(__file__).resolve().parent
# What decides how a film looks and sounds, besides its own module.
_SHARED = ("beds", "canvas", "director", "encode", "mix", "picture", "props", "sound", "voices")
_STALE_S, _OLD_S = 3600.0, 30 * 86_400.0


def film_key(name: str) -> str:
    """Return ten hexadecimal digits that change whenever the code of the film ``name`` does."""
    sources = [_STUDIO / f"{module}.py" for module in _SHARED]
    sources += sorted((_STUDIO / "films").glob(f"{name}*.py"))
    return hashlib.sha256("".join(map(meaning, sources)).encode()).hexdigest()[:10]


@lru_cache(maxsize=128)
def meaning(source: Path) -> str:
    """What a module says, without its layout and comments: a new line break renders no film anew."""
    return source.name + ast.dump(ast.parse(source.read_text(encoding="utf-8")))


def film_paths(names: tuple[str, ...] = NAMES) -> dict[str, Path]:
    """Return where each film lies, rendering those that are missing.

    Two films are rendered at a time where the machine has two cores. A film appears under its name only
    when it is complete, so that a render that was killed leaves nothing that could be taken for a film.

    Returns:
        path by film name; subtitles lie beside a film under the same stem with the suffix ``.vtt``.

    Raises:
        VidexploreError: a film could not be rendered; the message ends with what the renderer said.
    """
    from filelock import FileLock

    root = cache_folder() / "studio"
    places = {name: root / f"{name}-{film_key(name)}" for name in names}
    if not all(place.is_dir() for place in places.values()):
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock"):
            _sweep(root, places.values())
            _render_all([name for name in names if not places[name].is_dir()], places)
    return {name: _film_in(place) for name, place in places.items()}


def _film_in(place: Path) -> Path:
    return next(p for p in sorted(place.iterdir()) if p.suffix in (".mp4", ".webm"))


def _sweep(root: Path, wanted: Collection[Path]) -> None:
    """Remove what killed renders left behind, and films of other versions that are a month old."""
    for place in root.iterdir():
        limit = _STALE_S if place.suffix == ".part" else _OLD_S
        if place.is_dir() and place not in wanted and time.time() - place.stat().st_mtime > limit:
            shutil.rmtree(place, ignore_errors=True)


def _render_all(names: list[str], places: dict[str, Path]) -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 2 or len(names) < 2:
        for name in names:
            render(name, places[name])
        return
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: _render_apart(name, places[name]), names))


def _render_apart(name: str, place: Path) -> None:
    failing = f"the sample film {name!r} could not be rendered into {str(place)!r}"
    run_apart("videxplore.studio.render", name, str(place), failing=failing)


def render(name: str, place: Path) -> None:
    """Render the film ``name`` and its subtitles into ``place``, which appears only when all is done."""
    film = direct(name)
    part = Path(tempfile.mkdtemp(prefix=f"{name}-", suffix=".part", dir=place.parent))
    try:
        path = part / film.file
        encode(film, path)
        write_subtitles(film, path.with_suffix(".vtt"))
        # A temporary folder is private; the cache is as open as the folder it lies in.
        part.chmod(0o755)
        if not place.is_dir():
            part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)


if __name__ == "__main__":
    render(sys.argv[1], Path(sys.argv[2]))
