"""Recognise the neuron that chips have built in, by the shape of a model's equations.

In: a Neuron, the chip and the unit of the membrane. Out: its parts, or None if it is
anything else or its numbers do not fit the chip's LIF; the general way then compiles
it. docs/semantics.md section 4 has the operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..hardware.chip import Chip
from ..hardware.formats import DECAY_ONE, effective_decay
from ..rules.evaluate import evaluate
from ..rules.expr import Binary, Compare, Expr, Name
from ..rules.neuron import Neuron, StateDecl
from .constants import constant_value


@dataclass(frozen=True)
class LifShape:
    """The parts of a model that is current-based or plain LIF."""

    current: StateDecl | None
    membrane: StateDecl
    port: str
    bias: float
    threshold: float


def lif_shape(neuron: Neuron) -> LifShape | None:
    """Recognise LIF by structure: states, drives, strict threshold, reset to 0."""
    states = neuron.states
    if len(neuron.ports) != 1 or not 1 <= len(states) <= 2:
        return None
    port, membrane = neuron.ports[0].name, states[-1]
    current = states[0] if len(states) == 2 else None
    if current is not None and not _is_current(current, port):
        return None
    source = port if current is None else current.name
    values = neuron.param_values
    bias = _bias(membrane.drive, source, values)
    threshold = _threshold(neuron, membrane.name)
    if bias is None or threshold is None or membrane.reset is None:
        return None
    if constant_value(membrane.reset, values) != 0.0:
        return None
    return LifShape(current, membrane, port, bias, threshold)


def _is_current(state: StateDecl, port: str) -> bool:
    return state.drive == Name(port) and state.reset is None


def _bias(drive: Expr, source: str, values: Mapping[str, float]) -> float | None:
    match drive:
        case Name(name=name) if name == source:
            return 0.0
        case Binary(operator="+", left=Name(name=name), right=rest) if name == source:
            return constant_value(rest, values)
        case Binary(operator="+", left=rest, right=Name(name=name)) if name == source:
            return constant_value(rest, values)
        case _:
            return None


def _threshold(neuron: Neuron, state: str) -> float | None:
    values = neuron.param_values
    match neuron.spike:
        case Compare(relation=">", left=Name(name=name), right=right) if name == state:
            return constant_value(right, values)
        case Compare(relation="<", left=left, right=Name(name=name)) if name == state:
            return constant_value(left, values)
        case _:
            return None


def lif_fits(
    shape: LifShape, neuron: Neuron, chip: Chip, dt_seconds: float, state_scale: float
) -> bool:
    """Tell whether the chip's LIF holds these decays, this bias and this threshold."""
    mantissa = shape.threshold * state_scale / 2.0**chip.threshold_shift.value
    largest_bias = chip.bias_mantissa.value[1] << chip.bias_exponent.value[1]
    register = 2**chip.decay_bits.value - 1
    decays = (
        (shape.current, chip.current_decay_offset.value),
        (shape.membrane, chip.voltage_decay_offset.value),
    )
    return (
        0.5 < mantissa < chip.threshold_mantissa_max.value + 0.5
        and abs(shape.bias * state_scale) <= largest_bias
        and all(
            0 <= _decay(state, neuron, dt_seconds) - offset <= register
            for state, offset in decays
            if state is not None
        )
    )


def _decay(state: StateDecl, neuron: Neuron, dt_seconds: float) -> int:
    """Give what a state loses in a step, in 4096ths."""
    if state.leak is None:
        return 0
    leak = evaluate(state.leak, neuron.param_values)
    return max(effective_decay(dt_seconds / leak), 1) if leak else DECAY_ONE
