"""What analysts said of the evidence of a report: kept line by line, merged without loss."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videxplore.values.jsonable import as_data, from_data

if TYPE_CHECKING:
    import pandas as pd

ANSWERS = ("agree", "disagree", "unsure")
"""Whether the evidence shows what the figure says."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one analyst said of one piece of evidence.

    Attributes:
        analyst: a name.
        piece: id of the evidence, from its figure and moments; the same in every report that has it.
        measure: key of the figure.
        video_id: of the moment.
        start_s: of the moment, seconds.
        end_s: of the moment.
        answer: one of :data:`ANSWERS`; empty where an answer was taken back.
        note: free words.
        at: ISO time.
    """

    analyst: str
    piece: str
    measure: str
    video_id: str
    start_s: float
    end_s: float
    answer: str
    note: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        if not self.analyst.strip():
            raise ValueError("Opinion.analyst needs a name: say who judges.")
        if self.answer not in ("", *ANSWERS):
            raise ValueError(f"Opinion.answer must be one of {', '.join(ANSWERS)}, got {self.answer!r}.")
        if not self.at:
            object.__setattr__(self, "at", datetime.now(UTC).isoformat(timespec="milliseconds"))


class OpinionBook:
    """A file of opinions, one JSON object per line; nothing is ever changed in it, the last line counts.

    Args:
        path: of the file; made with the first opinion.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def write(self, *opinions: Opinion) -> None:
        """Add opinions at the end.

        Raises:
            OSError: the file cannot be written.
        """
        from filelock import FileLock

        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(as_data(one), ensure_ascii=False) + "\n" for one in opinions)
        with FileLock(f"{self.path}.lock"), self.path.open("ab+") as file:
            whole = file.seek(0, os.SEEK_END) == 0
            if not whole:
                file.seek(-1, os.SEEK_END)
                whole = file.read(1) == b"\n"
            file.write(("" if whole else "\n").encode() + lines.encode())  # a line cut short stands alone
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[Opinion]:
        """Return every opinion that was ever written, in order; a line that was cut short is passed over."""
        if not self.path.is_file():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                data = json.loads(line)
            except json.JSONDecodeError:
                continue
            found.append(from_data(Opinion, data))
        return found

    def latest(self) -> dict[tuple[str, str], Opinion]:
        """Return what holds: the last opinion by (analyst, piece), without those taken back."""
        held = {(one.analyst, one.piece): one for one in sorted(self.read(), key=lambda one: one.at)}
        return {place: one for place, one in held.items() if one.answer or one.note}

    def merge(self, other: str | os.PathLike[str]) -> int:
        """Take over what another file has and this one lacks; returns how many lines.

        Raises:
            FileNotFoundError: there is no such file.
        """
        if not Path(other).is_file():
            raise FileNotFoundError(f"no file of opinions at {os.fspath(other)!r}.")
        known = set(self.read())
        new = [one for one in dict.fromkeys(OpinionBook(other).read()) if one not in known]
        if new:
            self.write(*new)
        return len(new)

    def to_pandas(self) -> pd.DataFrame:
        """One row per opinion that holds."""
        import pandas as pd

        return pd.DataFrame(rows_of(self.latest().values()), columns=list(Opinion.__dataclass_fields__))


def rows_of(opinions: Iterable[Opinion]) -> list[dict[str, Any]]:
    """Return opinions as rows of a table."""
    return [as_data(one) for one in opinions]
