"""What a core holds of each resource, and which resource is full.

In: slices of populations and a chip. Out: their load, resource by resource, beside
the chip's limits. Allocation fills cores with it and the report prints it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .axon_lists import ListCost
from .chip import Chip
from .core_profiles import CoreProfiles, list_profiles, neuron_profiles
from .delay_slots import delay_slots
from .out_axons import AxonCounts, out_axons
from .program import CorePlacement, Program
from .program_graph import ProgramGraph
from .synapse_lists import synapse_lists
from .taken import Taken

__all__ = ["CoreLoad", "Taken", "core_loads", "fits", "load_of", "shares", "taken"]


@dataclass(frozen=True)
class CoreLoad:
    """What is taken of one core.

    delay_slots
        Of each of its neurons: as many as the longest delay onto any of them needs.
    epochs
        Those of the rules on it.
    """

    neurons: int = 0
    lists: ListCost = field(default_factory=ListCost)
    out_axons: int = 0
    delay_slots: int = 0
    epochs: frozenset[int] = frozenset()
    profiles: CoreProfiles = field(default_factory=CoreProfiles)

    def __add__(self, other: CoreLoad) -> CoreLoad:
        return CoreLoad(
            self.neurons + other.neurons,
            self.lists + other.lists,
            self.out_axons + other.out_axons,
            max(self.delay_slots, other.delay_slots),
            self.epochs | other.epochs,
            self.profiles + other.profiles,
        )


def load_of(
    graph: ProgramGraph, place: CorePlacement, axons: AxonCounts, chip: Chip
) -> CoreLoad:
    """Give what a slice takes: neurons, synapses onto them, axons away from them."""
    onto = graph.onto(place.population)
    lists = [synapse_lists(c, place.start, place.stop, chip) for c in onto]
    profiles = neuron_profiles(graph.population(place.population).neuron)
    for c, its in zip(onto, lists, strict=True):
        profiles += list_profiles(c, its)
    return CoreLoad(
        neurons=place.stop - place.start,
        lists=sum((its.cost(chip) for its in lists), ListCost()),
        out_axons=int(axons[place.population][place.start : place.stop].sum()),
        delay_slots=max(map(delay_slots, onto), default=delay_slots()),
        epochs=frozenset(c.learning.epoch_steps for c in onto if c.learning),
        profiles=profiles,
    )


def core_loads(
    program: Program, placement: tuple[CorePlacement, ...], chip: Chip
) -> dict[int, CoreLoad]:
    """Add up what is taken of each core."""
    graph = ProgramGraph(program)
    axons = out_axons(graph, placement, chip)
    loads: dict[int, CoreLoad] = {}
    for place in placement:
        load = load_of(graph, place, axons, chip)
        loads[place.core] = loads.get(place.core, CoreLoad()) + load
    return loads


def taken(load: CoreLoad, chip: Chip) -> tuple[Taken, ...]:
    """List the resources of a core in the order in which they are reported."""
    slots = load.neurons * load.delay_slots
    return (
        Taken("neurons", load.neurons, chip.neurons_per_core),
        Taken("bits of synapse memory", load.lists.bits, chip.synapse_bits_per_core),
        Taken("input axons", load.lists.axons, chip.in_axons_per_core),
        Taken("output axons", load.out_axons, chip.out_axons_per_core),
        Taken("delay slots", slots, chip.delay_slots_per_core),
    )


def fits(load: CoreLoad, chip: Chip) -> bool:
    """Tell whether one core can hold the load."""
    if len(load.epochs) > 1 and chip.epoch_is_core_wide.value:
        return False
    return not any(t.is_over for t in taken(load, chip))


def shares(load: CoreLoad, chip: Chip) -> bool:
    """Tell whether it also stays within the tables of configurations."""
    return fits(load, chip) and not any(t.is_over for t in load.profiles.taken(chip))
