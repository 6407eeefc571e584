"""Find population events in spikes at rest, and ask whether they follow the track.

Spikes of place cells in the order of their fields in; Spearman's rank correlation
between a cell's place and when it spikes, one for each event, out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...rules.network import FloatArray

Spikes = npt.NDArray[np.bool_]

WINDOW = 5  # steps that spikes are counted over
ENOUGH_SPIKES = 3  # in a window, for an event to go on
ENOUGH_CELLS = 10  # that take part in an event, for it to count


@dataclass(frozen=True)
class PopulationEvent:
    """A stretch of time, and the absolute rank correlation of place and time."""

    start: int
    stop: int
    order: float


def population_events(spikes: Spikes) -> list[PopulationEvent]:
    """Find the events of spikes (steps, place cells)."""
    found = []
    for start, stop in _stretches(spikes):
        steps, cells = np.nonzero(spikes[start:stop])
        taking_part = np.unique(cells)
        if len(taking_part) >= ENOUGH_CELLS:
            when = np.array([steps[cells == cell].mean() for cell in taking_part])
            order = abs(_correlation(_ranks(when), _ranks(taking_part)))
            found.append(PopulationEvent(start, stop, order))
    return found


def _stretches(spikes: Spikes) -> Iterator[tuple[int, int]]:
    counts = np.convolve(spikes.sum(axis=1), np.ones(WINDOW), "same")
    busy = (counts >= ENOUGH_SPIKES).astype(np.int8)
    edges = np.flatnonzero(np.diff(busy, prepend=0, append=0))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _ranks(values: npt.NDArray[np.generic]) -> FloatArray:
    """Give ranks from 0; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count) - 1
    ranks: FloatArray = (last - (count - 1) / 2)[place]
    return ranks


def _correlation(first: FloatArray, second: FloatArray) -> float:
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
