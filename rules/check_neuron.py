"""Check a neuron model by itself.

A model in, a list of all that is wrong out. Whether a rule finds what it reads is a
matter of check.py, what a chip can hold one of the compiler.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .check_rule import BeforeOfNoTrace
from .expr import Before, Delay, Expr, Name, Quantity, Spike, Weight, walk
from .graded import check_sent
from .neuron import SPIKE, Neuron
from .rule import Declaration
from .scope import (
    UnknownName,
    check_choice,
    check_declared,
    check_modulators,
    check_names,
    check_params,
    check_range,
    check_time,
    constant,
)


@dataclass(frozen=True)
class SpikeIsMissing(Diagnostic):
    """A reset or a spike trace waits for a spike that never comes.

    Without a spike condition the reset would never happen, and a trace of own
    spikes would stay 0. One of the two is a mistake.
    """

    code = "R143"
    title = "`{owner}` never spikes, but {what} waits for a spike"
    note = "a neuron model without a spike condition is allowed: it only integrates"
    help = "add a line such as `spike = v > threshold`, or leave out {what}"

    owner: str
    what: str


@dataclass(frozen=True)
class NotInANeuron(Diagnostic):
    """A neuron model speaks of a synapse; it sees its own states and inputs only.

    Weights, traces and the spikes of one synapse are known to rules. What arrives
    at a neuron is summed over all its synapses by a port.
    """

    code = "R145"
    title = "`{expression}` means nothing in the neuron model `{owner}`"
    note = "w, delay, pre, post and post.<quantity> belong to rules"
    help = "use the model's own states by their names"

    owner: str
    expression: str


@dataclass(frozen=True)
class AlgebraicLoop(Diagnostic):
    """Outputs or events of a neuron need each other's value of the same step.

    No order of computing them exists. States cannot make such a loop: a drive reads the
    states above it as of this step, and all others, its own included, as of the step
    before (docs/semantics.md section 2).
    """

    code = "R159"
    title = "`{name}` of `{owner}` needs its own value: {loop}"
    note = "an Output or Event is computed from the states, once in a step"
    help = "keep one of them in a state: `{state} = State(leak=0)`, `d{state} = ...`"

    owner: str
    name: str
    loop: str
    state: str
    names: tuple[str, ...] = ()


def check_neuron(neuron: Neuron) -> list[Diagnostic]:
    """Check everything that needs no chip."""
    inputs = (*neuron.params, *neuron.ports, *neuron.modulators)
    inner = (*neuron.noises, *neuron.states, *neuron.traces)
    sampled = [d.name for d in (*inputs, *inner)]
    readable = [*sampled, *(e.name for e in neuron.events)]
    found = [
        *check_declared(neuron.name, _declared(neuron)),
        *check_params(neuron.name, neuron.params),
        *check_modulators(neuron.name, neuron.modulators),
        *_check_noises(neuron),
        *_check_states(neuron),
        *_check_spiking(neuron),
    ]
    for trace in neuron.traces:
        found += check_time(neuron.name, "tau", trace, trace.tau, neuron.param_values)
    for output in neuron.outputs:
        what = f"the bounds of output `{output.name}`"
        found += check_range(neuron.name, what, output.low, output.high, output.span)
    found += check_sent(neuron.name, neuron.send)
    for expr in _dynamic(neuron):
        found += check_names(neuron.name, expr, [*readable, "dt"])
        found += _check_neuron_symbols(neuron, expr)
    for condition in _conditions(neuron):
        found += check_names(neuron.name, condition, [*sampled, "dt"])
        found += _check_neuron_symbols(neuron, condition)
    loops = list(_check_loops(neuron))
    # A name in a loop is declared, but cannot be read there: said once is enough.
    said = {name for loop in loops for name in loop.names}
    found = [d for d in found if not (isinstance(d, UnknownName) and d.name in said)]
    return [*found, *loops]


def _declared(neuron: Neuron) -> list[Declaration]:
    """Give all that has a name, the values before reset included."""
    before = [
        Declaration(f"{s.name}_pre_reset", span=s.span)
        for s in neuron.states
        if s.reset is not None
    ]
    inputs = (*neuron.params, *neuron.ports, *neuron.modulators)
    states = (*neuron.noises, *neuron.states, *before, *neuron.events)
    return [*inputs, *states, *neuron.traces, *neuron.outputs]


def _check_noises(neuron: Neuron) -> Iterator[Diagnostic]:
    for noise in neuron.noises:
        what = f"the bounds of noise `{noise.name}`"
        yield from check_range(neuron.name, what, noise.low, noise.high, noise.span)


def _check_loops(neuron: Neuron) -> Iterator[AlgebraicLoop]:
    """Find the outputs and events that depend on themselves, each once."""
    exprs = {o.name: o.expr for o in neuron.outputs}
    exprs |= {e.name: e.condition for e in neuron.events}
    reads = {
        name: {n.name for n in walk(expr) if isinstance(n, Name)} & exprs.keys()
        for name, expr in exprs.items()
    }
    said: set[str] = set()
    for name in exprs:
        way = _way_back(name, reads)
        if way and name not in said:
            said |= set(way)
            loop = " needs ".join(f"`{n}`" for n in (name, *way))
            facts = (neuron.name, name, loop, f"{way[0]}_before", way)
            yield AlgebraicLoop(*facts, span=exprs[name].span)


def _way_back(start: str, reads: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Give the names on the shortest way from a name to itself, if there is one."""
    ways: list[tuple[str, ...]] = [(name,) for name in sorted(reads[start])]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        if way[-1] == start:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [(*way, name) for name in sorted(reads[way[-1]])]
    return ()


def _dynamic(neuron: Neuron) -> Iterator[Expr]:
    """Give what is computed in every step, and may read the events of the step."""
    yield from (s.drive for s in neuron.states)
    yield from (s.reset for s in neuron.states if s.reset is not None)
    yield from (o.expr for o in neuron.outputs)
    if neuron.send is not None:
        yield neuron.send.expr


def _conditions(neuron: Neuron) -> Iterator[Expr]:
    """Give what is evaluated before any event of the step is known."""
    if neuron.spike is not None:
        yield neuron.spike
    yield from (e.condition for e in neuron.events)


def _check_states(neuron: Neuron) -> Iterator[Diagnostic]:
    values = neuron.param_values
    for state in neuron.states:
        if state.leak is not None:
            yield from check_time(neuron.name, "leak", state, state.leak, values)
        if state.initial is not None:
            wrong: list[Diagnostic] = []
            constant(state.initial, values, wrong)
            yield from wrong


def _check_spiking(neuron: Neuron) -> Iterator[Diagnostic]:
    choices = (SPIKE, *(e.name for e in neuron.events))
    for trace in neuron.traces:
        what = f"the source of trace `{trace.name}`"
        yield from check_choice(what, trace.source, choices, trace.span)
    if neuron.spike is not None:
        return
    for state in neuron.states:
        if state.reset is not None:
            what = f"the reset of `{state.name}`"
            yield SpikeIsMissing(neuron.name, what, span=state.span)
    for trace in (t for t in neuron.traces if t.source == SPIKE):
        what = f"the trace `{trace.name}`"
        yield SpikeIsMissing(neuron.name, what, span=trace.span)


def _check_neuron_symbols(neuron: Neuron, expr: Expr) -> Iterator[Diagnostic]:
    for node in walk(expr):
        if isinstance(node, (Spike, Weight, Delay, Quantity)):
            yield NotInANeuron(neuron.name, node._shown(), span=node.span)
        if isinstance(node, Before):
            yield BeforeOfNoTrace(neuron.name, node.trace, "none", span=node.span)
