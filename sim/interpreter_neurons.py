"""A step of a population: its neuron program, operation by operation.

docs/semantics.md section 4. What arrives at the ports goes in, spikes, registers and
graded outputs come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ..hardware.profile import Profile
from ..hardware.program import NeuronProgram, Op, Population
from . import operations
from .operations import Integers, Words, element_bits, to_int32
from .randomness import STREAMS_PER_POPULATION, neuron_keys

Operation = Callable[..., Integers]

OPERATIONS: Mapping[str, Operation] = {
    "copy": operations.copy,
    "add": operations.add,
    "sub": operations.sub,
    "mul": operations.mul,
    "shl": operations.shl,
    "shr": operations.shr,
    "mulshift": operations.mulshift,
    "decay": operations.decay,
    "fscale": operations.fscale,
    "int32": operations.to_int32,
    "saturate": operations.saturate,
    "gt": operations.gt,
    "ge": operations.ge,
    "select": operations.select,
}
WRAPS: Mapping[str, Operation] = {
    "single": operations.wrap_single,
    "twos complement": operations.wrap_twos_complement,
    "none": operations.copy,
}


@dataclass
class PopulationState:
    """What a population holds between steps and sent in the last one."""

    population: Population
    spikes: Integers
    registers: dict[str, Integers] = field(default_factory=dict)
    outputs: dict[str, Integers] = field(default_factory=dict)
    keys: Words = field(default_factory=lambda: np.zeros(0, np.uint64))

    def draw(self, step: int, n: Integers, k: Integers) -> Integers:
        """Give draw number n of this step, of k bits; both are the same for all."""
        key = self.keys[int(n[0]) : int(n[0]) + 1]
        return element_bits(key, step, np.arange(self.population.size), int(k[0]))

    def readings(self, profile: Profile) -> Iterator[tuple[str, Integers]]:
        """Name what a recording reads after a step."""
        name, neuron = self.population.name, self.population.neuron
        yield f"{name}.s_out", self.spikes
        for output, value in self.outputs.items():
            yield f"{name}.{output}", value
        for register, value in self.registers.items():
            shown = value
            if neuron is not None and register == neuron.membrane:
                shown = membrane_reading(value, self.spikes, profile)
            yield f"{name}.{register}", shown


def membrane_reading(v: Integers, spikes: Integers, profile: Profile) -> Integers:
    """Show the membrane as the chip does in a step of a spike."""
    if profile.v_after_spike is None:
        return v
    return np.where(spikes != 0, profile.v_after_spike, v)


def initial_population(
    population: Population, position: int = 0, seed: int = 0
) -> PopulationState:
    """Give the state before the first step; ``position`` in the Program."""
    zeros = np.zeros(population.size, np.int64)
    keys = neuron_keys(seed, position, STREAMS_PER_POPULATION)
    state = PopulationState(population, zeros, keys=keys)
    if population.neuron is not None:
        for register in population.neuron.registers:
            first = population.initial.get(register.name, register.initial)
            state.registers[register.name] = zeros + first
        state.outputs = {o.name: zeros for o in population.neuron.outputs}
    return state


def step_neurons(
    state: PopulationState,
    neuron: NeuronProgram,
    ports: Mapping[str, Integers],
    profile: Profile,
    step: int,
) -> None:
    """Run the neuron program once, on all neurons of the population."""
    values = {**ports, **state.registers}
    for op in neuron.ops:
        compute = _operation(op, state, profile, step)
        value = compute(*_arguments(op, values, state))
        values[op.target] = to_int32(value) if op.target in state.registers else value
    state.spikes = to_int32(values[neuron.spike])
    state.outputs = {o.name: to_int32(values[o.register]) for o in neuron.outputs}
    state.registers = {name: to_int32(values[name]) for name in state.registers}


def _operation(
    op: Op, state: PopulationState, profile: Profile, step: int
) -> Operation:
    neuron = state.population.neuron
    assert neuron is not None, "inputs have no operations"
    match op.code:
        case "wrap":
            return WRAPS[profile.u_wrap]
        case "every":
            return partial(operations.every, step)
        case "random":
            return partial(state.draw, step)
        case "lookup":
            return partial(_look_up, neuron)
        case "saturate" if op.target == neuron.membrane:
            return partial(_saturate_membrane, profile)
        case code:
            return OPERATIONS[code]


def _look_up(neuron: NeuronProgram, a: Integers, number: Integers) -> Integers:
    table = np.array(neuron.tables[int(number[0])], np.int64)
    return operations.lookup(a, table)


def _saturate_membrane(
    profile: Profile, a: Integers, low: Integers, high: Integers
) -> Integers:
    if profile.membrane_low is not None:
        low = np.maximum(low, profile.membrane_low)
    return operations.saturate(a, low, high)


def _arguments(
    op: Op, values: Mapping[str, Integers], state: PopulationState
) -> Iterator[Integers]:
    size = state.population.size
    for arg in op.args:
        yield np.full(size, arg) if isinstance(arg, int) else values[arg]
