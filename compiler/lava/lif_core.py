"""Say with which parameters Lava's own LIF computes a neuron's LIF core.

In: a neuron program, or a population whose neurons differ in constants. Out: the core
and the numbers that Lava's process takes, or None if Lava's fixed-point models
(proc/lif/models.py) cannot hold them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...hardware.lif_core import find_lif_core, match_lif_core
from ...hardware.program import IntArray, NeuronProgram, Op, Population

THRESHOLD_SHIFT = 6  # Lava compares v with vth << 6 (proc/lif/models.py)
BIAS_MANTISSA = (-(2**15), 2**15 - 1)  # bias_mant is stored in 16 bit
BIAS_EXPONENTS = range(16)


@dataclass(frozen=True, eq=False)
class LavaLif:
    """A LIF process of Lava's, and what the program calls its quantities."""

    process: str
    parameters: Mapping[str, int]
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
    vth = _mantissa(core.threshold)
    du = core.current_decay - 1  # Lava adds 1 to du (ds_offset)
    if bias is None or vth is None or not 0 <= du < 4096:
        return None
    parameters = {"du": du, "dv": core.voltage_decay, "vth": vth}
    parameters |= {"bias_mant": bias[0], "bias_exp": bias[1]}
    return LavaLif(
        process="LIF",
        parameters=parameters,
        port=core.port,
        input=core.input,
        u=core.current,
        v=core.voltage,
        spike=core.spike,
        before_reset=core.before_reset,
        length=core.length,
    )


def whole_lif(neuron: NeuronProgram) -> LavaLif | None:
    """Find a neuron that is one of Lava's LIF processes and nothing else."""
    if neuron.outputs:
        return None
    return _plain(neuron) or _cleared(neuron) or _ternary(neuron)


def _plain(neuron: NeuronProgram) -> LavaLif | None:
    return lava_lif(neuron) if find_lif_core(neuron) is not None else None


def _cleared(neuron: NeuronProgram) -> LavaLif | None:
    """Find Lava's LIFReset: u and v become 0 before the dynamics of some steps."""
    if len(neuron.ops) < 3 or neuron.ops[0].code != "every":
        return None
    when, clear_u, clear_v = neuron.ops[:3]
    lif = _plain(replace(neuron, ops=neuron.ops[3:]))
    if lif is None or lif.before_reset is not None or when.target in _names(lif):
        return None
    if [clear_u, clear_v] != [_zero(when.target, name) for name in (lif.u, lif.v)]:
        return None
    interval, offset = (int(argument) for argument in when.args)
    reset = {"reset_interval": interval, "reset_offset": offset}
    return replace(lif, process="LIFReset", parameters={**lif.parameters, **reset})


def _zero(condition: str, register: str) -> Op:
    return Op("select", register, (condition, 0, register))


def _ternary(neuron: NeuronProgram) -> LavaLif | None:
    """Find Lava's TernaryLIF: +1 above one threshold, -1 below another."""
    if len(neuron.ops) != 12:
        return None
    above, below, difference, reset = neuron.ops[8:]
    spike = (Op("gt", neuron.spike, above.args), reset)
    lif = _plain(replace(neuron, ops=(*neuron.ops[:8], *spike), graded=False))
    if lif is None or len({above.target, below.target, *_names(lif)}) < 6:
        return None
    low = below.args[0]
    expected = [
        Op("gt", below.target, (low, lif.v)),
        Op("sub", neuron.spike, (above.target, below.target)),
    ]
    if [below, difference] != expected or above.code != "gt":
        return None
    vth_lo = _mantissa(low) if isinstance(low, int) else None
    parameters = dict(lif.parameters)
    vth_hi = parameters.pop("vth")
    if vth_lo is None or vth_lo > vth_hi:
        return None
    parameters |= {"vth_hi": vth_hi, "vth_lo": vth_lo}
    return replace(lif, process="TernaryLIF", parameters=parameters)


def _names(lif: LavaLif) -> set[str]:
    return {lif.port, lif.input, lif.u, lif.v, lif.spike}


def _mantissa(threshold: int) -> int | None:
    """Give the vth of a threshold, if it has one of few enough bits."""
    vth, odd = divmod(threshold, 1 << THRESHOLD_SHIFT)
    return None if odd or abs(vth) >= 2**25 else vth


def _split_bias(bias: int) -> tuple[int, int] | None:
    """Write a bias as mantissa * 2**exponent in the bits that Lava stores."""
    low, high = BIAS_MANTISSA
    for exponent in BIAS_EXPONENTS:
        mantissa = bias >> exponent
        if mantissa << exponent == bias and low <= mantissa <= high:
            return mantissa, exponent
    return None


# --- neurons that differ ----------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LavaLifs:
    """Neurons that are Lava's LIF, each with its own parameters.

    ``constants`` are the registers that hold parameters: no operation writes them.
    """

    any_of_them: LavaLif
    parameters: Mapping[str, IntArray]
    constants: Mapping[str, IntArray]


def lava_lifs(population: Population) -> LavaLifs | None:
    """Find a population that Lava's LIF is once each neuron's constants are put in."""
    assert population.neuron is not None
    constants = constant_registers(population)
    if not constants:
        return None
    table = np.stack([*constants.values()], axis=1)
    kinds, kind_of_neuron = np.unique(table, axis=0, return_inverse=True)
    found = []
    for kind in kinds:
        values = dict(zip(constants, (int(k) for k in kind), strict=True))
        lif = whole_lif(_with_constants(population.neuron, values))
        if lif is None:
            return None
        found.append(lif)
    parameters = {
        name: np.array([lif.parameters[name] for lif in found], np.int32)[
            kind_of_neuron.ravel()
        ]
        for name in found[0].parameters
    }
    return LavaLifs(found[0], parameters, constants)


def constant_registers(population: Population) -> dict[str, IntArray]:
    """Give the registers that no operation writes, with a value for each neuron."""
    assert population.neuron is not None
    written = {op.target for op in population.neuron.ops}
    nothing = np.zeros(population.size, np.int32)
    return {
        r.name: population.initial.get(r.name, nothing + np.int32(r.initial))
        for r in population.neuron.registers
        if r.name not in written
    }


def _with_constants(
    neuron: NeuronProgram, constants: Mapping[str, int]
) -> NeuronProgram:
    """Put numbers in the place of registers, and of what follows from them alone."""
    registers = tuple(r for r in neuron.registers if r.name not in constants)
    ops = tuple(_folded(neuron, dict(constants)))
    return replace(neuron, registers=registers, ops=ops)


def _folded(neuron: NeuronProgram, known: dict[str, int]) -> Iterator[Op]:
    kept = {r.name for r in neuron.registers}
    for op in neuron.ops:
        args = tuple(known.get(a, a) if isinstance(a, str) else a for a in op.args)
        value = _value(op, args)
        if value is None or op.target in kept:
            known.pop(op.target, None)
            yield Op(op.code, op.target, args)
        else:
            known[op.target] = value


def _value(op: Op, args: tuple[str | int, ...]) -> int | None:
    match op.code, args:
        case "add", (int(a), int(b)):
            return a + b
        case "shl", (int(a), int(k)):
            return a << k
        case _:
            return None
