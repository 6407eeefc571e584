"""How many sources a neuron can have at most: the advice when it has too many.

In: one neuron, and the resource of which its core has too little. Out: the largest
number of its sources whose lists would fit, and how many it has.
"""

from __future__ import annotations

import numpy as np

from .axon_lists import Counts, list_bits
from .chip import Chip
from .program import CorePlacement
from .program_graph import ProgramGraph
from .synapse_lists import SynapseLists, synapse_lists


def sources_that_fit(
    graph: ProgramGraph, one: CorePlacement, resource: str, limit: int, chip: Chip
) -> tuple[int, int]:
    """Count the sources that fit, and those there are; the costly ones go first."""
    costs = [np.zeros(0, dtype=np.int64)]
    for c in graph.onto(one.population):
        lists = synapse_lists(c, one.start, one.stop, chip)
        costs.append(_costs(lists, resource, chip))
    each = np.sort(np.concatenate(costs))
    fitting = int(np.searchsorted(np.cumsum(each), limit, side="right"))
    return fitting, len(each)


def _costs(lists: SynapseLists, resource: str, chip: Chip) -> Counts:
    """Give what each list takes of the resource."""
    lengths = lists.lengths[lists.lengths > 0]
    if resource == "bits of synapse memory":
        return list_bits(lengths, lists.synapse_bits + lists.index_bits, chip)
    slots = lists.cost(chip).axons // max(lists.count, 1)
    return np.full(len(lengths), slots, dtype=np.int64)
