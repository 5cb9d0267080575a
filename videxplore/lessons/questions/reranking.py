"""Questions of lesson 9, reranking."""

from __future__ import annotations

from videxplore.lessons.diffusion import Walk, loses_from
from videxplore.lessons.marks import Number, OneOf, Question
from videxplore.lessons.outcomes import LOST, WON, Outcome, count
from videxplore.values.rankings import Ranking

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)


def _first_step(walk: Walk, place: int) -> float:
    """Score of a clip after one step, in hundredths, from the matrix alone."""
    told = float(walk.shares[place - 1] @ walk.scores)
    own = float(walk.scores[place - 1])
    share = walk.share if walk.shares[place - 1].any() else 0.0
    return 100 * ((1 - share) * own + share * told)


def _balance(outcomes: list[Outcome]) -> int:
    return count(outcomes, WON) - count(outcomes, LOST)


def _from(few: Ranking) -> float:
    return loses_from(few, SHARES)


QUESTIONS = (
    Question(
        "reranking/first-step",
        "What is the score of the third clip after the first step, in hundredths?",
        Number(0.05),
        _first_step,
        "Its own score counts 1 − α, the mean of those it is linked to counts α. That is one step; the rest "
        "is repetition.",
        "Multiply the third row of P with the raw scores, then mix with its own raw score.",
        {
            "too small": "In hundredths: is the comma where it should be?",
            "too large": "Its own score counts only 1 − α.",
        },
    ),
    Question(
        "reranking/balance",
        "How many more queries rose than fell by the reranker joint?",
        Number(0.4),
        _balance,
        "Some rise and some fall, whatever the mean says. On a handful either could have been shown.",
        "Count with outcomes.count(found, outcomes.WON), and likewise what fell.",
        {"too large": "Have you taken away those that fell?"},
    ),
    Question(
        "reranking/lone-answer",
        "From which α on does the right answer lose the first place?",
        OneOf(SHARES),
        _from,
        "A lone right answer has nobody to speak for it, and P turns even a feeble link into a whole voice: "
        "what counts is not how alike two clips are, but who else is there.",
        "Call diffusion.walk_by_hand for each α and see where the final score of the first clip is not the "
        "largest any more.",
    ),
)
