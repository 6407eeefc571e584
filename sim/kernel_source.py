"""Source text of the kernel of a Program: ``advance``, which runs a chunk of steps.

A Program and a profile go in; Python text, its constants and its decay tables come
out. The text follows from the structure alone: sizes, weights, literals and time
constants are arguments. docs/semantics.md section 3 is the order of events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..hardware.learning import GradedSpikes, Learning
from ..hardware.profile import Profile
from ..hardware.program import Connection, NeuronProgram, Population, Program
from .kernel_deferral import defers
from .kernel_deferred_learning import DeferredLearningSource
from .kernel_graded_source import GradedSource
from .kernel_layout import (
    BANKS,
    Layout,
    engine_traces,
    follows_spikes,
    lists_of,
    reads_differently,
    third_factor_slots,
    times_are,
)
from .kernel_learning_source import LearningSource
from .kernel_listed_learning import ListedLearningSource
from .kernel_loops import loop_of
from .kernel_network_source import NetworkSource
from .kernel_neuron_source import neuron_source
from .kernel_randomness import draws_of
from .kernel_trace_source import (
    POPULATION_ROWS,
    REPEATED_IMPULSE_ROW,
    factor_of_decay,
    steps_in_place,
    third_factor_constant,
    trace_functions,
)
from .operations import Integers
from .randomness import DECAY_KIND, IMPULSE_KIND
from .trace_decay import (
    TABLE_SIZE,
    BinaryDecay,
    TableDecay,
    steps_of_a_decay,
    trace_decay,
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
    functions = [t.replace("FUNCTION", n) for t, n in writer.functions.items()]
    traces = trace_functions(profile, loop_of(threads))
    text = "\n\n\n".join([header, traces, *functions, advance])
    constants = np.array(writer.with_lookups(), np.int64)
    tables = np.array(writer.tables, np.int64).reshape(-1, 2, TABLE_SIZE)
    factors = np.array(writer.factors, np.float64)
    return KernelSource(text + "\n", constants, tables, factors)


@dataclass
class _Writer:
    """Collects functions, constants and tables while it writes ``advance``."""

    program: Program
    profile: Profile
    layout: Layout
    network: NetworkSource
    threads: bool = False
    functions: dict[str, str] = field(default_factory=dict)
    constants: list[int] = field(default_factory=list)
    tables: list[tuple[Integers, Integers]] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)
    lookups: dict[int, tuple[int, ...]] = field(default_factory=dict)
    settling: list[str] = field(default_factory=list)
    learning_connections: int = 0
    keys: int = 0

    def advance(self) -> Iterator[str]:
        yield "@njit(cache=True)"
        yield f"def advance({PARAMETERS}):"
        for k, part in enumerate(self.layout.segments):
            yield f"    {part.identifier} = segment({part.bank}, bounds, {_int64(k)})"
        yield from self._lists()
        yield "    for s in range(count):"
        yield "        step = first_step + s"
        yield from ("        " + line for line in self._step())
        if self.settling:
            yield "        if recorded_bytes.shape[0] + recorded_synapses.shape[0] > 0:"
            yield from ("            " + line for line in self.settling)
        for bank in BANKS:
            record = "record_words" if bank == "words" else "record_cells"
            yield f"        {record}({bank}, recorded_{bank}, recorded, s)"
        if self.settling:
            yield "    step = first_step + count - 1"
            yield "    if settle:"
            yield from ("        " + line for line in self.settling)

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
                if p is not None:
                    yield f"    c{c}_{side}_times = p{p}_spikes"

    def _step(self) -> Iterator[str]:
        populations = list(enumerate(self.program.populations))
        connections = list(enumerate(self.program.connections))
        for c, connection in connections:
            yield self.network.delivery(c, connection)
        for p, population in populations:
            yield from self._population(p, population)
        for w in range(len(self.program.wires)):
            yield from self.network.wire(w)
        for c, connection in connections:
            yield from self._propagation(c, connection)
        for c, connection in connections:
            if connection.learning is not None:
                yield from self._engine(c, connection, connection.learning)

    def _constant(self, *values: int) -> int:
        base = len(self.constants)
        self.constants.extend(values)
        return base

    def with_lookups(self) -> list[int]:
        """Put the neurons' tables behind the constants, which say where each lies."""
        found = list(self.constants)
        for place, table in self.lookups.items():
            found[place : place + 2] = len(found), len(found) + len(table)
            found += table
        return found

    def _function(self, text: str, kind: str) -> str:
        return self.functions.setdefault(text, f"{kind}_{len(self.functions)}")

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
        name = self._function(source.text, "neurons")
        base = self._constant(*source.literals)
        for table in source.tables:
            self.lookups[self._constant(0, 0)] = table
        draws = draws_of(population.neuron)
        if draws:
            ports.insert(0, f"keys[{self.keys} : {self.keys + draws}]")
            self.keys += draws
        arrays = [*ports, *self._own_arrays(p, population.neuron)]
        yield f"{name}(constants, {_int64(base)}, step, {', '.join(arrays)})"

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
        exponent = f"constants[{self._constant(connection.weight_exponent)}]"
        yield from self.network.propagation(c, connection, exponent)

    def _engine(
        self, c: int, connection: Connection, learning: Learning
    ) -> Iterator[str]:
        epoch, number = learning.epoch_steps, self.learning_connections
        self.learning_connections += 1
        bases = {
            trace: self._trace_constants(learning, trace)
            for trace in engine_traces(learning)
        }
        yield f"moment = (step - 1) % {epoch} + 1"
        values = self.network.heard(c, connection)
        yield from self._heard(c, learning, number, bases, "x", values)
        events = self.network.post_events(connection)
        if learning.uses_post_event and events is not None:
            yield from self._heard(c, learning, number, bases, "y", events)
        yield from self.network.third_factors(c, connection, learning)
        yield f"if step % {epoch} == 0:"
        for line in self._phase(c, connection, learning, number, bases):
            yield f"    {line}"

    def _trace_constants(self, learning: Learning, trace: str) -> tuple[int, int]:
        """Store a trace's numbers; give their place and the row of its tables."""
        program, row = learning.traces[trace], len(self.tables)
        steps = steps_of_a_decay(self.profile, learning.epoch_steps)
        decay = trace_decay(self.profile, program.tau_steps, steps)
        factor = 0
        match decay:
            case TableDecay():
                raised = decay.with_impulse(program)
                self.tables.append((raised.floors, raised.thresholds))
                self.factors.append(float(decay.exact[1]))
            case BinaryDecay(factor=factor):
                pass
        base = self._constant(program.impulse, program.impulse_fraction_256, factor)
        return base, row

    def _heard(
        self,
        c: int,
        learning: Learning,
        number: int,
        bases: dict[str, tuple[int, int]],
        side: str,
        spikes: str,
    ) -> Iterator[str]:
        times = f"c{c}_{'pre' if side == 'x' else 'post'}_times"
        if self._bound(c, times):
            return
        repeats = learning.epoch_steps > 1 and self.profile.repeated_spike == "impulse"
        if side == "x" and learning.graded_spikes != GradedSpikes.REGULAR:
            yield self._heard_graded(c, learning, number, bases, spikes, repeats)
            return
        for trace, (base, _) in bases.items():
            if trace.startswith(side) and repeats:
                impulse = f"constants[{base}], constants[{base + 1}]"
                heard = f"{spikes}, {times}, c{c}_{trace}, {impulse}"
                yield self._repeated(trace, heard, number)
        yield f"mark_spikes({spikes}, {times}, moment)"

    def _heard_graded(
        self,
        c: int,
        learning: Learning,
        number: int,
        bases: dict[str, tuple[int, int]],
        spikes: str,
        repeats: bool,
    ) -> str:
        payloads = self.program.connections[c].message_bits > 0
        source = GradedSource(
            learning.graded_spikes, self.profile, payloads, repeats and "x2" in bases
        )
        name = self._function(source.function(), "payloads")
        base, _ = bases.get("x2", (0, 0))
        arguments = source.arguments(c, base, number, IMPULSE_KIND["x2"])
        return f"{name}({spikes}, {arguments})"

    def _repeated(self, trace: str, heard: str, number: int) -> str:
        if self.profile.randomness == "population":
            drawn = f"np.int64(random[{number}, {REPEATED_IMPULSE_ROW}, s])"
            r = drawn if trace.startswith("y") else "np.int64(0)"
            return f"repeat_impulse({heard}, {r})"
        key = f"random[{number}, {IMPULSE_KIND[trace]}, 0]"
        bits = self.profile.impulse_random_bits
        return f"repeat_impulse_each({heard}, {key}, step, {_int64(bits)})"

    def _phase(
        self,
        c: int,
        connection: Connection,
        learning: Learning,
        number: int,
        bases: dict[str, tuple[int, int]],
    ) -> Iterator[str]:
        epoch = learning.epoch_steps
        yield f"numbers = random[{number}]"
        for side in ("pre", "post"):
            listed = f"c{c}_{side}_times, c{c}_{side}_marked"
            yield f"{side}_count = list_active({listed})"
        for trace, (base, row) in bases.items():
            yield self._trace(c, learning, trace, base, row)
        for slot in third_factor_slots(learning):
            steps = steps_of_a_decay(self.profile, epoch)
            factor = third_factor_constant(self.profile, steps)
            yield (
                f"third_factor_history({_trace_arrays(c, slot)},"
                f" c{c}_{slot}_history, {factor!r},"
                f" {_int64(epoch)}, step, numbers, {self._row(slot, 'decay')}, s)"
            )
        if defers(connection, self.profile):
            yield from self._deferred(c, connection, number, bases)
            return
        listed = connection.pairs is not None
        source = (
            ListedLearningSource(connection, self.profile, self.threads)
            if listed
            else LearningSource(connection, self.profile)
        )
        name = self._function(source.function("FUNCTION"), "learn")
        arrays = ", ".join(f"c{c}_{ending}" for ending in source.arrays())
        numbers = "step, numbers, s, parts" if listed else "step, numbers, s"
        yield f"{name}({arrays}, {_decimated(learning)}, {numbers})"
        yield from self._cleared(c)

    def _cleared(self, c: int) -> Iterator[str]:
        for times in (f"c{c}_pre_times", f"c{c}_post_times"):
            if not self._bound(c, times):
                yield f"clear_cells({times})"

    def _bound(self, c: int, times: str) -> bool:
        """Tell whether the times of an epoch are the spikes of its only step."""
        side = "pre" if times.endswith("pre_times") else "post"
        return times_are(self.program, self.program.connections[c], side) is not None

    def _trace(
        self, c: int, learning: Learning, trace: str, base: int, row: int
    ) -> str:
        """Write how a trace goes through an epoch."""
        side = "pre" if trace.startswith("x") else "post"
        listed = f"c{c}_{side}_marked, {side}_count"
        rows = f"{self._row(trace, 'decay')}, {self._row(trace, 'impulse')}"
        name, numbers = f"c{c}_{trace}", f"step, numbers, {rows}, s"
        constants = f"constants, {_int64(base)}"
        in_place = steps_in_place(self.profile) and follows_spikes(learning, trace)
        if in_place and learning.epoch_steps == 1:
            found = f"{name}, {listed}, {constants}, factors, {_int64(row)}"
            return f"trace_step({found}, {numbers})"
        times, epoch = f"c{c}_{side}_times", _int64(learning.epoch_steps)
        found = f"{name}, {times}, {listed}, {name}_history, {constants}"
        tables = f"tables, factors, {_int64(row)}, {epoch}"
        return f"trace_history({found}, {tables}, {numbers})"

    def _deferred(
        self,
        c: int,
        connection: Connection,
        number: int,
        bases: dict[str, tuple[int, int]],
    ) -> Iterator[str]:
        """Write a phase that puts post events off, and note how to settle it."""
        source = DeferredLearningSource(connection, self.profile, self.threads)
        name = self._function(source.function("FUNCTION"), "learn")
        given = [f"c{c}_{ending}" for ending in source.arrays()]
        for trace in source.factors():
            base, row = bases[trace]
            given.append(factor_of_decay(self.profile, _int64(base), _int64(row)))
        shared = f"{', '.join(given)}, step, random[{number}], parts"
        exponent = f"constants[{self._constant(connection.weight_exponent)}]"
        yield f"{name}({shared}, pre_count, post_count, {exponent})"
        yield from self._cleared(c)
        self.settling.append(f"{name}_settle({shared})")

    def _row(self, trace: str, what: str) -> str:
        if self.profile.randomness == "population":
            return _int64(POPULATION_ROWS[f"{trace[0]} {what}"])
        return _int64((DECAY_KIND if what == "decay" else IMPULSE_KIND)[trace])


def _int64(value: int) -> str:
    """Write a literal that numba does not compile a function of its own for."""
    return f"np.int64({value})"


def _trace_arrays(c: int, trace: str) -> str:
    times = "pre_times" if trace.startswith("x") else "post_times"
    return f"c{c}_{trace}, c{c}_{times}"


def _decimated(learning: Learning) -> str:
    if learning.decimate_exponent is None:
        return "0"
    period: int = 1 << learning.decimate_exponent
    return f"1 if (step // {learning.epoch_steps}) % {period} == 0 else 0"
