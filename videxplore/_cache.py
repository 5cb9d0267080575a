"""Where generated and fetched things are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """The folder named by the environment variable ``VIDEXPLORE_CACHE``, else the user's cache folder."""
    import platformdirs

    chosen = os.environ.get("VIDEXPLORE_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("videxplore")
