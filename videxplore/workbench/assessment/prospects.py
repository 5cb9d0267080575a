"""What follows from the figures: costs, what to ask for next, what another tranche is worth and will show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from videxplore.stages.licensing.economics import BITRATE, Assumptions, reckon
from videxplore.stages.licensing.intervals import mean
from videxplore.stages.licensing.planning import requests, tranche_value
from videxplore.stages.licensing.predictions import NEW_TOPICS, predict, score
from videxplore.stages.licensing.topics import find_topics
from videxplore.values.assessments import AssessedClips, Measure, SampleReport
from videxplore.values.decisions import Constant, Costs
from videxplore.values.licensing import Estimate, Prediction, PredictionScore, Request, Tranche
from videxplore.values.sampling import Manifest
from videxplore.workbench.assessment.case import Case
from videxplore.workbench.assessment.sources import UNLISTED

PREDICTED = (
    "technical.usable",
    "redundancy.extra",
    "redundancy.owned",
    "novelty.beyond",
    "novelty.useful",
    "language.speech",
)
"""Shares that are predicted for the next tranche."""

_FEW_STRATA, _MANY_STRATA = 2, 30


def reckon_costs(
    case: Case,
    useful: Estimate,
    archive_bytes: float | None,
    manifest: Manifest | None,
    assumptions: Assumptions | None,
) -> tuple[Costs | None, Assumptions]:
    """Costs of the archive, with the sample's own bitrate in the place of the usual one.

    The size is that given, else the manifest's hours at the sample's bitrate; None without either.
    """
    known = assumptions or Assumptions()
    bitrate = measured_bitrate(case)
    if bitrate is not None and known.bitrate == BITRATE:
        known = replace(known, bitrate=bitrate)
    size = archive_bytes
    if size is None and manifest is not None and bitrate is not None:
        likely = bitrate.likely
        source = f"{bitrate.source}; the manifest says how many hours there are"
        known = replace(known, bitrate=Constant(likely, likely, likely, "Mbit/s", source))
        size = manifest.hours * 3.6e9 / 8 * likely
    return (None if size is None else reckon(size, useful, known)), known


def measured_bitrate(case: Case) -> Constant | None:
    """Mean bitrate of the sample's files by hours, with its interval by source; None where sizes are unknown.

    Without an interval, from the least to the highest of any file.
    """
    rows = [i for i, film in enumerate(case.films) if film.facts.get("size_bytes")]
    if not rows:
        return None
    films = [case.films[i] for i in rows]
    rates = np.array([film.facts["size_bytes"] * 8e-6 / film.duration_s for film in films])
    weights = case.film_weights[rows]
    found = mean(rates, [case.sources[i] for i in rows], weights=weights, seed=case.seed)
    if case.settled(found).estimated:
        low, high, how = max(0.0, found.low), found.high, "95 % interval by source"
    else:
        low, high, how = float(rates.min()), float(rates.max()), "least to highest of any file"
    value = min(max(found.value, low), high)
    return Constant(low, value, high, "Mbit/s", f"measured on {len(films)} files ({how})")


def ask_for(
    case: Case, useful: np.ndarray, manifest: Manifest | None, rows: Sequence[int | None], stratum: str | None
) -> tuple[str, tuple[Request, ...]]:
    """The strata of the manifest to ask for next, by a column of it; nothing where nothing may be inferred.

    Args:
        case: the sample.
        useful: float64 (n,), by clip; nan where it is not known.
        manifest: of the archive.
        rows: of the sample's files in it.
        stratum: its column; where omitted, the first of names with 2 to 30 different ones.

    Raises:
        ValueError: the manifest has no such column.
    """
    if manifest is None or case.refusal:
        return "", ()
    column = stratum or next((n for n, c in manifest.columns.items() if _strata(c)), "")
    if not column:
        return "", ()
    if column not in manifest.columns:
        have = ", ".join(manifest.columns) or "none but those every manifest has"
        raise ValueError(f"stratum must be a column of the manifest ({have}), got {column!r}.")
    entries = [str(entry) for entry in manifest.columns[column]]
    hours: dict[str, float] = {}
    for entry, seconds in zip(entries, manifest.durations_s.tolist(), strict=True):
        hours[entry] = hours.get(entry, 0.0) + seconds / 3600
    of = [UNLISTED if row is None else entries[row] for row in rows]
    strata = [of[film] for film in case.side.film]
    known = np.flatnonzero(np.array([name != UNLISTED for name in strata]) & ~np.isnan(useful))
    return column, requests(
        useful[known].clip(0, 1),
        [case.clip_sources[i] for i in known],
        [strata[i] for i in known],
        weights=case.clip_weights[known],
        archive=hours,
        seed=case.seed,
    )


def _strata(column: Sequence[object]) -> bool:
    names = set(column)
    return _FEW_STRATA <= len(names) <= _MANY_STRATA and all(isinstance(name, str) for name in names)


def value_tranche(case: Case, useful: Estimate, costs: Costs | None, known: Assumptions) -> Tranche | None:
    """What deciding after another tranche as large is worth; None where stakes or share are not known."""
    if costs is None or not useful.estimated:
        return None
    worth = costs.minutes.likely * known.worth.likely
    sources = len(set(case.sources))
    return tranche_value(useful, sources, worth_per_share=worth, cost=costs.price.likely)


def predict_next(case: Case, measures: Mapping[str, Measure], topics: np.ndarray) -> Prediction | None:
    """What a second tranche of as many sources will show; None where nothing may be inferred."""
    if case.refusal:
        return None
    shares = {key: measures[key].estimate for key in PREDICTED if key in measures}
    sources = case.clip_sources
    ids = [film.video_id for film in case.films]
    return predict(shares, ids, tranche_sources=len(set(sources)), topics=topics.tolist(), sources=sources)


def score_prediction(
    prediction: Prediction, first: SampleReport | AssessedClips, second: SampleReport, commitment: str
) -> PredictionScore:
    """Hold what a second tranche showed against what was written down before.

    Topics are found in both tranches together, as wide as in the first; new are those that no clip of the
    first is in.

    Args:
        prediction: of the first report.
        first: the first report, or its clips.
        second: the second tranche, assessed against the same owned material with the same settings.
        commitment: the hash handed over before the second tranche was opened.

    Raises:
        ValueError: the prediction was changed since, or a figure was not measured in the second tranche.
        CardMismatchError: the tranches were embedded with two encoders.
    """
    from videxplore.stages.licensing.distances import check_cards

    ours = first.clips if isinstance(first, SampleReport) else first
    observed: dict[str, float] = {}
    for key in prediction.figures:
        if key != NEW_TOPICS:
            seen = second[key].estimate
            if np.isnan(seen.value):
                raise ValueError(f"{key} was not measured in the second tranche: {seen.reason}")
            observed[key] = seen.value
    if NEW_TOPICS in prediction.figures:
        if ours is None or second.clips is None:
            raise ValueError("the clips of both reports are needed to count new topics.")
        check_cards(ours.card, second.clips.card)
        both = np.concatenate([ours.vectors, second.clips.vectors])
        topics = find_topics(both, [*ours.sources, *second.clips.sources], radius=ours.topic_radius)
        observed[NEW_TOPICS] = float(len(set(topics[len(ours) :]) - set(topics[: len(ours)])))
    return score(prediction, commitment, observed)
