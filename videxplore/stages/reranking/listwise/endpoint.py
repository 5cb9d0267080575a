"""Listwise by a model that somebody else runs, behind an interface like OpenAI's. Off unless constructed."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from videxplore.errors import ModelError
from videxplore.stages.reranking.listwise.base import Listwise
from videxplore.stages.reranking.listwise.captions import captions, name_of
from videxplore.stages.reranking.listwise.naming import Verdict, letters, order_named
from videxplore.stages.reranking.listwise.prompts import WATCHER, ask_in_words
from videxplore.stages.reranking.listwise.sheets import Cell, sheets
from videxplore.stages.reranking.listwise.stills import Picture, one_still_each
from videxplore.stages.reranking.listwise.transport import check_address, post
from videxplore.stages.reranking.listwise.windows import Order, Read
from videxplore.values.rankings import Candidate, Query

_log = logging.getLogger(__name__)

_JPEG_QUALITY = 80
_OPENING = re.compile(r"[{[]")
_LONGEST = 10_000
"""Characters at the end of an answer that are searched for an order."""
_TRIES = 200
"""Brackets at its end at which an order may begin."""


class ListwiseEndpoint(Listwise):
    """A model behind an OpenAI-compatible address, asked for the whole order in JSON.

    Pictures and words of the candidates leave this machine. Nothing is sent before you have agreed: without
    ``consent=True`` reranking ends in an error that says how much would be sent where; with it the same
    is logged as a warning before the first call.

    Args:
        base_url: such as ``"https://api.example.org/v1"`` or ``"http://localhost:8000/v1"``.
        model: as the server calls it.
        consent: that pictures and words may be sent there, and what it costs is paid.
        key_variable: environment variable with the key; empty for a server that wants none.
        pictures: whether contact sheets are sent besides words.
        timeout_s: seconds until an answer must be there.
        extra: more fields of the request, as the server wants them.
        grid: rows and columns of a contact sheet, at most.
        depth: candidates that are read.
        **reading: windows and orders of showing, see :class:`~.windows.Reading`; every order is one call.

    Raises:
        ValueError: the address would send things unencrypted, or an option is not allowed.
        TypeError: ``consent`` is neither True nor False.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        consent: bool = False,
        key_variable: str = "",
        pictures: bool = True,
        timeout_s: float = 60.0,
        extra: Mapping[str, Any] | None = None,
        grid: int = 2,
        depth: int = 16,
        **reading: int,
    ) -> None:
        self.base_url = check_address(base_url)
        if not isinstance(consent, bool):  # "no" would count as yes
            raise TypeError(f"consent must be True or False, got {consent!r}.")
        if not model:
            raise ValueError("model must be the name that the server has for it, got ''.")
        if timeout_s <= 0:
            raise ValueError(f"timeout_s must be positive, got {timeout_s!r}.")
        super().__init__(f"{model} at {urlsplit(base_url).netloc} (listwise)", depth=depth, **reading)
        self.model = model
        self.consent = consent
        self.key_variable = key_variable
        self.pictures = pictures
        self.timeout_s = timeout_s
        self.extra = {"temperature": 0} if extra is None else dict(extra)
        self.grid = grid
        self._warned = False

    def __repr__(self) -> str:
        return f"ListwiseEndpoint({self.base_url!r}, {self.model!r}, consent={self.consent})"

    def _open(self, candidates: list[Candidate], query: Query, words: str) -> tuple[Read, tuple[str, ...]]:
        shown, remarks = one_still_each(candidates) if self.pictures else ([None] * len(candidates), ())
        lines = captions(candidates, query)

        def content(order: Order) -> list[dict[str, Any]]:
            return self._content(order, words, lines, shown)

        notice = self._notice([content(order) for order in self._planned(len(candidates))])
        if not self.consent:
            raise ModelError(
                f"nothing was sent. {notice} If that is what you want, construct it with consent=True."
            )
        key = self._key()
        if not self._warned:
            _log.warning(notice)
            self._warned = True

        def show(order: Order) -> Verdict:
            turns = [{"role": "system", "content": WATCHER}, {"role": "user", "content": content(order)}]
            body = {"model": self.model, "messages": turns, **self.extra}
            answer = post(f"{self.base_url}/chat/completions", body, key, self.timeout_s)
            return read_order(answer, [name_of(candidates[i]) for i in order])

        return show, (*remarks, notice)

    def _content(
        self, order: Order, words: str, lines: Sequence[str], shown: Sequence[Picture | None]
    ) -> list[dict[str, Any]]:
        """What the user's turn consists of: contact sheets, then the question."""
        names = letters(len(order))
        cells = [Cell(letter, shown[i], lines[i]) for letter, i in zip(names, order, strict=True)]
        pictures = sheets(cells, self.grid) if self.pictures else []
        parts: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": _as_data(picture)}} for picture in pictures
        ]
        return [
            *parts,
            {"type": "text", "text": ask_in_words(words, [lines[i] for i in order], seen=self.pictures)},
        ]

    def _planned(self, n: int) -> list[Order]:
        """Every order that will be asked for, as long as the model moves nothing."""
        import numpy as np

        straight = np.arange(n)
        return [
            straight[start:stop][order]
            for number, (start, stop) in enumerate(self.reading.windows(n))
            for order in self.reading.orders(stop - start, number)
        ]

    def _notice(self, calls: Sequence[Sequence[Mapping[str, Any]]]) -> str:
        """How much leaves the machine, and to where."""
        pictures = [part["image_url"]["url"] for call in calls for part in call if "image_url" in part]
        words = sum(len(part["text"].split()) for call in calls for part in call if "text" in part)
        size = sum(map(len, pictures)) * 3 / 4 / 1024
        sent = f"{len(pictures)} pictures ({size:,.0f} KiB) and about {words:,} words"
        return (
            f"{len(calls)} calls of {self.model} at {urlsplit(self.base_url).netloc} send {sent}: stills, "
            "transcripts and the query leave this machine, and what the calls cost is yours to pay."
        )

    def _key(self) -> str:
        if not self.key_variable:
            return ""
        key = os.environ.get(self.key_variable, "").strip()
        if not key:
            raise ModelError(
                f"nothing was sent: the environment variable {self.key_variable!r} holds no key. Set it "
                "before the kernel starts, or give key_variable='' for a server that wants none."
            )
        return key


def _as_data(picture: Picture) -> str:
    from PIL import Image

    target = io.BytesIO()
    Image.fromarray(picture).save(target, format="JPEG", quality=_JPEG_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(target.getvalue()).decode()}"


def read_order(answer: Any, names: Sequence[str]) -> Verdict:
    """What a chat completion says about the order, whatever it looks like.

    Args:
        answer: the server's answer, read as JSON.
        names: what A, B, … stand for.
    """
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return Verdict(None, "the server's answer holds no message.")
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content if isinstance(part, dict))
    named = _named(content) if isinstance(content, str) else None
    if named is None:
        return Verdict(None, "the model's answer holds no JSON with an order.")
    return order_named(named, names)


def _named(text: str) -> list[object] | None:
    """The last list of labels in ``text``: what is thought aloud comes first."""
    text = text[-_LONGEST:]
    decoder = json.JSONDecoder()
    found, place = None, 0
    for start in [match.start() for match in _OPENING.finditer(text)][-_TRIES:]:
        if start < place:  # inside what was read
            continue
        try:
            value, place = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        order = value.get("order") if isinstance(value, dict) else value
        found = order if isinstance(order, list) else found
    return found
