"""Choose which event of the post neuron the learning engine hears as y0.

In: a rule that may read spikes and events of its neuron, in products and in traces.
Out: the same rule, in which `post` is the one kind that the engine hears; every other
kind is a graded value of 0 or 1, and its traces are computed by the neuron.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..rules.expr import (
    Before,
    Binary,
    Expr,
    Name,
    Quantity,
    Spike,
    transform,
    walk,
)
from ..rules.neuron import SPIKE, Neuron
from ..rules.rule import LearningRule, TraceDecl, Update


@dataclass(frozen=True)
class Heard:
    """A rule whose `post` is the event ``kind``; "spike": what its neuron sends."""

    rule: LearningRule
    kind: str


def hear_one_kind(rule: LearningRule, neuron: Neuron) -> Heard:
    """Let the engine hear the kind that gates an update, spikes before others.

    1. post.plateau * x, alone           ->  post * x, of plateaus
    2. post * x - post.plateau * y       ->  unchanged, plateaus are graded
    3. z.before, z of another kind       ->  z - post.plateau
    """
    kinds = _followed(rule, neuron)
    gates = list(_gates(rule, neuron, kinds))
    order = [*(k for k in gates if k == SPIKE), *gates, *kinds.values()]
    if not order:
        return Heard(rule, SPIKE)
    chosen = order[0]
    elsewhere = {name: kind for name, kind in kinds.items() if kind != chosen}

    def heard(node: Expr) -> Expr:
        if isinstance(node, Quantity) and node.name == chosen:
            return Spike("post", span=node.span)
        if isinstance(node, Before) and node.trace in elsewhere:
            trace = Name(node.trace, span=node.span)
            event = Quantity(elsewhere[node.trace], span=node.span)
            return Binary("-", trace, event, span=node.span)
        return node

    updates = tuple(_with(u, transform(u.expr, heard)) for u in rule.updates)
    return Heard(replace(rule, updates=updates), chosen)


def _with(update: Update, expr: Expr) -> Update:
    return replace(update, expr=expr)


def _followed(rule: LearningRule, neuron: Neuron) -> dict[str, str]:
    """Give the kind that each trace of the post side follows, if it is read."""
    read = set(_traces_read(rule))
    events = {e.name for e in neuron.events}
    return {
        t.name: kind
        for t in rule.traces
        if t.source == "post" and t.name in read
        if (kind := _kind(t)) in {SPIKE, *events}
    }


def _kind(trace: TraceDecl) -> str:
    return trace.quantity or SPIKE


def _traces_read(rule: LearningRule) -> Iterator[str]:
    for update in rule.updates:
        for node in walk(update.expr):
            if isinstance(node, Name):
                yield node.name
            if isinstance(node, Before):
                yield node.trace


def _gates(rule: LearningRule, neuron: Neuron, kinds: dict[str, str]) -> Iterator[str]:
    """Give the kinds that updates read at once; what a trace was before needs it."""
    events = {e.name for e in neuron.events}
    for update in rule.updates:
        for node in walk(update.expr):
            match node:
                case Spike(side="post"):
                    yield SPIKE
                case Quantity(name=name) if name in events:
                    yield name
                case Before(trace=trace) if trace in kinds:
                    yield kinds[trace]
                case _:
                    pass
