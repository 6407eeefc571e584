"""The unit of a membrane whose range is known from sample data.

In: the chip, a group and the largest value that its states take. Out: the exponent of
plain spikes at which a register holds that value with the most bits.
"""

from __future__ import annotations

from ..hardware.chip import Chip
from ..rules.network import Group
from .lif_shape import lif_shape
from .neuron_registers import STATE_BITS


def finest_exponent(
    chip: Chip,
    group: Group,
    peak: float,
    threshold: float | None,
    natural: float,
    limits: tuple[int, int],
) -> int:
    """Give the largest exponent within limits at which everything fits.

    Beyond a quarter of the mantissa's range a finer threshold changes no spike, and a
    bias needs its own mantissa.
    """
    shift = chip.synapse_shift.value
    low, high = limits
    room = {(2.0**STATE_BITS - 1) / 2.0**shift: peak}
    if threshold is not None:
        room[chip.threshold_mantissa_max.value / 4] = abs(threshold)
    shape = None if group.neuron is None else lif_shape(group.neuron)
    if shape is not None:
        most = chip.bias_mantissa.value[1] << chip.bias_exponent.value[1]
        room[most / 2.0**shift] = abs(shape.bias)
    exponent = high
    while exponent > low and any(
        value * natural * 2.0**exponent > most for most, value in room.items()
    ):
        exponent -= 1
    return exponent
