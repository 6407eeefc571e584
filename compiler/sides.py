"""Which side of a synapse knows what an expression reads.

In: an expression of a rule. Out: the sides that it mixes. What one side knows can be
computed there; what mixes sides has to be a sum of products.
"""

from __future__ import annotations

from typing import Literal

from ..rules.expr import (
    Before,
    Delay,
    Every,
    Expr,
    Name,
    Quantity,
    Spike,
    Weight,
    children,
    walk,
)
from ..rules.rule import LearningRule

Side = Literal["spikes", "weight", "tag", "neuron", "pre trace", "post trace", "delay"]


def leaves(expr: Expr) -> set[Expr]:
    """Collect the symbols of an expression, numbers left out."""
    return {n for n in walk(expr) if not children(n) and _is_symbol(n)}


def _is_symbol(leaf: Expr) -> bool:
    return isinstance(leaf, (Name, Before, Spike, Quantity, Weight, Delay, Every))


def sides_of(expr: Expr, rule: LearningRule) -> frozenset[Side]:
    """Give the sides that an expression reads from; none if it is a number."""
    return frozenset(side_of(leaf, rule) for leaf in leaves(expr))


def side_of(leaf: Expr, rule: LearningRule) -> Side:
    """Give the side that knows a symbol."""
    match leaf:
        case Spike() | Every():
            return "spikes"
        case Weight():
            return "weight"
        case Quantity():
            return "neuron"
        case Delay():
            return "delay"
        case Name(name=name) | Before(trace=name):
            return _side_of_name(name, rule)
    raise AssertionError(f"{leaf!r} is no symbol of a rule")  # ours: see `leaves`


def _side_of_name(name: str, rule: LearningRule) -> Side:
    if any(m.name == name for m in rule.modulators):
        return "neuron"
    if any(t.name == name for t in rule.tags):
        return "tag"
    trace = next(t for t in rule.traces if t.name == name)
    return "pre trace" if trace.source == "pre" else "post trace"


def only(expr: Expr, side: Side, rule: LearningRule) -> bool:
    """Tell whether one side alone knows all of an expression."""
    return sides_of(expr, rule) == {side}


def one_variable(expr: Expr, rule: LearningRule) -> Expr | None:
    """Give the weight or the tag, if an expression reads nothing else."""
    found = leaves(expr)
    if len(found) != 1:
        return None
    (leaf,) = found
    return leaf if side_of(leaf, rule) in ("weight", "tag") else None
