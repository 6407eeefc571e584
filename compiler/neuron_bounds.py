"""Bounds of what a neuron's expressions can be, from what the model itself says.

In: a neuron model and the length of a step. Out: an interval for each expression; one
end is infinite where neither a clip nor a declared range bounds it. A function that is
looked up in a table needs the range of its argument.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..rules.evaluate import evaluate
from ..rules.expr import Expr, Name
from ..rules.neuron import Neuron, StateDecl
from .constants import with_numbers
from .intervals import Interval, interval
from .leaks import leak_of

ANYTHING: Interval = (-math.inf, math.inf)


@dataclass
class NeuronBounds:
    """Bounds the expressions of one model; each symbol is worked out once.

    ``first`` bounds the first values of states that a group gives neuron by neuron.
    """

    neuron: Neuron
    dt_seconds: float
    first: Mapping[str, Interval] = field(default_factory=dict)
    known: dict[str, Interval] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = self.neuron.values_at(self.dt_seconds)
        self.known.update(self._declared())

    def of(self, expr: Expr) -> Interval:
        """Bound an expression of the model."""
        return interval(with_numbers(expr, self.values), self._leaf)

    def _declared(self) -> Iterator[tuple[str, Interval]]:
        yield from ((m.name, (m.low, m.high)) for m in self.neuron.modulators)
        yield from ((n.name, (n.low, n.high)) for n in self.neuron.noises)
        yield from ((e.name, (0.0, 1.0)) for e in self.neuron.events)
        for trace in self.neuron.traces:
            kept = math.exp(-self.dt_seconds / evaluate(trace.tau, self.values))
            yield trace.name, (0.0, 1.0 / (1.0 - kept) if kept < 1.0 else math.inf)

    def _leaf(self, leaf: Expr) -> Interval:
        if not isinstance(leaf, Name):
            return ANYTHING
        if leaf.name not in self.known:
            # What a state says of itself bounds nothing.
            self.known[leaf.name] = ANYTHING
            states = [s for s in self.neuron.states if s.name == leaf.name]
            self.known[leaf.name] = self._state(states[0]) if states else ANYTHING
        return self.known[leaf.name]

    def _state(self, state: StateDecl) -> Interval:
        low, high = self.of(state.drive)
        leak = leak_of(state, self.neuron)
        if leak is None and (low, high) != (0.0, 0.0):
            return ANYTHING
        if leak:
            steps = leak / self.dt_seconds
            low, high = min(low, 0.0) * steps, max(high, 0.0) * steps
        others = [low, high, *self._first(state)]
        if state.reset is not None:
            others += self.of(state.reset)
        return min(others), max(others)

    def _first(self, state: StateDecl) -> Interval:
        if state.name in self.first:
            return self.first[state.name]
        if state.initial is None:
            return 0.0, 0.0
        value = evaluate(state.initial, self.values)
        return value, value
