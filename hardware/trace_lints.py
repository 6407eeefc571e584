"""What traces and synaptic variables of a learning engine may suffer from.

In: a Program. Out: lints L10, L12, L13 and L22 of docs/lints.md, which need no more
than the integers that the engine is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .chip import Chip
from .learning import TraceProgram
from .program import Connection, Program

SMALLEST_LIVELY_IMPULSE = 4
SHORTEST_TAU = 4.0
"""Below, exp(-1/tau) and 1 - 1/tau part by more than 13 % in the time constant."""
LONGEST_TAU = 256.0
"""Beyond, a trace loses less than 1/256 in a step."""


@dataclass(frozen=True)
class ImpulseIsFractional(Diagnostic):
    """An impulse has a fraction, and emulators disagree about what it adds.

    Lava compares an 8-bit fraction with a 7-bit random number, so a fraction f adds
    min(1, 2 * f): an impulse of 10.25 adds 10.5 on average, one of 10.5 adds 11. The
    profile `loihi2` adds f. Impulses beyond the register are refused (P330).
    """

    code = "L10"
    severity = "warning"
    title = "trace `{part}.{trace}`: the impulse {impulse:g} has a fraction"
    note = "it adds {impulse:g} on average, in Lava {in_lava:g}"
    help = "use a whole number"

    part: str
    trace: str
    impulse: float
    in_lava: float


@dataclass(frozen=True)
class TraceDiesEarly(Diagnostic):
    """A trace starts so low that it is 0 long before its time constant has passed.

    With stochastic rounding each unit of an impulse lives on its own: the last is gone
    after about tau * ln(impulse), half of the traces after tau * (ln(impulse) + 0.4),
    and the mean is all that is left of the exponential. Without stochastic rounding a
    trace loses at least 1 in each step.
    """

    code = "L12"
    severity = "warning"
    title = "trace `{part}.{trace}` is 0 after {steps:.3g} steps of a tau of {tau:.4g}"
    note = "its impulse is {impulse}; {why}"
    help = "use a larger impulse, or a shorter time constant"

    part: str
    trace: str
    steps: float
    tau: float
    impulse: int
    why: str


@dataclass(frozen=True)
class TauIsExtreme(Diagnostic):
    """A trace's time constant is so short or long that chips may not do the same.

    Lava decays by exp(-1/tau), Brian2Loihi by 1 - 1/tau: at 4 steps their effective
    time constants differ by 13 %, at 2 by 28 %. Beyond 256 steps a decay is less than
    1/256 in a step, and nobody has published how fine a chip's decay is.
    """

    code = "L13"
    severity = "warning"
    title = "trace `{part}.{trace}` has a time constant of {tau:.4g} steps"
    note = "{why}"
    help = "{advice}"

    part: str
    trace: str
    tau: float
    why: str
    advice: str


@dataclass(frozen=True)
class VariableMayNotHold(Diagnostic):
    """A tag or delay variable is asked for more than it is.

    A tag has 9 bits and saturates; one that never decays gets there in time. A delay
    variable can be learned, but moves no spike: neither in Lava nor here.
    """

    code = "L22"
    severity = "warning"
    title = "`{part}`: {problem}"
    note = "{why}"
    help = "{advice}"

    part: str
    problem: str
    why: str
    advice: str


def trace_lints(program: Program, chip: Chip) -> Iterator[Diagnostic]:
    """Check every learning connection."""
    for c in program.connections:
        if c.learning is None:
            continue
        for name, trace in c.learning.traces.items():
            yield from impulses_are_whole(c, name, trace)
            yield from traces_live_as_long_as_their_tau(c, name, trace, chip)
            yield from time_constants_mean_the_same_everywhere(c, name, trace)
        yield from learned_delays_move_spikes(c, chip)


def impulses_are_whole(
    c: Connection, name: str, trace: TraceProgram
) -> Iterator[Diagnostic]:
    fraction = trace.impulse_fraction_256 / 256
    if fraction:
        in_lava = trace.impulse + min(1.0, 2.0 * fraction)
        args = (c.name, name, trace.impulse + fraction, in_lava)
        yield ImpulseIsFractional(*args)


def traces_live_as_long_as_their_tau(
    c: Connection, name: str, trace: TraceProgram, chip: Chip
) -> Iterator[Diagnostic]:
    impulse, tau = trace.impulse, trace.tau_steps
    if impulse < 1 or tau <= 0:
        return
    if not chip.stochastic_rounding.value:
        floored = float(_steps_by_floor(impulse, tau))
        if floored < tau * math.log(impulse):
            why = f"{chip.name} rounds down, at least by 1 in each step"
            yield TraceDiesEarly(c.name, name, floored, tau, impulse, why)
    elif impulse < SMALLEST_LIVELY_IMPULSE:
        steps = tau * math.log(impulse)
        why = "later, rounding noise is larger than the trace"
        yield TraceDiesEarly(c.name, name, steps, tau, impulse, why)


def _steps_by_floor(impulse: int, tau: float) -> int:
    """Count the steps in which a floored decay takes an impulse to 0."""
    value, steps, kept = impulse, 0, math.exp(-1.0 / tau)
    while value:
        value, steps = math.floor(value * kept), steps + 1
    return steps


def time_constants_mean_the_same_everywhere(
    c: Connection, name: str, trace: TraceProgram
) -> Iterator[Diagnostic]:
    tau = trace.tau_steps
    if 0 < tau < SHORTEST_TAU:
        # 1 - 1/tau decays as exp(-1/effective) would; at tau <= 1 all is gone at once.
        effective = -1.0 / math.log1p(-1.0 / tau) if tau > 1 else 0.0
        why = f"a chip that decays by 1 - 1/tau acts as if it were {effective:.3g}"
        advice = "use a smaller dt, or a time constant of at least 4 steps"
        yield TauIsExtreme(c.name, name, tau, why, advice)
    elif tau > LONGEST_TAU:
        why = f"it loses 1/{tau:.4g} in a step; finer than 1/256 is unpublished"
        yield TauIsExtreme(c.name, name, tau, why, "use a larger dt, or a shorter one")


def learned_delays_move_spikes(c: Connection, chip: Chip) -> Iterator[Diagnostic]:
    assert c.learning is not None
    if not any(p.target == "d" for p in c.learning.products):
        return
    low, high = chip.delay_variable.value
    why = f"it may go from 0 to 255; {chip.name} delays by {low} to {high} steps"
    yield VariableMayNotHold(
        c.name,
        "the delay variable that it learns moves no spike",
        why,
        "use it as a second tag, or leave it out",
    )
