"""What judges said, in a library: storing it, taking it back, and what they say together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.errors import LibraryError, QueryError
from videxplore.stages.evaluation.reliability import Reliability, judge_agreement
from videxplore.stages.store.judgements import Mark, Stretch, read_marks, remove_mark, write_marks
from videxplore.values.media import Span
from videxplore.values.rankings import Hit, Judgement
from videxplore.values.segments import COMPOSITION_LEVEL, Segment
from videxplore.workbench.upkeep import LibraryUpkeep

if TYPE_CHECKING:
    import pandas as pd

GAINS = (0, 1, 2, 3)
"""No answer, related, good, exactly what was asked for."""

_COLUMNS = ("query", "video_id", "name", "start_s", "end_s", "gain", "judge", "segment_id", "judged_at")


class LibraryJudgements(LibraryUpkeep):
    """What judges said of the videos of :class:`videxplore.Library`."""

    def judge(self, query: str, segment: Hit | Segment | str, gain: int | None, *, judge: str = "") -> None:
        """Store how well a segment answers a query; what the same judge said of it before is replaced.

        The judgement is of the stretch of the video: it outlives a new segmentation, and goes with its video.

        Args:
            query: the words.
            segment: a hit, a segment, or its id.
            gain: 0 no answer, 1 related, 2 good, 3 exactly what was asked for; None takes back what was said.
            judge: a name, where several judge.

        Raises:
            ValueError: another gain, or no words.
            TypeError: something else than a segment is judged, or ``judge`` is no name.
            LibraryError: the segment is not in this library, or the folder cannot be written.
            QueryError: a composition, which is no one stretch: judge its members.
        """
        if gain is not None and (isinstance(gain, bool) or gain not in GAINS):
            raise ValueError(f"gain must be 0, 1, 2, 3 or None, got {gain!r}.")
        if not isinstance(query, str) or not query.strip():
            raise ValueError(f"query must be the words that were asked, got {query!r}.")
        if not isinstance(segment, str | Hit | Segment):
            raise TypeError(f"judge takes a hit, a segment or its id, got {type(segment).__name__}.")
        if not isinstance(judge, str):
            raise TypeError(f"judge must be a name, got {judge!r}.")
        found = self.segment(segment if isinstance(segment, str) else segment.segment_id)
        if found.level == COMPOSITION_LEVEL:
            raise QueryError(
                f"{found.segment_id!r} is a composition, no one stretch of a video; judge its members."
            )
        mark = Mark(query, found.video_id, found.start_s, found.end_s, gain or 0, judge, found.segment_id)
        if gain is None:
            remove_mark(self.database, mark)
        else:
            write_marks(self.database, [mark])

    def judgements(self, query: str | None = None, *, judge: str | None = None) -> dict[str, list[Judgement]]:
        """Return judgements by query, as :func:`videxplore.evaluate` and :func:`videxplore.compare` take.

        Where several judged one stretch, their median counts, of two between grades the lower.

        Args:
            query: only those of one query.
            judge: only what one judge said.
        """
        snapshot = self.snapshot()
        if snapshot is None:
            return {}
        said: dict[str, dict[Stretch, list[Mark]]] = {}
        for mark in read_marks(self.database, query):
            if mark.video_id in snapshot.videos and judge in (None, mark.judge):
                said.setdefault(mark.query, {}).setdefault(mark.stretch, []).append(mark)
        return {
            text: [
                Judgement(
                    snapshot.title(video_id),
                    marks[-1].start_s,
                    marks[-1].end_s,
                    math.floor(statistics.median(mark.gain for mark in marks)),
                    marks[0].judge if len(marks) == 1 else "",
                    marks[-1].segment_id,
                )
                for (video_id, *_), marks in stretches.items()
            ]
            for text, stretches in said.items()
        }

    def marks(self) -> pd.DataFrame:
        """One row per judgement: query, video_id, name, start_s, end_s, gain, judge, segment_id, judged_at.

        :meth:`add_marks` takes it back, here or into another library that holds the videos.
        """
        import pandas as pd

        snapshot = self.snapshot()
        names = {} if snapshot is None else {v: snapshot.title(v) for v in snapshot.videos}
        rows = [
            [names[m.video_id] if c == "name" else getattr(m, c) for c in _COLUMNS]
            for m in read_marks(self.database)
            if m.video_id in names
        ]
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def add_marks(self, marks: pd.DataFrame) -> int:
        """Store judgements of :meth:`marks`, of this library or another that holds the same videos.

        Args:
            marks: a frame with ``query``, ``start_s``, ``end_s``, ``gain``, either ``video_id`` or ``name``,
                and ``judge``, ``segment_id``, ``judged_at`` where they are known.

        Returns:
            How many were stored.

        Raises:
            ValueError: a column is missing, a gain, words or a stretch are none, or a name is that of several
                videos.
            LibraryError: a video is not in this library, or the folder cannot be written.
        """
        by_video: dict[str, list[Mark]] = {}
        for row in marks.to_dict("records"):
            mark = self._as_mark(row)
            by_video.setdefault(mark.video_id, []).append(mark)
        for own in by_video.values():
            write_marks(self.database, own)
        return sum(map(len, by_video.values()))

    def _as_mark(self, row: Mapping[str, Any]) -> Mark:
        import pandas as pd

        missing = [name for name in ("query", "start_s", "end_s", "gain") if name not in row]
        if missing or not ("video_id" in row or "name" in row):
            raise ValueError(
                "marks needs the columns query, start_s, end_s, gain and video_id or name; "
                f"got {', '.join(map(str, row))}."
            )
        if row["gain"] not in GAINS:
            raise ValueError(f"gain must be 0, 1, 2 or 3, got {row['gain']!r}.")
        if not isinstance(row["query"], str) or not row["query"].strip():
            raise ValueError(f"query must be the words that were asked, got {row['query']!r}.")
        span = Span(float(row["start_s"]), float(row["end_s"]))
        video_id = row["video_id"] if "video_id" in row else self._video_named(str(row["name"]))
        words = {name: row[name] for name in ("judge", "segment_id") if isinstance(row.get(name), str)}
        at = row.get("judged_at")
        return Mark(
            row["query"], str(video_id), span.start_s, span.end_s, int(row["gain"]),
            judged_at=None if at is None or pd.isna(at) else pd.Timestamp(at).to_pydatetime(), **words,
        )  # fmt: skip

    def _video_named(self, name: str) -> str:
        snapshot = self.snapshot()
        found = [] if snapshot is None else [v for v in snapshot.videos if snapshot.title(v) == name]
        if not found:
            raise LibraryError(f"no video {name!r} in {self.path!r}; library.videos() lists what is there.")
        if len(found) > 1:
            raise ValueError(f"{len(found)} videos are named {name!r}; give video_id instead.")
        return found[0]

    def agreement(self, queries: str | Sequence[str] | None = None) -> Reliability:
        """Return how far the judges agree: Krippendorff's alpha with an interval clustered by query.

        Args:
            queries: only over the judgements of one query, or of several.
        """
        wanted = [queries] if isinstance(queries, str) else queries
        marks = [m for m in read_marks(self.database) if wanted is None or m.query in wanted]
        judges = {name: i for i, name in enumerate(dict.fromkeys(m.judge for m in marks))}
        items = {item: i for i, item in enumerate(dict.fromkeys((m.query, m.stretch) for m in marks))}
        table = np.full((len(judges), len(items)), np.nan)
        for mark in marks:
            table[judges[mark.judge], items[mark.query, mark.stretch]] = mark.gain
        return judge_agreement(table, [text for text, _ in items])
