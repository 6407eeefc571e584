"""The neurons of a group as Brian2 code: forward Euler, statement by statement.

A Neuron in, statements out in the order of docs/semantics.md section 2. No equation is
left to an integrator, so that a step is what the reference computes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..rules.evaluate import evaluate
from ..rules.expr import Expr, Name, transform
from ..rules.neuron import SPIKE, Neuron, StateDecl
from .brian2_text import brian2_text, number, safe_name


@dataclass(frozen=True)
class Brian2Neurons:
    """Writes the code of one neuron model."""

    neuron: Neuron
    dt_seconds: float

    @cached_property
    def _params(self) -> Mapping[str, float]:
        return self.neuron.values_at(self.dt_seconds)

    def variables(self) -> Iterator[str]:
        """List what a neuron holds beside ``s_out``."""
        inputs = (*self.neuron.ports, *self.neuron.noises)
        yield from (safe_name(d.name) for d in inputs)
        yield from (safe_name(q) for q in self.neuron.quantities)

    def code(self) -> Iterator[str]:
        """Write a step, from states to outputs."""
        for state in self.neuron.states:
            yield self._state(state)
        spike = self.neuron.spike
        yield from self._events()
        yield "s_out = " + ("0" if spike is None else self._condition(spike))
        yield from self._resets()
        for trace in self.neuron.traces:
            kept = math.exp(-self.dt_seconds / evaluate(trace.tau, self._params))
            name = safe_name(trace.name)
            followed = "s_out" if trace.source == SPIKE else safe_name(trace.source)
            yield f"{name} = {number(kept)} * {name} + {followed}"
        for output in self.neuron.outputs:
            bounds = f"{number(output.low)}, {number(output.high)}"
            value = f"clip({self._text(output.expr)}, {bounds})"
            yield f"{safe_name(output.name)} = {value}"

    def _resets(self) -> Iterator[str]:
        """Copy all states before one is reset: what a reset reads is as it was."""
        resetting = [s for s in self.neuron.states if s.reset is not None]
        before = {s.name: Name(f"{s.name}_pre_reset") for s in resetting}
        for name, copy in before.items():
            yield f"{safe_name(copy.name)} = {safe_name(name)}"
        for state in resetting:
            assert state.reset is not None
            reset = self._text(
                transform(
                    state.reset,
                    lambda e: before.get(e.name, e) if isinstance(e, Name) else e,
                )
            )
            name = safe_name(state.name)
            yield f"{name} = where(int(s_out != 0), {reset}, {name})"

    def _events(self) -> Iterator[str]:
        """Evaluate all conditions before one event is written: they may read others."""
        for k, event in enumerate(self.neuron.events):
            yield f"event_{k}_holds = {self._condition(event.condition)}"
        for k, event in enumerate(self.neuron.events):
            yield f"{safe_name(event.name)} = event_{k}_holds"

    def _state(self, state: StateDecl) -> str:
        name, drive = safe_name(state.name), self._text(state.drive)
        if state.leak is None:
            return f"{name} = {name} + {drive}"
        tau = evaluate(state.leak, self._params)
        if tau == 0:
            return f"{name} = {drive}"
        return f"{name} = {number(1.0 - self.dt_seconds / tau)} * {name} + {drive}"

    def _condition(self, condition: Expr) -> str:
        return f"int({self._text(condition)} != 0)"

    def _text(self, expr: Expr) -> str:
        return brian2_text(expr, self._params, _leaf)


def _leaf(leaf: Expr) -> str:
    assert isinstance(leaf, Name)  # check_neuron refuses everything else
    return safe_name(leaf.name)
