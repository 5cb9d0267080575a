"""What every widget shares: pixels on request, refusal of unknown arguments, a still copy for exports."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any

import anywidget
import numpy as np
import traitlets

from videxplore.views.delivery import KINDS, Clip, Clips, ClipSource, refused, settled
from videxplore.views.describe import plain
from videxplore.views.lives import CELLS, close_below
from videxplore.views.packing import pack

Pixels = Callable[[str], bytes]
"""A segment id to the bytes of its poster (JPEG)."""

Choose = Callable[[str, bool], None]
"""What a widget calls when a segment is chosen: its id, and whether it is to be played."""

Add = Callable[[str], None]
"""What a widget calls when a segment is taken into the choice, or out of it: its id."""

_NOTE = '<p style="font-size:11px;opacity:.75">A still copy: it comes to life where a kernel runs.</p>'


def media_type(content: bytes) -> str:
    r"""Return the media type of poster or clip bytes, by their first bytes.

    >>> media_type(b"\xff\xd8\xff\xe0"), media_type(b"\x1a\x45\xdf\xa3")
    ('image/jpeg', 'video/webm')
    """
    for head, name in (
        (b"\xff\xd8", "image/jpeg"),
        (b"\x89PNG", "image/png"),
        (b"\x1aE\xdf\xa3", "video/webm"),
    ):
        if content.startswith(head):
            return name
    return "image/webp" if content[8:12] == b"WEBP" else "video/mp4"


def data_uri(content: bytes) -> str:
    """Return poster or clip bytes as an address that holds them."""
    return f"data:{media_type(content)};base64,{base64.b64encode(content).decode()}"


class View(anywidget.AnyWidget):
    """Base of the widgets: answers requests for posters and clips by id with binary messages.

    Bytes never enter the widget's state, so a saved notebook stays small; nor does what grows with a video:
    traits tagged ``told`` are messages, sent to pages that have asked for them (``openTold`` in the browser).
    Clips are made in the background where their source does so: the answer is then sent from its thread.

    Args:
        poster: segment id to JPEG bytes; None shows an empty frame.
        clip: what makes clips, or segment id to the bytes of one; None offers no playback.
        **traits: initial values of the widget's own traits.

    Raises:
        TypeError: an argument is none of the widget's traits.
    """

    _twin = traitlets.Unicode("").tag(sync=True)
    _playable = traitlets.Bool(False).tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        """Pack the widget's module and style sheet, since both are part of every notebook that is saved."""
        source, css = vars(cls).get("_esm"), vars(cls).get("_css", "")
        if isinstance(source, str):  # a class that traitlets makes for one widget has traits instead
            cls._esm, cls._css = pack(cls.__name__, source, css), ""
        super().__init_subclass__(**options)

    def __init__(self, *, poster: Pixels | None = None, clip: Clips | None = None, **traits: Any) -> None:
        self._orders: dict[str, Future[Any]] = {}
        unknown = sorted(name for name in traits if not self.has_trait(name))
        if unknown:
            known = sorted(name for name in self.class_own_traits() if not name.startswith("_"))
            raise TypeError(
                f"{type(self).__name__} has no argument {', '.join(unknown)}; it takes {', '.join(known)}."
            )
        self._poster, self._clip = poster, clip
        self._choosers: list[Choose] = []
        self._adders: list[Add] = []
        self._heard = False  # whether a page has asked for what is told
        super().__init__(_playable=clip is not None, **traits)
        self.on_msg(self._answer)
        told = self.trait_names(told=True)
        if told:
            self.observe(self._on_told, names=told)

    def on_choose(self, callback: Choose) -> None:
        """Call ``callback(segment_id, play)`` whenever the user chooses a segment in this widget."""
        self._choosers.append(callback)

    def on_add(self, callback: Add) -> None:
        """Call ``callback(segment_id)`` whenever the user takes a segment into the choice, or out of it."""
        self._adders.append(callback)

    def _on_told(self, change: Any) -> None:
        if self._heard:
            self._tell([change["name"]])

    def _tell(self, names: Sequence[str]) -> None:
        """Send traits as a message."""
        self.send({"kind": "told", "facts": {name: getattr(self, name) for name in names}})

    def _answer(self, _: Any, content: Any, __: Any) -> None:
        """Do what a page asks: ``choose``, ``add``, ``cancel``, ``tell``, or send what belongs to one."""
        kind, segment_id = str(content.get("kind")), str(content.get("id"))
        if kind == "tell":
            self._heard = True
            self._tell(self.trait_names(told=True))
            return
        if kind == "choose":
            for callback in self._choosers:
                callback(segment_id, bool(content.get("play")))
            return
        if kind == "add":
            for add in self._adders:
                add(segment_id)
            return
        key = str(content.get("key", f"{kind}:{segment_id}"))
        if kind == "cancel":
            order = self._orders.pop(key, None)
            if order is not None:
                order.cancel()
            return
        order = self._orders[key] = self._begin(kind, segment_id, content)
        head = {"kind": kind, "id": segment_id, "key": key}
        order.add_done_callback(lambda done: self._deliver(head, done))

    def _begin(self, kind: str, segment_id: str, content: Mapping[str, Any]) -> Future[Any]:
        """Begin to get what is asked for."""
        clip = self._clip
        if kind == "poster" and self._poster is not None:
            poster = self._poster
            return settled(lambda: poster(segment_id))
        if kind in KINDS and isinstance(clip, ClipSource):
            formats = [str(name) for name in content.get("formats") or ()]
            return clip.order(segment_id, kind, formats, bool(content.get("served")))
        if kind == "cues" and isinstance(clip, ClipSource):
            return clip.cues(segment_id)
        if kind == "clip" and callable(clip):
            make = clip
            return settled(lambda: Clip(make(segment_id)))
        return refused(f"no {plain(kind)} here")

    def _deliver(self, head: Mapping[str, Any], done: Future[Any]) -> None:
        """Send what was ordered, or the reason why there is none; nothing for what was given up."""
        self._orders.pop(head["key"], None)
        error = CancelledError() if done.cancelled() else done.exception()
        if isinstance(error, CancelledError):
            return
        try:
            if error is not None:
                raise error
            facts, buffers = _packed(done.result())
        except Exception as problem:  # noqa: BLE001 - whatever a source raises is shown where the picture belongs
            reason = plain(str(problem)) or type(problem).__name__
            self.send({**head, "ok": False, "reason": reason})
            return
        self.send({**head, "ok": True, **facts}, buffers=buffers)

    def close(self) -> None:
        """Close the widget and give up what was ordered."""
        for order in list(self._orders.values()):
            order.cancel()
        close_below(self)
        super().close()

    def still(self) -> str:
        """Return the still copy as HTML, printed before the widget for readers without a kernel."""
        return ""

    def _ipython_display_(self) -> None:
        announce(self, self)


