"""Turn expressions into functions on float64 arrays, once before a run.

An Expr and its parameters in, a function of the current values out; the tree is never
walked again. Numbers that are none (division by zero, overflow) stop the run.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.expr import (
    Before,
    Binary,
    Call,
    Compare,
    Const,
    Delay,
    Every,
    Expr,
    Name,
    Negative,
    Power,
    Quantity,
    Spike,
    Weight,
    Where,
    children,
)

Floats = npt.NDArray[np.float64]
Values = dict[str, Any]
"""Key of a leaf (see `leaf_key`) to a float64 array or scalar."""

Compiled = Callable[[Values], Any]

STEP = "the step"  # no key of a leaf has a space but ours, so names cannot collide


class NumberFailed(Exception):  # noqa: N818  reference.py makes it a diagnostic
    """An operation had no finite result; says which expression it stands in."""

    def __init__(self, expr: Expr, reason: str) -> None:
        super().__init__(reason)
        self.expr = expr
        self.reason = reason


def _clip(value: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(value, low), high)


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
RELATIONS: Mapping[str, Callable[..., Any]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "clip": _clip,
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


def leaf_key(leaf: Expr) -> str:
    """Give the key under which a leaf's current value is found."""
    match leaf:
        case Name(name=name):
            return name
        case Before(trace=trace):
            return f"before {trace}"
        case Spike(side=side):
            return f"spike {side}"
        case Quantity(name=name):
            return f"post {name}"
        case Weight():
            return "the weight"
        case Delay():
            return "the delay"
        case _:
            raise AssertionError(f"{leaf!r} is no leaf")  # ours: a new node kind


def compile_expr(expr: Expr, params: Mapping[str, float]) -> Compiled:
    """Compile an expression; parameters become constants."""
    match expr:
        case Const(value=value):
            return _constant(value)
        case Name(name=name) if name in params:
            return _constant(params[name])
        case Every(steps=steps):
            return lambda values: np.float64(values[STEP] % steps == 0)
        case Where(condition=condition, then=then, otherwise=otherwise):
            parts = [compile_expr(e, params) for e in (condition, then, otherwise)]
            if cannot_fail(then) and cannot_fail(otherwise):
                return _plain_choice(*parts)
            return _choice(expr, *parts)
        case _ if not children(expr):
            return operator.itemgetter(leaf_key(expr))
        case _:
            arguments = [compile_expr(child, params) for child in children(expr)]
            return _operation(expr, function_of(expr), arguments)


def function_of(expr: Expr) -> Callable[..., Any]:
    """Give the function of a node's arguments, in the order of its children."""
    match expr:
        case Negative():
            return np.negative
        case Binary(operator=symbol):
            return OPERATORS[symbol]
        case Power():
            return np.power
        case Compare(relation=relation):
            return _relation(RELATIONS[relation])
        case Call(function=name):
            return FUNCTIONS[name]
        case _:
            raise AssertionError(f"{expr!r} has no function")  # ours: a new node kind


def _relation(compare: Callable[..., Any]) -> Callable[..., Any]:
    """Make truth values numbers: numpy refuses to subtract the former."""
    return lambda a, b: compare(a, b).astype(np.float64)


class _Constant:
    """A function that is the same number for all values."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, values: Values) -> Any:
        return self.value


def _constant(value: float) -> Compiled:
    return _Constant(np.float64(value))


def _operation(
    expr: Expr, function: Callable[..., Any], arguments: list[Compiled]
) -> Compiled:
    if all(isinstance(a, _Constant) for a in arguments):
        return _folded(expr, function, arguments)
    if len(arguments) == 1:
        return _unary(expr, function, arguments[0])
    if len(arguments) == 2:
        return _binary(expr, function, arguments[0], arguments[1])

    def run(values: Values) -> Any:
        try:
            return function(*(a(values) for a in arguments))
        except FloatingPointError as error:
            raise NumberFailed(expr, str(error)) from None

    return run


def _folded(
    expr: Expr, function: Callable[..., Any], arguments: list[Compiled]
) -> Compiled:
    """Compute a constant part once; a bad number shows when it is used."""
    try:
        with numbers_are_finite():
            return _Constant(function(*(a({}) for a in arguments)))
    except FloatingPointError as error:
        reason = str(error)

    def fail(values: Values) -> Any:
        raise NumberFailed(expr, reason)

    return fail


def _unary(expr: Expr, function: Callable[..., Any], a: Compiled) -> Compiled:
    def run(values: Values) -> Any:
        try:
            return function(a(values))
        except FloatingPointError as error:
            raise NumberFailed(expr, str(error)) from None

    return run


def _binary(
    expr: Expr, function: Callable[..., Any], a: Compiled, b: Compiled
) -> Compiled:
    def run(values: Values) -> Any:
        try:
            return function(a(values), b(values))
        except FloatingPointError as error:
            raise NumberFailed(expr, str(error)) from None

    return run


def cannot_fail(expr: Expr) -> bool:
    """Tell whether finite leaves always give a finite number."""
    match expr:
        case Where() | Compare() | Negative():
            return all(map(cannot_fail, children(expr)))
        case Call(function="clip" | "sign" | "abs" | "min" | "max"):
            return all(map(cannot_fail, children(expr)))
        case _:
            return not children(expr)


def _plain_choice(condition: Compiled, then: Compiled, otherwise: Compiled) -> Compiled:
    def run(values: Values) -> Any:
        return np.where(condition(values) != 0, then(values), otherwise(values))

    return run


def _choice(
    expr: Expr, condition: Compiled, then: Compiled, otherwise: Compiled
) -> Compiled:
    """Compute both branches; only what is chosen has to be a number."""

    def run(values: Values) -> Any:
        holds = condition(values) != 0
        with np.errstate(all="ignore"):
            both = _lenient(then, values), _lenient(otherwise, values)
            chosen = np.where(holds, *both)
        # An inner choice leaves the check to the outer one, which may not choose it.
        if np.geterr()["invalid"] == "raise" and not np.isfinite(chosen).all():
            raise NumberFailed(expr, "the branch that is chosen is not finite")
        return chosen

    return run


def _lenient(branch: Compiled, values: Values) -> Any:
    try:
        return branch(values)
    except NumberFailed:  # a constant part without a number
        return np.nan


def numbers_are_finite() -> AbstractContextManager[Any]:
    """Let numpy raise FloatingPointError where a result is no finite number."""
    return np.errstate(divide="raise", over="raise", invalid="raise", under="ignore")
