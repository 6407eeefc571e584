"""Synapses that only decay, all by the same random number: what becomes of each value.

Generated kernels (kernel_quiet_source.py) call these. The change of a value is a
function of few steps, and mostly a line that is rounded down. Either takes 16 bits, so
that a vector instruction takes many synapses.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .kernel_operations import Integer
from .kernel_quiet_source import MOST_STEPS
from .kernel_steps import Cells

NOWHERE = 32767
LINE_BITS = 12
LARGEST = 7
"""A line through larger changes would need more than 16 bits before its shift."""
TRIES = 4


@njit(cache=True)
def steps_of(changes: Cells, low: Integer, at: Cells, by: Cells) -> Integer:
    """Find at which values the change is another one, and by how much."""
    found = 0
    at[:] = NOWHERE
    by[:] = 0
    for k in range(1, changes.size):
        jump = changes[k] - changes[k - 1]
        if jump != 0:
            if found == MOST_STEPS:
                return found + 1
            at[found] = low + k
            by[found] = jump
            found += 1
    return found


@njit(cache=True)
def change_all(
    cells: Cells, changes: Cells, low: Integer, at: Cells, by: Cells
) -> None:
    """Change values, of which the lowest is ``low``, as their table says."""
    slope, offset, exact = line_through(changes, low, at)
    if exact:
        add_line(cells, slope, offset)
    else:
        add_steps(cells, changes[0], at, by)


@njit(cache=True)
def line_through(
    changes: Cells, low: Integer, at: Cells
) -> tuple[Integer, Integer, bool]:
    """Find slope and offset of which the changes are ``slope * v + offset >> 12``.

    Such a line only rises or only falls, so it is the changes everywhere if it is on
    both sides of each step and at both ends. The slope is had from the first and the
    last step; it need not be whole there, so its neighbours are tried too.
    """
    high = low + changes.size - 1
    if abs(changes[0]) > LARGEST or abs(changes[-1]) > LARGEST:
        return 0, 0, False
    first, last = high, low
    for k in range(MOST_STEPS):
        if at[k] != NOWHERE:
            first, last = min(first, at[k]), max(last, at[k])
    if first >= last:  # fewer than two steps
        first, last = low, high
    rise = np.int64(changes[last - low] - changes[first - low]) << LINE_BITS
    guess = rise // (last - first)
    for n in range(2 * TRIES + 1):
        slope = guess + ((n + 1) // 2 if n % 2 == 1 else -(n // 2))
        least, most = offsets(changes, low, slope, low)
        ends = offsets(changes, low, slope, high)
        least, most = max(least, ends[0]), min(most, ends[1])
        for k in range(MOST_STEPS):
            if at[k] != NOWHERE:
                before = offsets(changes, low, slope, at[k] - 1)
                after = offsets(changes, low, slope, at[k])
                least = max(least, before[0], after[0])
                most = min(most, before[1], after[1])
        if least <= most:
            return slope, least, True
    return 0, 0, False


@njit(cache=True)
def offsets(
    changes: Cells, low: Integer, slope: Integer, value: Integer
) -> tuple[Integer, Integer]:
    """Give the lowest and the highest offset with which a line is right at a value."""
    change = np.int64(changes[value - low])
    least = (change << LINE_BITS) - slope * value
    return least, least + (1 << LINE_BITS) - 1


@njit(cache=True)
def add_line(cells: Cells, slope: Integer, offset: Integer) -> None:
    """Change values by a line; what it is before the shift needs 16 bits."""
    a, b = np.int16(slope), np.int16(offset)
    for k in range(cells.size):
        v = np.int16(cells[k])
        line = np.int16(np.int16(np.int64(a) * np.int64(v)) + b)
        cells[k] = np.int16(np.int16(line >> LINE_BITS) + v)


@njit(cache=True)
def add_steps(cells: Cells, first: Integer, at: Cells, by: Cells) -> None:
    """Change values by ``first``, and more from each step on."""
    at0, at1 = np.int16(at[0]), np.int16(at[1])
    by0, by1 = np.int16(by[0]), np.int16(by[1])
    at2, at3 = np.int16(at[2]), np.int16(at[3])
    by2, by3 = np.int16(by[2]), np.int16(by[3])
    base, none = np.int16(first), np.int16(0)
    for k in range(cells.size):
        v = np.int16(cells[k])
        low = np.int16(np.int16(by0 if v >= at0 else none) + np.int16(v + base))
        mid = np.int16(np.int16(by1 if v >= at1 else none) + low)
        high = np.int16(np.int16(by2 if v >= at2 else none) + mid)
        cells[k] = np.int16(np.int16(by3 if v >= at3 else none) + high)
