"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

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
def chromium() -> str:
    """Path of a Chromium that Playwright can drive; skips where there is none."""
    for name in (
        os.environ.get("VIDEXPLORE_CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
    ):
        if name and (found := shutil.which(name)):
            return found
    give_up = pytest.fail if os.environ.get("VIDEXPLORE_REQUIRE_BROWSER") else pytest.skip
    give_up("no Chromium here; set VIDEXPLORE_CHROMIUM to its path")
