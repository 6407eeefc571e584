"""What spikes do to sums of weights where the synapses of a connection are listed.

Generated kernels (kernel_source.py) call these. Synapses lie in rows of one pre neuron
each; ``posts`` says where each ends. A part of the work is that for the post neurons
[first, last): parts touch different synapses and sums, so that threads may share it,
and whole numbers add up to the same however it is divided.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from .kernel_operations import Integer, signed_bits, to_int32
from .kernel_prefetch import touch_begin
from .kernel_propagation import shift_narrow, shifted_sum
from .kernel_steps import Cells, Sums

AHEAD = 4
"""Rows that are asked for before they are read."""

Starts = npt.NDArray[np.int64]


@njit(cache=True)
def bound(size: Integer, part: Integer, parts: Integer) -> Integer:
    """Give where a part of so many begins: threads share no cache line."""
    return size if part == parts else size * part // parts // 64 * 64


@njit(cache=True)
def first_from(posts: Cells, start: Integer, stop: Integer, j: Integer) -> Integer:
    """Find the first synapse of a row that ends at neuron j or a later one."""
    low, high = start, stop
    while low < high:
        middle = (low + high) >> 1
        if posts[middle] < j:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def row_between(
    starts: Starts, posts: Cells, i: Integer, first: Integer, last: Integer
) -> tuple[Integer, Integer]:
    """Give the synapses of a row whose post neurons are in [first, last)."""
    start, stop = starts[i], starts[i + 1]
    if start < stop and posts[start] < first:
        start = first_from(posts, start, stop, first)
    if start < stop and posts[stop - 1] >= last:
        stop = first_from(posts, start, stop, last)
    return start, stop


@njit(cache=True)
def propagate_listed(
    weights: Cells,
    starts: Starts,
    posts: Cells,
    active: Cells,
    count: Integer,
    exponent: Integer,
    first: Integer,
    last: Integer,
    on_the_way: Cells,
) -> None:
    """Add up the weights of the pre neurons that spiked, where 32 bits hold the sum."""
    for n in range(min(AHEAD, count)):
        touch_begin(starts, posts, np.int64(active[n]), 32)
        touch_begin(starts, weights, np.int64(active[n]), 32)
    for j in range(first, last):
        on_the_way[j] = 0
    for n in range(count):
        if n + AHEAD < count:
            touch_begin(starts, posts, np.int64(active[n + AHEAD]), 32)
            touch_begin(starts, weights, np.int64(active[n + AHEAD]), 32)
        start, stop = row_between(starts, posts, np.int64(active[n]), first, last)
        for k in range(np.uint64(start), np.uint64(stop)):  # of no sign: no questions
            on_the_way[posts[k]] += np.int32(weights[k])
    shift_narrow(on_the_way[first:last], exponent)


@njit(cache=True)
def propagate_listed_wide(
    weights: Cells,
    starts: Starts,
    posts: Cells,
    active: Cells,
    count: Integer,
    exponent: Integer,
    first: Integer,
    last: Integer,
    sums: Sums,
    on_the_way: Cells,
) -> None:
    """Do so where the sum may need 64 bits."""
    for n in range(min(AHEAD, count)):
        touch_begin(starts, posts, np.int64(active[n]), 32)
        touch_begin(starts, weights, np.int64(active[n]), 32)
    for j in range(first, last):
        sums[j] = 0
    for n in range(count):
        if n + AHEAD < count:
            touch_begin(starts, posts, np.int64(active[n + AHEAD]), 32)
            touch_begin(starts, weights, np.int64(active[n + AHEAD]), 32)
        start, stop = row_between(starts, posts, np.int64(active[n]), first, last)
        for k in range(start, stop):
            sums[posts[k]] += np.int64(weights[k])
    for j in range(first, last):
        on_the_way[j] = shifted_sum(sums[j], exponent)


@njit(cache=True)
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
    """Go through the parts."""
    size = on_the_way.size
    for part in range(parts):
        first, last = bound(size, part, parts), bound(size, part + 1, parts)
        propagate_listed(
            weights, starts, posts, active, count, exponent, first, last, on_the_way
        )


@njit(cache=True)
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
    for part in range(parts):
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


@njit(cache=True)
def propagate_listed_values(
    weights: Cells,
    starts: Starts,
    posts: Cells,
    values: Cells,
    exponent: Integer,
    sum_bits: Integer,
    sums: Sums,
    on_the_way: Cells,
) -> None:
    """Add up weight times value, modulo 2**32 and 2**sum_bits, and shift."""
    for j in range(on_the_way.size):
        sums[j] = 0
    for i in range(values.size):
        value = np.int64(values[i])
        if value != 0:
            for k in range(starts[i], starts[i + 1]):
                sums[posts[k]] += to_int32(value * np.int64(weights[k]))
    for j in range(on_the_way.size):
        on_the_way[j] = shifted_sum(signed_bits(sums[j], sum_bits), exponent)


@njit(cache=True)
def propagate_listed_delayed(
    weights: Cells,
    starts: Starts,
    posts: Cells,
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
            for k in range(starts[i], starts[i + 1]):
                place = np.int64(delays[k]) * size + posts[k]
                sums[place] += to_int32(value * np.int64(weights[k]))
    for d in range(rows):
        start = (step + 1 + d) % rows * size
        for j in range(size):
            total = signed_bits(sums[d * size + j], sum_bits)
            waiting = np.int64(on_the_way[start + j])
            on_the_way[start + j] = to_int32(waiting + shifted_sum(total, exponent))
