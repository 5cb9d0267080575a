"""What every widget shares: pixels on request, refusal of unknown arguments, a still copy for exports."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from videxplore.views.describe import plain

Pixels = Callable[[str], bytes]
"""A segment id to the bytes of its poster (JPEG) or clip (MP4 or WebM)."""

Choose = Callable[[str, bool], None]
"""What a widget calls when a segment is chosen: its id, and whether it is to be played."""

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


class View(anywidget.AnyWidget):
    """Base of the widgets: answers requests for posters and clips by id with binary messages.

    Bytes never enter the widget's state, so a saved notebook stays small.

    Args:
        poster: segment id to JPEG bytes; None shows an empty frame.
        clip: segment id to the bytes of a short file a browser plays; None offers no playback.
        **traits: initial values of the widget's own traits.

    Raises:
        TypeError: an argument is none of the widget's traits.
    """

    _twin = traitlets.Unicode("").tag(sync=True)
    _playable = traitlets.Bool(False).tag(sync=True)

    def __init__(self, *, poster: Pixels | None = None, clip: Pixels | None = None, **traits: Any) -> None:
        unknown = sorted(name for name in traits if not self.has_trait(name))
        if unknown:
            known = sorted(name for name in self.class_own_traits() if not name.startswith("_"))
            raise TypeError(
                f"{type(self).__name__} has no argument {', '.join(unknown)}; it takes {', '.join(known)}."
            )
        self._pixels: dict[str, Pixels | None] = {"poster": poster, "clip": clip}
        self._choosers: list[Choose] = []
        super().__init__(_playable=clip is not None, **traits)
        self.on_msg(self._answer)

    def on_choose(self, callback: Choose) -> None:
        """Call ``callback(segment_id, play)`` whenever the user chooses a segment in this widget."""
        self._choosers.append(callback)

    def _answer(self, _: Any, content: Any, __: Any) -> None:
        """Reply to ``{kind, id}`` with the bytes, or with the reason why there are none."""
        kind, segment_id = str(content.get("kind")), str(content.get("id"))
        if kind == "choose":
            for callback in self._choosers:
                callback(segment_id, bool(content.get("play")))
            return
        source = self._pixels.get(kind)
        if source is None:
            self.send({"kind": kind, "id": segment_id, "ok": False, "reason": f"no {plain(kind)} here"})
            return
        try:
            pixels = source(segment_id)
            if not pixels:
                raise ValueError("there is no picture of this segment")
        except Exception as error:  # noqa: BLE001 - whatever a source raises is shown where the picture belongs
            reason = plain(str(error)) or type(error).__name__
            self.send({"kind": kind, "id": segment_id, "ok": False, "reason": reason})
            return
        reply = {"kind": kind, "id": segment_id, "ok": True, "type": media_type(pixels)}
        self.send(reply, buffers=[pixels])

    def still(self) -> str:
        """Return the still copy as HTML, printed before the widget for readers without a kernel."""
        return ""

    def _ipython_display_(self) -> None:
        announce(self, self)


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
