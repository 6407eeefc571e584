"""A decay that all traces of a side share, in whole numbers.

Generated kernels (kernel_trace_source.py) call these. Where one random number serves
all neurons, what a decay in float64 makes of a trace depends on the trace alone. It is
nearly always the same as (trace * multiplier + offset) >> SHIFT; whether it is, is seen
by trying every value that a trace can have.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .kernel_operations import Integer, decay_float
from .trace_decay import TABLE_SIZE

SHIFT = 22
UNITY = 1 << SHIFT
LOST = 53 - SHIFT

MANY = 512
"""With fewer neurons, trying takes as long as decaying them."""


@njit(cache=True)
def whole_decay(factor: float, number: Integer) -> tuple[Integer, Integer]:
    """Give the multiplier and the offset nearest to a decay."""
    multiplier = np.int64(factor * UNITY + 0.5)
    return multiplier, ((1 << 53) - 1 - number) >> LOST


@njit(cache=True)
def is_whole_decay(
    multiplier: Integer, offset: Integer, factor: float, number: Integer
) -> bool:
    """Tell whether they make of every trace what the decay makes of it."""
    different = False
    for v in range(TABLE_SIZE):
        whole = (v * multiplier + offset) >> SHIFT
        different |= whole != decay_float(v, factor, number)
    return not different


@njit(cache=True)
def decay_whole(v: np.int32, multiplier: np.int32, offset: np.int32) -> np.int32:
    """Decay a trace of at most 8 bits; the product has 32."""
    return np.int32(np.int32(np.int32(v * multiplier) + offset) >> SHIFT)
