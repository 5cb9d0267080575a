"""Is the sample enough: sources needed, what to ask for next, what another tranche is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from videxplore.stages.licensing.grouping import checked_weights, effective_number, group
from videxplore.stages.licensing.intervals import jackknife_error, share
from videxplore.values.licensing import Estimate, Request, Tranche
from videxplore.values.sampling import Manifest

_Z = 1.959964


def clips_needed(half_width: float, *, share: float = 0.5) -> int:
    """Independent clips for a 95 % interval of a share that is ± ``half_width`` wide.

    >>> clips_needed(0.03)
    1068

    Raises:
        ValueError: half_width or share not between 0 and 1.
    """
    if not (0 < half_width < 1 and 0 < share < 1):
        raise ValueError(f"half_width and share must lie between 0 and 1, got {half_width!r} and {share!r}.")
    return math.ceil(_Z**2 * share * (1 - share) / half_width**2)


def clips_needed_always(half_width: float, *, level: float = 0.95) -> int:
    """Independent clips for which the share is within ± ``half_width`` whatever it is (Hoeffding, 1963).

    >>> clips_needed_always(0.02)
    4612
    """
    return math.ceil(math.log(2 / (1 - level)) / (2 * half_width**2))


def sources_needed(
    half_width: float, *, share: float = 0.5, clips_per_source: float = 20, intra_source: float = 0.3
) -> int:
    """Sources for a 95 % interval of a share that is ± ``half_width`` wide.

    The clips needed, times the design effect 1 + (m − 1)ρ, over m clips per source (Kish, 1965). At ρ = .3
    and 20 clips each the effect is 6.7: more clips from the same sources hardly help.

    >>> sources_needed(0.05)
    129

    Raises:
        ValueError: an argument out of its range.
    """
    if clips_per_source < 1 or not 0 <= intra_source <= 1:
        raise ValueError(
            "clips_per_source must be at least 1 and intra_source in [0, 1], "
            f"got {clips_per_source!r} and {intra_source!r}."
        )
    effect = 1 + (clips_per_source - 1) * intra_source
    return math.ceil(clips_needed(half_width, share=share) * effect / clips_per_source)


def hours_needed(
    manifest: Manifest,
    half_width: float,
    *,
    share: float = 0.5,
    per_source: int = 20,
    intra_source: float = 0.3,
) -> float:
    """Hours to draw from a manifest by sources for a 95 % interval of a share that is ± ``half_width`` wide.

    As many sources as :func:`sources_needed` asks for, with up to ``per_source`` clips of each at the
    archive's mean length; all of the archive where it has no more.

    Raises:
        ValueError: an argument out of its range.
    """
    _, sizes = np.unique(np.asarray(manifest.sources, dtype=np.str_), return_counts=True)
    taken = float(np.minimum(sizes, per_source).mean())
    sources = sources_needed(half_width, share=share, clips_per_source=taken, intra_source=intra_source)
    return min(manifest.hours, sources * taken * float(manifest.durations_s.mean()) / 3600)


def requests(
    flags: ArrayLike,
    sources: Sequence[str],
    strata: Sequence[str],
    *,
    weights: ArrayLike | None = None,
    archive: Mapping[str, float] | None = None,
    half_width: float = 0.05,
    seed: int = 0,
) -> tuple[Request, ...]:
    """What to ask for next: the strata in which one more source helps the whole figure most.

    The variance of a figure over strata is Σ W²s²/g, with W a stratum's share of the archive and s² the
    spread between its sources; one more source takes W²s²/(g(g + 1)) off (Neyman, 1934). Strata of the
    archive with fewer than two sources in the sample, of which nothing can be said, come first.

    Args:
        flags: (n,) trait of interest, such as usable and new, in [0, 1].
        sources: n sources.
        strata: n strata (language, kind of channel, decade).
        weights: float (n,), durations.
        archive: stratum -> hours in the archive, from the manifest; the sample's own where omitted.
        half_width: wanted within a stratum.
        seed: of resampling.

    Raises:
        ValueError: lengths differ.
    """
    marked = np.asarray(flags, np.float64)
    names = np.asarray(strata, dtype=np.str_)
    if names.shape != marked.shape:
        raise ValueError(f"strata must name one per clip ({len(marked)}), got {names.shape}.")
    held = checked_weights(weights, len(marked))
    whose = np.asarray(sources, dtype=np.str_)
    hours = dict(archive) if archive else {str(s): float(held[names == s].sum()) for s in np.unique(names)}
    total = sum(hours.values())
    found = []
    for stratum, amount in hours.items():
        rows = names == stratum
        estimate = share(marked[rows], whose[rows].tolist(), weights=held[rows], seed=seed)
        spread, count = _spread(marked[rows], whose[rows].tolist(), held[rows])
        gain = (amount / total) ** 2 * spread / (count * (count + 1)) if count > 1 else math.inf
        # The sources in hand are counted as equal ones, and need not be a whole number; those to come are.
        lacking = round(_Z**2 * spread / half_width**2 - count, 9)
        more = float(max(0, math.ceil(lacking))) if count > 1 else math.inf
        found.append((Request(stratum, estimate, amount / total, gain, more), count, spread))
    whole = sum(r.archive_share**2 * s / c for r, c, s in found if c > 1)
    ordered = sorted((r for r, _, _ in found), key=lambda r: (-r.gain, -r.archive_share))
    return tuple(
        Request(
            r.stratum,
            r.estimate,
            r.archive_share,
            r.gain / whole if whole and math.isfinite(r.gain) else r.gain,
            r.more,
        )
        for r in ordered
    )


def tranche_value(estimate: Estimate, sources: int, *, worth_per_share: float, cost: float) -> Tranche:
    """What deciding after another tranche gains over deciding now (Raiffa and Schlaifer, 1961).

    Licensing an archive gains ``worth_per_share`` × share − ``cost``; not licensing gains nothing. What is
    known of the share is taken as normal around the estimate. A tranche of so many sources more would move
    the estimate with variance s²·k/(g + k), and the gain is what being able to change one's mind is then
    worth.

    Args:
        estimate: of the share that decides, such as usable and new, with its interval.
        sources: of the tranche.
        worth_per_share: what the archive would be worth were all of it such, in any currency.
        cost: of the licence, in the same.

    Raises:
        ValueError: an estimate without an interval, or no source.
    """
    from scipy.special import ndtr

    if not estimate.estimated:
        raise ValueError(f"estimate needs an interval: {estimate.reason}")
    if sources < 1:
        raise ValueError(f"sources must be at least 1, got {sources!r}.")
    error = estimate.half_width / _Z * worth_per_share
    gain = worth_per_share * estimate.value - cost

    def option(spread: float) -> float:
        """Expected gain of choosing once the gain has moved by ``spread``, over choosing now."""
        if not spread > 0:
            return 0.0
        distance = abs(gain) / spread
        density = math.exp(-(distance**2) / 2) / math.sqrt(2 * math.pi)
        return spread * (density - distance * float(ndtr(-distance)))

    moved = error * math.sqrt(sources / (estimate.sources + sources))
    flips = float(ndtr(-abs(gain) / moved)) if moved > 0 else 0.0
    return Tranche(sources, flips, option(moved), option(error))


def _spread(flags: np.ndarray, sources: Sequence[str], weights: np.ndarray) -> tuple[float, float]:
    """Variance of one source's share, as the interval sees it, and the effective number of sources."""
    if not len(flags):
        return math.nan, 0.0
    groups = group(sources, len(flags))
    if len(groups) < 2:
        return math.nan, 1.0
    hits, sizes = groups.totals(flags * weights), groups.totals(weights)
    count = effective_number(sizes)
    error = jackknife_error((hits.sum() - hits) / (sizes.sum() - sizes))
    return error**2 * count, count
