"""Source text of the kernel of a Program: ``advance``, which runs a chunk of steps.

A Program and a profile go in; Python text, its constants and its decay tables come
out. The text follows from the structure alone: sizes, weights, literals and time
constants are arguments. docs/semantics.md section 3 is the order of events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..hardware.profile import Profile
from ..hardware.program import Connection, NeuronProgram, Population, Program
from .kernel_collected import Collected, int64
from .kernel_engine_source import EngineSource
from .kernel_layout import (
    BANKS,
    Layout,
    has_own_list,
    lists_spikes,
    reads_differently,
    times_are,
)
from .kernel_lists import lists_of
from .kernel_loops import loop_of
from .kernel_network_source import NetworkSource
from .kernel_neuron_source import neuron_source
from .kernel_randomness import draws_of
from .kernel_trace_source import (
    trace_functions,
)
from .operations import Integers
from .trace_decay import (
    TABLE_SIZE,
)

PARAMETERS = (
    "state, bytes, synapses, words, longs, starts, lists, parts, bounds, constants,"
    " tables, factors, keys, random, spikes, modulators, columns, recorded,"
    " recorded_state, recorded_bytes,"
    " recorded_synapses, recorded_words, recorded_longs, sums, active, settle,"
    " first_step, count"
)


@dataclass(frozen=True, eq=False)
class KernelSource:
    """The text of a module with ``advance``, and the data that goes with it."""

    text: str
    constants: Integers
    tables: Integers
    factors: npt.NDArray[np.float64]


def kernel_source(
    program: Program,
    profile: Profile,
    layout: Layout,
    header: str,
    *,
    threads: bool = False,
) -> KernelSource:
    """Write the kernel of a Program; ``header`` imports what the text calls.

    ``threads`` is for a large network: loops over its neurons and parts are shared.
    """
    network = NetworkSource(program, profile)
    writer = _Writer(program, profile, layout, network, threads)
    advance = "\n".join(writer.advance())
    functions = [t.replace("FUNCTION", n) for t, n in writer.kept.functions.items()]
    traces = trace_functions(profile, loop_of(threads))
    text = "\n\n\n".join([header, traces, *functions, advance])
    constants = np.array(writer.with_lookups(), np.int64)
    tables = np.array(writer.kept.tables, np.int64).reshape(-1, 2, TABLE_SIZE)
    factors = np.array(writer.kept.factors, np.float64)
    return KernelSource(text + "\n", constants, tables, factors)


@dataclass
class _Writer:
    """Collects functions, constants and tables while it writes ``advance``."""

    program: Program
    profile: Profile
    layout: Layout
    network: NetworkSource
    threads: bool = False
    kept: Collected = field(default_factory=Collected)
    lookups: dict[int, tuple[int, ...]] = field(default_factory=dict)
    keys: int = 0

    @cached_property
    def engines(self) -> EngineSource:
        """Writer of what engines do."""
        parts = self.program, self.profile, self.network, self.kept
        return EngineSource(*parts, self.threads)

    def advance(self) -> Iterator[str]:
        yield "@njit(cache=True)"
        yield f"def advance({PARAMETERS}):"
        for k, part in enumerate(self.layout.segments):
            yield f"    {part.identifier} = segment({part.bank}, bounds, {int64(k)})"
        yield from self._lists()
        yield "    for s in range(count):"
        yield "        step = first_step + s"
        yield from ("        " + line for line in self._step())
        if self.engines.settling:
            yield "        if recorded_bytes.shape[0] + recorded_synapses.shape[0] > 0:"
            yield from ("            " + line for line in self.engines.settling)
        for bank in BANKS:
            record = "record_words" if bank == "words" else "record_cells"
            yield f"        {record}({bank}, recorded_{bank}, recorded, s)"
        if self.engines.settling:
            yield "    step = first_step + count - 1"
            yield "    if settle:"
            yield from ("        " + line for line in self.engines.settling)

    def _lists(self) -> Iterator[str]:
        """Name the lists of synapses, in the order of `lists_of`."""
        counts = {"starts": 0, "lists": 0}
        for c, connection in enumerate(self.program.connections):
            for ending in lists_of(connection, self.profile):
                kind = "starts" if ending.endswith("starts") else "lists"
                yield f"    c{c}_{ending} = {kind}[{counts[kind]}]"
                counts[kind] += 1
            for side in ("pre", "post"):
                p = times_are(self.program, connection, side)
                if p is None:
                    continue
                yield f"    c{c}_{side}_times = p{p}_spikes"
                if not has_own_list(self.program, self.profile, connection, side):
                    yield f"    c{c}_{side}_marked = p{p}_listed"

    def _step(self) -> Iterator[str]:
        populations = list(enumerate(self.program.populations))
        connections = list(enumerate(self.program.connections))
        for c, connection in connections:
            yield self.network.delivery(c, connection)
        for p, population in populations:
            yield from self._population(p, population)
            if lists_spikes(self.program, p):
                yield f"p{p}_count = list_active(p{p}_spikes, p{p}_listed)"
        for w in range(len(self.program.wires)):
            yield from self.network.wire(w)
        for c, connection in connections:
            yield from self._propagation(c, connection)
        for c, connection in connections:
            if connection.learning is not None:
                yield from self.engines.engine(c, connection)

    def with_lookups(self) -> list[int]:
        """Put the neurons' tables behind the constants, which say where each lies."""
        found = list(self.kept.constants)
        for place, table in self.lookups.items():
            found[place : place + 2] = len(found), len(found) + len(table)
            found += table
        return found

    def _population(self, p: int, population: Population) -> Iterator[str]:
        if population.neuron is None:
            yield self.network.input_row(p, population)
            return
        ports = []
        for k in range(len(population.neuron.ports)):
            array, statements = self.network.port(p, population, k)
            ports.append(array)
            yield from statements
        source = neuron_source(
            "FUNCTION", population.neuron, self.profile, loop_of(self.threads)
        )
        name = self.kept.function(source.text, "neurons")
        base = self.kept.constant(*source.literals)
        for table in source.tables:
            self.lookups[self.kept.constant(0, 0)] = table
        draws = draws_of(population.neuron)
        if draws:
            ports.insert(0, f"keys[{self.keys} : {self.keys + draws}]")
            self.keys += draws
        arrays = [*ports, *self._own_arrays(p, population.neuron)]
        yield f"{name}(constants, {int64(base)}, step, {', '.join(arrays)})"

    def _own_arrays(self, p: int, neuron: NeuronProgram) -> Iterator[str]:
        for k in range(len(neuron.registers)):
            yield f"p{p}_register{k}"
        for register in neuron.registers:
            if reads_differently(neuron, register.name, self.profile):
                yield f"p{p}_shown"
        for k in range(len(neuron.outputs)):
            yield f"p{p}_output{k}"
        yield f"p{p}_spikes"

    def _propagation(self, c: int, connection: Connection) -> Iterator[str]:
        exponent = f"constants[{self.kept.constant(connection.weight_exponent)}]"
        yield from self.network.propagation(c, connection, exponent)
