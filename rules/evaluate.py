"""Evaluate constant expressions: time constants, bounds, coefficients.

An expression and the values of its parameters in, a finite float out. Whatever is
known only while the network runs is a diagnostic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic, LaharError
from .expr import (
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Function,
    Name,
    Negative,
    Operator,
    Power,
    Relation,
    Where,
)


@dataclass(frozen=True)
class NotConstant(Diagnostic):
    """A time constant, bound or coefficient depends on what happens in a run.

    Time constants, leaks and bounds are fixed before the first step: they
    are made of numbers and parameters, with + - * / **, the functions and where.
    """

    code = "R147"
    title = "`{expression}` is not constant: `{part}` is no parameter"
    note = "parameters here: {known}"
    help = "use numbers and parameters only"

    expression: str
    part: str
    known: str


@dataclass(frozen=True)
class ResultIsNotFinite(Diagnostic):
    """A constant expression has no finite value: division by zero, overflow.

    Constants are computed once, when the rule is read, so this is found before
    anything runs.
    """

    code = "R148"
    title = "`{expression}` has no finite value"
    note = "{values}"
    help = "change the expression or the values of its parameters"

    expression: str
    values: str


def evaluate(expr: Expr, names: Mapping[str, float]) -> float:
    """Compute a constant expression from the values of its parameters.

    Raises
    ------
    LaharError
        R147 if something in it is not a parameter, R148 if the result is not finite.

    """
    try:
        value = _value(expr, names)
    except _NotConstantPart as found:
        known = ", ".join(names) or "none"
        raise LaharError(
            NotConstant(expr._shown(), found.part._shown(), known, span=expr.span)
        ) from None
    except (ArithmeticError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise LaharError(
            ResultIsNotFinite(expr._shown(), _shown_values(names), span=expr.span)
        )
    return value


class _NotConstantPart(Exception):  # noqa: N818  it is a finding, not a failure
    def __init__(self, part: Expr) -> None:
        self.part = part


def _shown_values(names: Mapping[str, float]) -> str:
    values = ", ".join(f"{name} = {value!r}" for name, value in names.items())
    return f"with {values}" if values else "no parameter is involved"


def _value(expr: Expr, names: Mapping[str, float]) -> float:
    match expr:
        case Const(value=value):
            return float(value)
        case Name(name=name) if name in names:
            return float(names[name])
        case Negative(operand=a):
            return -_value(a, names)
        case Binary(operator=op, left=a, right=b):
            return OPERATORS[op](_value(a, names), _value(b, names))
        case Power(base=a, exponent=b):
            # math.pow, not **: a negative base with a fraction is no real number.
            return math.pow(_value(a, names), _value(b, names))
        case Compare(relation=relation, left=a, right=b):
            return float(RELATIONS[relation](_value(a, names), _value(b, names)))
        case Call(function=function, args=args):
            return FUNCTIONS[function](*(_value(a, names) for a in args))
        case Where(condition=c, then=a, otherwise=b):
            return _value(a if _value(c, names) != 0 else b, names)
        case _:
            raise _NotConstantPart(expr)


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def logistic(value: float) -> float:
    """Give 1 / (1 + exp(-value)), which overflows nowhere."""
    return 0.5 * (1.0 + math.tanh(0.5 * value))


def _sign(value: float) -> float:
    return float((value > 0) - (value < 0))


OPERATORS: dict[Operator, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
RELATIONS: dict[Relation, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}
FUNCTIONS: dict[Function, Callable[..., float]] = {
    "clip": _clip,
    "sign": _sign,
    "abs": abs,
    "min": min,
    "max": max,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sigmoid": logistic,
    "tanh": math.tanh,
}
