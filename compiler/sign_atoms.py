"""Signs of a synapse's own variables: the only step that a learning engine has.

In: ``sign(X)`` or ``sign(X - c)`` with X the weight or a tag, as a factor of a term.
Out: the variable, the threshold, and the integer that the engine subtracts. All that
walks the factors of a term asks here what a sign is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..hardware.chip import Range
from ..hardware.formats import clamp, round_half_even
from ..rules.expr import Binary, Call, Const, Expr, Name, Weight

AT_AN_INTEGER = 1e-6
"""A stored threshold this close to an integer is meant to be it."""
HALF = Const(0.5)


@dataclass(frozen=True)
class Beyond(Const):
    """A threshold with the tie one stored unit beyond it.

    The engine's sign is 0 at its threshold, so a comparison is half true there. Where
    the threshold itself is a stored value (0, where tags rest, or a bound of w), the
    comparison is right on it and the half moves to the next value: above for ``>``
    and ``<=``, below for ``>=`` and ``<``.
    """

    side: Literal["above", "below"] = "above"


@dataclass(frozen=True)
class SignParts:
    """What a sign atom reads, and where it changes."""

    variable: Expr
    threshold: Const

    def stored(self, scale: float, constants: Range) -> int:
        """Give the integer threshold K of ``sgn(variable - K)``.

        ``constants`` bounds -K; beyond it no variable of the engine reaches.
        """
        exact = self.threshold.value * scale
        low, high = -constants[1], -constants[0]
        if not low <= exact <= high:
            return low if exact < low else high
        nearest = round_half_even(exact)
        if isinstance(self.threshold, Beyond) and abs(exact - nearest) < AT_AN_INTEGER:
            upward = (self.threshold.side == "above") == (scale > 0)
            nearest += 1 if upward else -1
        return clamp(nearest, (low, high))


def sign_parts(atom: Expr) -> SignParts | None:
    """Take a sign atom apart; None for any other expression."""
    match atom:
        case Call(function="sign", args=(Weight() | Name() as variable,)):
            return SignParts(variable, Const(0.0))
        case Call(
            function="sign",
            args=(
                Binary(
                    operator="-", left=Weight() | Name() as variable, right=Const() as c
                ),
            ),
        ):
            return SignParts(variable, c)
        case _:
            return None


def sign_atom(variable: Expr, threshold: Const) -> Expr:
    """Make ``sign(variable - threshold)``."""
    if threshold == Const(0.0):
        return Call("sign", (variable,))
    return Call("sign", (Binary("-", variable, threshold),))


def step(variable: Expr, threshold: Const) -> Expr:
    """Give 1 above the threshold, 0 below, 1/2 at the tie."""
    half_sign = Binary("*", HALF, sign_atom(variable, threshold))
    return Binary("+", HALF, half_sign)


def product_of_signs(
    a: SignParts, b: SignParts
) -> tuple[tuple[float, Expr | None], ...]:
    """Write the product of two signs of one variable as a sum of signs.

    With a < b it is ``1 - sgn(X - a) + sgn(X - b)``, at the ties too; a square is 1
    but for its own tie. A pair is a coefficient and a sign, None for 1.
    """
    low, high = sorted((a, b), key=_position)
    if low.threshold == high.threshold:
        return ((1.0, None),)
    return (
        (1.0, None),
        (-1.0, sign_atom(low.variable, low.threshold)),
        (1.0, sign_atom(high.variable, high.threshold)),
    )


def _position(parts: SignParts) -> tuple[float, int]:
    side = parts.threshold.side if isinstance(parts.threshold, Beyond) else ""
    return parts.threshold.value, {"below": -1, "": 0, "above": 1}[side]


def direction(scale: float) -> float:
    """Give -1 where a variable is stored with its sign turned: then its sign turns."""
    return math.copysign(1.0, scale)
