"""Whether the learning of a Program is what an engine can be told.

In: a Program. Out: a diagnostic for each number, name or combination that no learning
engine can take, whatever the chip.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ..diagnostics import Diagnostic
from .connections_check import post_size
from .contradiction import (
    INT32,
    NumberIsUnusable,
    Problems,
    named,
    within,
)
from .learning import GradedSpikes, Learning, TraceProgram
from .program import Connection, Program

TRACE_NAMES = ("x1", "x2", "y1", "y2", "y3")
Y_NAMES = TRACE_NAMES[2:]
TAU_EXTRA_BITS = (0, 1066)  # with the 8 of tau_256, the smallest float64 has 1074


@dataclass(frozen=True)
class LearningIsContradictory(Diagnostic):
    """The learning of a connection asks for two things that exclude each other.

    A y slot holds either a trace of post spikes or what the neuron sends, never both;
    a product gated by `u` needs a number of epochs to wait.
    """

    code = "P314"
    title = "connection `{connection}`: {problem}"
    note = "docs/semantics.md section 6 and 7 say what the learning engine computes"
    help = "compile the rule again, or remove one of the two"

    connection: str
    problem: str


def learning_is_well_formed(program: Program) -> Problems:
    """Require what every learning engine can be told."""
    outputs = {
        p.name: [o.name for o in p.neuron.outputs] if p.neuron else []
        for p in program.populations
    }
    for c in program.connections:
        if c.learning is not None:
            yield from _numbers(c, c.learning)
            yield from _names(c, c.learning, outputs.get(c.target, []))
            yield from _contradictions(c, c.learning)


def feedback_comes_from_wires(program: Program) -> Problems:
    """Require a wire as wide as the post side for everything that an engine hears."""
    wires = {w.name: w for w in program.wires}
    for c in program.connections:
        for slot, wire in c.feedback.items():
            where = f"{_where(c)}: feedback of {slot}"
            yield from named(where, "input of a learning engine", slot, _FEEDBACK)
            yield from named(where, "wire", wire, wires)
            if wire in wires and wires[wire].size != post_size(c):
                found = f"a wire of {wires[wire].size} elements"
                wanted = f"one of {post_size(c)}, one for each post neuron"
                yield NumberIsUnusable(where, found, wanted)


def _numbers(c: Connection, learning: Learning) -> Problems:
    where = _where(c)
    yield from within(f"{where}: epoch", learning.epoch_steps, (1, INT32[1]))
    yield from within(f"{where}: seed offset", learning.seed_offset, (0, INT32[1]))
    if learning.decimate_exponent is not None:
        yield from within(f"{where}: k of u", learning.decimate_exponent, (0, 31))
    for name, trace in learning.traces.items():
        yield from _trace(f"{where}: trace {name}", trace)
    for number, product in enumerate(learning.products):
        here = f"{where}: product {number}"
        yield from within(f"{here}: mantissa", product.mantissa, INT32)
        yield from within(f"{here}: exponent", product.exponent, (-7, 24))
        for factor in product.factors:
            yield from within(f"{here}: constant", factor.constant, INT32)


def _trace(where: str, trace: TraceProgram) -> Problems:
    yield from within(f"{where}: impulse", trace.impulse, INT32)
    # 256: Lava rounds a fraction such as 0.999 up to a whole.
    fraction = trace.impulse_fraction_256
    yield from within(f"{where}: impulse fraction", fraction, (0, 256))
    problems = list(
        within(f"{where}: extra bits of tau", trace.tau_extra_bits, TAU_EXTRA_BITS)
    )
    yield from problems
    if not problems and not _is_a_float(trace.tau_256, 8 + trace.tau_extra_bits):
        value = f"{trace.tau_256} * 2^-{8 + trace.tau_extra_bits}"
        wanted = "a number that is not negative and that a float64 holds exactly"
        yield NumberIsUnusable(f"{where}: time constant", value, wanted)


def _is_a_float(numerator: int, bits: int) -> bool:
    if numerator < 0:
        return False
    try:
        value = numerator / (1 << bits)
    except OverflowError:
        return False
    return math.isfinite(value) and Fraction(value) == Fraction(numerator, 1 << bits)


def _names(c: Connection, learning: Learning, outputs: list[str]) -> Problems:
    where = _where(c)
    for name in learning.traces:
        yield from named(where, "trace of the learning engine", name, TRACE_NAMES)
    for slot, output in learning.third_factors.items():
        yield from named(where, "third-factor slot", slot, Y_NAMES)
        if output:
            yield from named(where, f"output of `{c.target}`", output, outputs)


def _contradictions(c: Connection, learning: Learning) -> Iterator[Diagnostic]:
    y_traces = sorted(n for n in learning.traces if n.startswith("y"))
    if learning.third_factors and y_traces:
        problem = f"{y_traces[0]} is a trace although the neuron sends third factors"
        yield LearningIsContradictory(c.name, problem)
    payloads = learning.graded_spikes != GradedSpikes.REGULAR
    if payloads and "x1" not in learning.traces:
        problem = "the payloads of spikes go into x1, which is none of its traces"
        yield LearningIsContradictory(c.name, problem)
    gated = any(p.gate == "u" for p in learning.products)
    if gated and learning.decimate_exponent is None:
        problem = "a product is gated by u, but no k of u is given"
        yield LearningIsContradictory(c.name, problem)
    for slot in sorted(c.feedback.keys() & learning.third_factors.keys()):
        if learning.third_factors[slot]:
            output, wire = learning.third_factors[slot], c.feedback[slot]
            problem = f"{slot} is the output `{output}` and the wire `{wire}` as well"
            yield LearningIsContradictory(c.name, problem)


_FEEDBACK = ("event", *Y_NAMES)


def _where(connection: Connection) -> str:
    return f"connection `{connection.name}`"


LEARNING_CHECKS = (learning_is_well_formed, feedback_comes_from_wires)
