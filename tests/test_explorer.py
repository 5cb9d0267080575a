"""The explorer of a library: a first map at once, the final one when it is made."""

from __future__ import annotations

import base64
import gc
import gzip
import json
import re
import threading
import weakref
from dataclasses import replace

import ipywidgets
import numpy as np
import pytest
import showcase as show
import traitlets
from ipywidgets.widgets.widget import _instances
from synthetic_library import Reader, make_record

from videxplore.errors import LibraryError
from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.history import note_all
from videxplore.stages.store.writing import write_video
from videxplore.values.rankings import Hit, Query, Ranking
from videxplore.values.reports import IngestRecord, IngestReport
from videxplore.values.vectors import Projection, Region
from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
from videxplore.views.live_figure import LiveFigure
from videxplore.views.player import Player
from videxplore.views.tree_panel import TreePanel
from videxplore.workbench import explorer as explorers
from videxplore.workbench.explorer import Explorer
from videxplore.workbench.library import Library
from videxplore.workbench.map_options import columns
from videxplore.workbench.project import project


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "explored.lance", encoder=Reader())
    for name in ("v1", "v2"):
        write_video(made.database, make_record(name))
    return made


def drawn_at(explorer):
    """Where each segment is drawn, by id."""
    figure = explorer._map.live.figure
    return {
        segment_id: (float(x), float(y))
        for trace in figure.data
        if trace.meta
        for segment_id, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }


def placed_by(projection):
    return dict(zip(projection.segment_ids, map(tuple, projection.xy.astype(float).tolist()), strict=True))


def test_a_first_map_gives_way_to_the_final_one(library, monkeypatch):
    go_on = threading.Event()
    real = explorers.map_of

    def late(which, look):
        go_on.wait(60)
        return real(which, look)

    monkeypatch.setattr(explorers, "map_of", late)
    explorer = Explorer(library)
    chosen = library.segments().segment_id[3]
    explorer.selection = [chosen]
    assert drawn_at(explorer) == placed_by(project(library, method="pca"))
    assert "A first look" in explorer._map.caption.value
    go_on.set()
    final = explorer.settle()
    assert final.method.startswith("umap")
    assert drawn_at(explorer) == placed_by(final)
    assert explorer.selection == [chosen]
    ring = explorer._map.live.figure.data[explorer._map.live._choice]
    assert (float(ring.x[0]), float(ring.y[0])) == placed_by(final)[chosen]
    assert "A first look" not in explorer._map.caption.value
    assert "umap" in explorer._map.caption.value
    assert np.array_equal(Explorer(library).settle().xy, final.xy)
    explorer.close()


def test_a_closed_explorer_is_left_alone(library, monkeypatch):
    go_on = threading.Event()

    def late(which, look):
        go_on.wait(60)
        return project(which)

    monkeypatch.setattr(explorers, "map_of", late)
    explorer = Explorer(library)
    first = drawn_at(explorer)
    explorer.close()
    go_on.set()
    explorer.settle()
    assert drawn_at(explorer) == first


def test_a_map_that_cannot_be_made_says_why(library, monkeypatch):
    def broken(which, look):
        raise MemoryError("no room")

    monkeypatch.setattr(explorers, "map_of", broken)
    explorer = Explorer(library)
    assert explorer.settle().method.startswith("pca")
    assert "No map by UMAP (MemoryError: no room)" in explorer._map.caption.value


def test_a_map_of_other_segments_is_refused(library, tmp_path):
    other = Library(tmp_path / "other.lance")
    write_video(other.database, make_record("v9"))
    explorer = Explorer(library, projection=project(library, method="pca"))
    with pytest.raises(ValueError, match="same segments"):
        explorer.show_map(project(other, method="pca"))


def test_a_librarys_own_columns_colour_the_map_and_its_regions_are_named(library, monkeypatch):
    found = [Region("rain", np.arange(5), (0.0, 0.0))]
    monkeypatch.setattr(explorers, "regions", lambda which, projection: found)
    explorer = Explorer(library, projection=project(library, method="pca"))
    explorer.color = "duration_s"
    table = library.segments().set_index("segment_id")
    shades = {
        segment_id: float(shade)
        for trace in explorer._map.live.figure.data
        if trace.meta
        for segment_id, shade in zip(trace.customdata, trace.marker.color, strict=True)
    }
    order = table.duration_s.sort_values().index
    assert [shades[s] for s in order] == sorted(shades.values())
    named = columns(library)
    assert {"start_s", "duration_s"} <= set(named["Segments"])
    assert set(named.get("Attributes", [])) == {name for name in library.card.names if name}
    explorer.settle()
    assert [text for text, _, _ in explorer._map.glass._names] == ["rain"]


