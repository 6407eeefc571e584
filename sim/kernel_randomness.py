"""The random numbers of a chunk of steps, as the array that a kernel takes.

docs/semantics.md section 8. One plane per learning connection: with population
randomness the numbers themselves, a column for each step; with element randomness
the keys from which the kernel hashes its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, final

import numpy as np

from ..hardware.learning import Learning
from ..hardware.profile import Profile
from ..hardware.program import NeuronProgram, Program
from .kernel_trace_source import (
    POPULATION_ROW_COUNT,
    POPULATION_ROWS,
    REPEATED_IMPULSE_ROW,
    ROUNDING_ROW,
)
from .operations import Integers, Words
from .randomness import (
    KINDS,
    WEIGHT_ROUNDING_SEED,
    draw_fractions,
    draw_impulses,
    element_keys,
    first_bits,
    neuron_keys,
)
from .trace_decay import decay_bits


class AbstractChunkNumbers(ABC):
    """Numbers for kernels; chunks must be asked for in order and without gaps."""

    @abstractmethod
    def next_chunk(self, first_step: int, count: int) -> Words:
        """Give the planes for ``count`` steps, (connections, rows, columns)."""

    @abstractmethod
    def state(self) -> list[Any]:
        """Give what the next chunk depends on, as plain numbers."""

    @abstractmethod
    def restore(self, state: list[Any]) -> None:
        """Go on from what ``state`` gave."""


@final
class ElementChunks(AbstractChunkNumbers):
    """Keys only: they are the same in every chunk."""

    def __init__(self, keys: Words) -> None:
        self._keys = keys

    def next_chunk(self, first_step: int, count: int) -> Words:
        return self._keys

    def state(self) -> list[Any]:
        return []

    def restore(self, state: list[Any]) -> None:
        assert state == [], "a hash has no state"


class _Side:
    """The two streams of one side of a connection, drawn as far as needed."""

    def __init__(self, seed: int, decay_bits: int, impulse_bits: int) -> None:
        self._bits = decay_bits, impulse_bits
        self.generators = np.random.default_rng(seed), np.random.default_rng(seed + 1)
        self.draw(1)  # number 0 belongs to no step

    def draw(self, count: int) -> tuple[Integers, Integers]:
        """Give the next numbers of the decay and of the impulse stream."""
        fractions = draw_fractions(self.generators[0], count)
        impulses = draw_impulses(self.generators[1], count, self._bits[1])
        return first_bits(fractions, self._bits[0]), impulses


@final
class PopulationChunks(AbstractChunkNumbers):
    """PCG64 streams, continued from chunk to chunk."""

    def __init__(
        self, learnings: list[Learning], seed: int, decay_bits: int, impulse_bits: int
    ) -> None:
        bits = decay_bits, impulse_bits
        seeds = [seed + learning.seed_offset for learning in learnings]
        self._epochs = [learning.epoch_steps for learning in learnings]
        self._x = [_Side(s, *bits) for s in seeds]
        self._y = [_Side(s + 2, *bits) for s in seeds]
        self._rounding = [np.random.default_rng(WEIGHT_ROUNDING_SEED) for _ in seeds]
        for generator in self._rounding:
            draw_fractions(generator, 1)  # number 0 belongs to no phase

    def next_chunk(self, first_step: int, count: int) -> Words:
        planes = np.zeros((len(self._epochs), POPULATION_ROW_COUNT, count), np.uint64)
        for c, plane in enumerate(planes):
            self._fill(c, plane, first_step, count)
        return planes

    def _generators(self) -> Iterator[np.random.Generator]:
        for side in (*self._x, *self._y):
            yield from side.generators
        yield from self._rounding

    def state(self) -> list[Any]:
        return [g.bit_generator.state for g in self._generators()]

    def restore(self, state: list[Any]) -> None:
        for generator, values in zip(self._generators(), state, strict=True):
            generator.bit_generator.state = values

    def _fill(self, c: int, plane: Words, first_step: int, count: int) -> None:
        # step t owns the numbers 2t - 1 and 2t of a stream
        for side, stream in (("x", self._x[c]), ("y", self._y[c])):
            decay, impulse = stream.draw(2 * count)
            plane[POPULATION_ROWS[f"{side} decay"]] = decay[1::2]
            plane[POPULATION_ROWS[f"{side} impulse"]] = impulse[1::2]
            if side == "y":
                plane[REPEATED_IMPULSE_ROW] = impulse[0::2]
        steps = np.arange(first_step, first_step + count)
        phases = np.flatnonzero(steps % self._epochs[c] == 0)
        drawn = draw_fractions(self._rounding[c], phases.size)
        plane[ROUNDING_ROW, phases] = drawn


def draws_of(neuron: NeuronProgram) -> int:
    """Count the streams of random numbers that a neuron program may read."""
    numbers = [int(op.args[0]) for op in neuron.ops if op.code == "random"]
    return max(numbers, default=-1) + 1


def keys_of_neurons(program: Program, seed: int) -> Words:
    """Give the keys of all populations, one population after the other."""
    keys = [
        neuron_keys(seed, position, draws_of(population.neuron))
        for position, population in enumerate(program.populations)
        if population.neuron is not None
    ]
    return np.concatenate([*keys, np.zeros(0, np.uint64)])


def chunk_numbers(
    program: Program, profile: Profile, seed: int
) -> AbstractChunkNumbers:
    """Make the numbers of a run of compiled kernels."""
    learning = [
        (position, c.learning)
        for position, c in enumerate(program.connections)
        if c.learning is not None
    ]
    if profile.randomness == "population":
        rules = [rule for _, rule in learning]
        bits = decay_bits(profile), profile.impulse_random_bits
        return PopulationChunks(rules, seed, *bits)
    keys = np.zeros((len(learning), KINDS, 1), np.uint64)
    for number, (position, rule) in enumerate(learning):
        keys[number, :, 0] = element_keys(seed + rule.seed_offset, position)
    return ElementChunks(keys)
