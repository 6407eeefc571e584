"""Bind a rule to a connection of a network that is there already.

A network, the name of a projection and a rule in; the network with that rule out, or
what is in the way. Where the target's neuron lacks what the rule reads, another model
can take its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .check import check_rule_on_neuron
from .check_rule import check_rule
from .language import NeuronModel, Rule, as_neuron, as_rule
from .network import Group
from .neuron import Neuron
from .per_neuron import with_per_neuron
from .rule import LearningRule
from .scope import suggest

if TYPE_CHECKING:
    from .network import Network


@dataclass(frozen=True)
class NoSuchProjection(Diagnostic):
    """A rule is attached to a projection that the network does not have.

    Imported networks name a projection for the layer that holds its weights.
    """

    code = "R185"
    title = "network `{network}` has no projection `{projection}`"
    note = "it has: {known}"
    help = "{advice}"

    network: str
    projection: str
    known: str
    advice: str


@dataclass(frozen=True)
class LearnsAlready(Diagnostic):
    """A projection has one rule. What several rules do to a weight is one rule's dw."""

    code = "R186"
    title = "projection `{projection}` learns by `{rule}` already"
    help = "write one rule with the sum of both, or take the network as it was before"

    projection: str
    rule: str


def attach(
    network: Network,
    projection: str,
    rule: LearningRule | type[Rule],
    neuron: Neuron | type[NeuronModel] | None = None,
) -> Network:
    """Let a projection learn; see `Network.attach`."""
    names = [p.name for p in network.projections]
    if projection not in names:
        known, advice = ", ".join(names) or "none", suggest(projection, names)
        raise LaharError(NoSuchProjection(network.name, projection, known, advice))
    bound = network.projection(projection)
    if bound.rule is not None:
        raise LaharError(LearnsAlready(projection, bound.rule.name))
    learning = as_rule(rule)
    group = network.group(bound.target)
    if neuron is not None:
        assert network.dt_seconds is not None or not group.initial
        group = with_neuron(group, neuron, network.dt_seconds or 0.0)
    problems = check_rule(learning)
    if group.neuron is not None:
        problems = [*problems, *check_rule_on_neuron(learning, group.neuron)]
    require_no_errors(problems)
    return replace(
        network,
        groups=tuple(group if g.name == group.name else g for g in network.groups),
        projections=tuple(
            replace(p, rule=learning) if p.name == projection else p
            for p in network.projections
        ),
    )


def with_neuron(
    group: Group, neuron: Neuron | type[NeuronModel], dt_seconds: float
) -> Group:
    """Give a group another model.

    A class takes over the parameters that both have; a model with its parameters is
    taken as it is. What differs from neuron to neuron goes on to do so.
    """
    model = as_neuron(neuron)
    old = group.neuron
    if isinstance(neuron, type) and old is not None:
        both = {p.name for p in model.params} & old.param_values.keys()
        model = model.with_params(**{n: old.param_values[n] for n in both})
    params = {p.name for p in model.params}
    differing = {n: v for n, v in group.initial.items() if n in params}
    made = with_per_neuron(model, differing, dt_seconds)
    kept = {n: v for n, v in group.initial.items() if n not in params}
    return replace(group, neuron=made.neuron, initial={**kept, **made.initial})
