"""How often the figures of a licensing assessment are right, on simulated archives whose truth is known.

    python benchmarks/licensing.py [--archives 500] [--seed 0]

The same studies as ``simulate_assessment`` and ``simulate_draws``: the tables that docs/licensing.md prints.
The second really draws from archives, five samples by every design from each of a fifth as many archives.
"""

from __future__ import annotations

import argparse
import math
import time

from tables import show

from videxplore.stages.licensing.draws_study import simulate_draws
from videxplore.stages.licensing.manifests import METHODS
from videxplore.stages.licensing.study import simulate_assessment

ROWS = (
    ("a share's 95 % interval holds the truth, by source", "coverage_95", ".92 to .97"),
    ("… with 20 channels", "coverage_95_g20", ".92 to .97"),
    ("… with 30", "coverage_95_g30", ""),
    ("… with 40", "coverage_95_g40", ""),
    ("… with 60", "coverage_95_g60", ""),
    ("… BCa by source (not used)", "bca_coverage_95", ""),
    ("… by clip (naive)", "naive_coverage_95", "fails"),
    ("novelty of alike sides, mean", "novelty_null", ".05 ± .015"),
    ("calibrated coverage of alike sides, mean", "coverage_null", "1 ± .03"),
    ("calibrated precision of alike sides, mean", "precision_null", "1"),
    ("p of MMD p values being uniform", "mmd_p_ks", "> .01"),
    ("MMD p values below .05", "mmd_p_below_05", ".05"),
    ("planted 20 % novelty within the interval", "novelty_recovered", "≥ .93"),
    ("… mean estimate", "novelty_found", ".20"),
    ("planted 10 % copies within the interval", "duplicates_recovered", "≥ .93"),
    ("… mean estimate", "duplicates_found", ".10"),
    ("topics at twice the channels, mean relative error", "doubled_error", "≤ .03"),
    ("… root mean square of single archives", "doubled_rmse", ""),
    ("… second tranche within the 95 % prediction", "doubled_predicted", ".92 to .97"),
    ("… interval of the expected number holds it", "doubled_covered", ""),
    ("share of unseen topics, mean error", "unseen_error", "0"),
    ("one-source samples refused", "one_source_refused", "1"),
)

DRAWS = 5
"""From one archive, by each design."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--archives", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    start = time.perf_counter()
    found = simulate_assessment(archives=given.archives, seed=given.seed)
    spent = time.perf_counter() - start
    error = 1.96 * math.sqrt(0.05 * 0.95 / given.archives)
    there = [row for row in ROWS if row[1] in found]
    rows = [{"figure": name, "found": found[key], "wanted": wanted} for name, key, wanted in there]
    note = f"{given.archives} archives, seed {given.seed}; .95 is known to ± {error:.3f}; {spent:.0f} s"
    show("Licensing assessment on simulated archives", rows, note=note)
    report_draws(max(given.archives // DRAWS, 1), given.seed)


def report_draws(archives: int, seed: int) -> None:
    """Print how often intervals hold the truth by design."""
    found = simulate_draws(archives=archives, draws=DRAWS, seed=seed)
    rows = [
        {
            "design": method,
            "95 % interval holds the truth": found[f"{method}_coverage"],
            "… with every clip weighed alike": found[f"{method}_unweighted"],
            "mean error": found[f"{method}_error"],
            "mean width": found[f"{method}_width"],
            "channels in a sample": found[f"{method}_sources"],
        }
        for method in METHODS
    ]
    note = f"{DRAWS} draws by each design from each of {archives} archives, seed {seed}"
    show("Samples really drawn", rows, note=note)


if __name__ == "__main__":
    main()
