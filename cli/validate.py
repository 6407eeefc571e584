"""``lahar validate``: several backends, or a recording from a chip, compared."""

from __future__ import annotations

from pathlib import Path

import click

from ..hardware.program import Program
from ..sim.recording import Provenance, Recording, import_csv, load_recording
from .output import console, print_json, step_progress
from .running import run_options


@click.command("validate")
@click.argument("program_file", type=click.Path(path_type=Path))
@click.option("--backends", default="sim,lava", show_default=True, help="By commas.")
@click.option("--trace", type=click.Path(path_type=Path), help="A chip's .csv or .h5.")
@run_options
@click.option("--report", type=click.Path(path_type=Path), help="Write this HTML page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    program_file: Path,
    backends: str,
    profile: str | None,
    trace: Path | None,
    stimulus: str,
    steps: int,
    seed: int,
    report: Path | None,
    as_json: bool,
) -> int:
    """Compare backends on PROGRAM_FILE: identical, within budget, or diverged."""
    from .. import verbs

    program = verbs.load(program_file)
    names = [n.strip() for n in backends.split(",") if n.strip()]
    with step_progress(steps) as start:
        result = verbs.validate(
            program,
            names,
            stimulus,
            steps,
            seed,
            profile=profile,
            trace=None if trace is None else _read_trace(trace, program, steps),
            progress=start,
        )
    if report is not None:
        from ..demo.page import write_report

        write_report(report, program, result)
    if as_json:
        print_json(result.to_json())
    else:
        console().print(result.render(), markup=False)
    return 1 if result.level == "diverged" else 0


def _read_trace(path: Path, program: Program, steps: int) -> Recording:
    if path.suffix.lower() != ".csv":
        return load_recording(path)
    provenance = Provenance(
        backend=path.name, steps=steps, dt_seconds=program.dt_seconds
    )
    return import_csv(path, provenance, program)
