"""Fixtures that several test modules share."""

from __future__ import annotations

import ctypes
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure; what is slow is found by --durations.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

pytest.register_assert_rewrite("harness")  # what it waited for in vain is told as in a test
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def media_dir() -> Path:
    """The folder of real clips with hand-checked truth; skips where it is not at hand."""
    for folder in (os.environ.get("VIDEXPLORE_MEDIA"), ROOT.parent / "shared" / "media"):
        if folder and (Path(folder) / "registry.csv").is_file():
            return Path(folder)
    pytest.skip("the real clips are not here; point VIDEXPLORE_MEDIA at their folder")


@pytest.fixture(scope="session")
def sample():
    """The generated films with their truth, rendered once per machine."""
    from videxplore.studio.samples import sample_set

    return sample_set()


@pytest.fixture(scope="session")
def sample_folder(sample, tmp_path_factory) -> Path:
    """Where the generated films were ingested, once per run of the tests."""
    from filelock import FileLock
    from sample_films import Keep

    from videxplore.workbench.ingest import ingest

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # its processes share the folder above their own
        shared = shared.parent
    with FileLock(shared / "sample.lock"):
        keep = Keep(shared / "measured")
        report = ingest(sample.videos, shared / "sample.lance", segmenter=keep, progress=False)
    assert not report.failed
    return shared


@pytest.fixture(scope="session")
def sample_library(sample_folder):
    """The generated films in a library. For reading only."""
    from videxplore.workbench.library import Library

    return Library(sample_folder / "sample.lance")


@pytest.fixture(scope="session")
def named_library(tmp_path_factory):
    """Three made-up videos with names hard to write down, and named attributes. For reading only."""
    from showcase import HOSTILE
    from synthetic_library import NamedReader, make_record

    from videxplore.stages.store.writing import write_video
    from videxplore.workbench.library import Library

    made = Library(tmp_path_factory.mktemp("named") / "named.lance", encoder=NamedReader())
    said = ({}, {5.0: 'It\'s a "Goal"!', 15.0: "no goal"}, {20.0: "another goal"})
    for i, name in enumerate(("a\tb\u202ec.mp4", "back\\slash.mp4", HOSTILE)):
        path = Path("/films") / name
        record = make_record(f"v{i}", path=path, said=said[i], card=NamedReader.card, moments=3)
        write_video(made.database, record)
    return made


@pytest.fixture(scope="session")
def sample_measured(sample, sample_folder):
    """The measurements of the generated films, by the name of the file."""
    folder = sample_folder / "measured"
    return {path.name: pickle.loads((folder / f"{path.name}.pickle").read_bytes()) for path in sample.videos}


def pytest_configure() -> None:
    """Give up the right to real-time priority, for this process and its children.

    As root, the AV1 encoder SVT-AV1 puts the whole process above everything else on the machine, and every
    process started from it; Chromium does so with its sound. Two cores are then starved for minutes.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    drop_from_bounding_set, may_set_priority = 24, 23  # PR_CAPBSET_DROP and CAP_SYS_NICE, linux/prctl.h
    libc.prctl(drop_from_bounding_set, may_set_priority, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, low and high words
    if libc.capget(header, sets) == 0:
        for low in range(3):
            sets[low] &= ~(1 << may_set_priority) & 0xFFFFFFFF
        libc.capset(header, sets)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that Playwright can drive; skips where there is none."""
    from harness import find_chromium

    if found := find_chromium():
        return found
    if os.environ.get("VIDEXPLORE_REQUIRE_BROWSER"):
        raise RuntimeError("no Chromium here, but VIDEXPLORE_REQUIRE_BROWSER asks for one")
    pytest.skip("no Chromium here; set VIDEXPLORE_CHROMIUM to its path")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator:
    """A headless browser, closed when the module is done."""
    from harness import launch

    with launch(chromium) as launched:
        yield launched


@pytest.fixture
def tab(browser) -> Iterator:
    """A page that must stay free of errors and dialogs."""
    from harness import open_tab

    with open_tab(browser) as page:
        yield page


@pytest.fixture(scope="module")
def one_thread() -> Iterator:
    """Models as small as those of the tests lose time where several threads share them."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
