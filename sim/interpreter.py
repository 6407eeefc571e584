"""The interpreter: what a Program computes, slow and obvious.

docs/semantics.md sections 3 and 10. This is the living definition of the integer
engine: numpy, 64-bit integers, one step after the other. The kernels and Lava must
give the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

from ..hardware.dense_twin import dense_twin, of_variable
from ..hardware.profile import Profile
from ..hardware.program import Population, Program
from ..hardware.variables import VariableInfo, state_variables
from .backend import Inputs, Progress, Trajectory, run_in_one, silent
from .interpreter_connections import ConnectionState, initial_connection
from .interpreter_learning import Phase, decimated_gate, learn, phase_number
from .interpreter_neurons import initial_population, step_neurons
from .interpreter_traces import TraceEngine
from .interpreter_wires import initial_sinks, wire_value
from .operations import Integers, signed_bits, to_int32

Recorded = npt.NDArray[np.generic]


class Network:
    """The state of a Program and its step."""

    def __init__(self, program: Program, profile: Profile, seed: int) -> None:
        self.inputs = Inputs({}, {})
        self.steps_before = 0
        self.profile = profile
        self.populations = {
            population.name: initial_population(population, position, seed)
            for position, population in enumerate(program.populations)
        }
        self.connections = {
            connection.name: initial_connection(connection, position, profile, seed)
            for position, connection in enumerate(program.connections)
        }
        self.wires = {wire.name: wire for wire in program.wires}
        self.sinks = initial_sinks(program)

    def present(self, inputs: Inputs, steps_before: int) -> None:
        """Take the stimulus of the next steps; its row 0 is of the first of them."""
        self.inputs, self.steps_before = inputs, steps_before

    def step(self, t: int) -> None:
        """Go through the events of step t, counted from 1."""
        self.deliver()
        self.update_neurons(t)
        self.propagate()
        self.update_traces(t)
        self.learn(t)
        self.update_sinks(t)

    def deliver(self) -> None:
        """Section 3, event 1: what was computed in earlier steps arrives."""
        for state in self.connections.values():
            state.deliver()

    def update_neurons(self, t: int) -> None:
        """Event 2: neurons take what arrived at their ports, and may spike."""
        for state in self.populations.values():
            population = state.population
            if population.neuron is None:
                state.spikes = self.input_row(population, t)
                continue
            ports = {
                port.name: self.modulator(population, port.name, t)
                if port.kind == "modulator"
                else self.arrivals(population, port.name)
                for port in population.neuron.ports
            }
            step_neurons(state, population.neuron, ports, self.profile, t)

    def input_row(self, population: Population, t: int) -> Integers:
        """Give what an input sends: its own cycle, over and over, or the stimulus."""
        if population.cycle is None:
            rows = self.inputs.spikes[population.name]
            return np.asarray(rows[t - 1 - self.steps_before], np.int64)
        row = (t - 1) % len(population.cycle)
        return np.asarray(population.cycle[row], np.int64)

    def modulator(self, population: Population, port: str, t: int) -> Integers:
        """Give the value that the stimulus presents at a port."""
        values = self.inputs.ports[population.name, port]
        row: Integers = np.asarray(values[t - 1 - self.steps_before], np.int64)
        return row

    def arrivals(self, population: Population, port: str) -> Integers:
        """Sum what arrives at a synaptic port, and its wire."""
        total = np.zeros(population.size, np.int64)
        for state in self.connections.values():
            target = (state.connection.target, state.connection.port)
            if target == (population.name, port):
                total = total + state.arrived
        if port in population.wires:
            total = total + self.wire(population.wires[port])
        return signed_bits(to_int32(total), self.profile.arrival_bits)

    def wire(self, name: str) -> Integers:
        """Give what a wire carries in this step."""
        return wire_value(self.wires[name], self.signal)

    def signal(self, name: str) -> Integers:
        """Give what a wire may tap: a_out, s_out or an output, as of this step."""
        owner, _, variable = name.rpartition(".")
        if owner in self.connections:
            return self.connections[owner].arrived
        population = self.populations[owner]
        if variable == "s_out":
            return population.spikes
        return population.outputs[variable]

    def sent(self, source: str) -> Integers:
        """Give what the source of a connection sends: a population or a wire."""
        if source in self.populations:
            return self.populations[source].spikes
        return self.wire(source)

    def propagate(self) -> None:
        """Event 3: what was sent sets out through the weights as they stand."""
        for state in self.connections.values():
            state.propagate(state.hears(self.sent(state.connection.source)))

    def update_traces(self, t: int) -> None:
        """Event 4: the learning engines see this step's spikes and graded values."""
        for state in self.connections.values():
            if state.engine is None:
                continue
            state.engine.hear_pre(state.hears(self.sent(state.connection.source)), t)
            state.engine.hear_post(self.post_events(state), t)
            slots = state.engine.learning.third_factors
            sent = {slot: self.third_factor(state, slot) for slot in slots}
            state.engine.hear_third_factors(sent)

    def post_events(self, state: ConnectionState) -> Integers:
        """Give what tells an engine of post spikes: any value that is not 0."""
        if "event" in state.connection.feedback:
            return self.wire(state.connection.feedback["event"])
        if state.connection.target:
            return self.populations[state.connection.target].spikes
        return np.zeros_like(state.arrived)

    def third_factor(self, state: ConnectionState, slot: str) -> Integers:
        """Give what is sent to a y slot of an engine."""
        assert state.connection.learning is not None, "only engines have slots"
        output = state.connection.learning.third_factors[slot]
        if slot in state.connection.feedback:
            return self.wire(state.connection.feedback[slot])
        if output:
            return self.populations[state.connection.target].outputs[output]
        return np.zeros_like(state.arrived)

    def learn(self, t: int) -> None:
        """Event 5: at the end of an epoch, weights, tags and delays change."""
        for state in self.connections.values():
            if state.engine is None or t % state.engine.learning.epoch_steps != 0:
                continue
            phase = _phase(state.engine, state.synapses, t)
            state.synapses = learn(state.connection, self.profile, phase, state.numbers)
            state.engine.start_epoch(phase.histories)

    def update_sinks(self, t: int) -> None:
        """Sinks keep what their wires carried in this step."""
        for sink in self.sinks:
            sink.hear(self.wire(sink.wire.name), t)

    def readings(self) -> Iterator[tuple[str, Integers]]:
        """Event 6: name everything that can be recorded."""
        for population in self.populations.values():
            yield from population.readings(self.profile)
        for connection in self.connections.values():
            yield from connection.readings()
        for sink in self.sinks:
            yield f"{sink.wire.name}.a_in", sink.heard

    def buffers(self) -> Iterator[tuple[str, Integers]]:
        """Name what only the end of a run shows."""
        for sink in self.sinks:
            yield f"{sink.wire.name}.data", sink.data


