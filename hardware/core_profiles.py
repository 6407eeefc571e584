"""The tables of configurations that the neurons and lists of a core share.

In: slices of populations and their lists. Out: how many different configurations of
each kind they need, beside the sizes of the chip's tables. nengo-loihi gives the sizes
and asks to check them, so a core that has more is a warning and no refusal.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache

from ..diagnostics import Diagnostic
from .chip import Chip
from .lif_core import find_lif_core
from .program import Connection, CorePlacement, NeuronProgram, Program
from .program_graph import ProgramGraph
from .synapse_lists import SynapseLists, synapse_lists
from .taken import Taken

Kinds = frozenset[Hashable]


@dataclass(frozen=True)
class CoreProfilesExceedTheirTable(Diagnostic):
    """A core needs more different configurations than its table is said to hold.

    Neurons share tables of decays, thresholds, formats of synapses and traces. Their
    sizes are known from nengo-loihi only, whose own two checks disagree about one, so
    nothing is refused. lahar puts what differs on different cores where it can: this is
    a core where it could not.
    """

    code = "L23"
    severity = "warning"
    title = "core {core} needs {used} {resource}; {chip} may have {limit}"
    note = "{source} (trust: {trust})"
    help = "let more neurons or connections share the same settings"

    core: int
    used: int
    resource: str
    chip: str
    limit: int
    source: str
    trust: str


@dataclass(frozen=True)
class CoreProfiles:
    """Different configurations of each kind that a core needs."""

    neurons: Kinds = frozenset()
    thresholds: Kinds = frozenset()
    formats: Kinds = frozenset()
    traces: Kinds = frozenset()

    def __add__(self, other: CoreProfiles) -> CoreProfiles:
        return CoreProfiles(
            self.neurons | other.neurons,
            self.thresholds | other.thresholds,
            self.formats | other.formats,
            self.traces | other.traces,
        )

    def taken(self, chip: Chip) -> tuple[Taken, ...]:
        """List the tables, and how much of each is taken."""
        return (
            Taken("decay profiles", len(self.neurons), chip.neuron_profiles_per_core),
            Taken("thresholds", len(self.thresholds), chip.threshold_profiles_per_core),
            Taken("synapse formats", len(self.formats), chip.synapse_formats_per_core),
            Taken("pre-trace profiles", len(self.traces), chip.pre_trace_profiles),
        )


@cache
def neuron_profiles(neuron: NeuronProgram | None) -> CoreProfiles:
    """Give the configurations of a population's neurons; all of them are alike."""
    core = find_lif_core(neuron) if neuron is not None else None
    if core is None:
        return CoreProfiles(frozenset({neuron}), frozenset({neuron}))
    decays = (core.current_decay, core.voltage_decay)
    return CoreProfiles(frozenset({decays}), frozenset({core.threshold}))


def list_profiles(connection: Connection, lists: SynapseLists) -> CoreProfiles:
    """Give the configurations of a connection's lists on a core."""
    if not lists.count:
        return CoreProfiles()
    how = (connection.weight_bits, connection.weight_exponent, connection.sign_mode)
    form: Hashable = (*how, lists.synapse_bits, lists.index_bits, lists.learns)
    learning = connection.learning
    traces = {} if learning is None else learning.traces
    before = frozenset(t for name, t in traces.items() if name in ("x1", "x2"))
    return CoreProfiles(formats=frozenset({form}), traces=before)


def core_profiles(
    program: Program, placement: tuple[CorePlacement, ...], chip: Chip
) -> dict[int, CoreProfiles]:
    """Give the configurations that each core needs."""
    graph = ProgramGraph(program)
    found: dict[int, CoreProfiles] = {}
    for place in placement:
        here = neuron_profiles(graph.population(place.population).neuron)
        for c in graph.onto(place.population):
            lists = synapse_lists(c, place.start, place.stop, chip)
            here += list_profiles(c, lists)
        found[place.core] = found.get(place.core, CoreProfiles()) + here
    return found


def crowded_cores(program: Program, chip: Chip) -> Iterator[Diagnostic]:
    """Warn of every core of a placed Program that needs more than a table holds."""
    profiles = core_profiles(program, program.placement, chip)
    for core, here in sorted(profiles.items()):
        for t in here.taken(chip):
            limit = t.limit
            if limit.value is not None and t.is_over:
                yield CoreProfilesExceedTheirTable(
                    core=core,
                    used=t.used,
                    resource=t.resource,
                    chip=chip.name,
                    limit=limit.value,
                    source=limit.source,
                    trust=limit.trust,
                )
