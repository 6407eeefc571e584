"""``lahar demo``: the main job on real data."""

from __future__ import annotations

from pathlib import Path

import click

from .output import print_json


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("lahar-demo"),
    show_default=True,
    help="Folder for report.html, demo.lahar and the recordings.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(out: Path, seed: int, as_json: bool) -> int:
    """Learn real digits on a simulated chip, and prove it on Lava bit for bit."""
    from ..demo import result_json, run_demo

    result = run_demo(out, seed, quiet=as_json)
    if as_json:
        print_json(result_json(result))
    return 0 if result.passed else 1
