"""Parts of an expression that are known before the first step.

In: an expression and the values of its parameters. Out: a number where nothing else is
in it. A chip is told the number; how the user wrote it does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..rules.evaluate import evaluate
from ..rules.expr import Const, Expr, Name, Where, children, walk, with_children


def is_constant(expr: Expr, values: Mapping[str, float]) -> bool:
    """Tell whether an expression is made of numbers and parameters alone."""
    return all(
        isinstance(node, Const) or (isinstance(node, Name) and node.name in values)
        for node in walk(expr)
        if not children(node)
    )


def constant_value(expr: Expr, values: Mapping[str, float]) -> float | None:
    """Compute a constant expression; None if it is not constant.

    Raises
    ------
    LaharError
        R148 if it has no finite value.

    """
    return evaluate(expr, values) if is_constant(expr, values) else None


def with_numbers(expr: Expr, values: Mapping[str, float]) -> Expr:
    """Put a number for every part that is constant, and the branch that it chooses.

    Raises
    ------
    LaharError
        R148 if a part that is used has no finite value.

    """
    if isinstance(expr, Const):
        return expr
    if is_constant(expr, values):
        return Const(evaluate(expr, values), span=expr.span)
    if isinstance(expr, Where) and is_constant(expr.condition, values):
        holds = evaluate(expr.condition, values) != 0
        return with_numbers(expr.then if holds else expr.otherwise, values)
    parts = tuple(with_numbers(part, values) for part in children(expr))
    return with_children(expr, parts) if parts else expr
