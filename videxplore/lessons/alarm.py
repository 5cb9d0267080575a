"""An alarm that listens all the time: clips come one after another, and each is looked at with the last few.

The statistic is MMD² of a sliding window against a fixed reference, as in the Shewhart chart of a kernel
(Li, Xie, Dai & Song 2015). Its threshold is not read off a table: quiet streams are drawn and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.drift import KINDS, Archive, Arrival, draw_arrival, witness
from videxplore.stages.licensing.difference import squared_mmd
from videxplore.values.charts import Curves, Lane, Line, Scene

WINDOWS = (5, 10, 15)
"""How many of the last clips are looked at together."""

QUIET, AFTER = 40, 30
"""Clips that come before the change, and from it on."""

PLANTED = 0.75
"""Share of clips that are of the kind, from the change on."""

STREAMS = (1, 2, 3, 4, 5, 6)
"""Streams that can be looked at."""

THRESHOLDS = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15)
"""MMD² above which there is an alarm."""

_STREAMS, _CHECKS, _DRIFTS = 200, 200, 100
_TO_CHECK, _WITH_CHANGE = 10_000, 20_000  # first seeds
_SHOWN = 6

Rows = NDArray[np.float64]


def draw_stream(archive: Archive, kind: str, seed: int, *, quiet: bool = False) -> Arrival:
    """Draw clips that come one after another, forty as in the reference, then thirty that are not.

    Args:
        archive: to draw from.
        kind: one of :data:`~videxplore.lessons.drift.KINDS`.
        seed: of the draw.
        quiet: whether nothing changes at all.
    """
    planted = np.zeros(QUIET + AFTER, np.bool_)
    if not quiet:
        late = np.random.default_rng(seed).permutation(AFTER) < round(PLANTED * AFTER)
        planted[QUIET:] = late
    return draw_arrival(archive, kind, planted, seed)


def listen(kernel: Rows, arrival: Arrival, window: int) -> Rows:
    """Return MMD² of the last ``window`` clips against the reference, at every look (clips − window + 1,).

    Args:
        kernel: of the archive.
        arrival: a stream.
        window: clips that are looked at together.
    """
    rows = np.concatenate([arrival.reference, arrival.stored])
    sums = kernel[np.ix_(rows, rows)].copy()
    np.fill_diagonal(sums, 0.0)
    looks, before = len(arrival.stored) - window + 1, len(arrival.reference)
    side = np.zeros((looks, len(rows)))
    side[np.arange(looks)[:, None], before + np.arange(looks)[:, None] + np.arange(window)] = 1
    alive = side.copy()
    alive[:, :before] = 1
    return squared_mmd(side, sums, np.ones(len(rows)), alive)


@dataclass(frozen=True, eq=False)
class Alarms:
    """Streams of one kind, listened to with one window.

    Attributes:
        window: clips that are looked at together.
        quiet: float64 (streams, looks), MMD² where nothing changes; by these a threshold is chosen.
        checked: float64 (streams, looks), other quiet streams; by these it is checked.
        drifting: float64 (streams, looks), with the change.
    """

    window: int
    quiet: Rows
    checked: Rows
    drifting: Rows

    @property
    def before(self) -> int:
        """Looks that see no clip after the change."""
        return QUIET - self.window + 1

    def false_alarms(self, threshold: float) -> tuple[float, float]:
        """Return the share of quiet streams with an alarm: to choose a threshold by, and to check it by."""
        chosen, checked = (float((s.max(axis=1) > threshold).mean()) for s in (self.quiet, self.checked))
        return chosen, checked

    def delays(self, threshold: float) -> tuple[float, float, float]:
        """Return the shares of streams with an alarm too early and in time, and the median delay of these.

        A delay counts clips from the change; NaN where no alarm is in time.
        """
        above = self.drifting > threshold
        early = above[:, : self.before].any(axis=1)
        late = ~early & above.any(axis=1)
        first = above[late].argmax(axis=1) + self.window - QUIET
        return (
            float(early.mean()),
            float(late.mean()),
            float(np.median(first)) if late.any() else float("nan"),
        )

    def enough(self, level: float = 0.05) -> float:
        """Return the least of :data:`THRESHOLDS` that at most this share of quiet streams pass; or inf."""
        return next((t for t in THRESHOLDS if self.false_alarms(t)[0] <= level), float("inf"))


def simulate_alarms(
    archive: Archive, *, streams: int = _STREAMS, checks: int = _CHECKS, drifts: int = _DRIFTS
) -> dict[tuple[str, int], Alarms]:
    """Listen to many streams of every kind, with every window.

    Args:
        archive: to draw from.
        streams: quiet ones to choose a threshold by, seeds from 0.
        checks: quiet ones to check it by, seeds from 10,000.
        drifts: with a change, seeds from 20,000.
    """
    made = {}
    for kind in KINDS:
        parts = [
            [draw_stream(archive, kind, first + i, quiet=quiet) for i in range(count)]
            for first, count, quiet in (
                (0, streams, True),
                (_TO_CHECK, checks, True),
                (_WITH_CHANGE, drifts, False),
            )
        ]
        for window in WINDOWS:
            heard = [np.stack([listen(archive.kernel, stream, window) for stream in part]) for part in parts]
            made[kind, window] = Alarms(window, *heard)
    return made


def show_alarm(
    archive: Archive,
    alarms: Mapping[tuple[str, int], Alarms],
    kind: str,
    window: int,
    threshold: float,
    stream: int,
) -> Scene:
    """Return one stream with its alarm, the clips that raised it, and how often such a threshold errs.

    Args:
        archive: that was drawn from.
        alarms: that were simulated.
        kind: one of :data:`~videxplore.lessons.drift.KINDS`.
        window: one of :data:`WINDOWS`.
        threshold: MMD² above which there is an alarm.
        stream: one of :data:`STREAMS`.
    """
    heard, arrival = alarms[kind, window], draw_stream(archive, kind, _WITH_CHANGE + stream - 1)
    statistic = listen(archive.kernel, arrival, window)
    at = np.arange(window, QUIET + AFTER + 1, dtype=np.float64)
    above = np.flatnonzero(statistic > threshold)
    bottom, top = float(heard.drifting.min()) - 0.01, max(float(heard.drifting.max()), THRESHOLDS[-1]) + 0.01
    chart = Curves(
        f"Does the alarm ring? ({kind} from clip {QUIET + 1})",
        (
            Line("last clips against the reference", at, statistic),
            Line("threshold", np.array([0, at[-1]]), np.array([threshold, threshold]), dashed=True),
            Line("the change", np.array([QUIET, QUIET]) + 0.5, np.array([bottom, top]), dashed=True),
        ),
        "clips that have come in",
        "MMD² (0 expected where all is alike)",
        f"Window of {window} clips against {len(arrival.reference)}; from clip {QUIET + 1} on {PLANTED:.0%} "
        f"are planted. Rates of {len(heard.quiet)} quiet streams of {QUIET + AFTER} clips, "
        f"{len(heard.checked)} others to check, {len(heard.drifting)} with the change; "
        "seeds from 0, 10,000 and 20,000.",
        here=(at[above[0]], statistic[above[0]]) if len(above) else None,
        y_range=(bottom, top),
    )
    lanes = _lanes(archive, arrival, window, above)
    return Scene(chart, _told(heard, threshold, above), lanes)


def _told(heard: Alarms, threshold: float, above: NDArray[np.intp]) -> str:
    """What became of this stream, and of all."""
    chosen, checked = heard.false_alarms(threshold)
    early, late, delay = heard.delays(threshold)
    rang = f"rings at clip {above[0] + heard.window}" if len(above) else "does not ring"
    median = f", median delay {delay:.0f} clips" if late else ""
    return (
        f"Here it {rang}. Of quiet streams it rings in {chosen:.0%} ({checked:.0%} of those to check). With "
        f"the change it rings too early in {early:.0%} and in time in {late:.0%}{median}."
    )


def _lanes(archive: Archive, arrival: Arrival, window: int, above: NDArray[np.intp]) -> list[Lane]:
    """Clips of the window that raised the alarm, those that pushed most first; and those that came before."""
    clips = archive.clips
    last = np.arange(above[0], above[0] + window) if len(above) else np.array([], np.intp)
    pushed = witness(archive.kernel, arrival.stored[last], arrival.reference)
    order = np.argsort(-pushed, kind="stable")[:_SHOWN]
    notes = [
        f"{pushed[i]:+.2f}, clip {last[i] + 1}{', planted' if arrival.planted[last[i]] else ''}".replace(
            "-", "−"
        )
        for i in order
    ]
    first = range(_SHOWN)
    return [
        Lane(
            "raised the alarm, the strongest first",
            [clips.ids[arrival.incoming[last[i]]] for i in order],
            notes,
            "entered",
            "no alarm",
        ),
        Lane(
            "came first, before anything changed",
            [clips.ids[arrival.incoming[i]] for i in first],
            [f"clip {i + 1}" for i in first],
            "same",
        ),
    ]
