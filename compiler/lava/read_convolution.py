"""Lava's Conv as a connection: the dense matrix of the convolution.

In: a process that has not run. Out: weights (post, pre) that are used as they are,
because Lava stores and ignores num_weight_bits and weight_exp of a Conv. Source:
lava-nc 0.10.0, proc/conv/models.py and utils.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from ...hardware.program import Connection, SignMode
from .from_lava_warnings import SettingHasNoEffect, SumsMayLeaveInt32
from .lava_graph import LavaProcess, Warn, shape_of
from .lava_values import Integers, read_array, refuse, unusable, warn_of_changes
from .read_connections import message_bits, require_few_synapses

RESULT_BITS = 24
LAST_SURE_BIT = 31


def read_conv(process: LavaProcess, name: str, warn: Warn) -> Connection:
    """Read a Conv; its result wraps to signed 24 bit."""
    kernel = read_array(process, "weight")
    why = "the fixed-point model stores int32"
    warn_of_changes(process, "weight", process.weight.init, kernel, why, warn)
    require_few_synapses(process, process.a_out.size * process.s_in.size)
    weights = convolution_matrix(process, kernel)
    graded = message_bits(process)
    _warn_of_settings(process, weights, graded, warn)
    return Connection(
        name=name,
        source="",
        target="",
        port="",
        weights=weights,
        sign_mode=SignMode.MIXED,
        message_bits=graded,
        weight_format="raw",
        result_bits=RESULT_BITS,
        shape=shape_of(process.a_out),
    )


def convolution_matrix(process: LavaProcess, kernel: Integers) -> Integers:
    """Write the convolution as a matrix (post, pre); neurons count in C order.

    Lava flips the kernel: tap (x, y) of a kernel of (kx, ky) meets the input at
    distance (kx - 1 - x, ky - 1 - y) from where the output looks.
    """
    places = np.arange(process.s_in.size).reshape(process.s_in.shape)
    outputs = np.arange(process.a_out.size).reshape(process.a_out.shape)
    weights = np.zeros((outputs.size, places.size), np.int32)
    groups = _settings(process, "groups")[0]
    inside, outside = places.shape[-1] // groups, outputs.shape[-1] // groups
    if kernel.shape[-1] < inside:
        problem = f"it has {kernel.shape[-1]} channels, not {inside}"
        refuse(unusable(process, "weight", kernel, problem, "give it as many"))
    for (seen, (x, y)), k in product(_taps(process, places), range(outside * groups)):
        first = k // outside * inside  # the channels of its group
        for channel in range(inside):
            pre = seen[:, :, first + channel]
            post = outputs[:, :, k]
            weights[post[pre >= 0], pre[pre >= 0]] = kernel[k, x, y, channel]
    return weights


def _taps(
    process: LavaProcess, places: Integers
) -> Iterator[tuple[Integers, tuple[int, int]]]:
    """For each kernel tap, the input that each output position sees; -1 outside."""
    stride, padding = _settings(process, "stride"), _settings(process, "padding")
    dilation = _settings(process, "dilation")
    size = _settings(process, "kernel_size")
    wide = [(p, p) for p in padding]
    padded = np.pad(places, (*wide, (0, 0)), constant_values=-1)
    columns, rows, _ = process.a_out.shape
    for tap in product(range(size[0]), range(size[1])):
        x, y = ((n - 1 - t) * d for n, t, d in zip(size, tap, dilation, strict=True))
        seen = padded[x :: stride[0], y :: stride[1]][:columns, :rows]
        yield seen, tap


def _settings(process: LavaProcess, name: str) -> list[int]:
    """Read a geometry; Lava keeps it in int8."""
    stored = read_array(process, name, np.int8)
    if (stored != np.asarray(getattr(process, name).init)).any():
        given, why = getattr(process, name).init, "it is stored in 8 bit and wraps"
        refuse(unusable(process, name, given, why, "use at most 127"))
    return [int(n) for n in stored.ravel()]


def _warn_of_settings(
    process: LavaProcess, weights: Integers, graded: int, warn: Warn
) -> None:
    for setting, default in (("weight_exp", 0), ("num_weight_bits", 8)):
        given = getattr(process, setting).init
        if np.any(np.asarray(given) != default):
            why = "the fixed-point Conv takes its weights as they are"
            remedy = f"leave {setting} out"
            warn(SettingHasNoEffect(process.name, f"{setting}={given}", why, remedy))
    largest = int(np.abs(weights.astype(np.int64)).sum(axis=1).max(initial=1))
    if graded and graded + largest.bit_length() > LAST_SURE_BIT:
        limit = 2**LAST_SURE_BIT // max(largest, 1)
        warn(SumsMayLeaveInt32(process.name, limit))
