"""The random numbers of learning connections and of neurons.

docs/semantics.md section 8. A run's seed and a connection's or population's place in
the Program go in, integers of a given number of bits come out. Nothing else in the
integer engine is random.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import final

import numpy as np
import numpy.typing as npt

from ..hardware.profile import Profile
from .operations import FRACTION_BITS, Integers, Words, element_bits, element_key

DECAY_KIND = {"x1": 0, "x2": 1, "y1": 2, "y2": 3, "y3": 4}
IMPULSE_KIND = {"x1": 5, "x2": 6, "y1": 7, "y2": 8, "y3": 9}
ROUNDING_KIND = {"w": 10, "t": 11, "d": 12}
KINDS = 13
STREAMS_PER_CONNECTION = 16
FIRST_NEURON_STREAM = 1 << 40  # beyond those of all connections
STREAMS_PER_POPULATION = 256

BLOCK = 1024

Draw = Callable[[np.random.Generator, int], Integers]

WEIGHT_ROUNDING_SEED = 2  # Lava 0.10 ConnVarRandom(): fixed, whatever the run's seed


class AbstractNumbers(ABC):
    """Random integers of one learning connection.

    ``phase_step`` is the step of the learning phase that asks, ``step`` the one that
    the number belongs to: within an epoch they differ.
    """

    @abstractmethod
    def decay(
        self, trace: str, phase_step: int, step: int, size: int, bits: int
    ) -> Integers:
        """Draw for the decay of a trace in a step of the epoch."""

    @abstractmethod
    def impulse(
        self, trace: str, phase_step: int, step: int, size: int, bits: int
    ) -> Integers:
        """Draw for the impulse of a spike in a step of the epoch."""

    @abstractmethod
    def repeated_impulse(self, trace: str, step: int, size: int, bits: int) -> Integers:
        """Draw for the impulse of a spike that is not the first of its epoch."""

    @abstractmethod
    def rounding(
        self,
        target: str,
        phase_step: int,
        phase: int,
        shape: tuple[int, int],
        bits: int,
    ) -> Integers:
        """Draw for the rounding of a synaptic variable (post, pre)."""


def draw_fractions(generator: np.random.Generator, count: int) -> Integers:
    """Draw ``random()`` as the integers k of k * 2**-53."""
    draws = generator.random(count)
    return np.ldexp(draws, FRACTION_BITS).astype(np.int64)


def first_bits(fraction: Integers, bits: int) -> Integers:
    """Give floor(2**bits * draw)."""
    return fraction >> (FRACTION_BITS - bits)


def draw_impulses(generator: np.random.Generator, count: int, bits: int) -> Integers:
    """Draw the numbers that an impulse's fraction is compared with."""
    return generator.integers(0, 1 << bits, count)


class Stream:
    """Numbers of a generator by their place, drawn as far as they are asked for.

    What lies before the last block is gone: a run asks in the order of its steps.
    """

    def __init__(self, seed: int, draw: Draw) -> None:
        self._generator = np.random.default_rng(seed)
        self._draw = draw
        self._first = 0
        self._block = draw(self._generator, BLOCK)

    def __getitem__(self, place: int) -> Integers:
        """Give the number of a place, as an array of one."""
        assert place >= self._first, "a run goes forward only; this is lahar's fault"
        while place >= self._first + BLOCK:
            self._first += BLOCK
            self._block = self._draw(self._generator, BLOCK)
        within = place - self._first
        return self._block[within : within + 1]


@final
class PopulationNumbers(AbstractNumbers):
    """One draw for all elements of a side: PCG64 streams in Lava's order."""

    def __init__(self, seed: int, impulse_bits: int) -> None:
        sides = {"x": seed, "y": seed + 2}
        impulses = partial(draw_impulses, bits=impulse_bits)
        self._decay = {side: Stream(k, draw_fractions) for side, k in sides.items()}
        self._impulse = {side: Stream(k + 1, impulses) for side, k in sides.items()}
        self._rounding = Stream(WEIGHT_ROUNDING_SEED, draw_fractions)

    def decay(
        self, trace: str, phase_step: int, step: int, size: int, bits: int
    ) -> Integers:
        draw = self._decay[trace[0]][2 * phase_step]
        return np.full(size, first_bits(draw, bits))

    def impulse(
        self, trace: str, phase_step: int, step: int, size: int, bits: int
    ) -> Integers:
        return np.full(size, self._impulse[trace[0]][2 * phase_step])

    def repeated_impulse(self, trace: str, step: int, size: int, bits: int) -> Integers:
        if trace[0] == "x":
            return np.zeros(size, np.int64)
        return np.full(size, self._impulse["y"][2 * step - 1])

    def rounding(
        self,
        target: str,
        phase_step: int,
        phase: int,
        shape: tuple[int, int],
        bits: int,
    ) -> Integers:
        return np.full(shape, first_bits(self._rounding[phase], bits))


@final
class ElementNumbers(AbstractNumbers):
    """One draw per element: a hash of (seed, stream, step, index)."""

    def __init__(self, seed: int, position: int) -> None:
        self._keys = element_keys(seed, position)

    def decay(
        self, trace: str, phase_step: int, step: int, size: int, bits: int
    ) -> Integers:
        return self._draw(DECAY_KIND[trace], step, size, bits)

    def impulse(
        self, trace: str, phase_step: int, step: int, size: int, bits: int
    ) -> Integers:
        return self._draw(IMPULSE_KIND[trace], step, size, bits)

    def repeated_impulse(self, trace: str, step: int, size: int, bits: int) -> Integers:
        return self._draw(IMPULSE_KIND[trace], step, size, bits)

    def rounding(
        self,
        target: str,
        phase_step: int,
        phase: int,
        shape: tuple[int, int],
        bits: int,
    ) -> Integers:
        size = shape[0] * shape[1]
        return self._draw(ROUNDING_KIND[target], phase_step, size, bits).reshape(shape)

    def _draw(self, kind: int, step: int, size: int, bits: int) -> Integers:
        key = self._keys[kind : kind + 1]
        return element_bits(key, step, np.arange(size), bits)


def element_keys(seed: int, position: int) -> Words:
    """Give the keys of all streams of the connection at a position in the Program."""
    kinds: npt.NDArray[np.uint64] = np.arange(KINDS, dtype=np.uint64)
    first = np.array([STREAMS_PER_CONNECTION * position], np.uint64)
    seeds = np.full(KINDS, seed % (1 << 64), np.uint64)
    return element_key(seeds, first + kinds)


def neuron_keys(seed: int, position: int, draws: int) -> Words:
    """Give the keys of the first draws of the population at a position."""
    first = FIRST_NEURON_STREAM + STREAMS_PER_POPULATION * position
    streams: npt.NDArray[np.uint64] = np.uint64(first) + np.arange(
        draws, dtype=np.uint64
    )
    return element_key(np.full(draws, seed % (1 << 64), np.uint64), streams)


def numbers_of_connection(
    profile: Profile, seed: int, position: int
) -> AbstractNumbers:
    """Make the random numbers of a connection; ``seed`` has its offset in it."""
    if profile.randomness == "population":
        return PopulationNumbers(seed, profile.impulse_random_bits)
    return ElementNumbers(seed, position)
