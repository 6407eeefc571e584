"""How far floats of two float backends may lie apart: rounding, and no more.

Two arrays and a tolerance in; which values are outside, and the largest difference,
out. Spikes are integers and are compared exactly, whatever the tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

# Sums in another order differ by some 1e-15; what nobody would call rounding is 1e-7.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class FloatAgreement:
    """The floats of two float backends: how far apart, and what was allowed.

    tolerance
        Values a and b agree if |a - b| <= tolerance * (1 + max(|a|, |b|)).
    values
        How many floats were compared.
    differing
        How many of them differ in a bit.
    largest
        The largest |a - b| that was found, and ``variable`` where; "" if it is 0.
    """

    tolerance: float
    values: int
    differing: int
    largest: float
    variable: str


def are_floats(first: Rows, second: Rows) -> bool:
    """Tell whether two arrays are compared with a tolerance."""
    return first.dtype.kind == "f" and second.dtype.kind == "f"


def differ_in_bits(first: Rows, second: Rows) -> Mask:
    """Compare integers by value, whatever their width; floats by their bits."""
    if first.dtype.kind == "f" and first.dtype == second.dtype:
        bits = np.dtype(f"u{first.dtype.itemsize}")
        first, second = (np.ascontiguousarray(v).view(bits) for v in (first, second))
    different: Mask = np.not_equal(first, second)
    return different


def outside(first: Rows, second: Rows, tolerance: float) -> Mask:
    """Find values that are further apart than rounding; NaN agrees with NaN alone."""
    allowed = tolerance * (1.0 + np.maximum(np.abs(first), np.abs(second)))
    with np.errstate(invalid="ignore"):  # inf - inf
        near = np.abs(first - second) <= allowed
    both_nan = np.isnan(first) & np.isnan(second)
    finite = np.isfinite(first) & np.isfinite(second)
    agree: Mask = (near & finite) | (first == second) | both_nan
    return ~agree


def largest_difference(first: Rows, second: Rows) -> float:
    """Give the largest |a - b| of the finite values of both; 0 if there are none."""
    finite = np.isfinite(first) & np.isfinite(second)
    if not finite.any():
        return 0.0
    return float(np.abs(first[finite] - second[finite]).max())


def agreement(
    pairs: list[tuple[str, tuple[Rows, Rows]]], tolerance: float
) -> FloatAgreement:
    """Sum up how far the floats among some pairs of arrays lie apart."""
    values, differing, largest, variable = 0, 0, 0.0, ""
    for name, (a, b) in pairs:
        if not are_floats(a, b):
            continue
        values += a.size
        differing += int(np.count_nonzero(differ_in_bits(a, b)))
        difference = largest_difference(a, b)
        if difference > largest:
            largest, variable = difference, name
    return FloatAgreement(tolerance, values, differing, largest, variable)
