"""Compile a network for a chip: the pipeline, one line a pass.

In: a network (or a rule in its demonstration network) and dt. Out: a Program with its
report. Data flows one way: rules -> compiler -> hardware.Program.
"""

from __future__ import annotations

from dataclasses import replace

from ..diagnostics import LaharError, require_no_errors
from ..hardware.chip import Chip
from ..hardware.neuron_work import neuron_work
from ..hardware.program import Program
from ..rules.network import Network
from .allocate import Allocate
from .assign import Assign
from .calibration import Calibration
from .demonstration import rate_problems
from .draft import Draft
from .factorise import Factorise
from .legalise import Legalise, MissingTimeStep, time_step_is_given
from .lower import Lower
from .passes import Pipeline
from .place import Place
from .quantise import Quantise
from .ranges import AnalyseRanges
from .refused_rule import NetworkRefusedError
from .split import Split
from .weights import ScaleWeights

PIPELINE = Pipeline(
    (
        Legalise(),
        Place(),
        Factorise(),
        Split(),
        Assign(),
        ScaleWeights(),
        Quantise(),
        AnalyseRanges(),
        Lower(),
        Allocate(),
    )
)


def compile_network(
    network: Network,
    *,
    chip: Chip,
    dt_seconds: float | None = None,
    epoch_steps: int = 1,
    rate_hz: float = 20.0,
    post_rate_hz: float | None = None,
    calibration: Calibration | None = None,
) -> Program:
    """Compile a network.

    Parameters
    ----------
    network
        Groups, projections and the rules bound to them.
    chip
        The target's description.
    dt_seconds
        Length of a step; the network's own if None.
    epoch_steps
        Steps of a learning epoch. More than one approximates the rule.
    rate_hz
        Mean input rate that ranges are analysed for.
    post_rate_hz
        Mean rate of the neurons that learn, which the error budget is predicted for;
        that of the inputs if None.
    calibration
        What sample data told; without it, scales are chosen for the worst case.

    Raises
    ------
    LaharError
        Everything the first failing pass found wrong; where a rule is refused, a
        NetworkRefusedError, which can say so for each of its terms.

    """
    rates = [rate_hz] if post_rate_hz is None else [rate_hz, post_rate_hz]
    require_no_errors(p for rate in rates for p in rate_problems(rate))
    dt = time_step_is_given(network, dt_seconds)
    if dt is None:
        raise LaharError(MissingTimeStep(network.name))
    rate_per_step = min(rate_hz * dt, 1.0)  # a neuron spikes once in a step at most
    post_rate = rate_per_step if post_rate_hz is None else min(post_rate_hz * dt, 1.0)
    start = Draft(
        network,
        chip,
        dt,
        epoch_steps,
        rate_per_step,
        post_rate,
        calibration=calibration or Calibration(),
    )
    try:
        draft = PIPELINE.run(start)
    except LaharError as error:
        raise NetworkRefusedError(error, start, PIPELINE.run) from None
    assert draft.program is not None
    log = draft.log
    report = replace(
        draft.program.report,
        terms=log.terms,
        roundings=log.roundings,
        findings=log.findings,
        stages=log.stages,
        neurons=neuron_work(draft.program),
    )
    return replace(draft.program, report=report)
