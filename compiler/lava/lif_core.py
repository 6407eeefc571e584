"""Say with which parameters Lava's own LIF computes a neuron's LIF core.

In: a neuron program. Out: the core and the numbers that Lava's process takes, or None
if Lava's fixed-point LIF (proc/lif/models.py) cannot hold them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...hardware.lif_core import find_lif_core, match_lif_core
from ...hardware.program import NeuronProgram

THRESHOLD_SHIFT = 6  # Lava compares v with vth << 6 (proc/lif/models.py)
BIAS_MANTISSA = (-(2**15), 2**15 - 1)  # bias_mant is stored in 16 bit
BIAS_EXPONENTS = range(16)


@dataclass(frozen=True)
class LavaLif:
    """Parameters of Lava's LIF, and what the program calls its quantities."""

    du: int
    dv: int
    vth: int
    bias_mant: int
    bias_exp: int
    port: str
    input: str
    u: str
    v: str
    spike: str
    before_reset: str | None
    length: int


def lava_lif(neuron: NeuronProgram) -> LavaLif | None:
    """Find a core at the start of a program that Lava's LIF computes as it stands."""
    core = match_lif_core(neuron)
    if core is None:
        return None
    bias = _split_bias(core.bias)
    vth, odd = divmod(core.threshold, 1 << THRESHOLD_SHIFT)
    du = core.current_decay - 1  # Lava adds 1 to du (ds_offset)
    if bias is None or odd or not 0 <= du < 4096 or abs(vth) >= 2**25:
        return None
    return LavaLif(
        du=du,
        dv=core.voltage_decay,
        vth=vth,
        bias_mant=bias[0],
        bias_exp=bias[1],
        port=core.port,
        input=core.input,
        u=core.current,
        v=core.voltage,
        spike=core.spike,
        before_reset=core.before_reset,
        length=core.length,
    )


def is_whole(neuron: NeuronProgram) -> bool:
    """Tell whether the neuron is Lava's LIF and nothing else."""
    return find_lif_core(neuron) is not None and not neuron.outputs


def _split_bias(bias: int) -> tuple[int, int] | None:
    """Write a bias as mantissa * 2**exponent in the bits that Lava stores."""
    low, high = BIAS_MANTISSA
    for exponent in BIAS_EXPONENTS:
        mantissa = bias >> exponent
        if mantissa << exponent == bias and low <= mantissa <= high:
            return mantissa, exponent
    return None
