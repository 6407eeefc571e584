"""Fit a coefficient to the engine's mantissa * 2**exponent, in one product or two.

A mantissa has four bits, so one product can miss by 1/9; the rest of a coefficient
may go into a second product with the same factors. Both add up at the synapse.
"""

from __future__ import annotations

from ..hardware.chip import Chip, Range
from ..hardware.formats import nearest_mantissa_exponent
from .draft import Fit

WORTH_A_SECOND_PRODUCT = 0.01
"""Relative error above which a coefficient gets a second product."""


def fit_coefficient(
    wanted: float, mantissas: Range, exponents: Range
) -> tuple[Fit, ...]:
    """Approximate ``wanted``; empty if it is below half of the smallest product."""
    first = _nearest(wanted, mantissas, exponents)
    if first is None:
        return ()
    rest = wanted - first.mantissa * 2.0**first.exponent
    if abs(rest) <= WORTH_A_SECOND_PRODUCT * abs(wanted):
        return (first,)
    second = _nearest(rest, mantissas, exponents)
    return (first,) if second is None else (first, second)


def _nearest(wanted: float, mantissas: Range, exponents: Range) -> Fit | None:
    smallest = 2.0 ** exponents[0]
    if abs(wanted) < smallest / 2:
        return None
    mantissa, exponent = nearest_mantissa_exponent(wanted, mantissas, exponents)
    return Fit(mantissa, exponent) if mantissa else None


def finest(fit: Fit, mantissas: Range, exponents: Range) -> Fit:
    """Write the same number with the smallest exponent.

    A product that is shifted right loses up to 2**exponent to the floor.
    """
    mantissa, exponent = fit.mantissa, fit.exponent
    while exponent > exponents[0] and mantissas[0] <= 2 * mantissa <= mantissas[1]:
        mantissa, exponent = 2 * mantissa, exponent - 1
    return Fit(mantissa, exponent)


def product_shift(chip: Chip, widths: list[int]) -> int:
    """Right shift of a product that the engine does not give back."""
    base = chip.product_shift_base.value
    accumulator = chip.accumulator_bits.value - 1
    return max(0, sum(widths) + base - accumulator)
