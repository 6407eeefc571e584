"""The neurons of one group in float64: docs/semantics.md sections 1 and 2.

A group in, its model wired once into calls on arrays that stay; each step takes what
arrives at the ports and the modulators, and leaves spikes and every quantity that rules
or users read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..rules.evaluate import evaluate
from ..rules.expr import Expr
from ..rules.network import Group
from ..rules.neuron import SPIKE, Neuron, StateDecl
from .reference_calls import Array
from .reference_expressions import Floats, Values
from .reference_line import StraightLine


class ReferenceGroup:
    """The values of a group's neurons; an input has only what it sends.

    values
        Every quantity, port, modulator and noise of the model, in arrays (size,) that
        stay the same ones. What else arrives at a port is added there.
    sent
        What travels: spikes, or values where the group sends graded spikes.
    sent_at_all
        What a rule hears as ``pre``: 1 where anything was sent.
    spikes
        What a rule hears as ``post``.
    """

    def __init__(self, group: Group, dt_seconds: float) -> None:
        self.size = group.size
        self.graded = group.graded
        self.latency = group.latency
        self.spikes: Floats = np.zeros(group.size)
        self.sent = self.sent_at_all = self.spikes
        self.values: Values = {}
        self._line: StraightLine | None = None
        if group.neuron is not None:
            self.values = first_values(group, group.neuron)
            self._line = self._wired(group.neuron, dt_seconds)

    def step(self, signals: Mapping[str, Floats], t: int) -> None:
        """Section 1, event 2; ``signals`` are ports and modulators by name."""
        assert self._line is not None, "an input's spikes come from the stimulus"
        for name, value in signals.items():
            self.values[name][...] = value
        if t <= self.latency:
            return  # everything keeps its first value, and nothing is sent
        self._line.run()

    def present(self, given: Floats) -> None:
        """Let an input send what the stimulus gives, within its bounds."""
        self.sent = given if self.graded is None else np.clip(given, *self.graded)
        self.sent_at_all = (self.sent != 0).astype(np.float64)
        self.spikes = self.sent_at_all

    def _wired(self, neuron: Neuron, dt_seconds: float) -> StraightLine:
        wiring = _Wiring(neuron, self.values, self.size, dt_seconds)
        wiring.states()
        wiring.spikes(self.spikes)
        wiring.events()
        wiring.resets()
        wiring.traces(self.spikes)
        wiring.outputs()
        if neuron.send is not None:
            self.sent, self.sent_at_all = np.zeros(self.size), np.zeros(self.size)
            wiring.sends(self.sent, self.sent_at_all)
            if neuron.spike is None:
                self.spikes = self.sent_at_all
        return wiring.line


class _Wiring:
    """The parts of a step, in the order in which they are called."""

    def __init__(
        self, neuron: Neuron, values: Values, size: int, dt_seconds: float
    ) -> None:
        self.neuron = neuron
        self.values = values
        self.dt_seconds = dt_seconds
        self.params = neuron.values_at(dt_seconds)
        self.line = StraightLine(values, self.params)
        self._spiked: Array = np.zeros(size, np.bool_)
        self._is_sent: Array = np.zeros(size, np.bool_)

    def states(self) -> None:
        """Let states follow their drives, in order: later drives see new values."""
        for state in self.neuron.states:
            value = self.values[state.name]
            kept = _kept(state, self.params, self.dt_seconds)
            if not kept:
                self.line.number(state.drive, value)
                continue
            drive = self.line.number(state.drive)
            if kept != 1.0:
                self.line.add(np.multiply, value, np.array(kept), value)
            self.line.add(np.add, value, drive, value)
            self.line.release(drive)

    def spikes(self, spikes: Floats) -> None:
        """Evaluate the spike condition, after all states."""
        if self.neuron.spike is None:
            return
        truth = self.line.condition(self.neuron.spike)
        self.line.add(np.copyto, self._spiked, truth)
        self.line.add(np.copyto, spikes, truth)
        self.line.release(truth)

    def events(self) -> None:
        """Evaluate the conditions of events, all before one of them is written."""
        found = [(e.name, self.line.condition(e.condition)) for e in self.neuron.events]
        for name, truth in found:
            self.line.add(np.copyto, self.values[name], truth)
            self.line.release(truth)

    def resets(self) -> None:
        """Reset neurons that spiked; the value before is kept beside it."""
        found = [
            (s.name, self._reset_value(s.reset))
            for s in self.neuron.states
            if s.reset is not None
        ]
        for name, value in found:
            now = self.values[name]
            self.line.add(np.copyto, self.values[f"{name}_pre_reset"], now)
            self.line.choose(self._spiked, value, now)
            self.line.release(value)

    def _reset_value(self, reset: Expr) -> Floats:
        """Keep what it is before any state is reset."""
        value = self.line.number(reset)
        if not any(value is own for own in self.values.values()):
            return value
        before: Floats = np.zeros(value.shape)
        self.line.add(np.copyto, before, value)
        return before

    def traces(self, spikes: Floats) -> None:
        """Let the traces of own events decay and add this step's."""
        for trace in self.neuron.traces:
            value = self.values[trace.name]
            tau = evaluate(trace.tau, self.params)
            followed = spikes if trace.source == SPIKE else self.values[trace.source]
            decay = np.array(math.exp(-self.dt_seconds / tau))
            self.line.add(np.multiply, value, decay, value)
            self.line.add(np.add, value, followed, value)

    def outputs(self) -> None:
        """Compute the outputs, after resets and traces."""
        for output in self.neuron.outputs:
            value = self.values[output.name]
            self._bounded(output.expr, output.low, output.high, value)

    def sends(self, sent: Floats, sent_at_all: Floats) -> None:
        """Compute what is sent in the place of spikes."""
        send = self.neuron.send
        assert send is not None
        self._bounded(send.expr, send.low, send.high, sent)
        self.line.add(np.not_equal, sent, np.array(0.0), self._is_sent)
        self.line.add(np.copyto, sent_at_all, self._is_sent)

    def _bounded(self, expr: Expr, low: float, high: float, into: Floats) -> None:
        value = self.line.number(expr)
        self.line.add(np.maximum, value, np.array(low), into)
        self.line.add(np.minimum, into, np.array(high), into)
        self.line.release(value)


def first_values(group: Group, neuron: Neuron) -> Values:
    """Give an array for every name: what is stated for it, else 0."""
    signals = (*neuron.ports, *neuron.modulators, *neuron.noises)
    names = (*neuron.quantities, *(s.name for s in signals))
    zeros = {name: np.zeros(group.size) for name in names}
    return {**zeros, **stated_values(group, neuron)}


def stated_values(group: Group, neuron: Neuron) -> Values:
    """Give what states start from by the group's own values, else the model's."""
    params = neuron.param_values
    models = {
        s.name: np.full(group.size, evaluate(s.initial, params))
        for s in neuron.states
        if s.initial is not None
    }
    own = {n: np.array(v, np.float64) for n, v in group.initial.items()}
    return {**models, **own}


def _kept(state: StateDecl, params: Mapping[str, float], dt_seconds: float) -> float:
    if state.leak is None:
        return 1.0
    tau = evaluate(state.leak, params)
    return 1.0 - dt_seconds / tau if tau > 0 else 0.0