def test_an_empty_library_has_no_map(tmp_path):
    assert Explorer(Library(tmp_path / "empty.lance")).settle() is None


# --- question, choice, and the way back ---


def view(**options):
    """An explorer of drawn films that counts what it is asked."""
    asked = []

    def search(question):
        asked.append(question)
        return show.raw_ranking()

    given = {"search": search, "poster": show.poster, "modalities": ("visual", "audio", "text")}
    made = ExplorerView(Catalogue(show.ROWS), show.projection(), **(given | options))
    return made, asked


def ids(count):
    return [row["segment_id"] for row in show.ROWS[:count]]


def test_several_traits_make_one_question():
    made, asked = view()
    with made.hold_trait_notifications():
        made.query, made.level, made.weights = "rain", "scene", {"audio": 0.5}
        made.where = "duration_s >= 3"
    assert [(a.query, a.level, dict(a.weights), a.where) for a in asked] == [
        ("rain", "scene", {"audio": 0.5}, "duration_s >= 3")
    ]
    made._finder.set_state({"query": "snow", "level": "any"})
    assert len(asked) == 2
    assert (made.query, made.level, made.history) == ("snow", "any", ["rain", "snow"])
    with pytest.raises(traitlets.TraitError, match="finite numbers"):
        made.weights = {"audio": -1}


def test_undo_and_redo_lead_through_questions_and_choices():
    made, asked = view()
    made.query = "rain"
    made.selection = ids(2)
    made.query = "snow"
    made._bar._handle_custom_msg({"kind": "back"}, [])
    assert (made.query, made.selection) == ("rain", ids(2))
    made.undo()
    assert made.selection == []
    made.undo()
    assert (made.query, made.hits, made._bar._back) == ("", None, False)
    made.undo()
    made.redo()
    made.redo()
    assert (made.query, made.selection, made._bar._forward) == ("rain", ids(2), True)
    made.level = "scene"
    assert not made._bar._forward, "a new step ends what was taken back"
    assert [a.query for a in asked] == ["rain", "snow", "rain", "rain", "rain"]


def test_answers_and_time_can_be_set():
    made, _ = view()
    ranking = show.raw_ranking()
    made.hits = ranking
    assert len(made._finder._results["hits"]) == len(ranking)
    assert len(made._tree.shown._hits) == len(ranking)
    made.selection = ids(1)
    made.current_time = 1.5
    assert made._player._seek == 1.5
    made._player.set_state({"current_time": 2.5})
    assert (made.current_time, made._player._seek) == (2.5, 1.5)


def test_a_view_comes_back_without_what_is_no_more():
    first, _ = view()
    first.query, first.selection, first.color, first.folded = "rain", ids(3), "video", ["tree"]
    kept = json.loads(json.dumps(first.view))
    second, asked = view()
    second.go_to(kept | {"selection": [*ids(3), "gone"], "level": "beat", "names": False})
    assert second.view == kept | {"names": False}
    assert len(asked) == 1
    second.undo()
    assert (second.query, second.selection) == ("", []), "to go to a view is one step"


def test_the_tree_is_drawn_as_rings_when_they_are_looked_at():
    made, _ = view()
    bars = made._tree.shown
    made.query = "rain"
    made.shape = "sunburst"
    rings = made._tree.shown
    assert rings is not bars
    assert rings._tree == bars._tree
    assert rings._hits == bars._hits
    rings._handle_custom_msg({"kind": "choose", "id": ids(2)[1], "play": True}, [])
    assert made.selection == [ids(2)[1]]
    assert rings._selected == made.selection
    made.shape = "timeline"
    assert bars._selected == made.selection
    with pytest.raises(traitlets.TraitError):
        made.shape = "cake"


def test_parts_stand_alone():
    player = Player(poster=show.poster)
    panel = TreePanel(poster=show.poster, shape="sunburst")
    panel.follow(player)
    panel.load(Catalogue(show.ROWS).tree_of(ids(1)[0]))
    chosen = []
    panel.on_choose(lambda segment_id, play: chosen.append((segment_id, play)))
    panel.shown._handle_custom_msg({"kind": "choose", "id": ids(1)[0], "play": True}, [])
    assert chosen == [(ids(1)[0], True)]
    made, _ = view()
    ipywidgets.HBox([made.parts["map"], made.parts["player"]])
    assert list(made.parts) == ["finder", "map", "tree", "player"]


