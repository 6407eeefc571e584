"""Numbers that differ from neuron to neuron, and neurons that start late.

In: a group. Out: the states that keep what the group gives each neuron, how finely a
register can hold them, and whether its neurons have to wait for their first step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from ..diagnostics import LaharError
from ..rules.evaluate import evaluate
from ..rules.expr import Binary, Expr, Name, walk
from ..rules.network import FloatArray, Group
from ..rules.neuron import Neuron
from ..rules.per_neuron import is_constant_state
from .intervals import Interval
from .leaks import leak_of
from .neuron_registers import STATE_BITS

STATE_MAX = 2**STATE_BITS - 1


def constants_of(group: Group) -> dict[str, FloatArray]:
    """Give the states that nothing ever changes, a value for each neuron."""
    if group.neuron is None:
        return {}
    params = group.neuron.param_values
    found = {}
    for state in group.neuron.states:
        if is_constant_state(state):
            first = 0.0 if state.initial is None else evaluate(state.initial, params)
            own = np.full(group.size, first)
            found[state.name] = np.asarray(group.initial.get(state.name, own))
    return found


def constant_scale(neuron: Neuron, name: str, bounds: Interval, unit: float) -> float:
    """Choose how a register holds a constant: with all the bits that it has.

    What is added or compared gets the unit of the other states times a power of two;
    what is multiplied a power of two, so that the product needs a shift alone.
    """
    largest = max(abs(bound) for bound in bounds)
    base = 1.0 if any(_multiplies(e, name) for e in _dynamic(neuron)) else unit
    if largest == 0.0:
        return base
    return base * 2.0 ** math.floor(math.log2(STATE_MAX / (largest * base)))


def _dynamic(neuron: Neuron) -> Iterator[Expr]:
    for state in neuron.states:
        yield state.drive
    for expr in (neuron.spike, *(o.expr for o in neuron.outputs)):
        if expr is not None:
            yield expr


def _multiplies(expr: Expr, name: str) -> bool:
    return any(
        isinstance(node, Binary)
        and node.operator in ("*", "/")
        and Name(name) in (node.left, node.right)
        for node in walk(expr)
    )


# --- a late start -----------------------------------------------------------------


def must_wait(group: Group, dt_seconds: float) -> bool:
    """Tell whether neurons that wait for their latency differ from those that do not.

    Where nothing arrives before, and nothing moves while nothing arrives, they do not.
    """
    neuron = group.neuron
    if neuron is None or not group.latency:
        return False
    if neuron.modulators or neuron.noises:
        return True
    names = list(group.initial)
    if not names:
        return not _rests(neuron, {}, dt_seconds)
    rows = np.unique(np.stack([group.initial[n] for n in names], axis=1), axis=0)
    return not all(
        _rests(neuron, dict(zip(names, row.tolist(), strict=True)), dt_seconds)
        for row in rows
    )


def _rests(neuron: Neuron, first: Mapping[str, float], dt_seconds: float) -> bool:
    values = neuron.values_at(dt_seconds)
    names = {**dict.fromkeys(_moving(neuron), 0.0), **values}
    for state in neuron.states:
        own = 0.0 if state.initial is None else evaluate(state.initial, values)
        names[state.name] = first.get(state.name, own)
    checks = [s.drive for s in neuron.states if s.leak is None]
    checks += [e.condition for e in neuron.events]
    checks += [] if neuron.spike is None else [neuron.spike]
    checks += [] if neuron.send is None else [neuron.send.expr]
    try:
        if any(evaluate(expr, names) != 0.0 for expr in checks):
            return False
        for state in neuron.states:
            if (leak := leak_of(state, neuron)) is not None:
                kept = 1.0 - dt_seconds / leak if leak else 0.0
                now = names[state.name]
                if now * kept + evaluate(state.drive, names) != now:
                    return False
    except LaharError:
        return False
    return True


def _moving(neuron: Neuron) -> Iterator[str]:
    for declared in (*neuron.ports, *neuron.events, *neuron.traces):
        yield declared.name
