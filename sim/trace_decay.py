"""How a trace forgets: from a time constant to integers.

docs/semantics.md section 6. A tau, a number of steps and a profile go in; a rule that
decays arrays of integers with a random integer each comes out. The float64 of Lava's
own specification is used up here: a trace has only 256 values, so a table of floors
and thresholds says the same without a float in the step path.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import final

import numpy as np
import numpy.typing as npt

from ..hardware.learning import TraceProgram
from ..hardware.profile import Profile
from .operations import (
    FRACTION_BITS,
    Integers,
    decay_by_table,
    decay_float,
    fraction_threshold,
)

TABLE_SIZE = 256  # payloads take a trace beyond its 7 bits


class AbstractDecay(ABC):
    """Decay by a step; ``bits`` is the width of the random numbers it wants."""

    bits: int

    @abstractmethod
    def __call__(self, values: Integers, r: Integers) -> Integers:
        """Decay values, rounded by random integers."""


class AbstractTraceDecay(AbstractDecay):
    """Decay of an engine trace, with values of 0 to 255."""

    @abstractmethod
    def with_impulse(self, program: TraceProgram) -> AbstractTraceDecay:
        """Add the trace's impulse before the one rounding; the sum is not clipped."""


@final
@dataclass(frozen=True, eq=False)
class TableDecay(AbstractTraceDecay):
    """A float64 factor, as a table of what becomes of every value."""

    exact: npt.NDArray[np.float64]
    bits: int = FRACTION_BITS

    @cached_property
    def floors(self) -> Integers:
        """The rounded down values."""
        return np.floor(self.exact).astype(np.int64)

    @cached_property
    def thresholds(self) -> Integers:
        """The random numbers below which a value is rounded up."""
        return fraction_threshold(self.exact - np.floor(self.exact))

    def __call__(self, values: Integers, r: Integers) -> Integers:
        return decay_by_table(values, self.floors, self.thresholds, r)

    def with_impulse(self, program: TraceProgram) -> TableDecay:
        impulse = program.impulse + program.impulse_fraction_256 / 256
        return TableDecay(self.exact + impulse)


@final
@dataclass(frozen=True)
class FloatDecay(AbstractDecay):
    """A float64 factor for any integers (third factors)."""

    factor: float
    bits: int = FRACTION_BITS

    def __call__(self, values: Integers, r: Integers) -> Integers:
        return decay_float(values, self.factor, r)


@final
@dataclass(frozen=True)
class BinaryDecay(AbstractTraceDecay):
    """An integer factor with so many fraction bits; ``added`` has them too.

    With 16 of them it is decay_q16 of operations.py.
    """

    factor: int
    bits: int
    added: int = 0

    def __call__(self, values: Integers, r: Integers) -> Integers:
        return (values * self.factor + (r + self.added)) >> self.bits

    def with_impulse(self, program: TraceProgram) -> BinaryDecay:
        impulse = (program.impulse << 8) + program.impulse_fraction_256
        return replace(self, added=impulse << (self.bits - 8))


def decay_factor(tau_steps: float, steps: int = 1) -> float:
    """Give exp(-steps/tau); 0 for a trace without memory.

    numpy's exp and not math's: they may differ in the last bit, and Lava uses numpy.
    """
    if tau_steps == 0:
        return 0.0
    with np.errstate(over="ignore"):  # of the smallest taus: exp(-infinity) is 0
        return float(np.exp(-steps / np.array([tau_steps]))[0])


def first_order_factor(tau_steps: float, steps: int = 1) -> float:
    """Give (1 - 1/tau) ** steps; 0 for a tau of a step or less."""
    return max(0.0, 1.0 - 1.0 / tau_steps) ** steps if tau_steps else 0.0


def binary_decay(profile: Profile, tau_steps: float, steps: int = 1) -> BinaryDecay:
    """Give the decay by an integer factor, with the fraction bits of the profile."""
    return BinaryDecay(
        q16_factor(profile, tau_steps, steps), profile.widths.trace_decay_bits
    )


def q16_factor(profile: Profile, tau_steps: float, steps: int = 1) -> int:
    """Give the decay factor with 16 fraction bits, or with those of the profile."""
    first_order = profile.trace_decay == "q16 first order"
    factor = first_order_factor if first_order else decay_factor
    return int(
        np.rint(np.ldexp(factor(tau_steps, steps), profile.widths.trace_decay_bits))
    )


@lru_cache(maxsize=64)
def table_decay(tau_steps: float, steps: int = 1) -> TableDecay:
    """Tabulate the float64 decay of every value that a trace can have."""
    return TableDecay(decay_factor(tau_steps, steps) * np.arange(TABLE_SIZE))


def decays_by_table(profile: Profile) -> bool:
    """Tell whether traces decay by a float64 factor."""
    return profile.trace_decay == "float exp"


def decay_bits(profile: Profile) -> int:
    """Give the width of the random numbers that decays want."""
    return (
        FRACTION_BITS if decays_by_table(profile) else profile.widths.trace_decay_bits
    )


def steps_of_a_decay(profile: Profile, epoch_steps: int) -> int:
    """Give the number of steps that one decay stands for."""
    return epoch_steps if profile.trace_decay_period == "epoch" else 1


def trace_decay(
    profile: Profile, tau_steps: float, steps: int = 1
) -> AbstractTraceDecay:
    """Give the decay of an engine trace over a number of steps."""
    if decays_by_table(profile):
        return table_decay(tau_steps, steps)
    return binary_decay(profile, tau_steps, steps)


def third_factor_decay(profile: Profile, steps: int = 1) -> AbstractDecay | None:
    """Give the decay of what a neuron sends; None if it is read as sent."""
    if profile.third_factor_tau_256 is None:
        return None
    tau_steps = profile.third_factor_tau_256 / 256
    if decays_by_table(profile):
        return FloatDecay(decay_factor(tau_steps, steps))
    return binary_decay(profile, tau_steps, steps)
