"""A page about three drawn films, whose names and words would run if they were taken for markup."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import showcase as show

from videxplore.values.vectors import Region
from videxplore.views.catalogue import Catalogue
from videxplore.views.delivery import Clip
from videxplore.views.share import Pictures, Shared, write_shared

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028\u202egnp.exe"
LEVELS = ("moment", "scene", "chapter", "video")
CATALOGUE = Catalogue(show.ROWS)
COLUMNS = ("brightness", f"loud {HOSTILE}")


def index(count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two named columns and no lexicon: words are looked for in what is said alone."""
    rng = np.random.default_rng(2)
    facts = {
        "k": 20,
        "function_words": ["the", "and", "he", "it", "from"],
        "reliable_s": 1.0,
        "encoder": HOSTILE,
        "blocks": [{"name": "visual", "start": 0, "stop": 2}],
        "stored": [0, 1],
        "names": list(COLUMNS),
        "lexicon": None,
        "meanings": {COLUMNS[0]: HOSTILE},
        "guesses": False,
    }
    arrays = {
        "tiles": np.full(count, 15, np.uint16),
        "values": rng.integers(-32767, 32767, (2, count)).astype(np.int16),
        "scales": np.full(2, 1e-4),
        "means": np.zeros((4, 2)),
        "stretch": np.ones(4),
    }
    return facts, arrays


def shared(**changes: Any) -> Shared:
    """Everything that a page can carry."""
    ids = list(CATALOGUE)
    facts, arrays = index(len(ids))
    raw = show.raw_ranking()
    film = next(i for i in ids if CATALOGUE[i]["level"] == "moment")
    images = {i: show.poster(i) for i in ids[::4]}
    number = np.array([list(images).index(i) if i in images else -1 for i in ids], np.int32)
    whole = Shared(
        f"Films {HOSTILE}",
        CATALOGUE,
        LEVELS,
        show.projection(),
        (Region(f"street {HOSTILE}", np.arange(3), (0.0, 0.0)),),
        facts,
        arrays,
        answers=(raw, show.reranked(raw)),
        notes={film: [{"note": f"look {HOSTILE}", "tags": [HOSTILE[:40]], "author": "me"}]},
        near=np.roll(np.arange(len(ids), dtype=np.int32), -1)[:, None],
        cosines=np.full((len(ids), 1), 0.5, np.float32),
        pictures=Pictures(tuple(images.values()), number, np.zeros(len(ids), bool), (320, 180)),
        clips={film: (Clip(show.clip(), np.arange(40) / 20), [(0.0, 1.0, HOSTILE)])},
        remarks=(f"Clips {HOSTILE}",),
    )
    return replace(whole, **changes)


def write(path: Path, **changes: Any) -> Path:
    """Write that page."""
    return write_shared(path, shared(**changes))
