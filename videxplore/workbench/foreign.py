"""Vectors made elsewhere, read into one table: video, start_s, end_s, vector."""

from __future__ import annotations

import base64
import io
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.stages.store.snapshot import Snapshot

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("npy", "parquet", "fiftyone", "twelvelabs")

_SCOPES = ("clip", "video")


def read_vectors(
    source: Any,
    *,
    format: str = "auto",
    snapshot: Snapshot,
    segments: list[str] | None = None,
    video: str | None = None,
    modality: str = "visual",
) -> pd.DataFrame:
    """Return one row per vector: video (name or id), start_s, end_s, vector.

    Args:
        source: see :meth:`videxplore.Library.import_vectors`.
        format: one of :data:`FORMATS`, or ``"auto"``.
        snapshot: of the library, for segment ids.
        segments: segment ids of the rows of an array.
        video: where the source names none.
        modality: which of several embeddings of one stretch.

    Raises:
        ValueError: the source cannot be understood, or names segments that are not in the library.
    """
    import pandas as pd

    kind = _guess(source) if format == "auto" else format
    readers: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "npy": lambda: _from_array(source, snapshot, segments),
        "parquet": lambda: _from_table(source, snapshot),
        "fiftyone": lambda: _from_fiftyone(source),
        "twelvelabs": lambda: _from_twelvelabs(source, video, modality),
    }
    if kind not in readers:
        raise ValueError(f"format must be 'auto' or one of {', '.join(map(repr, FORMATS))}, got {format!r}.")
    rows = readers[kind]()
    if not rows:
        raise ValueError(f"the source holds no vectors that can be taken ({kind}).")
    return pd.DataFrame(rows, columns=["video", "start_s", "end_s", "vector"])


def _guess(source: Any) -> str:
    if isinstance(source, np.ndarray):
        return "npy"
    if hasattr(source, "columns") or hasattr(source, "column_names"):
        return "parquet"
    if isinstance(source, str | os.PathLike):
        ending = Path(source).suffix.lower()
        if ending in (".npy", ".parquet"):
            return ending[1:]
        if ending == ".json":
            return "fiftyone" if "samples" in _json(source) else "twelvelabs"
        raise ValueError(f"{os.fspath(source)!r} ends in none of .npy, .parquet and .json; say format=.")
    if isinstance(source, Mapping):
        return "fiftyone" if "samples" in source else "twelvelabs"
    return "fiftyone"


def _json(source: Any) -> Any:
    if isinstance(source, Mapping | list):
        return source
    return json.loads(Path(source).read_text("utf-8"))


def _row(snapshot: Snapshot, segment_id: str, vector: Any) -> dict[str, Any]:
    if segment_id not in snapshot.row_of:
        raise ValueError(f"the library has no segment {segment_id!r}; vectors must be of its segments.")
    s = snapshot.segments[snapshot.row_of[segment_id]]
    return {"video": s.video_id, "start_s": s.start_s, "end_s": s.end_s, "vector": vector}


def _from_array(source: Any, snapshot: Snapshot, segments: list[str] | None) -> list[dict[str, Any]]:
    array = source if isinstance(source, np.ndarray) else np.load(Path(source), allow_pickle=False)
    ids = [s.segment_id for s in snapshot.segments] if segments is None else list(segments)
    if array.ndim != 2 or len(array) != len(ids):
        whose = "the library's segments" if segments is None else "segments="
        raise ValueError(
            f"the array must be (n, d) with one row for each of the {len(ids)} {whose}, got {array.shape}."
        )
    return [_row(snapshot, i, vector) for i, vector in zip(ids, array, strict=True)]


def _from_table(source: Any, snapshot: Snapshot) -> list[dict[str, Any]]:
    if isinstance(source, str | os.PathLike):
        import pyarrow.parquet as pq

        source = pq.read_table(Path(source))
    columns = source.to_pydict() if hasattr(source, "to_pydict") else source.to_dict("list")
    if "segment_id" in columns and "vector" in columns:
        pairs = zip(columns["segment_id"], columns["vector"], strict=True)
        return [_row(snapshot, i, vector) for i, vector in pairs if i in snapshot.row_of]
    needed = ("video", "start_s", "end_s", "vector")
    missing = [name for name in needed if name not in columns]
    if missing:
        raise ValueError(
            f"the table lacks {', '.join(missing)}; it has {', '.join(columns)}. It needs vector and either "
            "segment_id or video, start_s and end_s."
        )
    return [dict(zip(needed, row, strict=True)) for row in zip(*(columns[n] for n in needed), strict=True)]


