"""When does an update certainly change nothing? Where a factor of each term is 0.

An update expression in, a question about the values of a step out. Only what one side
or all synapses share is looked at, so that asking costs far less than computing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..rules.expr import (
    Before,
    Binary,
    Call,
    Const,
    Expr,
    Name,
    Negative,
    Power,
    Quantity,
    Spike,
    Where,
)
from .reference_expressions import Values, leaf_key

IsZero = Callable[[Values], bool]


def never(values: Values) -> bool:
    """Say of an expression that it may be anything."""
    return False


def compile_is_zero(
    expr: Expr, params: Mapping[str, float], shared: frozenset[str]
) -> IsZero:
    """Ask whether an expression is 0 at all synapses; `never` if one cannot tell.

    Parameters
    ----------
    expr, params
        As for `compile_expr`.
    shared
        Names of traces, modulators and the like: rows, columns or single numbers.

    """

    def asked(part: Expr) -> IsZero:
        return compile_is_zero(part, params, shared)

    match expr:
        case Const(value=value) if value == 0:
            return _always
        case Name(name=name) if name in params:
            return _always if params[name] == 0 else never
        case Spike() | Quantity() | Before():
            return _leaf(leaf_key(expr))
        case Name(name=name) if name in shared:
            return _leaf(name)
        case Binary(operator="*", left=a, right=b):
            return _one_of(asked(a), asked(b))
        case Binary(operator="+" | "-", left=a, right=b):
            return _both(asked(a), asked(b))
        case Where(then=a, otherwise=b) | Call(function="min" | "max", args=(a, b)):
            return _both(asked(a), asked(b))
        case Binary(operator="/", left=a) | Negative(operand=a):
            return asked(a)
        case Power(base=a, exponent=Const(value=n)) if n > 0:
            return asked(a)
        case Call(function="sign" | "abs", args=(a,)):
            return asked(a)
        case _:
            return never


def _always(values: Values) -> bool:
    return True


def _leaf(key: str) -> IsZero:
    return lambda values: not np.count_nonzero(values[key])


def _one_of(a: IsZero, b: IsZero) -> IsZero:
    if a is never:
        return b
    return a if b is never else lambda values: a(values) or b(values)


def _both(a: IsZero, b: IsZero) -> IsZero:
    if a is never or b is never:
        return never
    return lambda values: a(values) and b(values)
