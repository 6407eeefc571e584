"""What neurons may suffer from: arrivals that wrap, states too large or too small.

In: the ranges of a Program's neurons (neuron_ranges.py). Out: lints L02, L03, L04, L06,
L07 and, of registers of 0, L08 of docs/lints.md. They hold for any Program, whoever
wrote it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from ..diagnostics import Diagnostic, Severity
from .chip import Chip
from .formats import DECAY_ONE, Format
from .interval import Interval
from .lif_core import match_lif_core
from .neuron_ranges import STATE_LOWEST, NeuronRanges
from .profile import find_profile
from .program import Program

STATE_MAX = 2**23 - 1
SMALL_DRIVE = 20.0
"""A steady drive of I leaves the membrane 1/I too low: 5 % at 20."""


@dataclass(frozen=True)
class DendriteMayOverflow(Diagnostic):
    """The sum of weights that arrive in one step may leave the 16-bit accumulator.

    A chip wraps it, which turns strong excitation into inhibition. 129 weights of 255
    are enough if they arrive together. Where the mean at the assumed rate is beyond
    the limit already, it is an error; mean + 4 standard deviations, or all inputs at
    once, are warnings. Lava's own models do not wrap.
    """

    code = "L02"
    severity: ClassVar[Severity] = "warning"
    title = "population `{part}`: arrivals may reach {reached}, beyond {limit}"
    note = "{how}; the limit is that of {source}"
    help = "lower the weights, their exponent, or the number of inputs in a step"

    part: str
    reached: int
    limit: int
    how: str
    source: str


@dataclass(frozen=True)
class CurrentMayOverflow(Diagnostic):
    """A synaptic current may leave its 24 bits, and wraps: its sign turns.

    A current u that loses d/4096 in a step rises to its drive times 4096/d.
    """

    code = "L03"
    severity: ClassVar[Severity] = "warning"
    title = "population `{part}`: `{register}` may reach {reached}, beyond {limit}"
    note = "if arrivals stay at {how} at {rate:g} spikes a step; 24 bits wrap"
    help = "lower the weights or their exponent, or let `{register}` leak faster"

    part: str
    register: str
    reached: int
    limit: int
    how: str
    rate: float


@dataclass(frozen=True)
class MembraneMaySaturate(Diagnostic):
    """A membrane may reach the end of its register, and stays there.

    Or the profile that the Program is meant for clips it higher than the model does:
    nengo-loihi's emulator ends at 0 unless told otherwise (``membrane_low``).
    """

    code = "L04"
    severity = "warning"
    title = "population `{part}`: `{register}` may reach {reached}, clipped at {limit}"
    note = "if arrivals stay at mean + 4 sd at {rate:g} spikes a step"
    help = "{advice}"

    part: str
    register: str
    reached: int
    limit: int
    rate: float
    advice: str


@dataclass(frozen=True)
class DriveIsSmall(Diagnostic):
    """A constant drive is so small that rounding the leak toward zero matters.

    Each step the leak takes a whole number, rounded up: a steady drive of I units ends
    at (I - 1) * tau instead of I * tau. With I = 1 the state stays at 1.
    """

    code = "L06"
    severity = "warning"
    title = "population `{part}`: a drive of {drive:.3g} leaves `{register}` too low"
    note = "by {share:.0%}: the leak of a step is rounded up to a whole unit"
    help = "use larger weights, threshold and bias, or a faster leak"

    part: str
    register: str
    drive: float
    share: float


@dataclass(frozen=True)
class DecayIsCoarse(Diagnostic):
    """A time constant is rounded by more than 5 %.

    Neurons decay by a multiple of 1/4096 in a step, traces of the engine have a time
    constant in 1/256 steps. Beyond 4096 steps a neuron cannot forget slowly enough, and
    a decay register of 0 does not mean that a current is kept: a LIF adds 1 to it.
    """

    code = "L08"
    severity = "warning"
    title = "`{parameter}` is {got:.4g} instead of {wanted:.4g} on {chip}"
    note = "a neuron loses a multiple of 1/4096 in a step, at least one"
    help = "use {got:.4g}, a larger dt, or no leak at all"

    parameter: str
    wanted: float
    got: float
    chip: str


@dataclass(frozen=True)
class SignalIsInTheDeadZone(Diagnostic):
    """A single spike is so small that its trace decays in a line, by 1 in each step.

    Below 4096/d a state that should lose d/4096 of itself loses 1: it forgets sooner
    than its time constant says. A state that many spikes keep high is not affected.
    """

    code = "L07"
    severity = "warning"
    title = "population `{part}`: a spike moves `{register}` by {amplitude} at most"
    note = "below {zone} its leak is 1 in each step, whatever its time constant"
    help = "use larger weights and threshold, or a faster leak"

    part: str
    register: str
    amplitude: int
    zone: int


class DendriteOverflows(DendriteMayOverflow):
    """About half of all steps wrap: the mean itself is beyond the accumulator."""

    severity = "error"


class CurrentOverflows(CurrentMayOverflow):
    """The current wraps even if arrivals never exceed their mean."""

    severity = "error"


def neuron_lints(
    program: Program, found: Iterable[NeuronRanges], rate: float, chip: Chip
) -> Iterator[Diagnostic]:
    """Check every population; ranges only of those that were analysed."""
    if program.source is None:  # else a model says what it wants
        yield from currents_leak_as_told(program, chip)
    for one in found:
        yield from arrivals_fit_the_dendrite(one, rate, chip)
        yield from currents_fit_their_word(one, rate)
        yield from membranes_stay_below_saturation(one, rate)
        yield from membranes_stay_above_the_lowest(program, one, rate)
        yield from drives_are_large_beside_rounding(one)
        yield from spikes_are_larger_than_the_dead_zone(one)


def currents_leak_as_told(program: Program, chip: Chip) -> Iterator[Diagnostic]:
    """Find registers of 0 that leak all the same, as Lava's default does."""
    for population in program.populations:
        neuron = population.neuron
        core = None if neuron is None else match_lif_core(neuron)
        if core is not None and core.current_decay == 1:
            name = f"{population.name}.{core.current}.leak"
            yield DecayIsCoarse(name, math.inf, float(DECAY_ONE), chip.name)


