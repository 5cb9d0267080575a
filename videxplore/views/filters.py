"""Filters: what a form of the finder says, as a condition that ``Library.search(where=…)`` takes, and back.

The condition is the one truth: the form and its chips are read from it, so that one written by hand shows as
well.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from videxplore.values.media import format_time
from videxplore.views.describe import plain

Bounds = tuple[float | None, float | None]
"""Least and most, None where open."""

OPEN: Bounds = (None, None)

_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What answers are narrowed down to; all parts must hold.

    Attributes:
        by: the column that ``videos`` are values of, ``"name"`` or ``"video_id"``.
        videos: any of these; empty for all.
        tags: any of these; empty for whatever is tagged or not.
        length: of a segment, in seconds.
        times: where in its video a segment lies, in seconds.
        speech: whether something is said; None for either.
        said: words that are all said, in lower case.
        own: further conditions, as text.
    """

    by: str = "name"
    videos: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    length: Bounds = OPEN
    times: Bounds = OPEN
    speech: bool | None = None
    said: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, (low, high) in (("length", self.length), ("times", self.times)):
            given = [bound for bound in (low, high) if bound is not None]
            if not all(math.isfinite(bound) and bound >= 0 for bound in given) or given != sorted(given):
                raise ValueError(f"{name} must be rising seconds, 0 or more, got {low} to {high}.")
        if not self.videos:
            object.__setattr__(self, "by", "name")

    @property
    def where(self) -> str:
        """The condition as text, empty for none."""
        clauses = [f"{self.by} in {list(self.videos)!r}"] if self.videos else []
        clauses += [f"tag in {list(self.tags)!r}"] if self.tags else []
        clauses += _bounded("duration_s", "duration_s", self.length) + _bounded(
            "start_s", "end_s", self.times
        )
        clauses += [] if self.speech is None else ["transcript" if self.speech else "not transcript"]
        clauses += [f"{words!r} in said" for words in self.said]
        alone = len(clauses) + len(self.own) == 1
        clauses += [text if alone or _binds(text) else f"({text})" for text in self.own]
        return " and ".join(clauses)

    def without(self, part: str) -> Filters:
        """Leave a part out: the name of a field, for one of several followed by ``:`` and its number."""
        name, _, number = part.partition(":")
        if name not in _DEFAULTS:
            raise ValueError(f"a part of the filters is one of {', '.join(_DEFAULTS)}, got {part!r}.")
        if not number:
            return replace(self, **{name: _DEFAULTS[name]})
        held = getattr(self, name)
        return replace(self, **{name: held[: int(number)] + held[int(number) + 1 :]})


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Filters)}


def _bounded(first: str, last: str, bounds: Bounds) -> list[str]:
    low, high = bounds
    if first == last and low is not None and high is not None:
        return [f"{_number(low)} <= {first} <= {_number(high)}"]
    found = [] if low is None else [f"{first} >= {_number(low)}"]
    return found + ([] if high is None else [f"{last} <= {_number(high)}"])


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


def _binds(text: str) -> bool:
    """Whether a condition can be joined to others as it is, without parentheses."""
    tree = _parsed(text)
    return tree is None or isinstance(tree, ast.Compare | ast.Name | ast.UnaryOp)


def _parsed(text: str) -> ast.expr | None:
    """The condition as a tree, or None where it is none; what it may hold is for the search to say."""
    try:
        return ast.parse(text.strip(), mode="eval").body if len(text) <= _LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def read_filters(where: str) -> Filters:
    """Read a condition; what no field of the form says goes to ``own``.

    >>> read_filters("duration_s >= 3 and 'goal' in said and coherence > 0.5")
    Filters(by='name', videos=(), tags=(), length=(3, None), times=(None, None), speech=None, said=('goal',), own=('coherence > 0.5',))
    """  # noqa: E501 - a doctest shows the value on one line
    if not where.strip():
        return Filters()
    tree = _parsed(where)
    if tree is None:
        return Filters(own=(where.strip(),))
    found = Filters()
    for clause in _clauses(tree):
        text = ast.get_source_segment(where.strip(), clause) or ast.unparse(clause)
        found = _taken(found, clause) or replace(found, own=(*found.own, text))
    return found


def _clauses(tree: ast.expr) -> list[ast.expr]:
    """What is joined by ``and``, however it is put in parentheses."""
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        return [clause for value in tree.values for clause in _clauses(value)]
    return [tree]


def _taken(found: Filters, clause: ast.expr) -> Filters | None:
    """The filters with one clause more, None where no field says that, or not once more."""
    told: dict[str, Any] | None = None
    match clause:
        case ast.Name(id="transcript"):
            told = {"speech": True}
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id="transcript")):
            told = {"speech": False}
        case ast.Compare(left=ast.Name(id=column), ops=[ast.In() | ast.Eq() as op], comparators=[value]):
            values = _texts(value, several=isinstance(op, ast.In))
            if column in ("name", "video_id") and values:
                told = {"videos": values, "by": column}
            elif column == "tag" and values:
                told = {"tags": values}
        case ast.Compare(
            left=ast.Constant(value=str(words)), ops=[ast.In()], comparators=[ast.Name(id="said")]
        ):
            return replace(found, said=(*found.said, words))
        case ast.Compare():
            return _bounds_taken(found, clause)
    if told is None or any(getattr(found, name) != _DEFAULTS[name] for name in told):
        return None
    return replace(found, **told)


