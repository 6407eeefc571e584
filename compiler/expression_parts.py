"""Take sums and products of expressions apart, and put them together again.

In: expressions as users nest them. Out: flat factors and summands; and the other way,
without terms of 0 and factors of 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..rules.expr import (
    SMOOTH,
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Negative,
    Power,
    Where,
    children,
    walk,
)
from ..rules.rule import LearningRule
from .constants import with_numbers
from .polynomials import is_polynomial_node
from .sides import leaves, only
from .thresholds import ONE, ZERO


def factors_of(expr: Expr, *, below: bool) -> Iterator[tuple[Expr, bool]]:
    """Give the factors of a product, and which of them divide."""
    match expr:
        case Binary(operator="*" | "/" as operator, left=a, right=b):
            yield from factors_of(a, below=below)
            yield from factors_of(b, below=below != (operator == "/"))
        case Negative(operand=a):
            yield Const(-1.0), False
            yield from factors_of(a, below=below)
        case _:
            yield expr, below


def summands_of(expr: Expr) -> Iterator[Expr]:
    """Give the parts of a sum, with their signs."""
    match expr:
        case Binary(operator="+", left=a, right=b):
            yield from summands_of(a)
            yield from summands_of(b)
        case Binary(operator="-", left=a, right=b):
            yield from summands_of(a)
            yield from (negative(part) for part in summands_of(b))
        case Negative(operand=a):
            yield from (negative(part) for part in summands_of(a))
        case _:
            yield expr


def product_of(factors: Iterable[tuple[Expr, bool]]) -> Expr:
    """Multiply and divide factors, in their order."""
    whole: Expr | None = None
    for factor, below in factors:
        if below:
            above = ONE if whole is None else whole
            whole = Binary("/", above, factor, span=factor.span)
        else:
            whole = factor if whole is None else times(whole, factor)
    assert whole is not None  # a group has members
    return whole


def parts_of_product(
    expr: Expr, rule: LearningRule, *, joins: bool
) -> list[Expr] | None:
    """Split a product so that each side's functions and divisions are one part.

    None if something divides that neither the weight nor the neuron knows alone.
    ``joins``: the neuron's factors become one, whether they divide or not.
    """
    factors = list(factors_of(expr, below=False))
    divides = any(below and leaves(f) for f, below in factors)
    of_weight = [f for f in factors if only(f[0], "weight", rule)]
    of_neuron = [f for f in factors if only(f[0], "neuron", rule)]
    groups = []
    if divides or not all(is_polynomial(f) for f, _ in of_weight):
        groups.append(of_weight)
    if divides or joins:
        groups.append(of_neuron)
    grouped = [factor for group in groups for factor in group]
    rest = [factor for factor in factors if factor not in grouped]
    if any(below and (leaves(f) or f == ZERO) for f, below in rest):
        return None
    parts = [product_of(group) for group in groups if group]
    parts += [with_numbers(product_of([factor]), {}) for factor in rest]
    return [replace(part, span=part.span or expr.span) for part in parts]


def is_polynomial(expr: Expr) -> bool:
    """Tell whether a whole expression is a polynomial of its symbols."""
    return all(not children(n) or is_polynomial_node(n) for n in walk(expr))


def is_piecewise(expr: Expr) -> bool:
    """Tell whether an expression is made of polynomials and comparisons of them."""
    decides = (Call, Where, Compare)
    return all(
        not children(n)
        or is_polynomial_node(n)
        or (isinstance(n, decides) and not is_smooth(n))
        for n in walk(expr)
    )


def is_smooth(expr: Expr) -> bool:
    """Tell whether an expression is a call of exp, log or the like."""
    return isinstance(expr, Call) and expr.function in SMOOTH


def without_abs(larger: Expr, smaller: Expr) -> tuple[Expr, Expr]:
    """Compare squares where a magnitude is compared with a positive number."""
    two = Const(2.0)
    match larger, smaller:
        case Call(function="abs", args=(a,)), Const(value=c) if c >= 0:
            return Power(a, two, span=larger.span), Const(c * c)
        case Const(value=c), Call(function="abs", args=(a,)) if c >= 0:
            return Const(c * c), Power(a, two, span=smaller.span)
        case _:
            return larger, smaller


def negative(a: Expr) -> Expr:
    """Give -a."""
    return Negative(a, span=a.span)


def times(a: Expr, b: Expr) -> Expr:
    """Give a * b; a factor of 0 or 1 is worked out."""
    if ZERO in (a, b):
        return ZERO
    if a == ONE:
        return b
    return a if b == ONE else Binary("*", a, b, span=a.span or b.span)


def plus(a: Expr, b: Expr) -> Expr:
    """Give a + b; a zero is left out."""
    if a == ZERO:
        return b
    return a if b == ZERO else Binary("+", a, b, span=a.span or b.span)


def minus(a: Expr, b: Expr) -> Expr:
    """Give a - b; a zero is left out."""
    return a if b == ZERO else Binary("-", a, b, span=a.span or b.span)
