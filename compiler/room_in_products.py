"""How much room the other factors of a product leave for a function of the weight.

In: the expressions that the function is multiplied by, and a chip. Out: which powers
and signs of the weight the engine can still multiply, and how precisely. The shift of
a product is by its widths, so a sign, of 9 bits and no size, costs precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from ..hardware.chip import Chip
from ..rules.expr import Binary, Call, Compare, Const, Expr, Negative, Power, Where
from ..rules.rule import LearningRule
from .coefficients import product_shift
from .function_fit import LARGEST_DEGREE, Precision, Room
from .sides import Side, leaves, side_of, sides_of

WEIGHT_BITS = 8
LARGEST_PRODUCT_BITS = 28  # of 32: a sign, and 3 of the mantissa
USEFUL_LEVELS = 8
"""A product that is shifted to fewer different values than this is mostly rounding."""
TYPICAL_SHARE = 2.0
"""How far below its largest value a product usually is."""


@dataclass(frozen=True)
class Part:
    """What else is in one product.

    ``width`` counts for its shift, ``bits`` is the size of its value, ``scale`` the
    stored units of it for each of the rule's (a guess: scales are chosen later), and
    ``coefficient`` the numbers in it.
    """

    width: int = 0
    bits: int = 0
    scale: float = 1.0
    coefficient: float = 1.0

    def times(self, other: Part) -> Part:
        """Give what two parts of a product take together."""
        return Part(
            self.width + other.width,
            self.bits + other.bits,
            self.scale * other.scale,
            self.coefficient * other.coefficient,
        )


Beside = frozenset[Part]
"""What else is in the products that a function gets into: one part for each of them."""

NOTHING: Beside = frozenset({Part()})
SIZES: dict[Side, Part] = {
    "spikes": Part(),
    "pre trace": Part(7, 7, 16.0),
    "post trace": Part(7, 7, 16.0),
    "neuron": Part(7, 7, 63.0),
    "weight": Part(9, 8, 255.0),
    "tag": Part(9, 8, 128.0),
    "delay": Part(9, 8),
}
SIGN = Part(9, 0)


def together(a: Beside, b: Beside) -> Beside:
    """Multiply out: every part of one with every part of the other."""
    return frozenset(x.times(y) for x in a for y in b)


def room_of(chip: Chip, beside: Beside, weight_scale: float, largest: float) -> Room:
    """Give the products that a function of the weight can be made of.

    ``largest`` is the largest magnitude of a stored weight.
    """
    kinds = [(n, 0) for n in range(LARGEST_DEGREE + 1)] + [(0, 1), (1, 1)]
    found = {}
    for kind in kinds:
        each = [_precision(chip, p, weight_scale, largest, kind) for p in beside]
        enough = [p for p in each if p is not None]
        if len(enough) == len(each):
            found[kind] = Precision(
                max(p.smallest for p in enough),
                min(p.largest for p in enough),
                max(p.floor for p in enough),
            )
    return Room(tuple(found.items()))


def _precision(
    chip: Chip,
    beside: Part,
    weight_scale: float,
    largest: float,
    kind: tuple[int, int],
) -> Precision | None:
    powers, signs = kind
    width = beside.width + chip.factor_widths.value["w"] * (powers + signs)
    bits = beside.bits + WEIGHT_BITS * powers
    shift = product_shift(chip, [width])
    mantissa = chip.mantissa.value[1]
    levels = mantissa * (1 << bits) >> shift
    is_plain = powers == signs == 0
    if not is_plain and (
        bits > LARGEST_PRODUCT_BITS or (shift and levels < USEFUL_LEVELS)
    ):
        return None
    # What a coefficient of 1 becomes: in stored units, the shift given back.
    unit = weight_scale * 2.0**shift / (largest**powers * beside.scale)
    unit *= abs(beside.coefficient)
    low, high = chip.exponent.value
    if unit == 0.0:
        return Precision(0.0, float("inf"), 0.0)
    floor = TYPICAL_SHARE * 0.5 / levels if shift and levels else 0.0
    return Precision(2.0**low / unit, mantissa * 2.0**high / unit, floor)


def beside_of(expr: Expr, rule: LearningRule, less: int = 0) -> Beside:
    """Give what an expression takes of the products it gets into.

    ``less``: of a power, so many factors fewer.
    """
    match expr:
        case Const(value=value):
            return frozenset({Part(coefficient=value)})
        case Negative(operand=a):
            return beside_of(a, rule)
        case Binary(operator="/", left=a, right=Const(value=value)) if value:
            share = frozenset({Part(coefficient=1.0 / value)})
            return together(beside_of(a, rule), share)
        case Binary(operator="*", left=a, right=b):
            return together(beside_of(a, rule), beside_of(b, rule))
        case Binary(operator="+" | "-", left=a, right=b):
            return beside_of(a, rule) | beside_of(b, rule)
        case Power(base=a, exponent=Const(value=n)) if n == int(n) and 0 <= n <= 4:
            base = beside_of(a, rule)
            return reduce(together, [base] * (int(n) - less), NOTHING)
        case Where(condition=c, then=a, otherwise=b):
            branches = beside_of(a, rule) | beside_of(b, rule)
            return together(beside_of(c, rule) | NOTHING, branches)
        case Compare() | Call(function="sign"):
            if sides_of(expr, rule) & {"weight", "tag"}:
                return frozenset({SIGN, Part()})
    return _as_one_factor(expr, rule)


def _as_one_factor(expr: Expr, rule: LearningRule) -> Beside:
    """Take a function as one factor, as wide as its widest symbol."""
    sizes = [SIZES[side_of(leaf, rule)] for leaf in leaves(expr)]
    return frozenset({max(sizes, key=lambda p: (p.width, p.bits), default=Part())})
