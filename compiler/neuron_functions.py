"""Functions of one post quantity that a neuron program has no operation for.

In: an expression that the neuron is to compute and send, and the range of what it
reads. Out: the same with exp, roots and divisions replaced by polynomials and lines
with corners, which a neuron program does have, and how far each is off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..rules.expr import SMOOTH, Binary, Call, Const, Expr, Power, Weight, transform
from ..rules.printer import print_expr
from .approximation import Approximation
from .function_fit import Precision, Room
from .intervals import Interval
from .polynomials import is_polynomial_node
from .sides import leaves
from .weight_functions import approximate, first_without_value, stored_weights

UNIT: Interval = (0.0, 1.0)
STEPS = 255.0
"""The range is sampled in so many steps: what is sent has 7 bits."""
EXACT = Precision(0.0, float("inf"), 0.0)
ANY = Room(tuple((kind, EXACT) for kind in [(0, 0), (1, 0), (2, 0), (3, 0), (1, 1)]))
"""A neuron computes with more bits than it sends."""


@dataclass
class NeuronFunctions:
    """Replaces what a neuron program cannot compute, each function once."""

    range_of: Callable[[Expr], Interval]
    found: dict[Expr, Approximation] = field(default_factory=dict)

    def replace(self, expr: Expr) -> Expr:
        """Approximate the functions in an expression, as far as they have a range."""
        if _needs_a_fit(expr):
            return self._fitted(expr)
        return transform(expr, lambda e: self._fitted(e) if _needs_a_fit(e) else e)

    def _fitted(self, function: Expr) -> Expr:
        symbols = leaves(function)
        if len(symbols) != 1:
            return function
        (symbol,) = symbols
        low, high = self.range_of(symbol)
        if not high - low < float("inf"):
            return function
        within = Binary("*", Const(high - low), Weight())
        of_unit = _put(function, symbol, Binary("+", Const(low), within))
        samples = stored_weights(UNIT, STEPS) / STEPS
        if first_without_value(of_unit, samples) is not None:
            return function
        fit = approximate(of_unit, UNIT, STEPS, ANY)
        share = Binary("/", Binary("-", symbol, Const(low)), Const(high - low))
        limited = Call("clip", (share, Const(0.0), Const(1.0)))
        self.found[function] = replace(
            fit,
            function=function,
            variable=print_expr(symbol),
            worst_at=low + fit.worst_at * (high - low),
        )
        shown = _put(fit.replacement, Weight(), limited)
        return replace(shown, span=function.span)


def _put(expr: Expr, old: Expr, new: Expr) -> Expr:
    return transform(expr, lambda e: new if e == old else e)


def _needs_a_fit(expr: Expr) -> bool:
    match expr:
        case Call(function=function):
            return function in SMOOTH
        case Power() | Binary(operator="/"):
            return not is_polynomial_node(expr)
        case _:
            return False
