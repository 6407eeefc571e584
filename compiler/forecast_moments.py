"""The moments at which a synapse may change, one after the other.

In: for every step and synapse whether something acts on it. Out: for each synapse the
list of its own steps. Spikes are rare, so a sample of synapses is followed in as many
iterations as the busiest of them has events, and not in as many as there are steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .array_expressions import Floats, Stepwise

WORTH_PICKING = 0.5
"""Share of the steps above which all of them are taken."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Steps (moments, synapses), counted from 0; ``real`` is 0 where a list ended.

    ``steps`` None: every step is a moment of every synapse.
    """

    steps: npt.NDArray[np.intp] | None
    real: Floats
    shape: tuple[int, int]

    @classmethod
    def of(cls, acts: npt.NDArray[np.bool_], *, every_step: bool) -> Moments:
        """List the steps in which something acts."""
        total, synapses = acts.shape
        counts = np.count_nonzero(acts, axis=0)
        most = int(counts.max(initial=0))
        if every_step or most > WORTH_PICKING * total:
            return cls(None, np.ones((total, 1)), (total, synapses))
        owner, step = np.nonzero(acts.T)
        place = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
        steps = np.zeros((most, synapses), np.intp)
        real = np.zeros((most, synapses))
        steps[place, owner], real[place, owner] = step, 1.0
        return cls(steps, real, (most, synapses))

    def pick(self, values: npt.NDArray[Any]) -> Floats:
        """Take the values (steps, synapses) of the moments."""
        if self.steps is None:
            return np.asarray(values, np.float64)
        columns = np.arange(values.shape[1])
        return np.asarray(values[self.steps, columns], np.float64)

    def updates(self, opened: npt.NDArray[np.bool_]) -> Floats:
        """Count for every moment the updates until then; ``opened`` says in which."""
        if self.steps is None:
            return np.asarray(np.cumsum(opened, axis=0), np.float64)
        return np.asarray(np.cumsum(self.real, axis=0))

    def only_real(self, change: Stepwise) -> Stepwise:
        """Let a change be none where the list of a synapse has ended."""
        if self.steps is None:
            return change
        return lambda moment, state: change(moment, state) * self.real[moment]
