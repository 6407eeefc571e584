"""Number formats of chips, and the one place where compiling rounds.

In: real numbers that the compiler wants. Out: the integers that a chip can hold.
Whoever calls these logs a `Rounding` when wanted and got differ; what happens to
integers while a Program runs is semantics.md and lives in sim/.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .program import IntArray, SignMode

Range = tuple[int, int]

TABULATED = 1024  # most mantissas of a format of which all numbers are listed
DECAY_ONE = 4096  # a decay of 1: decay registers count in 1/4096 (12 bit)


@dataclass(frozen=True)
class Format:
    """An integer of so many bits; with a sign, one of the bits is the sign."""

    bits: int
    signed: bool

    @property
    def low(self) -> int:
        """The smallest integer that fits."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The largest integer that fits."""
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1

    @property
    def limits(self) -> Range:
        """The smallest and the largest integer that fit."""
        return self.low, self.high

    def contains(self, value: int) -> bool:
        """Tell whether the integer fits."""
        return self.low <= value <= self.high

    def saturate(self, value: int) -> int:
        """Give the nearest integer that fits."""
        return clamp(value, (self.low, self.high))


def clamp(value: int, limits: Range) -> int:
    """Give the nearest integer within [low, high]."""
    low, high = limits
    return min(max(value, low), high)


def round_half_even(value: float) -> int:
    """Round to the nearest integer, a half to the even one."""
    assert math.isfinite(value), "the compiler checks numbers before it rounds them"
    return round(value)


def round_array(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Round each element as `round_half_even` does."""
    assert np.isfinite(values).all(), "checked before rounding (R123)"
    return np.rint(values).astype(np.int64)


def nearest_mantissa_exponent(
    value: float, mantissa: Range, exponent: Range
) -> tuple[int, int]:
    """Fit a real number to ``m * 2**e`` with the least relative error.

    Equal errors go to the smaller mantissa (4 is 1 * 2**2). A value nearer to zero
    than to any other number of the format gives m = 0: whoever asked must refuse or
    rescale. Values beyond the largest give the largest.
    """
    assert math.isfinite(value), "the compiler checks numbers before it rounds them"
    if mantissa[1] - mantissa[0] > TABULATED:
        return nearest_without_table(value, mantissa, exponent)
    numbers, parts = representable(mantissa, exponent)
    above = bisect_left(numbers, value)
    near = range(max(above - 1, 0), min(above + 1, len(numbers)))
    best = min(near, key=lambda k: (abs(numbers[k] - value), abs(parts[k][0])))
    return parts[best]


def nearest_without_table(
    value: float, mantissa: Range, exponent: Range
) -> tuple[int, int]:
    """Do what `nearest_mantissa_exponent` does for formats too wide to be listed."""
    largest = max(-mantissa[0], mantissa[1])
    # With a smaller exponent no mantissa is large enough, with a larger one the
    # numbers lie further apart.
    fine = math.frexp(value)[1] - largest.bit_length()
    lowest = clamp(fine, exponent)
    found = []
    for e in range(lowest, min(lowest + 2, exponent[1]) + 1):
        below = math.floor(math.ldexp(value, -e))
        for m in (clamp(below, mantissa), clamp(below + 1, mantissa)):
            number = math.ldexp(m, e)
            parts = _smallest_mantissa(m, e, exponent)
            found.append((abs(number - value), abs(parts[0]), number, parts))
    return min(found)[-1]


def _smallest_mantissa(m: int, e: int, exponent: Range) -> tuple[int, int]:
    if m == 0:
        return 0, clamp(0, exponent)
    while m % 2 == 0 and e < exponent[1]:
        m, e = m // 2, e + 1
    return m, e


@lru_cache
def representable(
    mantissa: Range, exponent: Range
) -> tuple[tuple[float, ...], tuple[tuple[int, int], ...]]:
    """List every ``m * 2**e`` once, ascending, each with its smallest mantissa."""
    smallest: dict[float, tuple[int, int]] = {}
    for m in sorted(range(mantissa[0], mantissa[1] + 1), key=abs):
        for e in sorted(range(exponent[0], exponent[1] + 1), key=abs):
            smallest.setdefault(math.ldexp(m, e), (m, e))
    numbers = tuple(sorted(smallest))
    return numbers, tuple(smallest[n] for n in numbers)


def effective_decay(dt_over_tau: float) -> int:
    """Round a decay per step to 1/4096, within [0, 4096]."""
    return clamp(round_half_even(dt_over_tau * DECAY_ONE), (0, DECAY_ONE))


def decay_register(dt_over_tau: float, offset: int) -> int:
    """Give the 12-bit register of a decay; the chip decays by register + offset."""
    return Format(12, signed=False).saturate(effective_decay(dt_over_tau) - offset)


def fraction_256(value: float) -> tuple[int, int]:
    """Split a value >= 0 into an integer and 256ths, as trace impulses are held."""
    return divmod(round_half_even(value * 256), 256)


def tau_256(tau_steps: float) -> int:
    """Give a trace's time constant in 1/256 steps."""
    return round_half_even(tau_steps * 256)


def threshold_mantissa(value: float, shift: int, largest: int) -> int:
    """Round a threshold to ``mantissa << shift`` with a mantissa of at least 1."""
    return clamp(round_half_even(math.ldexp(value, -shift)), (1, largest))


def bias_mantissa_exponent(
    value: float, mantissa: Range, exponent: Range
) -> tuple[int, int]:
    """Fit a bias to ``m << e`` with the smallest exponent that can hold it."""
    for e in range(exponent[0], exponent[1] + 1):
        m = round_half_even(math.ldexp(value, -e))
        if mantissa[0] <= m <= mantissa[1]:
            return m, e
    largest = exponent[1]
    return clamp(round_half_even(math.ldexp(value, -largest)), mantissa), largest


def weight_step(weight_bits: int, sign_mode: SignMode) -> int:
    """Give the grid of stored weights: 2**(8 - bits), twice that with mixed signs."""
    mixed = 1 if sign_mode == SignMode.MIXED else 0
    return 1 << (8 - weight_bits + mixed)


def round_weights(
    values: npt.NDArray[np.float64],
    weight_bits: int,
    sign_mode: SignMode,
    limits: Range,
) -> IntArray:
    """Round weights, given in LSB of 8 bit, to what the chip stores without loss.

    On the grid of `weight_step` no emulator drops a bit: they disagree about how
    negative weights lose theirs (nengo-loihi rounds, Lava floors).
    """
    step = weight_step(weight_bits, sign_mode)
    low, high = -(-limits[0] // step), limits[1] // step
    rounded = round_array(values / step)
    return (np.clip(rounded, low, high) * step).astype(np.int32)
