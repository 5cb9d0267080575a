"""ES modules and style sheets of widgets and pages, joined so that each carries one of either.

A widget's module is loaded from a Blob URL, from where a relative import cannot reach a neighbour. What it
imports is therefore written in front of it, each module in a scope of its own. No bundler: all files run
unchanged under ``node --test``.
"""

from __future__ import annotations

import re

from videxplore.views.tokens import STATIC

_IMPORTED = re.compile(
    r'^import\s*(?:(?P<default>\w+)|\{(?P<names>[^}]*)\})\s*from\s*"\./(?P<stem>\w+)\.js";\n', re.MULTILINE
)
_EXPORTED = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=function|const|class|async)", re.MULTILINE)


def module(stem: str) -> str:
    """Return ``static/<stem>.js`` with all that it imports, as one ES module with its default export."""
    return f"{bundle(stem)}\nexport default from_{stem}.default;\n"


def bundle(stem: str) -> str:
    """Return ``static/<stem>.js`` with all that it imports, as one script; each module has its own scope."""
    scopes: dict[str, str] = {}

    def add(name: str) -> None:
        if name in scopes:
            return
        source = (STATIC / f"{name}.js").read_text(encoding="utf-8")
        for found in _IMPORTED.finditer(source):
            add(found["stem"])
        names = _EXPORTED.findall(source)
        body = _EXPORT.sub("", _IMPORTED.sub(_taken, source)).replace("export default ", "const given = ")
        default = ["default: given"] if "export default " in source else []
        scopes[name] = (
            f"const from_{name} = (() => {{\n{body}\nreturn {{ {', '.join(names + default)} }};\n}})();"
        )

    add(stem)
    return "\n".join(scopes.values())


def _taken(found: re.Match[str]) -> str:
    """An import as what takes the names out of a scope."""
    if found["default"]:
        return f"const {found['default']} = from_{found['stem']}.default;\n"
    return f"const {{{found['names'].replace(' as ', ': ')}}} = from_{found['stem']};\n"


def styles(*stems: str) -> str:
    """Return the design tokens followed by ``static/<stem>.css`` of each stem."""
    return "\n".join((STATIC / f"{stem}.css").read_text(encoding="utf-8") for stem in ("tokens", *stems))
