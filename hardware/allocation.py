"""Put populations on cores, in order, each core as full as its memory allows.

In: a Program and a chip. Out: which neurons sit on which core, or a diagnostic that
says what does not fit, by how much, and the smallest change that would. Inputs take
no core: their spikes come from outside. The cores of a board count chip after chip.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic, LaharError
from .chip import Chip
from .chips import boards_of
from .core_load import CoreLoad, core_loads, taken
from .delay_slots import NOT_FOR_DELAYS
from .packing import NeuronDoesNotFitError, Packing, Placement
from .program import CorePlacement, Program
from .program_graph import ProgramGraph
from .room_for_sources import sources_that_fit


@dataclass(frozen=True)
class NeuronDoesNotFitACore(Diagnostic):
    """One neuron alone needs more of a core's resource than a core has.

    All synapses onto a neuron sit on that neuron's core, so no placement helps: it
    needs fewer sources, or for output axons, lists on fewer cores.
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
    """The network needs more cores than the chip, or the board, has.

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


PACKINGS = (
    Packing(),
    Packing(goes_back=True),
    Packing(goes_back=True, heeds_tables=False),
)
"""In the order in which they are tried, until the cores of the chip are enough."""


def allocate(program: Program, chip: Chip) -> Placement:
    """Place every neuron, or say why it cannot be.

    Populations go side by side onto the core that is being filled; if the chip has too
    few cores for that, onto any core with room.

    Raises
    ------
    LaharError
        P360 to P362 if the network does not fit.

    """
    _require_one_epoch_each(program, chip)
    graph = ProgramGraph(program)
    placements: list[Placement] = []
    for packing in PACKINGS:
        try:
            placements.append(packing.place(graph, chip))
        except NeuronDoesNotFitError as error:
            problem = _why_it_does_not_fit(graph, error.place, error.load, chip)
            raise LaharError(problem) from None
        if _cores_of(placements[-1]) <= chip.all_cores:
            return placements[-1]
    best = min(placements, key=_cores_of)
    raise LaharError(_too_many_cores(program, best, chip))


def _cores_of(placement: Placement) -> int:
    return len({place.core for place in placement})


def _why_it_does_not_fit(
    graph: ProgramGraph, one: CorePlacement, load: CoreLoad, chip: Chip
) -> Diagnostic:
    over = next(t for t in taken(load, chip) if t.is_over)
    limit = over.limit.value
    assert limit is not None, "an unpublished limit refuses nothing"
    name = one.population
    fitting, sources = sources_that_fit(graph, one, over.resource, limit, chip)
    remedy = f"give `{name}` at most {fitting} sources instead of {sources}"
    if over.resource == "output axons":
        remedy = f"let `{name}` reach at most {limit} cores: make its targets smaller"
    elif over.resource == "delay slots":
        longest = max((1 << limit.bit_length() - 1) - NOT_FOR_DELAYS, 0)
        remedy = f"let the longest delay onto `{name}` be at most {longest} steps"
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


def _too_many_cores(program: Program, placement: Placement, chip: Chip) -> Diagnostic:
    needed, limit = _cores_of(placement), chip.core_limit
    first = next(p for p in placement if p.core >= limit.value)
    last_core = core_loads(program, placement, chip)[limit.value - 1]
    return NetworkDoesNotFitTheChip(
        program=program.name,
        chip=chip.name,
        needed=needed,
        limit=limit.value,
        excess=needed - limit.value,
        source=limit.source,
        population=first.population,
        full=max(taken(last_core, chip), key=lambda t: t.share).resource,
        remedy=_larger_board(chip, needed)
        + _what_to_leave_out(program, placement, limit.value),
    )


def _larger_board(chip: Chip, cores: int) -> str:
    """Name the smallest board of the chip on which it would fit as it is placed."""
    kind = chip.name.partition(":")[0]
    for board in boards_of(kind):
        usable = board.usable_cores or chip.cores
        if board.chips.value * usable.value >= cores:
            return f"compile for `{board.target}`, or "
    return ""


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
