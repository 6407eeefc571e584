"""A Program as text for reading: what the chip would hold, one line per thing.

In: a Program. Out: text. It is for people and for golden tests; the file that loads
again is program_file's.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..units import format_duration
from .learning import Factor, GradedSpikes, Learning, Product, TraceProgram
from .operations_check import format_op
from .program import Connection, IntArray, NeuronProgram, Population, Program
from .wires import Tap, Wire

PLACES_SHOWN = 12


def print_program(program: Program) -> str:
    """Write all of a Program except its report; arrays by shape and range."""
    return "\n".join(_lines(program)) + "\n"


def format_product(product: Product) -> str:
    """Write a product as it acts: ``dw += x0 * y1 * -3 * 2^-2``."""
    parts = [product.gate, *(format_factor(f) for f in product.factors)]
    parts += [str(product.mantissa), f"2^{product.exponent}"]
    return f"d{product.target} += {' * '.join(parts)}"


def format_factor(factor: Factor) -> str:
    """Write a factor: ``y1``, ``(y1 - 64)``, ``sgn(t + 4)``, or a constant."""
    constant = factor.constant
    if factor.variable == "c":
        text = str(constant)
        return f"sgn({text})" if factor.sign else text
    text = factor.variable
    if constant:
        text += f" {'+' if constant > 0 else '-'} {abs(constant)}"
    if factor.sign:
        return f"sgn({text})"
    return f"({text})" if constant else text


def _lines(program: Program) -> Iterator[str]:
    yield f"program {program.name}"
    yield f"    chip {program.chip}, profile {program.profile}"
    yield f"    dt {format_duration(program.dt_seconds)}"
    yield f"    product shift base {program.product_shift_base}"
    for population in program.populations:
        yield ""
        yield from _population(population)
    for wire in program.wires:
        yield ""
        yield from _wire(wire)
    for connection in program.connections:
        yield ""
        yield from _connection(connection)
    yield from _section("sums", _sums(program))
    yield from _section("modulators", _modulators(program))
    yield from _section("views", _views(program))
    yield from _section("budgets", _budgets(program))
    yield from _section("placement", _placement(program))
    yield from _section("record", iter(program.record))
    if program.source is not None:
        yield from _section("source", iter(program.source.text.rstrip().split("\n")))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield ""
        yield title
        yield from (f"    {row}".rstrip() for row in rows)


def _population(population: Population) -> Iterator[str]:
    kind = "input" if population.neuron is None else "population"
    shape = f" as {_times(population.shape)}" if population.shape else ""
    yield f"{kind} {population.name}[{population.size}{shape}]"
    yield from (f"    {line}" for line in _inside(population))


def _inside(population: Population) -> Iterator[str]:
    if population.cycle is not None:
        cycle = population.cycle
        yield f"cycle of {_steps(len(cycle))}, {_range(cycle)}"
    if population.neuron is None:
        return
    yield from _neuron(population.neuron, population)


def _neuron(neuron: NeuronProgram, population: Population) -> Iterator[str]:
    for port in neuron.ports:
        wire = population.wires.get(port.name)
        also = f", and the wire {wire}" if wire is not None else ""
        yield f"port {port.name} ({port.kind}){also}"
    for register in neuron.registers:
        first = population.initial.get(register.name)
        start = str(register.initial) if first is None else _range(first)
        yield f"register {register.name} = {start}"
    for number, table in enumerate(neuron.tables):
        entries = f"{len(table)} entries from {table[0]} to {table[-1]}"
        yield f"table {number} = {entries}, {min(table)} to {max(table)}"
    for op in neuron.ops:
        yield format_op(op)
    yield f"spike {neuron.spike}{' (graded)' if neuron.graded else ''}"
    for output in neuron.outputs:
        yield f"output {output.name} = {output.register}"
    if neuron.membrane is not None:
        yield f"membrane {neuron.membrane}"


def _wire(wire: Wire) -> Iterator[str]:
    kind = "sink" if wire.listens else "wire"
    buffer = f", buffer of {_steps(wire.buffer_steps)}" if wire.buffer_steps else ""
    yield f"{kind} {wire.name}[{_times(wire.shape)}]{buffer}"
    yield from (f"    {_tap(tap)}" for tap in wire.taps)


def _tap(tap: Tap) -> str:
    if tap.places is None:
        return f"+ {tap.signal}"
    places = ["-" if place < 0 else str(place) for place in tap.places.tolist()]
    more = f" ... ({len(places)} places)" if len(places) > PLACES_SHOWN else ""
    return f"+ {tap.signal} at {' '.join(places[:PLACES_SHOWN])}{more}"


def _connection(connection: Connection) -> Iterator[str]:
    c = connection
    post, pre = c.joins
    target = f"{c.target}.{c.port}" if c.target else "wires only"
    yield f"connection {c.name}: {c.source} -> {target}"
    kind = f"{c.sign_mode.name.lower()}, {c.weight_bits} bit, * 2^{c.weight_exponent}"
    if c.weight_format == "raw":
        kind = f"raw, * 2^{c.weight_exponent}"
    values = f", {c.weights.min()} to {c.weights.max()}" if c.weights.size else ""
    listed = "" if c.pairs is None else f"{c.pairs.count} synapses of "
    yield f"    weights {listed}{post} x {pre}{values} ({kind})"
    yield from (f"    {line}" for line in _propagation(c))
    for variable, exists in sorted(c.exists.items()):
        learnt = f"{int(exists.sum())} of {exists.size} synapses"
        yield f"    {variable} exists at {learnt}"
    for name, first in sorted(c.initial.items()):
        yield f"    {name} = {_range(first)}"
    if c.learning is not None:
        yield from (f"    {line}" for line in _learning(c.learning, c))


def _propagation(c: Connection) -> Iterator[str]:
    if c.message_bits:
        yield f"graded spikes of {c.message_bits} bit"
    if c.delays is not None:
        yield f"delays {_range(c.delays)} steps"
    if c.sum_bits != 64:
        yield f"sums of {c.sum_bits} bit"
    if c.result_bits != 32 or c.shape:
        shape = f" as {_times(c.shape)}" if c.shape else ""
        yield f"a_out of {c.result_bits} bit{shape}"


def _learning(learning: Learning, connection: Connection) -> Iterator[str]:
    epoch = f"epoch {_steps(learning.epoch_steps)}"
    if learning.decimate_exponent is not None:
        epoch += f", u every {_count(2**learning.decimate_exponent, 'epoch')}"
    yield f"{epoch}, seed + {learning.seed_offset}"
    if learning.hears_post is not None:
        yield f"{'hears' if learning.hears_post else 'does not hear'} post spikes"
    if learning.graded_spikes is not GradedSpikes.REGULAR:
        mode = learning.graded_spikes.name.lower().replace("_", " ")
        yield f"graded spikes to x1: {mode}"
    for name, trace in sorted(learning.traces.items()):
        yield f"trace {name}: {_trace(trace)}"
    for slot, output in sorted(learning.third_factors.items()):
        if output:
            yield f"{slot} = {output} of the target neuron"
        elif slot not in connection.feedback:
            yield f"{slot} = 0"
    for slot, wire in sorted(connection.feedback.items()):
        yield f"{slot} = the wire {wire}"
    for product in learning.products:
        origin = f"    (term {product.origin})" if product.origin >= 0 else ""
        yield format_product(product) + origin


def _trace(trace: TraceProgram) -> str:
    impulse = trace.impulse + trace.impulse_fraction_256 / 256
    if trace.tau_256 == 0:
        return f"+{impulse:g} per spike, no memory"
    return f"+{impulse:g} per spike, tau {trace.tau_steps:g} steps"


def _sums(program: Program) -> Iterator[str]:
    for s in program.sums:
        yield f"{s.name}.weights = the sum of those of {', '.join(s.connections)}"


def _modulators(program: Program) -> Iterator[str]:
    for m in program.modulators:
        ports = ", ".join(f"{population}.{port}" for population, port in m.ports)
        yield f"{m.name} * {m.scale:g} in [{m.low}, {m.high}] -> {ports or 'nothing'}"


def _views(program: Program) -> Iterator[str]:
    for v in program.views:
        offset = f" + {v.offset}" if v.offset else ""
        yield f"{v.variable} = {v.symbol} * {v.scale:g}{offset}"


def _budgets(program: Program) -> Iterator[str]:
    for b in program.budgets:
        yield (
            f"{b.connection}: relative {b.relative:.3g}, per update bias "
            f"{b.bias_per_update:.3g} and variance {b.variance_per_update:.3g} "
            "(weight LSB)"
        )
        if b.steps:
            yield f"{b.connection}: {b.text}"


def _placement(program: Program) -> Iterator[str]:
    for place in program.placement:
        yield f"core {place.core}: {place.population}[{place.start}:{place.stop}]"


def _range(array: IntArray) -> str:
    low, high = int(array.min()), int(array.max())
    return str(low) if low == high else f"{low} to {high}"


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in shape)


def _steps(number: int) -> str:
    return _count(number, "step")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
