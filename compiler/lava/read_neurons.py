"""Lava's LIF neurons as neuron programs: LIF, LIFReset, LearningLIF, TernaryLIF.

In: a process that has not run. Out: a population of the LIF core of docs/semantics.md
section 4, with what the variants add. Sources: lava-nc 0.10.0, proc/lif/models.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...diagnostics import LaharError
from ...hardware.program import Population
from .from_lava_errors import BeyondAProgram, LavaWouldFail
from .lava_graph import LavaProcess, Warn
from .lava_values import (
    INT32,
    UNUSABLE,
    Integers,
    all_of,
    read_array,
    refuse,
    unusable,
    warn_of_changes,
    within,
)
from .neuron_sheet import DECAY_UNITY, EXACT_IN_FLOAT, NeuronSheet

SHIFT = 6  # thresholds and arrivals are 6 bits short of u and v
V_LIMIT = 2**23 - 1


def read_lif(process: LavaProcess, name: str, warn: Warn) -> Population:
    """Read a LIF or LearningLIF: their fixed-point models compute the same."""
    return _lif(NeuronSheet(name, process.v.shape), process, warn)


def read_lif_reset(process: LavaProcess, name: str, warn: Warn) -> Population:
    """Read a LIF whose u and v are cleared before the dynamics of every n-th step."""
    interval, offset = all_of(
        lambda: _whole_steps(process, "reset_interval"),
        lambda: _whole_steps(process, "reset_offset"),
    )
    sheet = NeuronSheet(name, process.v.shape)
    sheet.op("every", "clear", interval, offset % interval)
    sheet.op("select", "u", "clear", 0, "u")
    sheet.op("select", "v", "clear", 0, "v")
    return _lif(sheet, process, warn)


def read_ternary_lif(process: LavaProcess, name: str, warn: Warn) -> Population:
    """Read a LIF that sends +1 above one threshold and -1 below another."""
    sheet = NeuronSheet(name, process.v.shape)
    high, low, _ = all_of(
        lambda: _int32_threshold(process, "vth_hi", warn),
        lambda: _int32_threshold(process, "vth_lo", warn),
        lambda: _core(sheet, process, warn),
    )
    sheet.op("gt", "above", "v", high)
    sheet.op("gt", "below", low, "v")
    sheet.op("sub", "spike", "above", "below")
    sheet.op("select", "v", "spike", 0, "v")
    return sheet.population("spike", graded=True)


def _whole_steps(process: LavaProcess, name: str) -> int:
    """Read a number of steps; Lava takes any number, and divides by it."""
    given = process.proc_params[name]
    if given != int(given):
        refuse(
            BeyondAProgram(
                process.name,
                f"`{name}` is {given}",
                "a Program counts whole steps",
                f"use a whole number as {name}",
            )
        )
    return int(given)


def _lif(sheet: NeuronSheet, process: LavaProcess, warn: Warn) -> Population:
    """Write the core, and a spike above one threshold."""
    threshold, _ = all_of(
        lambda: _threshold(process), lambda: _core(sheet, process, warn)
    )
    sheet.op("gt", "spike", "v", _scaled(sheet, threshold))
    sheet.op("select", "v", "spike", 0, "v")
    return sheet.population("spike", membrane="v")


def _core(sheet: NeuronSheet, process: LavaProcess, warn: Warn) -> None:
    """Write u and v, up to the threshold."""
    u, v, du, dv, bias = all_of(
        lambda: read_state(process, "u", warn),
        lambda: read_state(process, "v", warn),
        lambda: _lost(process, "du", 1),
        lambda: _lost(process, "dv", 0),
        lambda: read_bias(process, warn),
    )
    sheet.keep("u", u)
    sheet.keep("v", v)
    sheet.op("shl", "input", "a_in", SHIFT)
    sheet.decay("u", "u", du, "du", 1)
    sheet.op("add", "u", "u", "input")
    sheet.op("wrap", "u", "u")
    sheet.decay("v", "v", dv, "dv")
    sheet.op("add", "v", "v", "u")
    sheet.op("add", "v", "v", sheet.constant("bias", bias))
    sheet.op("saturate", "v", "v", -V_LIMIT, V_LIMIT)


def _threshold(process: LavaProcess) -> Integers:
    """Compute vth * 64 of each neuron as Lava does, in the type of vth."""
    given = process.vth.init
    try:
        values = np.broadcast_to(np.left_shift(given, SHIFT), process.v.shape)
    except UNUSABLE as error:
        raise LaharError(_unfit(process, "vth", given)) from error
    for mantissa in (values.min() >> SHIFT, values.max() >> SHIFT):
        within(process, "vth", int(mantissa), *INT32)
    return values


def _scaled(sheet: NeuronSheet, threshold: Integers) -> str | int:
    """Give a threshold as a literal, or as the Var and a shift."""
    if (threshold == threshold.flat[0]).all():
        return int(threshold.flat[0])
    sheet.op("shl", "threshold", sheet.keep("vth", threshold >> SHIFT), SHIFT)
    return "threshold"


def _int32_threshold(process: LavaProcess, name: str, warn: Warn) -> int:
    """Read a threshold of a TernaryLIF: one int32, shifted in 32 bit."""
    stored, given = read_array(process, name), getattr(process, name).init
    warn_of_changes(process, name, given, stored, "thresholds are int32", warn)
    return int(np.left_shift(stored, SHIFT).flat[0])


def _lost(process: LavaProcess, name: str, offset: int) -> Integers:
    """Give the parts of 4096 that a decay takes, du + 1 or dv, per neuron."""
    given = getattr(process, name).init
    try:
        kept: Any = DECAY_UNITY - (given + offset)  # as Lava writes it
        np.right_shift(kept, 0)  # a float raises here, as in Lava
        values = np.broadcast_to(np.asarray(kept), process.v.shape)
    except UNUSABLE as error:
        raise LaharError(_unfit(process, name, given)) from error
    lost = np.asarray(DECAY_UNITY - values.astype(np.int64))
    _check_decay(process, name, lost)
    return lost


def _unfit(process: LavaProcess, name: str, given: Any) -> LavaWouldFail:
    """Say that a parameter is no integer, or not one for each neuron."""
    why = "it shifts bits, and broadcasts to the shape of the neurons"
    remedy = f"give an integer as {name}, or one for each neuron"
    return unusable(process, name, given, why, remedy)


def _check_decay(process: LavaProcess, name: str, lost: Integers) -> None:
    ordinary = bool(((lost >= 0) & (lost <= DECAY_UNITY)).all())
    equal = bool((lost == lost.flat[0]).all())
    if ordinary or (equal and abs(DECAY_UNITY - int(lost.flat[0])) < EXACT_IN_FLOAT):
        return
    refuse(
        BeyondAProgram(
            process.name,
            f"`{name}` leaves 0..4095",
            f"{name} is a 12-bit number; lahar takes others only alike for all neurons",
            f"use a {name} of 0 to 4095",
        )
    )


def read_state(process: LavaProcess, name: str, warn: Warn) -> Integers:
    """Read the first values of a state, an int32 of each neuron."""
    stored = read_array(process, name)
    given = getattr(process, name).init
    warn_of_changes(process, name, given, stored, "the state is int32", warn)
    return stored


def read_bias(process: LavaProcess, warn: Warn) -> Integers:
    """Compute the bias from its mantissa, an int16, and its exponent."""
    mantissa = read_array(process, "bias_mant", np.int16)
    exponent = read_array(process, "bias_exp", np.int16)
    for name, stored in (("bias_mant", mantissa), ("bias_exp", exponent)):
        given = getattr(process, name).init
        warn_of_changes(process, name, given, stored, "Lava stores it as int16", warn)
    wide = mantissa.astype(np.int32)
    up, down = np.left_shift(wide, exponent), np.right_shift(wide, -exponent)
    return np.where(exponent >= 0, up, down)
