"""Numbers of a neuron model that are out of range.

In: a model and the scale of its states. Out: a diagnostic for each reset, first value
and threshold beyond its register, and each output beyond its bounds, at its line. What
a state computes may saturate; a number that the user wrote is a mistake, or in a unit
that does not fit the weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..rules.expr import Compare, Expr, Name
from ..rules.neuron import Neuron
from ..rules.per_neuron import is_constant_state
from .constants import constant_value
from .neuron_bounds import NeuronBounds
from .neuron_registers import STATE_BITS


@dataclass(frozen=True)
class NumberBeyondRegister(Diagnostic):
    """A reset, first value or threshold is larger than any value of its state.

    A state has 24 bits, in a unit that follows from the weights: the largest weight
    into the group takes all bits of a synapse. A state saturates at the ends of its
    register, so a threshold beyond is never reached.
    """

    code = "R245"
    title = "`{neuron}`: the {what} of `{state}` is {value:g}, beyond its register"
    note = "it holds {low:g} to {high:g}, in a unit that follows from the weights"
    help = "write the model in a larger unit, or use larger weights into the group"

    neuron: str
    what: str
    state: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class OutputBeyondBounds(Diagnostic):
    """An Output is clipped to its bounds in every step: its values lie beyond them.

    It would send one and the same number for ever. The bounds may be in another unit
    than the expression.
    """

    code = "R246"
    title = "`{neuron}`: the output `{output}` is never within its bounds"
    note = "it can be {low:g} to {high:g}, the bounds are {floor:g} to {ceiling:g}"
    help = "declare low and high around what the expression can be"

    neuron: str
    output: str
    low: float
    high: float
    floor: float
    ceiling: float


def outputs_reach_their_bounds(
    neuron: Neuron, bounds: NeuronBounds
) -> Iterator[Diagnostic]:
    """Check that each output has a value that is not clipped."""
    for output in neuron.outputs:
        low, high = bounds.of(output.expr)
        if low > output.high or high < output.low:
            facts = (neuron.name, output.name, low, high, output.low, output.high)
            yield OutputBeyondBounds(*facts, span=output.span)


def numbers_fit_registers(
    neuron: Neuron, scale: float, values: Mapping[str, float]
) -> Iterator[Diagnostic]:
    """Check every number that is compared with a state or put into it."""
    largest = (2**STATE_BITS - 1) / scale
    for what, state, expr in _numbers(neuron):
        value = constant_value(expr, values)
        if value is not None and abs(value) > largest:
            facts = (neuron.name, what, state, value, -largest, largest)
            # A plain number of a class stands in no line of its own.
            lines = {s.name: s.span for s in neuron.states}
            span = expr.span if what == "threshold" else lines[state]
            yield NumberBeyondRegister(*facts, span=span)


def _numbers(neuron: Neuron) -> Iterator[tuple[str, str, Expr]]:
    for state in neuron.states:
        if state.reset is not None:
            yield "reset", state.name, state.reset
        if state.initial is not None and not is_constant_state(state):
            yield "first value", state.name, state.initial
    states = {state.name for state in neuron.states}
    conditions = [event.condition for event in neuron.events]
    conditions += [] if neuron.spike is None else [neuron.spike]
    for condition in conditions:
        if isinstance(condition, Compare):
            for one, other in (
                (condition.left, condition.right),
                (condition.right, condition.left),
            ):
                if isinstance(one, Name) and one.name in states:
                    yield "threshold", one.name, other
