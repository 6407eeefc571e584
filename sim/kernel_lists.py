"""The lists by which a compiled run finds synapses that are listed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..hardware.profile import Profile
from ..hardware.program import Connection
from .kernel_deferral import defers
from .kernel_layout import COLUMN_LISTS, LISTS, learns_in_columns

MOST_IN_TWO_BYTES = 1 << 16


def lists_of(connection: Connection, profile: Profile) -> dict[str, npt.NDArray[Any]]:
    """Give the lists by which kernels find synapses, by the endings of identifiers."""
    pairs = connection.pairs
    if pairs is None:
        return {}
    post, pre = pairs.shape
    rows = (pairs.starts, _indices(pairs.posts, post))
    found: dict[str, npt.NDArray[Any]] = dict(zip(LISTS, rows, strict=True))
    learning = connection.learning
    if defers(connection, profile) or learning is None:
        return found
    if learns_in_columns(learning):
        by_post = pairs.columns
        # of one type however many there are: another one is another compilation
        synapses = by_post.synapses.view(np.uint32)
        columns = (by_post.starts, synapses, _indices(by_post.pres, pre))
        found |= dict(zip(COLUMN_LISTS, columns, strict=True))
    return found


def _indices(places: npt.NDArray[np.int32], size: int) -> npt.NDArray[Any]:
    """Give places in [0, size) without a sign, in two bytes where these are enough.

    What has no sign cannot count from the end of an array, so kernels need not ask.
    """
    if size <= MOST_IN_TWO_BYTES:
        return places.astype(np.uint16)
    return places.view(np.uint32)
