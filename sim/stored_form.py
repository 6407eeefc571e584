"""In which form a synaptic variable is stored after a learning phase.

docs/semantics.md section 7. A target, its connection and a profile go in; the grid,
the range and the sign that learned values keep to come out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..hardware.learning import Target
from ..hardware.profile import Profile
from ..hardware.program import Connection, SignMode
from .initial_weights import dropped_bits
from .operations import Integers


@dataclass(frozen=True)
class StoredForm:
    """Multiples of 2**grid_bits in [low, high]."""

    grid_bits: int
    low: int
    high: int
    never_negative: bool = False
    never_positive: bool = False

    def rectified(self, accumulator: Integers) -> Integers:
        """Cut off the sign that the variable cannot have."""
        if self.never_negative:
            return np.maximum(accumulator, 0)
        if self.never_positive:
            return np.minimum(accumulator, 0)
        return accumulator


def stored_form(target: Target, connection: Connection, profile: Profile) -> StoredForm:
    """Say how values of a target are stored."""
    if target == "d":
        return StoredForm(0, 0, 255, never_negative=True)
    if target == "t":
        return StoredForm(0, profile.tag_low, profile.widths.tag_max)
    mode = connection.sign_mode
    bits = learned_grid_bits(connection, profile)
    below = (1 << bits) - 1  # the range holds no multiple closer to its end
    low, high = profile.widths.weight_range(mode)
    if mode == SignMode.INHIBITORY:
        return StoredForm(bits, low + below, high, never_positive=True)
    positive = mode == SignMode.EXCITATORY
    return StoredForm(bits, low, high - below, never_negative=positive)


def learned_grid_bits(connection: Connection, profile: Profile) -> int:
    """Give the n of the grid 2**n of learned weights."""
    if profile.learned_weight_grid == "unit" or connection.weight_format == "raw":
        return 0
    return dropped_bits(connection)
