"""Lesson 3: a clip cut into tokens, its vector when frames change places, and what trained models answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.motion import DELAY, MOTIONS, ORDERS, first_time, order_frames
from videxplore.lessons.order import STEPS, TRAININGS, Trained, reorder
from videxplore.lessons.positions import ENCODINGS
from videxplore.lessons.representations import where
from videxplore.lessons.shuffles import DRAWS, Untrained, tokens_of
from videxplore.lessons.tokens import CUTS, Tokens, cut
from videxplore.stages.licensing.intervals import wilson_interval
from videxplore.values.charts import Bars, Curves, Grid, Lane, Line, Pictures, Scene, two_decimals

_LONGER = np.array([8.0, 16, 32, 64, 128, 256])  # numbers of frames over which pairs are reckoned

Examples = Mapping[str, tuple[int, NDArray[np.uint8]]]
"""Name -> row of a clip and its pictures, uint8 (8, h, w, 3)."""


def show_cut(clips: Clips, examples: Examples, name: str, how: str, length: int, patch: int) -> Scene:
    """Return a clip with its tokens outlined, and how many pairs of them self-attention compares.

    Args:
        clips: of the films.
        examples: clips to choose from.
        name: one of them.
        how: one of :data:`~videxplore.lessons.tokens.CUTS`.
        length: frames of a clip or tubelet.
        patch: width and height of a tubelet.
    """
    row, pictures = examples[name]
    made = {way: cut(pictures, way, length=length, patch=patch) for way in CUTS}
    tokens, count = made[how], len(pictures)
    lines = []
    for way, parts in made.items():
        pairs = np.square(len(parts) / count * _LONGER) if len(parts) else np.full(len(_LONGER), np.nan)
        lines.append(Line(way, _LONGER, pairs))
    chart = Curves(
        "How many pairs does self-attention compare?",
        tuple(lines),
        "frames of video",
        "pairs of tokens",
        f"Ring: this clip, {count} frames; longer ones are reckoned with as many tokens per frame. Clips of "
        f"{_count(length, 'frame')}; tubelets of {_count(length, 'frame')} by {patch} by {patch} pixels.",
        here=(float(count), float(tokens.pairs)) if len(tokens) else None,
        x_log=True,
        y_log=True,
        x_ticks=tuple(_LONGER.tolist()),
    )
    size = tokens.values.shape[1]
    said = (
        f"{_count(len(tokens), 'token')} of {size:,} numbers each. Self-attention compares each with each: "
        f"{len(tokens):,}² = {tokens.pairs:,} pairs."
        if len(tokens)
        else "Nothing moves enough to become a token: a model that sees objects only would see nothing here."
    )
    outlines = _over_frames(tokens.boxes)
    strong = _over_frames(tokens.boxes[_liveliest(tokens, pictures)]) if len(tokens) else outlines
    frames = Pictures(f"{name.capitalize()}, cut into {how}", pictures, (), outlines, strong)
    return Scene(chart, said, [Lane("the clip", [clips.ids[row]], [where(clips, row)])], frames)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _over_frames(boxes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Boxes (n, 6) as one outline per frame that they reach over, (m, 5)."""
    lengths = boxes[:, 1] - boxes[:, 0]
    frame = np.repeat(boxes[:, 0], lengths) + np.concatenate([[0], *(np.arange(n) for n in lengths)])[1:]
    return np.column_stack([frame, np.repeat(boxes[:, 2:], lengths, axis=0)]).astype(np.intp)


def _liveliest(tokens: Tokens, pictures: NDArray[np.uint8]) -> slice:
    """The token in which most differs from the clip's still picture."""
    away = np.abs(pictures - np.median(pictures, axis=0)).sum(axis=-1)
    sums = [away[a:b, top:bottom, left:right].sum() for a, b, top, bottom, left, right in tokens.boxes]
    most = int(np.argmax(sums))
    return slice(most, most + 1)


def show_move(clips: Clips, examples: Examples, untrained: Untrained, name: str, order: str) -> Scene:
    """Return a clip with its frames in another order, and how far its vector moves with each encoding.

    Args:
        clips: of the films.
        examples: clips to choose from.
        untrained: networks for their tokens.
        name: one of the clips.
        order: one of :data:`~videxplore.lessons.motion.ORDERS`.
    """
    row, pictures = examples[name]
    moved = untrained.move(tokens_of(pictures), order)
    chart = Bars(
        "How far does the clip's vector move?",
        ENCODINGS,
        np.array([moved[encoding] for encoding in ENCODINGS]),
        "cosine distance from the vector as filmed",
        f"{len(pictures)} frames, one token each. Networks of one block, not trained; mean of {DRAWS} draws, "
        f"seeds 0 to {DRAWS - 1}. How far depends on the draw; that something stays at 0 does not.",
        x_range=(0.0, 0.5),
    )
    stays = [encoding for encoding in ENCODINGS if moved[encoding] < 1e-6]
    said = f"{order.capitalize()}: the vector stays where it is with {_listed(stays)}." + (
        f" The clip begins at time {DELAY} instead of 0, its frames in order." if order == "later" else ""
    )
    rows = order_frames(order, 1, len(pictures))[0]
    frames = _placed(f"{name.capitalize()}, {order}", pictures[rows], rows, order)
    return Scene(chart, said, [Lane("as filmed", [clips.ids[row]], [where(clips, row)])], frames)


