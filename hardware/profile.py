"""Numerics profiles: which silicon or model the arithmetic of a run is that of.

Quirks live here as named data, each with its source and trust; the engine reads the
fields and never asks for a profile's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class Profile:
    """Named switches of the arithmetic. Integers unless the source itself is float.

    randomness
        ``"population"``: one draw shared by all elements of a side or connection and
        epoch, from PCG64 streams in Lava's order (facts: Lava 0.10 source).
        ``"element"``: one draw per element from a counter-based hash of (seed,
        stream, step, index); our documented choice.
    trace_decay
        ``"float exp"``: floor and fraction of ``exp(-1/tau) * value`` in float64.
        ``"q16"``: an integer factor round(exp(-1/tau) * 2**16), 16 fraction bits.
    impulse_random_bits
        Width of the random number compared with the impulse's 8-bit fraction; 7 is
        Lava's biased choice, 8 is unbiased.
    u_wrap
        ``"single"``: one addition or subtraction of 2**24, range (-2**23, 2**23].
        ``"twos complement"``: modulo 2**24, range [-2**23, 2**23).
    v_after_spike
        What the membrane register reads in the step of a spike; None: its own value.
        The dynamics go on from the reset value.
    third_factor_tau_256
        Decay that the engine applies to y values sent by the neuron before a product
        reads them; None: they are read as sent.
    clip_third_factor_on_event
        True: on a post event the engine adds an impulse of 0 to the y values, which
        clips them to [0, 127].
    product_shift_base
        Products are shifted right by max(0, sum of widths + base - 15).
    accumulator_low, tag_low
        Lower clip bounds.
    mixed_weight_step
        Grid of learned weights of mixed sign (1, or 2 where the lowest bit is not
        stored); results are rounded stochastically to it.
    dense_drops_low_bits
        True: the weights of a connection that does not learn lose
        ``8 - bits + mixed`` low bits (floor) before use.
    learning_drops_low_bits
        The same for the initial weights of a connection that learns.
    learning_clips_initial_weights
        True: initial weights of a learning connection are clipped before use.
    """

    name: str
    summary: str
    randomness: Literal["population", "element"]
    trace_decay: Literal["float exp", "q16"]
    impulse_random_bits: int
    u_wrap: Literal["single", "twos complement"]
    v_after_spike: int | None
    third_factor_tau_256: int | None
    clip_third_factor_on_event: bool
    product_shift_base: int
    accumulator_low: int
    tag_low: int
    mixed_weight_step: int
    dense_drops_low_bits: bool
    learning_drops_low_bits: bool
    learning_clips_initial_weights: bool
    sources: Mapping[str, str]


LAVA_0_10 = Profile(
    name="lava-0.10",
    summary="Lava 0.10's fixed-point CPU models, bit for bit",
    randomness="population",
    trace_decay="float exp",
    impulse_random_bits=7,
    u_wrap="single",
    v_after_spike=None,
    third_factor_tau_256=65535 * 256,
    clip_third_factor_on_event=True,
    product_shift_base=4,
    accumulator_low=-32769,
    tag_low=-257,
    mixed_weight_step=1,
    dense_drops_low_bits=True,
    learning_drops_low_bits=True,
    learning_clips_initial_weights=False,
    sources=MappingProxyType(
        {
            "randomness": "lava-nc 0.10.0 magma/core/learning/random.py",
            "trace_decay": "lava-nc 0.10.0 magma/core/model/py/connection.py:831",
            "impulse_random_bits": "lava-nc 0.10.0 magma/core/learning/random.py",
            "u_wrap": "lava-nc 0.10.0 proc/lif/models.py",
            "third_factor_tau_256": "lava-nc 0.10.0 learning_rule.py",
            "clip_third_factor_on_event": "lava-nc 0.10.0 connection.py _add_impulse",
            "product_shift_base": "lava-nc 0.10.0 learning/constants.py W_S_MANT",
        }
    ),
)

LOIHI2 = Profile(
    name="loihi2",
    summary="the chip where something is published, our documented choice elsewhere",
    randomness="element",
    trace_decay="q16",
    impulse_random_bits=8,
    u_wrap="twos complement",
    v_after_spike=128,
    third_factor_tau_256=None,
    clip_third_factor_on_event=False,
    product_shift_base=4,
    accumulator_low=-32768,
    tag_low=-256,
    mixed_weight_step=2,
    dense_drops_low_bits=True,
    learning_drops_low_bits=True,
    learning_clips_initial_weights=True,
    sources=MappingProxyType(
        {
            "randomness": "ours; nengo-loihi and Brian2Loihi also draw per element",
            "trace_decay": "ours; the chip's form is unpublished",
            "impulse_random_bits": "ours; unbiased",
            "u_wrap": "nengo-loihi emulator test_uv_overflow (checked on a chip)",
            "v_after_spike": "recorded on a Loihi 2 (NIR paper data, paper/01_lif)",
            "third_factor_tau_256": "ours; the chip's form is unpublished",
            "product_shift_base": "Lava 0.10 (4); nengo-loihi has 3: unresolved",
            "mixed_weight_step": "nengo-loihi and Brian2Loihi; Lava keeps odd values",
        }
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {p.name: p for p in (LAVA_0_10, LOIHI2)}
)
