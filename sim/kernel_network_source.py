"""Source text of what joins populations: deliveries, ports, wires, propagation.

A Program and a profile go in, statements of a compiled step come out. Programs without
wires, delays and graded spikes get the plain statements that their networks need.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from ..hardware.learning import Learning
from ..hardware.profile import Profile
from ..hardware.program import Connection, NeuronProgram, Population, Program
from .kernel_deferral import defers
from .kernel_layout import arrivals, hears_apart, third_factor_slots
from .kernel_shared_changes import shares_changes
from .kernel_stimulus import input_names, modulator_ports
from .kernel_storage import adds_weights, storage_of, sums_narrowly

WORD_BITS = 32  # cells hold as many, so a sum of them wraps there by itself


@dataclass
class NetworkSource:
    """Writes statements in the order of a step; a wire is summed once, when needed."""

    program: Program
    profile: Profile
    summed: set[int] = field(default_factory=set)

    def delivery(self, c: int, connection: Connection) -> str:
        """Write how what is on the way arrives."""
        if connection.delays is None and connection.result_bits == WORD_BITS:
            return f"copy_cells(c{c}_on_the_way, c{c}_arrived)"
        bits = f"np.int64({connection.result_bits})"
        return f"deliver(c{c}_on_the_way, step, {bits}, c{c}_arrived)"

    def input_row(self, p: int, population: Population) -> str:
        """Write where an input takes what it sends."""
        if population.cycle is not None:
            return f"present_cycle(p{p}_cycle, step, p{p}_spikes)"
        column = input_names(self.program).index(population.name)
        return f"present(spikes, s, columns[{column}], p{p}_spikes)"

    def port(self, p: int, population: Population, k: int) -> tuple[str, list[str]]:
        """Give the array that the k-th port reads and what fills it."""
        assert population.neuron is not None, "inputs have no ports"
        port, own = population.neuron.ports[k], f"p{p}_port{k}"
        if port.kind == "modulator":
            modulators = modulator_ports(self.program)
            column = len(input_names(self.program))
            column += modulators.index((population.name, port.name))
            return own, [f"present(modulators, s, columns[{column}], {own})"]
        wire = population.wires.get(port.name)
        sources = [
            f"c{c}_arrived" for c in arrivals(self.program, population.name, port.name)
        ]
        narrow = self.profile.arrival_bits < WORD_BITS
        bits = f"np.int64({self.profile.arrival_bits})"
        if len(sources) == 1 and wire is None:
            if not narrow:
                return sources[0], []
            return own, [f"take_narrow({sources[0]}, {bits}, {own})"]
        statements: list[str] = []
        if wire is not None:
            w = self._wire_position(wire)
            statements += self.wire(w)
            sources.append(f"w{w}")
        if not sources:
            statements.append(f"clear_cells({own})")
        for n, source in enumerate(sources):
            statements.append(f"{'add' if n else 'copy'}_cells({source}, {own})")
        if narrow:
            statements.append(f"narrow_cells({own}, {bits})")
        return own, statements

    def wire(self, w: int) -> Iterator[str]:
        """Write the sum of a wire's taps, unless an earlier statement has it."""
        if w in self.summed:
            return
        self.summed.add(w)
        wire = self.program.wires[w]
        yield f"clear_cells(w{w})"
        for k, tap in enumerate(wire.taps):
            signal = self._signal(tap.signal)
            if tap.places is None:
                yield f"add_cells({signal}, w{w})"
            else:
                yield f"add_cells_at({signal}, w{w}_places{k}, w{w})"
        if wire.listens and wire.buffer_steps > 0:
            yield f"keep_row(w{w}, step, w{w}_rows)"

    def propagation(
        self, c: int, connection: Connection, exponent: str
    ) -> Iterator[str]:
        """Write how what the source sends sets out."""
        if connection.pairs is not None:
            yield from self._listed(c, connection, exponent)
            return
        weights, values = f"c{c}_weights", self.heard(c, connection)
        if hears_apart(self.program, connection):
            yield f"binary_cells({self._sent(connection.source)}, {values})"
        if adds_weights(connection):
            storage = storage_of(connection, self.profile)["weights"]
            spiked = yield from self._spiked(values)
            heard = f"{weights}, {spiked}, {exponent}"
            if storage.packed > 1:
                bits = f"np.int64({storage.bits})"
                yield f"propagate_packed({heard}, {bits}, c{c}_on_the_way)"
            elif sums_narrowly(connection):
                yield f"propagate_narrow({heard}, c{c}_on_the_way)"
            else:
                yield f"propagate({heard}, sums, c{c}_on_the_way)"
            return
        bits = f"np.int64({connection.sum_bits})"
        if connection.delays is None:
            heard = f"{weights}, {values}, {exponent}, {bits}"
            yield f"propagate_values({heard}, sums, c{c}_on_the_way)"
            return
        heard = f"{weights}, c{c}_axon_delays, {values}, c{c}_arrived.size, {exponent}"
        yield f"propagate_delayed({heard}, {bits}, step, sums, c{c}_on_the_way)"

    def _listed(self, c: int, connection: Connection, exponent: str) -> Iterator[str]:
        """Write propagation where synapses are listed."""
        values, way = self.heard(c, connection), f"c{c}_on_the_way"
        if hears_apart(self.program, connection):
            yield f"binary_cells({self._sent(connection.source)}, {values})"
        if defers(connection, self.profile) or shares_changes(connection, self.profile):
            return  # its learning phase sends what it visits
        lists = f"c{c}_weights, c{c}_starts, c{c}_post_of"
        bits = f"np.int64({connection.sum_bits})"
        if connection.delays is not None:
            heard = f"c{c}_axon_delays, {values}, c{c}_arrived.size, {exponent}"
            more = f"{bits}, step, sums, {way}"
            yield f"propagate_listed_delayed({lists}, {heard}, {more})"
        elif not adds_weights(connection):
            more = f"{values}, {exponent}, {bits}, sums, {way}"
            yield f"propagate_listed_values({lists}, {more})"
        else:
            spiked = yield from self._spiked(values)
            heard = f"{lists}, {spiked}, {exponent}, parts"
            if sums_narrowly(connection):
                yield f"spread({heard}, {way})"
            else:
                yield f"spread_wide({heard}, sums, {way})"

    def _spiked(self, values: str) -> Generator[str, None, str]:
        """Write how what is not 0 is listed, once; name the list and its length."""
        owner = values.partition("_")[0]
        if values == f"{owner}_spikes":
            return f"{owner}_listed, {owner}_count"
        yield f"heard_count = list_active({values}, active)"
        return "active, heard_count"

    def heard(self, c: int, connection: Connection) -> str:
        """Name the array of what a connection hears of its source."""
        if hears_apart(self.program, connection):
            return f"c{c}_heard"
        return self._sent(connection.source)

    def post_events(self, connection: Connection) -> str | None:
        """Name the array that tells an engine of post spikes; None: nobody does."""
        if "event" in connection.feedback:
            return f"w{self._wire_position(connection.feedback['event'])}"
        if not connection.target:
            return None
        return f"p{self._population_position(connection.target)}_spikes"

    def third_factors(
        self, c: int, connection: Connection, learning: Learning
    ) -> Iterator[str]:
        """Write how the y slots of an engine take what is sent to them."""
        for slot in third_factor_slots(learning):
            output = learning.third_factors[slot]
            if slot in connection.feedback:
                wire = self._wire_position(connection.feedback[slot])
                yield f"copy_cells(w{wire}, c{c}_{slot})"
            elif output:
                sent = self._output(connection.target, output)
                yield f"copy_cells({sent}, c{c}_{slot})"
            else:
                yield f"clear_cells(c{c}_{slot})"

    def _sent(self, source: str) -> str:
        if source in {p.name for p in self.program.populations}:
            return f"p{self._population_position(source)}_spikes"
        return f"w{self._wire_position(source)}"

    def _signal(self, name: str) -> str:
        owner, _, variable = name.rpartition(".")
        connections = [c.name for c in self.program.connections]
        if owner in connections:
            return f"c{connections.index(owner)}_arrived"
        if variable == "s_out":
            return f"p{self._population_position(owner)}_spikes"
        return self._output(owner, variable)

    def _output(self, population: str, output: str) -> str:
        p = self._population_position(population)
        neuron = self.program.populations[p].neuron
        assert neuron is not None, f"{population} has no outputs"
        return f"p{p}_output{_output_position(neuron, output)}"

    def _population_position(self, name: str) -> int:
        return [p.name for p in self.program.populations].index(name)

    def _wire_position(self, name: str) -> int:
        return [w.name for w in self.program.wires].index(name)


def _output_position(neuron: NeuronProgram, name: str) -> int:
    return [output.name for output in neuron.outputs].index(name)
