"""How many output axons each neuron takes: one for every list that its spikes start.

In: a Program and where its neurons sit. Out: counts, neuron by neuron. A spike is sent
once for each list, so two connections to one core take two axons; a neuron without a
synapse onto a core sends nothing there. nengo-loihi counts the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .axon_lists import Counts
from .chip import Chip
from .program import CorePlacement
from .program_graph import ProgramGraph
from .synapse_lists import synapse_lists

AxonCounts = dict[str, Counts]
Placement = tuple[CorePlacement, ...]


def out_axons(graph: ProgramGraph, placement: Placement, chip: Chip) -> AxonCounts:
    """Count the output axons of every neuron, inputs included."""
    populations = graph.program.populations
    counts = {p.name: np.zeros(p.size, dtype=np.int64) for p in populations}
    for population, neurons, _ in _ways(graph, placement, chip):
        counts[population][neurons] += 1
    return counts


def axons_between_chips(graph: ProgramGraph, placement: Placement, chip: Chip) -> int:
    """Count the output axons that lead to another chip."""
    chip_of: dict[str, Counts] = {
        p.name: np.full(p.size, -1, dtype=np.int64) for p in graph.program.populations
    }
    for place in placement:
        of_slice = chip_of[place.population][place.start : place.stop]
        of_slice[:] = place.core // chip.cores.value
    total = 0
    for population, neurons, to in _ways(graph, placement, chip):
        home = chip_of[population][neurons]
        total += int(((home >= 0) & (home != to)).sum())
    return total


def _ways(
    graph: ProgramGraph, placement: Placement, chip: Chip
) -> Iterator[tuple[str, Counts, int]]:
    """List who sends to each core: population, its neurons that do, the core's chip."""
    direct = {p.name for p in graph.program.populations}
    for place in placement:
        to = place.core // chip.cores.value
        for c in graph.onto(place.population):
            lists = synapse_lists(c, place.start, place.stop, chip)
            if c.source in direct:
                yield c.source, lists.sources, to
                continue
            there = lists.lengths > 0
            for population, places in graph.senders(c):
                starts = (places >= 0) & there[places]
                yield population, np.flatnonzero(starts), to
        for population, places in graph.into_ports(place.population):
            inside = (place.start <= places) & (places < place.stop)
            yield population, np.flatnonzero(inside), to
