"""Compiled loops over many synapses; imported only where there are many.

Rows of pre neurons in, columns of post neurons out (pairs.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Indices = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]


@njit(cache=True)
def counted_columns(
    starts: Starts, posts: Indices, post: int
) -> tuple[Starts, Indices, Indices]:
    """Count the synapses out by post neuron; within a column pre neurons rise."""
    ends = np.zeros(post + 1, np.int64)
    for k in range(posts.size):
        ends[posts[k] + 1] += 1
    for j in range(post):
        ends[j + 1] += ends[j]
    free = ends[:-1].copy()
    synapses = np.empty(posts.size, np.int32)
    pres = np.empty(posts.size, np.int32)
    for i in range(starts.size - 1):
        for k in range(starts[i], starts[i + 1]):
            place = free[posts[k]]
            free[posts[k]] = place + 1
            synapses[place] = k
            pres[place] = i
    return ends, synapses, pres


@njit(cache=True)
def summed_onto(
    posts: Indices, values: npt.NDArray[Any], post: int
) -> npt.NDArray[np.float64]:
    """Add values of synapses up for each post neuron."""
    total = np.zeros(post)
    for k in range(posts.size):
        total[posts[k]] += values[k]
    return total


@njit(cache=True)
def counted_sources(pres: Indices) -> tuple[Starts, Starts]:
    """Give the pre neurons that occur, rising, and how often each does."""
    low, high = pres.min(), pres.max()
    table = np.zeros(high - low + 1, np.int32)
    for k in range(pres.size):
        table[pres[k] - low] += 1
    found = 0
    for i in range(table.size):
        found += table[i] > 0
    sources, counts = np.empty(found, np.int64), np.empty(found, np.int64)
    found = 0
    for i in range(table.size):
        if table[i] > 0:
            sources[found] = low + i
            counts[found] = table[i]
            found += 1
    return sources, counts
