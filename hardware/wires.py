"""Signals of a Program that are made of other signals in the same step.

Most connections read a population's spikes and write to one port of another. Lava's
graphs can do more: reshape, concatenate, sum, feed a neuron directly, listen with a
sink. A wire says all of these with one idea: a sum of taps, element by element.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Tap:
    """One source of a wire.

    signal
        ``<population>.s_out``, ``<population>.<output>`` or ``<connection>.a_out``.
    places
        Where each element of the source is added, as flat indices of the wire;
        -1: nowhere. None: element k is added at k.
    """

    signal: str
    places: IntArray | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tap):
            return NotImplemented
        if self.places is None or other.places is None:
            return self.signal == other.signal and self.places is other.places
        return self.signal == other.signal and np.array_equal(self.places, other.places)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Wire:
    """The sum of its taps, taken modulo 2**32.

    shape
        Of a step's value. Elements are counted in C order.
    listens
        True: it is a sink that is recorded, as ``<name>.a_in``.
    buffer_steps
        Of a sink: how many steps Lava's ring buffer keeps.
    """

    name: str
    shape: tuple[int, ...]
    taps: tuple[Tap, ...]
    listens: bool = False
    buffer_steps: int = 0

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)
