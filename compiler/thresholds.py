"""Conditions as sums of signs: what a learning engine can decide at a synapse.

In: ``d > 0`` or ``d >= 0`` with d a polynomial of the weight or of a tag. Out: an
expression that is 1 where it holds and 0 where not, made of ``sign(X - c)``.

    1. tag > c           ->  1/2 + sign(tag - c)/2         (the tie lies one unit above)
    2. w * (1 - w) > c   ->  a step up at one root, and one down at the other
    3. abs(tag - c)      ->  (tag - c) * sign(tag - c)
"""

from __future__ import annotations

from typing import Literal

from ..rules.expr import Binary, Const, Expr
from .polynomials import polynomial_of, real_roots
from .sign_atoms import Beyond, sign_atom, step

ONE, ZERO = Const(1.0), Const(0.0)
AtZero = Literal["yes", "no", "half"]
"""What holds where the two sides are equal; half where it makes no difference."""


def above_zero(difference: Expr, variable: Expr, at_zero: AtZero) -> Expr | None:
    """Give 1 where a polynomial is above zero; None if it is no polynomial."""
    polynomial = polynomial_of(difference, variable)
    if polynomial is None:
        return None
    if polynomial.size == 1:
        value = float(polynomial[0])
        return ONE if value > 0 or (value == 0 and at_zero == "yes") else ZERO
    roots = real_roots(polynomial)
    rising = float(polynomial[-1]) > 0
    # Far below all roots an even power has the sign of an odd one turned around.
    starts = rising == (polynomial.size % 2 == 1)
    total: Expr = ONE if starts else ZERO
    for number, root in enumerate(roots):
        goes_up = starts == bool(number % 2)
        threshold = _threshold(root, goes_up, at_zero)
        total = Binary("+" if goes_up else "-", total, step(variable, threshold))
    return total


def _threshold(root: float, goes_up: bool, at_zero: AtZero) -> Const:
    """Put the tie where the value at the root itself is right."""
    if at_zero == "half":
        return Const(root)
    return Beyond(root, "above" if goes_up == (at_zero == "no") else "below")


def sign_of(value: Expr, variable: Expr) -> Expr | None:
    """Give the sign of a polynomial, with its own ties where it has one root."""
    polynomial = polynomial_of(value, variable)
    if polynomial is None:
        return None
    if polynomial.size == 1:
        number = float(polynomial[0])
        return Const(float((number > 0) - (number < 0)))
    roots = real_roots(polynomial)
    if len(roots) == 1 and polynomial.size == 2:
        atom = sign_atom(variable, Const(roots[0]))
        return atom if polynomial[1] > 0 else Binary("*", Const(-1.0), atom)
    above = above_zero(value, variable, "no")
    at_least = above_zero(value, variable, "yes")
    assert above is not None
    assert at_least is not None
    return Binary("-", Binary("+", above, at_least), ONE)
