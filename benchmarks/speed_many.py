"""W5: a million LIF neurons, all of their synapses plastic, as arrays that never exist.

Each neuron sends to about 114 others, drawn from those around it or from all. A bias
lets neurons fire at 10 Hz; membranes start anywhere, so that they do not fire together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from lahar import Group, Network, Projection, Sparse, ms
from lahar.rules.library import LIF, STDP

NEURONS, SYNAPSES, AROUND = 1 << 20, 120_000_000, 8192
W_MAX, THRESHOLD, BIAS, TAU = 0.002, 1.0, 0.0147, 100 * ms
Indices = npt.NDArray[np.int32]


@njit(cache=True)
def _rows(starts: Any, posts: Any, neurons: int, around: int, random: Any) -> None:
    """Draw the targets of each neuron: sorted, none twice.

    Ordered uniform numbers are sums of exponential ones over their total.
    """
    first_of = around // 2 if around < neurons else 0
    for i in range(neurons):
        start, count = starts[i], starts[i + 1] - starts[i]
        if count * count > 2 * around:
            found = 0  # hardly ever are so many all different: go through the places
            for place in range(around):
                if random.random() * (around - place) < count - found:
                    posts[start + found] = (i - first_of + place) % neurons
                    found += 1
        again = count * count <= 2 * around
        while again:
            again = False
            total = 0.0
            sums = np.empty(count + 1)
            for k in range(count + 1):
                total -= np.log(1.0 - random.random())
                sums[k] = total
            before = -1
            for k in range(count):
                place = int(sums[k] / total * around)
                again |= place == before
                before = place
                posts[start + k] = (i - first_of + place) % neurons
        row = posts[start : start + count]
        if count > 1 and row[0] > row[-1]:
            row.sort()


def listed(neurons: int, synapses: int, around: int, seed: int = 0) -> Sparse:
    """Draw synapses among ``neurons``, from the ``around`` neurons around each."""
    starts = np.arange(neurons + 1, dtype=np.int64) * synapses // neurons
    posts: Indices = np.empty(synapses, np.int32)
    random = np.random.default_rng(seed)
    _rows(starts, posts, neurons, min(around, neurons), random)
    weights = random.random(synapses, np.float32)
    weights *= np.float32(W_MAX)
    return Sparse.of_rows(starts, posts, weights, (neurons, neurons))


def bias_for(rate_hz: float) -> float:
    """Give the bias with which a neuron alone fires so often."""
    period = 1 / (rate_hz * TAU)
    return float(THRESHOLD / (1 - np.exp(-period)) * (1 * ms) / TAU)


def network(
    name: str,
    neurons: int = NEURONS,
    synapses: int = SYNAPSES,
    around: int = AROUND,
    bias: float = BIAS,
) -> Network:
    """Make the network; ``around`` as many as there are neurons: uniform targets."""
    random = np.random.default_rng(1)
    phases = random.random(neurons)
    first = (1 - np.exp(-phases)) / (1 - np.exp(-1)) * THRESHOLD
    neuron = LIF(tau=TAU, threshold=THRESHOLD, bias=bias)
    groups = (Group("e", neurons, neuron, initial={"v": first}),)
    rule = STDP(a_plus=0.01 * W_MAX, a_minus=0.01 * W_MAX, w_max=W_MAX)
    synapses_of = listed(neurons, synapses, around)
    projection = Projection("ee", "e", "e", synapses_of, rule=rule)
    return Network(name, groups, (projection,), dt_seconds=1 * ms)
