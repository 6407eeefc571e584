"""``lahar cost``: what a step of a Program costs on its chip."""

from __future__ import annotations

from pathlib import Path

import click

from ..hardware.energy_claims import energy_claims
from .cost_table import cost_json, print_cost
from .output import console, print_json


@click.command("cost")
@click.argument("program_file", type=click.Path(path_type=Path))
@click.option(
    "--recording",
    type=click.Path(path_type=Path),
    help="Count the spikes of this run (lahar run ... -o rec.h5).",
)
@click.option(
    "--rate",
    type=float,
    default=20.0,
    show_default=True,
    help="Without a recording: spikes of every neuron in hertz.",
)
@click.option("--chip", help="The file of a chip of your own, my_chip.toml.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    program_file: Path,
    recording: Path | None,
    rate: float,
    chip: str | None,
    as_json: bool,
) -> None:
    """Cost a step of PROGRAM_FILE: energy and time by every published table."""
    from .. import verbs
    from ..sim.recording import load_recording

    program = verbs.load(program_file)
    run = None if recording is None else load_recording(recording)
    cost = verbs.cost(program, run, rate=rate, chip=chip)
    lints = list(energy_claims(cost, program.chip))
    if as_json:
        findings = [{"code": lint.code, "message": lint.message} for lint in lints]
        print_json({"chip": program.chip, **cost_json(cost), "findings": findings})
        return
    print_cost(cost)
    for lint in lints:
        console().print(lint.render(), markup=False)
