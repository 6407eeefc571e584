"""The learning phase of a connection: sums of products, rounding, clipping.

docs/semantics.md section 7. Synaptic variables and trace histories go in, the new
synaptic variables come out; all arrays are (post, pre) or broadcast to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..hardware.profile import Profile
from ..hardware.program import Connection, Factor, Learning, Product, SignMode, Target
from .initial_weights import WEIGHT_RANGE
from .interpreter_traces import Histories
from .operations import (
    Integers,
    clip_factor,
    gt,
    round_stochastically,
    scale_product,
    sign_of,
    to_int32,
)
from .randomness import AbstractNumbers

FACTOR_BITS = {
    **dict.fromkeys(("x0", "y0"), 1),
    **dict.fromkeys(("x1", "x2", "y1", "y2", "y3"), 7),
    **dict.fromkeys(("w", "d", "t"), 9),
    "c": 8,
}
ACCUMULATOR_HIGH = 32767
ACCUMULATOR_BITS = 15
EXPONENT_BASE = 7  # a synaptic variable sits 7 bits up in the accumulator
TARGETS: tuple[Target, ...] = ("w", "d", "t")


@dataclass(frozen=True, eq=False)
class Phase:
    """What the products of a learning phase may read."""

    step: int
    number: int
    old: Mapping[str, Integers]
    histories: Histories
    pre_time: Integers
    post_time: Integers
    decimated: int

    def gate(self, name: str) -> Integers:
        """Give x0, y0 or u."""
        if name == "x0":
            return _row(gt(self.pre_time, np.zeros(1, np.int64)))
        if name == "y0":
            return _column(gt(self.post_time, np.zeros(1, np.int64)))
        return np.full((1, 1), self.decimated)

    def trace(self, name: str, gate: str) -> Integers:
        """Read a trace at the gate's moment of the epoch."""
        history = self.histories[name]
        of_pre = name.startswith("x")
        if gate == "u":
            last = history[-1]
            return _row(last) if of_pre else _column(last)
        times = self.pre_time if gate == "x0" else self.post_time
        if of_pre == (gate == "x0"):
            own = history[times, np.arange(times.size)]
            return _row(own) if of_pre else _column(own)
        other = history[times]
        return other if of_pre else other.T


def _row(of_pre: Integers) -> Integers:
    return of_pre.reshape(1, -1)


def _column(of_post: Integers) -> Integers:
    return of_post.reshape(-1, 1)


def phase_number(learning: Learning, step: int) -> int:
    """Count learning phases from 1."""
    return step // learning.epoch_steps


def decimated_gate(learning: Learning, step: int) -> int:
    """Give u: 1 in every 2**k-th epoch."""
    if learning.decimate_exponent is None:
        return 0
    period: int = 1 << learning.decimate_exponent
    return int(phase_number(learning, step) % period == 0)


def learn(
    connection: Connection, profile: Profile, phase: Phase, numbers: AbstractNumbers
) -> dict[str, Integers]:
    """Give the new value of every synaptic variable that has products."""
    assert connection.learning is not None
    new = dict(phase.old)
    for target in TARGETS:
        products = [p for p in connection.learning.products if p.target == target]
        if products:
            total = _accumulate(products, phase.old[target], profile, phase)
            new[target] = _store(target, total, connection, profile, phase, numbers)
    return new


def _accumulate(
    products: list[Product], old: Integers, profile: Profile, phase: Phase
) -> Integers:
    total = to_int32(old << EXPONENT_BASE)
    for product in products:
        total = total + _evaluate(product, profile, phase)
        total = np.clip(total, profile.accumulator_low, ACCUMULATOR_HIGH)
    return total


def _evaluate(product: Product, profile: Profile, phase: Phase) -> Integers:
    r = phase.gate(product.gate)
    for factor in product.factors:
        r = to_int32(r * _factor(factor, product.gate, phase))
    r = to_int32(r * product.mantissa)
    return scale_product(
        r,
        product_shift(product, profile),
        product.exponent + EXPONENT_BASE,
        profile.accumulator_low,
    )


def product_shift(product: Product, profile: Profile) -> int:
    """Give the right shift that brings a product back into the accumulator."""
    width = sum(FACTOR_BITS[f.variable] for f in product.factors)
    return max(0, width + profile.product_shift_base - ACCUMULATOR_BITS)


def _factor(factor: Factor, gate: str, phase: Phase) -> Integers:
    value = _variable(factor.variable, gate, phase) + factor.constant
    if factor.sign:
        value = sign_of(value)
    return clip_factor(value, FACTOR_BITS[factor.variable])


def _variable(name: str, gate: str, phase: Phase) -> Integers:
    if name == "c":
        return np.zeros((1, 1), np.int64)
    if name in ("x0", "y0"):
        return phase.gate(name)
    if name in phase.old:
        return phase.old[name]
    return phase.trace(name, gate)


def variable_range(target: Target, mode: SignMode, profile: Profile) -> tuple[int, int]:
    """Give the lowest and the highest value that is stored after a learning phase."""
    if target == "d":
        return 0, 255
    if target == "t":
        return profile.tag_low, 255
    low, high = WEIGHT_RANGE[mode]
    return low, high + 1 - weight_step(mode, profile)


def weight_step(mode: SignMode, profile: Profile) -> int:
    """Give the grid of learned weights."""
    return profile.mixed_weight_step if mode == SignMode.MIXED else 1


def _store(
    target: Target,
    total: Integers,
    connection: Connection,
    profile: Profile,
    phase: Phase,
    numbers: AbstractNumbers,
) -> Integers:
    mode = connection.sign_mode
    low, high = variable_range(target, mode, profile)
    if target == "d" or (target == "w" and mode == SignMode.EXCITATORY):
        total = np.maximum(total, 0)
    if target == "w" and mode == SignMode.INHIBITORY:
        total = np.minimum(total, 0)
    step = weight_step(mode, profile) if target == "w" else 1
    bits = EXPONENT_BASE + step.bit_length() - 1
    shape = connection.weights.shape
    r = numbers.rounding(target, phase.step, phase.number, (shape[0], shape[1]), bits)
    rounded = step * round_stochastically(total, bits, r)
    return np.clip(rounded, low, high)
