"""``lahar run``: a Program on a backend, to a recording file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from ..diagnostics import Diagnostic, LaharError
from ..finished_run import FinishedRun
from ..sim.recording import Recording
from .output import console, print_json, step_progress, table
from .running import run_options


@dataclass(frozen=True)
class NothingToCheckpoint(Diagnostic):
    """Checkpoints lie beside the recording that they belong to.

    Without a recording there is no place for them, and nothing to complete.
    """

    code = "U934"
    title = "--checkpoint and --resume need the recording: -o FILE"
    help = "add -o rec.h5; the checkpoint is then rec.h5.checkpoint"


@click.command("run")
@click.argument("program_file", type=click.Path(path_type=Path))
@click.option("--backend", default="sim", show_default=True, help="See list backends.")
@run_options
@click.option(
    "--record", default="all", show_default=True, help="Names or patterns, by commas."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Recording file.")
@click.option(
    "--checkpoint",
    "checkpoint_every",
    type=click.IntRange(1),
    metavar="EVERY",
    help="Keep what a killed run goes on from, every so many steps (needs -o).",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    help="Go on from a checkpoint, with the options that the run was started with.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    program_file: Path,
    backend: str,
    profile: str | None,
    stimulus: str,
    steps: int,
    seed: int,
    record: str,
    output: Path | None,
    checkpoint_every: int | None,
    resume: Path | None,
    as_json: bool,
) -> None:
    """Run PROGRAM_FILE on a backend.

    With -o, sim and interpreter write as they go: memory does not grow with the steps.
    """
    from .. import verbs

    if output is None and (checkpoint_every is not None or resume is not None):
        raise LaharError(NothingToCheckpoint())
    program = verbs.load(program_file)
    wanted = record if record in ("all", "default") else record.split(",")
    run = (program, stimulus, steps, backend, profile, wanted, seed)
    with step_progress(steps) as start:
        if output is None:
            done = _told(verbs.run(*run, progress=start(backend)))
        elif backend in ("sim", "interpreter") or checkpoint_every or resume:
            from ..long_run import run_to_file

            done = run_to_file(
                *run,
                output=output,
                checkpoint_every=checkpoint_every,
                resume=resume,
                progress=start(backend),
            )
        else:
            recording = verbs.run(*run, progress=start(backend))
            recording.save(output)
            done = _told(recording)
    summary = _summary(done)
    if as_json:
        print_json({**summary, "output": str(output) if output else None})
        return
    _print(done, summary)
    if output is not None:
        console().print(f"written: {output}", markup=False)


def _told(recording: Recording) -> FinishedRun:
    spikes = {
        name.removesuffix(".s_out"): float(np.asarray(values, float).sum(0).mean())
        for name, values in recording.variables.items()
        if name.endswith(".s_out")
    }
    return FinishedRun(
        recording.provenance,
        recording.names,
        recording.checksum,
        spikes,
        recording.final,
    )


def _summary(done: FinishedRun) -> dict[str, object]:
    provenance = done.provenance
    seconds = provenance.steps * provenance.dt_seconds
    return {
        "backend": provenance.backend,
        "profile": provenance.profile,
        "steps": provenance.steps,
        "seed": provenance.seed,
        "program_checksum": provenance.program_checksum,
        "checksum": done.checksum,
        "rates_hz": {name: count / seconds for name, count in done.spikes.items()},
        "variables": list(done.names),
    }


def _print(done: FinishedRun, summary: dict[str, object]) -> None:
    out = console()
    profile = f", profile {summary['profile']}" if summary["profile"] else ""
    out.print(f"{summary['steps']} steps on {summary['backend']}{profile}")
    rates = summary["rates_hz"]
    assert isinstance(rates, dict)
    rows = [[name, f"{rate:.1f}"] for name, rate in rates.items()]
    if rows:
        out.print(table("mean rates", ("population", "Hz"), rows))
    ends = [
        [name, f"{a.mean():.4g}", f"{a.min():.4g}", f"{a.max():.4g}"]
        for name, values in done.final.items()
        if name.endswith((".weights", ".tag_1"))
        for a in [np.asarray(values, float)]
    ]
    if ends:
        out.print(table("after the run", ("variable", "mean", "min", "max"), ends))
