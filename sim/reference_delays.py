"""What spikes of a projection are on their way, in float64.

Weights and the values sent in; what arrives in a step out: one step after it was sent,
and later by the delay of its synapse (docs/semantics.md section 1).
"""

from __future__ import annotations

import numpy as np

from ..rules.network import Projection
from .reference_expressions import Floats

# Of the senders: up to this share, picking their columns costs less than all of them.
FEW = 0.1


class OnTheWay:
    """Sums for the steps to come, (steps, post)."""

    def __init__(self, projection: Projection) -> None:
        delays = projection.delays.astype(np.int64)
        self.post = len(delays)
        longest = int(delays.max(initial=0))
        self.sums: Floats = np.zeros((longest + 1, self.post))
        self.alike = bool((delays == longest).all())
        # The place of each synapse's arrival in the flattened sums.
        self.places = delays * self.post + np.arange(self.post)[:, None]

    def next(self) -> Floats:
        """Give what arrives now; everything else comes a step nearer."""
        arrived: Floats = self.sums[0].copy()
        self.sums[:-1] = self.sums[1:]
        self.sums[-1] = 0.0
        return arrived

    def send(self, weights: Floats, sent: Floats) -> None:
        """Put what a group sends on its way through the weights (post, pre)."""
        active = np.flatnonzero(sent)
        if not len(active):
            return
        if self.alike:
            few = len(active) < FEW * len(sent)
            self.sums[-1] = weights[:, active] @ sent[active] if few else weights @ sent
            return
        places = self.places[:, active].ravel()
        values = (weights[:, active] * sent[active]).ravel()
        added = np.bincount(places, values, self.sums.size)
        self.sums += added.reshape(self.sums.shape)
