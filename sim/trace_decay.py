"""How a trace forgets in a step: from a time constant to integers.

docs/semantics.md section 6. A tau and a profile go in; a rule that decays arrays of
integers with a random integer each comes out. The float64 of Lava's own
specification is used up here: a 7-bit trace has only 128 values, so a table of
floors and thresholds says the same without a float in the step path.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from ..hardware.profile import Profile
from .operations import (
    FRACTION_BITS,
    TRACE_MAX,
    Integers,
    decay_by_table,
    decay_float,
    decay_q16,
    fraction_threshold,
)

Q16_BITS = 16


class AbstractDecay(ABC):
    """Decay by a step; ``bits`` is the width of the random numbers it wants."""

    bits: int

    @abstractmethod
    def __call__(self, values: Integers, r: Integers) -> Integers:
        """Decay values, rounded by random integers."""


@final
@dataclass(frozen=True, eq=False)
class TableDecay(AbstractDecay):
    """exp(-1/tau) in float64 for values of 0 to 127, as a table."""

    floors: Integers
    thresholds: Integers
    bits: int = FRACTION_BITS

    def __call__(self, values: Integers, r: Integers) -> Integers:
        return decay_by_table(values, self.floors, self.thresholds, r)


@final
@dataclass(frozen=True)
class FloatDecay(AbstractDecay):
    """exp(-1/tau) in float64 for any integers (third factors)."""

    factor: float
    bits: int = FRACTION_BITS

    def __call__(self, values: Integers, r: Integers) -> Integers:
        return decay_float(values, self.factor, r)


@final
@dataclass(frozen=True)
class Q16Decay(AbstractDecay):
    """An integer factor with 16 fraction bits."""

    factor: int
    bits: int = Q16_BITS

    def __call__(self, values: Integers, r: Integers) -> Integers:
        return decay_q16(values, self.factor, r)


def decay_factor(tau_256: int) -> float:
    """Give exp(-1/tau); 0 for a trace without memory.

    numpy's exp and not math's: they may differ in the last bit, and Lava uses numpy.
    """
    if tau_256 == 0:
        return 0.0
    return float(np.exp(-1 / np.array([tau_256 / 256]))[0])


def q16_factor(tau_256: int) -> int:
    """Give the decay factor with 16 fraction bits."""
    return int(np.rint(decay_factor(tau_256) * (1 << Q16_BITS)))


def table_decay(tau_256: int) -> TableDecay:
    """Tabulate the float64 decay of every value of a 7-bit trace."""
    exact = decay_factor(tau_256) * np.arange(TRACE_MAX + 1)
    floors = np.floor(exact)
    return TableDecay(floors.astype(np.int64), fraction_threshold(exact - floors))


def trace_decay(profile: Profile, tau_256: int) -> AbstractDecay:
    """Give the decay of an engine trace."""
    if profile.trace_decay == "q16":
        return Q16Decay(q16_factor(tau_256))
    return table_decay(tau_256)


def third_factor_decay(profile: Profile) -> AbstractDecay | None:
    """Give the decay of what a neuron sends; None if it is read as sent."""
    tau_256 = profile.third_factor_tau_256
    if tau_256 is None:
        return None
    if profile.trace_decay == "q16":
        return Q16Decay(q16_factor(tau_256))
    return FloatDecay(decay_factor(tau_256))
