"""When does an update touch a synapse? In steps in which a term's gate is open.

An update expression in, its gates out: sets of pre, post and every(n) that must hold
together. The open loop counts with them what the error budget is multiplied by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..rules.evaluate import evaluate
from ..rules.expr import (
    PRE_VALUE,
    Binary,
    Call,
    Const,
    Every,
    Expr,
    Name,
    Negative,
    Power,
    Spike,
    children,
    walk,
)
from .reference_expressions import Compiled, Floats, Values, compile_expr

Gate = frozenset[Expr]
"""Spikes and every(n) that must all be 1; the empty one is always open."""

ALWAYS: frozenset[Gate] = frozenset({frozenset()})
NEVER: frozenset[Gate] = frozenset()


def gates_of(expr: Expr, params: Mapping[str, float]) -> frozenset[Gate]:
    """Give the gates of an update: it changes nothing unless one of them is open."""
    if _is_constant(expr, params):
        return ALWAYS if evaluate(expr, params) != 0 else NEVER
    match expr:
        case Spike() | Every():
            return frozenset({frozenset({expr})})
        case Name(name=name) if name == PRE_VALUE:
            return frozenset({frozenset({Spike("pre")})})
        case Binary(operator="+" | "-", left=a, right=b):
            return _any_of(gates_of(a, params) | gates_of(b, params))
        case Binary(operator="*", left=a, right=b):
            return _any_of(
                frozenset(
                    x | y for x in gates_of(a, params) for y in gates_of(b, params)
                )
            )
        case Binary(operator="/", left=a) | Negative(operand=a):
            return gates_of(a, params)
        case Power(base=a, exponent=Const(value=n)) if n > 0:
            return gates_of(a, params)
        case Call(function="sign" | "abs", args=(a,)):
            return gates_of(a, params)
        case _:
            return ALWAYS


def _is_constant(expr: Expr, params: Mapping[str, float]) -> bool:
    return all(
        isinstance(node, Const) or (isinstance(node, Name) and node.name in params)
        for node in walk(expr)
        if not children(node)
    )


def _any_of(gates: frozenset[Gate]) -> frozenset[Gate]:
    """Drop gates that are implied by a wider one."""
    return frozenset(g for g in gates if not any(other < g for other in gates))


def compile_gates(gates: frozenset[Gate]) -> Compiled:
    """Make a function that gives 1 where at least one gate is open, else 0."""
    factors = [[compile_expr(factor, {}) for factor in gate] for gate in gates]

    def opened(values: Values) -> Any:
        state: Floats = np.zeros((1, 1))
        for gate in factors:
            product: Floats = np.ones((1, 1))
            for factor in gate:
                product = product * factor(values)
            state = np.maximum(state, product)
        return state

    return opened
