"""Judgements and rankings as the files of TREC, which trec_eval, ir-measures and ranx read.

A document is a stretch of a video, ``match.mp4@12.0,17.5`` (seconds); a hit says its level and segment too,
``match.mp4@12.0,18.0#moment/3f2a…``. Query ids and names are percent-encoded, since the fields of such files
are separated by blanks: words may serve as ids.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

import numpy as np

from videxplore.stages.evaluation.matching import credit, file_name
from videxplore.values.media import Span
from videxplore.values.rankings import Hit, Judgement, Qrels

Number = TypeVar("Number", int, float)


def write_qrels(qrels: Qrels, path: str | os.PathLike[str]) -> Path:
    """Write judgements as a qrels file: query, 0, stretch, gain. An existing file is replaced.

    Args:
        qrels: judgements by query id; several of one stretch are written as the last of them.
        path: of the file.

    Returns:
        The path.
    """
    gains = {(query_id, stretch_name(j)): j.gain for query_id, judged in qrels.items() for j in judged}
    lines = [f"{quote(query_id, safe='')} 0 {name} {gain}\n" for (query_id, name), gain in gains.items()]
    return _write(path, lines)


def read_qrels(path: str | os.PathLike[str]) -> dict[str, list[Judgement]]:
    """Read a qrels file whose documents are stretches, as :func:`write_qrels` writes them.

    Raises:
        ValueError: a line that is not one.
    """
    qrels: dict[str, list[Judgement]] = {}
    for fields, where in _lines(path, 4):
        video, start_s, end_s, _ = _parsed(fields[2], where)
        judged = Judgement(video, start_s, end_s, max(0, _number(int, fields[3], "gain", where)))
        qrels.setdefault(unquote(fields[0]), []).append(judged)
    return qrels


def write_run(
    rankings: Mapping[str, Iterable[Hit]],
    path: str | os.PathLike[str],
    *,
    system: str = "videxplore",
    qrels: Qrels | None = None,
    iou: float = 0.5,
) -> Path:
    """Write rankings as a run file: query, Q0, stretch, rank, score, system. An existing file is replaced.

    Other tools compare documents by name and know nothing of time. With ``qrels``, each hit that earns credit
    is therefore named as the judged stretch that it claims, so that their figures are the same as ours.

    Args:
        rankings: rankings or hits, best first, by query id.
        path: of the file.
        system: name of what ranked.
        qrels: judgements by query id; where omitted every hit is named as itself.
        iou: least temporal overlap that earns credit.

    Returns:
        The path. Scores are written in single precision, in which trec_eval reads them, and strictly fall.
    """
    lines = []
    for query_id, ranking in rankings.items():
        hits = tuple(ranking)
        claims = credit(hits, (qrels or {}).get(query_id, ()), iou=iou).claims
        last = np.float32(np.inf)
        for rank, (hit, claim) in enumerate(zip(hits, claims, strict=True), start=1):
            last = min(np.float32(hit.score), np.nextafter(last, np.float32(-np.inf)))
            name = _hit_name(hit) if claim is None else stretch_name(claim)
            lines.append(f"{quote(query_id, safe='')} Q0 {name} {rank} {last!s} {quote(system, safe='')}\n")
    return _write(path, lines)


def read_run(path: str | os.PathLike[str]) -> dict[str, list[Hit]]:
    """Read a run file whose documents are stretches: hits by query id, best first by score.

    Raises:
        ValueError: a line that is not one.
    """
    found: dict[str, list[tuple[float, str, str]]] = {}
    for fields, where in _lines(path, 6):
        found.setdefault(unquote(fields[0]), []).append(
            (_number(float, fields[4], "score", where), fields[2], where)
        )
    run = {}
    for query_id, rows in found.items():
        rows.sort(key=lambda row: -row[0])
        run[query_id] = [_as_hit(rank, *row) for rank, row in enumerate(rows, start=1)]
    return run


def stretch_name(judgement: Judgement) -> str:
    """Name of a judged stretch as a document.

    >>> stretch_name(Judgement("my film.mp4", 1.0, 2.5))
    'my%20film.mp4@1.0,2.5'
    """
    return _named(judgement.video, judgement.start_s, judgement.end_s)


def _named(video: str, start_s: float, end_s: float) -> str:
    return f"{quote(file_name(video), safe='')}@{float(start_s)!r},{float(end_s)!r}"


def _hit_name(hit: Hit) -> str:
    return f"{_named(hit.video, hit.start_s, hit.end_s)}#{quote(hit.level, safe='')}/{hit.segment_id}"


def _as_hit(rank: int, score: float, name: str, where: str) -> Hit:
    video, start_s, end_s, label = _parsed(name, where)
    level, _, segment_id = label.partition("/")
    return Hit(rank, segment_id or name, video, unquote(level), start_s, end_s, score, score, rank)


def _parsed(name: str, where: str) -> tuple[str, float, float, str]:
    """Video, start, end and what stands behind them."""
    stretch, _, label = name.partition("#")
    video, _, times = stretch.rpartition("@")
    try:
        start_s, end_s = (float(text) for text in times.split(","))
        Span(start_s, end_s)
    except ValueError:
        raise ValueError(
            f"{where}: a document must be a stretch such as 'match.mp4@12.0,17.5', got {name!r}."
        ) from None
    return unquote(video), start_s, end_s, label


def _number(kind: type[Number], text: str, name: str, where: str) -> Number:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{where}: the {name} must be a number, got {text!r}.") from None


def _lines(path: str | os.PathLike[str], count: int) -> Iterable[tuple[list[str], str]]:
    """Fields of every line, and where it stands."""
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), start=1):
        fields = line.split()
        if len(fields) == count:
            yield fields, f"{os.fspath(path)}, line {number}"
        elif fields:
            raise ValueError(f"{os.fspath(path)}, line {number}: {count} fields expected, got {len(fields)}.")


def _write(path: str | os.PathLike[str], lines: list[str]) -> Path:
    target = Path(path)
    target.write_text("".join(lines), encoding="utf-8")
    return target
