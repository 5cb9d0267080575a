"""What models are asked, in the words that each was trained with where it was trained for this."""

from __future__ import annotations

from collections.abc import Sequence

from videxplore.errors import QueryError
from videxplore.stages.reranking.listwise.captions import plain
from videxplore.stages.reranking.listwise.naming import letters
from videxplore.values.rankings import Query

PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
"""Where a picture stands in the conversations of Qwen's vision-language models."""

BEST = "best candidate:"
"""The end of what the vision-language model reads; the letter it would write next is its answer."""

OPENED = "["
"""The same for the text model, whose answer begins with a letter in brackets."""

WATCHER = "You are shown stills of candidate moments from videos, and judge which answers a search best."
_RANKER = (
    "You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query"
)
_JUDGE = (
    "Judge whether the Document meets the requirements based on the Query and the Instruct provided. "
    'Note that the answer can only be "yes" or "no".'
)
_FOUR = "A long candidate is shown by four stills, in the order of time."
INSTRUCTION = "Given a search query, retrieve relevant candidates that answer the query."


def words_of(query: Query) -> str:
    """The words of a query.

    Raises:
        QueryError: it has none.
    """
    words = plain(query.text)
    if not words:
        raise QueryError(
            f"{query!r} has no words, and a model that reranks reads words. Search with text, or take one of "
            "the rerankers that need no model, such as 'joint'."
        )
    return words


def ask_watcher(query: str, lines: Sequence[str], sheets: Sequence[str]) -> str:
    """A conversation in ChatML that shows contact sheets and ends in :data:`BEST`.

    Args:
        query: the words.
        lines: what is known of each candidate, A first.
        sheets: the letters on each sheet.
    """
    shown = "\n".join(f"Stills of {', '.join(on)}:\n{PICTURE}" for on in sheets)
    known = "\n".join(f"{letter}: {line}" for letter, line in zip(letters(len(lines)), lines, strict=True))
    question = (
        f"{shown}\n{_FOUR}\n\nWhat is known of each candidate:\n{known}\n\nSearch: {query}\n"
        f"Which of the {len(lines)} candidates answers the search best? Answer with its letter alone."
    )
    return f"{_turns(WATCHER, question)}{BEST}"


def ask_ranker(query: str, lines: Sequence[str]) -> tuple[str, str]:
    """System message and question that FIRST (Reddy et al. 2024) and castorini's models were trained with."""
    passages = "\n".join(
        f"[{letter}] {line}" for letter, line in zip(letters(len(lines)), lines, strict=True)
    )
    return _RANKER, (
        f"I will provide you with {len(lines)} passages, each indicated by an alphabetical identifier []. "
        f"Rank the passages based on their relevance to the search query: {query}.\n\n{passages}\n\n"
        f"Search Query: {query}.\nRank the {len(lines)} passages above based on their relevance to the "
        "search query. All the passages should be included and listed using identifiers, in descending order "
        "of relevance. The output format should be [] > [], e.g., [B] > [A], Answer concisely and directly "
        "and only respond with the ranking results, do not say any word or explain."
    )


def ask_judge(query: str, document: str) -> str:
    """The conversation that Qwen3-Reranker was trained with (Zhang et al. 2025)."""
    question = f"<Instruct>: {INSTRUCTION}\n<Query>: {query}\n<Document>: {document}"
    return f"{_turns(_JUDGE, question)}<think>\n\n</think>\n\n"


def ask_seeing_judge(query: str, pictures: int, document: str) -> str:
    """The conversation that Qwen3-VL-Reranker was trained with (Li et al. 2026)."""
    shown = PICTURE * pictures
    return _turns(_JUDGE, f"<Instruct>: {INSTRUCTION}<Query>:{query}\n<Document>:{shown}{document}")


def ask_in_words(query: str, lines: Sequence[str], *, seen: bool) -> str:
    """What an endpoint is asked, whose answer is the whole order in JSON.

    Args:
        query: the words.
        lines: what is known of each candidate, A first.
        seen: whether contact sheets come before.
    """
    known = "\n".join(f"{letter}: {line}" for letter, line in zip(letters(len(lines)), lines, strict=True))
    return (
        f"Candidates, moments of videos{f'. {_FOUR}' if seen else ':'}\n{known}\n\nSearch: {query}\n"
        f"Order all {len(lines)} candidates by how well they answer the search, best first. Answer with JSON "
        'alone, every letter once: {"order": ["B", "A", …]}'
    )


def _turns(system: str, question: str) -> str:
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
