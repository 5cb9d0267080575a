"""``vx.VideoReranker`` in plain LanceDB: by vector, by words, by both; rows are permuted, never lost."""

from __future__ import annotations

import asyncio

import lancedb
import numpy as np
import pytest
from handmade import Custom
from synthetic_library import make_record
from test_library import Toy

from videxplore.stages.reranking.protocol import Rescored
from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.writing import write_segmentation, write_video
from videxplore.workbench.lancedb_reranker import VideoReranker
from videxplore.workbench.library import Library

TALL = np.eye(12, dtype=np.float32)[0]
SAID = {5.0: "a corner kick", 25.0: "it's loud", 40.0: "another corner"}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("reranked") / "toy.lance", encoder=Toy())
    for i in range(12):
        write_video(made.database, make_record(f"v{i}", said=SAID))
    write_segmentation(made.database, make_record("v0", moments=2), "halves")
    return made


@pytest.fixture(scope="module")
def table(library):
    return lancedb.connect(library.path).open_table("segments")


MAIN = "segmentation = 'main'"


def ask(table, way: str, limit: int, reranker=None):
    """A query by vector, by words or by both, as a user of LanceDB writes it."""
    if way == "vector":
        query = table.search(TALL).where(MAIN).limit(limit)
        query = query if reranker is None else query.rerank(reranker, query_string="tall")
    elif way == "fts":
        query = table.search("corner", query_type="fts").where(MAIN).limit(limit)
        query = query if reranker is None else query.rerank(reranker)
    else:
        query = table.search(query_type="hybrid").vector(TALL).text("tall corner").where(MAIN).limit(limit)
        query = query if reranker is None else query.rerank(reranker)
    return query.to_arrow()


@pytest.mark.parametrize("limit", [1, 7, 60])
@pytest.mark.parametrize("way", ["vector", "fts"])
def test_rows_are_permuted_and_keep_all_that_they_hold(library, table, way, limit):
    plain = ask(table, way, limit)
    found = ask(table, way, limit, VideoReranker(library, "joint", return_score="all"))
    by_id = {row["segment_id"]: row for row in plain.to_pylist()}
    scores = []
    for row in found.to_pylist():
        scores.append(row.pop("_relevance_score"))
        row.pop("_rowid", None)  # LanceDB's own addition where there is a reranker
        assert row == by_id.pop(row["segment_id"])
    assert by_id == {}
    assert scores == sorted(scores, reverse=True)
    assert found.schema.field("_relevance_score").type == "float"
    dropped = {"_distance"} if way == "vector" else {"_score"}
    short = ask(table, way, limit, VideoReranker(library, "joint"))
    assert set(found.column_names) - set(short.column_names) - {"_rowid"} == dropped


@pytest.mark.parametrize("return_score", ["relevance", "all"])
def test_hybrid_merges_each_row_once_and_restores_the_scores(library, table, return_score):
    found = ask(table, "hybrid", 40, VideoReranker(library, "joint", return_score=return_score))
    ids = found.column("segment_id").to_pylist()
    assert len(ids) == len(set(ids)) == 40
    every = {i for way in ("vector", "fts") for i in ask(table, way, 200).column("segment_id").to_pylist()}
    assert set(ids) <= every
    assert found.column("_relevance_score").to_pylist() == sorted(
        found.column("_relevance_score").to_pylist(), reverse=True
    )
    if return_score == "all":
        distance = {r["segment_id"]: r["_distance"] for r in ask(table, "vector", 200).to_pylist()}
        for row in found.to_pylist():
            assert row["_distance"] in (None, pytest.approx(distance[row["segment_id"]], abs=1e-6))


