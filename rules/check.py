"""Check rules, neuron models and networks before anything is compiled or run.

Data in, a list of all that is wrong out: nothing is raised, so that a user mends
everything in one go. The text form and the class form meet the same checks.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic, SourceSpan
from .check_neuron import check_neuron
from .check_rule import check_rule
from .expr import Quantity, walk
from .graded import check_graded
from .network import Network, Projection, check_network
from .neuron import Neuron
from .rule import LearningRule
from .scope import DeclaredTwice

__all__ = ["check_neuron", "check_rule", "check_rule_on_neuron", "check_whole_network"]


@dataclass(frozen=True)
class SourceNeverSpikes(Diagnostic):
    """A projection starts at a group whose neuron model has no spike condition.

    A synapse is driven by spikes of its source. A neuron that only integrates sends
    none, so the projection would do nothing.
    """

    code = "R144"
    title = "projection `{projection}` starts at `{group}`, which never spikes"
    note = "`{neuron}` has no spike condition"
    help = "add `spike = ...` to `{neuron}`, or remove the projection"

    projection: str
    group: str
    neuron: str


@dataclass(frozen=True)
class NeuronLacksQuantity(Diagnostic):
    """A rule reads ``post.<quantity>`` and the post-synaptic neuron has none.

    What a rule may read of its neuron: states, ``<state>_pre_reset`` of states with a
    reset, spike traces and outputs.
    """

    code = "R146"
    title = "`{rule}` reads `post.{quantity}`, which `{neuron}` does not have"
    note = "`{neuron}` offers: {known}"
    help = "{advice}"

    rule: str
    quantity: str
    neuron: str
    known: str
    advice: str


@dataclass(frozen=True)
class TraceOfNoEvent(Diagnostic):
    """A rule's trace follows a quantity of the neuron that is no event.

    A trace counts: of spikes, or of an Event that the neuron declares. A low-pass of
    a graded quantity is a state of the neuron.
    """

    code = "R158"
    title = "`{rule}`: trace `{trace}` follows `post.{quantity}`, which is no event"
    note = "events of `{neuron}`: {known}"
    help = "declare `{quantity} = Event(condition)`, or give the neuron a leaky state"

    rule: str
    trace: str
    quantity: str
    neuron: str
    known: str


@dataclass(frozen=True)
class EmptyGroup(Diagnostic):
    """A group has no neurons.

    An empty group could neither send nor receive. A size that was computed
    elsewhere may have come out as 0.
    """

    code = "R149"
    title = "group `{group}` has {size} neurons"
    note = "a group has at least one neuron"
    help = "give it a size, or leave it out"

    group: str
    size: int


@dataclass(frozen=True)
class NotATimeStep(Diagnostic):
    """The time step of a network is zero, negative or not finite.

    Time constants are counted in steps, so the step has to have a length. 1 ms is
    usual.
    """

    code = "R150"
    title = "the time step of `{network}` is {seconds} s"
    note = "a time step is a positive, finite time"
    help = "give it with a unit, such as 1 ms"

    network: str
    seconds: float


def check_rule_on_neuron(rule: LearningRule, neuron: Neuron) -> list[Diagnostic]:
    """Check that the neuron has every quantity that the rule reads."""
    known = ", ".join(neuron.quantities) or "nothing"
    missing: dict[str, SourceSpan | None] = {}
    for name, span in _quantities(rule):
        if name not in neuron.quantities:
            missing.setdefault(name, span)
    return [
        *(
            NeuronLacksQuantity(rule.name, q, neuron.name, known, _advise(q), span=span)
            for q, span in missing.items()
        ),
        *_check_traces(rule, neuron, missing),
    ]


def _quantities(rule: LearningRule) -> Iterator[tuple[str, SourceSpan | None]]:
    for update in rule.updates:
        for node in walk(update.expr):
            if isinstance(node, Quantity):
                yield node.name, node.span
    for trace in rule.traces:
        if trace.source == "post" and trace.quantity:
            yield trace.quantity, trace.span


def _check_traces(
    rule: LearningRule, neuron: Neuron, missing: Collection[str]
) -> Iterator[Diagnostic]:
    events = [e.name for e in neuron.events]
    for trace in rule.traces:
        known = not trace.quantity or trace.quantity in (*events, *missing)
        if trace.source == "post" and not known:
            listing = ", ".join(events) or "none"
            args = (rule.name, trace.name, trace.quantity, neuron.name, listing)
            yield TraceOfNoEvent(*args, span=trace.span)


def _advise(quantity: str) -> str:
    from .library import NEURONS  # the library is written in this language

    having = [name for name, n in NEURONS.items() if quantity in n.quantities]
    if having:
        return f"use a neuron that has it, such as `{having[0]}` of the library"
    return f"write a neuron model with a state or output `{quantity}`"


def check_whole_network(network: Network) -> list[Diagnostic]:
    """Check the network, its rules and neuron models, and that they fit together."""
    found = [*_check_unique(network), *_check_amounts(network)]
    found += check_network(network)
    rules: list[LearningRule] = []
    neurons: list[Neuron] = []
    for group in network.groups:
        if group.neuron is not None and group.neuron not in neurons:
            neurons.append(group.neuron)
    for p in network.projections:
        if p.rule is not None and p.rule not in rules:
            rules.append(p.rule)
    for neuron in neurons:
        found += check_neuron(neuron)
    for rule in rules:
        found += check_rule(rule)
    for p in network.projections:
        found += _check_ends(network, p)
    return found


def _check_unique(network: Network) -> Iterator[Diagnostic]:
    for kind, names in (
        ("group", [g.name for g in network.groups]),
        ("projection", [p.name for p in network.projections]),
    ):
        for name in sorted({n for n in names if names.count(n) > 1}):
            detail = f"two {kind}s have this name; results are read by name"
            yield DeclaredTwice(network.name, name, detail)


def _check_amounts(network: Network) -> Iterator[Diagnostic]:
    for group in network.groups:
        if group.size < 1:
            yield EmptyGroup(group.name, group.size)
        yield from check_graded(group)
    dt = network.dt_seconds
    if dt is not None and not (math.isfinite(dt) and dt > 0):
        yield NotATimeStep(network.name, dt)


def _check_ends(network: Network, p: Projection) -> Iterator[Diagnostic]:
    groups = {g.name: g for g in network.groups}
    source, target = groups.get(p.source), groups.get(p.target)
    if source and source.neuron and not source.neuron.can_send:
        yield SourceNeverSpikes(p.name, p.source, source.neuron.name, span=p.span)
    if p.rule and target and target.neuron:
        yield from check_rule_on_neuron(p.rule, target.neuron)
