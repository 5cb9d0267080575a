"""Marks of answers as cards, and the frame that every picture of a lesson stands in."""

from __future__ import annotations

from functools import cache

from videxplore.views.assets import styles
from videxplore.views.describe import plain
from videxplore.views.packing import bare_css
from videxplore.views.stills import render

_WORDS = {"open": "Question", "right": "Right", "wrong": "Not yet"}
_SIGNS = {"open": "?", "right": "✓", "wrong": "↻"}


@cache
def lesson_css() -> str:
    """The style sheet of charts, cards and still labs."""
    return bare_css(styles("stills", "lesson"))


def framed(body: str) -> str:
    """Return ``body``, made by our templates, with the styles that it needs."""
    return f'<style>{lesson_css()}</style><div class="vx vx-still vx-lesson">{body}</div>'


def mark_card(state: str, question: str, message: str) -> str:
    """Return what an answer got as HTML.

    Args:
        state: ``"open"``, ``"right"`` or ``"wrong"``.
        question: what was asked, plain text.
        message: what is said about the answer, plain text.
    """
    words, sign = _WORDS[state], _SIGNS[state]
    body = render(
        "lesson_card", state=state, word=words, sign=sign, question=plain(question), message=plain(message)
    )
    return framed(body)
