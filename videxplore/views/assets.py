"""ES modules and style sheets of the widgets, joined so that each widget carries one of either.

A widget's module is loaded from a Blob URL, from where a relative import cannot reach a neighbour. The
shared modules are therefore written in front of the widget's own, and the import lines dropped. No bundler:
all files run unchanged under ``node --test``.
"""

from __future__ import annotations

import re

from videxplore.views.tokens import STATIC

_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./\w+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=function|const|class|async)", re.MULTILINE)


def module(*stems: str) -> str:
    """Return ``static/<stem>.js`` of each stem, ``common.js`` in front of all, as one ES module."""
    *shared, own = ("common", *stems)
    sources = [(STATIC / f"{stem}.js").read_text(encoding="utf-8") for stem in (*shared, own)]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", source)) for source in sources)


def styles(*stems: str) -> str:
    """Return the design tokens followed by ``static/<stem>.css`` of each stem."""
    return "\n".join((STATIC / f"{stem}.css").read_text(encoding="utf-8") for stem in ("tokens", *stems))
