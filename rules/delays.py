"""Delays of a projection: steps that a spike takes beside the one it always takes.

What the user gave in, an array of whole steps out, or what is wrong with it. A text may
give a time; it has to be a whole number of time steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, SourceSpan
from ..units import format_duration

DelayArray = npt.NDArray[np.float64]
"""Steps: () for all synapses alike, or (post, pre). Whole once they are checked."""


@dataclass(frozen=True)
class WrongDelayShape(Diagnostic):
    """The delays of a projection are not one for each of its weights.

    One number of steps serves all synapses; an array has one for each weight.
    """

    code = "R171"
    title = "projection `{projection}`: delays have shape {shape}, not {wanted}"
    note = "delays are (post, pre), as the weights are, or one number"
    help = "give one number, or transpose the array"

    projection: str
    shape: str
    wanted: str


@dataclass(frozen=True)
class DelayIsNoStep(Diagnostic):
    """A delay is not a whole number of steps from 0 on.

    A spike always takes one step; a delay counts the further ones. A time between two
    steps does not exist in a network that goes by steps.
    """

    code = "R172"
    title = "projection `{projection}`: a delay of {delay} is no whole number of steps"
    note = "{reason}"
    help = "give whole steps, such as `delay 3 steps`, or a multiple of dt"

    projection: str
    delay: str
    reason: str


@dataclass(frozen=True)
class LatencyIsNoStep(Diagnostic):
    """The latency of a group is not a whole number of steps from 0 on.

    It counts the steps that its neurons wait before their first one. An input has none:
    what it sends is what the stimulus says.
    """

    code = "R177"
    title = "group `{group}`: a latency of {latency} is no whole number of steps"
    note = "its neurons wait for so many steps before their first one"
    help = "give whole steps, such as `latency 2 steps`"

    group: str
    latency: str


def whole_steps(group: str, value: float) -> int:
    """Check a latency.

    Raises
    ------
    LaharError
        R177.

    """
    if not (np.isfinite(value) and value >= 0 and value == int(value)):
        raise LaharError(LatencyIsNoStep(group, f"{value:g} steps"))
    return int(value)


def as_delays(projection: str, value: object, span: SourceSpan | None) -> DelayArray:
    """Make an array of what a user gave.

    Raises
    ------
    LaharError
        R171 if it is no array of numbers.

    """
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        wanted = "(post, pre), all numbers"
        problem = WrongDelayShape(projection, "no single shape", wanted, span=span)
        raise LaharError(problem) from None


def check_delays(
    projection: str,
    delays: DelayArray,
    wanted: tuple[int, ...],
    span: SourceSpan | None,
) -> Iterator[Diagnostic]:
    """Check that there is one delay, or one for each synapse, in whole steps."""
    if delays.shape not in ((), wanted):
        shape = str(delays.shape)
        yield WrongDelayShape(projection, shape, str(wanted), span=span)
    bad = delays[~(np.isfinite(delays) & (delays >= 0) & (delays == np.rint(delays)))]
    if bad.size:
        reason = f"{bad.size} of {delays.size} delays are negative or broken"
        yield DelayIsNoStep(projection, f"{bad.flat[0]:g} steps", reason, span=span)


def steps_of(
    projection: str, seconds: float, dt_seconds: float | None, span: SourceSpan
) -> float:
    """Count the time steps of a delay that a text gives as a time.

    Raises
    ------
    LaharError
        R172 if they are not whole, or nobody says how long a step is.

    """
    shown = format_duration(seconds)
    if dt_seconds is None or not dt_seconds > 0:
        reason = "the network does not say how long a step is"
        raise LaharError(DelayIsNoStep(projection, shown, reason, span=span))
    steps = seconds / dt_seconds
    if abs(steps - round(steps)) > 1e-6 * max(1.0, steps):
        reason = f"a step is {format_duration(dt_seconds)}, so it is {steps:.6g} steps"
        raise LaharError(DelayIsNoStep(projection, shown, reason, span=span))
    return float(round(steps))
