"""What all listwise rerankers share: read together, in several orders, and keep the account."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from videxplore.stages.reranking.listwise.asked import DEPTH, Asked
from videxplore.stages.reranking.listwise.placing import place
from videxplore.stages.reranking.listwise.windows import Account, Read, Reading
from videxplore.stages.reranking.protocol import JOINT, Rescores
from videxplore.values.rankings import Candidate, Query

UNSTEADY = 0.15
"""Share of the window by which a candidate may move between two orders before the user is warned."""


class Listwise(Asked):
    """A model that sees the candidates together and says which is best.

    What comes back is always a permutation: where a model says nothing that can be used, the raw order
    stays, and a note says where and why.

    Args:
        name: of the model, shown as ``Ranking.system``.
        depth: candidates that are read; those behind keep their raw order, behind all that are read.
        **reading: windows and orders of showing, see :class:`~.windows.Reading`.
    """

    kind = JOINT

    def __init__(self, name: str, *, depth: int = DEPTH, **reading: int) -> None:
        super().__init__(name, depth=depth)
        self.reading = Reading(**reading)

    def _answer(self, candidates: list[Candidate], query: Query, words: str) -> Rescores:
        read = candidates[: self.depth]
        show, remarks = self._open(read, query, words)
        account = self.reading.read(len(read), show)
        said = [_describe(places, len(read), self.reading.window) for places in account.places]
        notes = [*remarks, *_gather(account.notes), *self._closing(account, len(read), len(candidates))]
        found = account.sensitivity()
        return Rescores(
            place(candidates, account.order.tolist(), said, "listwise"), tuple(notes), found and found[0]
        )

    @abstractmethod
    def _open(self, candidates: list[Candidate], query: Query, words: str) -> tuple[Read, tuple[str, ...]]:
        """What shows the model some of ``candidates`` in an order, and remarks on what could not be shown."""

    def _closing(self, account: Account, read: int, there: int) -> list[str]:
        """How far the answer can be trusted, and what was not read."""
        if not account.windows:
            return [f"{self.name} gave no answer that could be used: the raw order stands."]
        behind = f"; the other {there - read} keep their raw order behind them" if there > read else ""
        together = f"{self.name} read the first {read} candidates, {min(self.reading.window, read)} together"
        found = account.sensitivity()
        if found is None:
            return [f"{together}, in one order{behind}."]
        moved, tau = found
        orders = max(len(w) for w in account.windows)
        n = min(self.reading.window, read)
        chance = (n * n - 1) / (3 * n)  # mean |Δrank| of two random orders
        steady = (
            f"{together}, in {orders} orders: from one order to another a candidate moves by {moved:.1f} "
            f"places (Kendall tau {tau:.2f}; chance would be {chance:.1f} and 0){behind}."
        )
        if moved <= UNSTEADY * n:
            return [steady]
        return [
            steady,
            "the order in which candidates were shown moved them more than it should: take this ranking with "
            "care.",
        ]


def _describe(places: tuple[int, ...], read: int, window: int) -> str:
    """Where the model put a candidate, in words."""
    if not places:
        return ""
    beside = min(window, read) - 1
    low, high = min(places), max(places)
    where = f"place {low}" if low == high else f"places {low} to {high}, depending on the order shown"
    return f"read together with {beside} others: {where}"


def _gather(notes: Sequence[str]) -> list[str]:
    """Each note once, with how often."""
    times = {note: notes.count(note) for note in notes}
    return [note if n == 1 else f"{note.removesuffix('.')} ({n} times)." for note, n in times.items()]
