"""The network of the demo, written as a user would: 64 pixels, 10 neurons, one rule.

Every output neuron compares its own rate with what a teacher wants of it; a synapse
that carries a spike changes by that error. There is no gradient and no second layer.
"""

from __future__ import annotations

import numpy as np

from ..rules.library import DeltaRule, ErrorLIF
from ..rules.network import FloatArray, Group, Network, Projection
from ..units import Hz, ms
from .digits import CLASSES, PIXELS

INPUT_RATE = 150 * Hz
"""Mean rate of the pixels while a digit is shown, for the compiler's range analysis."""

SPREAD = 0.05
"""Standard deviation of the weights before training."""


def digits_network(weights: FloatArray, *, learns: bool = True) -> Network:
    """Build the network; a teacher of 1 asks a neuron for a spike every other step."""
    neuron = ErrorLIF(tau=8 * ms, tau_rate=4 * ms, threshold=4.0, gain=1 / (4 * 0.5))
    rule = DeltaRule(eta=0.004, w_max=2.0) if learns else None
    return Network(
        "digits",
        (Group("pixels", PIXELS), Group("output", CLASSES, neuron)),
        (Projection("synapse", "pixels", "output", weights, rule=rule),),
        dt_seconds=1 * ms,
    )


def initial_weights(seed: int) -> FloatArray:
    """Draw small weights of both signs."""
    random = np.random.default_rng([seed, *b"weights"])
    return random.normal(0.0, SPREAD, (CLASSES, PIXELS))
