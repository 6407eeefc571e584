"""What spikes of a projection are on their way, in float64.

Weights and the values sent in; what arrives in a step out: one step after it was sent,
and later by the delay of its synapse (docs/semantics.md section 1).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import final

import numpy as np

from ..rules.network import Projection
from .reference_expressions import Floats

# Of the senders: up to this share, picking their columns costs less than all of them.
FEW = 0.1


class AbstractOnTheWay(ABC):
    """Sums for the steps to come."""

    @abstractmethod
    def next(self) -> Floats:
        """Give what arrives now; everything else comes a step nearer."""

    @abstractmethod
    def send(self, weights: Floats, sent: Floats) -> None:
        """Put what a group sends on its way through the weights (post, pre)."""


@final
class DelayedAlike(AbstractOnTheWay):
    """All synapses have one delay: a queue of sums (post,)."""

    def __init__(self, post: int, delay: int) -> None:
        self._nothing: Floats = np.zeros(post)
        self._coming = deque([self._nothing] * (delay + 1))

    def next(self) -> Floats:
        """Take the first of the queue."""
        self._coming.append(self._nothing)
        return self._coming.popleft()

    def send(self, weights: Floats, sent: Floats) -> None:
        """Multiply, by few columns if few were sent."""
        active = sent.nonzero()[0]
        if not len(active):
            return
        few = len(active) < FEW * len(sent)
        self._coming[-1] = weights[:, active] @ sent[active] if few else weights @ sent


@final
class OneSourceEach(AbstractOnTheWay):
    """Fixed weights with at most one synapse a neuron: nothing has to be summed."""

    def __init__(self, weights: Floats, delay: int) -> None:
        self._sources = (weights != 0).argmax(axis=1)
        self._weights = weights[np.arange(len(weights)), self._sources]
        self._coming = deque([np.zeros(len(weights))] * (delay + 1))

    def next(self) -> Floats:
        """Take the first of the queue."""
        return self._coming.popleft()

    def send(self, weights: Floats, sent: Floats) -> None:
        """Multiply what each neuron's one source sent."""
        self._coming.append(self._weights * sent[self._sources] + 0.0)  # no -0.0


@final
class DelayedApart(AbstractOnTheWay):
    """Each synapse has a delay of its own: sums are (steps, post)."""

    def __init__(self, projection: Projection) -> None:
        delays = projection.delays.astype(np.int64)
        self.post = len(delays)
        self.sums: Floats = np.zeros((int(delays.max()) + 1, self.post))
        # The place of each synapse's arrival in the flattened sums.
        self.places = delays * self.post + np.arange(self.post)[:, None]

    def next(self) -> Floats:
        """Give the first row, and move all others up."""
        arrived: Floats = self.sums[0].copy()
        self.sums[:-1] = self.sums[1:]
        self.sums[-1] = 0.0
        return arrived

    def send(self, weights: Floats, sent: Floats) -> None:
        """Add every product where its delay says."""
        active = sent.nonzero()[0]
        if not len(active):
            return
        places = self.places[:, active].ravel()
        values = (weights[:, active] * sent[active]).ravel()
        added = np.bincount(places, values, self.sums.size)
        self.sums += added.reshape(self.sums.shape)


def on_the_way(projection: Projection) -> AbstractOnTheWay:
    """Choose how to sum; the delays and, where it does not learn, the weights tell."""
    longest = int(projection.delays.max(initial=0))
    if not (projection.delays == longest).all():
        return DelayedApart(projection)
    weights = projection.weights
    single = weights.size and (weights != 0).sum(axis=1).max() <= 1
    if projection.rule is None and single:
        return OneSourceEach(weights.astype(np.float64), longest)
    return DelayedAlike(len(weights), longest)
