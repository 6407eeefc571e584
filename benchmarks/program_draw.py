"""Draw random Programs, profiles and stimuli: everything the kernels have to equal.

A seed and a number in, a case out, so that a case that fails can be drawn again.
Every Program is consistent (hardware/consistency.py) and means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.hardware.profile_switches import SWITCHES
from lahar.hardware.program import Connection, Population, Program, SignMode
from lahar.hardware.wires import Tap, Wire
from lahar.sim.backend import Inputs

from .chance import Chance
from .program_learning import draw_learning
from .program_neurons import (
    MODULATOR_RANGE,
    IntArray,
    draw_int32,
    draw_neuron_program,
    draw_values,
)

LARGEST_POPULATION = 4
RATE = 0.4


@dataclass(frozen=True)
class ProgramCase:
    """A Program, and how it is run."""

    program: Program
    profile: Profile
    inputs: Inputs
    steps: int
    seed: int


def draw_case(seed: int, number: int) -> ProgramCase:
    """Draw a numbered case."""
    chance = Chance(seed, number)
    program = _Drawing(chance).program()
    profile = draw_profile(chance)
    steps = chance.integer(0, 14) if chance.happens(0.85) else chance.integer(15, 40)
    inputs = draw_inputs(chance, program, steps)
    return ProgramCase(program, profile, inputs, steps, chance.integer(0, 10**6))


def draw_profile(chance: Chance) -> Profile:
    """Draw a published profile, or any mixture of what their switches can be."""
    profile = chance.one_of([LAVA_0_10, LOIHI2])
    if chance.happens(0.4):
        return profile
    values: dict[str, Any] = {
        name: chance.one_of([m.value for m in switch.meanings])
        for name, switch in SWITCHES.items()
        if chance.happens(0.5)
    }
    return replace(profile, **values)


def draw_inputs(chance: Chance, program: Program, steps: int) -> Inputs:
    """Draw spikes for the inputs and values for the modulators' ports."""
    spikes = {
        p.name: np.array(
            chance.array((steps, p.size), lambda: int(chance.happens(RATE))), np.uint8
        ).reshape(steps, p.size)
        for p in program.inputs
    }
    ports = {
        (p.name, port.name): _modulator(chance, steps, p.size)
        for p in program.populations
        if p.neuron is not None
        for port in p.neuron.ports
        if port.kind == "modulator"
    }
    return Inputs(spikes, ports)


def _modulator(chance: Chance, steps: int, size: int) -> IntArray:
    most = MODULATOR_RANGE
    values = chance.array((steps, size), lambda: chance.integer(-most, most))
    return np.array(values, np.int32).reshape(steps, size)


