"""What stands for a clip: its number, bare pixels, a spectrum, measured attributes; and what each knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.reduction import fit_axes
from videxplore.lessons.similarity import area_under_roc, centred, compare, nearest
from videxplore.values.charts import Bars, Cloud, Grid, Lane, Scene, two_decimals
from videxplore.values.media import format_time

FACTS = ("dark", "fast_motion", "speech", "music", "rain", "indoors")
"""What the script says of clips, by which representations are tried; each is true in two films or more."""

SAME_SCENE = "same scene"
"""The trial that comes first: the other clips of one's own scene."""

Representations = Mapping[str, NDArray[np.floating]]
"""Name -> one row per clip."""


def represent(clips: Clips) -> dict[str, NDArray[np.floating]]:
    """Return seven representations of the same clips, the first of which says nothing.

    The first is one-hot: as many dimensions as clips, a one where the clip stands and zeros elsewhere.
    """
    visual, audio = clips.block("visual"), clips.block("audio")
    pixels = clips.pixels
    return {
        "its number (one-hot)": np.eye(len(clips), dtype=np.float32),
        "pixels": pixels,
        "pixels, 16 axes": fit_axes(pixels).reduce(pixels, 16),
        "spectrum": clips.spectra,
        "picture and motion": visual,
        "sound": audio,
        "picture, motion, sound": np.hstack([visual, audio]),
    }


def show_words(words: Sequence[str], vectors: NDArray[np.floating], title: str) -> Grid:
    """Return the cosines of words with each other, as shades."""
    return Grid(
        title,
        tuple(words),
        tuple(words),
        compare(vectors, vectors),
        unit="cosine",
        caption=f"Cosine of {len(words)} words in {vectors.shape[1]} dimensions.",
        range=(0.0, 1.0),
    )


@dataclass(frozen=True, eq=False)
class Transfer:
    """How well each representation tells what it was not made for.

    Attributes:
        names: of the representations.
        dimensions: numbers per clip, of each.
        trials: what was tried.
        areas: float64 (representations, trials), area under the ROC curve; .5 is chance.
        tried: how many clips asked, per trial.
        clips: how many there are.
    """

    names: tuple[str, ...]
    dimensions: tuple[int, ...]
    trials: tuple[str, ...]
    areas: NDArray[np.float64]
    tried: tuple[int, ...]
    clips: int

    @property
    def best(self) -> str:
        """The representation with the highest mean over all trials."""
        return self.names[int(np.argmax(self.areas.mean(axis=1)))]

    def chart(self) -> Grid:
        """Return the table as shades."""
        asked = ", ".join(f"{trial} {n}" for trial, n in zip(self.trials, self.tried, strict=True))
        return Grid(
            "What does each representation know that nobody told it?",
            tuple(f"{name} · {d:,}" for name, d in zip(self.names, self.dimensions, strict=True)),
            tuple(trial.replace("_", " ") for trial in self.trials),
            self.areas,
            x="what the nearest should share; after each name, numbers per clip",
            unit="area under the ROC curve",
            caption=(
                f"Area under the ROC curve, 0.5 is chance, 1 perfect. n = {self.clips} clips, cosine around "
                f"the mean; asked with: {asked}. All but the first trial look in other films only."
            ),
            range=(0.4, 1.0),
        )


def try_transfer(clips: Clips, representations: Representations, facts: Sequence[str] = FACTS) -> Transfer:
    """Ask with every clip of which something is true, and see whether others of which it is true come first.

    Same scene is looked for among all other clips; facts among clips of other films, so that a film that is
    recognised does not count as a fact understood.

    Args:
        clips: with what is true of them.
        representations: name -> one row per clip.
        facts: names of :attr:`Clips.facts`.
    """
    same = clips.scenes[:, None] == clips.scenes[None, :]
    np.fill_diagonal(same, False)
    elsewhere = clips.films[:, None] != clips.films[None, :]
    others = ~np.eye(len(clips), dtype=bool)
    areas = np.zeros((len(representations), 1 + len(facts)))
    for row, vectors in enumerate(representations.values()):
        scores = compare(centred(vectors), centred(vectors))
        areas[row, 0] = _mean_area(scores, same, others, np.flatnonzero(same.any(axis=1)))
        for column, fact in enumerate(facts, start=1):
            true = clips.facts[fact]
            wanted = np.broadcast_to(true, scores.shape)
            areas[row, column] = _mean_area(scores, wanted, elsewhere, np.flatnonzero(true))
    return Transfer(
        tuple(representations),
        tuple(vectors.shape[1] for vectors in representations.values()),
        (SAME_SCENE, *facts),
        areas,
        (int(same.any(axis=1).sum()), *(int(clips.facts[fact].sum()) for fact in facts)),
        len(clips),
    )


