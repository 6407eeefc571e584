"""``lahar export``: a Program as a plain script for another machine."""

from __future__ import annotations

from pathlib import Path

import click

from .output import console, print_json
from .running import LARGEST_STEPS


@click.command("export")
@click.argument("program_file", type=click.Path(path_type=Path))
@click.option(
    "--lava",
    "script",
    required=True,
    metavar="OUT.py",
    type=click.Path(path_type=Path),
    help="The Lava script; OUT_lava, beside it, is its folder.",
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
    script: Path,
    stimulus: str,
    steps: int,
    seed: int,
    as_json: bool,
) -> None:
    """Write PROGRAM_FILE as a Lava script that needs lava-nc and numpy only.

    It runs on Lava's CPU models or, with Intel's extension of Lava, on a Loihi 2, and
    leaves a recording for `lahar validate PROGRAM_FILE --trace`.
    """
    from .. import verbs
    from ..exporting import export_lava

    program = verbs.load(program_file)
    written, folder = export_lava(program, script, stimulus, steps, seed)
    if as_json:
        print_json({"script": str(written), "folder": str(folder)})
        return
    console().print(f"written: {written} and its folder {folder}", markup=False)
    console().print(f"run it: python {written} --output recording.csv", markup=False)
