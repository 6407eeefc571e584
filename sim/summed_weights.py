"""The weight of a rule that several connections learned, beside theirs in a recording.

A recording in stored integers and its Program in; the same with `<rule>.weights`, the
sum of the connections' weights, wherever all of them were recorded.
"""

from __future__ import annotations

from dataclasses import replace

from ..hardware.program import Program
from ..hardware.weight_sums import sums_of, variable_of, variables_summed
from .recording import Recording


def with_sums(recording: Recording, program: Program) -> Recording:
    """Add the sums of a Program (docs/semantics.md section 10)."""
    if not program.sums or recording.provenance.units == "rule":
        return recording
    own = {
        variable_of(s)
        for s in program.sums
        if recording.lava_own.issuperset(variables_summed(s))
    }
    return replace(
        recording,
        variables={
            **recording.variables,
            **dict(sums_of(program, recording.variables)),
        },
        final={**recording.final, **dict(sums_of(program, recording.final))},
        lava_own=recording.lava_own | own,
    )