# --- comparing inside ---


def test_the_drawer_compares_what_was_asked_and_moves_everything(library):
    explorer = Explorer(library, projection=project(library, method="pca"), k=5)
    made = explorer._drawer
    explorer.query = "rain"
    assert made.widget is None, "shut, it costs nothing"
    explorer.folded = []
    assert made.widget.shift.raw.query.text == "rain"
    wanted = made.widget.shift.others[0][1].segment_id
    made.widget.selected = wanted
    assert explorer.selection == [wanted]
    assert explorer._finder._selected == [wanted]
    made.widget.strength, made.widget.relevant = 0.5, [wanted]
    explorer.query = "snow"
    assert made.widget.shift.raw.query.text == "snow"
    assert (made.widget.strength, made.widget.relevant) == (0.5, []), "marks are of other answers"
    other = made.widget.shift.raw[2].segment_id
    explorer.selection = [other]
    assert made.widget.selected == other
    explorer.query = ""
    assert "Nothing to compare yet" in made.children[0].value
    explorer.close()


def test_answers_that_were_reranked_are_compared_with_their_raw_order(library):
    explorer = Explorer(library, projection=project(library, method="pca"), k=5, reranker="joint")
    explorer.folded = []
    explorer.query = "rain"
    shift = explorer._drawer.widget.shift
    raw = library.search("rain", k=5)
    assert [h.segment_id for h in shift.raw] == [h.segment_id for h in raw]
    assert [h.segment_id for h in shift.others[0]] == [h.segment_id for h in rerank(raw)]
    explorer.close()


def test_a_reranker_that_breaks_is_told_in_the_drawer():
    made, _ = view(compare=lambda ranking: 1 / 0, rerankers=("joint",))
    made.folded = []
    made.query = "rain"
    assert "ZeroDivisionError" in made._drawer.children[0].value


# --- kept in the library ---


def test_what_was_looked_at_is_kept_and_comes_back(library):
    first = Explorer(library, projection=project(library, method="pca"))
    first.query, first.selection = "rain", library.segments().segment_id[:2].tolist()
    first.close()  # writes what waits to be written
    second = Explorer(Library(library.path, encoder=Reader()), projection=project(library, method="pca"))
    assert (second.query, second._bar._kept) == ("", "Go on: “rain”, 2 chosen")
    second._bar._handle_custom_msg({"kind": "restore"}, [])
    assert (second.query, second.selection) == (first.query, first.selection)
    assert second._bar._kept == ""
    second.close()
    third = Explorer(library, projection=project(library, method="pca"), view="last")
    assert (third.query, third.selection) == ("rain", first.selection)
    assert third.hits
    third.close()
    with pytest.raises(LibraryError):
        Explorer(library, view="never kept")


def test_a_view_that_cannot_be_kept_is_told_once(library, monkeypatch):
    explorer = Explorer(library, projection=project(library, method="pca"))
    tries = []

    def refuse(name, state):
        tries.append(name)
        raise LibraryError("the folder is read-only.")

    monkeypatch.setattr(library, "save_view", refuse)
    explorer.query = "rain"
    explorer._keeper.keep()
    explorer.query = "snow"
    explorer._keeper.keep()
    assert tries == ["last"]
    assert explorer._bar._said == "This view is not kept: the folder is read-only."
    explorer.close()


def test_notes_and_tags_reach_the_library(library):
    explorer = Explorer(library, projection=project(library, method="pca"))
    chosen = library.segments().segment_id[3]
    explorer.selection = [chosen]
    assert explorer._details.settle().segment_id == chosen
    explorer._details._handle_custom_msg({"kind": "tags", "id": chosen, "value": ["goal"]}, [])
    assert explorer._finder._tags == ["goal"]
    explorer.color = "tags"  # since there are some
    assert explorer._map.bar._key["groups"] == ["goal"]
    explorer._details._handle_custom_msg({"kind": "tags", "id": chosen, "value": ["goal", "own"]}, [])
    assert explorer._map.bar._key["groups"] == ["goal, own"]
    explorer.query, explorer.where = "rain", 'tag in ["goal"]'
    assert {hit.segment_id for hit in explorer.hits} == {chosen}
    explorer.close()


