"""``lahar export``: a Program as a plain script for another machine or tool."""

from __future__ import annotations

from pathlib import Path

import click

from .output import console, print_json
from .running import LARGEST_STEPS


@click.command("export")
@click.argument("program_file", type=click.Path(path_type=Path))
@click.option(
    "--lava",
    metavar="OUT.py",
    type=click.Path(path_type=Path),
    help="The Lava script; OUT_lava, beside it, is its folder.",
)
@click.option(
    "--brian2",
    metavar="OUT.py",
    type=click.Path(path_type=Path),
    help="The Brian2 script of the rule, in float; its arrays are OUT.npz.",
)
@click.option(
    "--stimulus",
    default="poisson:rate=20Hz",
    show_default=True,
    help="What the script presents: poisson:rate=20Hz, silent, or a file.npz.",
)
@click.option(
    "--steps", type=click.IntRange(1, LARGEST_STEPS), default=1000, show_default=True
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    program_file: Path,
    lava: Path | None,
    brian2: Path | None,
    stimulus: str,
    steps: int,
    seed: int,
    as_json: bool,
) -> None:
    """Write PROGRAM_FILE as a script that runs without lahar.

    With --lava it needs lava-nc and numpy only. It runs on Lava's CPU models or, with
    Intel's extension of Lava, on a Loihi 2, and leaves a recording for
    `lahar validate PROGRAM_FILE --trace`. With --brian2 it needs brian2 and numpy.
    """
    from .. import verbs
    from ..exporting import export_lava
    from ..exporting_brian2 import export_brian2

    if (lava is None) == (brian2 is None):
        raise click.UsageError("say one of --lava OUT.py and --brian2 OUT.py")
    program = verbs.load(program_file)
    if lava is not None:
        script, beside = export_lava(program, lava, stimulus, steps, seed)
        paths = {"script": str(script), "folder": str(beside)}
        line, output = f"written: {script} and its folder {beside}", "recording.csv"
    else:
        assert brian2 is not None
        script, beside = export_brian2(program, brian2, stimulus, steps, seed)
        paths = {"script": str(script), "arrays": str(beside)}
        line, output = f"written: {script} and its arrays {beside}", "recording.npz"
    if as_json:
        print_json(paths)
        return
    console().print(line, markup=False)
    console().print(f"run it: python {script} --output {output}", markup=False)