def arrivals_fit_the_dendrite(
    one: NeuronRanges, rate: float, chip: Chip
) -> Iterator[Diagnostic]:
    bits = chip.dendrite_bits
    limits = Format(bits.value, signed=True).limits
    for a in one.arrivals.values():
        worst, expected = _beyond(a.worst, limits), _beyond(a.expected, limits)
        mean = _beyond((int(a.mean[0]), int(a.mean[1])), limits)
        name, end = one.population.name, limits[1]
        if mean is not None:
            how = f"the mean at {rate:g} spikes a step"
            yield DendriteOverflows(name, mean, end, how, bits.source)
        elif expected is not None:
            how = f"mean + 4 sd at {rate:g} spikes a step"
            yield DendriteMayOverflow(name, expected, end, how, bits.source)
        elif worst is not None:
            usual = max(a.expected, key=abs)
            how = f"all inputs at once; mean + 4 sd at {rate:g} a step is {usual}"
            yield DendriteMayOverflow(name, worst, end, how, bits.source)


def currents_fit_their_word(one: NeuronRanges, rate: float) -> Iterator[Diagnostic]:
    name, limits = one.population.name, (-STATE_MAX, STATE_MAX)
    for register in one.expected.wrapped:
        mean = _beyond(one.mean.wrapped[register], limits)
        expected = _beyond(one.expected.wrapped[register], limits)
        if mean is not None and one.reaches(register, limits):
            args = (name, register, mean, STATE_MAX, "their mean", rate)
            yield CurrentOverflows(*args)
        elif expected is not None and one.reaches(register, limits):
            args = (name, register, expected, STATE_MAX, "mean + 4 sd", rate)
            yield CurrentMayOverflow(*args)


def membranes_stay_below_saturation(
    one: NeuronRanges, rate: float
) -> Iterator[Diagnostic]:
    advice = "lower threshold, weights or their exponent"
    for register, (_, limits) in one.expected.saturated.items():
        # What never leaks would reach either end if deviations lasted: its mean counts.
        drive = one.expected.drives.get(register)
        lasting = drive is not None and drive.factor[0] == 0
        ranges = one.mean if lasting else one.expected
        reached = _beyond(ranges.saturated[register][0], limits)
        guards_a_state = limits[0] <= STATE_LOWEST and register not in ranges.unknown
        if guards_a_state and reached is not None and one.reaches(register, limits):
            end = limits[1] if reached > 0 else limits[0]
            args = (one.population.name, register, reached, end, rate, advice)
            yield MembraneMaySaturate(*args)


def membranes_stay_above_the_lowest(
    program: Program, one: NeuronRanges, rate: float
) -> Iterator[Diagnostic]:
    lowest, membrane = find_profile(program.profile).membrane_low, one.neuron.membrane
    if lowest is None or membrane is None:
        return
    reached = one.expected.values[membrane][0]
    if reached < lowest:
        advice = f"the profile `{program.profile}` clips there; choose another"
        args = (one.population.name, membrane, reached, lowest, rate, advice)
        yield MembraneMaySaturate(*args)


def drives_are_large_beside_rounding(one: NeuronRanges) -> Iterator[Diagnostic]:
    for register, drive in one.silent.drives.items():
        steady = _largest(drive.added)
        total = steady + _mean_drive(one, register)
        if steady and 0 < total < SMALL_DRIVE and drive.factor[0] < DECAY_ONE:
            args = (one.population.name, register, total, 1 / total)
            yield DriveIsSmall(*args)


def spikes_are_larger_than_the_dead_zone(one: NeuronRanges) -> Iterator[Diagnostic]:
    for register, drive in one.constant.drives.items():
        factor = drive.factor[0]
        amplitude = one.jumps.get(register, 0)
        if not (factor and amplitude):
            continue
        zone = DECAY_ONE // factor
        steady = _largest(one.silent.drives[register].added)
        if amplitude < zone and _mean_drive(one, register) + steady < 1.0:
            args = (one.population.name, register, amplitude, zone)
            yield SignalIsInTheDeadZone(*args)


def _beyond(reached: Interval, limits: Interval) -> int | None:
    """Give the end that is farther outside its limit; None if both are inside."""
    low, high = limits
    if low <= reached[0] and reached[1] <= high:
        return None
    return reached[1] if reached[1] - high >= low - reached[0] else reached[0]


def _largest(interval: Interval) -> int:
    return max(abs(interval[0]), abs(interval[1]))


def _mean_drive(one: NeuronRanges, register: str) -> float:
    """Scale the drive of constant arrivals down to that of the mean: it is linear."""
    largest = sum(a.largest for a in one.arrivals.values())
    mean = sum(max(map(abs, a.mean)) for a in one.arrivals.values())
    constant = _largest(one.constant.drives[register].added)
    silent = _largest(one.silent.drives[register].added)
    return (constant - silent) * mean / largest if largest else 0.0
