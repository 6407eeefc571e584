"""How spikes become sums of weights in a compiled step.

Generated kernels (kernel_source.py) call these. Weights of a compiled run lie in rows
of one pre neuron each, or several rows to a row of words (kernel_storage.py), so that
the work of a pre spike is contiguous.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .kernel_operations import Integer, signed_bits, to_int32
from .kernel_steps import (
    BYTE_BITS,
    WORD_BITS,
    Cells,
    Sums,
    clear_cells,
)

TOGETHER = 4


@njit(cache=True)
def propagate(
    weights: Cells,
    active: Cells,
    count: Integer,
    exponent: Integer,
    sums: Sums,
    on_the_way: Cells,
) -> None:
    """Add up the weights of the pre neurons that spiked, and shift."""
    size = on_the_way.size
    for j in range(size):
        sums[j] = 0
    for n in range(count):
        i = np.int64(active[n])
        row = weights[i * size : (i + 1) * size]
        for j in range(size):
            sums[j] += row[j]
    for j in range(size):
        on_the_way[j] = shifted_sum(sums[j], exponent)


@njit(cache=True)
def propagate_narrow(
    weights: Cells, active: Cells, count: Integer, exponent: Integer, on_the_way: Cells
) -> None:
    """Do so where the sum of a whole column has 32 bits."""
    size = on_the_way.size
    clear_cells(on_the_way)
    for n in range(0, count - count % TOGETHER, TOGETHER):
        row0 = row_of(weights, active[n], size)
        row1 = row_of(weights, active[n + 1], size)
        row2 = row_of(weights, active[n + 2], size)
        row3 = row_of(weights, active[n + 3], size)
        for j in range(size):
            of_two = np.int32(np.int32(row0[j]) + np.int32(row1[j]))
            two_more = np.int32(np.int32(row2[j]) + np.int32(row3[j]))
            on_the_way[j] += np.int32(of_two + two_more)
    for n in range(count - count % TOGETHER, count):
        row = row_of(weights, active[n], size)
        for j in range(size):
            on_the_way[j] += np.int32(row[j])
    shift_narrow(on_the_way, exponent)


@njit(cache=True)
def propagate_packed(
    words: Cells,
    active: Cells,
    count: Integer,
    exponent: Integer,
    bits: Integer,
    on_the_way: Cells,
) -> None:
    """Do so with weights of which several lie in a word."""
    size = on_the_way.size
    packed = WORD_BITS // bits
    clear_cells(on_the_way)
    for n in range(0, count - count % 2, 2):
        i, k = np.int64(active[n]), np.int64(active[n + 1])
        row, other = row_of(words, i // packed, size), row_of(words, k // packed, size)
        bit, its = (i % packed * bits) & 31, (k % packed * bits) & 31
        if bits == BYTE_BITS:
            for j in range(size):
                one = np.int32(np.int32(row[j] >> bit) & 255)
                two = np.int32(np.int32(other[j] >> its) & 255)
                on_the_way[j] += np.int32(one + two)
        else:
            for j in range(size):
                one = signed_half(np.int32(row[j] >> bit))
                two = signed_half(np.int32(other[j] >> its))
                on_the_way[j] += np.int32(one + two)
    for n in range(count - count % 2, count):
        i = np.int64(active[n])
        row, bit = row_of(words, i // packed, size), (i % packed * bits) & 31
        if bits == BYTE_BITS:
            for j in range(size):
                on_the_way[j] += np.int32(np.int32(row[j] >> bit) & 255)
        else:
            for j in range(size):
                on_the_way[j] += signed_half(np.int32(row[j] >> bit))
    shift_narrow(on_the_way, exponent)


@njit(cache=True)
def row_of(cells: Cells, i: Integer, size: Integer) -> Cells:
    """Give the i-th row, as a view."""
    start = np.int64(i) * size
    return cells[start : start + size]


@njit(cache=True)
def signed_half(word: np.int32) -> np.int32:
    """Give the lower half of a word as a signed number."""
    low = np.int32(np.int32(word & 0xFFFF) ^ 0x8000)
    return np.int32(low - 0x8000)


@njit(cache=True)
def shifted_sum(total: Integer, exponent: Integer) -> Integer:
    """Shift by a weight exponent: left, or right and down; 32 bits are left."""
    return to_int32(total << exponent if exponent > 0 else total >> -exponent)


@njit(cache=True)
def shift_narrow(sums: Cells, exponent: Integer) -> None:
    """Shift sums in place."""
    if exponent != 0:
        for j in range(sums.size):
            sums[j] = shifted_sum(np.int64(sums[j]), exponent)


@njit(cache=True)
def propagate_values(
    weights: Cells,
    values: Cells,
    exponent: Integer,
    sum_bits: Integer,
    sums: Sums,
    on_the_way: Cells,
) -> None:
    """Add up weight times value, modulo 2**32 and 2**sum_bits, and shift."""
    size = on_the_way.size
    for j in range(size):
        sums[j] = 0
    for i in range(values.size):
        value = np.int64(values[i])
        if value != 0:
            row = weights[i * size : (i + 1) * size]
            for j in range(size):
                sums[j] += to_int32(value * row[j])
    for j in range(size):
        total = signed_bits(sums[j], sum_bits)
        shifted = total << exponent if exponent > 0 else total >> -exponent
        on_the_way[j] = to_int32(shifted)


@njit(cache=True)
def propagate_delayed(
    weights: Cells,
    delays: Cells,
    values: Cells,
    size: Integer,
    exponent: Integer,
    sum_bits: Integer,
    step: Integer,
    sums: Sums,
    on_the_way: Cells,
) -> None:
    """Add up one sum for each delay; rows of ``size`` cells wait for their steps."""
    rows = on_the_way.size // size
    for k in range(rows * size):
        sums[k] = 0
    for i in range(values.size):
        value = np.int64(values[i])
        if value != 0:
            row = weights[i * size : (i + 1) * size]
            later = delays[i * size : (i + 1) * size]
            for j in range(size):
                sums[later[j] * size + j] += to_int32(value * row[j])
    for d in range(rows):
        start = (step + 1 + d) % rows * size
        for j in range(size):
            total = signed_bits(sums[d * size + j], sum_bits)
            shifted = total << exponent if exponent > 0 else total >> -exponent
            waiting = np.int64(on_the_way[start + j])
            on_the_way[start + j] = to_int32(waiting + to_int32(shifted))
