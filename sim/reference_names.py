"""The names of everything the float reference computes, with the shape of a step.

A network in; out come the symbols that the views of a Program refer to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..rules.expr import PRE_VALUE, Delay, Name, Quantity, walk
from ..rules.network import Group, Network, Projection
from ..rules.rule import LearningRule


def reference_variables(network: Network) -> dict[str, tuple[int, ...]]:
    """List all variables of a closed loop."""
    found: dict[str, tuple[int, ...]] = {}
    for group in network.groups:
        names = ("s_out", *_quantities(group), *modulators_of(network, group))
        found.update({f"{group.name}.{name}": (group.size,) for name in names})
    for projection in network.projections:
        names = ("a_out", *signals_of(projection))
        shape = projection.weights.shape[:1]
        found.update({f"{projection.name}.{name}": shape for name in names})
    return {**found, **synapse_variables(network)}


def types_of(names: Iterable[str], network: Network) -> dict[str, type[np.generic]]:
    """Say how each variable is recorded: plain spikes as bytes, all else as floats."""
    graded = {f"{g.name}.s_out" for g in network.groups if g.sends is not None}
    return {
        n: np.uint8 if n.endswith(".s_out") and n not in graded else np.float64
        for n in names
    }


def _quantities(group: Group) -> tuple[str, ...]:
    return () if group.neuron is None else group.neuron.quantities


def synapse_variables(network: Network) -> dict[str, tuple[int, ...]]:
    """List what the synapses compute: all of an open loop."""
    found: dict[str, tuple[int, ...]] = {}
    for projection in network.projections:
        if projection.rule is not None:
            found.update(_of_rule(projection, projection.rule))
    return found


def _of_rule(
    projection: Projection, rule: LearningRule
) -> Iterator[tuple[str, tuple[int, ...]]]:
    post, pre = projection.weights.shape
    yield f"{projection.name}.weights", (post, pre)
    for trace in rule.traces:
        size = pre if trace.source == "pre" else post
        yield f"{projection.name}.{trace.name}", (size,)
    for tag in rule.tags:
        yield f"{projection.name}.{tag.name}", (post, pre)
    if uses_delay(rule):
        yield f"{projection.name}.delay", (post, pre)


def signals_of(projection: Projection) -> tuple[str, ...]:
    """List the post quantities and modulators that a projection's rule reads.

    Traces and tags go first: a signal of the same name has no name here.
    """
    rule = projection.rule
    if rule is None:
        return ()
    own = {d.name for d in (*rule.traces, *rule.tags)}
    names = (*quantities_read(rule), *(m.name for m in rule.modulators))
    return tuple(n for n in dict.fromkeys(names) if n not in own)


def uses_delay(rule: LearningRule) -> bool:
    """Tell whether a rule reads or learns its delay variable."""
    nodes = (node for u in rule.updates for node in walk(u.expr))
    return learns_delay(rule) or any(isinstance(node, Delay) for node in nodes)


def learns_delay(rule: LearningRule) -> bool:
    """Tell whether a rule updates its delay variable."""
    return any(u.target == "delay" for u in rule.updates)


def quantities_read(rule: LearningRule) -> tuple[str, ...]:
    """List the post quantities that a rule reads, itself or by a trace, each once."""
    nodes = (node for u in rule.updates for node in walk(u.expr))
    read = [n.name for n in nodes if isinstance(n, Quantity)]
    read += [t.quantity for t in rule.traces if t.source == "post" and t.quantity]
    return tuple(dict.fromkeys(read))


def reads_values(rule: LearningRule) -> bool:
    """Tell whether a rule reads what the source sends, itself or by a trace."""
    nodes = (node for u in rule.updates for node in walk(u.expr))
    return Name(PRE_VALUE) in nodes or any(
        t.source == "pre" and t.quantity for t in rule.traces
    )


def modulators_of(network: Network, group: Group) -> tuple[str, ...]:
    """List the modulators presented to a group: its neurons' own and its rules'."""
    own = group.neuron.modulators if group.neuron is not None else ()
    rules = [p.rule for p in network.projections if p.target == group.name]
    read = [m for rule in rules if rule is not None for m in rule.modulators]
    names = dict.fromkeys(m.name for m in (*own, *read))
    return tuple(name for name in names if name not in _quantities(group))
