"""Parts of a projection: the synapses whose neurons spiked, and the rest.

Spikes of both sides in, disjoint blocks of rows and columns out. Where a rule acts on
spikes only, a step changes few of many synapses; the reference computes just these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Block:
    """Rows (post) times columns (pre); None: all of them."""

    rows: Indices | None = None
    columns: Indices | None = None

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


def blocks_of_spikes(pre: Any, post: Any) -> tuple[Block, ...]:
    """Divide what spikes touch: rows that spiked, and columns in all other rows.

    ``pre`` is a row (1, n), ``post`` a column (m, 1); more than 0 is a spike.
    """
    spiked = post[:, 0] != 0
    rows = Block(np.flatnonzero(spiked), None)
    columns = Block(np.flatnonzero(~spiked), np.flatnonzero(pre[0]))
    return rows, columns
