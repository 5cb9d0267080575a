"""The explorer of a library: a first map at once, the final one when it is made."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from synthetic_library import make_record

from videxplore.stages.store.writing import write_video
from videxplore.values.vectors import Region
from videxplore.workbench import explorer as explorers
from videxplore.workbench.explorer import Explorer
from videxplore.workbench.library import Library
from videxplore.workbench.map_options import columns
from videxplore.workbench.project import project


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "explored.lance")
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
