"""Plain tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def show(title: str, rows: Sequence[Mapping[str, object]], *, note: str = "") -> None:
    """Print ``rows`` under ``title``; the columns are the keys of the first row."""
    print(f"\n{title}")
    if note:
        print(f"  {note}")
    if not rows:
        print("  (nothing)")
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_text(row.get(name, "")) for name in names] for row in rows]
    widths = [max(len(name), *(len(c[i]) for c in cells)) for i, name in enumerate(names)]
    for line in [names, ["-" * w for w in widths], *cells]:
        print("  " + "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())


def interval(mean: float, low: float, high: float, *, sign: bool = False) -> str:
    """``.512 [.430, .590]``."""
    form = "+.3f" if sign else ".3f"
    return f"{mean:{form}} [{low:{form}}, {high:{form}}]"


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
