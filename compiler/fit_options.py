"""The ways to write one coefficient down, for a whole grid of scales at once.

In: the coefficients that a grid of scales asks for. Out: up to four options for each,
one product or the sum of two, from below and from above. Which of them a term gets is
chosen together with those of the other terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..hardware.chip import Range
from ..hardware.formats import TABULATED, nearest_mantissa_exponent, representable
from .coefficients import finest
from .draft import Fit

FloatGrid = npt.NDArray[np.float64]
IndexGrid = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FitOptions:
    """Options along the first axis; ``second`` points at zero if there is none."""

    first: IndexGrid
    second: IndexGrid
    got: FloatGrid


@dataclass(frozen=True)
class NumberTable:
    """Every ``mantissa * 2**exponent`` of a chip, ascending, and its finest form.

    ``last_bit`` is the worth of the last bit of a product that is shifted right: its
    floor loses half of that on average.
    """

    numbers: FloatGrid
    fits: tuple[Fit, ...]
    last_bit: FloatGrid
    zero: int

    def options(self, wanted: FloatGrid) -> FitOptions:
        """List the options for every coefficient of a grid.

        A coefficient nearer to zero than to the smallest product has none but zero.
        """
        near, far = self._neighbours(wanted)
        far = np.where((near == self.zero) | (far == self.zero), near, far)
        found = [(first, self._rest(wanted, first)) for first in (near, far)]
        first = np.stack([near, near, far, far])
        none = np.full_like(near, self.zero)
        second = np.stack([none, found[0][1], none, found[1][1]])
        return FitOptions(first, second, self.numbers[first] + self.numbers[second])

    def products(self, first: int, second: int, wanted: float) -> tuple[Fit, ...]:
        """Give the products of an option, ``wanted`` known; none for zero."""
        return tuple(self.fits[k] for k in (first, second) if k != self.zero)

    def _rest(self, wanted: FloatGrid, first: IndexGrid) -> IndexGrid:
        rest, _ = self._neighbours(wanted - self.numbers[first])
        return np.where(first == self.zero, self.zero, rest)

    def _neighbours(self, wanted: FloatGrid) -> tuple[IndexGrid, IndexGrid]:
        """Give the nearest number, and the nearest on the other side."""
        above = np.searchsorted(self.numbers, wanted)
        above = np.clip(above, 1, len(self.numbers) - 1)
        below = above - 1
        is_above = self.numbers[above] - wanted < wanted - self.numbers[below]
        return np.where(is_above, above, below), np.where(is_above, below, above)


@dataclass(frozen=True)
class WideNumbers:
    """A format with so many numbers that one is always close enough.

    The search takes every coefficient for exact; the nearest is found at its end.
    """

    mantissas: Range
    exponents: Range
    finest_mantissas: Range
    last_bit: FloatGrid
    zero: int = 0

    def options(self, wanted: FloatGrid) -> FitOptions:
        """Offer the number itself, unless it is nearer to zero than to any other."""
        holds = np.abs(wanted) >= 2.0 ** self.exponents[0] / 2
        first = holds.astype(np.int64)[None]
        return FitOptions(first, np.zeros_like(first), np.where(holds, wanted, 0)[None])

    def products(self, first: int, second: int, wanted: float) -> tuple[Fit, ...]:
        """Give the nearest number as a product; none for zero."""
        mantissa, exponent = nearest_mantissa_exponent(
            wanted, self.mantissas, self.exponents
        )
        fit = Fit(mantissa, exponent)
        return (self._finest(fit),) if first and mantissa else ()

    def _finest(self, fit: Fit) -> Fit:
        if self.finest_mantissas == (0, 0):
            return fit
        return finest(fit, self.finest_mantissas, self.exponents)


Numbers = NumberTable | WideNumbers


@lru_cache(maxsize=256)
def number_table(
    mantissas: Range, exponents: Range, finest_mantissas: Range
) -> Numbers:
    """Make the table of a chip's numbers.

    ``finest_mantissas`` is the room for the mantissas of shifted products, which are
    written with the smallest exponent; (0, 0) leaves all forms as they are.
    """
    if mantissas[1] - mantissas[0] > TABULATED:
        bits = np.array([0.0, 2.0 ** exponents[0]])
        return WideNumbers(mantissas, exponents, finest_mantissas, bits)
    numbers, parts = representable(mantissas, exponents)
    fits = tuple(Fit(*p) for p in parts)
    if finest_mantissas != (0, 0):
        fits = tuple(finest(f, finest_mantissas, exponents) for f in fits)
    last_bit = np.array([2.0**f.exponent if f.mantissa else 0.0 for f in fits])
    return NumberTable(np.array(numbers), fits, last_bit, numbers.index(0.0))