# --- what becomes of a selection ---


def test_a_selection_is_written_and_failures_are_told(library, tmp_path):
    explorer = Explorer(library, projection=project(library, method="pca"))
    explorer.selection = library.segments().segment_id[2:5].tolist()
    told = []
    explorer._bar.observe(lambda change: told.append(change["new"]), names="_task")
    place = tmp_path / "chosen.csv"
    explorer._bar._handle_custom_msg({"kind": "write", "outlet": "timeline", "place": str(place)}, [])
    explorer._errand.settle(120)
    assert place.is_file()
    assert [task["state"] for task in told] == ["running", "done"]
    assert told[-1]["text"] == f"3 segments in {place}"
    explorer.write("timeline", str(tmp_path / "chosen.doc"))
    explorer._errand.settle(120)
    assert told[-1]["state"] == "failed"
    assert "path must end in" in told[-1]["text"]
    explorer.write("clips", str(tmp_path / "clips"))
    explorer._errand.settle(120)
    assert "3 could not be cut" in told[-1]["text"], "the films of this library are nowhere"
    assert {task["share"] for task in told if task["state"] == "running"} == {None, 0, 1 / 3, 2 / 3}
    assert explorer.export_timeline(tmp_path / "again.csv").read_text() == place.read_text()
    assert set(explorer.extract(tmp_path / "few.lance").videos().name) == {"v1.mp4"}
    explorer.close()


# --- what is to be known first ---


def test_an_empty_library_and_a_failed_ingest_say_what_to_do(library, tmp_path):
    record = IngestRecord("bad.mp4", "", "corrupt", "No picture can be read.", "Get it anew.")
    empty = Explorer(Library(tmp_path / "empty.lance"), report=IngestReport(failed=(record,)))
    failed, nothing = empty._bar._notices
    assert (failed["title"], failed["error"]) == ("1 file could not be brought in", True)
    assert failed["lines"] == ["bad.mp4: No picture can be read. Get it anew."]
    assert "vx.ingest" in nothing["lines"][0]
    assert empty._bar._empty
    library.ingest_report = IngestReport(failed=(record,))
    told = Explorer(library, projection=project(library, method="pca"))
    assert told._bar._notices == [failed]
    told.close()


def test_what_the_log_of_a_library_says_failed_is_told(library):
    there = library.videos().path[0]
    note_all(
        library.database,
        [("failed", "", f"{there}: No picture."), ("failed", "", "/films/bad.mp4: No picture. Get it anew.")],
    )
    explorer = Explorer(library, projection=project(library, method="pca"))
    (notice,) = explorer._bar._notices
    assert notice["lines"] == ["/films/bad.mp4: No picture. Get it anew."]
    explorer.close()


# --- nothing is left, and little is saved ---


def test_closed_explorers_leave_no_widget_thread_or_object(library):
    projection = project(library, method="pca")

    def once():
        explorer = Explorer(library, projection=projection)
        explorer.query, explorer.selection = "rain", library.segments().segment_id[:1].tolist()
        explorer.folded, explorer.shape = [], "sunburst"
        explorer._details.settle()
        explorer.settle()
        explorer.close()
        return weakref.ref(explorer)

    once()
    gc.collect()
    before = len(_instances), threading.active_count()
    gone = [once() for _ in range(4)]
    gc.collect()
    assert (len(_instances), threading.active_count()) == before
    assert [ref() for ref in gone] == [None] * 4


def test_a_figure_carries_no_library_and_is_always_up_to_date():
    made, _ = view()
    box = ipywidgets.VBox([made])  # never displayed by itself
    made.color = "video"
    figure = made._map.live.figure
    assert isinstance(figure, LiveFigure)
    assert len(figure._esm) < 20_000
    sent = []
    figure.send = lambda content, buffers=None: sent.append((content, list(buffers or ())))
    figure._handle_custom_msg({"kind": "library"}, [])
    figure._handle_custom_msg({"kind": "figure"}, [])
    (library, packed), (done, arrays) = sent
    assert (library["kind"], done["kind"]) == ("library", "figure")
    assert b"Plotly" in gzip.decompress(packed[0])
    shown = done["facts"]["_widget_data"]
    now = [trace.marker.colorscale is not None for trace in figure.data if trace.marker]
    assert len(shown) == len(figure.data)
    assert any(now)
    assert any((trace.get("marker") or {}).get("colorscale") for trace in shown)
    told = dict(zip(map(tuple, done["paths"]), arrays, strict=True))
    point = made._map.live._points[0]
    xs = np.frombuffer(told["_widget_data", point, "x", "buffer"], np.float32)
    assert np.array_equal(xs, figure.data[point].x)
    state = figure.get_state()
    assert (state["_widget_data"], state["_widget_layout"]) == ([], {}), "no notebook saves the figure"
    box.close()


