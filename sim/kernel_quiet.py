"""Synapses that only decay, all by the same random number: what becomes of each value.

Generated kernels (kernel_quiet_source.py) call these. The change of a value is a
function of few steps: adding it needs no product and 16 bits, so that a vector
instruction takes many synapses.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .kernel_operations import Integer
from .kernel_quiet_source import MOST_STEPS
from .kernel_steps import Cells

NOWHERE = 32767


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
def change_all(cells: Cells, first: Integer, at: Cells, by: Cells) -> None:
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
