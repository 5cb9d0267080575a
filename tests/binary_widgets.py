"""Mounts widgets whose state holds arrays: bytes travel as text, and are bytes again on either side."""

from __future__ import annotations

import base64
import json
from typing import Any

from harness import PAGE, SHIM, Mounted

_BYTES = """
(() => {
  const { stringify, parse } = JSON;
  const text = (b) => {
    let letters = "";
    for (let i = 0; i < b.length; i += 32768) letters += String.fromCharCode(...b.subarray(i, i + 32768));
    return btoa(letters);
  };
  const out = (key, value) => ArrayBuffer.isView(value)
    ? { __bytes__: text(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) }
    : value instanceof ArrayBuffer ? { __bytes__: text(new Uint8Array(value)) } : value;
  const back = (key, value) => value && typeof value.__bytes__ === "string"
    ? new DataView(Uint8Array.from(atob(value.__bytes__), (c) => c.charCodeAt(0)).buffer) : value;
  JSON.stringify = (value, _, space) => stringify(value, out, space);
  JSON.parse = (text) => parse(text, back);
  const mount = window.mountWidget;
  window.mountWidget = (key, source, css, state, name) => (
    mount(key, source, css, JSON.parse(stringify(state)), name));
})();
"""


def bare_page(page: Any, theme: str = "light") -> None:
    """Make a page ready for :class:`BinaryMounted`."""
    ground = {"light": "#ffffff", "dark": "#111111"}[theme]
    page.set_content(PAGE.format(light=json.dumps(theme == "light"), ground=ground))
    page.add_script_tag(content=SHIM)
    page.add_script_tag(content=_BYTES)


class BinaryMounted(Mounted):
    """A widget in a page that :func:`bare_page` made."""

    def __init__(self, page: Any, widget: Any, **options: Any) -> None:
        super().__init__(page, widget, beside=True, **options)

    def _state(self) -> dict[str, Any]:
        return _encoded({k: v for k, v in super()._state().items() if not k.startswith("_model")})

    @staticmethod
    def _parse(text: str) -> Any:
        return json.loads(text, object_hook=_decoded)


def _encoded(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview, bytearray)):
        return {"__bytes__": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, dict):
        return {key: _encoded(each) for key, each in value.items()}
    return [_encoded(each) for each in value] if isinstance(value, (list, tuple)) else value


def _decoded(value: dict[str, Any]) -> Any:
    return memoryview(base64.b64decode(value["__bytes__"])) if "__bytes__" in value else value
