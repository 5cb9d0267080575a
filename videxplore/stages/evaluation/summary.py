"""Per-query figures of several systems, summarised with intervals and paired tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from videxplore.stages.evaluation.matching import file_name
from videxplore.stages.evaluation.significance import (
    clustered_interval,
    effect_size,
    holm,
    paired_randomisation,
    queries_needed,
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
        text: of the query.
        ceiling: metric -> what the best order of the candidates would reach; empty where not looked at.
        levels: system -> level -> how many hits.
        judged: system -> share of its hits that somebody judged.
    """

    query_id: str
    cluster: str
    figures: Mapping[str, Mapping[str, float]]
    text: str = ""
    ceiling: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    judged: Mapping[str, float] = field(default_factory=dict)


def cluster_of(judgements: Sequence[Judgement]) -> str:
    """Name of the first video that answers the query; of the first judged where none does."""
    return file_name(next((j for j in judgements if j.gain > 0), judgements[0]).video)


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
        system but the first ``delta``, ``delta_low``, ``delta_high``, ``p`` (paired randomisation, whole
        videos change sign), ``p_holm`` (that, corrected for the number of systems), ``p_queries`` (single
        queries change sign, as if they were independent), ``effect`` (Cohen's d_z), ``needed`` (queries that
        find such a difference with 80 % power), ``win``, ``tie``, ``loss``.
    """
    if not results:
        return []
    clusters = [r.cluster for r in results]
    systems = list(results[0].figures)
    rows: list[dict[str, object]] = []
    for metric in metrics or list(results[0].figures[systems[0]]):
        columns = {s: np.array([r.figures[s][metric] for r in results]) for s in systems}
        paired = {s: _paired(columns[s] - columns[systems[0]], clusters, seed) for s in systems[1:]}
        corrected = holm([compared["p"] for compared in paired.values()])
        for compared, p in zip(paired.values(), corrected, strict=True):
            compared["p_holm"] = p
        for system, column in columns.items():
            low, high = clustered_interval(column, clusters, seed=seed)
            row: dict[str, object] = {
                "metric": metric, "system": system, "mean": float(column.mean()), "low": low, "high": high,
                "queries": len(results), "videos": len(set(clusters)),
            }  # fmt: skip
            rows.append(row | paired.get(system, {}))
    return rows


def _paired(difference: np.ndarray, clusters: Sequence[str], seed: int) -> dict[str, float]:
    low, high = clustered_interval(difference, clusters, seed=seed)
    win, tie, loss = win_tie_loss(difference)
    return {
        "delta": float(difference.mean()), "delta_low": low, "delta_high": high,
        "p": paired_randomisation(difference, clusters, seed=seed),
        "p_queries": paired_randomisation(difference, seed=seed),
        "effect": effect_size(difference), "needed": queries_needed(difference, clusters),
        "win": win, "tie": tie, "loss": loss,
    }  # fmt: skip


def list_queries(
    results: Sequence[QueryFigures], *, metrics: Sequence[str] | None = None
) -> list[dict[str, object]]:
    """One row per query and metric: what every system reached, and for all but the first what became of it.

    Returns:
        Rows with ``query_id``, ``text``, ``video``, ``metric``, one figure per system by its name, and per
        system but the first ``delta <system>`` and ``outcome <system>``: ``"win"``, ``"tie"`` or ``"loss"``.
    """
    rows: list[dict[str, object]] = []
    for result in results:
        systems = list(result.figures)
        for metric in metrics or list(result.figures[systems[0]]):
            found = {s: result.figures[s][metric] for s in systems}
            row: dict[str, object] = {
                "query_id": result.query_id, "text": result.text, "video": result.cluster, "metric": metric,
            }  # fmt: skip
            row |= found
            for system in systems[1:]:
                delta = found[system] - found[systems[0]]
                win, tie, _ = win_tie_loss([delta])
                row[f"delta {system}"] = delta
                row[f"outcome {system}"] = "win" if win else "tie" if tie else "loss"
            rows.append(row)
    return rows


def mean_ceiling(results: Sequence[QueryFigures]) -> dict[str, float]:
    """Mean over the queries of what the best order of the candidates would reach, by metric."""
    names = list(results[0].ceiling) if results else []
    return {name: float(np.mean([r.ceiling[name] for r in results])) for name in names}


def mean_judged(results: Sequence[QueryFigures]) -> dict[str, float]:
    """Per system, the mean share of its hits that somebody judged."""
    systems = list(results[0].judged) if results else []
    return {system: float(np.mean([r.judged[system] for r in results])) for system in systems}


def share_levels(results: Sequence[QueryFigures]) -> dict[str, dict[str, float]]:
    """Per system, the share of its hits that each level has; levels in the order of how often they come."""
    shares: dict[str, dict[str, float]] = {}
    for system in results[0].levels if results else ():
        counts: Counter[str] = Counter()
        for result in results:
            counts.update(result.levels[system])
        shares[system] = {level: n / counts.total() for level, n in counts.most_common()}
    return shares
