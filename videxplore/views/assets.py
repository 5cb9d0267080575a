"""ES modules and style sheets of the widgets, joined so that each widget carries one of either.

A widget's module is loaded from a Blob URL, from where a relative import cannot reach a neighbour. The
shared module is therefore written in front of the widget's own, and the import line dropped. No bundler:
both files run unchanged under ``node --test``.
"""

from __future__ import annotations

import re

from videxplore.views.tokens import STATIC

_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./common\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=function|const|class|async)", re.MULTILINE)


def module(stem: str) -> str:
    """Return ``static/<stem>.js`` with the shared module in front, as one ES module."""
    shared = _EXPORT.sub("", (STATIC / "common.js").read_text(encoding="utf-8"))
    own = (STATIC / f"{stem}.js").read_text(encoding="utf-8")
    return f"{shared}\n{_EXPORT.sub('', _IMPORT.sub('', own))}"


def styles(*stems: str) -> str:
    """Return the design tokens followed by ``static/<stem>.css`` of each stem."""
    return "\n".join((STATIC / f"{stem}.css").read_text(encoding="utf-8") for stem in ("tokens", *stems))
