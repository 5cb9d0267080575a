"""How long each lesson takes from a fresh kernel, and each response of its sliders, in processor time.

Processor time of the kernel, so that a busy machine changes little; a response includes drawing the picture
and describing the clips. Run: python benchmarks/lessons.py [--library FOLDER]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
WATCH = f"""import sys, time; sys.path.insert(0, {str(ROOT / "tests")!r})
import lesson_watch; lesson_watch.begin()"""
REPORT = "lesson_watch.report(); print('spent', time.process_time())"


def run(path: Path, library: Path) -> tuple[float, float, list[dict]]:
    """Return seconds by the clock, seconds of the kernel's processor time, and what was seen of each lab."""
    from videxplore.workbench.demo import QUICKSTART_LIBRARY, execute_notebook

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copytree(library, place / QUICKSTART_LIBRARY)
        book = nbformat.read(path, as_version=4)
        cell = nbformat.v4.new_code_cell
        book.cells = [cell(WATCH), *book.cells, cell(REPORT)]
        (place / "source").mkdir()
        nbformat.write(book, place / "source" / path.name)
        start = time.monotonic()
        execute_notebook(place / "source" / path.name, place)
        clock = time.monotonic() - start
        outputs = nbformat.read(place / path.name, as_version=4).cells[-1].outputs
    told = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    seen = json.loads(re.search(r"^watched (.*)$", told, re.MULTILINE)[1])
    return clock, float(re.search(r"^spent (.*)$", told, re.MULTILINE)[1]), seen["labs"]


def main() -> None:
    """Print one row per lab."""
    import videxplore as vx

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--library", type=Path, help="a library of the sample films; made if not given")
    asked.add_argument("only", nargs="*", help="beginnings of names, such as 04")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = given.library or Path(folder) / "sample.lance"
        vx.ingest(vx.sample_set().videos, vx.Library(library), progress=False)
        print("| lesson | clock s | processor s | lab | moves | slowest response, ms of processor time |")
        print("|---|---|---|---|---|---|")
        for path in sorted((ROOT / "notebooks" / "lessons").glob("*.ipynb")):
            if path.name.startswith("00_") or not path.name.startswith(tuple(given.only) or ""):
                continue
            clock, spent, labs = run(path, library)
            for i, lab in enumerate(labs, start=1):
                head = f"{path.stem} | {clock:.0f} | {spent:.1f}" if i == 1 else " | | "
                print(f"| {head} | {i} | {lab['moves']} | {1000 * lab['slowest_s']:.0f} |")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
