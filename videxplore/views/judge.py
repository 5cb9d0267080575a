"""JudgeView: hits of pooled systems, marked one by one with the keyboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain
from videxplore.views.turning import TurningView

GRADES = ("no answer", "related", "good", "exactly this")
"""What the gains 0 … 3 mean, in words for people."""

Save = Callable[[str, str, int | None], None]
"""Called with a query, a segment id and its gain, or None where the mark is taken back."""


@dataclass(frozen=True)
class Pool:
    """What is to be judged for one query.

    Attributes:
        text: the query.
        items: what :func:`videxplore.views.describe.describe_segment` returns, in the order in which they are
            shown.
        gains: those that have been judged, by segment id; changed by the widget.
    """

    text: str
    items: tuple[Mapping[str, Any], ...]
    gains: dict[str, int]

    @property
    def first_open(self) -> int:
        """Index of the first item without a mark; 0 where all have one."""
        return next((i for i, item in enumerate(self.items) if item["id"] not in self.gains), 0)

    @property
    def judged(self) -> int:
        """How many items have a mark."""
        return sum(item["id"] in self.gains for item in self.items)


class JudgeView(TurningView):
    """Shows one hit at a time with its query, and takes a grade for it.

    Args:
        pools: what is to be judged, per query.
        save: where every mark goes at once; what it raises is shown, and the mark taken back.
        agreement: called when all is judged: ``alpha``, ``low``, ``high``, ``judges``, ``items``, ``exact``.
        notes: sentences shown below the query.
        poster: segment id to JPEG bytes.
        clip: what makes clips.
        **traits: ``query``, ``position``, ``judge``.
    """

    _esm = module("judge")
    _css = styles("playback", "judge")

    query = traitlets.Int(0, help="which query is shown").tag(sync=True)
    position = traitlets.Int(0, help="which of its hits is shown; the page says").tag(sync=True)
    judge = traitlets.Unicode("", help="who judges").tag(sync=True)
    _queries = traitlets.List([]).tag(sync=True)
    _sheet = traitlets.Dict({}).tag(sync=True)
    _grades = traitlets.List(list(GRADES)).tag(sync=True)
    _notes = traitlets.List([]).tag(sync=True)
    _problem = traitlets.Unicode("").tag(sync=True)
    _agreement = traitlets.Dict({}).tag(sync=True)

    def __init__(
        self,
        pools: Sequence[Pool],
        *,
        save: Save,
        agreement: Callable[[], Mapping[str, Any]],
        notes: Sequence[str] = (),
        poster: Pixels | None = None,
        clip: Clips | None = None,
        **traits: Any,
    ) -> None:
        self.pools = tuple(pools)
        self._save, self._measure = save, agreement
        self._undo: list[tuple[int, str, int | None]] = []
        self._turns = 0
        first = next((i for i, pool in enumerate(self.pools) if pool.judged < len(pool.items)), 0)
        super().__init__(
            poster=poster, clip=clip, _notes=[plain(n) for n in notes], **({"query": first} | traits)
        )
        self.observe(lambda _: self._open(), names="query")
        self._open()

    @property
    def gains(self) -> dict[str, dict[str, int]]:
        """Marks by query and segment id."""
        return {pool.text: dict(pool.gains) for pool in self.pools}

    @property
    def left(self) -> int:
        """How many hits have no mark yet."""
        return sum(len(pool.items) - pool.judged for pool in self.pools)

    def mark(self, segment_id: str, gain: int | None, *, query: int | None = None) -> None:
        """Give a hit of a query, of the one shown if none is named, a grade, or take it back.

        Raises:
            ValueError: no such hit, or another grade.
        """
        asked = self.query if query is None else query
        ids = [item["id"] for item in self.pools[asked].items]
        if segment_id not in ids or gain not in (None, *range(len(GRADES))):
            raise ValueError(f"no hit {segment_id!r} of query {asked}, or no grade {gain!r}.")
        before = self.pools[asked].gains.get(segment_id)
        if self._keep(asked, segment_id, gain):
            self._undo.append((asked, segment_id, before))

    def undo(self) -> None:
        """Take back the last mark that this widget made, and show what it was of."""
        if not self._undo:
            return
        query, segment_id, before = self._undo.pop()
        self.query = query
        self._keep(query, segment_id, before)
        self._turn_to(next(i for i, item in enumerate(self.pools[query].items) if item["id"] == segment_id))

    def _keep(self, query: int, segment_id: str, gain: int | None) -> bool:
        """Show a mark, then save it; one that cannot be saved is taken back. Returns whether it was saved."""
        pool = self.pools[query]
        before = pool.gains.get(segment_id)
        self._show(pool, segment_id, gain)
        try:
            self._save(pool.text, segment_id, gain)
        except Exception as error:  # noqa: BLE001 - a full disk or a removed video is told where the judge looks
            self._show(pool, segment_id, before)
            self._problem = plain(f"Not saved: {error}")
            return False
        self._problem = ""
        self._finish()
        return True

    def _show(self, pool: Pool, segment_id: str, gain: int | None) -> None:
        if gain is None:
            pool.gains.pop(segment_id, None)
        else:
            pool.gains[segment_id] = gain
        self._refresh()

    def _open(self) -> None:
        """Show the query that is chosen, at its first hit without a mark."""
        self.query = max(0, min(self.query, len(self.pools) - 1))
        self._turn_to(self.pools[self.query].first_open if self.pools else 0)
        self._finish()

    def _turn_to(self, position: int) -> None:
        """Send the page to a hit; else the page itself decides where it is, ahead of the kernel."""
        self._turns += 1
        self.position = position
        self._refresh()

    def _refresh(self) -> None:
        pool = self.pools[self.query] if self.pools else Pool("", (), {})
        with self.hold_sync():
            self._queries = [
                {"text": plain(pool.text), "judged": pool.judged, "total": len(pool.items)}
                for pool in self.pools
            ]
            self._sheet = {
                "query": self.query,
                "items": [{**item, "gain": pool.gains.get(str(item["id"]))} for item in pool.items],
                "turn": [self._turns, self.position],
            }

    def _finish(self) -> None:
        """Say what came out, where all is judged."""
        if not self.pools or self.left:
            self._agreement = {}
            return
        counts = Counter(gain for pool in self.pools for gain in pool.gains.values())
        found = {name: _finite(value) for name, value in self._measure().items()}
        self._agreement = {"counts": [counts[gain] for gain in range(len(GRADES))], **found}

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        kind = content.get("kind")
        if kind == "mark":
            self.mark(str(content["id"]), int(content["gain"]), query=int(content["query"]))
        elif kind == "undo":
            with self._turning():
                self.undo()
        elif kind == "query":
            with self._turning():
                self.query = int(content["index"])
        else:
            super()._answer(widget, content, buffers)

    def still(self) -> str:
        """How far each query is judged, as a table."""
        from videxplore.views.stills import fragment, render

        rows = [
            {"text": plain(pool.text), "judged": pool.judged, "total": len(pool.items),
             "counts": [list(pool.gains.values()).count(gain) for gain in range(len(GRADES))]}
            for pool in self.pools
        ]  # fmt: skip
        return fragment(render("still_judge", rows=rows, grades=GRADES, judge=plain(self.judge)))


def _finite(value: Any) -> Any:
    """A number that JSON can hold: none for nan."""
    return None if isinstance(value, float) and value != value else value
