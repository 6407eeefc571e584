"""Let the neurons of a group differ in their parameters.

A neuron model and an array for a parameter in; out comes a model in which that
parameter is a state that nothing drives, and the first values that the group gives it.
So every backend knows it already, and rules, text form and NIR record carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from .evaluate import evaluate
from .expr import Binary, Const, Expr, Name, transform, walk
from .network import FloatArray
from .neuron import Neuron, StateDecl
from .rule import ParamDecl


@dataclass(frozen=True)
class MustBeAlike(Diagnostic):
    """A parameter is the same for all neurons of a group where it sets what is fixed.

    Leaks, resets, first values, drives and thresholds may differ from neuron to
    neuron; the time constant of a trace of own spikes may not.
    """

    code = "N722"
    title = "the neurons of `{neuron}` differ in `{parameter}`, which sets {what}"
    note = "it runs from {low:g} to {high:g}"
    help = "split the group into one for each value"

    neuron: str
    parameter: str
    what: str
    low: float
    high: float


@dataclass(frozen=True)
class DifferingNeurons:
    """A model whose neurons may differ, and the arrays in which they do."""

    neuron: Neuron
    initial: dict[str, FloatArray]


def is_constant_state(state: StateDecl) -> bool:
    """Tell whether a state keeps its first value for ever: a number of each neuron."""
    return state.drive == Const(0.0) and state.leak is None and state.reset is None


def with_per_neuron(
    neuron: Neuron, values: Mapping[str, FloatArray], dt_seconds: float
) -> DifferingNeurons:
    """Give parameters a value for each neuron.

    A parameter that is equal for all stays a parameter. A leak that differs becomes a
    factor: ``v <- v_keep * v + drive`` with ``v_keep = 1 - dt/leak``.

    Raises
    ------
    LaharError
        R105 for a name that the model does not declare, N722.

    """
    same = {n: float(v.flat[0]) for n, v in values.items() if np.all(v == v.flat[0])}
    neuron = neuron.with_params(**{n: float(v.flat[0]) for n, v in values.items()})
    differing = {n: np.asarray(v) for n, v in values.items() if n not in same}
    if not differing:
        return DifferingNeurons(neuron, {})
    problems = list(_fixed_parts(neuron, differing))
    if problems:
        raise LaharError(problems)
    return _differing(neuron, differing, dt_seconds)


def _differing(
    neuron: Neuron, values: Mapping[str, FloatArray], dt_seconds: float
) -> DifferingNeurons:
    params = neuron.param_values
    constants: dict[str, FloatArray] = {}
    initial: dict[str, FloatArray] = {}
    states = []
    for state in neuron.states:
        if state.leak is not None and _reads(state.leak, values):
            leaks = evaluated(state.leak, params, values)
            name = _unused(neuron, f"{state.name}_keep", constants)
            constants[name] = np.where(leaks > 0, 1.0 - dt_seconds / leaks, 0.0)
            kept = Binary("*", Name(name), Name(state.name))
            drive = Binary("+", kept, state.drive)
            state = replace(state, leak=Const(0.0), drive=drive)
        if state.initial is not None and _reads(state.initial, values):
            initial[state.name] = evaluated(state.initial, params, values)
            state = replace(state, initial=None)
        states.append(state)
    moved = replace(neuron, states=tuple(states))
    still_read = {n for expr in _expressions(moved) for n in _names(expr)}
    constants |= {n: v for n, v in values.items() if n in still_read}
    kept_params = tuple(p for p in neuron.params if p.name not in values)
    decls = tuple(StateDecl(n, Const(0.0)) for n in constants)
    model = replace(moved, params=kept_params, states=(*decls, *moved.states))
    return DifferingNeurons(model, {**constants, **initial})


def _fixed_parts(
    neuron: Neuron, values: Mapping[str, FloatArray]
) -> Iterator[Diagnostic]:
    for trace in neuron.traces:
        for name in sorted(_names(trace.tau) & values.keys()):
            low, high = float(values[name].min()), float(values[name].max())
            what = f"the time constant of `{trace.name}`"
            yield MustBeAlike(neuron.name, name, what, low, high)


def evaluated(
    expr: Expr, params: Mapping[str, float], values: Mapping[str, FloatArray]
) -> FloatArray:
    """Evaluate a constant expression for each neuron, once for each set of values."""
    names = [n for n in values if n in _names(expr)]
    rows = np.stack([values[n] for n in names], axis=1)
    unique, which = np.unique(rows, axis=0, return_inverse=True)
    found = [
        evaluate(expr, {**params, **dict(zip(names, row.tolist(), strict=True))})
        for row in unique
    ]
    values_found: FloatArray = np.asarray(found, np.float64)[which.reshape(-1)]
    return values_found


# --- a constant input beside what arrives --------------------------------------------


@dataclass(frozen=True)
class BiasedNeuron:
    """A model with a parameter that adds to what its port receives."""

    neuron: Neuron
    parameter: str


def with_bias(neuron: Neuron, port: str) -> BiasedNeuron:
    """Find the parameter that is added to a port, or declare one.

    1. ``dv = current + bias``  ->  the same, with ``bias``
    2. ``du = current``         ->  ``du = current + current_bias``
    """
    found = [name for name in _added_to(neuron, port) if _is_read_once(neuron, name)]
    if found and _is_read_once(neuron, port):
        return BiasedNeuron(neuron, found[0])
    name = _unused(neuron, f"{port}_bias", ())
    total = Binary("+", Name(port), Name(name))
    changed = with_expressions(neuron, {port: total})
    params = (*neuron.params, ParamDecl(name, 0.0))
    return BiasedNeuron(replace(changed, params=params), name)


def _added_to(neuron: Neuron, port: str) -> Iterator[str]:
    params = {p.name for p in neuron.params}
    for state in neuron.states:
        match state.drive:
            case Binary(operator="+", left=Name(name=a), right=Name(name=b)):
                pair = {a, b}
                if port in pair:
                    yield from (pair - {port}) & params


def _is_read_once(neuron: Neuron, name: str) -> bool:
    reads = [
        node
        for expr in _expressions(neuron)
        for node in walk(expr)
        if isinstance(node, Name) and node.name == name
    ]
    return len(reads) == 1


def with_expressions(neuron: Neuron, table: Mapping[str, Expr]) -> Neuron:
    """Put expressions in the place of names, in all that is computed in a step."""

    def put(node: Expr) -> Expr:
        is_one = isinstance(node, Name) and node.name in table
        return table[node.name] if is_one else node  # type: ignore[attr-defined]

    def of(expr: Expr) -> Expr:
        return transform(expr, put)

    send = neuron.send
    return replace(
        neuron,
        states=tuple(replace(s, drive=of(s.drive)) for s in neuron.states),
        spike=None if neuron.spike is None else of(neuron.spike),
        events=tuple(replace(e, condition=of(e.condition)) for e in neuron.events),
        outputs=tuple(replace(o, expr=of(o.expr)) for o in neuron.outputs),
        send=None if send is None else replace(send, expr=of(send.expr)),
    )


# --- names ------------------------------------------------------------------------


def _expressions(neuron: Neuron) -> Iterator[Expr]:
    for state in neuron.states:
        parts: Sequence[Expr | None] = (state.drive, state.leak, state.reset)
        yield from (part for part in (*parts, state.initial) if part is not None)
    if neuron.spike is not None:
        yield neuron.spike
    yield from (e.condition for e in neuron.events)
    yield from (t.tau for t in neuron.traces)
    yield from (o.expr for o in neuron.outputs)
    if neuron.send is not None:
        yield neuron.send.expr


def _names(expr: Expr) -> set[str]:
    return {node.name for node in walk(expr) if isinstance(node, Name)}


def _reads(expr: Expr, names: Iterable[str]) -> bool:
    return not _names(expr).isdisjoint(names)


def _unused(neuron: Neuron, name: str, also: Iterable[str]) -> str:
    declared = (
        *(*neuron.params, *neuron.ports, *neuron.modulators, *neuron.noises),
        *(*neuron.states, *neuron.events, *neuron.traces, *neuron.outputs),
    )
    taken = {d.name for d in declared} | {*also}
    while name in taken:
        name += "_"
    return name
