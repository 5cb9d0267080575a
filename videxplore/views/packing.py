"""Modules and style sheets of widgets, packed small: every saved notebook carries those of its widgets."""

from __future__ import annotations

import base64
import gzip
import json
import re

_COMMENT = re.compile(r"^\s*(?://.*|/\*\*.*\*/\s*)$")

_UNPACK = """// videxplore {name}, packed; readable in the installed package, views/static
const bytes = Uint8Array.from(atob({packed}), (c) => c.charCodeAt(0));
const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const text = await new Response(unpacked).text();
const [source, css] = JSON.parse(text);
const url = URL.createObjectURL(new Blob([source], {{ type: "text/javascript" }}));
let inner;
try {{ inner = (await import(url)).default; }} finally {{ URL.revokeObjectURL(url); }}
function render(context) {{
  const {{ el }} = context;
  const style = document.createElement("style");
  style.textContent = css;
  // From the first picture on, since what is drawn is measured; and through every later one.
  el.replaceChildren = (...nodes) => Element.prototype.replaceChildren.call(el, style, ...nodes);
  el.replaceChildren();
  return inner.render(context);
}}
export default css ? {{ ...inner, render }} : inner;
"""


def pack(name: str, source: str, css: str = "") -> str:
    """Return an ES module that does what ``source`` does and brings its style sheet along.

    Comments and indentation go; what is left is compressed. The style sheet stands beside what is drawn,
    wherever that is put.

    Args:
        name: of the widget, for people.
        source: an ES module whose default export has ``render``.
        css: a style sheet.
    """
    lines = (line.strip() for line in source.splitlines() if not _COMMENT.match(line))
    bare = "\n".join([*filter(None, lines), f"//# sourceURL=videxplore/{name}.js"])
    packed = gzip.compress(json.dumps([bare, bare_css(css)]).encode(), mtime=0)
    return _UNPACK.format(name=name, packed=json.dumps(base64.b64encode(packed).decode()))


def bare_css(css: str) -> str:
    """Return a style sheet without comments and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