def _packed(found: Any) -> tuple[dict[str, Any], list[bytes]]:
    """What a message says, and the bytes that go with it."""
    if isinstance(found, list):
        return {"cues": [[start_s, end_s, plain(text)] for start_s, end_s, text in found]}, []
    content = found.content if isinstance(found, Clip) else found
    served = found.served if isinstance(found, Clip) else None
    if not content and served is None:
        raise ValueError("there is no picture of this segment")
    facts: dict[str, Any] = {"type": media_type(content)} if content else {}
    if not isinstance(found, Clip):
        return facts, [content]
    facts |= {"pace": found.pace, "preview": found.preview, "served": served}
    return facts, [content, np.asarray(found.times_s, dtype="<f8").tobytes()]


def announce(widget: Any, alive: View) -> None:
    """Print a widget's still copy, then the widget; ``alive`` hides the copy where it comes to life.

    One output with both would do for nbconvert, but JupyterLab without a kernel shows an error in place
    of the second.

    Args:
        widget: has ``still()``, the copy as HTML.
        alive: the widget, or the part of it, whose module runs in the browser.
    """
    from IPython.display import display

    html = widget.still()
    if html:
        alive._twin = f"vx-{uuid.uuid4().hex[:12]}"
        display({"text/html": f'<div id="{alive._twin}">{html}</div>', "text/plain": ""}, raw=True)
    bundle = widget._repr_mimebundle_()
    data = dict(bundle[0] if isinstance(bundle, tuple) else bundle)
    # Exports without widget state fall back on these, below the still copy.
    data |= {"text/html": _NOTE if html else "", "text/plain": ""}
    display(data, raw=True)
    CELLS.note(widget)
