"""Names and plans for everything that a Program becomes in Lava.

In: a Program. Out: a plan for each population, wire and connection, and the arrays
that the generated text asks for by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ...hardware.learning import Target
from ...hardware.program import Connection, IntArray, Population, Program
from ...hardware.wires import Wire
from .connection_text import process_of
from .identifiers import Identifiers
from .lif_core import lava_lif, lava_lifs, whole_lif
from .neuron_text import neuron_text
from .plans import ConnectionPlan, PopulationPlan, WirePlan
from .sparse_text import PROCESS as SPARSE_PROCESS
from .synapse_text import PROCESS as SYNAPSES_PROCESS
from .wire_text import is_identity

# Names that the script itself uses, so that no process may have them.
SCRIPT_NAMES = (
    *("json", "os", "shutil", "signal", "sys", "threading", "traceback", "Path"),
    *("np", "HERE"),
    *("LoihiLearningRule", "Loihi2FLearningRule", "Loihi3FLearningRule"),
    *("RunSteps", "SignMode", "GradedSpikeCfg", "Loihi2SimCfg"),
    *("Dense", "DelayDense", "LearningDense", "RingBuffer", "Sink"),
    *("LIF", "LIFReset", "TernaryLIF"),
    *("Recorder", SYNAPSES_PROCESS, SPARSE_PROCESS),
    *("check", "build", "record", "fail", "blame", "watch", "leave_with_parent"),
    *("run", "main", "arrays", "seed"),
)
TAG_TARGETS: tuple[Target, ...] = ("t", "d")


class Naming:
    """Gives every part of a Program its name in the script."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.variable = Identifiers(SCRIPT_NAMES)
        self.array = Identifiers()
        self.process = Identifiers(SCRIPT_NAMES)
        self.arrays: dict[str, IntArray] = {}
        self.spikes: dict[str, str] = {}
        self.ports: dict[tuple[str, str], str] = {}
        self.populations = {
            population.name: replace(self._population(population), position=position)
            for position, population in enumerate(program.populations)
        }
        self.connection_variables = {
            c.name: self.variable(c.name) for c in program.connections
        }
        self.wires = {w.name: self._wire(w) for w in program.wires}
        self.connections = {c.name: self._connection(c) for c in program.connections}

    def _hold(self, name: str, values: IntArray) -> str:
        """Name an array that the Program itself fixes."""
        key = self.array(name)
        self.arrays[key] = np.asarray(values, np.int32)
        return key

    # --- populations --------------------------------------------------------------

    def _population(self, population: Population) -> PopulationPlan:
        variable = self.variable(population.name)
        if population.neuron is None:
            return PopulationPlan(population, variable, data=self._data(population))
        for port in population.neuron.ports:
            if port.kind == "modulator":
                key = self.array(f"port {population.name} {port.name}")
                self.ports[population.name, port.name] = key
        plan = self._lif(population, variable)
        return plan or self._generated(population, variable)

    def _data(self, population: Population) -> str:
        key = self.array(f"spikes {population.name}")
        if population.cycle is None:
            self.spikes[population.name] = key
        else:
            self.arrays[key] = np.ascontiguousarray(population.cycle.T, np.int32)
        return key

    def _lif(self, population: Population, variable: str) -> PopulationPlan | None:
        """Plan a population that Lava's own LIF computes as a whole."""
        assert population.neuron is not None
        core = whole_lif(population.neuron)
        if core is not None:
            arrays = self._first_values(population)
            return PopulationPlan(population, variable, core, arrays=arrays)
        various = lava_lifs(population)
        if various is None:
            return None
        arrays = self._first_values(population)
        for name, values in various.parameters.items():
            if (values != values[0]).any():
                arrays[name] = self._hold(f"{name} {population.name}", values)
        core = various.any_of_them
        return PopulationPlan(
            population, variable, core, various=various, arrays=arrays
        )

    def _generated(self, population: Population, variable: str) -> PopulationPlan:
        assert population.neuron is not None
        core = lava_lif(population.neuron)
        process = self.process(f"Neuron_{variable}")
        text = neuron_text(population, process, core)
        arrays = self._first_values(population)
        return PopulationPlan(population, variable, core, text, arrays=arrays)

    def _first_values(self, population: Population) -> dict[str, str]:
        return {
            register: self._hold(f"first {population.name} {register}", values)
            for register, values in population.initial.items()
        }

    # --- wires --------------------------------------------------------------------

    def _wire(self, wire: Wire) -> WirePlan:
        senders = tuple(self._sender(tap.signal) for tap in wire.taps)
        variable = self.variable(f"wire {wire.name}")
        sink = ""
        if wire.listens and wire.buffer_steps > 0:
            sink = self.variable(wire.name)
        if self._is_direct(wire):
            return WirePlan(wire, senders, variable, sink=sink)
        process = self.process(f"WireOf{len(wire.taps)}")
        places = self._hold(f"places {wire.name}", self._places(wire))
        return WirePlan(wire, senders, variable, process, places, sink)

    def _sender(self, signal: str) -> str:
        owner, _, name = signal.rpartition(".")
        if owner in self.populations:
            return self.populations[owner].sender(name)
        return f"{self.connection_variables[owner]}.a_out"

    def _size(self, signal: str) -> int:
        owner = signal.rpartition(".")[0]
        if owner in self.populations:
            return self.populations[owner].population.size
        return len(self.program.connection(owner).weights)

    def _is_direct(self, wire: Wire) -> bool:
        """Tell whether ports that sum what they are connected to are this wire.

        Lava connects two ports once at most.
        """
        signals = [tap.signal for tap in wire.taps]
        return (
            len(set(signals)) == len(signals)
            and not set(signals) & self._arriving_beside(wire)
            and all(is_identity(t, self._size(t.signal), wire.size) for t in wire.taps)
        )

    def _arriving_beside(self, wire: Wire) -> set[str]:
        """Name what arrives at a port without the wire that it hears too."""
        ports = {
            (population.name, port)
            for population in self.program.populations
            for port, name in population.wires.items()
            if name == wire.name
        }
        return {
            f"{c.name}.a_out"
            for c in self.program.connections
            if (c.target, c.port) in ports
        }

    def _places(self, wire: Wire) -> IntArray:
        """Give a row for each tap, filled up with -2."""
        sizes = [self._size(tap.signal) for tap in wire.taps]
        table = np.full((len(sizes), max(sizes)), -2, np.int32)
        for row, tap, size in zip(table, wire.taps, sizes, strict=True):
            row[:size] = np.arange(size) if tap.places is None else tap.places
        return table

    # --- connections --------------------------------------------------------------

    def _connection(self, connection: Connection) -> ConnectionPlan:
        return ConnectionPlan(
            connection,
            self.connection_variables[connection.name],
            process_of(connection),
            self._source(connection.source),
            self.populations.get(connection.target),
            self._synapse_arrays(connection),
            {slot: self.wires[w] for slot, w in connection.feedback.items()},
        )

    def _source(self, name: str) -> tuple[str, ...]:
        if name in self.populations:
            return (self.populations[name].sender("s_out"),)
        return self.wires[name].senders

    def _synapse_arrays(self, connection: Connection) -> Mapping[str, str]:
        name, weights = connection.name, connection.weights
        if "w" in connection.exists:
            weights = np.where(connection.exists["w"], weights, 0)
        found = {"weights": self._hold(f"weights {name}", weights)}
        if process_of(connection) in ("DelayDense", SYNAPSES_PROCESS):
            delays = connection.delays
            if delays is None:
                delays = np.zeros_like(weights)
            found["delays"] = self._hold(f"delays {name}", delays)
        if connection.learning is not None:
            for variable, values in self._first_learned(connection).items():
                found[variable] = self._hold(f"{variable} {name}", values)
        return found

    def _first_learned(self, connection: Connection) -> Mapping[str, IntArray]:
        """Give first values; where synapses are missing, of all tags, and where."""
        if process_of(connection) != SPARSE_PROCESS:
            return connection.initial
        zeros = np.zeros_like(connection.weights)
        tags = {"tag_1": zeros, "tag_2": zeros, **connection.initial}
        exists = {
            f"exists_{t}": connection.exists.get(t, zeros + 1) for t in TAG_TARGETS
        }
        return {**tags, **exists}
