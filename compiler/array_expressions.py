"""Evaluate an expression over many steps and synapses at once.

In: an expression and, for its leaves, arrays (steps, synapses). Out: an array if all
leaves are known, else a function of a step and of what the step before left behind
(weights, tags): only the parts that depend on those are computed step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..rules.expr import (
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Negative,
    Power,
    Where,
    children,
)

Floats = npt.NDArray[np.float64]
State = Mapping[Expr, Any]
"""Weight and tags to their values before a step, one for each synapse."""

Stepwise = Callable[[int, State], Any]
OverSteps: TypeAlias = Any
"""A number, an array (steps, synapses), or a `Stepwise`."""

OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
RELATIONS: Mapping[str, Callable[..., Any]] = {  # numpy does not subtract truths
    ">": lambda a, b: np.greater(a, b) * 1.0,
    ">=": lambda a, b: np.greater_equal(a, b) * 1.0,
    "<": lambda a, b: np.less(a, b) * 1.0,
    "<=": lambda a, b: np.less_equal(a, b) * 1.0,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "clip": lambda value, low, high: np.minimum(np.maximum(value, low), high),
    "sign": np.sign,
    "abs": np.absolute,
    "min": np.minimum,
    "max": np.maximum,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sigmoid": lambda value: 0.5 * (1.0 + np.tanh(0.5 * value)),
    "tanh": np.tanh,
}


def over_steps(expr: Expr, leaves: Mapping[Expr, Floats]) -> OverSteps:
    """Evaluate as far as the leaves are known; what is not among them is state."""
    if expr in leaves:
        return leaves[expr]
    if isinstance(expr, Const):
        return np.float64(expr.value)
    parts = [over_steps(part, leaves) for part in children(expr)]
    if not parts:
        return lambda step, state: state[expr]
    function = _function(expr)
    if not any(callable(part) for part in parts):
        return function(*parts)
    readers = [reader(part) for part in parts]
    if len(readers) == 2:
        left, right = readers
        return lambda step, state: function(left(step, state), right(step, state))
    return lambda step, state: function(*(read(step, state) for read in readers))


def reader(part: OverSteps) -> Stepwise:
    """Make a function of a step of whatever an expression came to."""
    if callable(part):
        return part  # type: ignore[no-any-return]
    if np.ndim(part) == 0:
        return lambda step, state: part
    return lambda step, state: part[step]


def _function(expr: Expr) -> Callable[..., Any]:
    match expr:
        case Negative():
            return np.negative
        case Binary(operator=symbol):
            return OPERATORS[symbol]
        case Power():
            return np.power
        case Compare(relation=relation):
            return RELATIONS[relation]
        case Call(function=name):
            return FUNCTIONS[name]
        case Where():
            return lambda holds, a, b: np.where(holds, a, b)
        case _:
            raise AssertionError(f"{expr!r} has no function")  # ours: a new node kind
