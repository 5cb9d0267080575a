"""How often intervals hold the truth where the sample was really drawn, by each design, again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.archives import simulate_manifest
from videxplore.stages.licensing.intervals import share
from videxplore.stages.licensing.manifests import METHODS, draw
from videxplore.values.sampling import Manifest

CHANNELS = 1500
"""Channels of an archive; some ten clips of each."""

HOURS, PER_SOURCE = (0.5, 1.0, 2.0), 8
"""Hours drawn, of some thirty-six, and clips of a channel at most where channels are drawn."""


def simulate_draws(*, archives: int = 100, draws: int = 5, seed: int = 0) -> dict[str, float]:
    """Draw samples by every design from archives whose truth is known, and count how often they are right.

    Each archive has its own law: how common a trait is (5 % to 60 %), how much channels differ in it (a
    correlation of .02 to .3), and whether large channels have more of it. Its channels are of three kinds
    that have more or less of the trait; a stratified draw is made by kind. Samples are drawn by
    :func:`~videxplore.stages.licensing.manifests.draw`, and each clip weighs as much as it stands for.

    Args:
        archives: how many.
        draws: from each, by each design.
        seed: of everything.

    Returns:
        For each design of ``"simple"``, ``"stratified"`` and ``"cluster"``: ``cluster_coverage``, how often
        the 95 % interval held the archive's share; ``cluster_error``, the mean error of the share;
        ``cluster_width``, the mean width of the interval; ``cluster_sources``, channels in a sample; and
        ``cluster_unweighted``, how often it would have held the truth had every clip weighed its length
        alone.

    Raises:
        ValueError: nothing to draw.
    """
    if archives < 1 or draws < 1:
        raise ValueError(f"archives and draws must be at least 1, got {archives!r} and {draws!r}.")
    rows: dict[str, list[float]] = {}
    for number in range(archives):
        rng = np.random.default_rng([seed, number])
        manifest, flags = simulate_manifest(
            rng, CHANNELS, rng.uniform(0.05, 0.6), rng.uniform(0.02, 0.3), pull=rng.uniform(-0.6, 0.6)
        )
        for method in METHODS:
            for k in range(draws):
                hours = HOURS[(number + k) % len(HOURS)]
                for name, figure in _one(manifest, flags, hours, method, draws * number + k).items():
                    rows.setdefault(f"{method}_{name}", []).append(figure)
    return {name: float(np.mean(figures)) for name, figures in rows.items()}


def _one(
    manifest: Manifest, flags: NDArray[np.bool_], hours: float, method: str, seed: int
) -> dict[str, float]:
    """What one draw says about an archive, against the truth."""
    drawn = draw(
        manifest, hours, seed=seed, committed=manifest.sha256, method=method, per_source=PER_SOURCE,
        stratum="kind" if method == "stratified" else "",
    )  # fmt: skip
    rows = np.array(drawn.rows)
    seconds, sources = manifest.durations_s[rows], [manifest.sources[row] for row in drawn.rows]
    truth = float(manifest.durations_s @ flags / manifest.durations_s.sum())
    found = share(flags[rows], sources, weights=seconds * np.array(drawn.inclusion))
    plain = share(flags[rows], sources, weights=seconds)
    return {
        "coverage": float(found.low <= truth <= found.high),
        "error": found.value - truth,
        "width": found.high - found.low,
        "sources": float(found.sources),
        "unweighted": float(plain.low <= truth <= plain.high),
    }
