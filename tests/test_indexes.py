"""Approximate search: opt-in, scored exactly, measured on the library itself, never silently used."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from lancedb.index import FTS
from lancedb.query import MatchQuery
from synthetic_library import Reader, make_record

from videxplore.errors import LibraryError
from videxplore.stages.store.approximate import KINDS, build_index, index_facts
from videxplore.stages.store.schema import SEGMENTS
from videxplore.stages.store.writing import optimise, write_video
from videxplore.workbench.library import Library


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("indexes") / "indexed.lance", encoder=Reader())
    for i in range(9):
        write_video(made.database, make_record(f"v{i}", said={5.0: "rain at last"} if i == 3 else None))
    return Path(made.path)


@pytest.fixture
def library(stored, tmp_path):
    shutil.copytree(stored, tmp_path / "indexed.lance")
    return Library(tmp_path / "indexed.lance", encoder=Reader())


def ids(ranking, k=10):
    return [c.hit.segment_id for c in ranking.candidates[:k]]


def test_without_an_index_approximate_search_says_what_to_do(library):
    with pytest.raises(LibraryError, match=r"build_index\(\)"):
        library.search("tall", exact=False)
    with pytest.raises(LibraryError, match=r"build_index\(\)"):
        library.recall()
    with pytest.raises(LibraryError, match="empty"):
        Library(library.path + "2", encoder=Reader()).build_index()


@pytest.mark.parametrize("kind", ["IVF_FLAT", "HNSW_SQ"])
def test_an_index_proposes_and_scores_stay_exact(library, kind):
    report = library.build_index(kind, num_partitions=2)
    assert report.kind == {"IVF_FLAT": "IvfFlat", "HNSW_SQ": "IvfHnswSq"}[kind]
    assert report.segments == len(library.segments())
    assert (report.queries, report.k, len(report.recall)) == (50, 10, 50)
    assert report.mean_recall > 0.5
    assert "recall@10" in repr(report)
    assert report.to_pandas().recall[0] == report.mean_recall
    exact = {c.hit.segment_id: c.hit.raw_score for c in library.search("tall", candidates=1000).candidates}
    found = library.search("tall", exact=False)
    for c in found.candidates:
        assert c.hit.raw_score == pytest.approx(exact[c.hit.segment_id], abs=1e-6)
    assert len(found.candidates) < len(exact)


def index(library, partitions: int) -> None:
    """Build an index without measuring it."""
    build_index(library.database, library.vectors_table, "IVF_FLAT", {"num_partitions": partitions})


def test_looking_everywhere_finds_everything(library):
    index(library, 4)
    n = len(library.segments())
    wanted = ids(library.search("tall", candidates=n))
    found = library.search("tall", candidates=n, exact=False, probes=4)
    assert ids(found) == wanted


def test_what_was_said_is_found_although_no_index_holds_it(library):
    index(library, 8)
    found = library.search("rain", weights={"visual": 0.01, "audio": 0.01}, k=1, exact=False, probes=1)
    assert "rain" in found[0].transcript


def test_videos_added_later_are_found_and_counted(library):
    index(library, 2)
    record = make_record("late", seed=9)
    write_video(library.database, record)
    facts = index_facts(library.database, library.vectors_table)
    assert facts["unindexed"] == len(record.tree.segments)
    target = next(s for s in record.tree.leaves)
    found = library.search(library.segment(target.segment_id), exact=False, k=1)
    assert found[0].segment_id == target.segment_id
    assert library.recall(queries=5).unindexed == len(record.tree.segments)


def test_words_score_as_by_an_index_built_anew(tmp_path):
    """A grown index counts rows that are no more until it is brought up to date, as each ingest does."""
    made = Library(tmp_path / "grown.lance", encoder=Reader())
    rng = np.random.default_rng(4)

    def write(name: str, most: int) -> None:
        said = {
            5.0 * i: " ".join(rng.choice(["rain", "fire", "goal"], rng.integers(1, most))) for i in range(8)
        }
        write_video(made.database, make_record(name, said=said))

    for name, most in (("a", 5), ("b", 60), ("c", 60), ("d", 5), ("a", 60), ("b", 5)):
        write(name, most)
        optimise(made.database)
    made.remove("c")
    grown = scores_of("rain", made)
    optimise(made.database)
    tidied = scores_of("rain", made)
    config = FTS(stem=True, remove_stop_words=False)
    made.database.require(SEGMENTS).create_index("transcript", config=config, replace=True)
    anew = scores_of("rain", made)
    assert grown.keys() == tidied.keys() == anew.keys()
    assert tidied == pytest.approx(anew, abs=1e-6)
    assert grown != pytest.approx(anew, abs=1e-3), "else there would be nothing to tidy"


def scores_of(word: str, library: Library) -> dict[str, float]:
    """BM25 of every segment in which a word is said."""
    found = library.database.require(SEGMENTS).search(MatchQuery(word, "transcript"), query_type="fts")
    rows = found.select(["segment_id", "_score"]).limit(10_000).to_list()
    return {row["segment_id"]: row["_score"] for row in rows}


def test_an_index_can_be_replaced_and_dropped(library):
    index(library, 2)
    library.build_index("IVF_SQ", num_partitions=2)
    assert index_facts(library.database, library.vectors_table)["kind"] == "IvfSq"
    library.drop_index()
    library.drop_index()
    assert index_facts(library.database, library.vectors_table) is None


def test_unknown_kinds_and_options_are_refused(library):
    with pytest.raises(ValueError, match=f"kind must be one of {KINDS[0]}"):
        library.build_index("BTREE")
    with pytest.raises(ValueError, match="other options"):
        library.build_index("IVF_FLAT", ef_construction=100)
