"""Which values of a rule a host has to give in each step.

In: a rule and its post neuron. Out: for each value that the neuron sends, the
modulators behind it that are declared as the host's: who reads them is host-assisted.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..rules.expr import Expr, Name, Quantity, walk
from ..rules.neuron import Neuron
from .draft import Draft, SynapseDraft
from .modulator_bounds import modulators_of


def hosts_of(draft: Draft, synapse: SynapseDraft) -> Mapping[str, tuple[str, ...]]:
    """Give the host's modulators behind each symbol that a neuron sends."""
    hosts = {m.name for m in modulators_of(draft.network) if m.host}
    neuron = draft.network.group(
        draft.network.projection(synapse.projection).target
    ).neuron
    if not hosts or neuron is None:
        return {}
    found = {}
    for value in synapse.values:
        if value.expr is not None:
            behind = _behind(value.expr, _equations(neuron), set()) & hosts
            found[value.symbol] = tuple(sorted(behind))
    return found


def _equations(neuron: Neuron) -> dict[str, Expr]:
    """Give what each quantity of a neuron is computed from."""
    states = {s.name: s.drive for s in neuron.states}
    before = {f"{name}_pre_reset": drive for name, drive in states.items()}
    return {**states, **before, **{o.name: o.expr for o in neuron.outputs}}


def _behind(expr: Expr, equations: Mapping[str, Expr], seen: set[str]) -> set[str]:
    """Collect the names that a value depends on, through states and outputs."""
    found: set[str] = set()
    for node in walk(expr):
        if not isinstance(node, (Name, Quantity)) or node.name in seen:
            continue
        found.add(node.name)
        if node.name in equations:
            seen = {*seen, node.name}
            found |= _behind(equations[node.name], equations, seen)
    return found


def asked_of_the_host(names: tuple[str, ...], bits: int) -> str:
    """Say what the host has to send for a term; nothing if it reads none of its."""
    if not names:
        return ""
    shown = ", ".join(f"`{name}`" for name in names)
    return f"; {shown} from the host: {bits * len(names)} bits a step"
