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
LARGEST_PRODUCT_BITS = 30  # of 32: a sign, and a mantissa of at least 1
USEFUL_LEVELS = 8
"""A product that is shifted to fewer different values than this is mostly rounding."""
TYPICAL_SHARE = 4.0
"""How far below its largest value a product usually is."""


@dataclass(frozen=True)
class Beside:
    """What else is in a product.

    ``width`` counts for its shift, ``bits`` is the size of its value, ``scale`` the
    stored units of it for each of the rule's (a guess: scales are chosen later), and
    ``coefficient`` the numbers in it.
    """

    width: int = 0
    bits: int = 0
    scale: float = 1.0
    coefficient: float = 1.0

    def times(self, other: Beside) -> Beside:
        """Give what two parts of a product take together."""
        return Beside(
            self.width + other.width,
            self.bits + other.bits,
            self.scale * other.scale,
            self.coefficient * other.coefficient,
        )

    def widest(self, other: Beside) -> Beside:
        """Give what the wider of two summands takes."""
        return max(self, other, key=lambda b: (b.width, b.bits))


NOTHING = Beside()
SIZES: dict[Side, Beside] = {
    "spikes": NOTHING,
    "pre trace": Beside(7, 7, 32.0),
    "post trace": Beside(7, 7, 32.0),
    "neuron": Beside(7, 7, 63.0),
    "weight": Beside(9, 8, 255.0),
    "tag": Beside(9, 8, 128.0),
    "delay": Beside(9, 8),
}
SIGN = Beside(9, 0)


def room_of(chip: Chip, beside: Beside, weight_scale: float, largest: float) -> Room:
    """Give the products that a function of the weight can be made of.

    ``largest`` is the largest magnitude of a stored weight.
    """
    kinds = [(n, 0) for n in range(LARGEST_DEGREE + 1)] + [(0, 1), (1, 1)]
    found = {}
    for powers, signs in kinds:
        precision = _precision(chip, beside, weight_scale, largest, (powers, signs))
        if precision is not None:
            found[powers, signs] = precision
    return Room(tuple(found.items()))


def _precision(
    chip: Chip,
    beside: Beside,
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
    """Give what an expression takes of a product at most; ``less`` powers of it."""
    match expr:
        case Const(value=value):
            return Beside(coefficient=value)
        case Negative(operand=a):
            return beside_of(a, rule)
        case Binary(operator="/", left=a, right=Const(value=value)) if value:
            return beside_of(a, rule).times(Beside(coefficient=1.0 / value))
        case Binary(operator="*", left=a, right=b):
            return beside_of(a, rule).times(beside_of(b, rule))
        case Binary(operator="+" | "-", left=a, right=b):
            return beside_of(a, rule).widest(beside_of(b, rule))
        case Power(base=a, exponent=Const(value=n)) if n == int(n) and 0 <= n <= 4:
            base = beside_of(a, rule)
            return reduce(Beside.times, [base] * (int(n) - less), NOTHING)
        case Where(condition=c, then=a, otherwise=b):
            branch = beside_of(a, rule).widest(beside_of(b, rule))
            return beside_of(c, rule).times(branch)
        case Compare() | Call(function="sign"):
            return SIGN if _is_kept_at_a_synapse(expr, rule) else _largest(expr, rule)
        case _:
            return _largest(expr, rule)


def _is_kept_at_a_synapse(expr: Expr, rule: LearningRule) -> bool:
    return bool(sides_of(expr, rule) & {"weight", "tag"})


def _largest(expr: Expr, rule: LearningRule) -> Beside:
    """Take a function as one factor of its widest symbol."""
    sizes = (SIZES[side_of(leaf, rule)] for leaf in leaves(expr))
    return reduce(Beside.widest, sizes, NOTHING)