def test_the_order_is_that_of_the_library(library, table):
    """All rows handed over: the same scores as ``vx.rerank`` gives, and at strength 0 the raw ones."""
    raw = library.search("tall")
    pool = [c.hit.segment_id for c in raw.candidates]
    query = table.search(TALL).where(MAIN).limit(200)
    for strength in (0.0, 0.5, 1.0):
        scored = rerank(raw, "joint", strength=strength)
        expected = {c.hit.segment_id: c.hit.score for c in scored.candidates}
        reranker = VideoReranker(library, "joint", strength=strength)
        rows = query.rerank(reranker, query_string="tall").to_arrow().to_pylist()
        assert len(rows) == 144
        found = {row["segment_id"]: row["_relevance_score"] for row in rows}
        if strength == 0.0:
            assert [found[i] for i in pool] == pytest.approx([expected[i] for i in pool], abs=1e-6)
        assert set(pool) <= set(found)
    few = query.limit(3).rerank(VideoReranker(library, "joint"), query_string="tall").to_arrow().to_pylist()
    full = {c.hit.segment_id: c.hit.score for c in rerank(raw, "joint").candidates}
    for row in few:
        if row["segment_id"] in full:
            assert row["_relevance_score"] == pytest.approx(full[row["segment_id"]], abs=0.05), (
                "three rows are scored among the neighbours of the whole pool"
            )


def test_a_reranker_of_ones_own_decides(library, table):
    backwards = Custom(lambda pool: [Rescored(c.hit.segment_id, -c.hit.raw_score) for c in pool])
    forward, back = (
        ask(table, "vector", 30, VideoReranker(library, r, strength=s)).column("segment_id").to_pylist()
        for r, s in ((backwards, 0.0), (backwards, 1.0))
    )
    assert back == forward[::-1]
    assert str(VideoReranker(library, backwards)) == "VideoReranker('my own', strength=1)"


def test_nothing_found_and_no_row_to_order(library, table):
    with pytest.warns(UserWarning, match="finds nothing for 'zorp'"):
        rows = table.search(TALL).limit(5).rerank(VideoReranker(library), query_string="zorp").to_arrow()
    assert rows.column("segment_id") == table.search(TALL).limit(5).to_arrow().column("segment_id")
    assert rows.column("_relevance_score").null_count == 5
    for way in ("vector", "fts"):
        query = table.search(TALL) if way == "vector" else table.search("tall", query_type="fts")
        query = query.where("start_s > 1e6").limit(5)
        more = {"query_string": "tall"} if way == "vector" else {}
        assert query.rerank(VideoReranker(library), **more).to_arrow().num_rows == 0
    hybrid = table.search(query_type="hybrid").vector(TALL).text("zebra tall").where(MAIN).limit(5)
    assert hybrid.rerank(VideoReranker(library)).to_arrow().num_rows == 5


def test_rows_of_another_segmentation_come_last_and_are_told_of(library, table):
    with pytest.warns(UserWarning, match=r"8 of 152 rows .* no segments of .* segmentation 'main'"):
        rows = table.search(TALL).limit(500).rerank(VideoReranker(library), query_string="tall").to_arrow()
    assert rows.column("segmentation").to_pylist()[-8:] == ["halves"] * 8
    assert set(rows.column("segmentation").to_pylist()[:-8]) == {"main"}


def test_what_cannot_be_reranked_is_refused(library, table):
    with pytest.raises(ValueError, match="needs the column 'segment_id'"):
        table.search(TALL).select(["level"]).rerank(VideoReranker(library), query_string="tall").to_arrow()
    with pytest.raises(ValueError, match="no reranker"):
        VideoReranker(library, "magic")
    with pytest.raises(ValueError, match="strength must be"):
        VideoReranker(library, strength=2)
    with pytest.raises(ValueError, match="relevance"):
        VideoReranker(library, return_score="some")
    with pytest.raises(TypeError, match=r"must be a videxplore\.Library"):
        VideoReranker(library.path)


def test_asynchronous_tables_take_it_too(library):
    async def found():
        connection = await lancedb.connect_async(library.path)
        table = await connection.open_table("segments")
        query = (await table.search(TALL)).where(MAIN).limit(9)
        return await query.rerank(VideoReranker(library), query_string="tall").to_arrow()

    rows = asyncio.run(found())
    scores = rows.column("_relevance_score").to_pylist()
    assert len(scores) == 9
    assert scores == sorted(scores, reverse=True)
