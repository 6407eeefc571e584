"""Draw up the floor plan: which neurons and which lists of synapses are on which core.

In: a Program, placed or not yet, and a chip. Out: a CoreUse for each core in use, for
reports to draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from .allocation import allocate
from .chip import Chip
from .core_load import core_loads, taken
from .core_use import Amount, CoreUse, ListUse, SliceUse
from .out_axons import AxonCounts, out_axons
from .program import CorePlacement, Program
from .program_graph import ProgramGraph
from .synapse_lists import SynapseLists, synapse_lists


def floor_plan(program: Program, chip: Chip) -> tuple[CoreUse, ...]:
    """Give every core in use, in order.

    Raises
    ------
    LaharError
        P360 to P362 if the Program has no placement and fits none.

    """
    placement = program.placement or allocate(program, chip)
    loads = core_loads(program, placement, chip)
    graph = ProgramGraph(program)
    axons = out_axons(graph, placement, chip)
    by_core: dict[int, list[CorePlacement]] = {}
    for place in placement:
        by_core.setdefault(place.core, []).append(place)
    plan = []
    for core, load in sorted(loads.items()):
        here = by_core[core]
        amounts = tuple(
            Amount(t.resource, t.used, t.limit.value) for t in taken(load, chip)
        )
        plan.append(
            CoreUse(
                core=core,
                chip=core // chip.cores.value,
                slices=tuple(_slices(here, axons)),
                lists=tuple(_lists(graph, here, chip)),
                amounts=amounts,
            )
        )
    return tuple(plan)


def _slices(here: list[CorePlacement], axons: AxonCounts) -> Iterator[SliceUse]:
    for place in here:
        sent = int(axons[place.population][place.start : place.stop].sum())
        yield SliceUse(place.population, place.start, place.stop, sent)


def _lists(
    graph: ProgramGraph, here: list[CorePlacement], chip: Chip
) -> Iterator[ListUse]:
    for place in here:
        for c in graph.onto(place.population):
            lists = synapse_lists(c, place.start, place.stop, chip)
            if lists.count:
                yield _list_use(c.name, lists)


def _list_use(connection: str, lists: SynapseLists) -> ListUse:
    kind: Literal["dense", "sparse", "learning"] = "dense"
    if lists.learns:
        kind = "learning"
    elif lists.index_bits:
        kind = "sparse"
    return ListUse(connection, kind, lists.count, int(lists.lengths.sum()), lists.bits)
