"""Every limit of a chip as a rule with a name, and the one checker that runs them.

In: a Program and a chip. Out: all broken limits at once. A limit that nobody has
published breaks nothing; `usage` reports it as unverified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..diagnostics import Diagnostic
from .allocation import allocate
from .chip import Chip
from .learning_limits import LEARNING_LIMITS
from .neuron_limits import NEURON_LIMITS
from .program import Program
from .synapse_limits import SYNAPSE_LIMITS
from .usage import usage

__all__ = ["LIMITS", "allocate", "check_program", "usage"]

LIMITS: tuple[Callable[[Program, Chip], Iterable[Diagnostic]], ...] = (
    *NEURON_LIMITS,
    *SYNAPSE_LIMITS,
    *LEARNING_LIMITS,
)


def check_program(program: Program, chip: Chip) -> list[Diagnostic]:
    """List every limit of the chip that the Program breaks; placement is `allocate`."""
    return [problem for limit in LIMITS for problem in limit(program, chip)]
