"""``lahar run``: a Program on a backend, to a recording file."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from ..sim.recording import Recording
from .output import console, print_json, step_progress, table
from .running import run_options


@click.command("run")
@click.argument("program_file", type=click.Path(path_type=Path))
@click.option("--backend", default="sim", show_default=True, help="See list backends.")
@run_options
@click.option(
    "--record", default="all", show_default=True, help="Names or patterns, by commas."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Recording file.")
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
    as_json: bool,
) -> None:
    """Run PROGRAM_FILE on a backend."""
    from .. import verbs

    program = verbs.load(program_file)
    wanted = record if record in ("all", "default") else record.split(",")
    with step_progress(steps) as start:
        recording = verbs.run(
            program,
            stimulus,
            steps,
            backend,
            profile,
            wanted,
            seed,
            progress=start(backend),
        )
    if output is not None:
        recording.save(output)
    summary = _summary(recording)
    if as_json:
        print_json({**summary, "output": str(output) if output else None})
        return
    _print(recording, summary)
    if output is not None:
        console().print(f"written: {output}", markup=False)


def _summary(recording: Recording) -> dict[str, object]:
    provenance = recording.provenance
    seconds = provenance.steps * provenance.dt_seconds
    rates = {
        name.removesuffix(".s_out"): float(np.asarray(values, float).sum(0).mean())
        / seconds
        for name, values in recording.variables.items()
        if name.endswith(".s_out")
    }
    return {
        "backend": provenance.backend,
        "profile": provenance.profile,
        "steps": provenance.steps,
        "seed": provenance.seed,
        "program_checksum": provenance.program_checksum,
        "checksum": recording.checksum,
        "rates_hz": rates,
        "variables": list(recording.names),
    }


def _print(recording: Recording, summary: dict[str, object]) -> None:
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
        for name, values in recording.final.items()
        if name.endswith((".weights", ".tag_1"))
        for a in [np.asarray(values, float)]
    ]
    if ends:
        out.print(table("after the run", ("variable", "mean", "min", "max"), ends))
