"""TreeTimeline: the whole tree of one video to zoom into, question, cut anew and correct."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import traitlets

from videxplore.values.segments import SegmentTree
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain
from videxplore.views.outline import outline, spans

Contaminate = Callable[[SegmentTree, SegmentTree], Sequence[float]]
"""A tree and another of its video to, per leaf of the other, the share that belongs to something else."""


@cache
def _pool() -> ThreadPoolExecutor:
    # Pictures are cut from the file: the kernel must stay free to cut anew meanwhile.
    return ThreadPoolExecutor(2, thread_name_prefix="videxplore-poster")


class TreeTimeline(View):
    """All levels as bands over time, what spoke for each boundary, a player, and sliders that cut anew.

    ``tree`` is the tree as it stands after sliders and edits; it can be read, set and observed.

    Args:
        tree: the segments of one video.
        other: segments of the same video cut in another way, shown above.
        contaminate: what tells how much of each of the other's segments belongs to something else.
        poster: segment id to JPEG bytes, of segments of either tree.
        clip: what makes clips.
        **traits: ``current_time``, ``selected``.
    """

    _esm = module("tree_timeline")
    _css = styles("playback", "tree_timeline")

    tree = traitlets.Instance(SegmentTree, help="the tree as it stands")
    current_time = traitlets.Float(0.0, help="where the playhead stands, in seconds").tag(sync=True)
    selected = traitlets.Unicode("", help="id of the segment chosen last").tag(sync=True)
    levels = traitlets.Dict({}, help="target duration in seconds per level, finest first").tag(sync=True)
    weights = traitlets.Dict({}, help="weight per signal").tag(sync=True)
    _data = traitlets.Dict({}).tag(sync=True)
    _other = traitlets.Dict({}).tag(sync=True)
    _error = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        tree: SegmentTree,
        other: SegmentTree | None = None,
        *,
        contaminate: Contaminate | None = None,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        **traits: Any,
    ) -> None:
        self.other, self._contaminate = other, contaminate
        self._turn = 0
        super().__init__(poster=poster, clip=clip, tree=tree, **traits)
        self._fill()
        self.observe(self._fill, names="tree")
        self.observe(self._on_recipe, names=["levels", "weights"])

    def _fill(self, _: Any = None, *, error: str = "") -> None:
        """Tell the page what the tree is now, in one message; targets and weights are those it was cut by."""
        self._turn += 1
        recipe = self.tree.recipe
        with self.hold_sync():
            self.levels = {} if recipe is None else dict(recipe.levels)
            self.weights = {} if recipe is None else dict(recipe.weights)
            self._other = self._describe_other()
            self._error = error
            self._data = outline(self.tree) | {"turn": self._turn}

    def _describe_other(self) -> dict[str, Any]:
        if self.other is None:
            return {}
        told = [] if self._contaminate is None else self._contaminate(self.tree, self.other)
        name = plain(self.other.method) or "other"
        return {"name": name, **spans(self.other.leaves), "shares": [float(share) for share in told]}

    def _on_recipe(self, _: Any) -> None:
        """Cut anew where targets or weights differ from those of the tree."""
        recipe = self.tree.recipe
        if recipe is not None and (self.levels, self.weights) == (dict(recipe.levels), dict(recipe.weights)):
            return
        weights = dict(self.weights)
        # The page may have changed the order of the names, which is finest first.
        order = [] if recipe is None else [name for name in recipe.levels if name in self.levels]
        levels = {name: self.levels[name] for name in [*order, *(n for n in self.levels if n not in order)]}
        self._attempt(lambda: self.tree.recut(levels, weights))

    def _attempt(self, change: Callable[[], SegmentTree]) -> None:
        """Put the changed tree in place; where that fails, say why and keep the last good one."""
        try:
            changed = change()
        except Exception as problem:  # noqa: BLE001 - a recutter may be anyone's; its message is shown
            reason = plain(str(problem)) or type(problem).__name__
            self._fill(
                error=reason if isinstance(problem, ValueError) else f"{type(problem).__name__}: {reason}"
            )
        else:
            self.tree = changed

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        """Correct the tree where the page asks for that."""
        if content.get("kind") == "edit":
            self._attempt(lambda: _edited(self.tree, content))
        else:
            super()._answer(widget, content, buffers)

    def _begin(self, kind: str, segment_id: str, content: Mapping[str, Any]) -> Future[Any]:
        """Begin to get what is asked for; pictures in the background."""
        if kind == "poster" and self._poster is not None:
            return _pool().submit(self._poster, segment_id)
        return super()._begin(kind, segment_id, content)

    def body(self) -> str:
        """Return the timeline without a kernel, for a page: bands, pictures, what spoke for boundaries."""
        from videxplore.views.still_tree import body_tree

        return body_tree(self._data, self._other, self._poster)

    def still(self) -> str:
        """The body with its style."""
        from videxplore.views.stills import fragment

        return fragment(self.body())


def _edited(tree: SegmentTree, content: Mapping[str, Any]) -> SegmentTree:
    """Return ``tree`` with one edit as the page names it: ``action``, ``time``, ``to``, ``level``."""
    action = content.get("action")
    if action == "undo":
        return tree.undone()
    time_s = float(content["time"])
    level = content.get("level") or None
    if action == "move":
        return tree.moved(time_s, float(content["to"]))
    if action == "merge":
        return tree.merged(time_s, level)
    if action == "split":
        return tree.split(time_s, level)
    if action == "lock":
        return tree.locked(time_s)
    raise ValueError(f"no edit {plain(str(action))!r}; there are move, merge, split, lock and undo.")
