"""What the perceptual encoder tells apart and finds in a world whose attributes are planted.

    python benchmarks/perceptual.py [--segments N] [--pictures N] [--sounds N] [--seed S]

Prints the area under the ROC curve of every attribute that has a planted fact, precision at ten of queries in
words beside that of the plain dot product with the stored vectors, and how many planted bangs are found.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from shelf import ROOT
from tables import show

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder

sys.path.insert(0, str(ROOT / "tests"))

from perceptual_world import make_world
from synthetic import music_like, noise, speech_like
from test_perceptual_world import TARGETS, Judged, detect

LEAST = {"one thing": 10, "two things": 20, "one without another": 10}
"""Right answers that a query of each kind must have to be counted."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--segments", type=int, default=1200)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--sounds", type=int, default=399, help="must share no divisor with 5")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    encoder = PerceptualEncoder(sentences=None)
    world = make_world(
        encoder, options.segments, looks=options.pictures, sounds=options.sounds, seed=options.seed
    )
    judged = Judged(encoder, world)
    attributes(judged)
    queries(judged)
    bangs()


def attributes(judged: Judged) -> None:
    found = sorted(judged.areas(least=9).items(), key=lambda item: -item[1])
    told = {name.split("(")[1] for name, value in found if value >= 0.95}
    rows = [{"planted (attribute)": name, "AUC": f"{value:.3f}"} for name, value in found]
    show(
        "planted facts",
        rows,
        note=f"{len(told)} attributes at .95 or more (aim: 40); facts true 9 times or more",
    )


def queries(judged: Judged) -> None:
    rows = []
    kinds = (judged.singles(), judged.pairs(), judged.negations())
    for (kind, least), asked in zip(LEAST.items(), kinds, strict=True):
        found = judged.precision(asked, least=least)
        plain = judged.precision(asked, least=least, plain=True)
        worst = sorted(found, key=found.__getitem__)[:3]
        rows.append({
            "asked": kind, "queries": len(found), "P@10": float(np.mean(list(found.values()))),
            "plain dot product": float(np.mean(list(plain.values()))),
            "worst": ", ".join(f"{text} {found[text]:.1f}" for text in worst),
        })  # fmt: skip
    show(f"queries among {len(judged.world.looks)} segments", rows)
    print(f"\n  two things, each calibrated with the truth itself: P@10 {conjunction_ceiling(judged):.3f}")
    rows = []
    for text, facts in TARGETS.items():
        true = judged.true(facts)
        right = int(judged.first(text, true, 3).sum())
        rows.append({"query": text, "right answers": int(np.nansum(true)), "right among the first 3": right})
    show("two queries", rows)


def conjunction_ceiling(judged: Judged) -> float:
    """P@10 of two things if each thing's score became its true probability, and the two were multiplied.

    The probability is a logistic regression of the planted fact on the score of the query for it alone,
    fitted on the very world: what no search can know. A fuzzy conjunction of scores is an estimate of this.
    """
    from sklearn.linear_model import LogisticRegression

    logs = {}
    for text, true in judged.singles().items():
        score = judged.space.probe(judged.encoder.encode_query(text).vector).score(judged.space.items)
        score = ((score - score.mean()) / score.std())[:, None]
        sayable = ~np.isnan(true)
        fitted = LogisticRegression(C=100).fit(score[sayable], true[sayable])
        logs[text] = -np.logaddexp(0, -fitted.decision_function(score))
    right = []
    for text, true in judged.pairs().items():
        if np.nansum(true) < LEAST["two things"]:
            continue
        first, second = next((a, b) for a in logs for b in logs if text == f"{a} and {b}")
        sayable = ~np.isnan(true)
        order = np.argsort(-(logs[first] + logs[second])[sayable], kind="stable")[:10]
        right.append(true[sayable][order].mean())
    return float(np.mean(right))


def bangs() -> None:
    rows = []
    for name, make in (
        ("music", music_like),
        ("speech", speech_like),
        ("noise", lambda s, _, a: noise(s, a)),
    ):
        for low, high in ((10, 12), (12, 20)):
            recall, false = detect(make(600.0, 5, 0.03), 7, (low, high))
            rows.append({"over": name, "dB": f"{low}–{high}", "recall": recall, "false in 10 min": false})
    show("planted bangs", rows)


if __name__ == "__main__":
    main()
