"""Allocate: put the Program on cores, and check every limit of the chip.

In: a lowered Program. Out: the same with its placement and the use of each resource;
a limit that nobody has published makes the check "unverified", never "ok".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
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
        report = replace(
            program.report,
            terms=draft.log.terms,
            roundings=draft.log.roundings,
            usage=usage(program, draft.chip),
        )
        return replace(draft, program=replace(program, report=report))
