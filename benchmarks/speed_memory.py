"""The roofline: what an event-driven update must move, and what the memory can move.

Bytes are counted in whole cache lines of 64 bytes from the spikes of the run itself.
The bandwidth is that of a triad over arrays far larger than the caches, measured in the
same process and with as many threads.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from lahar.pairs import Pairs

LINE = 64
HISTORY_BYTES = 32
TRIAD = 1 << 25


@dataclass(frozen=True)
class Lines:
    """Cache lines that a mean step must move, each counted once for reading.

    A line that is changed is written back: it counts twice. ``others`` are what a post
    spike needs: packed columns, or histories of post neurons.
    """

    rows: float
    others: float
    lists: float
    neurons: float

    @property
    def total_bytes(self) -> float:
        """Bytes of a step."""
        return LINE * (self.rows + self.others + self.lists + self.neurons)


@njit(parallel=True, cache=True)
def _triad(a: Any, b: Any, c: Any) -> None:
    for i in prange(a.size):
        a[i] = b[i] + 3.0 * c[i]


def bandwidth() -> float:
    """Measure what the memory moves in a second, in bytes: the best of five triads.

    Two arrays are read; one is read for ownership and written.
    """
    a, b, c = (np.ones(TRIAD) for _ in range(3))
    best = float("inf")
    for _ in range(6):
        began = time.perf_counter()
        _triad(a, b, c)
        best = min(best, time.perf_counter() - began)
    return 4 * a.nbytes / best


@njit(cache=True)
def _lines_of(places: Any, per_line: int, seen: Any, stamp: int) -> int:
    """Count the lines that hold these elements, each once in a step."""
    found = 0
    for k in range(places.size):
        line = places[k] // per_line
        if seen[line] != stamp:
            seen[line] = stamp
            found += 1
    return found


@njit(cache=True)
def _row_lines(starts: Any, spiked: Any, per_line: int) -> int:
    found = 0
    for n in range(spiked.size):
        first, stop = starts[spiked[n]], starts[spiked[n] + 1]
        if stop > first:
            found += (stop - 1) // per_line - first // per_line + 1
    return found


@njit(cache=True)
def _history_lines(starts: Any, posts: Any, spiked: Any, seen: Any, stamp: int) -> int:
    found = 0
    for n in range(spiked.size):
        row = posts[starts[spiked[n]] : starts[spiked[n] + 1]]
        found += _lines_of(row, LINE // HISTORY_BYTES, seen, stamp)
    return found


def lines_of_step(
    pairs: Pairs, spikes: npt.NDArray[np.uint8], neuron_bytes: int
) -> Lines:
    """Count for rows of spikes (steps, n) of one recurrent population, 8-bit weights.

    A pre spike reads its row's posts (4 bytes each) and weights, which change, and when
    those neurons spiked (decision 80); a line of these histories that two rows of a
    step need is counted once. Each neuron has ``neuron_bytes`` of state, read and
    written.
    """
    seen = np.zeros(spikes.shape[1] * HISTORY_BYTES // LINE + 1, np.int32)
    rows = lists = histories = 0
    for stamp, row in enumerate(spikes, start=1):
        spiked = np.flatnonzero(row)
        rows += 2 * _row_lines(pairs.starts, spiked, LINE)
        lists += _row_lines(pairs.starts, spiked, LINE // 4)
        histories += _history_lines(pairs.starts, pairs.posts, spiked, seen, stamp)
    steps = len(spikes)
    state = 2 * spikes.shape[1] * neuron_bytes / LINE
    return Lines(rows / steps, histories / steps, lists / steps, state)


def lines_of_dense_step(
    pre: npt.NDArray[np.uint8], post: npt.NDArray[np.uint8]
) -> Lines:
    """Count for 8-bit weights (pre, post) packed four rows to a word (decision 40).

    A row of pre neurons i takes the words of its block, a column one word of each
    block; a word that shares its line with a row of the step is not counted again.
    """
    size = pre.shape[1], post.shape[1]
    blocks = -(-size[0] // 4)
    rows = columns = 0.0
    for spiked, fired in zip(pre, post, strict=True):
        visited = np.unique(np.flatnonzero(spiked) // 4).size
        lines = np.unique(np.flatnonzero(fired) * 4 // LINE).size
        rows += 2 * visited * -(-4 * size[1] // LINE)
        columns += 2 * (blocks - visited) * lines
    steps = len(pre)
    return Lines(rows / steps, columns / steps, 0.0, 2 * sum(size) * 16 / LINE)
