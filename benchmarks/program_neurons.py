"""Random neuron programs: straight lines of any operations the engines have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lahar.hardware.program import (
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Register,
)

from .chance import Chance

IntArray = npt.NDArray[np.int32]

EDGES = (
    *(-(2**31), 2**31 - 1, -(2**23), -(2**23) - 1, 2**23, 2**23 - 1, 2**24),
    *(-(2**15), 2**15, 2**31, -(2**31) - 1, 2**40, -(2**62)),
)
MODULATOR_RANGE = 300

# v: value, k: shift, l: literal, f: decay, b: bounds, s: float scale, e: remainder,
# n: number and bits of a random draw, t: number of a table
ARGUMENTS: Mapping[str, str] = {
    "copy": "v",
    "add": "vv",
    "sub": "vv",
    "mul": "vv",
    "shl": "vk",
    "shr": "vk",
    "mulshift": "vlk",
    "decay": "vf",
    "fscale": "vs",
    "int32": "v",
    "wrap": "v",
    "saturate": "vb",
    "gt": "vv",
    "ge": "vv",
    "select": "vvv",
    "every": "e",
    "random": "n",
    "lookup": "vt",
}


def draw_lif(chance: Chance) -> NeuronProgram:
    """Draw the LIF core of docs/semantics.md section 4."""
    du, dv = chance.integer(0, 4095), chance.integer(0, 4096)
    ops = [
        Op("shl", "input", ("in", 6)),
        Op("decay", "u", ("u", du + 1)),
        Op("add", "u", ("u", "input")),
        Op("wrap", "u", ("u",)),
        Op("decay", "v", ("v", dv)),
        Op("add", "v", ("v", "u")),
        Op("add", "v", ("v", chance.integer(-500, 5000))),
        Op("saturate", "v", ("v", -8388607, 8388607)),
        Op("copy", "v_pre_reset", ("v",)),
        Op("gt", "spike", ("v", chance.integer(1, 300) * 64)),
        Op("select", "v", ("spike", 0, "v")),
    ]
    sent = chance.shuffled(["u", "v_pre_reset", "v"])[: chance.integer(0, 2)]
    return NeuronProgram(
        ports=(NeuronPort("in", "synaptic"),),
        registers=(Register("u"), Register("v")),
        ops=tuple(ops),
        spike="spike",
        outputs=tuple(NeuronOutput(f"o{k}", name) for k, name in enumerate(sent)),
        membrane="v",
    )


def draw_neuron_program(chance: Chance) -> NeuronProgram:
    """Draw operations one after another; each may read all before it."""
    return draw_lif(chance) if chance.happens(0.3) else _Line(chance).program()


class _Line:
    """Collects operations, and the names that they have written."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.ports = [NeuronPort("in", "synaptic")]
        if chance.happens(0.4):
            self.ports.append(NeuronPort("other", "synaptic"))
        if chance.happens(0.3):
            self.ports.append(NeuronPort("reward", "modulator"))
        count = chance.integer(1, 3)
        self.kept = [f"r{k}" for k in range(count)]
        self.names = [*(p.name for p in self.ports), *self.kept]
        self.ops: list[Op] = []
        self.tables: list[tuple[int, ...]] = []

    def program(self) -> NeuronProgram:
        chance = self.chance
        for k in range(chance.integer(1, 8)):
            target = chance.one_of([*self.kept, f"t{k}"])
            self.add(chance.one_of(list(ARGUMENTS)), target)
        graded = chance.happens(0.25)
        code = chance.one_of(list(ARGUMENTS)) if graded else chance.one_of(["gt", "ge"])
        self.add(code, "spike")
        self.ops.append(Op("select", "r0", ("spike", self.value(), self.value())))
        sent = [chance.one_of(self.names) for _ in range(chance.integer(0, 3))]
        sent = [name for name in sent if name not in {p.name for p in self.ports}]
        return NeuronProgram(
            ports=tuple(self.ports),
            registers=tuple(Register(name, self.first_value()) for name in self.kept),
            ops=tuple(self.ops),
            spike="spike",
            outputs=tuple(NeuronOutput(f"o{k}", name) for k, name in enumerate(sent)),
            membrane=chance.one_of([None, "r0"]),
            graded=graded,
            tables=tuple(self.tables),
        )

    def add(self, code: Any, target: str) -> None:
        kinds = ARGUMENTS[code]
        arguments = [a for kind in kinds for a in _DRAWS[kind](self)]
        self.ops.append(Op(code, target, tuple(arguments)))
        self.names = list(dict.fromkeys([*self.names, target]))

    def first_value(self) -> int:
        return draw_int32(self.chance) if self.chance.happens(0.3) else 0

    def value(self) -> str | int:
        if self.chance.happens(0.7):
            return self.chance.one_of(self.names)
        return self.literal()

    def literal(self) -> int:
        if self.chance.happens(0.2):
            return self.chance.one_of(EDGES)
        return self.chance.integer(-300, 300)

    def shift(self) -> int:
        if self.chance.happens(0.1):
            return self.chance.integer(32, 62)
        return self.chance.integer(0, 31)

    def bounds(self) -> tuple[int, int]:
        low, high = sorted([self.literal(), self.literal()])
        return low, high

    def decay(self) -> str | int:
        if self.chance.happens(0.15):
            return self.chance.one_of(self.names)
        return self.chance.integer(0, 4096)

    def scale(self) -> tuple[int, int]:
        return self.chance.integer(-(2**53), 2**53), self.chance.integer(40, 60)

    def remainder(self) -> tuple[int, int]:
        period = self.chance.integer(1, 9)
        return period, self.chance.integer(0, period - 1)

    def draw(self) -> tuple[int, int]:
        number = self.chance.one_of([0, 1, 2, 255])
        return number, self.chance.one_of([1, 7, 23, 31, 32, 62])

    def table(self) -> int:
        length = self.chance.one_of([1, 2, 9, 257])
        entries = [draw_int32(self.chance) for _ in range(length)]
        self.tables.append(tuple(entries))
        return len(self.tables) - 1


_DRAWS: Mapping[str, Callable[[_Line], tuple[str | int, ...]]] = {
    "v": lambda line: (line.value(),),
    "k": lambda line: (line.shift(),),
    "l": lambda line: (line.literal(),),
    "f": lambda line: (line.decay(),),
    "b": lambda line: line.bounds(),
    "s": lambda line: line.scale(),
    "e": lambda line: line.remainder(),
    "n": lambda line: line.draw(),
    "t": lambda line: (line.table(),),
}


def draw_int32(chance: Chance) -> int:
    """Draw an integer of 32 bit: mostly small, sometimes at an edge."""
    if chance.happens(0.15):
        return chance.one_of([e for e in EDGES if -(2**31) <= e < 2**31])
    return chance.integer(-2000, 2000)


def draw_values(chance: Chance, shape: tuple[int, ...]) -> IntArray:
    """Draw an array of such integers."""
    return np.array(chance.array(shape, lambda: draw_int32(chance)), np.int32)
