"""Steps of large networks in threads: the same work, side by side.

The kernel of a large network calls these where that of a small one calls those of the
same names in kernel_steps and kernel_listed. What one thread writes no other reads in
the same call, so the bits do not depend on how many threads there are.
"""

from __future__ import annotations

import os
from typing import Any

import numba
import numpy as np
from numba import njit, prange

from ..hardware.program import Program
from .kernel_listed import Starts, bound, propagate_listed, propagate_listed_wide
from .kernel_listing import list_active as list_active_alone
from .kernel_operations import Integer, signed_bits, to_int32
from .kernel_steps import Cells, Stimulus, Sums

VARIABLE = "LAHAR_THREADS"
MANY_SYNAPSES, MANY_NEURONS = 1 << 20, 1 << 16
"""From so many on, a step takes far longer than waking threads does."""

LISTED_PARTS = 16
"""More than there are cores, mostly; numba caches no kernel that asks how many."""


def pays(program: Program) -> bool:
    """Tell whether a step is long enough to be shared."""
    listed = [c.pairs.count for c in program.connections if c.pairs is not None]
    neurons = [p.size for p in program.populations]
    return max(listed, default=0) >= MANY_SYNAPSES and max(neurons) >= MANY_NEURONS


def count_threads() -> int:
    """Give the number of threads: LAHAR_THREADS, or as many as there are cores."""
    config: Any = numba.config
    most: int = config.NUMBA_NUM_THREADS
    named = os.environ.get(VARIABLE, "")
    return min(max(int(named), 1), most) if named.isdigit() else most


@njit(parallel=True, cache=True)
def list_active(cells: Cells, found: Cells) -> Integer:
    """List the places of what is not 0: each part by itself, then one after another."""
    size = cells.size
    counts = np.zeros(LISTED_PARTS, np.int64)
    for part in prange(LISTED_PARTS):
        first = bound(size, part, LISTED_PARTS)
        last = bound(size, part + 1, LISTED_PARTS)
        counts[part] = list_active_alone(cells[first:last], found[first:last])
        for n in range(first, first + counts[part]):
            found[n] += first
    count: Integer = 0
    for part in range(LISTED_PARTS):
        first = bound(size, part, LISTED_PARTS)
        for n in range(counts[part]):
            found[count + n] = found[first + n]
        count += counts[part]
    return count


@njit(parallel=True, cache=True)
def spread(
    weights: Cells,
    starts: Starts,
    posts: Cells,
    active: Cells,
    count: Integer,
    exponent: Integer,
    parts: Integer,
    on_the_way: Cells,
) -> None:
    """Add up the weights onto each part."""
    size = on_the_way.size
    for part in prange(parts):
        first, last = bound(size, part, parts), bound(size, part + 1, parts)
        propagate_listed(
            weights, starts, posts, active, count, exponent, first, last, on_the_way
        )


@njit(parallel=True, cache=True)
def spread_wide(
    weights: Cells,
    starts: Starts,
    posts: Cells,
    active: Cells,
    count: Integer,
    exponent: Integer,
    parts: Integer,
    sums: Sums,
    on_the_way: Cells,
) -> None:
    """Do so where sums may need 64 bits."""
    size = on_the_way.size
    for part in prange(parts):
        first, last = bound(size, part, parts), bound(size, part + 1, parts)
        propagate_listed_wide(
            weights,
            starts,
            posts,
            active,
            count,
            exponent,
            first,
            last,
            sums,
            on_the_way,
        )


@njit(parallel=True, cache=True)
def mark_spikes(spikes: Cells, times: Cells, moment: Integer) -> None:
    """Note the moment of the epoch at which neurons spiked last."""
    for i in prange(spikes.size):
        times[i] = moment if spikes[i] != 0 else times[i]


@njit(parallel=True, cache=True)
def copy_cells(source: Cells, target: Cells) -> None:
    for i in prange(target.size):
        target[i] = source[i]


@njit(parallel=True, cache=True)
def take_narrow(source: Cells, bits: Integer, target: Cells) -> None:
    """Copy cells modulo 2**bits, signed."""
    for i in prange(target.size):
        target[i] = signed_bits(np.int64(source[i]), bits)


@njit(parallel=True, cache=True)
def clear_cells(target: Cells) -> None:
    for i in prange(target.size):
        target[i] = 0


@njit(parallel=True, cache=True)
def add_cells(source: Cells, target: Cells) -> None:
    for i in prange(target.size):
        target[i] = to_int32(np.int64(target[i]) + source[i])


@njit(parallel=True, cache=True)
def narrow_cells(target: Cells, bits: Integer) -> None:
    """Take cells modulo 2**bits, signed."""
    for i in prange(target.size):
        target[i] = signed_bits(np.int64(target[i]), bits)


@njit(parallel=True, cache=True)
def present(rows: Stimulus, s: Integer, start: Integer, target: Cells) -> None:
    """Take a population's part of a row of the stimulus."""
    for i in prange(target.size):
        target[i] = rows[s, start + i]


IN_THREADS = (
    "add_cells",
    "clear_cells",
    "copy_cells",
    "list_active",
    "mark_spikes",
    "narrow_cells",
    "present",
    "spread",
    "spread_wide",
    "take_narrow",
)
