"""Finder: a query box with its past, a level, weights and filters, and the list of answers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import traitlets

from videxplore.values.asked import Asked
from videxplore.values.rankings import Ranking
from videxplore.values.segments import LEVELS
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.describe import describe_ranking, excerpt, plain
from videxplore.views.filters import changed_filters, describe_filters, read_filters
from videxplore.views.tokens import MODALITY_WORDS

REMEMBERED = 50
"""How many queries the history holds."""

_SAID = 240  # characters of what is said: one line of the list

Ask = Callable[[Asked], object]
"""What a finder calls when something else is asked."""


class Finder(View):
    """Asks and lists; whoever owns it answers by :meth:`load`.

    Alone in a layout of one's own::

        finder = Finder(library.levels, poster=library.poster)
        finder.answer_by(lambda asked: library.search(asked.query, **asked.options))

    Args:
        levels: level names, finest first.
        videos: name of each video by its id, to choose among.
        modalities: what weights can be given to, as ``Library.search`` names them.
        tags: that segments have, to choose among.
        k: how many answers are asked for, as the copied call says it.
        poster: segment id to JPEG bytes.
        clip: what makes clips, for a glimpse of the answer under the pointer.
        empty: whether there is nothing to search.
        **traits: ``query``, ``level``, ``weights``, ``where``, ``history``.
    """

    _esm = module("finder")
    _css = styles("hover", "finder", "refine")

    query = traitlets.Unicode("", help="what is looked for").tag(sync=True)
    level = traitlets.Unicode("any", help="level of the answers").tag(sync=True)
    weights = traitlets.Dict({}, help="what a modality counts, 1 where not given").tag(sync=True)
    where = traitlets.Unicode("", help="condition on the answers, as Library.search takes it").tag(sync=True)
    history = traitlets.List(traitlets.Unicode(), help="what was asked before, newest last").tag(sync=True)
    _levels = traitlets.List([]).tag(sync=True)
    _modalities = traitlets.List([]).tag(sync=True)
    _videos = traitlets.Dict({}, help="name by id, in the order of the names").tag(told=True)
    _tags = traitlets.List([]).tag(sync=True)
    _filters = traitlets.Dict({}).tag(sync=True)
    _results = traitlets.Dict({}).tag(sync=True)
    _turn = traitlets.Int(0, help="how often something was asked").tag(sync=True)
    _code = traitlets.Unicode("").tag(sync=True)
    _selected = traitlets.List([]).tag(sync=True)
    _dark = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        levels: Sequence[str] = LEVELS,
        *,
        videos: Mapping[str, str] | None = None,
        modalities: Sequence[str] = (),
        tags: Sequence[str] = (),
        k: int | None = None,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        empty: bool = False,
        **traits: Any,
    ) -> None:
        self._order, self._k = tuple(levels), k
        self._names = dict(videos or {})
        self._askers: list[Ask] = []
        self._loads = self._taken = 0
        self._since: float | None = None
        super().__init__(
            poster=poster,
            clip=clip,
            _levels=["any", "auto", *levels],
            _modalities=[_modality(name) for name in modalities],
            _videos={
                video: plain(name)
                for video, name in sorted(self._names.items(), key=lambda pair: pair[1].casefold())
            },
            _tags=list(tags),
            _results={"empty": empty},
            **traits,
        )
        self._asked = self.asked
        self._describe()
        self.observe(self._on_asked, names=["query", "level", "weights", "where"])

    @property
    def asked(self) -> Asked:
        """What is asked for now."""
        return Asked(self.query.strip(), self.level, dict(self.weights) or None, self.where.strip() or None)

    def on_ask(self, callback: Ask) -> None:
        """Call ``callback(asked)`` once whenever something else is asked, or the same once more."""
        self._askers.append(callback)

    def answer_by(self, search: Callable[[Asked], Ranking]) -> None:
        """Let ``search`` answer every question that has words; what it raises is shown in the list."""

        def answer(asked: Asked) -> None:
            try:
                self.load(search(asked) if asked.query else None)
            except Exception as error:  # noqa: BLE001 - whatever a search raises is told where answers belong
                self.load(None, str(error) or type(error).__name__)

        self.on_ask(answer)

    @traitlets.validate("weights")
    def _check_weights(self, proposal: Any) -> dict[str, float]:
        weights = dict(proposal["value"])
        known = [name for name, _, _ in self._modalities]
        for name, weight in weights.items():
            if known and name not in known:
                raise traitlets.TraitError(f"weights may name {', '.join(known)}; got {name!r}.")
            real = isinstance(weight, int | float) and not isinstance(weight, bool)
            if not (real and math.isfinite(weight) and weight >= 0):
                raise traitlets.TraitError(
                    f"weights must be finite numbers of at least 0, got {weight!r} for {name!r}."
                )
        return {name: float(weight) for name, weight in weights.items() if weight != 1}

    @traitlets.validate("history")
    def _check_history(self, proposal: Any) -> list[str]:
        newest = dict.fromkeys(text for text in reversed(proposal["value"]) if text.strip())
        return list(newest)[:REMEMBERED][::-1]

    def _on_asked(self, _: Any) -> None:
        """Tell once what is asked: several traits that change together say so one after the other."""
        if self.asked != self._asked:
            self.ask()

    def ask(self) -> None:
        """Ask for what the form says, be it the same as before."""
        self._asked = self.asked
        self._since = time.perf_counter()
        if self._asked.query:
            self.history = [*self.history, self._asked.query]
        self._describe()
        self._turn += 1
        for callback in self._askers:
            callback(self._asked)

    def _without(self, chip: str) -> str:
        """The condition without what a chip says: by its words, since numbers change when another goes."""
        filters = read_filters(self.where)
        chips = describe_filters(filters, self._names)["chips"]
        part = next((one["part"] for one in chips if one["text"] == chip), None)
        return self.where if part is None else filters.without(part).where

    def _describe(self) -> None:
        self._filters = describe_filters(read_filters(self.where), self._names) | {"taken": self._taken}
        options = {} if self._k is None else {"k": self._k}
        self._code = self._asked.code(**options) if self._asked.query else ""

    def load(self, ranking: Ranking | None, error: str = "") -> None:
        """Show answers, or why there are none."""
        if error:
            answers: Mapping[str, Any] = {"error": plain(error)}
        else:
            answers = {} if ranking is None else _listed(describe_ranking(ranking, self._order))
        if self._since is not None and ranking is not None:
            answers = {**answers, "took": time.perf_counter() - self._since}
        self._since = None
        # Counted, since an answer equal to the last would not be sent and the page would wait for ever.
        self._loads += 1
        self._results = {**answers, "turn": self._loads, "asked": self._turn}

    def mark(self, segment_ids: Sequence[str]) -> None:
        """Mark the chosen segments in the list."""
        self._selected = list(segment_ids)

    def offer_tags(self, tags: Sequence[str]) -> None:
        """Offer these tags to choose among."""
        self._tags = list(tags)

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        kind = content.get("kind")
        if kind == "filter":
            self.where = changed_filters(read_filters(self.where), content["form"], self._names).where
            self._taken += 1
            self._describe()
        elif kind == "drop":
            chip = str(content["chip"])
            self.where = self._without(chip) if chip else ""
        elif kind == "again":
            self.ask()
        else:
            super()._answer(widget, content, buffers)


def _listed(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers with as much of what is said as a line of the list has room for: a film says a book."""
    hits = [hit | {"transcript": excerpt(hit["transcript"], _SAID)} for hit in answers["hits"]]
    return answers | {"hits": hits}


def _modality(name: str) -> list[str]:
    """A modality as the page shows it: its name, a word for it, and the hue it has in the answers."""
    return [name, MODALITY_WORDS.get(name, plain(name)), name if name in MODALITY_WORDS else "other"]
