"""Polynomials of one variable, read off an expression.

In: an expression of one symbol. Out: its coefficients, lowest power first, or None.
Thresholds are solved for their variable with them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..rules.expr import Binary, Const, Expr, Negative, Power

LARGEST_POWER = 4
SAME_ROOT = 1e-9

Coefficients = npt.NDArray[np.float64]


def is_polynomial_node(expr: Expr) -> bool:
    """Tell whether a node is + - * of anything, / by a number, or a small power."""
    match expr:
        case Binary(operator="/", right=Const(value=value)):
            return value != 0.0 and math.isfinite(1.0 / value)
        case Binary(operator="/"):
            return False
        case Power(exponent=Const(value=n)):
            return n == int(n) and 0 <= n <= LARGEST_POWER
        case Binary() | Negative():
            return True
        case _:
            return False


def polynomial_of(expr: Expr, variable: Expr) -> Coefficients | None:
    """Read an expression as a polynomial of ``variable``; None if it is none.

    The highest coefficient is not 0, but for the polynomial 0.
    """
    found = _polynomial_of(expr, variable)
    if found is None:
        return None
    highest = int(max(np.flatnonzero(found), default=0))
    return found[: highest + 1]


def _polynomial_of(expr: Expr, variable: Expr) -> Coefficients | None:
    if expr == variable:
        return np.array([0.0, 1.0])
    if isinstance(expr, Const):
        return np.array([expr.value])
    if not is_polynomial_node(expr):
        return None
    match expr:
        case Negative(operand=a):
            part = _polynomial_of(a, variable)
            return None if part is None else -part
        case Power(base=a, exponent=Const(value=n)):
            part = _polynomial_of(a, variable)
            return None if part is None else _power(part, int(n))
        case Binary(operator=operator, left=a, right=b):
            left, right = _polynomial_of(a, variable), _polynomial_of(b, variable)
            if left is None or right is None:
                return None
            return _joined(operator, left, right)
        case _:
            return None


def _power(base: Coefficients, exponent: int) -> Coefficients:
    result = np.ones(1)
    for _ in range(exponent):
        result = np.convolve(result, base)
    return result


def _joined(operator: str, a: Coefficients, b: Coefficients) -> Coefficients:
    if operator == "*":
        return np.convolve(a, b)
    if operator == "/":
        return a * (1.0 / float(b[0]))
    total = np.zeros(max(a.size, b.size))
    total[: a.size] += a
    total[: b.size] += b if operator == "+" else -b
    return total


def real_roots(polynomial: Coefficients) -> list[float]:
    """Give where a polynomial changes its sign, in rising order."""
    if polynomial.size == 2:
        return [float(-polynomial[0] / polynomial[1])]
    roots = np.roots(polynomial[::-1])
    is_real = np.abs(roots.imag) < SAME_ROOT * (1.0 + np.abs(roots))
    real = np.sort(roots[is_real].real)
    return [float(r) for r in real if _crosses(polynomial, float(r), real)]


def _crosses(polynomial: Coefficients, root: float, roots: Coefficients) -> bool:
    """Tell a crossing from a touch, halfway to the neighbouring roots."""
    gaps = np.abs(roots - root)
    others = gaps[gaps > SAME_ROOT * (1.0 + abs(root))]
    near = float(others.min(initial=1.0)) / 2
    ends = np.polyval(polynomial[::-1], [root - near, root + near])
    return bool(ends[0] * ends[1] < 0)
