"""The page of a demo: its result in words, numbers and pictures."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import numpy as np

from ..sim.recording import in_rule_units
from . import pictures
from .page import Fact, Figure, Page, WrittenFile, fact_of_verdict, write_page
from .result import DemoResult
from .shown_numbers import count, share
from .training import WEIGHTS

TITLE = "Ten spiking neurons learn to read digits"
INTRODUCTION = (
    "Scanned digits become spikes of 64 pixels; one local rule, compiled for a Loihi 2 "
    "with 8-bit weights, 7-bit errors and stochastic rounding, does all the learning. "
    "No gradient is computed anywhere."
)


def write_result(result: DemoResult) -> None:
    """Write the page.

    Raises
    ------
    LaharError
        U952 if the file cannot be written.

    """
    page = Page(
        title=TITLE,
        introduction=INTRODUCTION,
        program=result.program,
        facts=tuple(_facts(result)),
        figures=tuple(_figures(result)),
        verdicts=result.verdicts,
        skipped=result.skipped,
        files=tuple(WrittenFile(p.name, text) for p, text in result.files.items()),
        command=_command(result),
    )
    write_page(result.report, page)


def _command(result: DemoResult) -> str:
    folder = shlex.quote(str(result.report.parent))
    return f"lahar demo --seed {result.seed} --out {folder}"


def _facts(result: DemoResult) -> Iterator[Fact]:
    tested = count(len(result.course.question_digits))
    for trial in result.trials.values():
        remark = f"of {tested} digits that were kept back"
        yield Fact(trial.arithmetic.title, share(trial.accuracy), remark)
    yield Fact("before training", share(result.accuracy_before), "chance is 10 %")
    for pair, verdict in result.verdicts.items():
        yield fact_of_verdict(pair, verdict)
    if result.skipped:
        yield Fact("sim and lava", "not compared", "see the verdict", "absent")


def _figures(result: DemoResult) -> Iterator[Figure]:
    trial = result.trials["sim"]
    stored_before = result.program.connection("synapse").weights
    stored_after = np.asarray(trial.training.final[WEIGHTS], np.int32)
    before = in_rule_units(stored_before, trial.training.view(WEIGHTS))
    yield pictures.learning_curves(result.trials, result.accuracy_before, result.plan)
    yield pictures.receptive_fields(before, trial.weights)
    yield pictures.spike_raster(trial, result.course)
    yield pictures.weight_histogram(stored_before, stored_after)