def _from_fiftyone(source: Any) -> list[dict[str, Any]]:
    """Samples of a dataset or an export: the whole file, or the stretch that a clip's ``support`` names."""
    exported = isinstance(source, Mapping | str | os.PathLike)
    samples: Iterable[Any] = _json(source)["samples"] if exported else source
    rows = []
    for sample in samples:
        facts = sample if isinstance(sample, Mapping) else sample.to_dict()
        vector = _fiftyone_vector(facts)
        if vector is None:
            continue
        start_s, end_s = _support(facts)
        name = Path(str(facts["filepath"])).name
        rows.append({"video": name, "start_s": start_s, "end_s": end_s, "vector": vector})
    return rows


def _support(facts: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds of a clip: FiftyOne counts frames from 1, and both ends belong to the clip."""
    rate = (facts.get("metadata") or {}).get("frame_rate")
    if "support" not in facts:
        return -np.inf, np.inf
    if not rate:
        raise ValueError("a FiftyOne clip needs metadata.frame_rate; call dataset.compute_metadata() first.")
    first, last = facts["support"]
    return (first - 1) / rate, last / rate


def _fiftyone_vector(facts: Mapping[str, Any]) -> Any:
    """The one field that holds a vector: a list of numbers, or a compressed array as exports have it."""
    found = []
    for name, value in facts.items():
        if name.startswith("_") or name in ("support", "tags", "filepath"):
            continue
        array = _fiftyone_array(value)
        if array is not None and array.ndim == 1 and len(array) > 4:
            found.append((name, array))
    if len(found) > 1:
        raise ValueError(
            f"the samples hold several vectors ({', '.join(n for n, _ in found)}); keep one field."
        )
    return found[0][1] if found else None


def _fiftyone_array(value: Any) -> Any:
    if isinstance(value, Mapping) and "$binary" in value:
        held = value["$binary"]
        packed = base64.b64decode(held["base64"] if isinstance(held, Mapping) else held)
        return np.load(io.BytesIO(zlib.decompress(packed)), allow_pickle=False)
    if isinstance(value, bytes):
        return np.load(io.BytesIO(zlib.decompress(value)), allow_pickle=False)
    if isinstance(value, np.ndarray):
        return value
    numbers = isinstance(value, list) and value and all(isinstance(x, int | float) for x in value)
    return np.asarray(value, np.float32) if numbers else None


def _from_twelvelabs(source: Any, video: str | None, modality: str) -> list[dict[str, Any]]:
    """Both forms of the service's answers: ``video_embedding.segments`` and ``data``.

    Clips are taken where there are any, else the embedding of the whole video. The files name no video.
    """
    answer = _json(source)
    held = answer.get("video_embedding") or answer.get("embedding") or answer
    items = held.get("segments") or held.get("data") or []
    if not items:
        raise ValueError("the JSON has neither video_embedding.segments nor data; is it an embedding answer?")
    name = video or (answer.get("metadata") or {}).get("input_filename") or answer.get("filename")
    if not name:
        raise ValueError("embeddings of Twelve Labs name no file: say which video they are of, with video=.")
    scopes = [next(s for s in _SCOPES if s in {str(i.get("embedding_scope", "clip")) for i in items})]
    taken = [item for item in items if item.get("embedding_scope", "clip") in scopes]
    options = {str(item.get("embedding_option", "")) for item in taken}
    if len(options) > 1:
        chosen = [option for option in options if option == modality or option.startswith(f"{modality}-")]
        if len(chosen) != 1:
            raise ValueError(f"there are embeddings of {', '.join(sorted(options))}; say one with modality=.")
        taken = [item for item in taken if str(item.get("embedding_option", "")) == chosen[0]]
    return [
        {
            "video": name,
            "start_s": float(_first(item, "start_offset_sec", "start_sec", default=-np.inf)),
            "end_s": float(_first(item, "end_offset_sec", "end_sec", default=np.inf)),
            "vector": _first(item, "float", "embedding", "embeddings_float"),
        }
        for item in taken
    ]


def _first(item: Mapping[str, Any], *names: str, default: Any = None) -> Any:
    found = next((item[name] for name in names if item.get(name) is not None), default)
    if found is None:
        raise ValueError(f"an embedding has none of the entries {', '.join(names)}: {sorted(item)}.")
    return found
