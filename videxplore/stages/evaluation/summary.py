"""Per-query figures of several systems, summarised with intervals and paired tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from videxplore.stages.evaluation.matching import file_name
from videxplore.stages.evaluation.significance import (
    clustered_interval,
    paired_randomisation,
    win_tie_loss,
)
from videxplore.values.rankings import Judgement


@dataclass(frozen=True, slots=True)
class QueryFigures:
    """What every system reached on one query.

    Attributes:
        query_id: of the query.
        cluster: name of the video that the query is about; queries of one video rise and fall together.
        figures: system -> metric -> figure.
    """

    query_id: str
    cluster: str
    figures: Mapping[str, Mapping[str, float]]


def cluster_of(judgements: Sequence[Judgement]) -> str:
    """Name of the first video that answers the query."""
    return file_name(judgements[0].video)


def summarise(
    results: Sequence[QueryFigures], *, metrics: Sequence[str] | None = None, seed: int = 0
) -> list[dict[str, object]]:
    """One row per metric and system; differences are against the first system.

    Args:
        results: one per query, all with the same systems and metrics.
        metrics: which metrics; by default all, in the order measured.
        seed: of bootstrap and randomisation.

    Returns:
        Rows with ``metric``, ``system``, ``mean``, ``low``, ``high``, ``queries``, ``videos``, and for every
        system but the first ``delta``, ``delta_low``, ``delta_high``, ``p``, ``win``, ``tie``, ``loss``.
    """
    if not results:
        return []
    clusters = [r.cluster for r in results]
    systems = list(results[0].figures)
    rows: list[dict[str, object]] = []
    for metric in metrics or list(results[0].figures[systems[0]]):
        columns = {s: np.array([r.figures[s][metric] for r in results]) for s in systems}
        for system, column in columns.items():
            low, high = clustered_interval(column, clusters, seed=seed)
            row: dict[str, object] = {
                "metric": metric, "system": system, "mean": float(column.mean()), "low": low, "high": high,
                "queries": len(results), "videos": len(set(clusters)),
            }  # fmt: skip
            if system != systems[0]:
                difference = column - columns[systems[0]]
                low, high = clustered_interval(difference, clusters, seed=seed)
                win, tie, loss = win_tie_loss(difference)
                row |= {
                    "delta": float(difference.mean()), "delta_low": low, "delta_high": high,
                    "p": paired_randomisation(difference, seed=seed), "win": win, "tie": tie, "loss": loss,
                }  # fmt: skip
            rows.append(row)
    return rows
