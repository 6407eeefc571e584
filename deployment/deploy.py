"""Deploy a trained network: calibrate, compile, and say what each rounding costs.

A network and samples in; a Program and a report out. Without samples, `lahar.compile`
chooses every scale for the worst case; with them, ranges are those that occur, and a
choice is kept only where the chip agrees more with the float network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy.typing as npt

from ..compiler.calibration import Calibration
from ..compiler.compile import compile_network
from ..compiler.legalise import MissingTimeStep, time_step_is_given
from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.chip import Chip
from ..hardware.chips import get_chip
from ..hardware.program import Program
from ..rules.check import check_whole_network
from ..rules.network import Network
from .choose import calibrate, float_run
from .judge import ChipRun, Judge
from .readout import Readout, readout_of
from .report import DeploymentReport, StageResult
from .samples import Samples, SamplesLike, samples_of

Labelled: TypeAlias = tuple[SamplesLike, npt.ArrayLike | None]

COMPARED = 128
"""Samples by which calibrated and worst-case scales are compared."""


@dataclass(frozen=True)
class DeployBeforeItLearns(Diagnostic):
    """A network that learns is deployed before a rule is attached to it.

    Calibration compares the chip with the network as it was trained. Learning changes
    the weights while it is compared.
    """

    code = "U976"
    title = "projection `{projection}` learns by `{rule}`"
    note = "samples calibrate a network whose weights stay as they are"
    help = (
        "deploy it first, then compile it with the rule: lahar.compile("
        "network.attach(...), calibration=deployment.calibration)"
    )

    projection: str
    rule: str


@dataclass(frozen=True)
class Deployment:
    """A trained network on a chip.

    calibration
        What the samples chose: `lahar.compile` takes it, so that a network to which a
        rule was attached afterwards keeps its scales.
    """

    program: Program
    calibration: Calibration
    report: DeploymentReport

    def save(self, path: str | Path) -> None:
        """Write the Program to a file."""
        self.program.save(path)


def deploy(
    network: Network,
    samples: SamplesLike,
    labels: npt.ArrayLike | None = None,
    *,
    chip: str | Chip = "loihi2",
    dt: float | None = None,
    output: str | None = None,
    readout: str | None = None,
    test: Labelled | SamplesLike | None = None,
) -> Deployment:
    """Put a trained network on a chip, with every scale chosen by sample data.

    Parameters
    ----------
    network
        Float, and nothing in it learns.
    samples
        What the inputs send: an array (samples, steps, neurons), or one for each input
        group by name. Zeros and ones; values for a graded input.
    labels
        The neuron of the output that should be ahead, for each sample.
    chip, dt
        As for `lahar.compile`.
    output
        The group that answers; the one from which nothing starts if None.
    readout
        ``count`` (of spikes), ``mean``, ``last`` or ``max`` (of the membrane, its last
        state); ``count`` if the output spikes, else ``mean``.
    test
        Samples and labels that the report judges by; those above if None.

    Returns
    -------
    Deployment
        With its ``program``, ``report`` and ``calibration``.

    Raises
    ------
    LaharError
        U970 to U976, and what `lahar.compile` refuses.

    """
    seconds = _checked(network, dt)
    network = network.dense()
    target = get_chip(chip) if isinstance(chip, str) else chip
    answers = readout_of(network, output, readout)
    given = samples_of(network, samples, labels, answers.group)
    judged = given if test is None else _test_samples(network, test, answers)
    chosen, worst_case = _chosen(network, given, answers, target, seconds)
    judge = Judge(float_run(network, judged, seconds), answers, seconds)
    chip_run = judge.on_chip(chosen.program)
    stages = list(judge.stages(chip_run, chosen.calibration))
    if worst_case is not None and chosen.calibrated:
        stages.insert(-1, _named(judge, judge.on_chip(worst_case), "chip, worst case"))
    report = DeploymentReport(
        network=network.name,
        chip=target.name,
        profile=chosen.program.profile,
        samples=judged.count,
        held_out=test is not None,
        calibrated=chosen.calibrated,
        output=answers.variable,
        stages=tuple(stages),
        layers=tuple(judge.layers(chip_run, chosen.calibration)),
    )
    return Deployment(chosen.program, chosen.calibration, report)


def _checked(network: Network, dt: float | None) -> float:
    seconds = time_step_is_given(network, dt)
    if seconds is None:
        raise LaharError(MissingTimeStep(network.name))
    require_no_errors(check_whole_network(replace(network, dt_seconds=seconds)))
    require_no_errors(
        DeployBeforeItLearns(p.name, p.rule.name)
        for p in network.projections
        if p.rule is not None
    )
    return seconds


def _test_samples(
    network: Network, test: Labelled | SamplesLike, answers: Readout
) -> Samples:
    if isinstance(test, tuple):
        samples, labels = test
        return samples_of(network, samples, labels, answers.group)
    return samples_of(network, test, None, answers.group)


@dataclass(frozen=True)
class _Chosen:
    program: Program
    calibration: Calibration
    calibrated: bool


def _chosen(
    network: Network, given: Samples, answers: Readout, chip: Chip, seconds: float
) -> tuple[_Chosen, Program | None]:
    """Calibrate, and keep it only where the chip agrees at least as much with float."""
    calibration = calibrate(float_run(network, given, seconds), chip, seconds)
    program = compile_network(
        network, chip=chip, dt_seconds=seconds, calibration=calibration
    )
    calibrated = _Chosen(program, calibration, True)
    try:
        plain = compile_network(network, chip=chip, dt_seconds=seconds)
    except LaharError:
        return calibrated, None  # only the ranges that occur fit the chip
    some = given.first(min(COMPARED, given.count))
    judge = Judge(float_run(network, some, seconds), answers, seconds)
    ours = _named(judge, judge.on_chip(program), "")
    theirs = _named(judge, judge.on_chip(plain), "")
    if (ours.coincident, ours.agrees) >= (theirs.coincident, theirs.agrees):
        return calibrated, plain
    return _Chosen(plain, Calibration(), False), plain


def _named(judge: Judge, run: ChipRun, name: str) -> StageResult:
    return judge.result(name, run.variables)
