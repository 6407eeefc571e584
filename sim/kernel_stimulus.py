"""The stimulus of a chunk of steps, as the arrays that a kernel takes.

All input populations lie side by side in one array, all modulator ports in another;
``stimulus_columns`` says where each begins.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..hardware.program import Program
from .backend import Inputs
from .operations import Integers


def input_names(program: Program) -> tuple[str, ...]:
    """List the populations whose spikes come from the stimulus."""
    return tuple(p.name for p in program.inputs)


def modulator_ports(program: Program) -> tuple[tuple[str, str], ...]:
    """List the ports whose values come from the stimulus."""
    return tuple(
        (population.name, port.name)
        for population in program.populations
        if population.neuron is not None
        for port in population.neuron.ports
        if port.kind == "modulator"
    )


def stimulus_columns(program: Program) -> Integers:
    """Give the first column of every input, then of every modulator port."""
    inputs = [p.size for p in program.inputs]
    ports = [program.population(p).size for p, _ in modulator_ports(program)]
    return np.array(_starts(inputs) + _starts(ports), np.int64)


def _starts(sizes: list[int]) -> list[int]:
    return [sum(sizes[:k]) for k in range(len(sizes))]


def spikes_of_chunk(
    program: Program, inputs: Inputs, start: int, stop: int
) -> npt.NDArray[np.uint8]:
    """Give the spikes of steps [start, stop), all inputs side by side."""
    parts = [inputs.spikes[name][start:stop] for name in input_names(program)]
    nothing = np.zeros((stop - start, 0), np.uint8)
    return np.concatenate([nothing, *parts], axis=1, dtype=np.uint8, casting="unsafe")


def modulators_of_chunk(
    program: Program, inputs: Inputs, start: int, stop: int
) -> npt.NDArray[np.int32]:
    """Give the modulators of steps [start, stop), all ports side by side."""
    parts = [inputs.ports[port][start:stop] for port in modulator_ports(program)]
    nothing = np.zeros((stop - start, 0), np.int32)
    return np.concatenate([nothing, *parts], axis=1, dtype=np.int32, casting="unsafe")
