"""Parts of a projection: the synapses whose neurons spiked, and the rest.

Spikes of both sides in, disjoint blocks of rows and columns out. Where a rule acts on
spikes only, a step changes few of many synapses; the reference computes just these.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.expr import Side

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Block:
    """Rows (post) times columns (pre); None: all of them."""

    rows: Indices | None = None
    columns: Indices | None = None

    def size_in(self, shape: tuple[int, ...]) -> int:
        """Count its synapses in an array (post, pre)."""
        sides = zip((self.rows, self.columns), shape, strict=True)
        return math.prod(n if side is None else len(side) for side, n in sides)

    @property
    def place(self) -> tuple[Any, ...]:
        """The index of the block in an array (post, pre)."""
        if self.rows is None:
            return (
                (slice(None),) if self.columns is None else (slice(None), self.columns)
            )
        if self.columns is None:
            return (self.rows,)
        return np.ix_(self.rows, self.columns)

    def cut(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Restrict values to the block; rows and columns of one stay as they are."""
        return {key: self._cut(value) for key, value in values.items()}

    def _cut(self, value: Any) -> Any:
        if np.ndim(value) < 2:
            return value
        own_rows, own_columns = (size > 1 for size in value.shape)
        part = Block(
            self.rows if own_rows else None, self.columns if own_columns else None
        )
        return value[part.place]


EVERYTHING = (Block(),)


def blocks_of_spikes(
    pre: Any, post: Any, needed: Collection[Side] = ()
) -> tuple[Block, ...]:
    """Divide what spikes touch; a block without synapses is left out.

    ``pre`` is a row (1, n), ``post`` a column (m, 1); what is not 0 is a spike. Without
    ``needed``, a spike of either side touches a synapse: rows that spiked, and columns
    in all other rows. Else all the sides that it names have to spike.
    """
    spiked = post[:, 0] != 0
    rows, columns = spiked.nonzero()[0], pre[0].nonzero()[0]
    parts: tuple[Block, ...]
    if needed:
        own_rows = rows if "post" in needed else None
        parts = (Block(own_rows, columns if "pre" in needed else None),)
    else:
        parts = Block(rows, None), Block((~spiked).nonzero()[0], columns)
    shape = (len(spiked), pre.shape[1])
    return tuple(part for part in parts if part.size_in(shape))
