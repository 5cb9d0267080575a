"""What the labs of the lesson on lossy compression show at each place of their sliders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.compression import FORMATS, ORDERS, Compressor, K
from videxplore.lessons.probes import probe
from videxplore.lessons.seconds import POOLINGS, Seconds, identify
from videxplore.values.charts import Bars, Curves, Lane, Line, Scene, two_decimals

PROBED = (
    "dark_share", "red", "green", "saturation", "sky_share", "stripes_of_text", "speed", "still_share",
    "pan_left", "flash", "loudness", "bass", "speech_likeness", "music_likeness", "whistle", "bang",
)  # fmt: skip
"""Attributes that are looked for in what is left: of picture, motion and sound, lasting and sudden."""

_BITS = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)


def show_orders(compressor: Compressor) -> Curves:
    """Return recall over the number of dimensions that are kept, for each order in which they may come."""
    steps = compressor.steps()
    x = np.array(steps, np.float64)
    lines = tuple(
        Line(order, x, np.array([compressor.recall(step, "float32", order) for step in steps]))
        for order in ORDERS
    )
    return Curves(
        "How many dimensions does it take?",
        lines,
        "dimensions kept",
        f"recall@{K}",
        _caption(compressor),
        chance=compressor.chance,
        x_log=True,
        y_range=(0.0, 1.0),
        x_ticks=tuple(x.tolist()),
    )


def show_rate(
    compressor: Compressor, example: str, dimensions: int, order: str, format: str, rescored: bool
) -> Scene:
    """Return recall over bits per vector, and the neighbours of one clip that are lost.

    Args:
        compressor: of the clips.
        example: id of the clip whose neighbours are played.
        dimensions: that are kept.
        order: one of :data:`~videxplore.lessons.compression.ORDERS`.
        format: one of :data:`~videxplore.lessons.compression.FORMATS`.
        rescored: whether four times as many candidates are scored again.
    """
    bits = compressor.code(dimensions, format, order).bits
    reached = compressor.recall(dimensions, format, order, rescored=rescored)
    lines = tuple(Line(name, *compressor.curve(name, order, rescored=rescored)) for name in FORMATS)
    chart = Curves(
        "How few bits still find the same clips?",
        lines,
        "bits per vector",
        f"recall@{K}",
        _caption(compressor) + f" Dimensions {', '.join(map(str, compressor.steps()))}.",
        here=(float(bits), reached),
        chance=compressor.chance,
        x_log=True,
        y_range=(0.0, 1.0),
        x_ticks=(4, 16, 64, 256, 1024, 4096),
    )
    row = compressor.clips.row(example)
    found = compressor.found(dimensions, format, order, rescored=rescored)
    full = 32 * compressor.dimensions
    lost, _ = exchanged(compressor, row, found)
    said = (
        f"{bits:,} bits instead of {full:,}, one in {full / bits:,.0f}: {100 * reached:.0f} % of the {K} "
        f"nearest are found again, and {K - len(lost)} of {K} for the clip below."
    )
    return Scene(chart, said, _exchange(compressor, row, found))


def exchanged(
    compressor: Compressor, row: int, found: NDArray[np.intp]
) -> tuple[Sequence[int], Sequence[int]]:
    """Return the rows that are no neighbours of ``row`` any more, and those that have come instead."""
    before, after = compressor.wanted[row].tolist(), found[row].tolist()
    return [i for i in before if i not in after], [i for i in after if i not in before]


def _exchange(compressor: Compressor, row: int, found: NDArray[np.intp]) -> list[Lane]:
    """The clip that asks, what it does not find any more, and what it finds instead."""
    ids, before = compressor.clips.ids, compressor.wanted[row].tolist()
    lost, come = exchanged(compressor, row, found)
    cosines = compressor.exact[row]
    gone = [f"was {before.index(i) + 1}, cosine {two_decimals(cosines[i])}" for i in lost]
    new = [f"cosine {two_decimals(cosines[i])}" for i in come]
    return [
        Lane("asked with", [ids[row]]),
        Lane("not found any more", [ids[i] for i in lost], gone, "left", "all are found"),
        Lane("found instead", [ids[i] for i in come], new, "entered", "none"),
    ]


def show_probes(compressor: Compressor, dimensions: int, format: str, attribute: str) -> Scene:
    """Return how much of each attribute can be read off what is left, and the clips with most of one.

    Args:
        compressor: of the clips.
        dimensions: principal axes that are kept.
        format: one of :data:`~videxplore.lessons.compression.FORMATS`.
        attribute: one of :data:`PROBED`, whose clips are shown.
    """
    names = compressor.clips.embeddings.card.names
    targets = compressor.clips.embeddings.attributes[:, [names.index(name) for name in PROBED]]
    whole, _ = probe(compressor.vectors, targets, seed=compressor.seed)
    left, predicted = probe(compressor.code(dimensions, format).restored, targets, seed=compressor.seed)
    order = np.argsort(-left, kind="stable")
    bits = compressor.code(dimensions, format).bits
    chart = Bars(
        "What can still be read off?",
        tuple(PROBED[i].replace("_", " ") for i in order),
        left[order],
        "R² on clips that were not learned from",
        f"Ridge regression, five folds. n = {len(compressor.clips)} clips, {bits:,} bits, seed "
        f"{compressor.seed}. 0: no more than the mean.",
        before=whole[order],
        before_name="in full",
        x_range=(0.0, 1.0),
    )
    column = PROBED.index(attribute)
    first, last = (PROBED[i].replace("_", " ") for i in (order[0], order[-1]))
    said = f"At {bits:,} bits most is left of {first} ({left[order[0]]:.2f}), least of {last} "
    said += f"({two_decimals(left[order[-1]])})."
    return Scene(chart, said, _most(compressor.clips, attribute, targets[:, column], predicted[:, column]))


def _most(
    clips: Clips, attribute: str, true: NDArray[np.floating], read: NDArray[np.floating], k: int = 6
) -> list[Lane]:
    """The clips with most of an attribute, as measured and as it is read off what is left."""
    best, guessed = (np.argsort(-values, kind="stable") for values in (true, read))
    places = {int(row): place + 1 for place, row in enumerate(guessed)}
    real = {int(row): place + 1 for place, row in enumerate(best)}
    word = attribute.replace("_", " ")
    return [
        Lane(
            f"most {word}, as measured",
            [clips.ids[i] for i in best[:k]],
            [f"read as number {places[int(i)]}" for i in best[:k]],
        ),
        Lane(
            f"most {word}, as read off",
            [clips.ids[i] for i in guessed[:k]],
            [f"really number {real[int(i)]}" for i in guessed[:k]],
        ),
    ]


def show_windows(seconds: Seconds, clips: Clips, length: int, pooling: str, *, k: int = 6) -> Scene:
    """Return how many seconds find the window that they were pooled into, and clips that do and do not.

    Args:
        seconds: of the same films.
        clips: that are played.
        length: of a window in seconds.
        pooling: one of :data:`~videxplore.lessons.seconds.POOLINGS`.
        k: clips in each lane.
    """
    lengths = (1, 2, 4, 8, 16, 32, 64)
    x = np.array(lengths, np.float64)
    lines = [
        Line(name, x, np.array([seconds.remembered(step, name).mean() for step in lengths]))
        for name in POOLINGS
    ]
    lines.append(
        Line("chance", x, np.array([1 / len(seconds.windows(step)) for step in lengths]), dashed=True)
    )
    told = seconds.remembered(length, pooling)
    share = float(told.mean())
    chart = Curves(
        "Does a window remember its seconds?",
        tuple(lines),
        "seconds per window",
        "share of seconds that find their window",
        f"n = {len(seconds)} seconds of {len(set(seconds.video_ids.tolist()))} films, by cosine around the "
        "mean; position columns left out.",
        here=(float(length), share),
        x_log=True,
        y_range=(0.0, 1.0),
        x_ticks=tuple(x.tolist()),
    )
    said = (
        f"{100 * share:.0f} % of all seconds find their own among {len(seconds.windows(length))} windows; "
        f"{(~told).sum()} do not."
    )
    kept, gone = (_clips_at(seconds, clips, rows, k) for rows in (told, ~told))
    return Scene(
        chart,
        said,
        [
            Lane("most of it forgotten", *gone, "left", "nothing is forgotten"),
            Lane("all of it remembered", *kept, "same", "none"),
        ],
    )


def _clips_at(seconds: Seconds, clips: Clips, told: NDArray[np.bool_], k: int) -> tuple[list[str], list[str]]:
    """The clips with the largest share of such seconds, and that share in words."""
    found = []
    for row, segment in enumerate(clips.segments):
        inside = (seconds.video_ids == segment.video_id) & (seconds.times_s >= segment.start_s)
        inside &= seconds.times_s < segment.end_s
        if inside.any() and told[inside].any():
            found.append((float(told[inside].mean()), int(inside.sum()), row))
    found.sort(key=lambda one: (-one[0], -one[1], one[2]))
    best = found[:k]
    return [clips.ids[row] for *_, row in best], [f"{round(s * n)} of {n} seconds" for s, n, _ in best]


def show_identities(seconds: Seconds, among: Sequence[int] = (16, 64, 180), *, seed: int = 0) -> Curves:
    """Return how often a clip is told by its code, over the bits of the code, and what could be at best."""
    x = np.array(_BITS, np.float64)
    measured = [Line(f"one of {n}", x, identify(seconds, n, _BITS, seed=seed)) for n in among]
    best = Line(f"one of {among[-1]}, at best", x, np.minimum(1.0, 2.0**x / among[-1]), dashed=True)
    return Curves(
        "How many bits does it take to know a clip again?",
        (*measured, best),
        "bits per clip",
        "share told by their other half",
        f"Clips of four seconds, one half looked for among the other halves of {', '.join(map(str, among))} "
        f"clips; signs on rotated principal axes, 10 draws, seed {seed}. log₂ n = "
        + ", ".join(f"{np.log2(n):.1f}" for n in among)
        + ".",
        x_log=True,
        y_range=(0.0, 1.0),
        x_ticks=(1, 2, 4, 8, 16, 32, 64, 128),
    )


def _caption(compressor: Compressor) -> str:
    return (
        f"n = {len(compressor.clips)} clips, {compressor.dimensions} dimensions in full, k = {K}, exact "
        f"cosine around the mean, seed {compressor.seed}."
    )
