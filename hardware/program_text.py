"""A Program as text for reading: what the chip would hold, one line per thing.

In: a Program. Out: text. It is for people and for golden tests; the file that loads
again is program_file's.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..units import format_duration
from .operations_check import format_op
from .program import (
    Connection,
    Factor,
    Learning,
    NeuronProgram,
    Population,
    Product,
    Program,
    TraceProgram,
)


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
    for connection in program.connections:
        yield ""
        yield from _connection(connection)
    yield from _section("modulators", _modulators(program))
    yield from _section("views", _views(program))
    yield from _section("budgets", _budgets(program))
    yield from _section("placement", _placement(program))
    if program.source is not None:
        yield from _section("source", iter(program.source.text.rstrip().split("\n")))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield ""
        yield title
        yield from (f"    {row}".rstrip() for row in rows)


def _population(population: Population) -> Iterator[str]:
    if population.neuron is None:
        yield f"input {population.name}[{population.size}]"
        return
    yield f"population {population.name}[{population.size}]"
    yield from (f"    {line}" for line in _neuron(population.neuron))


def _neuron(neuron: NeuronProgram) -> Iterator[str]:
    for port in neuron.ports:
        yield f"port {port.name} ({port.kind})"
    for register in neuron.registers:
        yield f"register {register.name} = {register.initial}"
    for op in neuron.ops:
        yield format_op(op)
    yield f"spike {neuron.spike}"
    for output in neuron.outputs:
        yield f"output {output.name} = {output.register}"
    if neuron.membrane is not None:
        yield f"membrane {neuron.membrane}"


def _connection(connection: Connection) -> Iterator[str]:
    c = connection
    post, pre = c.weights.shape
    yield f"connection {c.name}: {c.source} -> {c.target}.{c.port}"
    kind = f"{c.sign_mode.name.lower()}, {c.weight_bits} bit, * 2^{c.weight_exponent}"
    values = f", {c.weights.min()} to {c.weights.max()}" if c.weights.size else ""
    yield f"    weights {post} x {pre}{values} ({kind})"
    if c.learning is not None:
        yield from (f"    {line}" for line in _learning(c.learning))


def _learning(learning: Learning) -> Iterator[str]:
    epoch = f"epoch {_steps(learning.epoch_steps)}"
    if learning.decimate_exponent is not None:
        epoch += f", u every {_count(2**learning.decimate_exponent, 'epoch')}"
    yield f"{epoch}, seed + {learning.seed_offset}"
    for name, trace in sorted(learning.traces.items()):
        yield f"trace {name}: {_trace(trace)}"
    for slot, output in sorted(learning.third_factors.items()):
        yield f"{slot} = {output} of the target neuron"
    for product in learning.products:
        origin = f"    (term {product.origin})" if product.origin >= 0 else ""
        yield format_product(product) + origin


def _trace(trace: TraceProgram) -> str:
    impulse = trace.impulse + trace.impulse_fraction_256 / 256
    if trace.tau_256 == 0:
        return f"+{impulse:g} per spike, no memory"
    return f"+{impulse:g} per spike, tau {trace.tau_256 / 256:g} steps"


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
            f"{b.connection}: relative {b.relative:g}, per update bias "
            f"{b.bias_per_update:g} and variance {b.variance_per_update:g} (weight LSB)"
        )


def _placement(program: Program) -> Iterator[str]:
    for place in program.placement:
        yield f"core {place.core}: {place.population}[{place.start}:{place.stop}]"


def _steps(number: int) -> str:
    return _count(number, "step")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
