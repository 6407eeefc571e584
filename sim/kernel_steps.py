"""The parts of a compiled step that are the same in every Program.

Generated kernels (kernel_source.py) call these; what spikes do to sums of weights is
in kernel_propagation.py.
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

WORD_BITS, BYTE_BITS = 32, 8

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
def take_narrow(source: Cells, bits: Integer, target: Cells) -> None:
    """Copy cells modulo 2**bits, signed."""
    for i in range(target.size):
        target[i] = signed_bits(np.int64(source[i]), bits)


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
def mark_spikes(spikes: Cells, times: Cells, moment: Integer) -> None:
    """Note the moment of the epoch at which neurons spiked last."""
    for i in range(spikes.size):
        times[i] = moment if spikes[i] != 0 else times[i]


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
def copy_list(listed: Cells, count: Integer, found: Cells) -> Integer:
    """Copy a list of ``count`` places to where more may follow."""
    for n in range(count):
        found[n] = listed[n]
    return count


@njit(cache=True)
def list_all(found: Cells) -> Integer:
    """List all neurons."""
    for i in range(found.size):
        found[i] = i
    return found.size


@njit(cache=True)
def gather_column(cells: Cells, j: Integer, posts: Integer, column: Cells) -> None:
    """Bring what lies apart in a column side by side."""
    for block in range(column.size):
        column[block] = cells[block * posts + j]


@njit(cache=True)
def scatter_column(column: Cells, j: Integer, posts: Integer, cells: Cells) -> None:
    """Put a column back."""
    for block in range(column.size):
        cells[block * posts + j] = column[block]


@njit(cache=True)
def record_cells(bank: Cells, segments: Table, recorded: Cells, s: Integer) -> None:
    """Copy recorded segments (start, length, column) into row s of the recording."""
    for k in range(segments.shape[0]):
        start, length, column = segments[k, 0], segments[k, 1], segments[k, 2]
        # slices first: an index that may be negative keeps the loop out of lanes
        row, cells = recorded[s, column : column + length], bank[start : start + length]
        for i in range(length):
            row[i] = cells[i]


@njit(cache=True)
def record_words(bank: Cells, segments: Table, recorded: Cells, s: Integer) -> None:
    """Copy packed segments (start, length, column, bits, pre, post), unpacked."""
    for k in range(segments.shape[0]):
        start, column, bits = segments[k, 0], segments[k, 2], segments[k, 3]
        pre, post = segments[k, 4], segments[k, 5]
        packed = WORD_BITS // bits
        for i in range(pre):
            row = start + i // packed * post
            for j in range(post):
                low = (np.int64(bank[row + j]) >> (bits * (i % packed))) & (
                    (1 << bits) - 1
                )
                if bits == BYTE_BITS:
                    recorded[s, column + i * post + j] = low
                else:
                    recorded[s, column + i * post + j] = (low ^ 0x8000) - 0x8000
