"""The modality gap: why texts stand near texts and clips near clips, though each text is near its clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.reduction import fit_axes
from videxplore.lessons.representations import where
from videxplore.lessons.similarity import centred, compare, nearest
from videxplore.lessons.towers import Towers, train_towers
from videxplore.values.charts import Cloud, Lane, Scene, two_decimals

TEMPERATURES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""At which towers are trained."""

GROUPS = ("learned from", "held out")
"""Which clips and texts are looked at."""

NEAR = 10
"""How many neighbours of a text are looked at."""

_FAR = 6

Rows = NDArray[np.floating]


def gap_between(video: Rows, text: Rows) -> float:
    """Return the distance of the two sides' means, ‖μ_v − μ_t‖ (Liang et al., *Mind the Gap*, 2022)."""
    return float(np.linalg.norm(video.mean(axis=0, dtype=np.float64) - text.mean(axis=0, dtype=np.float64)))


def separate(video: Rows, text: Rows, *, seed: int = 0) -> float:
    """Return how often a straight cut tells a text from a clip, .5 by chance.

    Logistic regression, five parts; balanced accuracy on the part that was not learned from.

    Args:
        video: (n, d).
        text: (n, d); a row's clip and text fall into one part.
        seed: of the parts.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_score

    rows = np.random.default_rng(seed).permutation(len(video))
    model = LogisticRegression(C=100.0, max_iter=1000)
    sides = np.repeat([0, 1], len(video))
    points = np.vstack([video, text])
    return float(cross_val_score(model, points, sides, cv=GroupKFold(5), groups=np.tile(rows, 2)).mean())


def crowd(video: Rows, text: Rows) -> float:
    """Return the share of texts among the ten nearest to a text, where clips and texts are on one shelf.

    By chance just below one half. What is counted is the other texts and all clips.

    Args:
        video: (n, d).
        text: (n, d).
    """
    scores = compare(text, np.vstack([video, text]))
    own = np.arange(len(text))
    scores[own, len(video) + own] = -np.inf
    return float((nearest(scores, NEAR) >= len(video)).mean())


@dataclass(frozen=True, eq=False)
class Gaps:
    """Towers of several temperatures, with their gaps.

    Attributes:
        towers: temperature -> towers, all with the same clips held out.
        apart: (temperature, group, centred) -> gap, accuracy of a straight cut, share of texts near a text.
    """

    towers: Mapping[float, Towers]
    apart: Mapping[tuple[float, str, bool], tuple[float, float, float]]

    def sides(self, temperature: float, group: str, centre: bool) -> tuple[Rows, Rows]:
        """Return trained clips and texts of a group, (n, 32) each; at will each side around its own mean."""
        towers = self.towers[temperature]
        rows = towers.held if group == GROUPS[1] else ~towers.held
        video, text = towers.video[-1, rows], towers.text[-1, rows]
        return (centred(video), centred(text)) if centre else (video, text)


def measure_gaps(
    clips: Clips,
    captions: tuple[str, ...],
    moments: NDArray[np.str_],
    held: NDArray[np.bool_],
    temperatures: tuple[float, ...] = TEMPERATURES,
) -> Gaps:
    """Train towers at several temperatures, and measure how far apart clips and texts stand in each.

    Args:
        clips: n clips.
        captions: n captions.
        moments: n labels, see :func:`~videxplore.lessons.towers.train_towers`.
        held: bool (n,), clips that are not learned from.
        temperatures: of the loss.
    """
    towers = {t: train_towers(clips, captions, moments, held, temperature=t) for t in temperatures}
    gaps = Gaps(towers, {})
    apart = {}
    for key in [(t, group, centre) for t in temperatures for group in GROUPS for centre in (False, True)]:
        video, text = gaps.sides(*key)
        apart[key] = gap_between(video, text), separate(video, text), crowd(video, text)
    return Gaps(towers, apart)


def show_gap(clips: Clips, gaps: Gaps, temperature: float, group: str, centre: bool) -> Scene:
    """Return clips and texts as points, with their gap.

    Args:
        clips: all of them.
        gaps: what :func:`measure_gaps` returned.
        temperature: one of its temperatures.
        group: one of :data:`GROUPS`.
        centre: whether each side is taken around its own mean.
    """
    video, text = gaps.sides(temperature, group, centre)
    held = gaps.towers[temperature].held
    rows = np.flatnonzero(held if group == GROUPS[1] else ~held)
    points = np.vstack([video, text])
    names = [where(clips, row) for row in rows.tolist()]
    gap, cut, share = gaps.apart[temperature, group, centre]
    chart = Cloud(
        "Do words and video stand in one place?",
        fit_axes(points).reduce(points, 2),
        ("clip",) * len(video) + ("text",) * len(text),
        (*names, *(f"text of {name}" for name in names)),
        "first principal axis",
        "second principal axis",
        f"n = {len(video)} clips and as many texts, {group}; {video.shape[1]} dimensions, seed 0. A straight "
        "cut tells half by chance, and half of a text's neighbours would be texts.",
        square=True,
    )
    said = (
        f"Gap {two_decimals(gap)}. A straight cut tells {cut:.0%} of texts from clips. Of the {NEAR} nearest "
        f"to a text, {share:.0%} are texts."
    )
    together = np.diag(compare(text, video))
    far = np.argsort(together, kind="stable")[:_FAR]
    notes = [f"cosine {two_decimals(together[i])}" for i in far]
    return Scene(
        chart, said, [Lane("farthest from their own text", [clips.ids[rows[i]] for i in far], notes)]
    )
