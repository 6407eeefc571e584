"""Lava's static connections: Dense, DelayDense, Sparse and DelaySparse.

In: a process that has not run. Out: a connection without its ends, which follow from
the graph. Sources: lava-nc 0.10.0, proc/dense/models.py and proc/sparse/models.py.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from ...diagnostics import LaharError
from ...hardware.program import Connection, SignMode
from .from_lava_errors import BeyondAProgram
from .from_lava_warnings import SynapsesAreLost
from .lava_graph import LavaProcess, Warn
from .lava_values import (
    UNUSABLE,
    Integers,
    all_of,
    read_array,
    read_integer,
    refuse,
    unusable,
    warn_of_changes,
    within,
)

LONGEST_DELAY = 63
MOST_SYNAPSES = 2**28  # 1 GiB of int32
RANGES = {
    SignMode.MIXED: (-256, 255),
    SignMode.EXCITATORY: (0, 255),
    SignMode.INHIBITORY: (-255, 0),
}


def read_dense(process: LavaProcess, name: str, warn: Warn) -> Connection:
    """Read a Dense; graded spikes are summed in 32 bit, as its int32 product is."""
    weights = read_array(process, "weights")
    return _static(process, name, process.weights.init, weights, weights, warn)


def read_sparse(process: LavaProcess, name: str, warn: Warn) -> Connection:
    """Read a Sparse; what is not stored is a weight of 0."""
    given, weights = sparse_weights(process)
    return _static(process, name, given.toarray(), weights, given, warn)


def read_delay_dense(process: LavaProcess, name: str, warn: Warn) -> Connection:
    """Read a DelayDense; it sums in 64 bit, graded spikes too."""
    connection = read_dense(process, name, warn)
    delays = read_array(process, "delays")
    return _delayed(process, connection, delays, 64, warn)


def read_delay_sparse(process: LavaProcess, name: str, warn: Warn) -> Connection:
    """Read a DelaySparse; it sums in 32 bit, spikes of 1 too."""
    connection = read_sparse(process, name, warn)
    given = process.delays.init
    try:
        dense = given.toarray() if hasattr(given, "toarray") else given
        delays = np.broadcast_to(dense, process.weights.shape).astype(np.int32)
    except UNUSABLE as error:
        raise LaharError(unusable(process, "delays", given, str(error))) from error
    return _delayed(process, connection, delays, 32, warn)


def sparse_weights(process: LavaProcess) -> tuple[Any, Integers]:
    """Give the matrix as the user gave it, and its int32 weights, dense."""
    given = process.weights.init
    require_few_synapses(process, math.prod(given.shape))
    try:
        return given, np.asarray(given.astype(np.int32).toarray(), np.int32)
    except UNUSABLE as error:
        raise LaharError(unusable(process, "weights", given, str(error))) from error


def _static(
    process: LavaProcess,
    name: str,
    given: Any,
    weights: Integers,
    decisive: Any,
    warn: Warn,
) -> Connection:
    """``decisive`` are the weights that Lava finds the sign mode from."""
    if weights.size == 0:
        refuse(unusable(process, "weights", given, "there are none"))
    mode, bits, exponent, graded = all_of(
        lambda: sign_mode(process, decisive),
        lambda: weight_bits(process),
        lambda: weight_exponent(process),
        lambda: message_bits(process),
    )
    stored = drop_low_bits(np.clip(weights, *RANGES[mode]), mode, bits)
    warn_of_changes(process, "weights", given, stored, storage(mode, bits), warn)
    return Connection(
        name=name,
        source="",
        target="",
        port="",
        weights=weights,
        weight_exponent=exponent,
        weight_bits=bits,
        sign_mode=mode,
        message_bits=graded,
        sum_bits=32 if graded else 64,
    )


def _delayed(
    process: LavaProcess,
    connection: Connection,
    delays: Integers,
    sum_bits: Any,
    warn: Warn,
) -> Connection:
    if delays.max() > LONGEST_DELAY:
        given, remedy = process.delays.init, f"use delays of 0 to {LONGEST_DELAY}"
        refuse(unusable(process, "delays", given, "it checks for that", remedy))
    weights = connection.weights
    longest = process.a_buff.shape[-1] - 1
    lost = delays > longest
    if lost.any():
        number, needed = int((lost & (weights != 0)).sum()), int(delays.max())
        warn(SynapsesAreLost(process.name, number, longest, needed))
        weights, delays = np.where(lost, 0, weights), np.where(lost, 0, delays)
    return replace_synapses(connection, weights, delays, sum_bits)


def replace_synapses(
    connection: Connection, weights: Integers, delays: Integers, sum_bits: Any
) -> Connection:
    """Give the connection other weights, and delays; none at all if all are 0."""
    return replace(
        connection,
        weights=weights.astype(np.int32),
        delays=delays.astype(np.int32) if delays.any() else None,
        sum_bits=sum_bits,
    )


def sign_mode(process: LavaProcess, decisive: Any) -> SignMode:
    """Take the given sign mode, else find it as Lava does; NULL acts as EXCITATORY."""
    given = process.proc_params.get("sign_mode")
    if given:
        return given_sign_mode(given)
    if decisive.min() >= 0:
        return SignMode.EXCITATORY
    return SignMode.INHIBITORY if decisive.max() <= 0 else SignMode.MIXED


def given_sign_mode(given: Any) -> SignMode:
    """Compare with Lava's modes, as Lava does: what is none of them clips at 0."""
    from lava.utils.weightutils import SignMode as LavaSignMode

    if given == LavaSignMode.MIXED:
        return SignMode.MIXED
    if given == LavaSignMode.INHIBITORY:
        return SignMode.INHIBITORY
    return SignMode.EXCITATORY


