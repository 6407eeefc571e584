"""``lahar validate``: several backends, or a recording from a chip, compared."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from ..hardware.program import Program
from ..running import StimulusLike
from ..sim.recording import Recording
from ..sim.tolerance import TOLERANCE
from ..sim.trace import load_trace, stimulus_of
from .output import console, print_json, step_progress
from .running import run_options


@click.command("validate")
@click.argument("program_file", type=click.Path(path_type=Path))
@click.option(
    "--backends",
    default="sim,lava",
    show_default=True,
    help="By commas. Beside a trace: sim.",
)
@click.option(
    "--trace",
    type=click.Path(path_type=Path),
    help="A recording made elsewhere: .csv, .npz or .h5 (docs/traces.md).",
)
@click.option(
    "--columns",
    default="",
    metavar="NAMES",
    help="Of a .csv without our header: post.v[0], step or - (left out), by commas.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=TOLERANCE,
    show_default=True,
    help="Between floats of two float backends, relative and absolute.",
)
@run_options
@click.option("--report", type=click.Path(path_type=Path), help="Write this HTML page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    program_file: Path,
    backends: str,
    profile: str | None,
    trace: Path | None,
    columns: str,
    tolerance: float,
    stimulus: str,
    steps: int,
    seed: int,
    report: Path | None,
    as_json: bool,
) -> int:
    """Compare backends on PROGRAM_FILE: identical, within a bound, or diverged.

    With --trace, one backend is compared with it; steps, seed, profile and the spikes
    of the inputs are the trace's where it has them and nothing else is asked for.
    """
    from .. import verbs

    program = verbs.load(program_file)
    run = _Run(backends, profile, stimulus, steps, seed)
    recorded = None
    if trace is not None:
        recorded = load_trace(trace, program, _names(columns))
        run = _as_recorded(run, recorded, program)
    with step_progress(run.steps) as start:
        result = verbs.validate(
            program,
            _names(run.backends),
            run.stimulus,
            run.steps,
            run.seed,
            profile=run.profile,
            trace=recorded,
            tolerance=tolerance,
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


@dataclass(frozen=True)
class _Run:
    """What is run; as asked for, or as the trace was made."""

    backends: str
    profile: str | None
    stimulus: StimulusLike
    steps: int
    seed: int


def _as_recorded(asked: _Run, trace: Recording, program: Program) -> _Run:
    """Run as the trace says, except where the command line says otherwise."""
    made = trace.provenance
    seed = asked.seed if made.seed is None else made.seed
    inputs = stimulus_of(trace, program)
    return _Run(
        backends=asked.backends if _is_asked("backends") else "sim",
        profile=asked.profile or made.profile,
        stimulus=asked.stimulus if _is_asked("stimulus") or inputs is None else inputs,
        steps=asked.steps if _is_asked("steps") else made.steps,
        seed=asked.seed if _is_asked("seed") else seed,
    )


def _is_asked(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is not ParameterSource.DEFAULT


def _names(text: str) -> list[str]:
    """Split at commas, except in quotes: ``post.v[0],"synapse.weights[1,2]"``."""
    cells = next(csv.reader([text]), [])
    return [name.strip() for name in cells if name.strip()]
