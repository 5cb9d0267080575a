"""The folder ``data/`` of the repository: manifest, truth and judged queries, regenerated from the studio.

Run ``python -m videxplore.studio.data`` to write it, with ``--check`` to compare only.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from videxplore.studio.queries import judge
from videxplore.studio.samples import film_truths
from videxplore.studio.truth import FilmTruth

_CODECS = {".mp4": "H.264 + AAC in MP4", ".webm": "VP9 + Opus in WebM"}
DATA_FOLDER = Path(__file__).resolve().parent.parent.parent / "data"


def data_files() -> dict[str, str]:
    """Return what belongs into ``data/`` (besides its README): text by path relative to it."""
    truths = film_truths()
    files = {f"truth/{name}.json": _dump(truth.to_json()) for name, truth in truths.items()}
    files["manifest.json"] = _dump([_manifest(n, t, files[f"truth/{n}.json"]) for n, t in truths.items()])
    queries, judgements = judge(truths)
    files["queries.jsonl"] = "".join(
        _line(
            query_id=q.query_id,
            text=q.text,
            split=q.split,
            kind=q.kind,
            level=q.level,
            known_words=q.known_words,
        )
        for q in queries
    )
    files["qrels.jsonl"] = "".join(
        _line(query_id=q.query_id, video=j.video, start_s=j.start_s, end_s=j.end_s, gain=j.gain)
        for q in queries
        for j in judgements[q.query_id]
    )
    return files


def _manifest(name: str, truth: FilmTruth, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "file": truth.file,
        "title": truth.title,
        "split": truth.split,
        "codecs": _CODECS[Path(truth.file).suffix],
        "frame_rate": "variable" if truth.frame_times_s else "constant",
        "seconds": truth.duration_s,
        "frames": truth.frame_count,
        "truth": f"truth/{name}.json",
        "truth_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "licence": "CC0-1.0",
    }


def _dump(value: Any) -> str:
    """JSON with one segment or number list per line: readable, and small differences stay small."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(f" {json.dumps(v, ensure_ascii=False)}" for v in value) + "\n]\n"
    rows = []
    for key, item in value.items():
        if key == "segments":
            inner = ",\n".join(f"  {json.dumps(s, ensure_ascii=False)}" for s in item)
            rows.append(f' "segments": [\n{inner}\n ]')
        else:
            rows.append(f" {json.dumps(key)}: {json.dumps(item, ensure_ascii=False)}")
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _line(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"


def stale_files(folder: Path = DATA_FOLDER) -> list[str]:
    """Return the files in ``folder`` that are missing, differ from the studio, or belong to no film."""
    files = data_files()
    wrong = [
        name
        for name, text in files.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]
    known = {*files, "README.md"}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    return sorted([*wrong, *(there - known)])


def write_data(folder: Path = DATA_FOLDER) -> None:
    """Write everything but the README into ``folder``."""
    for name, text in data_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit("data/ is out of step: " + ", ".join(wrong) if (wrong := stale_files()) else 0)
    write_data()
