"""The learning synapses of a projection as Brian2 code.

A Projection and the names of its two groups in, statements out: traces on the groups,
and one block that computes all changes from old values before it writes any of them
(docs/semantics.md section 1). Brian2's own order of pathways decides nothing here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..rules.evaluate import evaluate
from ..rules.expr import Before, Delay, Expr, Name, Quantity, Spike, Weight
from ..rules.network import Projection
from ..rules.rule import LearningRule, TraceDecl
from .brian2_text import brian2_text, number, safe_name
from .reference_gates import gates_of

UPDATES, TRAVEL = "updates_of_w", "travel_of_w"
"""What an open loop counts for each synapse (docs/semantics.md section 2)."""


@dataclass(frozen=True)
class Brian2Synapses:
    """Writes the code of one projection that learns."""

    projection: Projection
    rule: LearningRule
    dt_seconds: float

    @cached_property
    def _params(self) -> Mapping[str, float]:
        return self.rule.values_at(self.dt_seconds)

    def trace_variables(self, side: str) -> Iterator[str]:
        """List what the group of a side has to hold for this projection."""
        for trace in self._traces(side):
            yield self._trace(trace.name)
            yield self._before(trace.name)

    def trace_code(self, side: str) -> Iterator[str]:
        """Write how the traces of a side decay and hear this step's spikes."""
        for trace in self._traces(side):
            kept = math.exp(-self.dt_seconds / evaluate(trace.tau, self._params))
            now, before = self._trace(trace.name), self._before(trace.name)
            yield f"{before} = {number(kept)} * {now}"
            followed = safe_name(trace.quantity) if trace.quantity else "s_out"
            if trace.pairing == "nearest":
                yield f"{now} = where(int({followed} != 0), 1.0, {before})"
            else:
                yield f"{now} = {before} + {followed}"

    def variables(self) -> Iterator[str]:
        """List what each synapse holds."""
        yield "w"
        yield from (safe_name(tag.name) for tag in self.rule.tags)

    def code(self) -> Iterator[str]:
        """Write the block in which a synapse learns."""
        for update in self.rule.updates:
            text = brian2_text(update.expr, self._params, self._leaf)
            yield f"{_change(update.target)} = {text}"
        changed = {u.target for u in self.rule.updates}
        for tag in self.rule.tags:
            name = safe_name(tag.name)
            kept = (
                1.0
                if tag.tau is None
                else math.exp(-self.dt_seconds / evaluate(tag.tau, self._params))
            )
            change = f" + {_change(tag.name)}" if tag.name in changed else ""
            yield f"{name} = {number(kept)} * {name}{change}"
        low, high = (evaluate(b, self._params) for b in self.rule.bounds)
        change = f" + {_change('w')}" if "w" in changed else ""
        yield f"w = clip(w{change}, {number(low)}, {number(high)})"

    def counted_code(self) -> Iterator[str]:
        """Write the block, and count updates and the way of the weight beside it."""
        yield "w_before = w"
        yield from self.code()
        yield f"{TRAVEL} = {TRAVEL} + abs(w - w_before)"
        yield f"{UPDATES} = {UPDATES} + {self._open_gates()}"

    def _open_gates(self) -> str:
        """Write 1 where a gate of the weight or a tag is open, else 0."""
        updates = (u for u in self.rule.updates if u.target != "delay")
        gates = {g for u in updates for g in gates_of(u.expr, self._params)}
        opened = "0.0"
        for gate in sorted(self._gate(g) for g in gates):
            opened = f"maximum({opened}, {gate})"
        return opened

    def _gate(self, gate: frozenset[Expr]) -> str:
        factors = (brian2_text(f, self._params, self._leaf) for f in gate)
        return " * ".join(["1.0", *sorted(factors)])

    def symbol(self, name: str) -> str:
        """Give Brian2's name of a trace, of the weights or of a tag."""
        if any(t.name == name for t in self.rule.traces):
            return self._trace(name)
        return "w" if name == "weights" else safe_name(name)

    def _traces(self, side: str) -> Iterator[TraceDecl]:
        return (t for t in self.rule.traces if t.source == side)

    def _trace(self, name: str) -> str:
        return safe_name(f"{self.projection.name}_{name}")

    def _before(self, name: str) -> str:
        return f"{self._trace(name)}_before"

    def _leaf(self, leaf: Expr) -> str:
        match leaf:
            case Spike(side=side):
                return f"s_out_{side}"
            case Quantity(name=name):
                return f"{safe_name(name)}_post"
            case Weight():
                return "w"
            case Before(trace=name):
                return f"{self._before(name)}_{self._side(name)}"
            case Name(name=name):
                return self._named(name)
            case Delay():
                pass
        raise AssertionError(f"{leaf!r} cannot be exported")  # refused before

    def _named(self, name: str) -> str:
        if any(t.name == name for t in self.rule.traces):
            return f"{self._trace(name)}_{self._side(name)}"
        if any(t.name == name for t in self.rule.tags):
            return safe_name(name)
        return f"{safe_name(name)}_post"  # a modulator, presented to the neuron

    def _side(self, trace: str) -> str:
        return next(t.source for t in self.rule.traces if t.name == trace)


def _change(target: str) -> str:
    return f"change_of_{safe_name(target)}"