def weight_bits(process: LavaProcess) -> int:
    """Give num_weight_bits, 1 to 8.

    Raises
    ------
    LaharError
        B536 for others: Lava then shifts by a negative number, or all bits away.

    """
    given = process.proc_params.get("num_weight_bits", 8)
    bits = read_integer(process, "num_weight_bits", given)
    if not 1 <= bits <= 8:
        refuse(
            BeyondAProgram(
                process.name,
                f"`num_weight_bits` is {bits}",
                "a weight has 1 to 8 bits; with others Lava shifts them all away",
                "use 8, or leave it out",
            )
        )
    return bits


def weight_exponent(process: LavaProcess) -> int:
    """Give weight_exp, -31 to 31."""
    given = process.proc_params.get("weight_exp", 0)
    exponent = read_integer(process, "weight_exp", given)
    return within(process, "weight_exp", exponent, -31, 31)


def message_bits(process: LavaProcess) -> int:
    """Give num_message_bits; none and negative ones mean spikes of 1."""
    bits = int(read_array(process, "num_message_bits", np.int64).item())
    return within(process, "num_message_bits", max(bits, 0), 0, 32)


def require_few_synapses(process: LavaProcess, synapses: int) -> None:
    """Refuse what would not fit a computer's memory as a dense matrix.

    Raises
    ------
    LaharError
        B536 beyond 2**28 weights.

    """
    if synapses > MOST_SYNAPSES:
        refuse(
            BeyondAProgram(
                process.name,
                f"it is a matrix of {synapses} weights",
                f"a Program holds it dense, and from_lava takes {MOST_SYNAPSES}",
                "divide it into several connections",
            )
        )


def drop_low_bits(weights: Integers, mode: SignMode, bits: int) -> Integers:
    """Keep what is stored; see docs/semantics.md section 5."""
    lost = 8 - bits + (mode == SignMode.MIXED)
    if mode == SignMode.INHIBITORY:
        return -((-weights >> lost) << lost)
    return (weights >> lost) << lost


def storage(mode: SignMode, bits: int) -> str:
    """Say how weights are stored, for a message."""
    low, high = RANGES[mode]
    step = 2 ** (8 - bits + (mode == SignMode.MIXED))
    return f"{mode.name} weights of {bits} bits are {low}..{high} in steps of {step}"
