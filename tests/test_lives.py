"""What a cell displays lives until the cell is run anew."""

from __future__ import annotations

import ipywidgets
import pytest
import showcase as show
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets.widgets.widget import _instances

from videxplore.views import lives
from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
from videxplore.views.player import Player
from videxplore.views.timeline import Timeline


@pytest.fixture
def shell(monkeypatch, capsys):
    """A notebook's kernel without the notebook."""
    made = InteractiveShell.instance()
    monkeypatch.setattr(lives.CELLS, "_shell", None)
    made.user_ns |= {"Player": Player, "Timeline": Timeline, "ipywidgets": ipywidgets}
    before = set(_instances)
    yield made
    for left in [one for key, one in _instances.items() if key not in before]:
        left.close()
    InteractiveShell.clear_instance()


def run(shell, cell: str | None, code: str) -> None:
    shell.run_cell(code, cell_id=cell).raise_error()


def alive(widget) -> bool:
    return widget.model_id in _instances if widget.comm is not None else False


def test_a_cell_that_is_run_anew_closes_what_it_showed(shell):
    run(shell, "a", "one = Player(); display(one); two = Timeline(); display(two)")
    one, two = shell.user_ns["one"], shell.user_ns["two"]
    run(shell, "b", "1")
    assert alive(one)
    run(shell, "a", "display(Player()); display(two)")
    assert not alive(one)
    assert not alive(one.layout)
    assert alive(two), "shown again"
    run(shell, "a", "1")
    assert not alive(two)


def test_what_is_shown_elsewhere_stays(shell):
    run(shell, "a", "one = Player(); display(one)")
    run(shell, "b", "display(one)")
    run(shell, "a", "two = Player(); display(two)")
    one, two = shell.user_ns["one"], shell.user_ns["two"]
    assert alive(one)
    shell.user_ns["box"] = ipywidgets.HBox([two])
    run(shell, "a", "1")
    assert alive(two), "in a layout of the user's"


def test_where_cells_have_no_names_nothing_is_closed(shell):
    run(shell, None, "one = Player(); display(one)")
    run(shell, None, "display(Player())")
    assert alive(shell.user_ns["one"])


def test_ten_runs_leave_what_one_leaves(shell):
    def explorer() -> ExplorerView:
        view = ExplorerView(
            Catalogue(show.ROWS), show.projection(), search=lambda *_: show.raw_ranking(), poster=show.poster
        )
        view.query = "rain"
        view.choose(show.ROWS[9]["segment_id"])
        return view

    before = set(_instances)

    def held() -> tuple[int, int]:
        widgets = [one for key, one in _instances.items() if key not in before]
        kinds = (kind for one in widgets for kind in one._trait_notifiers.values())
        return len(widgets), sum(len(handlers) for kind in kinds for handlers in kind.values())

    shell.user_ns["explorer"] = explorer
    run(shell, "a", "display(explorer())")
    first = held()
    for _ in range(9):
        run(shell, "a", "display(explorer())")
    assert held() == first
