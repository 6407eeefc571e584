"""``lahar compile``: a rule or network to a Program file, with its report."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..diagnostics import Diagnostic, LaharError
from ..hardware.program import Program
from .compiling import compile_spec, rule_options
from .output import console, print_json
from .report import print_report, report_json


@dataclass(frozen=True)
class UnknownPass(Diagnostic):
    """--print-after names a pass that the pipeline does not have.

    `lahar list passes` prints the passes in order with what each does.
    """

    code = "U910"
    title = "there is no pass `{name}`"
    note = "passes in order: {known}"
    help = "use one of them"

    name: str
    known: str


@click.command("compile")
@rule_options
@click.option("--print-after", metavar="PASS", help="Show the rule after this pass.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Program file.")
@click.option("--report", type=click.Path(path_type=Path), help="Write this HTML page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    spec: str,
    print_after: str | None,
    output: Path | None,
    report: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compile RULE_OR_NETWORK for a chip.

    RULE_OR_NETWORK is a library name (`lahar list rules`), file.py:Class, a text
    file or a .nir file.
    """
    program = compile_spec(spec, **options)
    stage = None if print_after is None else _stage(program, print_after)
    if output is not None:
        program.save(output)
    if report is not None:
        _write_page(report, program, options["chip"])
    if as_json:
        print_json({**report_json(program), "output": str(output) if output else None})
        return
    if stage is not None:
        console().print(stage, markup=False)
        return
    print_report(program)
    if output is not None:
        console().print(f"written: {output}", markup=False)


def _write_page(path: Path, program: Program, chip: str) -> None:
    from ..demo.page import write_compilation
    from ..hardware.chips import get_chip

    words = click.get_current_context().obj
    command = shlex.join(["lahar", *words]) if words else ""
    write_compilation(path, program, get_chip(chip), command)


def _stage(program: Program, name: str) -> str:
    stages = {s.name: s.text for s in program.report.stages}
    if name not in stages:
        raise LaharError(UnknownPass(name, ", ".join(stages)))
    return stages[name]
