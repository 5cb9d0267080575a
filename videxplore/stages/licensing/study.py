"""The simulation study behind the intervals: archives of known truth, assessed as real ones are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.archives import simulate_trait, simulate_tranche, simulate_world
from videxplore.stages.licensing.breadth import breadth, new_topics
from videxplore.stages.licensing.coverage import coverage
from videxplore.stages.licensing.difference import difference
from videxplore.stages.licensing.grouping import effective_number
from videxplore.stages.licensing.intervals import ONE_SOURCE, bca, ratio_interval, share
from videxplore.stages.licensing.novelty import novelty
from videxplore.stages.licensing.redundancy import redundancy

SOURCES = (20, 30, 40, 60)
"""Channels in a sample."""

OWNED = 40
"""Channels of the owned side."""

CHANNELS = 3000
"""Channels of the archive that a share is taken from: the truth."""

NOVEL, COPIES = 0.2, 0.1
"""What is planted."""

Row = dict[str, float]


def simulate_assessment(*, archives: int = 500, seed: int = 0) -> dict[str, float]:
    """Assess simulated archives and count how often the figures were right.

    Each archive has its own law: how common a trait is (3 % to 60 %), how much channels differ in it,
    whether large channels have more of it, how steep the topics' popularity is (Zipf 1.0 to 1.3), and how
    many channels are drawn (20, 30, 40 or 60).

    Args:
        archives: how many.
        seed: of everything.

    Returns:
        * ``coverage_95``, ``naive_coverage_95``, ``bca_coverage_95``: how often the 95 % interval of a
        share held the
          truth: by source (studentised, as reported), by clip, by source with BCa. ``coverage_95_g20`` and
          so on: by number of channels.
        * ``novelty_null``: mean share beyond the threshold where both sides are alike; ``novelty_null_sd``
        between
          archives.
        * ``coverage_null``, ``precision_null``: mean calibrated figures where both sides are alike.
        * ``mmd_p_ks``: p value of the test that the p values of alike sides are uniform;
        ``mmd_p_below_05``: share
          of them below .05.
        * ``novelty_recovered``, ``duplicates_recovered``: how often the interval held the 20 % and the 10 %
        planted;
          ``novelty_found`` and ``duplicates_found``: the mean estimates.
        * ``doubled_error``, ``doubled_rmse``: mean relative error of the topics predicted for twice the
          channels, against a second tranche really drawn, and its root mean square; ``doubled_predicted``:
          how often that tranche fell within the prediction interval.
        * ``unseen_error``: mean error of the share of hours of unseen topics, against that second tranche.
        * ``one_source_refused``: share of archives whose first channel alone was refused an interval.

    Raises:
        ValueError: no archive.
    """
    if archives < 1:
        raise ValueError(f"archives must be at least 1, got {archives!r}.")
    rows = []
    for number in range(archives):
        rng = np.random.default_rng([seed, number])
        channels = SOURCES[number % len(SOURCES)]
        row: Row = {"channels": channels}
        row |= _share_row(rng, channels)
        row |= _world_row(rng, channels, number)
        rows.append(row)
    return _summary(rows)


def _share_row(rng: np.random.Generator, channels: int) -> Row:
    """Whether intervals of a share held the truth of a whole archive."""
    hits, hours, squares = simulate_trait(
        rng, CHANNELS, rng.uniform(0.03, 0.6), rng.uniform(0.02, 0.3), pull=rng.uniform(-0.3, 0.3)
    )
    truth = hits.sum() / hours.sum()
    rows = rng.choice(CHANNELS, channels, replace=False)
    found = ratio_interval(hits[rows], hours[rows])
    low, high = bca(hits[rows], hours[rows])
    seen = hits[rows].sum() / hours[rows].sum()
    naive = 1.959964 * np.sqrt(seen * (1 - seen) * squares[rows].sum()) / hours[rows].sum()
    return {
        "coverage_95": found[0] <= truth <= found[1],
        "naive_coverage_95": abs(seen - truth) <= naive,
        "bca_coverage_95": low <= truth <= high,
        "effective_sources": effective_number(hours[rows]),
    }


def _world_row(rng: np.random.Generator, channels: int, seed: int) -> Row:
    """Figures of samples that are like the owned side, and of one with planted material."""
    world = simulate_world(rng, zipf=rng.uniform(1.0, 1.3))
    owned = simulate_tranche(rng, world, OWNED)
    alike = simulate_tranche(rng, world, channels)
    second = simulate_tranche(rng, world, channels)
    planted = simulate_tranche(rng, world, channels, novelty=NOVEL, duplicates=COPIES)
    null = novelty(alike.vectors, owned.vectors, alike.names, owned.names, weights=alike.durations,
                   owned_weights=owned.durations)  # fmt: skip
    new = novelty(planted.vectors, owned.vectors, planted.names, owned.names, weights=planted.durations,
                  owned_weights=owned.durations)  # fmt: skip
    region = coverage(alike.vectors, owned.vectors, alike.names, owned.names, splits=5, seed=seed)
    test = difference(alike.vectors, owned.vectors, alike.names, owned.names, permutations=499, seed=seed)
    extra = redundancy(planted.copies, planted.names, weights=planted.durations).extra
    single = share(alike.topics[alike.sources == 0] == 0, ["channel"] * int((alike.sources == 0).sum()))
    return {
        "novelty_null": null.beyond.value,
        "novelty_found": new.excess.value,
        "novelty_recovered": new.excess.low <= NOVEL <= new.excess.high,
        "coverage_null": region.coverage.value,
        "precision_null": region.precision.value,
        "mmd_p": test.p,
        "duplicates_found": extra.value,
        "duplicates_recovered": extra.low <= COPIES <= extra.high,
        "one_source_refused": single.reason == ONE_SOURCE and not single.estimated,
    } | _topic_row(alike.topics, alike.names, alike.durations, second.topics, second.durations)


def _topic_row(
    topics: NDArray[np.intp],
    names: list[str],
    durations: NDArray[np.float64],
    later: NDArray[np.intp],
    later_durations: NDArray[np.float64],
) -> Row:
    """What was said about topics against what a second tranche showed."""
    said = breadth(topics.tolist(), names, weights=durations)
    added, error = new_topics(topics.tolist(), names)
    truly = len(np.unique(np.concatenate([topics, later])))
    unseen = ~np.isin(later, topics)
    return {
        "doubled_error": said.doubled.value / truly - 1,
        "doubled_predicted": abs(said.curve.seen + added - truly) <= 1.959964 * error,
        "doubled_covered": said.doubled.low <= truly <= said.doubled.high,
        "unseen_error": said.unseen.value - float(later_durations @ unseen / later_durations.sum()),
    }


def _summary(rows: list[Row]) -> dict[str, float]:
    """Means over the archives, and what is no mean."""
    from scipy.special import kolmogorov

    table = {name: np.array([row[name] for row in rows], np.float64) for name in rows[0]}
    channels, tests = table.pop("channels"), np.sort(table.pop("mmd_p"))
    found = {name: float(column.mean()) for name, column in table.items()}
    for count in np.unique(channels):
        found[f"coverage_95_g{count:.0f}"] = float(table["coverage_95"][channels == count].mean())
    found["novelty_null_sd"] = float(table["novelty_null"].std())
    found["doubled_rmse"] = float(np.sqrt(np.square(table["doubled_error"]).mean()))
    root = np.sqrt(len(tests))
    places = np.arange(len(tests))
    apart = max((tests - places / len(tests)).max(), ((places + 1) / len(tests) - tests).max())
    # Kolmogorov's limit with the correction for finite numbers of Stephens (1970).
    found["mmd_p_ks"] = float(kolmogorov(apart * (root + 0.12 + 0.11 / root)))
    found["mmd_p_below_05"] = float(np.mean(tests < 0.05))
    return found | {"archives": float(len(rows))}
