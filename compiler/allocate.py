"""Allocate: put the Program on cores, and check every limit of the chip.

In: a lowered Program. Out: the same with its placement, the use of each resource, the
floor plan and what a step costs; a limit that nobody has published makes the check
"unverified", never "ok".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..hardware.activity import assumed_activity
from ..hardware.core_profiles import crowded_cores
from ..hardware.costs import step_cost
from ..hardware.floor_plan import floor_plan
from ..hardware.limits import allocate, check_program, usage
from .draft import Draft
from .passes import AbstractPass


@final
@dataclass(frozen=True)
class Allocate(AbstractPass):
    """Place populations on cores; refuse what does not fit, and say by how much."""

    name: ClassVar[str] = "allocate"

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        assert draft.program is not None
        yield from check_program(draft.program, draft.chip)

    def apply(self, draft: Draft) -> Draft:
        assert draft.program is not None
        placement = allocate(draft.program, draft.chip)
        program = replace(draft.program, placement=placement)
        rate = draft.rate_per_step
        said = f"assumed: every neuron spikes at {rate / draft.dt_seconds:g} Hz"
        report = replace(
            program.report,
            usage=usage(program, draft.chip),
            cores=floor_plan(program, draft.chip),
            cost=step_cost(program, draft.chip, assumed_activity(program, rate, said)),
        )
        return replace(draft, program=replace(program, report=report))

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        assert draft.program is not None
        yield from crowded_cores(draft.program, draft.chip)
