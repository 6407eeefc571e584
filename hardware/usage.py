"""How much of a chip a Program takes, resource by resource.

In: a Program and a chip. Out: rows for the report. A row whose limit, or whose way of
counting, nobody has published has no limit and reads "unverified", never "ok".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .allocation import allocate
from .chip import Chip, Value, unpublished
from .core_load import CoreLoad, core_loads
from .learning import Learning
from .neuron_limits import state_bytes
from .out_axons import axons_between_chips
from .program import CorePlacement, Program
from .program_graph import ProgramGraph
from .report import Usage


def usage(program: Program, chip: Chip) -> tuple[Usage, ...]:
    """Count what a Program takes, as it is placed or else as `allocate` places it.

    Raises
    ------
    LaharError
        P360 to P362 if it has no placement and fits none.

    """
    placement = program.placement or allocate(program, chip)
    return (
        *_cores(program, placement, chip),
        *_neurons(program, chip),
        *_learning(program, placement, chip),
        *_routing(program),
    )


def _cores(
    program: Program, placement: tuple[CorePlacement, ...], chip: Chip
) -> Iterator[Usage]:
    loads = list(core_loads(program, placement, chip).values()) or [CoreLoad()]
    layout = (chip.axon_word_bits, chip.axon_entry_synapses, chip.axon_header_bits)
    cores = {p.core for p in placement}
    yield _row("cores", len(cores), chip.core_limit)
    if chip.chips.value > 1:
        yield from _between_chips(program, placement, chip)
    yield _row(
        "neurons of the fullest core",
        max(load.neurons for load in loads),
        chip.neurons_per_core,
    )
    yield _row(
        "synapse memory of the fullest core",
        max(load.lists.bits for load in loads),
        chip.synapse_bits_per_core,
        layout,
    )
    yield _row(
        "input axons of the fullest core",
        max(load.lists.axons for load in loads),
        chip.in_axons_per_core,
        (chip.learning_axon_slots,),
    )
    yield _row(
        "output axons of the fullest core",
        max(load.out_axons for load in loads),
        chip.out_axons_per_core,
    )
    if any(c.delays is not None for c in program.connections):
        yield _row(
            "delay slots of the fullest core",
            max(load.neurons * load.delay_slots for load in loads),
            chip.delay_slots_per_core,
        )


def _between_chips(
    program: Program, placement: tuple[CorePlacement, ...], chip: Chip
) -> Iterator[Usage]:
    """Count what a board adds; what its links carry in a step is not public."""
    yield _row(
        "chips", len({p.core // chip.cores.value for p in placement}), chip.chips
    )
    links = unpublished("axon", "no public source says what links between chips carry")
    between = axons_between_chips(ProgramGraph(program), placement, chip)
    yield _row("output axons to other chips", between, links)


def _neurons(program: Program, chip: Chip) -> Iterator[Usage]:
    neurons = [p.neuron for p in program.populations if p.neuron is not None]
    state = max((state_bytes(n, chip) for n in neurons), default=0)
    yield _row("state of the largest neuron", state, chip.neuron_state_bytes)
    if chip.programmable_neurons.value:
        longest = max((len(n.ops) for n in neurons), default=0)
        limit = chip.neuron_program_operations
        yield _row("operations of the longest neuron program", longest, limit)


def _learning(
    program: Program, placement: tuple[CorePlacement, ...], chip: Chip
) -> Iterator[Usage]:
    rules = [c.learning for c in program.connections if c.learning is not None]
    if not rules:
        return
    products = max(len(r.products) for r in rules)
    yield _row("products of the longest rule", products, chip.products_per_rule)
    on_core = _rules_by_core(program, placement)
    # Rules of connections that only wires hear are on no core.
    profiles = max((_different(rules) for rules in on_core.values()), default=0)
    limit = chip.learning_profiles_per_core
    yield _row("learning profiles of the fullest core", profiles, limit)
    x_profiles = max(
        (
            _different([r.traces.get(x) for r in rules for x in ("x1", "x2")])
            for rules in on_core.values()
        ),
        default=0,
    )
    limit = chip.pre_trace_profiles
    yield _row("pre-trace profiles of the fullest core", x_profiles, limit)


def _routing(program: Program) -> Iterator[Usage]:
    """Count what only Lava's graphs have; no chip's way of doing it is public."""
    wires = unpublished("wire", "how a chip would join signals is not public")
    if program.wires:
        yield _row("wires", len(program.wires), wires)
    homeless = sum(not c.target for c in program.connections)
    if homeless:
        nowhere = unpublished("connection", "without a target neuron it has no core")
        yield _row("connections that only wires hear", homeless, nowhere)


def _rules_by_core(
    program: Program, placement: tuple[CorePlacement, ...]
) -> dict[int, list[Learning]]:
    found: dict[int, list[Learning]] = {}
    for place in placement:
        for c in program.connections:
            if c.target == place.population and c.learning is not None:
                found.setdefault(place.core, []).append(c.learning)
    return found


def _different(items: Iterable[object]) -> int:
    """Count different items; what learns is compared by value but not hashable."""
    seen: list[object] = []
    for item in items:
        if item is not None and item not in seen:
            seen.append(item)
    return len(seen)


def _row(
    resource: str,
    used: int,
    limit: Value[int | None],
    counted_with: Iterable[Value[object]] = (),
) -> Usage:
    doubtful = [v for v in (limit, *counted_with) if not v.is_verified]
    if not doubtful:
        return Usage(resource, used, limit.value, limit.unit, limit.source)
    source = "; ".join(dict.fromkeys(v.source for v in doubtful))
    if limit.value is not None:
        source = f"{limit.value} {limit.unit} ({limit.source}), counted by: {source}"
    return Usage(resource, used, None, limit.unit, source)
