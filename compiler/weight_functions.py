"""Functions of the weight, approximated by what a learning engine can multiply.

In: an expression of the weight alone, its bounds, how it is stored. Out: a sum of
powers and signs of the weight, and how far it is off at the weights that the chip can
store. Only the chip's side sees it: the reference goes on running the rule as written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from ..hardware.chip import Chip
from ..rules.evaluate import evaluate
from ..rules.expr import Binary, Const, Expr, Name, Power, Weight, transform
from ..rules.printer import print_expr
from .approximation import Approximation
from .function_fit import Fit, Floats, Room, best_fit
from .room_in_products import Beside, room_of
from .sign_atoms import sign_atom
from .unplaceable import FunctionHasNoBound

VARIABLE = "w"
MOST_WEIGHTS = 1024
"""At which a function is computed; weights of 8 bits and a sign have fewer values."""


@dataclass
class WeightFunctions:
    """The functions of the weight that a rule reads, each approximated once."""

    bounds: tuple[float, float]
    scale: float  # stored units of a weight of 1, its sign left out
    chip: Chip
    found: dict[tuple[Expr, Beside], Approximation] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def replace(self, function: Expr, beside: Beside) -> Expr:
        """Give what stands for a function in a product with ``beside``."""
        stored = stored_weights(self.bounds, self.scale)
        at = first_without_value(function, stored / self.scale)
        if at is not None:
            low, high = self.bounds
            args = (print_expr(function), at, low, high, (high - low) / 20)
            self.problems.append(FunctionHasNoBound(*args, span=function.span))
            return function
        if (function, beside) not in self.found:
            largest = float(np.abs(stored).max())
            room = room_of(self.chip, beside, self.scale, largest)
            known = approximate(function, self.bounds, self.scale, room)
            self.found[function, beside] = known
        return self.found[function, beside].replacement


def stored_weights(bounds: tuple[float, float], scale: float) -> Floats:
    """Give all integers that a weight within its bounds is stored as.

    Of more than `MOST_WEIGHTS`, as many that lie evenly between the ends.
    """
    low, high = (b * scale for b in bounds)
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    step = max(1, (last - first) // MOST_WEIGHTS)
    return np.append(np.arange(float(first), float(last), step), float(last))


def values_of(function: Expr, weights: Floats) -> Floats:
    """Compute a function at many weights.

    Raises
    ------
    LaharError
        R148 where it has no finite value.

    """
    named = transform(
        function, lambda e: Name(VARIABLE) if isinstance(e, Weight) else e
    )
    return np.array([evaluate(named, {VARIABLE: float(x)}) for x in weights])


def first_without_value(function: Expr, weights: Floats) -> float | None:
    """Find the first weight at which a function has no finite value."""
    for x in weights:
        try:
            values_of(function, np.array([x]))
        except LaharError:
            return float(x)
    return None


@lru_cache(maxsize=256)
def approximate(
    function: Expr, bounds: tuple[float, float], scale: float, room: Room
) -> Approximation:
    """Approximate a function that is finite at all stored weights."""
    stored = stored_weights(bounds, scale)
    values = values_of(function, stored / scale)
    fit = best_fit(stored, values, room)
    got = float((fit.shape.basis(stored) @ fit.coefficients)[fit.worst])
    return Approximation(
        function=function,
        replacement=_as_expression(fit, stored, scale),
        largest_error=fit.largest_error,
        rms_error=fit.rms_error,
        largest_value=float(np.abs(values).max()),
        mean_value=float(np.abs(values).mean()),
        worst_at=float(stored[fit.worst] / scale),
        wanted=float(values[fit.worst]),
        got=got,
        powers=fit.shape.degree,
        steps=len(fit.shape.steps),
        ramps=len(fit.shape.ramps),
    )


def _as_expression(fit: Fit, stored: Floats, scale: float) -> Expr:
    """Write a fit with the weight in the rule's units; ramps are multiplied out."""
    unit = float(np.abs(stored).max()) / scale
    shape, rest = fit.shape, list(map(float, fit.coefficients))
    total: Expr = Const(rest.pop(0))
    for power in range(1, shape.degree + 1):
        factor = Weight() if power == 1 else Power(Weight(), Const(float(power)))
        total = _plus(total, rest.pop(0) / unit**power, factor)
    for knot in shape.steps:
        total = _plus(total, rest.pop(0), sign_atom(Weight(), Const(knot / scale)))
    for knot in shape.ramps:
        slope = rest.pop(0) / unit
        ramp = Binary("-", Weight(), Const(knot / scale))
        total = _plus(
            total, slope, Binary("*", ramp, sign_atom(Weight(), Const(knot / scale)))
        )
    return total


def _plus(total: Expr, coefficient: float, factor: Expr) -> Expr:
    return Binary("+", total, Binary("*", Const(coefficient), factor))
