"""How much is spoken and in which languages, as far as subtitles tell, and else a net that hears voices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from videxplore.values.assessments import Evidence, Measure, Moment
from videxplore.values.media import Span
from videxplore.workbench.assessment.case import Case, Telling, measured, spread_out
from videxplore.workbench.assessment.condition import NOT_LOOKED, Condition
from videxplore.workbench.assessment.kept import Look

NO_SUBTITLES = "Cannot estimate: no file has subtitles, and nothing else tells what is spoken."

NOT_HEARD = (
    "Cannot estimate: no file without subtitles was listened to. To have it done, install the extra: "
    "pip install 'videxplore[speech]'."
)

ALL_SUBTITLED = "Cannot estimate: all files have subtitles, which tell what is spoken."

UNNAMED = "not named"


def language_measures(case: Case, judged: Sequence[Condition | None]) -> list[Measure]:
    """Share of hours with subtitles, and of these the share that is spoken, and the languages."""
    looks = [None if one is None else one.look for one in judged]
    looked = [row for row, look in enumerate(looks) if look is not None]
    told = [row for row in looked if looks[row].spoken is not None]  # type: ignore[union-attr]
    has = np.isin(np.arange(len(looks)), told)
    if told:
        speech = case.film_share(
            _parts(case, [None if look is None else look.spoken for look in looks]), told
        )
    else:
        speech = case.refused(NO_SUBTITLES if looked else NOT_LOOKED)
    return [
        measured(
            "language.subtitles",
            "With subtitles",
            case.film_share(has, looked) if looked else case.refused(NOT_LOOKED),
            "Share of hours of files with subtitles in them or beside them.",
        ),
        measured(
            "language.speech",
            "Spoken",
            speech,
            "Share of hours in which something is said, of files with subtitles; of others nothing is known.",
            _talks(case, looks, told),
        ),
        _voice(case, looks, looked),
        *_languages(case, looks, told),
        _unknown(case, looks, looked),
    ]


def _voice(case: Case, looks: Sequence[Look | None], looked: Sequence[int]) -> Measure:
    """Share of hours in which a voice is heard, of files that no subtitles tell of."""
    heard = [row for row in looked if looks[row].voice is not None]  # type: ignore[union-attr]
    untold = [row for row in looked if looks[row].spoken is None]  # type: ignore[union-attr]
    if heard:
        estimate = case.film_share(
            _parts(case, [None if look is None else look.voice for look in looks]), heard
        )
    else:
        estimate = case.refused(NOT_HEARD if untold else ALL_SUBTITLED if looked else NOT_LOOKED)
    about = (
        "Share of hours in which a net (Silero VAD) hears a voice, of files without subtitles. "
        "It says neither what is said nor in which language."
    )
    return measured("language.voice", "Voice heard", estimate, about, _talks(case, looks, heard))


def _unknown(case: Case, looks: Sequence[Look | None], looked: Sequence[int]) -> Measure:
    """Share of hours of which nobody knows the language."""
    unknown = [look is None or not look.language for look in looks]
    return measured(
        "language.unknown",
        "Language unknown",
        case.film_share(unknown, looked) if looked else case.refused(NOT_LOOKED),
        "Share of hours of files whose language neither subtitles nor their names state. None is guessed.",
    )


def _languages(case: Case, looks: Sequence[Look | None], told: Sequence[int]) -> list[Measure]:
    """Share of hours by language, of files with subtitles, most first."""
    names = [UNNAMED if look is None else look.language or UNNAMED for look in looks]
    found = []
    for name in sorted({names[row] for row in told}):
        rows = [row for row in told if names[row] == name]
        estimate = case.film_share([one == name for one in names], told)
        about = "Share of hours in this language, as the subtitles' file or track names it."
        key = f"language.{name.replace(' ', '_')}"
        found.append(measured(key, f"Language: {name}", estimate, about, _talks(case, looks, rows)))
    return sorted(found, key=lambda measure: -measure.estimate.value)


def _talks(case: Case, looks: Sequence[Look | None], rows: Sequence[int]) -> Telling:
    """The longest stretch of speech of each file."""
    spans = {}
    for row in rows:
        look = looks[row]
        found = look and (look.spoken if look.spoken is not None else look.voice)
        if found:
            spans[row] = max(found, key=lambda span: span.duration_s)

    def make(row: int) -> Evidence:
        return Evidence(Moment(case.films[row].video_id, spans[row]), score=spans[row].duration_s)

    order = sorted(spans, key=lambda row: (-spans[row].duration_s, row))
    return spread_out(order, range(len(looks)), make)


def _parts(case: Case, found: Sequence[Sequence[Span] | None]) -> list[float]:
    """Part of each file that lies within its spans; none where nothing is known."""
    return [
        min(1.0, sum(span.duration_s for span in spans or ()) / film.duration_s)
        for spans, film in zip(found, case.films, strict=True)
    ]
