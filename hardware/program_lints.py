"""All lints that a Program tells of itself, with or without the rule it came from.

In: a Program, the chip and the mean rate that every neuron is assumed to have. Out:
lints of docs/lints.md; limits of the chip are `limits.check_program`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Diagnostic
from .chip import Chip
from .neuron_lints import neuron_lints
from .neuron_ranges import neuron_ranges
from .program import Program
from .tag_lints import tags_do_not_fill_up
from .trace_lints import trace_lints


def program_lints(program: Program, chip: Chip, rate: float) -> Iterator[Diagnostic]:
    """Check a Program; ``rate`` in spikes a step."""
    yield from neuron_lints(program, neuron_ranges(program, rate, chip), rate, chip)
    yield from trace_lints(program, chip)
    if program.source is None:  # else the compiler has judged its tags
        for c in program.connections:
            if c.learning is not None:
                yield from tags_do_not_fill_up(c, chip, rate)
