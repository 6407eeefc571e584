"""Over how long lints judge a rule, and by what."""

from __future__ import annotations

from ..hardware.chip import Chip
from ..hardware.program import SignMode

EVALUATIONS = 1000
"""Learning evaluations, or steps, over which drift and noise are judged."""
COARSE = 0.05
"""Relative error of a coefficient or time constant that is worth a warning."""


def weight_steps(chip: Chip) -> int:
    """Count the values of a weight of one sign: 256 of 8 bits."""
    low, high = chip.weight_ranges.value[SignMode.EXCITATORY]
    return high - low + 1
