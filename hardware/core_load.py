"""What a core holds of each resource, and which resource is full.

In: slices of populations and a chip. Out: their load, resource by resource, beside
the chip's limits. Allocation fills cores with it and the report prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .axon_lists import ListCost, connection_cost
from .chip import Chip, Value
from .program import CorePlacement, Program

FanOut = Mapping[str, int]
"""Population to the number of cores that its spikes go to."""


@dataclass(frozen=True)
class CoreLoad:
    """What is taken of one core. ``epochs`` are those of the rules on it."""

    neurons: int = 0
    lists: ListCost = field(default_factory=ListCost)
    out_axons: int = 0
    epochs: frozenset[int] = frozenset()

    def __add__(self, other: CoreLoad) -> CoreLoad:
        return CoreLoad(
            self.neurons + other.neurons,
            self.lists + other.lists,
            self.out_axons + other.out_axons,
            self.epochs | other.epochs,
        )


@dataclass(frozen=True)
class Taken:
    """One resource of a core: how much is taken, and the chip's own limit."""

    resource: str
    used: int
    limit: Value[int | None]

    @property
    def is_over(self) -> bool:
        """Tell whether more is taken than there is; never so without a limit."""
        return self.limit.value is not None and self.used > self.limit.value

    @property
    def share(self) -> float:
        """Give the fraction that is taken; 0 without a limit."""
        return self.used / self.limit.value if self.limit.value else 0.0


def load_of(
    program: Program, place: CorePlacement, fan_out: FanOut, chip: Chip
) -> CoreLoad:
    """Give what a slice takes: neurons, synapses onto them, axons away from them."""
    onto = [c for c in program.connections if c.target == place.population]
    lists = [connection_cost(c, place.start, place.stop, chip) for c in onto]
    neurons = place.stop - place.start
    return CoreLoad(
        neurons=neurons,
        lists=sum(lists, ListCost()),
        out_axons=neurons * fan_out.get(place.population, 0),
        epochs=frozenset(c.learning.epoch_steps for c in onto if c.learning),
    )


def core_loads(
    program: Program, placement: tuple[CorePlacement, ...], chip: Chip
) -> dict[int, CoreLoad]:
    """Add up what is taken of each core."""
    reached = fan_out(program, placement)
    loads: dict[int, CoreLoad] = {}
    for place in placement:
        load = load_of(program, place, reached, chip)
        loads[place.core] = loads.get(place.core, CoreLoad()) + load
    return loads


def fan_out(program: Program, placement: tuple[CorePlacement, ...]) -> dict[str, int]:
    """Count the cores that each population's spikes go to."""
    homes: dict[str, set[int]] = {}
    for place in placement:
        homes.setdefault(place.population, set()).add(place.core)
    reached: dict[str, set[int]] = {}
    for c in program.connections:
        reached.setdefault(c.source, set()).update(homes.get(c.target, set()))
    return {name: len(cores) for name, cores in reached.items()}


def taken(load: CoreLoad, chip: Chip) -> tuple[Taken, ...]:
    """List the resources of a core in the order in which they are reported."""
    return (
        Taken("neurons", load.neurons, chip.neurons_per_core),
        Taken("bits of synapse memory", load.lists.bits, chip.synapse_bits_per_core),
        Taken("input axons", load.lists.axons, chip.in_axons_per_core),
        Taken("output axons", load.out_axons, chip.out_axons_per_core),
    )


def fits(load: CoreLoad, chip: Chip) -> bool:
    """Tell whether one core can hold the load."""
    if len(load.epochs) > 1 and chip.epoch_is_core_wide.value:
        return False
    return not any(t.is_over for t in taken(load, chip))
