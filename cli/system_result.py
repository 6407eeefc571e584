"""Show what the experiment of a system came to, on a terminal.

A SystemResult in; its claim, a table of figures and the verdicts out.
"""

from __future__ import annotations

from ..demo.systems.frame import ARITHMETICS, DECIDING, Criterion, Experiment
from ..demo.systems.result import SystemResult
from ..demo.systems.shown_figures import shown_figures
from .output import console, table


def print_claim(experiment: Experiment) -> None:
    """Say what is about to be measured."""
    lines = [f"{experiment.id}: {experiment.claim}", f"after {experiment.paper}"]
    if experiment.host:
        lines.append(f"by the host: {experiment.host}")
    seeds = ", ".join(map(str, experiment.seeds))
    for line in (*lines, f"seeds {seeds}"):
        console().print(line, markup=False)


def print_result(result: SystemResult) -> None:
    """Print figures and verdicts."""
    shown = console()
    columns = ["criterion", "bar", *ARITHMETICS, f"met under {DECIDING}"]
    rows = [_row(result, criterion) for criterion in result.experiment.criteria]
    shown.print(table(_title(result), columns, rows))
    for verdict in result.check.verdicts.values():
        shown.print(verdict.render(), markup=False)
    if result.check.skipped:
        shown.print(result.check.skipped, markup=False)
    shown.print(f"picture: {result.picture}", markup=False)
    said = "passes" if result.passed else "fails"
    shown.print(f"{result.experiment.id} {said} ({result.seconds:.0f} s)", markup=False)


def _title(result: SystemResult) -> str:
    """Say which seeds the figures are of, where not all arithmetics have them all."""
    counts = {a: len(result.seeds_of(a)) for a in ARITHMETICS}
    lesser = [a for a in ARITHMETICS if counts[a] < counts[DECIDING]]
    if not lesser:
        return "figures, one for each seed"
    return (
        f"figures, one for each seed; of {' and '.join(lesser)} the first (--all-seeds)"
    )


def _row(result: SystemResult, criterion: Criterion) -> list[str]:
    outcomes = {a: result.outcome(criterion, a) for a in ARITHMETICS}
    met = "yes" if outcomes[DECIDING].passed else "NO"
    return [criterion.name, criterion.bar, *map(shown_figures, outcomes.values()), met]
