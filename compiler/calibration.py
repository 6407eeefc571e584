"""What sample data told about a network: choices that its numbers alone do not settle.

Plain data, from whoever has run samples, to the passes that scale and round. A network
without samples is compiled for the worst case; an empty calibration says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..rules.expr import Compare, Const
from ..rules.neuron import Neuron
from .constants import constant_value


@dataclass(frozen=True)
class Calibration:
    """Choices by name; what is not named is chosen without data.

    clips
        Projection to the largest weight that is stored, in the network's units: larger
        ones are clipped to it. For projections that do not learn.
    peaks
        Group to the largest magnitude that its states take, with the margin wanted. The
        membrane gets the finest unit in which a register holds it.
    decays
        ``"<group>.<state>"`` to what the state loses in a step, in 4096ths.
    thresholds
        Group to a factor on the constant that its membrane is compared with.
    """

    clips: Mapping[str, float] = field(default_factory=dict)
    peaks: Mapping[str, float] = field(default_factory=dict)
    decays: Mapping[str, int] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def decays_of(self, group: str) -> dict[str, int]:
        """Give the decays of a group's states, by state."""
        prefix = f"{group}."
        return {
            name.removeprefix(prefix): decay
            for name, decay in self.decays.items()
            if name.startswith(prefix)
        }


def with_threshold_times(neuron: Neuron, factor: float) -> Neuron:
    """Compare with a multiple of the constant side of the spike condition.

    A condition without a constant side stays as it is.
    """
    spike = neuron.spike
    if not isinstance(spike, Compare):
        return neuron
    right = constant_value(spike.right, neuron.param_values)
    left = constant_value(spike.left, neuron.param_values)
    if right is not None:
        spike = replace(spike, right=Const(right * factor, span=spike.span))
    elif left is not None:
        spike = replace(spike, left=Const(left * factor, span=spike.span))
    return replace(neuron, spike=spike)