def _listed(names: Sequence[str]) -> str:
    if len(names) == len(ENCODINGS):
        return "all four"
    return " and ".join(f"“{name}”" for name in names)


def _placed(title: str, frames: NDArray[np.uint8], rows: NDArray[np.intp], order: str) -> Pictures:
    """Frames with what they were and at what time they stand."""
    start = first_time(order)
    notes = [f"frame {row}, time {start + place}" for place, row in enumerate(rows.tolist())]
    return Pictures(title, frames, notes)


def show_moves(moved: NDArray[np.float64], clips: int) -> Grid:
    """Return how far vectors move with each encoding and order, as shades.

    Args:
        moved: what :func:`~videxplore.lessons.shuffles.compare_orders` returned.
        clips: over how many clips it is the mean.
    """
    return Grid(
        "What does another order do to the vector?",
        ENCODINGS,
        ORDERS,
        moved,
        "order of the frames",
        "positions",
        "cosine distance",
        f"Mean over {clips} clips and {DRAWS} networks that are not trained, seeds 0 to {DRAWS - 1}.",
    )


Models = Mapping[tuple[str, str], Trained]
"""(way of training, encoding) -> what it answers."""


def show_learning(models: Models, way: str) -> Curves:
    """Return how many held-out clips each encoding tells after so many steps of training.

    Args:
        models: what :func:`~videxplore.lessons.order.train_all` returned.
        way: a key of :data:`~videxplore.lessons.order.TRAININGS`.
    """
    one = models[way, ENCODINGS[0]]
    return Curves(
        "Can it tell {} from {}?".format(*(f"“{word}”" for word in MOTIONS[one.held.kind])),
        tuple(Line(name, np.array(STEPS, float), models[way, name].learning) for name in ENCODINGS),
        "steps of training",
        "share of clips told",
        f"n = {len(one.held)} held-out clips as filmed, {way}, seed {one.seed}; dotted: chance.",
        chance=0.5,
        y_range=(0.0, 1.02),
    )


def show_answers(models: Models, way: str, order: str, row: int) -> Scene:
    """Return a generated clip in some order, what each model says of it, and how many clips each tells.

    Args:
        models: what :func:`~videxplore.lessons.order.train_all` returned.
        way: a key of :data:`~videxplore.lessons.order.TRAININGS`.
        order: one of :data:`~videxplore.lessons.motion.ORDERS`.
        row: of a held-out clip.
    """
    four = [models[way, encoding] for encoding in ENCODINGS]
    held, words = four[0].held, MOTIONS[four[0].held.kind]
    shares = np.array([one.accuracy(order) for one in four])
    ranges = [wilson_interval(share, len(held)) for share in shares]
    chart = Bars(
        "How many clips are told?",
        ENCODINGS,
        shares,
        f"share of {len(held)} held-out clips told by their label as filmed",
        f"{way.capitalize()}, seed {four[0].seed}. True share, 19 times of 20: "
        + ", ".join(
            f"{name} {_hundredths(low)} to {_hundredths(high)}"
            for name, (low, high) in zip(ENCODINGS, ranges, strict=True)
        )
        + ".",
        before=np.array([one.accuracy("as filmed") for one in four]),
        before_name="as filmed",
        chance=0.5,
        x_range=(0.0, 1.0),
    )
    answers = []
    for one in four:
        second = one.likely(order, row)
        answers.append(f"{one.encoding} “{words[second > 0.5]}” ({max(second, 1 - second):.0%})")
    said = f"As filmed it goes {words[held.labels[row]]}. Now the models say: {', '.join(answers)}."
    rows = order_frames(order, len(held), held.frames.shape[1])[row]
    frames = _placed(f"One clip, {order}", _visible(reorder(held, order)[row]), rows, order)
    return Scene(chart, said, (), frames)


def _hundredths(share: float) -> str:
    return two_decimals(share).removeprefix("0")


def _visible(frames: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Frames (t, h, w) as grey pictures (t, h, w, 3), the noise below 0 with them."""
    grey = np.clip(255 * (frames + 0.3) / 1.5, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def show_told(models: Models, order: str = "as filmed") -> Grid:
    """Return how many clips each way of training tells with each encoding, as shades.

    Args:
        models: what :func:`~videxplore.lessons.order.train_all` returned.
        order: one of :data:`~videxplore.lessons.motion.ORDERS`.
    """
    one = next(iter(models.values()))
    shares = [[models[way, encoding].accuracy(order) for encoding in ENCODINGS] for way in TRAININGS]
    return Grid(
        f"What is told of clips that are {order}?",
        tuple(TRAININGS),
        ENCODINGS,
        np.array(shares),
        "positions",
        "",
        "share",
        f"n = {len(one.held)} held-out clips, seed {one.seed}, chance .50.",
        (0.0, 1.0),
    )
