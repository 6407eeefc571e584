"""The weights with which a run starts, from those of the Program.

docs/semantics.md section 5. A chip stores a weight in few bits: some low bits are
lost, and what lies outside the range of the sign mode is clipped.
"""

from __future__ import annotations

import numpy as np

from ..hardware.profile import Profile
from ..hardware.program import Connection, SignMode
from .operations import Integers

WEIGHT_RANGE = {
    SignMode.MIXED: (-256, 255),
    SignMode.EXCITATORY: (0, 255),
    SignMode.INHIBITORY: (-255, 0),
}


def initial_weights(connection: Connection, profile: Profile) -> Integers:
    """Clip and truncate the weights (post, pre) as the profile says."""
    weights = connection.weights.astype(np.int64)
    learns = connection.learning is not None
    if not learns or profile.learning_clips_initial_weights:
        weights = np.clip(weights, *WEIGHT_RANGE[connection.sign_mode])
    drops = profile.learning_drops_low_bits if learns else profile.dense_drops_low_bits
    return _drop_low_bits(weights, connection) if drops else weights


def _drop_low_bits(weights: Integers, connection: Connection) -> Integers:
    mode = connection.sign_mode
    bits = 8 - connection.weight_bits + (mode == SignMode.MIXED)
    if mode == SignMode.INHIBITORY:
        return -((-weights >> bits) << bits)
    return (weights >> bits) << bits
