"""The interpreter: what a Program computes, slow and obvious.

docs/semantics.md sections 3 and 10. This is the living definition of the integer
engine: numpy, 64-bit integers, one step after the other. The kernels and Lava must
give the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..hardware.profile import Profile
from ..hardware.program import Connection, Program
from ..hardware.variables import state_variables
from .backend import Inputs, Progress, Trajectory, silent
from .initial_weights import initial_weights
from .interpreter_learning import Phase, decimated_gate, learn, phase_number
from .interpreter_neurons import initial_population, step_neurons
from .interpreter_traces import TraceEngine, initial_engine
from .operations import Integers, to_int32
from .randomness import AbstractNumbers, numbers_of_connection

Recorded = npt.NDArray[np.generic]

SYNAPSE_NAMES = {"w": "weights", "t": "tag_1", "d": "tag_2"}


@dataclass
class ConnectionState:
    """What a connection holds between steps."""

    connection: Connection
    synapses: dict[str, Integers]
    arrived: Integers
    on_the_way: Integers
    engine: TraceEngine | None
    numbers: AbstractNumbers

    def readings(self) -> Iterator[tuple[str, Integers]]:
        """Name what a recording reads after a step."""
        name = self.connection.name
        yield f"{name}.a_out", self.arrived
        for variable, values in self.synapses.items():
            yield f"{name}.{SYNAPSE_NAMES[variable]}", values
        if self.engine is not None:
            for trace, values in self.engine.traces.items():
                yield f"{name}.{trace}", values


class Network:
    """The state of a Program and its step."""

    def __init__(
        self, program: Program, inputs: Inputs, steps: int, profile: Profile, seed: int
    ) -> None:
        self.inputs = inputs
        self.profile = profile
        self.populations = {p.name: initial_population(p) for p in program.populations}
        self.connections = [
            _initial_connection(connection, position, profile, seed, steps)
            for position, connection in enumerate(program.connections)
        ]

    def step(self, t: int) -> None:
        """Go through the events of step t, counted from 1."""
        self.deliver()
        self.update_neurons(t)
        self.propagate()
        self.update_traces(t)
        self.learn(t)

    def deliver(self) -> None:
        """Section 3, event 1: what was computed a step ago arrives."""
        for state in self.connections:
            state.arrived = state.on_the_way

    def update_neurons(self, t: int) -> None:
        """Event 2: neurons take what arrived at their ports, and may spike."""
        for name, state in self.populations.items():
            neuron = state.population.neuron
            if neuron is None:
                state.spikes = self.inputs.spikes[name][t - 1].astype(np.int64)
                continue
            ports = {
                port.name: self.modulator(name, port.name, t)
                if port.kind == "modulator"
                else self.arrivals(name, port.name)
                for port in neuron.ports
            }
            step_neurons(state, neuron, ports, self.profile)

    def modulator(self, population: str, port: str, t: int) -> Integers:
        """Give the value that the stimulus presents at a port."""
        row: Integers = np.asarray(self.inputs.ports[population, port][t - 1], np.int64)
        return row

    def arrivals(self, population: str, port: str) -> Integers:
        """Sum what arrives at a synaptic port."""
        total = np.zeros(self.populations[population].population.size, np.int64)
        for state in self.connections:
            if (state.connection.target, state.connection.port) == (population, port):
                total = total + state.arrived
        return to_int32(total)

    def propagate(self) -> None:
        """Event 3: spikes set out through the weights as they stand."""
        for state in self.connections:
            exponent = state.connection.weight_exponent
            spikes = self.populations[state.connection.source].spikes
            sums = state.synapses["w"] @ spikes
            shifted = sums << exponent if exponent > 0 else sums >> -exponent
            state.on_the_way = to_int32(shifted)

    def update_traces(self, t: int) -> None:
        """Event 4: the learning engines see this step's spikes and graded values."""
        for state in self.connections:
            if state.engine is None:
                continue
            post = self.populations[state.connection.target]
            pre = self.populations[state.connection.source]
            state.engine.hear_pre(pre.spikes, t)
            state.engine.hear_post(post.spikes, t)
            state.engine.hear_third_factors(post.outputs)

    def learn(self, t: int) -> None:
        """Event 5: at the end of an epoch, weights, tags and delays change."""
        for state in self.connections:
            if state.engine is None or t % state.engine.learning.epoch_steps != 0:
                continue
            phase = _phase(state.engine, state.synapses, t)
            state.synapses = learn(state.connection, self.profile, phase, state.numbers)
            state.engine.start_epoch(phase.histories)

    def readings(self) -> Iterator[tuple[str, Integers]]:
        """Event 6: name everything that can be recorded."""
        for population in self.populations.values():
            yield from population.readings(self.profile)
        for connection in self.connections:
            yield from connection.readings()


def _initial_connection(
    connection: Connection, position: int, profile: Profile, seed: int, steps: int
) -> ConnectionState:
    post, pre = connection.weights.shape
    learning = connection.learning
    offset = 0 if learning is None else learning.seed_offset
    numbers = numbers_of_connection(profile, seed + offset, position, steps)
    engine = None
    synapses = {"w": initial_weights(connection, profile)}
    if learning is not None:
        engine = initial_engine(learning, profile, numbers, (post, pre))
        synapses["t"] = np.zeros((post, pre), np.int64)
        synapses["d"] = np.zeros((post, pre), np.int64)
    quiet = np.zeros(post, np.int64)
    return ConnectionState(connection, synapses, quiet, quiet, engine, numbers)


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
    known = {v.name: v for v in state_variables(program)}
    assert record <= known.keys(), "the caller checks names; this is lahar's fault"
    types = {n: np.uint8 if v.kind == "spikes" else np.int32 for n, v in known.items()}
    network = Network(program, inputs, steps, profile, seed)
    rows: dict[str, Recorded] = {
        name: np.zeros((steps, *known[name].shape), types[name]) for name in record
    }
    for t in range(1, steps + 1):
        network.step(t)
        for name, values in network.readings():
            if name in record:
                rows[name][t - 1] = values.astype(types[name])
        progress(1)
    now = dict(network.readings())
    final: dict[str, Recorded] = {n: now[n].astype(types[n]) for n in known}
    return Trajectory(rows, final)
