"""What belongs to synapses, added up for each post neuron; dense or listed.

In: a projection and a value for each of its weights. Out: one number for each neuron.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.network import Projection

Values = npt.NDArray[Any]


def sums_onto(projection: Projection, values: Values) -> Values:
    """Add values of synapses up, (post,)."""
    pairs = projection.pairs
    if pairs is None:
        total: Values = values.sum(axis=1)
        return total
    added = pairs.onto(values)
    exact: Values = added.astype(np.int64) if values.dtype.kind in "iu" else added
    return exact


def most_sources(projection: Projection) -> int:
    """Count the synapses onto the neuron that has most; 1 at least."""
    if projection.pairs is not None:
        most = projection.pairs.sources.max(initial=0)
    elif projection.connected is not None:
        most = projection.connected.sum(axis=1).max(initial=0)
    else:
        most = projection.weights.shape[1]
    return max(int(most), 1)


def first_rows(projection: Projection, neurons: int) -> Values:
    """Give the weights onto the first neurons, with a place for every source."""
    pairs = projection.pairs
    if pairs is None:
        return projection.weights[:neurons]
    rows = min(neurons, pairs.shape[0])
    k = np.flatnonzero(pairs.posts < rows)
    pres = np.searchsorted(pairs.starts, k, side="right") - 1
    found: Values = np.zeros((rows, pairs.shape[1]))
    found[pairs.posts[k], pres] = projection.weights[k]
    return found
