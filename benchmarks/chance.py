"""Seeded choices for the fuzzers: everything that is drawn comes from here.

A seed and the number of a case in, plain Python numbers and lists out, so that a case
can be written as text and is the same wherever it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


class Chance:
    """A stream of choices that belongs to one case."""

    def __init__(self, *seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def happens(self, probability: float) -> bool:
        """Toss a coin."""
        return bool(self._random.random() < probability)

    def integer(self, low: int, high: int) -> int:
        """Draw from [low, high]."""
        return int(self._random.integers(low, high, endpoint=True))

    def real(self, low: float, high: float, digits: int = 2) -> float:
        """Draw a number that is short to write."""
        return round(float(self._random.uniform(low, high)), digits)

    def one_of(self, options: Sequence[T]) -> T:
        """Choose one, all alike."""
        return options[self.integer(0, len(options) - 1)]

    def weighted(self, options: Mapping[T, float]) -> T:
        """Choose one by weight."""
        weights = np.array(list(options.values()), np.float64)
        place = self._random.choice(len(weights), p=weights / weights.sum())
        return list(options)[int(place)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Put them into another order."""
        return [items[k] for k in self._random.permutation(len(items))]

    def array(self, shape: Sequence[int], draw: Callable[[], Any]) -> Any:
        """Draw nested lists of numbers."""
        if not shape:
            return draw()
        return [self.array(shape[1:], draw) for _ in range(shape[0])]

    def shape(self, most: int, dimensions: int) -> tuple[int, ...]:
        """Draw a shape of at most so many elements."""
        shape: list[int] = []
        for _ in range(dimensions):
            room = most // max(math.prod(shape), 1)
            shape.append(self.integer(1, max(1, min(room, most))))
        return tuple(self.shuffled(shape))
