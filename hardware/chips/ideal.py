"""`ideal`: a chip that nobody built, for tests of the compiler.

Loihi 2 without limits of room, and with 24 more fraction bits in the formats of its
learning engine. A Program for it computes as the float reference does, but for about
2**-24, so that a mistake of the compiler shows as itself. docs/chips.md says which
formats are wider.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from ..chip import Value
from ..profile import IDEAL
from ..program import SignMode
from ..value import Trust
from ..widths import IDEAL_WIDTHS, MORE_BITS
from .loihi2 import LOIHI2

T = TypeVar("T")

_MADE_UP = "no chip: chosen by lahar for tests"
_TRUST: Trust = "high"  # it is so because we say so
_ROOM = 2**30  # more than a test asks for


def _value(content: T, unit: str) -> Value[T]:
    return Value(content, unit, _MADE_UP, _TRUST)


_RANGES = {
    SignMode.MIXED: (-(2**IDEAL_WIDTHS.weight_bits), 2**IDEAL_WIDTHS.weight_bits - 2),
    SignMode.EXCITATORY: IDEAL_WIDTHS.weight_range(SignMode.EXCITATORY),
    SignMode.INHIBITORY: IDEAL_WIDTHS.weight_range(SignMode.INHIBITORY),
}
_WIDTHS = {v: IDEAL_WIDTHS.factor_bits(v) for v in LOIHI2.factor_widths.value}

IDEAL_CHIP = replace(
    LOIHI2,
    name="ideal",
    title="Loihi 2 without limits, for tests",
    profile=IDEAL.name,
    neurons_per_core=_value(_ROOM, "neuron"),
    synapse_bits_per_core=_value(_ROOM * 64, "bit"),
    decay_bits=_value(31, "bit"),
    weight_ranges=_value(MappingProxyType(_RANGES), "integer"),
    weight_exponent=_value((-7 - MORE_BITS, 7), "bit"),
    trace_bits=_value(IDEAL_WIDTHS.trace_bits, "bit"),
    trace_max=_value(IDEAL_WIDTHS.trace_max, "integer"),
    trace_impulse=_value((0, IDEAL_WIDTHS.trace_max), "integer"),
    mantissa=_value((-(8 << MORE_BITS), (8 << MORE_BITS) - 1), "integer"),
    exponent=_value((-7, 16), "bit"),
    factor_widths=_value(MappingProxyType(_WIDTHS), "bit"),
    factor_constant=_value((-(2**31), 2**31 - 1), "integer"),
    tag=_value((-(2**IDEAL_WIDTHS.tag_bits), IDEAL_WIDTHS.tag_max), "integer"),
    accumulator_bits=_value(IDEAL_WIDTHS.accumulator_bits + 1, "bit"),
    product_shift_base=_value(4 + MORE_BITS, "bit"),
)
