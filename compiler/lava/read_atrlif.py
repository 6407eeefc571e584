"""Lava's ATRLIF, a LIF of adaptive threshold and refractoriness, as a neuron program.

In: a process that has not run. Out: a population that computes what the fixed-point
model does, its floats included: its decays are fractions, and only that of the current
is multiplied before it is cut off. Source: lava-nc 0.10.0, proc/atrlif/models.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...diagnostics import LaharError
from ...hardware.program import Population
from .from_lava_errors import BeyondAProgram
from .from_lava_warnings import SettingHasNoEffect
from .lava_graph import LavaProcess, Warn
from .lava_values import UNUSABLE, Integers, refuse, unusable
from .neuron_sheet import DECAY_UNITY, EXACT_IN_FLOAT, NeuronSheet
from .read_neurons import SHIFT, V_LIMIT, read_bias, read_state

UNITY = 2**SHIFT


def read_atrlif(process: LavaProcess, name: str, warn: Warn) -> Population:
    """Read an ATRLIF."""
    sheet = NeuronSheet(name, process.v.shape)
    _current(sheet, process, warn)
    _voltage(sheet, process, warn)
    _threshold(sheet, process, warn)
    _refractoriness(sheet, process, warn)
    sheet.op("sub", "above", "v", "r")
    sheet.op("int32", "above", "above")
    sheet.op("ge", "spike", "above", "theta")
    _after_a_spike(sheet, process)
    return sheet.population("spike")


def _current(sheet: NeuronSheet, process: LavaProcess, warn: Warn) -> None:
    sheet.keep("i", read_state(process, "i", warn))
    factor = DECAY_UNITY - (_number(process, "delta_i") * DECAY_UNITY + 1)
    if (np.zeros(1, np.int32) * factor).dtype.kind == "f":
        mantissa, divisor = _as_ratio(process, "delta_i", factor)
        sheet.op("fscale", "kept", "i", mantissa, divisor.bit_length() - 1)
    else:  # an integer fraction, 0 or 1: Lava's product is one of int32
        sheet.op("mul", "kept", "i", int(factor))
        if (np.zeros(1, np.int32) * factor).dtype == np.int32:
            sheet.op("int32", "kept", "kept")
    sheet.op("decay", "kept", "kept", DECAY_UNITY - 1)  # divides by 4096
    sheet.op("shl", "input", "a_in", SHIFT)
    sheet.op("add", "i", "kept", "input")
    sheet.op("wrap", "i", "i")


def _voltage(sheet: NeuronSheet, process: LavaProcess, warn: Warn) -> None:
    sheet.keep("v", read_state(process, "v", warn))
    sheet.decay("v", "v", _lost(process, "delta_v"), "delta_v")
    sheet.op("add", "v", "v", "i")
    sheet.op("add", "v", "v", sheet.constant("bias", read_bias(process, warn)))
    sheet.op("saturate", "v", "v", -V_LIMIT, V_LIMIT)


def _threshold(sheet: NeuronSheet, process: LavaProcess, warn: Warn) -> None:
    """Decay theta toward theta_0, where Lava's first step puts it."""
    rest = _scaled(process, "theta_0")
    _warn_of_theta(process, warn)
    sheet.keep("theta", np.full(sheet.shape, rest))
    sheet.op("sub", "raised", "theta", rest)
    sheet.op("int32", "raised", "raised")
    sheet.decay("raised", "raised", _lost(process, "delta_theta"), "delta_theta")
    sheet.op("add", "theta", "raised", rest)


def _refractoriness(sheet: NeuronSheet, process: LavaProcess, warn: Warn) -> None:
    sheet.keep("r", read_state(process, "r", warn))
    sheet.decay("r", "r", _lost(process, "delta_r"), "delta_r")


def _after_a_spike(sheet: NeuronSheet, process: LavaProcess) -> None:
    sheet.op("shl", "r_raised", "theta", 1)
    sheet.op("add", "r_raised", "r", "r_raised")
    sheet.op("select", "r", "spike", "r_raised", "r")
    sheet.op("add", "theta_raised", "theta", _scaled(process, "theta_step"))
    sheet.op("select", "theta", "spike", "theta_raised", "theta")


def _warn_of_theta(process: LavaProcess, warn: Warn) -> None:
    given, rest = process.theta.init, process.theta_0.init
    if not np.all(np.asarray(given) == rest):
        why = "the fixed-point model overwrites it with theta_0 in its first step"
        remedy = "leave theta out, or give it as theta_0"
        warn(SettingHasNoEffect(process.name, "the initial theta", why, remedy))


def _number(process: LavaProcess, name: str) -> Any:
    """Take a parameter as Lava's model gets it, if it is one number."""
    given = getattr(process, name).init
    try:
        finite = bool(np.isfinite(given).all())
    except UNUSABLE:
        finite = False
    if not finite:
        remedy = "give a finite number"
        refuse(unusable(process, name, given, "no integer is like it", remedy))
    if np.size(given) != 1:
        refuse(_differs(process, name))
    return given


def _scaled(process: LavaProcess, name: str) -> int:
    """Give 64 times a parameter, cut off to an int32 as Lava does."""
    given = _number(process, name)
    try:
        with np.errstate(all="ignore"):
            return int(np.int32(given * UNITY).flat[0])
    except UNUSABLE as error:
        raise LaharError(unusable(process, name, given, str(error))) from error


def _lost(process: LavaProcess, name: str) -> Integers:
    """Give the parts of 4096 that a decay takes: Lava cuts off what is kept."""
    kept = np.int64(DECAY_UNITY - _number(process, name) * DECAY_UNITY)
    lost = np.asarray(DECAY_UNITY - kept).reshape(1)
    if abs(int(np.asarray(kept).flat[0])) >= EXACT_IN_FLOAT:
        refuse(_too_large(process, name))
    return lost


def _as_ratio(process: LavaProcess, name: str, factor: Any) -> tuple[int, int]:
    """Write a float as an integer over a power of two, which it always is."""
    mantissa, divisor = float(np.asarray(factor).flat[0]).as_integer_ratio()
    if not -(2**63) <= mantissa < 2**63:
        refuse(_too_large(process, name))
    return mantissa, divisor


def _differs(process: LavaProcess, name: str) -> BeyondAProgram:
    return BeyondAProgram(
        process.name,
        f"`{name}` has {np.size(getattr(process, name).init)} values",
        "lahar reads one value for all neurons of an ATRLIF",
        f"make a process of each group of neurons with the same {name}",
    )


def _too_large(process: LavaProcess, name: str) -> BeyondAProgram:
    return BeyondAProgram(
        process.name,
        f"`{name}` is {getattr(process, name).init}",
        "it is a fraction; a Program holds decays between -1000 and 1000",
        f"use a {name} of 0 to 1",
    )
