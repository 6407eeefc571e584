"""Whether the connections of a Program join what there is, with arrays that fit.

In: a Program. Out: a diagnostic for each end that leads nowhere, array of another
shape and number that no engine can take. How they learn is learning_check's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..diagnostics import Diagnostic
from ..pairs import Pairs, wrong_rows
from .contradiction import (
    INT32,
    NumberIsUnusable,
    Problems,
    Range,
    integers,
    named,
    of_size,
    shaped,
    within,
)
from .program import Connection, IntArray, Population, Program

DELAYS = (0, 63)
RESULT_BITS = (1, 32)
TRACE = (0, 255)  # a payload of 8 bits may set x1 (docs/semantics.md section 6)


@dataclass(frozen=True)
class WeightsDoNotFitPopulations(Diagnostic):
    """The weight array of a connection is not (post, pre) of what it joins.

    A connection joins every element of its source with every element of its target,
    so the array has one row for each target and one column for each source.
    """

    code = "P312"
    title = "connection `{connection}`: weights are {shape}, not {wanted}"
    note = "weights are (post, pre): `{target}` has {post}, `{source}` {pre} elements"
    help = "correct the sizes or the array"

    connection: str
    shape: str
    wanted: str
    source: str
    target: str
    pre: int
    post: int


def connections_join_what_there_is(program: Program) -> Problems:
    """Require a source, and the synaptic port of a target unless only wires hear it."""
    populations = {p.name: p for p in program.populations}
    sources = [*populations, *(w.name for w in program.wires)]
    for c in program.connections:
        yield from named(_where(c), "population or wire", c.source, sources)
        if not c.target and not c.port:
            continue
        yield from named(_where(c), "population", c.target, populations)
        if c.target in populations:
            ports = synaptic_ports(populations[c.target])
            yield from named(_where(c), f"synaptic port of `{c.target}`", c.port, ports)


def weights_fit_what_they_join(program: Program) -> Problems:
    """Require 32-bit integers of shape (post, pre), and a shape for what arrives."""
    sizes = {p.name: p.size for p in program.populations}
    pre_sizes = sizes | {w.name: w.size for w in program.wires}
    for c in program.connections:
        post = sizes.get(c.target) if c.target else post_size(c)
        pre = pre_sizes.get(c.source)
        if pre is None or post is None:
            continue
        if c.joins != (post, pre):
            shape, wanted = str(c.joins), str((post, pre))
            yield WeightsDoNotFitPopulations(
                c.name, shape, wanted, c.source, c.target, pre, post
            )
        if c.pairs is not None:
            where = f"{_where(c)}: weights"
            yield from shaped(where, c.weights, (c.pairs.count,), _AS_PAIRS)
            yield from rows_are_rows(where, c.pairs)
        yield from of_size(_where(c), c.shape, post)
        yield from integers(f"{_where(c)}: weights", c.weights)


def synapses_are_of_a_known_kind(program: Program) -> Problems:
    """Require exponents and widths that engines compute with."""
    for c in program.connections:
        yield from within(f"{_where(c)}: weight exponent", c.weight_exponent, (-31, 31))
        yield from within(f"{_where(c)}: weight bits", c.weight_bits, (1, 8))
        yield from within(f"{_where(c)}: message bits", c.message_bits, (0, 32))
        yield from within(f"{_where(c)}: result bits", c.result_bits, RESULT_BITS)
        if c.delays is not None:
            where = f"{_where(c)}: delays"
            yield from shaped(where, c.delays, c.weights.shape, _AS_WEIGHTS)
            yield from integers(where, c.delays, DELAYS)


def synapses_exist_or_not(program: Program) -> Problems:
    """Require 0 or 1 for every synapse, of variables that an engine has."""
    for c in program.connections:
        known = _synapse_arrays(c, (0, 1), "wtd")
        yield from _arrays(c, "existence", c.exists.items(), known)


def first_values_name_variables(program: Program) -> Problems:
    """Require an integer for every element of tags, delay variables and traces."""
    for c in program.connections:
        if len(c.joins) != 2:
            continue
        post, pre = c.joins
        known = _synapse_arrays(c, INT32, ("tag_1", "tag_2"))
        traces = c.learning.traces if c.learning is not None else {}
        for name in ("x1", "x2", "y1", "y2", "y3"):
            side = pre if name.startswith("x") else post
            known[name] = ((side,), TRACE if name in traces else INT32)
        yield from _arrays(c, "first values", c.initial.items(), known)


_AS_WEIGHTS = "each synapse has one, (post, pre) like the weights"
_AS_PAIRS = "each pair of neurons that is listed has one"

Kinds = dict[str, tuple[tuple[int, ...], Range]]


def _synapse_arrays(c: Connection, limits: Range, names: Iterable[str]) -> Kinds:
    return dict.fromkeys(names, (c.weights.shape, limits))


def _arrays(
    c: Connection, what: str, arrays: Iterable[tuple[str, IntArray]], known: Kinds
) -> Problems:
    for name, array in arrays:
        where = f"{_where(c)}: {what} of {name}"
        if name not in known:
            wanted = f"of {', '.join(known)}"
            yield NumberIsUnusable(where, "of a variable that cannot have it", wanted)
            continue
        shape, limits = known[name]
        per_synapse = len(shape) == 2 or name.startswith("tag_")
        why = _AS_WEIGHTS if per_synapse else "each neuron of that side has one"
        yield from shaped(where, array, shape, why)
        yield from integers(where, array, limits)


def _where(connection: Connection) -> str:
    return f"connection `{connection.name}`"


def post_size(connection: Connection) -> int:
    """Give the number of post neurons that the weights are for."""
    if connection.pairs is not None:
        return connection.pairs.shape[0]
    return len(np.atleast_1d(connection.weights))


def rows_are_rows(where: str, pairs: Pairs) -> Problems:
    """Require lists of synapses that stay within the neurons and name none twice."""
    problem = wrong_rows(pairs)
    if problem is not None:
        yield NumberIsUnusable(f"{where}: pairs", problem, "rows of synapses")


def synaptic_ports(population: Population) -> list[str]:
    """List the ports of a population at which spikes may arrive."""
    neuron = population.neuron
    return [p.name for p in neuron.ports if p.kind == "synaptic"] if neuron else []


CONNECTION_CHECKS = (
    connections_join_what_there_is,
    weights_fit_what_they_join,
    synapses_are_of_a_known_kind,
    synapses_exist_or_not,
    first_values_name_variables,
)
