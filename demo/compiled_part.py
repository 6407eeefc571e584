"""What a page says about a compilation, put in the order in which it is read.

In: a Program with its report. Out: terms counted by status, roundings with the largest
first, lints with their explanation, what each pass changed, the floor plan. Templates
only lay it out.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..diagnostics import LaharError, all_diagnostics
from ..hardware.chip import Chip
from ..hardware.chips import get_chip
from ..hardware.program import Program
from ..hardware.report import Finding, Report, Rounding
from .floor_plan_picture import FloorPlan, draw_floor_plan
from .pass_changes import PassChange, changes_by_pass

STATUSES: Mapping[str, str] = {
    "exact": "nothing was lost",
    "approximated": "by the error shown",
    "neuron-side": "a factor is computed by the neuron and sent in 7 bits",
    "host-assisted": "needs a host in each step",
    "refused": "has no form on this chip",
}
"""What may become of a term, best first."""


@dataclass(frozen=True)
class ExplainedFinding:
    """A lint as it is printed, and what its code means."""

    code: str
    severity: str
    title: str
    detail: str
    explanation: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class Table:
    """Plain rows with their columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class CompiledPart:
    """All of it. Empty parts are left out of a page."""

    statuses: Mapping[str, str]
    counts: Mapping[str, int]
    roundings: tuple[Rounding, ...]
    findings: tuple[ExplainedFinding, ...]
    passes: tuple[PassChange, ...]
    floor: FloorPlan
    budgets: Table
    registers: Table


def compiled_part(program: Program, chip: Chip | None = None) -> CompiledPart:
    """Prepare a Program's report; ``chip``: where lahar itself does not know it."""
    report = program.report
    found = [term.status for term in report.terms]
    return CompiledPart(
        statuses=STATUSES,
        counts={s: found.count(s) for s in STATUSES if s in found},
        roundings=largest_first(report.roundings),
        findings=tuple(_explained(f) for f in report.findings),
        passes=tuple(changes_by_pass(report.stages)),
        floor=draw_floor_plan(report.cores, chip or _known_chip(program.chip)),
        budgets=_table(program.budgets),
        registers=_registers(report),
    )


def largest_first(roundings: Iterable[Rounding]) -> tuple[Rounding, ...]:
    """Sort by the size of the error; leave out what only a float's last bits change."""
    changed = [r for r in roundings if not math.isclose(r.wanted, r.got, rel_tol=1e-9)]
    return tuple(sorted(changed, key=lambda r: -abs(r.relative_error)))


def _explained(finding: Finding) -> ExplainedFinding:
    head, _, detail = finding.message.partition("\n")
    _, bracket, title = head.partition("]: ")
    kind = all_diagnostics().get(finding.code)
    text = "" if kind is None else inspect.getdoc(kind) or ""
    return ExplainedFinding(
        code=finding.code,
        severity=finding.severity,
        title=title if bracket else head,
        detail=detail,
        explanation=tuple(
            " ".join(part.split()) for part in text.split("\n\n") if part
        ),
        where=finding.where,
    )


def _known_chip(name: str) -> Chip | None:
    try:
        return get_chip(name)
    except LaharError:
        return None  # a chip of the user's own; its cores are drawn in rows


def _registers(report: Report) -> Table:
    columns = ("register", "holds", "at worst", "limit", "status")
    rows = (
        (
            f"{r.population}.{r.register}",
            f"{r.low} to {r.high}",
            f"{r.worst_low} to {r.worst_high}",
            f"{r.limit_low} to {r.limit_high}",
            r.status,
        )
        for r in report.registers
    )
    return Table(columns, tuple(rows))


def _table(items: Sequence[Any]) -> Table:
    rows = [asdict(item) for item in items]
    if not rows:
        return Table((), ())
    columns = tuple(rows[0])
    return Table(columns, tuple(tuple(row[c] for c in columns) for row in rows))
