"""Senses side by side: what picture, motion and sound each know of a clip, and what they know together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import PIXELS, Clips
from videxplore.lessons.representations import try_transfer, where
from videxplore.lessons.similarity import centred, compare, nearest
from videxplore.values.charts import Curves, Lane, Line, Scene, two_decimals

SHARES = tuple(round(0.1 * tenth, 1) for tenth in range(11))
"""How much sound may count in a late fusion."""

_CELLS = 3, 4  # of a poster, down and across
_MOTION = "speed", "cut_count"  # first and last measurement that needs more than one frame

Rows = NDArray[np.floating]


def split_senses(clips: Clips) -> dict[str, Rows]:
    """Return what stands for a clip by each strategy: spatial, temporal, by ear, and joint.

    Args:
        clips: of a library that was read by the perceptual encoder, whose columns have names.

    Returns:
        Name -> one row per clip. The first two are of the poster alone, so that *what* can be told from
        *where*; early fusion puts all measurements into one vector, late fusion adds up three cosines.
    """
    height, width = PIXELS[1], PIXELS[0]
    pixels = clips.pixels.reshape(len(clips), height, width, 3)
    cells = [
        cell.mean(axis=(1, 2))
        for row in np.array_split(pixels, _CELLS[0], axis=1)
        for cell in np.array_split(row, _CELLS[1], axis=2)
    ]
    names = list(clips.embeddings.card.names)
    begin, end = names.index(_MOTION[0]), names.index(_MOTION[1]) + 1
    picture, motion = clips.embeddings.attributes[:, :begin], clips.embeddings.attributes[:, begin:end]
    sound = clips.block("audio")
    return {
        "poster: one colour": pixels.mean(axis=(1, 2)),
        "poster: colours of 12 cells": np.hstack(cells),
        "picture": picture,
        "motion": motion,
        "sound": sound,
        "early fusion": np.hstack([picture, motion, sound]),
        "late fusion": fuse((picture, motion, sound), (1 / 3, 1 / 3, 1 / 3)),
    }


def fuse(senses: Sequence[Rows], weights: Sequence[float]) -> NDArray[np.float64]:
    """Return vectors whose dot product is the weighted sum of the senses' cosines around their means.

    Late fusion needs no vectors of its own, but √weight times each unit vector, one after another, is one.

    Args:
        senses: one row per clip in each.
        weights: one per sense, at least 0, that add up to 1.
    """
    return np.hstack([centred(rows) * weight**0.5 for rows, weight in zip(senses, weights, strict=True)])


@dataclass(frozen=True, eq=False)
class Mixing:
    """Late fusion of what is seen and what is heard, at every share of sound.

    Attributes:
        trials: what was tried.
        areas: float64 (shares, trials), area under the ROC curve; .5 is chance.
        vectors: share -> one row per clip.
    """

    trials: tuple[str, ...]
    areas: NDArray[np.float64]
    vectors: Mapping[float, NDArray[np.float64]]

    @property
    def best(self) -> float:
        """The share of sound with the highest mean over all trials."""
        return SHARES[int(np.argmax(self.areas.mean(axis=1)))]


def mix_senses(clips: Clips) -> Mixing:
    """Fuse picture and motion with sound at every share, and try each mixture."""
    seen, heard = clips.block("visual"), clips.block("audio")
    vectors = {share: fuse((seen, heard), (1 - share, share)) for share in SHARES}
    tried = try_transfer(clips, {str(share): rows for share, rows in vectors.items()})
    return Mixing(tried.trials, tried.areas, vectors)


def show_mixing(clips: Clips, mixing: Mixing, share: float, example: str, *, k: int = 8) -> Scene:
    """Return what a mixture knows, and the clips nearest to one by it.

    Args:
        clips: all of them.
        mixing: what :func:`mix_senses` returned.
        share: of sound, one of :data:`SHARES`.
        example: id of the clip that asks.
        k: how many.
    """
    means = mixing.areas.mean(axis=1)
    here = SHARES.index(share)
    lines = [
        Line(trial.replace("_", " "), np.array(SHARES), mixing.areas[:, i])
        for i, trial in enumerate(mixing.trials)
    ]
    chart = Curves(
        "How much should sound count?",
        (*lines, Line("mean of all", np.array(SHARES), means, dashed=True)),
        "share of sound in the sum of cosines",
        "area under the ROC curve",
        f"n = {len(clips)} clips; 0.5 is chance. All but the first line look in other films only.",
        here=(share, float(means[here])),
        chance=0.5,
        y_range=(0.4, 1.0),
    )
    row = clips.row(example)
    vectors = mixing.vectors[share]
    scores = compare(vectors[row : row + 1], vectors)
    scores[0, row] = -np.inf
    rows = nearest(scores, k)[0]
    own = {name for name, true in clips.facts.items() if true[row]}
    shared = [sorted(name for name in own if clips.facts[name][i]) for i in rows]
    notes = [
        f"{two_decimals(scores[0, i])} {', '.join(s).replace('_', ' ')}".strip()
        for i, s in zip(rows, shared, strict=True)
    ]
    best = mixing.trials[int(np.argmax(mixing.areas[here]))].replace("_", " ")
    said = (
        f"At {share:.0%} of sound the mean is {two_decimals(means[here])}; best known is {best}. Of the {k} "
        f"nearest, {sum(clips.films[i] == clips.films[row] for i in rows)} lie in the same film."
    )
    nearby = Lane("nearest, with what the script says of both", [clips.ids[i] for i in rows], notes)
    return Scene(chart, said, [Lane(f"asked with {where(clips, row)}", [example]), nearby])
