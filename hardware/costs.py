"""What a step of a placed Program costs, by every table that is published.

    energy  = sum of counts * energy of the event                      (dynamic)
            + learning updates * energy                                (its own line)
            + idle power * chips * dt                                  (its own line)
    time    = barrier + busiest core + longest way of a message
            + busiest core's learning                                  (its own line)

Counts are those of a mean step, so a step in which many neurons spike takes longer. No
table says everything: a figure that nobody has published is None, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .activity import Activity
from .allocation import allocate
from .chip import Chip
from .cost_tables import EVENTS, CostTable, Event, barrier_ns
from .program import Program
from .step_cost import Cost, Figure, StepCost
from .step_events import StepEvents, count_step
from .value import Value
from .visited_synapses import is_pairwise_stdp

LEARNING: Event = "learning update"
HOPS: tuple[Event, Event] = ("tile hop east-west", "tile hop north-south")
NO_ENERGY = "the energy of the barrier is not published"
STRETCHED = "published for pairwise STDP, taken times products / 2"
ON_CORES = tuple(e for e in EVENTS if e not in (*HOPS, LEARNING))


@dataclass(frozen=True)
class Placed:
    """What happens in a step, and how many chips, tiles and cores take part."""

    events: StepEvents
    chips: int
    tiles: int


def step_cost(program: Program, chip: Chip, activity: Activity) -> StepCost:
    """Cost a mean step, as the Program is placed or else as `allocate` places it.

    Raises
    ------
    LaharError
        P360 to P362 if it has no placement and fits none.

    """
    placement = program.placement or allocate(program, chip)
    cores = {place.core for place in placement}
    chips = {core // chip.cores.value for core in cores} or {0}
    tiles = {
        (core // chip.cores.value, core % chip.cores.value // chip.cores_per_tile.value)
        for core in cores
    }
    events = count_step(program, placement, chip, activity)
    # A barrier is a chip's own; chips side by side have theirs at the same time.
    most_tiles = max((sum(t[0] == c for t in tiles) for c in chips), default=0)
    placed = Placed(events, len(chips), most_tiles)
    parts = tuple(_parts(placed, chip))
    dt_ns = program.dt_seconds * 1e9
    return StepCost(
        activity=activity.said,
        dt_ns=dt_ns,
        chips=len(chips),
        cores=len(cores),
        parts=parts,
        dynamic=_dynamic(parts, chip),
        static=_static(chip, len(chips), dt_ns),
        learning=_learning(program, events, chip),
    )


def _parts(placed: Placed, chip: Chip) -> Iterable[Cost]:
    """Give the lines of the dynamic sum; those without any event are left out."""
    events = placed.events
    busiest = {t.name: _busiest_core(events, t) for t in chip.cost_tables}
    for event in ON_CORES:
        count = sum(counts.get(event, 0.0) for counts in events.cores.values())
        if count:
            figures = tuple(
                _figure(
                    table,
                    event,
                    count,
                    events.cores[busiest[table.name]].get(event, 0.0),
                )
                for table in chip.cost_tables
            )
            yield Cost(event, count, figures)
    for event, count, longest in zip(
        HOPS, events.hops, events.longest_way, strict=True
    ):
        if count:
            figures = tuple(
                _figure(table, event, count, longest) for table in chip.cost_tables
            )
            yield Cost(event, count, figures)
    if events.between_chips:
        reason = "nobody has published what a link between chips takes"
        figures = tuple(
            Figure(t.name, "unpublished", None, None, reason, reason)
            for t in chip.cost_tables
        )
        yield Cost("message to another chip", events.between_chips, figures)
    if placed.tiles:
        yield _barrier(placed, chip)


def _busiest_core(events: StepEvents, table: CostTable) -> int:
    def work(core: int) -> float:
        counts = events.cores[core]
        return sum(
            count * (table.times[event].value or 0.0) for event, count in counts.items()
        )

    return max(events.cores, key=work, default=0)


def _figure(table: CostTable, event: Event, count: float, busiest: float) -> Figure:
    """Multiply a row: energy of all there is, time of what the busiest core does."""
    energy, time = table.energies[event], table.times[event]
    return Figure(
        table.name,
        table.basis,
        _times(count, energy),
        _times(busiest, time),
        energy.source,
        time.source,
    )


def _times(count: float, value: Value[float | None]) -> float | None:
    return None if value.value is None else count * value.value


def _barrier(placed: Placed, chip: Chip) -> Cost:
    """Synchronise the tiles; what several chips take is known as a range only."""
    figures = []
    for table in chip.cost_tables:
        time, source = barrier_ns(table, placed.tiles), table.barrier.source
        if placed.chips > 1:
            time, source = None, chip.chip_barrier.source
        figures.append(Figure(table.name, table.basis, None, time, NO_ENERGY, source))
    if placed.chips > 1 and chip.chip_barrier.value is not None:
        said = chip.chip_barrier.source
        figures = [
            Figure(table.name, "measured", None, time, NO_ENERGY, said)
            for table, time in zip(
                chip.cost_tables, chip.chip_barrier.value, strict=False
            )
        ]
    return Cost("barrier", 1.0, tuple(figures))


def _dynamic(parts: tuple[Cost, ...], chip: Chip) -> Cost:
    """Add the parts up, table by table; what has no figure is named."""
    figures = []
    for table in chip.cost_tables:
        rows = [(p.part, f) for p in parts for f in p.figures if f.table == table.name]
        energies = {name: f.energy_pj for name, f in rows if name != "barrier"}
        times = {name: f.time_ns for name, f in rows}
        figures.append(
            Figure(
                table.name,
                table.basis,
                _sum(energies.values()),
                _sum(times.values()),
                table.title + _without("energy", energies),
                table.title + _without("time", times),
            )
        )
    return Cost("dynamic, without learning", 1.0, tuple(figures))


def _without(what: str, figures: Mapping[str, float | None]) -> str:
    missing = [name for name, figure in figures.items() if figure is None]
    if missing and len(missing) == len(figures):
        return f"; no {what} is published"
    return f"; without the {what} of {', '.join(missing)}" if missing else ""


def _sum(numbers: Iterable[float | None]) -> float | None:
    known = [n for n in numbers if n is not None]
    return sum(known) if known else None


def _learning(program: Program, events: StepEvents, chip: Chip) -> Cost | None:
    """Cost the rules: as published for pairwise STDP, else by their length."""
    rules = [c.learning for c in program.connections if c.learning is not None]
    if not rules:
        return None
    pairwise = all(is_pairwise_stdp(rule) for rule in rules)
    work = events.learning_work
    figures = []
    for table in chip.cost_tables:
        busiest = max(work.values(), default=0.0)
        row = _figure(table, LEARNING, sum(work.values()), busiest)
        if row.energy_pj is None and row.time_ns is None:
            row = replace(row, basis="unpublished")
        elif not pairwise:
            row = replace(
                row,
                basis="extrapolated",
                energy_source=f"{row.energy_source}; {STRETCHED}",
                time_source=f"{row.time_source}; {STRETCHED}",
            )
        figures.append(row)
    return Cost("learning", sum(events.learning.values()), tuple(figures))


def _static(chip: Chip, chips: int, dt_ns: float) -> Cost:
    """Give what the chips take in a step of dt; 1 mW is 1 pJ/ns."""
    power = chip.idle_power
    if power.value is None:
        nothing = Figure("static", "unpublished", None, None, power.source)
        return Cost("static", chips, (nothing,))
    figures = tuple(
        Figure(f"static, {which}", "measured", mw * chips * dt_ns, None, power.source)
        for which, mw in zip(("lowest", "highest"), power.value, strict=True)
    )
    return Cost("static", chips, figures)