def test_modules_are_packed_whole():
    _, packed = re.search(r'atob\((")([^"]+)"\)', str(Player._esm)).groups()
    source, css = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert "export default from_player.default;" in source
    assert ".vx-player" in css
    assert not re.search(r"^\s*//(?!# sourceURL)", source, re.MULTILINE)


def test_an_explorer_adds_little_to_a_notebook():
    """Of a whole notebook 300 KB are allowed; here is what all states and the still copy come to."""
    made, _ = view(clip=lambda _: show.clip())
    assert sum(states_of(made).values()) + len(made.still()) < 200_000


def states_of(widget):
    """How many letters the states of a widget and of all below it come to, by the class of each."""
    sizes, waiting = {}, [widget]
    while waiting:
        one = waiting.pop()
        sizes[one.model_id] = len(json.dumps(one.get_state(drop_defaults=True), default=str))
        waiting += getattr(one, "children", ())
    return sizes


def explored(moments):
    """An explorer of one long film with much said in it, one of whose segments is chosen."""
    rows = show.long_film(moments, said="and so he says to her again that it rained all day " * 40)
    ids = tuple(row["segment_id"] for row in rows)
    drawn = Projection(
        xy=np.random.default_rng(0).normal(size=(len(rows), 2)).astype(np.float32),
        segment_ids=ids,
        levels=tuple(row["level"] for row in rows),
        parent_ids=tuple(row["parent_id"] for row in rows),
        distortion=np.zeros(len(rows), np.float32),
        quality={},
        method="drawn at random",
        card=show.CARD,
        video_ids=("long",) * len(rows),
        times_s=np.array([(row["start_s"], row["end_s"]) for row in rows]),
    )
    hits = [
        Hit(i, row["segment_id"], row["path"], row["level"], row["start_s"], row["end_s"], score=1 / i,
            raw_score=1 / i, raw_rank=i, transcript=row["transcript"])
        for i, row in enumerate(rows[:20], 1)
    ]  # fmt: skip
    part = show.details(2)
    told = replace(part, parts=tuple(part.parts[0] for _ in rows), transcript=rows[0]["transcript"])
    made = ExplorerView(
        Catalogue(rows), drawn, search=lambda _: Ranking(Query("rain"), tuple(hits)), details=lambda _: told
    )
    made.query, made.selection = "rain", [ids[0]]
    made._details.settle()
    return made


@pytest.mark.parametrize("moments", [40, 4_000])
def test_a_long_film_adds_no_more_than_a_short_one(moments):
    """Its tree, its way over the map, its parts and what is said in it are no part of a notebook."""
    made = explored(moments)
    assert sum(states_of(made).values()) < 190_000
    told = []
    for part in (made._tree.shown, made._map.glass, made._details, made._finder):
        part.send = lambda content, buffers=None: told.append(content)
        part._handle_custom_msg({"kind": "tell"}, [])
    facts = {name: value for one in told for name, value in one["facts"].items()}
    assert len(facts["_tree"]["segments"]) == len(made._catalogue)
    assert len(facts["_path"]["t"]) == moments
    assert len(facts["_details"]["parts"]) == len(made._catalogue)
    assert facts["_videos"] == {"long": "long.mp4"}
    made.close()


def test_what_is_told_goes_to_pages_that_have_asked():
    made, _ = view()
    told = []
    made._tree.shown.send = lambda content, buffers=None: told.append(content)
    made.choose(show.ROWS[-1]["segment_id"])
    assert told == [], "nobody draws it"
    made._tree.shown._handle_custom_msg({"kind": "tell"}, [])
    made.choose(show.ROWS[0]["segment_id"])
    assert [one["facts"]["_tree"]["name"] for one in told] == [show.HOSTILE, "night street.mp4"]
    assert "_tree" not in made._tree.shown.get_state()
    made.close()
