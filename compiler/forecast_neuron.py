"""Rehearse post neurons in float64: spikes and quantities that a rule reads.

In: a neuron model with what arrives at its ports. Out: its spikes, and every state,
trace and output in every step. Inputs are Poisson, through the weights as they stand
before learning; docs/semantics.md section 2 says what a neuron does with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..rules.evaluate import evaluate
from ..rules.expr import Expr, Name
from ..rules.network import Projection
from ..rules.neuron import SPIKE, Neuron, StateDecl
from .array_expressions import Floats, Stepwise, over_steps, reader
from .constants import with_numbers
from .draft import Draft
from .forecast_bits import Bits, Shape, Truths
from .onto_neurons import first_rows

MOST_SOURCES = 2000
"""More sources than this add up to a normal current."""
MOST_DRAWS = 4_000_000


# --- what arrives -----------------------------------------------------------------


def arrivals(draft: Draft, group: str, bits: Bits, shape: Shape) -> dict[Expr, Floats]:
    """Draw what arrives at every port of a group, for a sample of its neurons."""
    neuron = draft.network.group(group).neuron
    assert neuron is not None  # an input has no ports
    found: dict[Expr, Floats] = {Name(p.name): np.zeros(shape) for p in neuron.ports}
    for projection in draft.network.projections:
        if projection.target == group:
            current = _current(projection, draft.rate_per_step, bits, shape)
            port = Name(projection.port)
            found[port] = found[port] + current
    return found


def _current(projection: Projection, rate: float, bits: Bits, shape: Shape) -> Floats:
    """Add up the weights of the sources that spike."""
    steps, neurons = shape
    weights = first_rows(projection, neurons)
    rule = projection.rule
    if rule is not None and rule.polarity == "inhibitory":
        weights = -weights
    post, pre = weights.shape
    if pre > MOST_SOURCES:
        mean, square = rate * weights.sum(axis=1), (weights**2).sum(axis=1)
        spread = np.sqrt(rate * (1.0 - rate) * square)
        columns = np.arange(neurons) % post
        return np.asarray(mean[columns] + spread[columns] * bits.normal(shape))
    wanted, possible = -(-neurons // post), MOST_DRAWS // (steps * pre)
    blocks = [
        bits.spikes(rate, (steps, pre)) @ weights.T
        for _ in range(max(1, min(wanted, possible)))
    ]
    return _spread_over(np.concatenate(blocks, axis=1), neurons)


def _spread_over(currents: Floats, neurons: int) -> Floats:
    """Use currents again, begun elsewhere, where there are fewer than neurons."""
    steps, drawn = currents.shape
    column = np.arange(neurons)
    begin = column // drawn * (steps * 5 // 13)
    moments = (np.arange(steps)[:, None] + begin) % steps
    return np.asarray(currents[moments, column % drawn])


# --- what the neuron makes of it --------------------------------------------------


@dataclass(frozen=True)
class _State:
    name: Name
    before_reset: Name
    kept: float
    drive: Stepwise
    reset: Stepwise | None


def rehearse(
    neuron: Neuron,
    signals: Mapping[Expr, Floats],
    shape: Shape,
    dt_seconds: float,
    constants: Mapping[str, Floats],
) -> tuple[Truths, dict[Expr, Floats]]:
    """Run the model on its ports and modulators; give spikes and all quantities.

    ``constants`` are states that keep what the group gives each of its neurons.
    """
    params = neuron.values_at(dt_seconds)
    states = [_state(s, neuron, signals, dt_seconds) for s in neuron.states]
    kept = [
        (Name(t.name), t.source, math.exp(-dt_seconds / evaluate(t.tau, params)))
        for t in neuron.traces
    ]
    events = {
        Name(e.name): reader(over_steps(with_numbers(e.condition, params), signals))
        for e in neuron.events
    }
    outputs = {o.name for o in neuron.outputs}
    names = [Name(q) for q in neuron.quantities if q not in outputs]
    now: dict[Expr, Floats] = {name: np.zeros(shape[1]) for name in names}
    now |= {Name(n): np.resize(v, shape[1]) for n, v in constants.items()}
    rows: dict[Expr, Floats] = {name: np.zeros(shape) for name in names}
    spikes = np.zeros(shape, np.bool_)
    condition = (
        None
        if neuron.spike is None
        else reader(over_steps(with_numbers(neuron.spike, params), signals))
    )
    for step in range(shape[0]):
        for state in states:
            change = state.drive(step, now)
            now[state.name] = now[state.name] * state.kept + change
        if condition is not None:
            spikes[step] = condition(step, now) != 0
        raised = {event: holds(step, now) != 0 for event, holds in events.items()}
        now.update({event: holds * 1.0 for event, holds in raised.items()})
        resets = [(s, s.reset(step, now)) for s in states if s.reset is not None]
        for state, value in resets:
            before = now[state.before_reset] = now[state.name]
            now[state.name] = np.where(spikes[step], value, before)
        for trace, source, share in kept:
            followed = spikes[step] if source == SPIKE else now[Name(source)]
            now[trace] = now[trace] * share + followed
        for name, row in rows.items():
            row[step] = now[name]
    return spikes, rows


def _state(
    state: StateDecl, neuron: Neuron, signals: Mapping[Expr, Floats], dt_seconds: float
) -> _State:
    params = neuron.values_at(dt_seconds)
    kept = 1.0
    if state.leak is not None:
        tau = evaluate(state.leak, params)
        kept = 1.0 - dt_seconds / tau if tau > 0 else 0.0

    def stepwise(expr: Expr) -> Stepwise:
        return reader(over_steps(with_numbers(expr, params), signals))

    return _State(
        Name(state.name),
        Name(f"{state.name}_pre_reset"),
        kept,
        stepwise(state.drive),
        None if state.reset is None else stepwise(state.reset),
    )
