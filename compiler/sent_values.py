"""What a rule asks its post neuron to compute and send.

In: expressions of post quantities and modulators, as placement finds them. Out: a
symbol for each, the same for equal ones, with the range that 7 bits have to hold.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

from ..diagnostics import Diagnostic
from ..rules.expr import Compare, Const, Expr, Name, Quantity
from ..rules.neuron import Neuron
from ..rules.printer import print_expr
from ..rules.rule import LearningRule
from .constants import constant_value
from .draft import NeuronValue
from .intervals import Interval, interval
from .neuron_functions import NeuronFunctions
from .unplaceable import RangeUnknown

POST = "post."
"""Begins the symbol of what only the neuron knows, so that no trace has that name."""

HEADROOM = 2.0
"""How far a state may be driven beyond its threshold in the step of a spike."""


@dataclass
class SentValues:
    """Collects the values of one rule."""

    rule: LearningRule
    neuron: Neuron
    values: dict[Expr, NeuronValue] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.functions = NeuronFunctions(self._leaf_range)

    def send(self, expr: Expr) -> Expr:
        """Give the symbol of an expression; a number, where it cannot vary."""
        known = self.values.get(expr)
        if known is None:
            computed = self.functions.replace(expr)
            low, high = interval(computed, self._leaf_range)
            if not (abs(low) < math.inf and abs(high) < math.inf):
                self.problems.append(RangeUnknown(print_expr(expr), span=expr.span))
            if low == high:
                return Const(low, span=expr.span)
            known = NeuronValue(self._symbol(expr), "signed", computed, low, high)
            self.values[expr] = known
        return Name(known.symbol, span=expr.span)

    def _symbol(self, expr: Expr) -> str:
        if isinstance(expr, Name):
            return expr.name
        if isinstance(expr, Quantity):
            return POST + expr.name
        taken = {v.symbol for v in self.values.values()}
        taken |= {POST + quantity for quantity in self.neuron.quantities}
        numbers = itertools.count(1)
        return next(s for n in numbers if (s := f"{POST}f{n}") not in taken)

    def _leaf_range(self, leaf: Expr) -> Interval:
        if isinstance(leaf, Name):
            modulator = next(m for m in self.rule.modulators if m.name == leaf.name)
            return modulator.low, modulator.high
        assert isinstance(leaf, Quantity)
        return quantity_range(self.neuron, leaf.name)


def quantity_range(neuron: Neuron, name: str) -> Interval:
    """Bound a post quantity: an Output's own bounds, or +- the spike threshold.

    What a state was before its reset gets HEADROOM beyond the threshold: a spike is
    where it overshoots.
    """
    if any(event.name == name for event in neuron.events):
        return 0.0, 1.0
    for output in neuron.outputs:
        if output.name == name:
            return output.low, output.high
    match neuron.spike:
        case Compare(left=Name(name=compared), right=right):
            limit = constant_value(right, neuron.param_values)
            if limit and compared == name:
                return -abs(limit), abs(limit)
            if limit and f"{compared}_pre_reset" == name:
                return -HEADROOM * abs(limit), HEADROOM * abs(limit)
        case _:
            pass
    return -math.inf, math.inf
