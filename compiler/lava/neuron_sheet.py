"""A neuron program while it is written: operations, registers, first values.

A parameter that is the same for all neurons is a literal; one that differs becomes a
register that no operation changes, named as Lava's Var of that meaning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ...hardware.program import (
    NeuronPort,
    NeuronProgram,
    Op,
    OpCode,
    Population,
    Register,
)
from .lava_values import Integers

DECAY_UNITY = 4096
EXACT_IN_FLOAT = 2**22  # times a 32-bit register, float64 holds it exactly


@dataclass
class NeuronSheet:
    """Collects what a population will be; ``shape`` is that of the Lava process."""

    name: str
    shape: tuple[int, ...]
    ops: list[Op] = field(default_factory=list)
    registers: list[Register] = field(default_factory=list)
    initial: dict[str, Integers] = field(default_factory=dict)

    def op(self, code: OpCode, target: str, *args: str | int) -> None:
        """Write one operation."""
        self.ops.append(Op(code, target, args))

    def keep(self, name: str, values: Integers) -> str:
        """Declare a register with its first values."""
        flat = values.astype(np.int32).ravel()
        same = bool((flat == flat[0]).all())
        self.registers.append(Register(name, int(flat[0]) if same else 0))
        if not same:
            self.initial[name] = flat
        return name

    def constant(self, name: str, values: Integers) -> str | int:
        """Give a literal where all neurons have the same value, else a register."""
        first = values.flat[0]
        return int(first) if (values == first).all() else self.keep(name, values)

    def decay(
        self, target: str, source: str, lost: Integers, name: str, offset: int = 0
    ) -> None:
        """Lose ``lost`` of 4096 parts, toward zero: Lava's Var ``name`` + offset."""
        first = int(lost.flat[0])
        if not (lost == first).all():
            factor = self.keep(name, lost - offset)
            if offset:
                self.op("add", f"{name}_lost", factor, offset)
                factor = f"{name}_lost"
            self.op("decay", target, source, factor)
        elif 0 <= first <= DECAY_UNITY:
            self.op("decay", target, source, first)
        else:  # no decay; float64 holds the product exactly
            self.op("fscale", target, source, DECAY_UNITY - first, 12)

    def population(
        self, spike: str, membrane: str | None = None, *, graded: bool = False
    ) -> Population:
        """Give the population, with its one port ``a_in``."""
        neuron = NeuronProgram(
            ports=(NeuronPort("a_in", "synaptic"),),
            registers=tuple(self.registers),
            ops=tuple(self.ops),
            spike=spike,
            membrane=membrane,
            graded=graded,
        )
        return Population(
            self.name,
            math.prod(self.shape),
            neuron,
            step_shape(self.shape),
            self.initial,
        )


def step_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Give the shape of a population; empty where it is a plain row of neurons."""
    return tuple(int(n) for n in shape) if len(shape) > 1 else ()
