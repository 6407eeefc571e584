"""``lahar demo``: the main job on real data, or the experiment of a system."""

from __future__ import annotations

from pathlib import Path

import click

from .output import print_json


@click.command("demo")
@click.argument("system", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("lahar-demo"),
    show_default=True,
    help="Folder for what is written: report, programs, recordings, pictures.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Of the digits (default 0), or of a system in place of its own seeds.",
)
@click.option(
    "--all-seeds",
    is_flag=True,
    help="Of a system: float64 and lava-0.10 on all seeds too, not on the first only.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    system: str | None, out: Path, seed: int | None, all_seeds: bool, as_json: bool
) -> int:
    """Learn real digits on a simulated chip, and prove it on Lava bit for bit.

    With the id of a SYSTEM (see `lahar list systems`): run its experiment in the chip's
    integers, say which of its criteria are met, and show float64 and Lava's arithmetic
    beside it.
    """
    if system is not None:
        return _system(system, out, seed, all_seeds, as_json)
    from ..demo import result_json, run_demo

    result = run_demo(out, seed or 0, quiet=as_json)
    if as_json:
        print_json(result_json(result))
    return 0 if result.passed else 1


def _system(
    system: str, out: Path, seed: int | None, all_seeds: bool, as_json: bool
) -> int:
    from dataclasses import replace

    from ..demo.listener import ErrorStreamListener
    from ..demo.systems.conduct import conduct
    from ..demo.systems.registry import find_experiment
    from ..demo.systems.result import system_json
    from ..demo.systems.runs import every_run, judged_runs
    from .system_result import print_claim, print_result

    experiment = find_experiment(system)
    if seed is not None:
        experiment = replace(experiment, seeds=(seed,))
    if not as_json:
        print_claim(experiment)
    runs = every_run if all_seeds else judged_runs
    result = conduct(experiment, out, ErrorStreamListener(), runs(experiment.seeds))
    if as_json:
        print_json(system_json(result))
    else:
        print_result(result)
    return 0 if result.passed else 1
