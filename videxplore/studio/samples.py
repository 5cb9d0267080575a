"""The sample set: films, their truth, and judged queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from videxplore.studio.films import NAMES, direct
from videxplore.studio.queries import judge
from videxplore.studio.truth import FilmTruth, film_truth
from videxplore.values.media import format_time
from videxplore.values.rankings import JudgedQuery, Judgement

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class SampleSet:
    """Generated films with everything that is true of them.

    Attributes:
        videos: paths of the films; subtitles lie beside those in which someone speaks.
        truth: what is true of each film, by file name.
        queries: judged queries of the splits ``"dev"`` and ``"test"``.
        qrels: judgements by query id, best first. A judgement of gain 3 lies in a film of the query's split.
    """

    videos: tuple[Path, ...]
    truth: Mapping[str, FilmTruth]
    queries: tuple[JudgedQuery, ...]
    qrels: Mapping[str, tuple[Judgement, ...]]

    def to_pandas(self) -> pd.DataFrame:
        """One row per query, with the number of its answers and where the best one starts."""
        import pandas as pd

        rows = []
        for q in self.queries:
            found = self.qrels[q.query_id]
            best = (found[0].video, found[0].start_s) if found else ("", float("nan"))
            rows.append((q.query_id, q.text, q.split, q.kind, q.level, q.known_words, len(found), *best))
        names = ["query_id", "text", "split", "kind", "level", "known_words", "answers"]
        return pd.DataFrame(rows, columns=[*names, "best_video", "best_start_s"])

    def __repr__(self) -> str:
        total = format_time(sum(t.duration_s for t in self.truth.values()))
        asked = ", ".join(
            f"{sum(q.split == split for q in self.queries)} {split}" for split in ("dev", "test")
        )
        films = "\n".join(f"  {t}" for t in self.truth.values())
        return f"SampleSet({len(self.videos)} films, {total}, queries: {asked})\n{films}"


@lru_cache(maxsize=1)
def film_truths() -> dict[str, FilmTruth]:
    """Return the truth of every film by the film's name; nothing is rendered."""
    return {name: film_truth(direct(name)) for name in NAMES}


def sample_videos() -> list[Path]:
    """Return the paths of the sample films, rendering them when this is the first time (under a minute).

    The films lie in the cache folder: the environment variable ``VIDEXPLORE_CACHE``, else the user's cache.
    """
    from videxplore.studio.render import film_paths

    return list(film_paths().values())


def sample_set() -> SampleSet:
    """Return the sample films with their truth and judged queries, rendering the films the first time."""
    truths = film_truths()
    queries, judgements = judge(truths)
    return SampleSet(tuple(sample_videos()), {t.file: t for t in truths.values()}, queries, judgements)
