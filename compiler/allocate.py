"""Allocate: put the Program on cores, and check every limit of the chip.

In: a lowered Program. Out: the same with its placement, the use of each resource, the
floor plan and what a step costs; a limit that nobody has published makes the check
"unverified", never "ok".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic, SourceSpan
from ..hardware.activity import assumed_activity
from ..hardware.core_profiles import crowded_cores
from ..hardware.costs import step_cost
from ..hardware.floor_plan import floor_plan
from ..hardware.limits import allocate, check_program, usage
from ..hardware.neuron_ranges import neuron_ranges, register_report
from ..hardware.program_lints import program_lints
from .draft import Draft
from .passes import AbstractPass
from .update_drift import floors_do_not_pull


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
        ranges = neuron_ranges(program, rate, draft.chip)
        report = replace(
            program.report,
            registers=tuple(register_report(ranges, draft.chip)),
            usage=usage(program, draft.chip),
            cores=floor_plan(program, draft.chip),
            cost=step_cost(program, draft.chip, assumed_activity(program, rate, said)),
        )
        return replace(draft, program=replace(program, report=report))

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        assert draft.program is not None
        yield from crowded_cores(draft.program, draft.chip)
        for synapse in draft.synapses:
            yield from floors_do_not_pull(draft, synapse)
        for found in program_lints(draft.program, draft.chip, draft.rate_per_step):
            yield replace(found, span=_span_of(draft, getattr(found, "part", "")))


def _span_of(draft: Draft, part: str) -> SourceSpan | None:
    """Find the user's line about a population or connection of the Program."""
    for projection in draft.network.projections:
        if projection.name == part:
            rule = projection.rule
            return projection.span if rule is None else rule.span
    groups = {g.name: g for g in draft.network.groups}
    neuron = groups[part].neuron if part in groups else None
    return neuron.span if neuron is not None else None
