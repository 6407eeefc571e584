"""Whether a Program means something at all, whatever the chip.

In: a Program from a file, a converter or a hand. Out: every name that leads nowhere,
shape that does not fit and number that no engine can compute with. Backends may rely
on what this page of checks accepts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ..diagnostics import Diagnostic
from .operations_check import operations_are_well_formed
from .program import Connection, Learning, Population, Program

INT32 = (-(2**31), 2**31 - 1)
TRACE_NAMES = ("x1", "x2", "y1", "y2", "y3")


@dataclass(frozen=True)
class NameLeadsNowhere(Diagnostic):
    """A part of a Program names another part that the Program does not have.

    Programs are made by the compiler; one that was edited by hand, or that another
    tool wrote, can hold such a name. Nothing of it is run.
    """

    code = "P310"
    title = "{where}: there is no {kind} `{name}`"
    note = "the program has: {known}"
    help = "correct the name in the program file, or compile it again"

    where: str
    kind: str
    name: str
    known: str


@dataclass(frozen=True)
class NameIsTaken(Diagnostic):
    """Two parts of a Program have the same name, so a recording could not tell them.

    Populations and connections share one space of names, because a recorded variable
    is called `<name>.<variable>`.
    """

    code = "P311"
    title = "the name `{name}` is used {count} times in {where}"
    note = "recorded variables are `<name>.<variable>`, so names must differ"
    help = "rename all but one"

    where: str
    name: str
    count: int


@dataclass(frozen=True)
class WeightsDoNotFitPopulations(Diagnostic):
    """The weight array of a connection is not (post, pre) of its populations."""

    code = "P312"
    title = "connection `{connection}`: weights are {shape}, not {wanted}"
    note = "weights are (post, pre): `{target}` has {post}, `{source}` {pre} neurons"
    help = "correct the population sizes or the array"

    connection: str
    shape: str
    wanted: str
    source: str
    target: str
    pre: int
    post: int


@dataclass(frozen=True)
class NumberIsUnusable(Diagnostic):
    """A number in a Program is NaN, infinite or outside what it can mean."""

    code = "P313"
    title = "{where} is {value}"
    note = "it must be {wanted}"
    help = "correct the number in the program file, or compile it again"

    where: str
    value: str
    wanted: str


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


def names_are_unique(program: Program) -> Iterator[Diagnostic]:
    """Require unique names; modulators have a name space of their own."""
    populations = [p.name for p in program.populations]
    connections = [c.name for c in program.connections]
    yield from _repeated("the program", populations + connections)
    yield from _repeated("the modulators", [m.name for m in program.modulators])


def _repeated(where: str, names: list[str]) -> Iterator[Diagnostic]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield NameIsTaken(where, name, names.count(name))


def populations_have_neurons(program: Program) -> Iterator[Diagnostic]:
    """Require at least one neuron each, and few enough to count in 32 bit."""
    for p in program.populations:
        yield from _within(f"population `{p.name}`: size", p.size, (1, INT32[1]))


def connections_join_populations(program: Program) -> Iterator[Diagnostic]:
    """Require that both ends exist and the target has the synaptic port."""
    known = {p.name: p for p in program.populations}
    for c in program.connections:
        where = f"connection `{c.name}`"
        for name in (c.source, c.target):
            yield from _named(where, "population", name, known)
        if c.target in known:
            ports = _ports(known[c.target], "synaptic")
            yield from _named(where, f"synaptic port of `{c.target}`", c.port, ports)


def weights_fit_their_populations(program: Program) -> Iterator[Diagnostic]:
    """Require 32-bit integers of shape (post, pre)."""
    sizes = {p.name: p.size for p in program.populations}
    for c in program.connections:
        pre, post = sizes.get(c.source), sizes.get(c.target)
        if pre is None or post is None:
            continue
        if c.weights.shape != (post, pre):
            shape, wanted = str(c.weights.shape), str((post, pre))
            yield WeightsDoNotFitPopulations(
                c.name, shape, wanted, c.source, c.target, pre, post
            )
        where = f"connection `{c.name}`"
        if not np.issubdtype(c.weights.dtype, np.integer):
            kind = f"an array of {c.weights.dtype}"
            yield NumberIsUnusable(f"{where}: weights", kind, "an array of integers")
        elif c.weights.size:
            for extreme in (int(c.weights.min()), int(c.weights.max())):
                yield from _within(f"{where}: a weight", extreme, INT32)
        yield from _within(f"{where}: weight exponent", c.weight_exponent, (-31, 31))
        yield from _within(f"{where}: weight bits", c.weight_bits, (1, 8))


def learning_is_well_formed(program: Program) -> Iterator[Diagnostic]:
    """Require what every learning engine can be told."""
    outputs = {
        p.name: [o.name for o in p.neuron.outputs] if p.neuron else []
        for p in program.populations
    }
    for c in program.connections:
        if c.learning is not None:
            yield from _learning_numbers(c, c.learning)
            yield from _learning_names(c, c.learning, outputs.get(c.target, []))
            yield from _learning_contradictions(c, c.learning)


def _learning_numbers(c: Connection, learning: Learning) -> Iterator[Diagnostic]:
    where = f"connection `{c.name}`"
    yield from _within(f"{where}: epoch", learning.epoch_steps, (1, INT32[1]))
    yield from _within(f"{where}: seed offset", learning.seed_offset, (0, INT32[1]))
    if learning.decimate_exponent is not None:
        yield from _within(f"{where}: k of u", learning.decimate_exponent, (0, 31))
    for name, trace in learning.traces.items():
        here = f"{where}: trace {name}"
        yield from _within(f"{here}: impulse", trace.impulse, INT32)
        yield from _within(f"{here}: time constant", trace.tau_256, (0, INT32[1]))
        fraction = trace.impulse_fraction_256
        yield from _within(f"{here}: impulse fraction", fraction, (0, 255))
    for number, product in enumerate(learning.products):
        here = f"{where}: product {number}"
        yield from _within(f"{here}: mantissa", product.mantissa, INT32)
        yield from _within(f"{here}: exponent", product.exponent, (-7, 24))
        for factor in product.factors:
            yield from _within(f"{here}: constant", factor.constant, INT32)


def _learning_names(
    c: Connection, learning: Learning, outputs: list[str]
) -> Iterator[Diagnostic]:
    where = f"connection `{c.name}`"
    for name in learning.traces:
        yield from _named(where, "trace of the learning engine", name, TRACE_NAMES)
    for slot, output in learning.third_factors.items():
        yield from _named(where, "third-factor slot", slot, TRACE_NAMES[2:])
        yield from _named(where, f"output of `{c.target}`", output, outputs)


def _learning_contradictions(c: Connection, learning: Learning) -> Iterator[Diagnostic]:
    y_traces = sorted(n for n in learning.traces if n.startswith("y"))
    if learning.third_factors and y_traces:
        problem = f"{y_traces[0]} is a trace although the neuron sends third factors"
        yield LearningIsContradictory(c.name, problem)
    gated = any(p.gate == "u" for p in learning.products)
    if gated and learning.decimate_exponent is None:
        problem = "a product is gated by u, but no k of u is given"
        yield LearningIsContradictory(c.name, problem)


def modulators_reach_ports(program: Program) -> Iterator[Diagnostic]:
    """Require modulator ports at every end, and a usable scale and range."""
    known = {p.name: p for p in program.populations}
    for m in program.modulators:
        where = f"modulator `{m.name}`"
        yield from _finite(f"{where}: scale", m.scale)
        yield from _within(f"{where}: low", m.low, (INT32[0], m.high))
        yield from _within(f"{where}: high", m.high, INT32)
        for name, port in m.ports:
            yield from _named(where, "population", name, known)
            if name in known:
                ports = _ports(known[name], "modulator")
                yield from _named(where, f"modulator port of `{name}`", port, ports)


def numbers_are_finite(program: Program) -> Iterator[Diagnostic]:
    """Require that nothing real in a Program is NaN or infinite."""
    yield from _within("the product shift base", program.product_shift_base, (0, 15))
    if not (math.isfinite(program.dt_seconds) and program.dt_seconds > 0):
        value = repr(program.dt_seconds)
        yield NumberIsUnusable("the time step", value, "a positive number of seconds")
    for view in program.views:
        yield from _finite(f"view `{view.variable}`: scale", view.scale)
        if view.scale == 0:
            yield NumberIsUnusable(f"view `{view.variable}`: scale", "0", "not zero")
    for b in program.budgets:
        where = f"budget of `{b.connection}`"
        for number in (b.relative, b.bias_per_update, b.variance_per_update):
            yield from _finite(where, number)
    arrays = program.source.arrays if program.source else {}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            yield NumberIsUnusable(f"source array `{name}`", "not finite", "all finite")


def placement_stays_within_populations(program: Program) -> Iterator[Diagnostic]:
    """Require that every placed slice lies inside its population."""
    sizes = {p.name: p.size for p in program.populations}
    for place in program.placement:
        where = f"core {place.core}"
        yield from _named(where, "population", place.population, sizes)
        size = sizes.get(place.population)
        if size is not None and not 0 <= place.start < place.stop <= size:
            value = f"{place.start}:{place.stop}"
            slice_of = f"{where}: the slice of `{place.population}`"
            yield NumberIsUnusable(slice_of, value, f"a slice of 0:{size}")
        yield from _within(f"{where}: the number", place.core, (0, INT32[1]))


CHECKS: tuple[Callable[[Program], Iterable[Diagnostic]], ...] = (
    names_are_unique,
    populations_have_neurons,
    connections_join_populations,
    weights_fit_their_populations,
    operations_are_well_formed,
    learning_is_well_formed,
    modulators_reach_ports,
    numbers_are_finite,
    placement_stays_within_populations,
)


def check_consistency(program: Program) -> list[Diagnostic]:
    """Run all checks; an empty list means that every backend may run the Program."""
    return [problem for check in CHECKS for problem in check(program)]


def _ports(population: Population, kind: str) -> list[str]:
    neuron = population.neuron
    return [p.name for p in neuron.ports if p.kind == kind] if neuron else []


def _named(
    where: str, kind: str, name: str, known: Iterable[str]
) -> Iterator[Diagnostic]:
    names = list(known)
    if name not in names:
        yield NameLeadsNowhere(where, kind, name, ", ".join(names) or "none")


def _within(where: str, value: int, limits: tuple[int, int]) -> Iterator[Diagnostic]:
    low, high = limits
    if not low <= value <= high:
        yield NumberIsUnusable(where, str(value), f"between {low} and {high}")


def _finite(where: str, value: float) -> Iterator[Diagnostic]:
    if not math.isfinite(value):
        yield NumberIsUnusable(where, str(value), "a finite number")
