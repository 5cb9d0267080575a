"""How well single attributes of the perceptual encoder tell what is true of the moments of the sample films.

    python benchmarks/attributes.py [--split dev|test] [--least N]

Prints the area under the ROC curve (AUC) of the attribute that should tell each fact: the probability that a
moment of which the fact is true scores above one of which it is not. ``drawn_facts.py`` says where the facts
come from. Facts with fewer than ``--least`` moments on either side are left out and named. The films are
drawings: this says that an attribute answers to what it is named after, not how it fares on real video.
"""

from __future__ import annotations

import argparse

import numpy as np
from drawn_facts import BEYOND, LIMITS, SCRIPT, quantities
from tables import show

from videxplore.stages.encoding.perceptual.attributes import NAMES
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.features.measure import measure
from videxplore.studio.films import direct
from videxplore.studio.render import film_paths
from videxplore.studio.samples import film_truths
from videxplore.values.media import Span

AIM = 0.95
STRONG = 0.5
"""Strength in a script from which something is true; weaker ones are not said, and none is false."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--split", choices=["dev", "test"], default="dev")
    parser.add_argument("--least", type=int, default=5)
    options = parser.parse_args()
    rows, values, films = describe_moments(options.split)
    measured = [judge(name, name, limits, rows, values, films) for name, limits in LIMITS.items()]
    written = [
        judge(f"script {name}", attribute, (STRONG, 0.0), rows, values, films)
        for name, attribute in SCRIPT.items()
    ]
    for title, judged in (
        ("by other measures and the script's sounds", measured),
        ("as the scripts say", written),
    ):
        report(
            f"{len(rows)} moments of {len(set(films))} {options.split} films: {title}", judged, options.least
        )
    print(f"strengths in scripts that no attribute is for: {', '.join(BEYOND)}")


def describe_moments(split: str) -> tuple[list[dict[str, float]], np.ndarray, list[str]]:
    """Quantities of all moments of a split, what the encoder makes of them (n, d), and their films."""
    encoder, paths = PerceptualEncoder(sentences=None), film_paths()
    rows, values, films = [], [], []
    for name, truth in film_truths().items():
        if truth.split != split:
            continue
        spans = [Span(s.start_s, s.end_s) for s in truth.at("moment")]
        rows += quantities(direct(name), paths[name])
        values.append(encoder.encode_spans(measure(paths[name]), spans))
        films += [name] * len(spans)
    return rows, np.concatenate(values), films


def judge(
    fact: str,
    attribute: str,
    limits: tuple[float, float],
    rows: list[dict[str, float]],
    values: np.ndarray,
    films: list[str],
) -> dict[str, object]:
    """One row: how often the fact is true and false, in how many films it is true, and the AUC."""
    amount = np.array([row[fact] for row in rows])
    scores = values[:, NAMES.index(attribute.removeprefix("-"))] * (-1 if attribute[0] == "-" else 1)
    yes, no = amount >= limits[0], amount <= limits[1]
    wins = np.sign(scores[yes][:, None] - scores[no][None])
    return {
        "fact": fact, "attribute": attribute, "true": int(yes.sum()), "false": int(no.sum()),
        "in films": len({film for film, true in zip(films, yes, strict=True) if true}),
        "AUC": float((wins.mean() + 1) / 2) if wins.size else float("nan"),
    }  # fmt: skip


def enough(row: dict, least: int) -> bool:
    return min(row["true"], row["false"]) >= least


def report(title: str, judged: list[dict], least: int) -> None:
    counted = sorted((r for r in judged if enough(r, least)), key=lambda r: -r["AUC"])
    reached = {r["attribute"] for r in counted if r["AUC"] >= AIM}
    show(
        title,
        counted,
        note=f"{len(reached)} attributes at {AIM} or more, of {len({r['attribute'] for r in counted})}",
    )
    rare = [f"{r['fact']} {r['true']}:{r['false']}" for r in judged if not enough(r, least)]
    print(f"  fewer than {least} true or false: {', '.join(rare) or 'none'}")


if __name__ == "__main__":
    main()
