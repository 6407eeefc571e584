"""What the neurons of a Program have to hold, at an assumed rate and at worst.

In: a Program, a chip and the mean rate of spikes. Out: for each population the ranges
of its registers under several kinds of arrivals, and the rows of the report.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .arrivals import Arrivals, arrivals
from .chip import Chip
from .formats import Format
from .interval import Interval, inside, modulo, union
from .program import NeuronProgram, Population, Program
from .register_ranges import Ranges, first_step, register_ranges
from .register_witness import extremes
from .report import RegisterRange

STATE_LOWEST = -(2**16)
"""A ``saturate`` below this guards a state; others shape a value on purpose."""


@dataclass(frozen=True)
class NeuronRanges:
    """The ranges of one population under different arrivals.

    silent: nothing arrives; constant: the largest spike in every step, which a linear
    state scales down from; mean, expected and worst as in `Arrivals`. ``jumps``: the
    most that the largest single spike adds to a leaky register in its step.
    """

    population: Population
    arrivals: dict[str, Arrivals]
    jumps: dict[str, int]
    silent: Ranges
    constant: Ranges
    mean: Ranges
    expected: Ranges
    worst: Ranges
    modulators: dict[str, Interval]

    def reaches(self, register: str, limits: Interval) -> bool:
        """Tell whether arrivals held at an end of what is expected leave the limits."""
        ports = {name: a.expected for name, a in self.arrivals.items()}
        bounds = {**ports, **self.modulators}
        ends = [tuple((n, b[end]) for n, b in bounds.items()) for end in (0, 1)]
        runs = [extremes(self.neuron, given) for given in ends]
        return any(not inside(run.get(register, (0, 0)), limits) for run in runs)

    @property
    def neuron(self) -> NeuronProgram:
        """The population's program."""
        assert self.population.neuron is not None
        return self.population.neuron


def neuron_ranges(program: Program, rate: float, chip: Chip) -> list[NeuronRanges]:
    """Analyse all populations whose arrivals have bounds."""
    modulators = _modulator_bounds(program)
    found = []
    for population in program.populations:
        if population.neuron is None:
            continue
        ports = arrivals(program, population, rate, chip)
        if ports is not None:
            analysis = _Analysis(population, modulators, Format(_bits(chip), True))
            found.append(analysis.under(ports))
    return found


def _bits(chip: Chip) -> int:
    return chip.dendrite_bits.value


def _modulator_bounds(program: Program) -> dict[tuple[str, str], Interval]:
    return {port: (m.low, m.high) for m in program.modulators for port in m.ports}


@dataclass(frozen=True)
class _Analysis:
    """Runs one population's program on intervals."""

    population: Population
    modulators: dict[tuple[str, str], Interval]
    accumulator: Format

    def under(self, ports: dict[str, Arrivals]) -> NeuronRanges:
        """Analyse under every kind of arrivals."""
        return NeuronRanges(
            self.population,
            ports,
            self._jumps(ports),
            silent=self._ranges(dict.fromkeys(ports, (0, 0))),
            constant=self._ranges({n: (0, a.largest) for n, a in ports.items()}),
            mean=self._ranges({n: _whole(a.mean) for n, a in ports.items()}),
            expected=self._ranges({n: a.expected for n, a in ports.items()}),
            worst=self._ranges({n: a.worst for n, a in ports.items()}),
            modulators=self._modulators(),
        )

    def _ranges(self, ports: dict[str, Interval]) -> Ranges:
        neuron = self.population.neuron
        assert neuron is not None
        given = self._given(ports)
        first = {
            register: (int(values.min()), int(values.max()))
            for register, values in self.population.initial.items()
        }
        return register_ranges(neuron, given, first)

    def _given(self, ports: dict[str, Interval]) -> dict[str, Interval]:
        """Let arrivals wrap as the chip does, and modulators keep their bounds."""
        given = {p: modulo(a, self.accumulator.limits) for p, a in ports.items()}
        return {**given, **self._modulators()}

    def _modulators(self) -> dict[str, Interval]:
        own = self.population.name
        return {p: b for (name, p), b in self.modulators.items() if name == own}

    def _jumps(self, ports: dict[str, Arrivals]) -> dict[str, int]:
        neuron = self.population.neuron
        assert neuron is not None
        silent = dict.fromkeys(ports, (0, 0))
        spike = {name: (0, a.largest) for name, a in ports.items()}
        after = [first_step(neuron, self._given(p)) for p in (silent, spike)]
        return {
            name: max(map(abs, drive.added))
            - max(map(abs, after[0].drives[name].added))
            for name, drive in after[1].drives.items()
        }


def _whole(mean: tuple[float, float]) -> Interval:
    return math.floor(mean[0]), math.ceil(mean[1])


def needed(ranges: Ranges, register: str) -> Interval:
    """Give what a register would hold if nothing wrapped or saturated a state."""
    held = ranges.values[register]
    if register in ranges.wrapped:
        return union(held, ranges.wrapped[register])
    asked, limits = ranges.saturated.get(register, ((0, 0), (0, 0)))
    return union(held, asked) if limits[0] <= STATE_LOWEST else held


def register_report(found: list[NeuronRanges], chip: Chip) -> Iterator[RegisterRange]:
    """List ports, registers and outputs of every population, in its own order."""
    accumulator = Format(chip.dendrite_bits.value, signed=True)
    state = Format(chip.state_bits.value, signed=True)
    trace = Format(chip.trace_bits.value, signed=False)
    for one in found:
        name = one.population.name
        for port, a in one.arrivals.items():
            values = (*a.expected, *a.worst, accumulator.low, accumulator.high)
            yield RegisterRange(name, port, "arrivals", *values)
        for register in one.neuron.registers:
            at_rate = needed(one.expected, register.name)
            worst = needed(one.worst, register.name)
            values = (*at_rate, *worst, state.low, state.high)
            bounded = register.name not in one.worst.unknown
            yield RegisterRange(name, register.name, "state", *values, bounded)
        for output in one.neuron.outputs:
            at_rate = one.expected.values[output.register]
            worst = one.worst.values[output.register]
            values = (*at_rate, *worst, trace.low, trace.high)
            yield RegisterRange(name, output.name, "output", *values)