def _mean_area(
    scores: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    among: NDArray[np.bool_],
    askers: NDArray[np.intp],
) -> float:
    """Mean area under the ROC curve over those that ask."""
    found = [area_under_roc(scores[i, among[i]], wanted[i, among[i]]) for i in askers]
    return float(np.nanmean(found))


def show_neighbours(
    clips: Clips, representations: Representations, representation: str, example: str, *, k: int = 8
) -> Scene:
    """Return the clips nearest to one, by cosine around the mean, with what they share with it.

    Args:
        clips: all of them.
        representations: name -> one row per clip.
        representation: one of those names.
        example: id of the clip that asks.
        k: how many.
    """
    row = clips.row(example)
    vectors = centred(representations[representation])
    scores = compare(vectors[row : row + 1], vectors)
    scores[0, row] = -np.inf
    rows = nearest(scores, k)[0]
    similar = scores[0, rows]
    scene = [clips.scenes[i] == clips.scenes[row] for i in rows]
    film = [clips.films[i] == clips.films[row] for i in rows]
    shared = ["same scene" if s else "same film" if f else "" for s, f in zip(scene, film, strict=True)]
    chart = Bars(
        f"Nearest to {where(clips, row)} by {representation}",
        tuple(where(clips, i) for i in rows),
        similar,
        "cosine around the mean",
        caption=f"k = {k} of n = {len(clips) - 1} other clips; equals are drawn by lot, seed 0.",
        x_range=(0.0, 1.0),
    )
    said = f"Of the {k} nearest, {sum(scene)} lie in the same scene and {sum(film)} in the same film."
    notes = [f"{two_decimals(s)} {word}".strip() for s, word in zip(similar, shared, strict=True)]
    return Scene(
        chart, said, [Lane("asked with", [example]), Lane("nearest", [clips.ids[i] for i in rows], notes)]
    )


def show_measures(
    clips: Clips, vectors: NDArray[np.floating], example: str, measure: str, *, k: int = 6
) -> Scene:
    """Return the clips nearest to one by a measure, over the length of their vectors.

    Args:
        clips: all of them.
        vectors: one row per clip, used as they are.
        example: id of the clip that asks.
        measure: one of :data:`~videxplore.lessons.similarity.MEASURES`.
        k: how many.
    """
    row = clips.row(example)
    scores = compare(vectors[row : row + 1], vectors, measure)
    cosines = compare(vectors[row : row + 1], vectors)
    lengths = np.linalg.norm(np.asarray(vectors, np.float64), axis=1)
    value = np.abs(scores[0])
    scores[0, row] = -np.inf
    rows = nearest(scores, k)[0]
    groups = ["other clips"] * len(clips)
    for i in rows:
        groups[i] = f"{k} nearest by {measure}"
    groups[row] = "asked with"
    chart = Cloud(
        f"Who is nearest by {measure}?",
        np.column_stack([lengths, cosines[0]]),
        tuple(groups),
        tuple(where(clips, i) for i in range(len(clips))),
        "length of the vector",
        "cosine with the example",
        f"n = {len(clips)} clips in {vectors.shape[1]:,} dimensions, k = {k}.",
        chosen=tuple(int(i) for i in rows),
    )
    cosines[0, row] = -np.inf
    common = len(set(rows.tolist()) & set(nearest(cosines, k)[0].tolist()))
    said = (
        f"{common} of {k} are also among the {k} nearest by cosine. Their vectors are "
        f"{lengths[rows].mean():.2f} long on average, those of all clips {lengths.mean():.2f}."
    )
    notes = [two_decimals(value[i]) for i in rows]
    return Scene(
        chart, said, [Lane("asked with", [example]), Lane("nearest", [clips.ids[i] for i in rows], notes)]
    )


def examples(clips: Clips, facts: Sequence[str] = FACTS) -> dict[str, str]:
    """Return one clip per fact, in words -> id: the middle one of those of which it is true."""
    found: dict[str, str] = {}
    for fact in facts:
        rows = [i for i in np.flatnonzero(clips.facts[fact]).tolist() if clips.ids[i] not in found.values()]
        if rows:
            row = rows[len(rows) // 2]
            found[f"{fact.replace('_', ' ')}: {where(clips, row)}"] = clips.ids[row]
    return found


def where(clips: Clips, row: int) -> str:
    """Return the film and the time of a clip."""
    return (
        f"{clips.films[row].rsplit('.', 1)[0].replace('_', ' ')} {format_time(clips.segments[row].start_s)}"
    )
