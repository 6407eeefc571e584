"""Put populations on cores, in order, each core as full as its memory allows.

In: a Program and a chip. Out: which neurons sit on which core, or a diagnostic that
says what does not fit, by how much, and the smallest change that would. Inputs take
no core: their spikes come from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..diagnostics import Diagnostic, LaharError
from .axon_lists import ListCost, connection_cost
from .chip import Chip
from .program import CorePlacement, Population, Program


@dataclass(frozen=True)
class NeuronDoesNotFitACore(Diagnostic):
    """One neuron alone needs more of a core's resource than a core has.

    All synapses onto a neuron sit on that neuron's core, so no placement helps; the
    neuron needs fewer sources.
    """

    code = "P360"
    title = "a neuron of `{population}` needs {needed} {resource}; a core has {limit}"
    note = "{chip}: {source}; its {sources} sources take {needed}, {excess} too many"
    help = "give `{population}` at most {fitting} sources, or split it in two layers"

    population: str
    resource: str
    needed: int
    limit: int
    excess: int
    sources: int
    fitting: int
    chip: str
    source: str


@dataclass(frozen=True)
class NetworkDoesNotFitTheChip(Diagnostic):
    """The network needs more cores than one chip has."""

    code = "P361"
    title = "`{program}` needs {needed} cores; {chip} has {limit} ({excess} too many)"
    note = "{source}; `{population}` meets the end first, its cores are full of {full}"
    help = "make `{population}` at most {fitting} neurons instead of {size}"

    program: str
    chip: str
    needed: int
    limit: int
    excess: int
    source: str
    population: str
    full: str
    fitting: int
    size: int


@dataclass(frozen=True)
class EpochsDifferOnOneCore(Diagnostic):
    """Two rules learn onto the same neurons with different epochs.

    Synapses sit on the core of their target neurons, and a core has one epoch.
    """

    code = "P362"
    title = "`{population}` learns with epochs of {epochs} steps at once"
    note = "{chip}: a core has one epoch ({source})"
    help = "give all rules onto `{population}` the same epoch"

    population: str
    epochs: str
    chip: str
    source: str


@dataclass(frozen=True)
class TooManyOutputAxons(Diagnostic):
    """A neuron alone reaches more cores than a core has output axons."""

    code = "P363"
    title = "a neuron of `{population}` reaches {cores} cores; a core has {limit} axons"
    note = "{chip}: {source}; each destination core takes one output axon"
    help = "make the targets of `{population}` smaller by {excess} cores"

    population: str
    cores: int
    limit: int
    excess: int
    chip: str
    source: str


@dataclass(frozen=True)
class CoreLoad:
    """What is taken of one core. ``epochs`` are those of the rules on it."""

    neurons: int = 0
    lists: ListCost = ListCost()
    epochs: frozenset[int] = frozenset()

    def __add__(self, other: CoreLoad) -> CoreLoad:
        return CoreLoad(
            self.neurons + other.neurons,
            self.lists + other.lists,
            self.epochs | other.epochs,
        )


def load_of(program: Program, population: str, start: int, stop: int, chip: Chip) -> CoreLoad:
    """Give what a slice of a population takes: neurons and the synapses onto them."""
    onto = [c for c in program.connections if c.target == population]
    lists = [connection_cost(c, start, stop, chip) for c in onto]
    epochs = frozenset(c.learning.epoch_steps for c in onto if c.learning)
    return CoreLoad(stop - start, sum(lists, ListCost()), epochs)


def core_loads(
    program: Program, chip: Chip, placement: tuple[CorePlacement, ...]
) -> dict[int, CoreLoad]:
    """Add up what is taken of each core."""
    loads: dict[int, CoreLoad] = {}
    for place in placement:
        load = load_of(program, place.population, place.start, place.stop, chip)
        loads[place.core] = loads.get(place.core, CoreLoad()) + load
    return loads


def output_axons(
    program: Program, placement: tuple[CorePlacement, ...]
) -> dict[int, int]:
    """Count output axons of each core: one per neuron and destination core."""
    reached = _reached_cores(program, placement)
    axons: dict[int, int] = {}
    for place in placement:
        slots = (place.stop - place.start) * reached.get(place.population, 0)
        axons[place.core] = axons.get(place.core, 0) + slots
    return axons


def allocate(program: Program, chip: Chip) -> tuple[CorePlacement, ...]:
    """Place every neuron, or say why it cannot be.

    Raises
    ------
    LaharError
        P360 to P363 if the network does not fit.

    """
    _require_one_epoch_each(program, chip)
    largest = {p.name: p.size for p in program.populations}
    while True:
        placement = tuple(_pack(program, chip, largest))
        tighter = _tighter_slices(program, chip, placement, largest)
        if tighter == largest:
            break
        largest = tighter
    _require_enough_cores(program, chip, placement)
    return placement


def _pack(
    program: Program, chip: Chip, largest: dict[str, int]
) -> Iterator[CorePlacement]:
    core, load = 0, CoreLoad()
    for population in program.populations:
        if population.neuron is None:
            continue
        start = 0
        while start < population.size:
            room = min(population.size, start + largest[population.name])
            stop = _furthest(program, population, start, room, load, chip)
            if stop == start and load == CoreLoad():
                raise LaharError(_why_no_neuron_fits(program, population, start, chip))
            if stop == start:
                core, load = core + 1, CoreLoad()
                continue
            yield CorePlacement(core, population.name, start, stop)
            load += load_of(program, population.name, start, stop, chip)
            start = stop
            if start == room < population.size:
                core, load = core + 1, CoreLoad()


def _furthest(
    program: Program,
    population: Population,
    start: int,
    room: int,
    load: CoreLoad,
    chip: Chip,
) -> int:
    """Bisect for the longest slice that the core still holds; costs only grow."""
    fits, fails = start, room + 1
    while fails - fits > 1:
        middle = (fits + fails) // 2
        more = load_of(program, population.name, start, middle, chip)
        if _what_is_full(load + more, chip) is None:
            fits = middle
        else:
            fails = middle
    return fits


def _what_is_full(load: CoreLoad, chip: Chip) -> str | None:
    """Name the resource that a core would lack, if any."""
    axons = chip.in_axons_per_core.value
    if load.neurons > chip.neurons_per_core.value:
        return "neurons"
    if load.lists.bits > chip.synapse_bits_per_core.value:
        return "bits of synapse memory"
    if axons is not None and load.lists.axons > axons:
        return "input axons"
    if len(load.epochs) > 1 and chip.epoch_is_core_wide.value:
        return "epochs"
    return None


def _why_no_neuron_fits(
    program: Program, population: Population, neuron: int, chip: Chip
) -> Diagnostic:
    load = load_of(program, population.name, neuron, neuron + 1, chip)
    sources = sum(
        c.weights.shape[1] for c in program.connections if c.target == population.name
    )
    resource = _what_is_full(load, chip)
    if resource == "input axons":
        needed, limit = load.lists.axons, chip.in_axons_per_core
    else:
        needed, limit = load.lists.bits, chip.synapse_bits_per_core
    assert resource is not None, "it did not fit an empty core"
    assert limit.value is not None, "an unpublished limit refuses nothing"
    return NeuronDoesNotFitACore(
        population=population.name,
        resource=resource,
        needed=needed,
        limit=limit.value,
        excess=needed - limit.value,
        sources=sources,
        fitting=limit.value * sources // needed,
        chip=chip.name,
        source=limit.source,
    )


def _require_one_epoch_each(program: Program, chip: Chip) -> None:
    if not chip.epoch_is_core_wide.value:
        return
    problems = []
    for p in program.populations:
        onto = [c.learning for c in program.connections if c.target == p.name]
        epochs = sorted({learning.epoch_steps for learning in onto if learning})
        if len(epochs) > 1:
            listing = " and ".join(str(e) for e in epochs)
            source = chip.epoch_is_core_wide.source
            problems.append(EpochsDifferOnOneCore(p.name, listing, chip.name, source))
    if problems:
        raise LaharError(problems)


def _require_enough_cores(
    program: Program, chip: Chip, placement: tuple[CorePlacement, ...]
) -> None:
    needed = len({place.core for place in placement})
    limit = chip.cores
    if needed <= limit.value:
        return
    first = next(p for p in placement if p.core >= limit.value)
    full = load_of(program, first.population, first.start, first.stop + 1, chip)
    raise LaharError(
        NetworkDoesNotFitTheChip(
            program=program.name,
            chip=chip.name,
            needed=needed,
            limit=limit.value,
            excess=needed - limit.value,
            source=limit.source,
            population=first.population,
            full=_what_is_full(full, chip) or "neurons",
            fitting=first.start,
            size=program.population(first.population).size,
        )
    )


def _reached_cores(
    program: Program, placement: tuple[CorePlacement, ...]
) -> dict[str, int]:
    homes: dict[str, set[int]] = {}
    for place in placement:
        homes.setdefault(place.population, set()).add(place.core)
    reached: dict[str, set[int]] = {}
    for c in program.connections:
        reached.setdefault(c.source, set()).update(homes.get(c.target, set()))
    return {name: len(cores) for name, cores in reached.items()}


def _tighter_slices(
    program: Program,
    chip: Chip,
    placement: tuple[CorePlacement, ...],
    largest: dict[str, int],
) -> dict[str, int]:
    """Shorten the slices of cores with too many output axons; unchanged if none has."""
    limit = chip.out_axons_per_core
    if limit.value is None:
        return largest
    over = {c for c, n in output_axons(program, placement).items() if n > limit.value}
    reached = _reached_cores(program, placement)
    tighter = dict(largest)
    for place in placement:
        cores = reached.get(place.population, 0)
        if place.core in over and cores:
            if cores > limit.value:
                excess = cores - limit.value
                raise LaharError(
                    TooManyOutputAxons(
                        place.population,
                        cores,
                        limit.value,
                        excess,
                        chip.name,
                        limit.source,
                    )
                )
            slice_size = min(place.stop - place.start, limit.value // cores)
            tighter[place.population] = min(tighter[place.population], slice_size)
    return tighter