def _phase(engine: TraceEngine, synapses: dict[str, Integers], t: int) -> Phase:
    return Phase(
        step=t,
        number=phase_number(engine.learning, t),
        old=synapses,
        histories=engine.histories(t),
        pre_time=engine.pre_time,
        post_time=engine.post_time,
        decimated=decimated_gate(engine.learning, t),
    )


class InterpreterMachine:
    """A Program under way (sim/backend.py has the contract)."""

    def __init__(self, program: Program, profile: Profile, seed: int) -> None:
        self._program = program
        self._network = Network(dense_twin(program), profile, seed)
        self._known = {v.name: v for v in state_variables(program)}
        self.steps_done = 0

    def run(
        self,
        inputs: Inputs,
        steps: int,
        record: frozenset[str],
        progress: Progress = silent,
    ) -> dict[str, Recorded]:
        """Go ``steps`` further."""
        known, network = self._known, self._network
        assert record <= known.keys(), "the caller checks names; this is lahar's fault"
        network.present(inputs, self.steps_done)
        rows: dict[str, Recorded] = {
            name: np.zeros((steps, *variable.shape), variable.dtype)
            for name, variable in known.items()
            if name in record
        }
        for row in range(steps):
            self.steps_done += 1
            network.step(self.steps_done)
            for name, values in network.readings():
                if name in record:
                    rows[name][row] = self._as_recorded(values, known[name])
            progress(1)
        return rows

    def read(self, variable: VariableInfo) -> Recorded:
        """Copy what a variable holds after the last step."""
        everything = chain(self._network.readings(), self._network.buffers())
        found = next(values for name, values in everything if name == variable.name)
        return self._as_recorded(found, variable)

    def _as_recorded(self, values: Integers, variable: VariableInfo) -> Recorded:
        its = of_variable(self._program, variable.name, values)
        recorded: Recorded = its.reshape(variable.shape).astype(variable.dtype)
        return recorded


def start(program: Program, profile: Profile, seed: int) -> InterpreterMachine:
    """Put a Program in front of its first step."""
    return InterpreterMachine(program, profile, seed)


def execute(
    program: Program,
    inputs: Inputs,
    steps: int,
    *,
    profile: Profile,
    record: frozenset[str],
    seed: int,
    progress: Progress = silent,
) -> Trajectory:
    """Run a Program for a number of steps (sim/backend.py has the contract)."""
    machine = start(program, profile, seed)
    return run_in_one(machine, program, inputs, steps, record, progress)
