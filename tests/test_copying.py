"""Copies found in worker processes: the same as in one, kept on the way, and done once."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from videxplore.stages.licensing.copies import find_copies
from videxplore.stages.licensing.fingerprints import EVERY_S, print_of
from videxplore.workbench.assessment import copying
from videxplore.workbench.assessment.copying import Comparer, Copying
from videxplore.workbench.assessment.kept import Kept


def take(name, seed, first_s=0.0, last_s=7.0):
    """Seven seconds of noise that is smooth in space and in time."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(120, 60, (10, 6, 10))
    at = np.linspace(0, 8.99, round(7 / EVERY_S))
    share = (at % 1)[:, None, None]
    luma = (1 - share) * coarse[at.astype(int)] + share * coarse[at.astype(int) + 1]
    luma = np.kron(luma, np.ones((6, 6))).clip(40, 255).astype(np.uint8)
    luma = luma[round(first_s / EVERY_S) : round(last_s / EVERY_S)]
    return print_of(name, len(luma) * EVERY_S, np.arange(len(luma)) * EVERY_S, luma)


@pytest.fixture
def prints():
    return [take("a", 1), take("b", 2), take("c", 1, 1), take("d", 2, 0, 5), take("e", 3)]


@pytest.fixture
def kept(tmp_path, prints):
    folder = Kept(tmp_path)
    for one in prints:
        folder.keep_fingerprint(one.video_id, one)
    return folder


def test_in_processes_the_same_is_found_as_in_one(kept, prints, monkeypatch):
    monkeypatch.setattr(copying, "_WORTH_A_PROCESS", 1)
    expected = find_copies(prints)
    assert {(c.video_id, c.of_video_id) for c in expected} == {("a", "c"), ("b", "d")}
    assert Copying(kept, workers=2, progress=False).find(prints) == expected


def test_killed_on_the_way_it_goes_on_where_it_was(kept, prints, monkeypatch):
    told = count()
    keep, compare = kept.keep_copies, Comparer.compare
    done = []

    def dies(name, copies):
        if next(told) == 1:
            raise KeyboardInterrupt
        keep(name, copies)

    def spy(self, task):
        done.append(task.path.stem)
        return compare(self, task)

    monkeypatch.setattr(kept, "keep_copies", dies)
    monkeypatch.setattr(Comparer, "compare", spy)
    with pytest.raises(KeyboardInterrupt):
        Copying(kept, workers=1, progress=False).find(prints)
    first, second = done
    assert Copying(kept, workers=1, progress=False).find(prints) == find_copies(prints)
    assert done.count(first) == 1
    assert done.count(second) == 2
    assert len(list(kept.folder.glob("copies-*"))) == 1
    before = len(done)
    assert Copying(kept, workers=1, progress=False).find(prints) == find_copies(prints)
    assert len(done) == before


def test_in_what_is_owned_the_same_is_found(kept, prints):
    sample, owned = prints[:2], prints[2:]
    found = Copying(kept, workers=1, progress=False).find(sample, owned)
    assert found == find_copies(sample, owned)
    assert {(c.video_id, c.of_video_id) for c in found} == {("a", "c"), ("b", "d")}
    assert Copying(kept, workers=1, progress=False).find(sample, []) == []
