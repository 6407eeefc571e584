"""Fill cores with populations, slice by slice; one of several ways to do it.

In: a Program's graph, a chip, and what a way of packing may do. Out: a placement in
which every core holds what is on it, however many cores that takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from .chip import Chip
from .core_load import CoreLoad, fits, load_of, shares
from .out_axons import AxonCounts, out_axons
from .program import CorePlacement, Population
from .program_graph import ProgramGraph

Placement = tuple[CorePlacement, ...]


class NeuronDoesNotFitError(Exception):
    """One neuron alone is more than a core; allocation says why."""

    def __init__(self, place: CorePlacement, load: CoreLoad) -> None:
        super().__init__(f"{place.population}[{place.start}]")
        self.place = place
        self.load = load


@dataclass(frozen=True)
class Packing:
    """A way to fill cores.

    goes_back
        Whether cores may take more after the next one was started.
    heeds_tables
        Whether the tables of configurations count: their sizes are not certain. One
        neuron that needs more than a table is placed in any case.
    """

    goes_back: bool = False
    heeds_tables: bool = True

    def place(self, graph: ProgramGraph, chip: Chip) -> Placement:
        """Pack until the output axons that were assumed are enough for what came out.

        Raises
        ------
        NeuronDoesNotFitError
            If no core can hold one of the neurons.

        """
        assumed = out_axons(graph, (), chip)
        while True:
            placement = tuple(_Filling(self, graph, chip, assumed).slices())
            found = out_axons(graph, placement, chip)
            if all((found[name] <= assumed[name]).all() for name in found):
                return placement
            # More cores reached means more output axons, so again; it only grows.
            assumed = {n: np.maximum(assumed[n], found[n]) for n in found}


@dataclass
class _Filling:
    """Cores as they are being filled."""

    packing: Packing
    graph: ProgramGraph
    chip: Chip
    axons: AxonCounts
    loads: list[CoreLoad] = field(default_factory=list)
    usual: dict[str, int] = field(default_factory=dict)

    def slices(self) -> Iterator[CorePlacement]:
        for population in self.graph.program.populations:
            if population.neuron is not None:
                yield from self._slices_of(population)

    def _slices_of(self, population: Population) -> Iterator[CorePlacement]:
        start = 0
        full: set[int] = set()  # cores that have no room for this population
        while start < population.size:
            place = self._on_a_core_in_use(population, start, full)
            if place is None:
                place = self._on_a_new_core(population, start)
                self.loads.append(CoreLoad())
            yield place
            self.loads[place.core] += self._load(place)
            start = place.stop

    def _on_a_core_in_use(
        self, population: Population, start: int, full: set[int]
    ) -> CorePlacement | None:
        cores = range(len(self.loads))
        for core in cores if self.packing.goes_back else cores[-1:]:
            if core in full:
                continue
            place = self._longest(population, start, core, self.packing.heeds_tables)
            if place is not None:
                return place
            full.add(core)
        return None

    def _on_a_new_core(self, population: Population, start: int) -> CorePlacement:
        core = len(self.loads)
        for heeds_tables in (self.packing.heeds_tables, False):
            place = self._longest(population, start, core, heeds_tables)
            if place is not None:
                return place
        one = CorePlacement(core, population.name, start, start + 1)
        raise NeuronDoesNotFitError(one, self._load(one))

    def _longest(
        self, population: Population, start: int, core: int, heeds_tables: bool
    ) -> CorePlacement | None:
        """Find the longest slice that the core still holds; costs only grow.

        A core like the last one is tried first, or all that is left to place, and a
        core that was filled before is thought to be full.
        """
        load = self.loads[core] if core < len(self.loads) else CoreLoad()
        holds = shares if heeds_tables else fits

        def is_held(stop: int) -> bool:
            place = CorePlacement(core, population.name, start, stop)
            return holds(load + self._load(place), self.chip)

        room = self.chip.neurons_per_core.value - load.neurons
        limit = min(population.size, start + max(room, 0))
        guess = self.usual.get(population.name, limit - start)
        if load.neurons and start:
            guess = 1
        good = _last_held(is_held, start, min(start + guess, limit), limit)
        if good == start:
            return None
        if not load.neurons:
            self.usual[population.name] = good - start
        return CorePlacement(core, population.name, start, good)

    def _load(self, place: CorePlacement) -> CoreLoad:
        return load_of(self.graph, place, self.axons, self.chip)


def _last_held(
    is_held: Callable[[int], bool], start: int, guess: int, limit: int
) -> int:
    """Give the last stop within (start, limit] that is held; ``start`` if none is.

    From the guess on in growing steps, then by bisection.
    """
    good, bad, step = start, limit + 1, max((guess - start) >> 5, 1)
    while start < guess <= limit and good < guess < bad:
        if is_held(guess):
            good, guess = guess, min(guess + step, limit)
        else:
            bad, guess = guess, max(guess - step, start)
        if start < good and bad <= limit:
            break
        step *= 2
    while bad - good > 1:
        middle = (good + bad) // 2
        if is_held(middle):
            good = middle
        else:
            bad = middle
    return good
