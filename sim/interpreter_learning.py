"""The learning phase of a connection: sums of products, rounding, clipping.

docs/semantics.md section 7. Synaptic variables and trace histories go in, the new
synaptic variables come out; all arrays are (post, pre) or broadcast to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..hardware.learning import Factor, Learning, Product, Target
from ..hardware.profile import Profile
from ..hardware.program import Connection
from .interpreter_traces import Histories
from .operations import (
    Integers,
    clip_factor,
    gt,
    round_away_from_zero,
    round_stochastically,
    sign_of,
)
from .product_words import word_of
from .randomness import AbstractNumbers
from .stored_form import stored_form

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
            changed = _update(target, products, connection, profile, phase, numbers)
            exists = connection.exists.get(target, np.int64(1))
            new[target] = np.where(exists, changed, phase.old[target])
    return new


def _update(
    target: Target,
    products: list[Product],
    connection: Connection,
    profile: Profile,
    phase: Phase,
    numbers: AbstractNumbers,
) -> Integers:
    stored = stored_form(target, connection, profile)
    old = phase.old[target]
    total = stored.rectified(_accumulate(target, products, old, profile, phase))
    bits = EXPONENT_BASE + stored.grid_bits
    if profile.update_rounding == "away from zero":
        change = total - lifted(target, old, profile)
        rounded = old + (round_away_from_zero(change, bits) << stored.grid_bits)
    else:
        post, pre = connection.weights.shape
        r = numbers.rounding(target, phase.step, phase.number, (post, pre), bits)
        rounded = round_stochastically(total, bits, r) << stored.grid_bits
    return np.clip(rounded, stored.low, stored.high)


def _accumulate(
    target: Target,
    products: list[Product],
    old: Integers,
    profile: Profile,
    phase: Phase,
) -> Integers:
    total = lifted(target, old, profile)
    for product in products:
        total = _clipped(total + _evaluate(product, profile, phase), profile)
    return total


def lifted(target: Target, old: Integers, profile: Profile) -> Integers:
    """Bring a synaptic variable to the accumulator's scale; weights have 32 bit."""
    accumulator: Integers = old << EXPONENT_BASE
    word = word_of(profile.widths)
    return word.wrapped(accumulator) if target == "w" else accumulator


def _evaluate(product: Product, profile: Profile, phase: Phase) -> Integers:
    word = word_of(profile.widths)
    r = word.held(phase.gate(product.gate))
    for factor in product.factors:
        r = word.wrapped(r * _factor(factor, product.gate, profile, phase))
    return scaled(product, r, profile)


def scaled(product: Product, value: Integers, profile: Profile) -> Integers:
    """Bring the product of gate and factors to what is added to the accumulator."""
    word = word_of(profile.widths)
    r = word.wrapped(word.held(value) * product.mantissa)
    shift, exponent = product_shift(product, profile), product.exponent + EXPONENT_BASE
    if profile.product_rounding == "toward zero":
        r = word.scaled_toward_zero(r, shift, exponent)
    else:
        r = word.scaled(r, shift, exponent)
    added: Integers = _clipped(r, profile).astype(np.int64)
    return added


def _clipped(value: Integers, profile: Profile) -> Integers:
    if not profile.accumulator_clips:
        return value
    return np.clip(value, profile.accumulator_low, profile.widths.accumulator_max)


def product_shift(product: Product, profile: Profile) -> int:
    """Give the right shift that brings a product back into the accumulator."""
    if profile.product_shift_base is None:
        return 0
    widths = profile.widths
    width = sum(
        widths.sign_bits if f.sign else widths.factor_bits(f.variable)
        for f in product.factors
    )
    shift = max(0, width + profile.product_shift_base - widths.accumulator_bits)
    # A product has no more bits: a longer shift gives the same.
    return min(shift, widths.product_bits)


def _factor(factor: Factor, gate: str, profile: Profile, phase: Phase) -> Integers:
    value = _variable(factor.variable, gate, phase) + factor.constant
    if factor.variable == "w":
        value = word_of(profile.widths).wrapped(value)
    if factor.sign:
        value = sign_of(value)
    return clip_factor(value, profile.widths.factor_bits(factor.variable))


def _variable(name: str, gate: str, phase: Phase) -> Integers:
    if name == "c":
        return np.zeros((1, 1), np.int64)
    if name in ("x0", "y0"):
        return phase.gate(name)
    if name in phase.old:
        return phase.old[name]
    return phase.trace(name, gate)
