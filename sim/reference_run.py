"""Run a network in float64, closed loop or open loop, and read its variables.

A Network and a stimulus (or a recording to replay) in, a Trajectory in the rule's
units out. docs/semantics.md sections 1 and 2 say what is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..rules.check import check_whole_network
from ..rules.network import Network
from .backend import Progress, Trajectory, silent
from .recording import Recording, unknown_variable
from .reference_closed import ClosedLoop, Reader
from .reference_expressions import Floats, NumberFailed, numbers_are_finite
from .reference_names import (
    learns_delay,
    reference_variables,
    synapse_variables,
    types_of,
)
from .reference_open import OpenLoop
from .stimulus_needs import NoSteps, Stimulus, check_stimulus, needs_of

Rows = npt.NDArray[np.generic]


@dataclass(frozen=True)
class ReferenceNeedsTimeStep(Diagnostic):
    """The reference decays traces by exp(-dt/tau), so it has to know dt.

    The chip counts steps, but the rule says its time constants in seconds. A
    network from a rule gets 1 ms unless told otherwise.
    """

    code = "S450"
    title = "network `{network}` has no time step"
    note = "time constants are in seconds; dt is never guessed"
    help = "give the network a dt, for example dt = 1 ms"

    network: str


@dataclass(frozen=True)
class NoFiniteValue(Diagnostic):
    """An expression divided by zero, overflowed, or is undefined during a run.

    Where a rule needs such a division, guard it: ``where(x > 0, 1 / x, 0)`` asks only
    the chosen branch to be a number.
    """

    code = "S451"
    title = "`{expression}` has no finite value in step {step}"
    label = "{reason}"
    note = "the reference computes in float64 and never goes on with NaN or infinity"
    help = "guard it: where(condition, value, otherwise); or change the parameters"

    expression: str
    step: int
    reason: str


@dataclass(frozen=True)
class LearnedDelayDoesNotMove(Diagnostic):
    """A rule learns its delay, and no backend moves spikes by a learned delay.

    In an open loop, where spikes are replayed, the delay variable is computed.
    """

    code = "S452"
    title = "projection `{projection}` learns delays, which no backend applies"
    note = "Lava's learning connections ignore the learned delay when they send"
    help = "learn the weight instead, or replay a recording: given=recording"

    projection: str


class Loop(Protocol):
    """Something that runs step by step and can be read after each."""

    def step(self, t: int) -> None:
        """Compute step t, counted from 1."""

    def readers(self) -> dict[str, Reader]:
        """Give a function for each variable."""

    def extra_final(self) -> Mapping[str, Floats]:
        """Give more values of the end of the run."""


def run_reference(
    network: Network,
    stimulus: Stimulus,
    steps: int,
    *,
    record: frozenset[str] = frozenset(),
    given: Recording | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Trajectory:
    """Run a network in float64.

    Parameters
    ----------
    network, stimulus, steps
        What to run. In an open loop the stimulus has to hold only what the recording
        lacks.
    record
        Names of `reference_variables`.
    given
        A recording to replay (open loop): only traces, tags and weights are computed.
        The result's final values then have, for each projection that learns,
        ``.updates`` (number of gated updates) and ``.travel`` (summed absolute change)
        of every synapse.
    seed
        Of the neurons' noise.
    progress
        Called after each step.

    Raises
    ------
    LaharError
        R1xx for the network, S401 to S408 for the stimulus, S420 for a name, S450 to
        S454 for what the reference cannot run.

    """
    dt_seconds = _time_step(network)
    require_no_errors(check_run(network, stimulus, steps, given))
    if given is None:
        shapes = reference_variables(network)
        loop: Loop = ClosedLoop(network, stimulus, dt_seconds, seed)
    else:
        shapes = synapse_variables(network)
        loop = OpenLoop(network, stimulus, steps, given, dt_seconds)
    unknown = sorted(record - shapes.keys())
    if unknown:
        raise LaharError(
            unknown_variable(n, tuple(shapes), "the reference") for n in unknown
        )
    return _run(loop, shapes, steps, record, progress, types_of(shapes, network))


def _time_step(network: Network) -> float:
    """Give the step of a network that is sound."""
    require_no_errors(check_whole_network(network))
    if network.dt_seconds is None:
        raise LaharError(ReferenceNeedsTimeStep(network.name))
    return network.dt_seconds


def check_run(
    network: Network, stimulus: Stimulus, steps: int, given: Recording | None
) -> Iterator[Diagnostic]:
    if given is not None:
        if steps < 1:
            yield NoSteps(steps)
        return
    yield from check_stimulus(needs_of(network), stimulus, steps)
    for projection in network.projections:
        if projection.rule is not None and learns_delay(projection.rule):
            yield LearnedDelayDoesNotMove(projection.name, span=projection.rule.span)


class ReferenceMachine:
    """A network under way, closed loop: a call goes on where the last one ended."""

    def __init__(self, network: Network, seed: int) -> None:
        dt_seconds = _time_step(network)
        self._network = network
        self._loop = ClosedLoop(network, Stimulus(), dt_seconds, seed)
        self._shapes = reference_variables(network)
        self._types = types_of(self._shapes, network)
        self._readers = self._loop.readers()
        self.steps_done = 0

    def run(
        self,
        stimulus: Stimulus,
        steps: int,
        record: frozenset[str],
        progress: Progress = silent,
    ) -> dict[str, Rows]:
        """Go ``steps`` further; row 0 of the stimulus is the next step."""
        require_no_errors(check_run(self._network, stimulus, steps, None))
        self._loop.present(stimulus, self.steps_done)
        first = self.steps_done + 1
        shapes = {name: self._shapes[name] for name in record}
        rows = _record_steps(self._loop, first, steps, shapes, self._types, progress)
        self.steps_done += steps
        return rows

    def read(self, name: str) -> Rows:
        """Copy what a variable holds after the last step."""
        value = _shaped(self._readers[name](), self._shapes[name])
        copied: Rows = value.astype(self._types[name])
        return copied


def _run(
    loop: Loop,
    shapes: Mapping[str, tuple[int, ...]],
    steps: int,
    record: frozenset[str],
    progress: Progress,
    types: Mapping[str, type[np.generic]],
) -> Trajectory:
    recorded = {name: shape for name, shape in shapes.items() if name in record}
    rows = _record_steps(loop, 1, steps, recorded, types, progress)
    readers = loop.readers()
    final: dict[str, Rows] = {
        name: _shaped(readers[name](), shape).astype(types[name])
        for name, shape in shapes.items()
    }
    return Trajectory(rows, {**final, **loop.extra_final()})


def _record_steps(
    loop: Loop,
    first: int,
    steps: int,
    recorded: Mapping[str, tuple[int, ...]],
    types: Mapping[str, type[np.generic]],
    progress: Progress,
) -> dict[str, Rows]:
    """Run the steps from ``first`` on, and give what is recorded of them."""
    readers = loop.readers()
    rows: dict[str, Rows] = {
        name: np.zeros((steps, *shape), types[name]) for name, shape in recorded.items()
    }
    with numbers_are_finite():
        for row in range(steps):
            _step(loop, first + row)
            for name, values in rows.items():
                values[row] = _shaped(readers[name](), recorded[name])
            progress(1)
    return rows


def _shaped(value: Floats, shape: tuple[int, ...]) -> Floats:
    """Lay a row, a column or one number for all out as it is recorded."""
    return np.broadcast_to(value, shape) if value.ndim == 0 else value.reshape(shape)


def _step(loop: Loop, t: int) -> None:
    try:
        loop.step(t)
    except NumberFailed as failed:
        raise LaharError(
            NoFiniteValue(failed.expr._shown(), t, failed.reason, span=failed.expr.span)
        ) from None
    except FloatingPointError as error:
        raise LaharError(NoFiniteValue("a state or weight", t, str(error))) from None
