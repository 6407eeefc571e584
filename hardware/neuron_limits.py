"""What a chip's neurons can compute: each limit is a function of its name.

In: a Program and a chip. Out: a diagnostic for every population beyond a limit.
Thresholds, decays and biases are checked of LIF neurons only, which a chip has built
in; what a program of a programmable neuron may hold is unpublished.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..diagnostics import Diagnostic
from .chip import Chip
from .formats import Format
from .lif_core import LifCore, find_lif_core
from .limit import LimitExceeded, exceeded, holds
from .program import NeuronProgram, Population, Program

Problems = Iterator[Diagnostic]


@dataclass(frozen=True)
class NeuronIsNotBuiltIn(LimitExceeded):
    """The chip has one kind of neuron, and this population is of another.

    Loihi 1 computes current-based LIF neurons; Loihi 2 runs programs.
    """

    code = "P350"
    title = "{where}: {value}, and the chip's neurons cannot be programmed"
    help = "use the neuron `lif`, or a chip with programmable neurons such as loihi2"


@dataclass(frozen=True)
class ThresholdDoesNotFit(LimitExceeded):
    """A threshold is a 17-bit mantissa times 2**6, at least 1.

    The field is shared by all neurons of a profile. A larger threshold with larger
    weights behaves like a smaller one with smaller weights.
    """

    code = "P351"
    title = "{where}: the threshold {value} does not fit"
    help = "scale weights and threshold down together"


@dataclass(frozen=True)
class DecayDoesNotFit(LimitExceeded):
    """A decay is a 12-bit number of 4096ths, plus a fixed offset for the current.

    Each step keeps (4096 - decay) / 4096 of the state. Time constants beyond about
    4096 steps, or below one, have no such number.
    """

    code = "P352"
    title = "{where}: the {value} does not fit"
    help = "choose another time constant"


@dataclass(frozen=True)
class BiasDoesNotFit(LimitExceeded):
    """A bias is a 13-bit signed mantissa times a power of two from 0 to 7.

    Not every integer has that form: beyond 4095 only multiples of powers of two
    exist.
    """

    code = "P353"
    title = "{where}: the bias {value} is no mantissa * 2**exponent of the chip"
    help = "round the bias as `bias_mantissa_exponent` of hardware/formats.py does"


@dataclass(frozen=True)
class RegisterStartsOutsideItsRange(LimitExceeded):
    """A neuron's register starts at a number that has more bits than the state.

    State registers have 24 bits with a sign. A run would start from a wrapped
    number.
    """

    code = "P354"
    title = "{where} starts at {value}"
    help = "choose a smaller initial value"


@dataclass(frozen=True)
class NeuronStateIsTooLarge(LimitExceeded):
    """A neuron keeps more registers than its share of the memory holds.

    The state of all neurons of a core shares one memory, so more state means fewer
    neurons, and there is a most for one neuron.
    """

    code = "P355"
    title = "{where} keeps {value}"
    help = "drop states that nothing reads"


def neurons_are_built_in_or_programmable(program: Program, chip: Chip) -> Problems:
    if chip.programmable_neurons.value:
        return
    for p, neuron in _neurons(program):
        if find_lif_core(neuron) is None:
            value, limit = "it is not a plain LIF neuron", chip.programmable_neurons
            yield NeuronIsNotBuiltIn(
                where=f"population `{p.name}`",
                value=value,
                limit="current-based LIF neurons only",
                chip=chip.name,
                source=limit.source,
                trust=limit.trust,
            )


def thresholds_fit_mantissa_and_shift(program: Program, chip: Chip) -> Problems:
    limit = chip.threshold_mantissa_max
    for where, lif in _lif_neurons(program):
        mantissa, rest = divmod(lif.threshold, 1 << chip.threshold_shift.value)
        if rest or not holds((1, limit.value), mantissa):
            yield exceeded(ThresholdDoesNotFit, where, lif.threshold, chip, limit)


def decays_fit_their_registers(program: Program, chip: Chip) -> Problems:
    register = Format(chip.decay_bits.value, signed=False)
    for where, lif in _lif_neurons(program):
        for kind, decay, offset in (
            ("current decay", lif.current_decay, chip.current_decay_offset),
            ("voltage decay", lif.voltage_decay, chip.voltage_decay_offset),
        ):
            if not register.contains(decay - offset.value):
                value = f"{kind} {decay}/4096"
                yield exceeded(DecayDoesNotFit, where, value, chip, chip.decay_bits)


def biases_are_mantissa_times_power_of_two(program: Program, chip: Chip) -> Problems:
    low, high = chip.bias_exponent.value
    for where, lif in _lif_neurons(program):
        fits = any(
            lif.bias % (1 << e) == 0 and holds(chip.bias_mantissa.value, lif.bias >> e)
            for e in range(low, high + 1)
        )
        if not fits:
            yield exceeded(BiasDoesNotFit, where, lif.bias, chip, chip.bias_mantissa)


def registers_start_within_the_state(program: Program, chip: Chip) -> Problems:
    limit = chip.state_bits
    state = Format(limit.value, signed=True)
    for p, neuron in _neurons(program):
        for r in neuron.registers:
            first = p.initial.get(r.name, r.initial)
            for value in dict.fromkeys((int(np.min(first)), int(np.max(first)))):
                if not state.contains(value):
                    where = f"register `{p.name}.{r.name}`"
                    kind = RegisterStartsOutsideItsRange
                    yield exceeded(kind, where, value, chip, limit)


def registers_fit_the_state_of_a_neuron(program: Program, chip: Chip) -> Problems:
    limit = chip.neuron_state_bytes
    for p, neuron in _neurons(program):
        needed = state_bytes(neuron, chip)
        if needed > limit.value:
            value = f"{len(neuron.registers)} registers, {needed} bytes"
            where = f"a neuron of `{p.name}`"
            yield exceeded(NeuronStateIsTooLarge, where, value, chip, limit)


NEURON_LIMITS = (
    neurons_are_built_in_or_programmable,
    thresholds_fit_mantissa_and_shift,
    decays_fit_their_registers,
    biases_are_mantissa_times_power_of_two,
    registers_start_within_the_state,
    registers_fit_the_state_of_a_neuron,
)


def state_bytes(neuron: NeuronProgram, chip: Chip) -> int:
    """Count a neuron's state: every register takes the chip's state width."""
    return len(neuron.registers) * -(-chip.state_bits.value // 8)


def _neurons(program: Program) -> Iterator[tuple[Population, NeuronProgram]]:
    for population in program.populations:
        if population.neuron is not None:
            yield population, population.neuron


def _lif_neurons(program: Program) -> Iterator[tuple[str, LifCore]]:
    for population, neuron in _neurons(program):
        core = find_lif_core(neuron)
        if core is not None:
            yield f"population `{population.name}`", core
