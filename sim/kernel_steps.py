"""The parts of a compiled step that are the same in every Program.

Generated kernels (kernel_source.py) call these. Weights of a compiled run lie in
rows of one pre neuron each, so that the work of a pre spike is contiguous.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from .kernel_operations import (
    Integer,
    add_impulse,
    element_bits,
    signed_bits,
    to_int32,
)

Cells = npt.NDArray[np.int32]
Sums = npt.NDArray[np.int64]
Table = npt.NDArray[np.int64]
Stimulus = npt.NDArray[np.uint8] | npt.NDArray[np.int32]


@njit(cache=True)
def segment(bank: Cells, bounds: Table, k: Integer) -> Cells:
    """Give the k-th segment of a bank, as a view."""
    return bank[bounds[k, 0] : bounds[k, 1]]


@njit(cache=True)
def copy_cells(source: Cells, target: Cells) -> None:
    for i in range(target.size):
        target[i] = source[i]


@njit(cache=True)
def add_cells(source: Cells, target: Cells) -> None:
    for i in range(target.size):
        target[i] = to_int32(np.int64(target[i]) + source[i])


@njit(cache=True)
def add_cells_at(source: Cells, places: Cells, target: Cells) -> None:
    """Add a signal to a wire, each element at its place; -1 is nowhere."""
    for i in range(source.size):
        place = places[i]
        if place >= 0:
            target[place] = to_int32(np.int64(target[place]) + source[i])


@njit(cache=True)
def binary_cells(source: Cells, target: Cells) -> None:
    """Count whatever is not 0 as a spike of 1."""
    for i in range(target.size):
        target[i] = 1 if source[i] != 0 else 0


@njit(cache=True)
def narrow_cells(target: Cells, bits: Integer) -> None:
    """Take cells modulo 2**bits, signed."""
    for i in range(target.size):
        target[i] = signed_bits(np.int64(target[i]), bits)


@njit(cache=True)
def clear_cells(target: Cells) -> None:
    for i in range(target.size):
        target[i] = 0


@njit(cache=True)
def present(rows: Stimulus, s: Integer, start: Integer, target: Cells) -> None:
    """Take a population's part of a row of the stimulus."""
    for i in range(target.size):
        target[i] = rows[s, start + i]


@njit(cache=True)
def present_cycle(cycle: Cells, step: Integer, target: Cells) -> None:
    """Take the row of a population's own cycle that belongs to a step."""
    size = target.size
    start = (step - 1) % (cycle.size // size) * size
    for i in range(size):
        target[i] = cycle[start + i]


@njit(cache=True)
def keep_row(source: Cells, step: Integer, rows: Cells) -> None:
    """Overwrite the row of a ring buffer that belongs to a step."""
    size = source.size
    start = (step - 1) % (rows.size // size) * size
    for i in range(size):
        rows[start + i] = source[i]


@njit(cache=True)
def deliver(on_the_way: Cells, step: Integer, bits: Integer, arrived: Cells) -> None:
    """Take the row of a step from a ring of what is on the way, and clear it."""
    size = arrived.size
    start = step % (on_the_way.size // size) * size
    for j in range(size):
        arrived[j] = signed_bits(np.int64(on_the_way[start + j]), bits)
        on_the_way[start + j] = 0


@njit(cache=True)
def propagate(
    weights: Cells, spikes: Cells, exponent: Integer, sums: Sums, on_the_way: Cells
) -> None:
    """Add up the weights of the pre neurons that spiked, and shift."""
    size = on_the_way.size
    for j in range(size):
        sums[j] = 0
    for i in range(spikes.size):
        if spikes[i] != 0:
            row = weights[i * size : (i + 1) * size]
            for j in range(size):
                sums[j] += row[j]
    for j in range(size):
        shifted = sums[j] << exponent if exponent > 0 else sums[j] >> -exponent
        on_the_way[j] = to_int32(shifted)


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


@njit(cache=True)
def mark_spikes(spikes: Cells, times: Cells, moment: Integer) -> None:
    """Note the moment of the epoch at which neurons spiked last."""
    for i in range(spikes.size):
        if spikes[i] != 0:
            times[i] = moment


@njit(cache=True)
def repeat_impulse(
    spikes: Cells,
    times: Cells,
    trace: Cells,
    impulse: Integer,
    fraction: Integer,
    r: Integer,
) -> None:
    """Add the impulses of spikes that are not the first of the epoch, one r for all."""
    for i in range(spikes.size):
        if spikes[i] != 0 and times[i] > 0:
            trace[i] = add_impulse(np.int64(trace[i]), impulse, fraction, r)


@njit(cache=True)
def repeat_impulse_each(
    spikes: Cells,
    times: Cells,
    trace: Cells,
    impulse: Integer,
    fraction: Integer,
    key: np.uint64,
    step: Integer,
    bits: Integer,
) -> None:
    """Add the impulses of spikes that are not the first, a random number for each."""
    for i in range(spikes.size):
        if spikes[i] != 0 and times[i] > 0:
            r = element_bits(key, step, i, bits)
            trace[i] = add_impulse(np.int64(trace[i]), impulse, fraction, r)


@njit(cache=True)
def list_marked(times: Cells, found: Cells) -> Integer:
    """List the neurons with a spike in the epoch; the number of them is returned."""
    count = 0
    for j in range(times.size):
        if times[j] > 0:
            found[count] = j
            count += 1
    return count


@njit(cache=True)
def record_cells(bank: Cells, segments: Table, recorded: Cells, s: Integer) -> None:
    """Copy recorded segments (start, length, column) into row s of the recording."""
    for k in range(segments.shape[0]):
        start, length, column = segments[k, 0], segments[k, 1], segments[k, 2]
        for i in range(length):
            recorded[s, column + i] = bank[start + i]
