"""The neurons of one group in float64: docs/semantics.md sections 1 and 2.

A Neuron in, its expressions compiled once; each step takes what arrives at the ports
and the modulators, and leaves spikes and every quantity that rules or users read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..rules.evaluate import evaluate
from ..rules.network import Group
from ..rules.neuron import SPIKE, Neuron, StateDecl
from .reference_expressions import Compiled, Floats, Values, compile_expr


@dataclass(frozen=True)
class StateUpdate:
    """A state's drive, the share it keeps in a step, and its reset."""

    name: str
    drive: Compiled
    kept: float
    reset: Compiled | None


@dataclass(frozen=True)
class OutputUpdate:
    """A graded output, clipped to its declared bounds."""

    name: str
    expr: Compiled
    low: float
    high: float

    def value(self, values: Values, size: int) -> Floats:
        """Give the value of each neuron."""
        value = np.maximum(self.expr(values), self.low)
        return _full(np.minimum(value, self.high), size)


class ReferenceGroup:
    """The values of a group's neurons; an input has only what it sends.

    ``sent`` is what travels: spikes, or values where the group sends graded spikes.
    """

    def __init__(self, group: Group, dt_seconds: float) -> None:
        self.name = group.name
        self.size = group.size
        self.spikes: Floats = np.zeros(group.size)
        self.sent: Floats = self.spikes
        self.graded = group.graded
        self.latency = group.latency
        self.values: Values = {}
        self.model = None
        if group.neuron is not None:
            self.model = ReferenceNeuron(group.neuron, dt_seconds)
            self.values = {q: np.zeros(group.size) for q in group.neuron.quantities}
            self.values.update(first_values(group, group.neuron))

    def step(self, signals: Mapping[str, Floats], t: int) -> None:
        """Section 1, event 2; ``signals`` are ports and modulators by name."""
        assert self.model is not None, "an input's spikes come from the stimulus"
        self.values.update(signals)
        if t <= self.latency:
            return  # everything keeps its first value, and nothing is sent
        self.model.update_states(self.values, self.size)
        self.spikes = self.model.spike(self.values, self.size)
        self.model.raise_events(self.values, self.size)
        self.model.reset(self.values, self.spikes)
        self.model.update_traces(self.values, self.spikes)
        self.model.send(self.values, self.size)
        self._send(self.model)

    def present(self, given: Floats) -> None:
        """Let an input send what the stimulus gives, within its bounds."""
        self.sent = given if self.graded is None else np.clip(given, *self.graded)
        self.spikes = self.sent_at_all

    @property
    def sent_at_all(self) -> Floats:
        """What a rule hears as ``pre``: 1 where anything was sent."""
        heard: Floats = (self.sent != 0).astype(np.float64)
        return heard

    def _send(self, model: ReferenceNeuron) -> None:
        if model.sent is None:
            self.sent = self.spikes
            return
        self.sent = model.sent.value(self.values, self.size)
        if model.condition is None:
            self.spikes = self.sent_at_all


class ReferenceNeuron:
    """A neuron model with its expressions compiled."""

    def __init__(self, neuron: Neuron, dt_seconds: float) -> None:
        params = neuron.values_at(dt_seconds)
        self.states = [_state_update(s, params, dt_seconds) for s in neuron.states]
        self.condition = (
            None if neuron.spike is None else compile_expr(neuron.spike, params)
        )
        self.events = [
            (e.name, compile_expr(e.condition, params)) for e in neuron.events
        ]
        self.traces = [
            (t.name, t.source, math.exp(-dt_seconds / evaluate(t.tau, params)))
            for t in neuron.traces
        ]
        self.outputs = [
            OutputUpdate(o.name, compile_expr(o.expr, params), o.low, o.high)
            for o in neuron.outputs
        ]
        self.sent = None
        if neuron.send is not None:
            expr, low, high = neuron.send.expr, neuron.send.low, neuron.send.high
            self.sent = OutputUpdate("send", compile_expr(expr, params), low, high)

    def update_states(self, values: Values, size: int) -> None:
        """Let states follow their drives, in order: later drives see new values."""
        for state in self.states:
            value = state.drive(values)
            if state.kept:
                value = values[state.name] * state.kept + value
            values[state.name] = _full(value, size)

    def spike(self, values: Values, size: int) -> Floats:
        """Evaluate the spike condition, after all states."""
        if self.condition is None:
            return np.zeros(size)
        return _full((self.condition(values) != 0).astype(np.float64), size)

    def raise_events(self, values: Values, size: int) -> None:
        """Evaluate the conditions of events, all before one of them is written."""
        found = [(name, condition(values) != 0) for name, condition in self.events]
        for name, holds in found:
            values[name] = _full(np.asarray(holds, np.float64), size)

    def reset(self, values: Values, spikes: Floats) -> None:
        """Reset neurons that spiked; the value before is kept beside it."""
        spiked = spikes != 0
        resetting = [(s.name, s.reset) for s in self.states if s.reset is not None]
        found = {name: reset(values) for name, reset in resetting}
        for name, value in found.items():
            before = values[name]
            values[f"{name}_pre_reset"] = before
            values[name] = np.where(spiked, value, before)

    def update_traces(self, values: Values, spikes: Floats) -> None:
        """Let the traces of own events decay and add this step's."""
        for name, source, decay in self.traces:
            followed = spikes if source == SPIKE else values[source]
            values[name] = values[name] * decay + followed

    def send(self, values: Values, size: int) -> None:
        """Compute the outputs, after resets and traces."""
        for output in self.outputs:
            values[output.name] = output.value(values, size)


def first_values(group: Group, neuron: Neuron) -> Values:
    """Give what states start from: the group's own values, else the model's."""
    params = neuron.param_values
    own = {
        s.name: np.full(group.size, evaluate(s.initial, params))
        for s in neuron.states
        if s.initial is not None
    }
    return {**own, **{name: v.copy() for name, v in group.initial.items()}}


def _state_update(
    state: StateDecl, params: Mapping[str, float], dt_seconds: float
) -> StateUpdate:
    return StateUpdate(
        state.name,
        compile_expr(state.drive, params),
        _kept(state, params, dt_seconds),
        None if state.reset is None else compile_expr(state.reset, params),
    )


def _kept(state: StateDecl, params: Mapping[str, float], dt_seconds: float) -> float:
    if state.leak is None:
        return 1.0
    tau = evaluate(state.leak, params)
    return 1.0 - dt_seconds / tau if tau > 0 else 0.0


def _full(value: Floats, size: int) -> Floats:
    """Give one value for each neuron, also where all have the same."""
    return value if np.shape(value) == (size,) else np.full(size, value)
