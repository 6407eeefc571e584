"""Interval arithmetic on expressions: bounds of what a neuron computes.

Given bounds of the leaves, bound every value an expression can take. Placement needs
them to send a value in 7 bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..rules.evaluate import FUNCTIONS
from ..rules.expr import (
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Function,
    Negative,
    Power,
    Where,
)

Interval = tuple[float, float]


def interval(expr: Expr, leaf: Callable[[Expr], Interval]) -> Interval:
    """Bound an expression; ``leaf`` gives the bounds of its symbols.

    A division by an interval around zero, and powers that are no small integers, are
    unbounded: (-inf, inf).
    """
    match expr:
        case Const(value=value):
            return value, value
        case Negative(operand=a):
            low, high = interval(a, leaf)
            return -high, -low
        case Binary(operator=operator, left=left, right=right):
            return _binary(operator, interval(left, leaf), interval(right, leaf))
        case Power(base=base, exponent=Const(value=n)) if n == int(n) and n >= 0:
            return _power(interval(base, leaf), int(n))
        case Power(base=base, exponent=Const(value=n)):
            low, high = interval(base, leaf)
            if low <= 0.0:
                return -math.inf, math.inf
            ends = _rising(lambda x: math.pow(x, n), (low, high))
            return min(ends), max(ends)
        case Power():
            return -math.inf, math.inf
        case Compare():
            return 0.0, 1.0
        case Where(then=a, otherwise=b):
            return _union(interval(a, leaf), interval(b, leaf))
        case Call(function=function, args=args):
            return _call(function, [interval(a, leaf) for a in args])
        case _:
            return leaf(expr)


def _binary(operator: str, a: Interval, b: Interval) -> Interval:
    if operator == "+":
        return a[0] + b[0], a[1] + b[1]
    if operator == "-":
        return a[0] - b[1], a[1] - b[0]
    if operator == "/":
        if b[0] <= 0.0 <= b[1]:
            return -math.inf, math.inf
        b = (1.0 / b[1], 1.0 / b[0])
    corners = [x * y for x in a for y in b]
    if any(math.isnan(corner) for corner in corners):  # infinity times zero
        return -math.inf, math.inf
    return min(corners), max(corners)


def _power(base: Interval, exponent: int) -> Interval:
    try:
        ends = [base[0] ** exponent, base[1] ** exponent]
    except OverflowError:
        return -math.inf, math.inf
    crosses_zero = base[0] < 0.0 < base[1] and exponent % 2 == 0
    return (0.0 if crosses_zero else min(ends)), max(ends)


def _union(a: Interval, b: Interval) -> Interval:
    return min(a[0], b[0]), max(a[1], b[1])


def _call(function: Function, args: list[Interval]) -> Interval:
    a = args[0]
    match function:
        case "clip":
            return _smaller(_larger(a, args[1]), args[2])
        case "sign":
            return -1.0, 1.0
        case "abs":
            low = 0.0 if a[0] <= 0.0 <= a[1] else min(abs(a[0]), abs(a[1]))
            return low, max(abs(a[0]), abs(a[1]))
        case "min":
            return _smaller(a, args[1])
        case "max":
            return _larger(a, args[1])
        case _:
            return _rising(FUNCTIONS[function], a)


def _rising(function: Callable[[float], float], a: Interval) -> Interval:
    """Bound exp, log and the like; where they have no value they are unbounded."""
    ends = []
    for value, without in zip(a, (-math.inf, math.inf), strict=True):
        try:
            ends.append(function(value))
        except (OverflowError, ValueError):
            ends.append(without)
    return ends[0], ends[1]


def _smaller(a: Interval, b: Interval) -> Interval:
    return min(a[0], b[0]), min(a[1], b[1])


def _larger(a: Interval, b: Interval) -> Interval:
    return max(a[0], b[0]), max(a[1], b[1])