class _Drawing:
    """Collects populations, connections and wires of one Program."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.populations: list[Population] = []
        self.connections: list[Connection] = []
        self.wires: list[Wire] = []

    def program(self) -> Program:
        chance = self.chance
        for k in range(chance.integer(1, 2)):
            self.populations.append(self.input(f"i{k}"))
        for k in range(chance.integer(1, 3)):
            self.populations.append(self.neurons(f"p{k}"))
        plan = [self.end(k) for k in range(chance.integer(1, 4))]
        for k, (target, port, post) in enumerate(plan):
            self.connections.append(self.connection(f"c{k}", target, port, post))
        self.populations = [self.wired(p) for p in self.populations]
        if chance.happens(0.3):
            self.add_wire("sink", self.size(), self.signals(), listens=True)
        return Program(
            name="random",
            chip="loihi2",
            profile="loihi2",
            dt_seconds=1e-3,
            populations=tuple(self.populations),
            connections=tuple(self.connections),
            wires=tuple(self.wires),
        )

    # --- populations

    def size(self) -> int:
        return self.chance.integer(1, LARGEST_POPULATION)

    def input(self, name: str) -> Population:
        size = self.size()
        if self.chance.happens(0.6):
            return Population(name, size, shape=self.shape(size))
        period = self.chance.integer(1, 9)
        binary = self.chance.happens(0.3)
        cycle = draw_values(self.chance, (period, size))
        cycle = (cycle > 0).astype(np.int32) if binary else cycle
        return Population(name, size, cycle=cycle, shape=self.shape(size))

    def shape(self, size: int) -> tuple[int, ...]:
        options: list[tuple[int, ...]] = [(), (), (size,), (1, size)]
        if size == 4:
            options.append((2, 2))
        return self.chance.one_of(options)

    def neurons(self, name: str) -> Population:
        size = self.size()
        neuron = draw_neuron_program(self.chance)
        each = [r.name for r in neuron.registers if self.chance.happens(0.2)]
        initial = {register: draw_values(self.chance, (size,)) for register in each}
        shape = self.shape(size)
        return Population(name, size, neuron, shape=shape, initial=initial)

    def wired(self, population: Population) -> Population:
        """Let wires feed some ports: of what stands before, or of connections."""
        if population.neuron is None:
            return population
        before = self.populations[: self.populations.index(population)]
        signals = [*_sent(before), *self.arriving()]
        ports = [p.name for p in population.neuron.ports if p.kind == "synaptic"]
        wires = {
            port: self.add_wire(f"{population.name}_{port}", population.size, signals)
            for port in ports
            if self.chance.happens(0.2)
        }
        return replace(population, wires=wires)

    # --- wires

    def arriving(self) -> list[tuple[str, int]]:
        return [(f"{c.name}.a_out", len(c.weights)) for c in self.connections]

    def signals(self) -> list[tuple[str, int]]:
        return [*_sent(self.populations), *self.arriving()]

    def add_wire(
        self,
        name: str,
        size: int,
        signals: Sequence[tuple[str, int]],
        *,
        listens: bool = False,
    ) -> str:
        count = self.chance.integer(1, 3) if signals else 0
        taps = tuple(self.tap(size, *self.chance.one_of(signals)) for _ in range(count))
        steps = self.chance.integer(1, 5) if listens else 0
        self.wires.append(Wire(name, (size,), taps, listens, steps))
        return name

    def tap(self, size: int, signal: str, width: int) -> Tap:
        if width == size and self.chance.happens(0.5):
            return Tap(signal)
        places = self.chance.array((width,), lambda: self.chance.integer(-1, size - 1))
        return Tap(signal, np.array(places, np.int32))

    # --- connections

    def end(self, number: int) -> tuple[Population | None, str, int]:
        neurons = [p for p in self.populations if p.neuron is not None]
        if self.chance.happens(0.12):
            return None, "", self.size()
        target = self.chance.one_of(neurons)
        assert target.neuron is not None
        ports = [p.name for p in target.neuron.ports if p.kind == "synaptic"]
        return target, self.chance.one_of(ports), target.size

    def connection(
        self, name: str, target: Population | None, port: str, post: int
    ) -> Connection:
        chance = self.chance
        source, pre = self.source(name)
        shape = (post, pre)
        found = Connection(
            name,
            source,
            target.name if target else "",
            port,
            self.weights(shape),
            weight_exponent=self.exponent(),
            weight_bits=chance.integer(1, 8),
            sign_mode=chance.one_of(list(SignMode)),
            message_bits=chance.one_of([0, 0, 0, 8, 24, 32]),
            delays=self.delays(shape) if chance.happens(0.3) else None,
            weight_format="raw" if chance.happens(0.15) else "synapse",
            sum_bits=32 if chance.happens(0.4) else 64,
            result_bits=chance.one_of([32, 32, 32, 24, 16, 7]),
            shape=self.shape(post),
        )
        return self.learning(found, target) if chance.happens(0.65) else found

    def source(self, name: str) -> tuple[str, int]:
        if self.chance.happens(0.15):
            size = self.size()
            return self.add_wire(f"{name}_source", size, self.signals()), size
        population = self.chance.one_of(self.populations)
        return population.name, population.size

    def weights(self, shape: tuple[int, int]) -> IntArray:
        most = self.chance.weighted({40: 20, 300: 65, 10**6: 12, 2**31 - 1: 3})
        values = self.chance.array(shape, lambda: self.chance.integer(-most, most))
        return np.array(values, np.int32)

    def exponent(self) -> int:
        if self.chance.happens(0.05):
            return self.chance.integer(-31, 31)
        return self.chance.integer(-4, 7)

    def delays(self, shape: tuple[int, int]) -> IntArray:
        most = self.chance.weighted({3: 70, 12: 20, 63: 10})
        values = self.chance.array(shape, lambda: self.chance.integer(0, most))
        return np.array(values, np.int32)

    def learning(self, c: Connection, target: Population | None) -> Connection:
        chance = self.chance
        neuron = target.neuron if target else None
        outputs = [o.name for o in neuron.outputs] if neuron else []
        learning = draw_learning(chance, outputs)
        post, pre = c.weights.shape
        initial = {}
        for name, size in (("x1", pre), ("x2", pre), ("y1", post), ("y3", post)):
            if name in learning.traces and chance.happens(0.2):
                values = chance.array((size,), lambda: chance.integer(0, 255))
                initial[name] = np.array(values, np.int32)
        for name in ("tag_1", "tag_2"):
            if chance.happens(0.3):
                initial[name] = self.tags((post, pre))
        targets: Sequence[Any] = [t for t in ("w", "t", "d") if chance.happens(0.15)]
        exists = {target: self.existing((post, pre)) for target in targets}
        slots = [s for s, output in learning.third_factors.items() if not output]
        heard = [s for s in slots if chance.happens(0.7)]
        if target is None or chance.happens(0.2):
            heard.append("event")
        feedback = {
            slot: self.add_wire(f"{c.name}_{slot}", post, self.signals())
            for slot in heard
        }
        return replace(
            c, learning=learning, initial=initial, exists=exists, feedback=feedback
        )

    def tags(self, shape: tuple[int, int]) -> IntArray:
        def value() -> int:
            if self.chance.happens(0.1):
                return draw_int32(self.chance)
            return self.chance.integer(-300, 300)

        return np.array(self.chance.array(shape, value), np.int32)

    def existing(self, shape: tuple[int, int]) -> IntArray:
        values = self.chance.array(shape, lambda: int(self.chance.happens(0.7)))
        return np.array(values, np.int32)


def _sent(populations: Sequence[Population]) -> list[tuple[str, int]]:
    found = []
    for p in populations:
        outputs = p.neuron.outputs if p.neuron is not None else ()
        names = ["s_out", *(o.name for o in outputs)]
        found += [(f"{p.name}.{name}", p.size) for name in names]
    return found
