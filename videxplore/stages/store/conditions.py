"""Conditions on segments as text, read by a small grammar and never handed to a database.

``duration_s > 3 and (level == "moment" or name in ["a.mp4", "b.mp4"]) and not "goal" in transcript``:
Python's own comparisons, ``and``, ``or``, ``not``, ``in``, over names of columns, numbers and texts. Python's
parser reads it and nothing is ever run, so that no condition can do anything but select.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, among: value in among,
    ast.NotIn: lambda value, among: value not in among,
}

_ALLOWED = (
    "comparisons (==, !=, <, <=, >, >=, in, not in) of columns, numbers and texts, joined by and, or, not"
)
_LONGEST = 20_000


def select_rows(condition: str, column: Callable[[str], list[Any]], rows: int) -> Mask:
    """Return bool (n,): the rows for which the condition holds.

    Args:
        condition: the text.
        column: values of a column by its name; raises ValueError for an unknown name.
        rows: n.

    Raises:
        ValueError: not a condition of this grammar, or values that cannot be compared.
    """
    try:
        if len(condition) > _LONGEST:
            raise SyntaxError(f"longer than {_LONGEST} characters")
        tree = ast.parse(condition.strip(), mode="eval").body
        return _evaluate(tree, column, rows)
    except (SyntaxError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or type(error).__name__
        raise ValueError(
            f"where is no condition: {reason} in {condition[:200]!r}. Allowed are {_ALLOWED}."
        ) from None
    except TypeError as error:
        raise ValueError(
            f"where compares what cannot be compared: {error}, in {condition[:200]!r}."
        ) from None


def _evaluate(node: ast.expr, column: Callable[[str], list[Any]], rows: int) -> Mask:
    match node:
        case ast.BoolOp():
            masks = [_evaluate(value, column, rows) for value in node.values]
            join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
            return np.asarray(join.reduce(masks), dtype=bool)
        case ast.UnaryOp(op=ast.Not()):
            return ~_evaluate(node.operand, column, rows)
        case ast.Compare():
            sides = [_values(side, column, rows) for side in (node.left, *node.comparators)]
            mask = np.ones(rows, dtype=bool)
            for left, right, sign in zip(sides, sides[1:], node.ops, strict=False):
                if type(sign) not in _COMPARISONS:
                    raise SyntaxError(f"{type(sign).__name__} is not allowed")
                compare = _COMPARISONS[type(sign)]
                mask &= np.fromiter(
                    (bool(compare(a, b)) for a, b in zip(left, right, strict=True)), bool, rows
                )
            return mask
        case ast.Name():
            return np.array([bool(value) for value in column(node.id)], dtype=bool)
    raise SyntaxError(f"{ast.unparse(node)!r} is no comparison")


def _values(node: ast.expr, column: Callable[[str], list[Any]], rows: int) -> list[Any]:
    """One value per row: those of a column, or a constant again and again."""
    if isinstance(node, ast.Name):
        return column(node.id)
    return [_constant(node)] * rows


def _constant(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return node.value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return -_constant(node.operand)
        case ast.List() | ast.Tuple() | ast.Set():
            return [_constant(item) for item in node.elts]
    raise SyntaxError(f"{ast.unparse(node)!r} is neither a column nor a number or text")
