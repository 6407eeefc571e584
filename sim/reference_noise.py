"""Random numbers of a group's neurons, as the float reference reads them.

A group, its place in the network and a run's seed go in; the values of its noises in a
step come out. They are the numbers that the Program draws (docs/semantics.md section
8), so that two runs differ by their arithmetic alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rules.network import Group
from ..rules.neuron import NOISE_BITS
from .operations import Integers, element_bits
from .randomness import neuron_keys
from .reference_expressions import Floats

AT_ONCE = 1 << 12  # numbers of a noise that are drawn in one go


class GroupNoises:
    """Draws the noises of one group; ``position`` among the groups of the network."""

    def __init__(self, group: Group, position: int, seed: int) -> None:
        self._noises = () if group.neuron is None else group.neuron.noises
        self._keys = neuron_keys(seed, position, len(self._noises))
        self._index = np.arange(group.size)
        self._steps = range(0)  # of which ``_drawn`` has the rows
        self._drawn: dict[str, Floats] = {}

    def draw(self, step: int) -> dict[str, Floats]:
        """Give the value of each noise for each neuron in a step."""
        if not self._noises:
            return {}
        if step not in self._steps:
            ahead = max(1, AT_ONCE // max(1, len(self._index)))
            self._steps = range(step, step + ahead)
            self._drawn = dict(self._draw(np.array(self._steps)))
        row = step - self._steps.start
        return {name: rows[row] for name, rows in self._drawn.items()}

    def _draw(self, steps: Integers) -> Iterator[tuple[str, Floats]]:
        for number, noise in enumerate(self._noises):
            key = self._keys[number : number + 1]
            drawn = element_bits(key, steps[:, None], self._index, NOISE_BITS)
            share = np.ldexp(drawn.astype(np.float64), -NOISE_BITS)
            yield noise.name, noise.low + (noise.high - noise.low) * share
