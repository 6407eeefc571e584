"""Random numbers of a forecast, which compiling anywhere draws alike.

In: a seed. Out: spikes, held values and noise, made of integers only.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .array_expressions import Floats

HOLD_STEPS = 10
"""A modulator keeps its value as long as that of a random stimulus does."""
UNIFORMS = 4
"""Uniform numbers that add up to a normal one: enough for a current."""

Truths = npt.NDArray[np.bool_]
Shape = tuple[int, int]


class Bits:
    """Random integers that are the same on every machine and with every numpy.

    Only the raw words of PCG64 are used, whose stream numpy guarantees; floats are
    compared with, but never drawn.
    """

    def __init__(self, seed: int) -> None:
        self._words = np.random.PCG64(seed)

    def words(self, shape: tuple[int, ...]) -> npt.NDArray[np.uint32]:
        """Draw integers of 32 bits."""
        count = math.prod(shape)
        raw = self._words.random_raw((count + 1) // 2).astype("<u8")
        return raw.view("<u4")[:count].reshape(shape)

    def halves(self, shape: tuple[int, ...]) -> npt.NDArray[np.uint16]:
        """Draw integers of 16 bits."""
        count = math.prod(shape)
        raw = self._words.random_raw((count + 3) // 4).astype("<u8")
        return raw.view("<u2")[:count].reshape(shape)

    def spikes(self, rate_per_step: float, shape: Shape) -> Truths:
        """Draw spikes that are independent from step to step."""
        return self.words(shape) < np.uint64(round(rate_per_step * 2.0**32))

    def held(self, low: float, high: float, shape: Shape) -> Floats:
        """Draw values within [low, high], each held for some steps."""
        steps, synapses = shape
        draws = self.words((-(-steps // HOLD_STEPS), synapses)) * 2.0**-32
        values = low + (high - low) * draws
        return np.repeat(values, HOLD_STEPS, axis=0)[:steps]

    def normal(self, shape: Shape) -> Floats:
        """Draw nearly normal numbers of mean 0 and variance 1."""
        draws = self.halves((UNIFORMS, *shape)).sum(axis=0, dtype=np.int64)
        mean, deviation = UNIFORMS / 2, math.sqrt(UNIFORMS / 12)
        return np.asarray((draws * 2.0**-16 - mean) / deviation)
