"""Run every benchmark of this folder and print its tables: what ``make bench`` calls.

Each benchmark is a script of its own (``python benchmarks/retrieval.py``). This runs them one after the
other, each in a fresh process, and fails if one fails.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NOT_BENCHMARKS = {
    "calibrate.py", "classifiers.py", "drawn_facts.py", "drawn_films.py", "drawn_pictures.py", "run.py",
    "shelf.py", "tables.py", "train_scenes.py", "train_transitions.py",
}  # fmt: skip


def benchmarks() -> list[Path]:
    return [p for p in sorted(FOLDER.glob("*.py")) if p.name not in NOT_BENCHMARKS]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="which benchmarks, by file name; all by default")
    chosen = set(parser.parse_args().names)
    there = {p.stem: p for p in benchmarks()}
    if chosen - set(there):
        parser.error(f"no benchmark {', '.join(sorted(chosen - set(there)))}; there are {', '.join(there)}")
    failed = []
    for name, path in there.items():
        if chosen and name not in chosen:
            continue
        print(f"\n{'=' * 100}\n{name}\n{'=' * 100}", flush=True)
        start = time.perf_counter()
        if subprocess.run([sys.executable, str(path)], check=False).returncode:
            failed.append(name)
        print(f"\n({name}: {time.perf_counter() - start:.0f} s)", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
