"""A compile report for people and for programs."""

from __future__ import annotations

import math
from dataclasses import asdict

from rich.markup import escape

from ..hardware.program import Program
from ..hardware.report import NeuronWork, RegisterRange, Report, Rounding, Usage
from .cost_table import cost_json, print_cost
from .output import console, table

STATUS_STYLE = {
    "exact": "green",
    "approximated": "yellow",
    "neuron-side": "cyan",
    "host-assisted": "magenta",
    "refused": "red",
}


def print_report(program: Program) -> None:
    """Print terms, roundings, findings and use of the chip."""
    out = console()
    report = program.report
    out.print(
        f"[bold]{escape(program.name)}[/bold] for {program.chip}, "
        f"dt {program.dt_seconds * 1e3:g} ms, profile {program.profile}"
    )
    rows = [
        [
            escape(f"{t.target} {'=' if t.target.startswith('f(') else '+='} {t.term}"),
            f"[{STATUS_STYLE[t.status]}]{t.status}[/]",
            escape(t.how),
            _percent(t.relative_error),
        ]
        for t in report.terms
    ]
    if rows:
        out.print(table("terms", ("term", "status", "on the chip", "error"), rows))
    changed = [
        [
            escape(r.parameter),
            f"{r.wanted:.6g}",
            f"{r.got:.6g}",
            _percent(r.relative_error),
            escape(r.where),
        ]
        for r in _changed(report)
    ]
    if changed:
        columns = ("rounded", "wanted", "got", "error", "line")
        out.print(table("roundings", columns, changed))
    for budget in (b for b in program.budgets if b.steps):
        out.print(f"{budget.connection}.weights {budget.text}", markup=False)
    out.print(
        table(
            "use of the chip",
            ("resource", "used", "limit", "status"),
            [_usage_row(u) for u in report.usage],
        )
    )
    if report.neurons:
        columns = ("neuron", "operations a step", "look-ups", "draws", "table entries")
        rows = [_neuron_row(n) for n in report.neurons]
        out.print(table("what a neuron does", columns, rows))
    if report.registers:
        columns = ("register", "holds", "at worst", "limit", "status")
        rows = [_register_row(r) for r in report.registers]
        out.print(table("registers", columns, rows))
    if report.cost is not None:
        print_cost(report.cost)
    for finding in report.findings:
        out.print(finding.message, markup=False)


def _changed(report: Report) -> list[Rounding]:
    """Leave out what only looks different in the last bits of a float."""
    return [
        r for r in report.roundings if not math.isclose(r.wanted, r.got, rel_tol=1e-9)
    ]


def _usage_row(usage: Usage) -> list[str]:
    limit = "unpublished" if usage.limit is None else f"{usage.limit:g}"
    used = f"{usage.used:g} {usage.unit}".strip()
    return [usage.resource, used, limit, usage.status]


def _neuron_row(n: NeuronWork) -> list[str]:
    counts = (n.operations, n.lookups, n.draws, n.table_entries)
    return [escape(n.population), *(str(count) for count in counts)]


def _register_row(r: RegisterRange) -> list[str]:
    return [
        escape(f"{r.population}.{r.register}"),
        f"{r.low} to {r.high}",
        f"{r.worst_low} to {r.worst_high}",
        f"{r.limit_low} to {r.limit_high}",
        r.status,
    ]


def _percent(error: float) -> str:
    return "0" if error == 0 else f"{100 * error:+.2g} %".replace("+-", "-")


def report_json(program: Program) -> dict[str, object]:
    """Give the report as plain data."""
    from ..hardware.program_file import checksum

    report = program.report
    return {
        "name": program.name,
        "chip": program.chip,
        "profile": program.profile,
        "dt_seconds": program.dt_seconds,
        "checksum": checksum(program),
        "terms": [asdict(t) for t in report.terms],
        "roundings": [
            {**asdict(r), "relative_error": r.relative_error} for r in _changed(report)
        ],
        "findings": [asdict(f) for f in report.findings],
        "neurons": [asdict(n) for n in report.neurons],
        "registers": [{**asdict(r), "status": r.status} for r in report.registers],
        "budgets": [asdict(b) for b in program.budgets],
        "usage": [{**asdict(u), "status": u.status} for u in report.usage],
        "cores": [asdict(core) for core in report.cores],
        "cost": None if report.cost is None else cost_json(report.cost),
    }
