"""The weights with which a run starts, from those of the Program.

docs/semantics.md section 5. A chip stores a weight in few bits: some low bits are
lost, and what lies outside the range of the sign mode is clipped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..hardware.formats import weight_step
from ..hardware.profile import Profile
from ..hardware.program import Connection, SignMode
from ..pairs import PART
from .operations import Integers


def initial_weights(connection: Connection, profile: Profile) -> Integers:
    """Clip and truncate the weights (post, pre) as the profile says."""
    weights = connection.weights.astype(np.int64)
    if connection.weight_format != "raw":
        weights = _stored(weights, connection, profile)
    return np.where(connection.exists.get("w", np.int64(1)), weights, 0)


def initial_listed(connection: Connection, profile: Profile) -> npt.NDArray[Any]:
    """Do so with the weights of a sparse connection, in as few bits as they need.

    There may be very many, so it goes part by part, and what is stored is left alone.
    """
    weights = connection.weights
    if _is_stored(connection):
        return weights
    parts = [
        initial_weights(_part_of(connection, start), profile)
        for start in range(0, weights.size, PART)
    ]
    narrow = np.int16 if all(_fits(np.int16, part) for part in parts) else np.int32
    return np.concatenate([np.zeros(0, narrow), *(p.astype(narrow) for p in parts)])


def _is_stored(connection: Connection) -> bool:
    """Tell whether bytes are what any profile makes of them."""
    grid = (1 << dropped_bits(connection)) - 1
    return (
        connection.weights.dtype == np.uint8
        and connection.sign_mode == SignMode.EXCITATORY
        and connection.weight_format != "raw"
        and "w" not in connection.exists
        and not (grid and (connection.weights & grid).any())
    )


def _part_of(connection: Connection, start: int) -> Connection:
    part = slice(start, start + PART)
    exists = {t: mask[part] for t, mask in connection.exists.items()}
    return replace(connection, weights=connection.weights[part], exists=exists)


def _fits(narrow: type[np.int16], values: Integers) -> bool:
    info = np.iinfo(narrow)
    return bool(values.min() >= info.min and values.max() <= info.max)


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
