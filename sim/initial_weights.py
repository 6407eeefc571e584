"""The weights with which a run starts, from those of the Program.

docs/semantics.md section 5. A chip stores a weight in few bits: some low bits are
lost, and what lies outside the range of the sign mode is clipped.
"""

from __future__ import annotations

import numpy as np

from ..hardware.formats import weight_step
from ..hardware.profile import Profile
from ..hardware.program import Connection, SignMode
from .operations import Integers


def initial_weights(connection: Connection, profile: Profile) -> Integers:
    """Clip and truncate the weights (post, pre) as the profile says."""
    weights = connection.weights.astype(np.int64)
    if connection.weight_format != "raw":
        weights = _stored(weights, connection, profile)
    return np.where(connection.exists.get("w", np.int64(1)), weights, 0)


def dropped_bits(connection: Connection) -> int:
    """Give the n of the 2**n whose multiples can be stored."""
    step = weight_step(connection.weight_bits, connection.sign_mode)
    return step.bit_length() - 1


def _stored(weights: Integers, connection: Connection, profile: Profile) -> Integers:
    learns = connection.learning is not None
    clips = not learns or profile.learning_clips_initial_weights
    low, high = profile.widths.weight_range(connection.sign_mode)
    if clips:
        weights = np.clip(weights, low, high)
    drops = profile.learning_drops_low_bits if learns else profile.dense_drops_low_bits
    if not drops:
        return weights
    bits = dropped_bits(connection)
    weights = _without_low_bits(weights, bits, connection.sign_mode, profile)
    # the nearest multiple may lie beyond the range
    return np.minimum(weights, high >> bits << bits) if clips else weights


def _without_low_bits(
    weights: Integers, bits: int, mode: SignMode, profile: Profile
) -> Integers:
    if mode == SignMode.INHIBITORY:
        return -((-weights >> bits) << bits)
    if mode == SignMode.EXCITATORY or profile.weight_truncation == "floor":
        return (weights >> bits) << bits
    half = (1 << bits) >> 1 if profile.weight_truncation == "nearest" else 0
    size: Integers = ((np.abs(weights) + half) >> bits) << bits
    return np.sign(weights) * size
