"""Put populations on cores, in order, each core as full as its memory allows.

In: a Program and a chip. Out: which neurons sit on which core, or a diagnostic that
says what does not fit, by how much, and the smallest change that would. Inputs take
no core: their spikes come from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic, LaharError
from .chip import Chip
from .core_load import CoreLoad, FanOut, core_loads, fan_out, fits, load_of, taken
from .program import CorePlacement, Population, Program

Placement = tuple[CorePlacement, ...]


@dataclass(frozen=True)
class NeuronDoesNotFitACore(Diagnostic):
    """One neuron alone needs more of a core's resource than a core has.

    All synapses onto a neuron sit on that neuron's core, so no placement helps: it
    needs fewer sources, or for output axons, targets on fewer cores.
    """

    code = "P360"
    title = "a neuron of `{population}` needs {needed} {resource}; a core has {limit}"
    note = "{chip}: {source}; {excess} too many"
    help = "{remedy}"

    population: str
    resource: str
    needed: int
    limit: int
    excess: int
    chip: str
    source: str
    remedy: str


@dataclass(frozen=True)
class NetworkDoesNotFitTheChip(Diagnostic):
    """The network needs more cores than one chip has.

    Populations are placed in the order they are declared; the note names the first
    that finds no core and the resource of which its cores are full.
    """

    code = "P361"
    title = "`{program}` needs {needed} cores; {chip} has {limit} ({excess} too many)"
    note = "{source}; the first without a core is `{population}` (most taken: {full})"
    help = "{remedy}"

    program: str
    chip: str
    needed: int
    limit: int
    excess: int
    source: str
    population: str
    full: str
    remedy: str


@dataclass(frozen=True)
class EpochsDifferOnOneCore(Diagnostic):
    """Two rules learn onto the same neurons with different epochs.

    Synapses sit on the core of their target neurons, and a core has one epoch.
    """

    code = "P362"
    title = "rules onto `{population}` have epochs of {epochs} steps"
    note = "{chip}: a core has one epoch ({source})"
    help = "give all rules onto `{population}` the same epoch"

    population: str
    epochs: str
    chip: str
    source: str


def allocate(program: Program, chip: Chip) -> Placement:
    """Place every neuron, or say why it cannot be.

    Raises
    ------
    LaharError
        P360 to P362 if the network does not fit.

    """
    _require_one_epoch_each(program, chip)
    reached: dict[str, int] = {}
    while True:
        placement = tuple(_pack(program, reached, chip))
        found = fan_out(program, placement)
        wider = {name: max(n, reached.get(name, 0)) for name, n in found.items()}
        if wider == reached:
            break
        # More cores reached means more output axons, so pack again; it only grows.
        reached = wider
    _require_enough_cores(program, placement, chip)
    return placement


def _pack(program: Program, reached: FanOut, chip: Chip) -> Iterator[CorePlacement]:
    core, load = 0, CoreLoad()
    for population in program.populations:
        start = 0 if population.neuron is not None else population.size
        while start < population.size:
            place = _longest(program, population, start, core, load, reached, chip)
            if place is not None:
                yield place
                load += load_of(program, place, reached, chip)
                start = place.stop
            elif load == CoreLoad():
                one = CorePlacement(core, population.name, start, start + 1)
                raise LaharError(_why_it_does_not_fit(program, one, reached, chip))
            else:
                core, load = core + 1, CoreLoad()


def _longest(
    program: Program,
    population: Population,
    start: int,
    core: int,
    load: CoreLoad,
    reached: FanOut,
    chip: Chip,
) -> CorePlacement | None:
    """Bisect for the longest slice that the core still holds; costs only grow."""
    good, bad = start, population.size + 1
    while bad - good > 1:
        middle = (good + bad) // 2
        place = CorePlacement(core, population.name, start, middle)
        if fits(load + load_of(program, place, reached, chip), chip):
            good = middle
        else:
            bad = middle
    return CorePlacement(core, population.name, start, good) if good > start else None


def _why_it_does_not_fit(
    program: Program, one: CorePlacement, reached: FanOut, chip: Chip
) -> Diagnostic:
    load = load_of(program, one, reached, chip)
    over = next(t for t in taken(load, chip) if t.is_over)
    limit = over.limit.value
    assert limit is not None, "an unpublished limit refuses nothing"
    name = one.population
    sources = sum(c.weights.shape[1] for c in program.connections if c.target == name)
    fitting = limit * sources // over.used
    remedy = f"give `{name}` at most {fitting} sources instead of {sources}"
    if over.resource == "output axons":
        remedy = f"let `{name}` reach at most {limit} cores: make its targets smaller"
    return NeuronDoesNotFitACore(
        population=name,
        resource=over.resource,
        needed=over.used,
        limit=limit,
        excess=over.used - limit,
        chip=chip.name,
        source=over.limit.source,
        remedy=remedy,
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


def _require_enough_cores(program: Program, placement: Placement, chip: Chip) -> None:
    needed = len({place.core for place in placement})
    limit = chip.cores
    if needed <= limit.value:
        return
    first = next(p for p in placement if p.core >= limit.value)
    last_core = core_loads(program, placement, chip)[limit.value - 1]
    raise LaharError(
        NetworkDoesNotFitTheChip(
            program=program.name,
            chip=chip.name,
            needed=needed,
            limit=limit.value,
            excess=needed - limit.value,
            source=limit.source,
            population=first.population,
            full=max(taken(last_core, chip), key=lambda t: t.share).resource,
            remedy=_what_to_leave_out(program, placement, limit.value),
        )
    )


def _what_to_leave_out(program: Program, placement: Placement, cores: int) -> str:
    """Name the slices without a core: without them the rest fits as it is placed."""
    homeless = [place for place in placement if place.core >= cores]
    starts: dict[str, int] = {}
    for place in homeless:
        starts.setdefault(place.population, place.start)
    parts = [
        f"keep {start} of the {program.population(name).size} neurons of `{name}`"
        if start
        else f"leave out `{name}`"
        for name, start in starts.items()
    ]
    return " and ".join(parts)