def _texts(value: ast.expr, *, several: bool) -> tuple[str, ...]:
    """The texts of a constant or, if several, of a list of constants; none where it is something else."""
    parts = value.elts if several and isinstance(value, ast.List | ast.Tuple) else [value]
    if several and parts == [value]:
        return ()
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return tuple(texts) if len(texts) == len(parts) else ()


_BOUNDS = {
    ("duration_s", ast.GtE): ("length", 0),
    ("duration_s", ast.LtE): ("length", 1),
    ("start_s", ast.GtE): ("times", 0),
    ("end_s", ast.LtE): ("times", 1),
}


def _bounds_taken(found: Filters, clause: ast.Compare) -> Filters | None:
    """The same for a comparison of seconds."""
    sides, signs = [clause.left, *clause.comparators], [type(op) for op in clause.ops]
    values = [side.value if isinstance(side, ast.Constant) else None for side in sides]
    names = [side.id if isinstance(side, ast.Name) else "" for side in sides]
    if any(isinstance(value, bool | complex) for value in values):
        return None
    wanted: list[tuple[str, int, Any]] = []
    if len(sides) == 2 and (names[0], signs[0]) in _BOUNDS:
        wanted = [(*_BOUNDS[names[0], signs[0]], values[1])]
    elif signs == [ast.LtE, ast.LtE] and names[1] == "duration_s":
        wanted = [("length", 0, values[0]), ("length", 1, values[2])]
    made = found
    for name, end, value in wanted:
        bounds = list(getattr(made, name))
        if bounds[end] is not None or not isinstance(value, int | float):
            return None
        bounds[end] = value
        changed: dict[str, Any] = {name: tuple(bounds)}
        try:
            made = replace(made, **changed)
        except ValueError:  # falling bounds: the condition selects nothing, which is for the search to find
            return None
    return made if wanted else None


def changed_filters(filters: Filters, form: Mapping[str, Any], names: Mapping[str, str]) -> Filters:
    """Return the filters after a change to some fields of the page's form.

    Args:
        filters: before.
        form: the fields that changed: ``videos`` as ids, the others as :class:`Filters` has them.
        names: of videos by id.

    Raises:
        ValueError: bounds that are no rising seconds.
    """
    told: dict[str, Any] = {}
    if "videos" in form:
        told |= _chosen([str(video) for video in form["videos"]], names)
    if "tags" in form:
        told["tags"] = tuple(map(str, form["tags"]))
    for name in {"length", "times"} & set(form):
        low, high = (None if bound is None else float(bound) for bound in form[name])
        told[name] = (low, high)
    if "speech" in form:
        told["speech"] = None if form["speech"] is None else bool(form["speech"])
    if "said" in form:
        said = (str(words).casefold().strip() for words in form["said"])
        told["said"] = tuple(dict.fromkeys(words for words in said if words))
    return replace(filters, **told)


def _chosen(videos: list[str], names: Mapping[str, str]) -> dict[str, Any]:
    """Videos by name, which reads best, unless one of another choice has the same name."""
    called = {names[video] for video in videos if video in names}
    if {video for video, name in names.items() if name in called} == set(videos):
        return {"by": "name", "videos": tuple(sorted(called))}
    return {"by": "video_id", "videos": tuple(videos)}


def describe_filters(filters: Filters, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page needs: the fields of the form, and a chip per part in plain words.

    Args:
        filters: to describe.
        names: of videos by id.
    """
    form: dict[str, Any] = {
        name: list(getattr(filters, name)) for name in ("tags", "length", "times", "said")
    }
    form["videos"] = [
        video for video, name in names.items() if (name if filters.by == "name" else video) in filters.videos
    ]
    form["speech"] = filters.speech
    return form | {"chips": [{"part": part, "text": plain(text)} for part, text in _words(filters, names)]}


def _words(filters: Filters, names: Mapping[str, str]) -> list[tuple[str, str]]:
    called = [names.get(v, v) if filters.by == "video_id" else v for v in filters.videos]
    count = len(called)
    found = [("videos", f"in {called[0] if count == 1 else f'{count} videos'}")] if called else []
    found += [("tags", f"tagged {_either(filters.tags)}")] if filters.tags else []
    found += _range_words("length", filters.length, lambda s: f"{s:g} s", "long")
    found += _range_words("times", filters.times, format_time, "of its video")
    found += {None: [], True: [("speech", "with speech")], False: [("speech", "without speech")]}[
        filters.speech
    ]
    found += [(f"said:{i}", f"“{words}” is said") for i, words in enumerate(filters.said)]
    return found + [(f"own:{i}", text) for i, text in enumerate(filters.own)]


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _range_words(part: str, bounds: Bounds, show: Any, what: str) -> list[tuple[str, str]]:
    low, high = bounds
    first, last = ("at least", "at most") if part == "length" else ("from", "up to")
    if low is not None and high is not None:
        return [(part, f"{show(low)} to {show(high)} {what}")]
    if low is not None:
        return [(part, f"{first} {show(low)} {what}")]
    return [] if high is None else [(part, f"{last} {show(high)} {what}")]
