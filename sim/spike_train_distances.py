"""Distances and correlations of spike trains, computed by elephant and PySpike.

Two arrays of spikes in, means over neurons out. Both packages come with the extra
`metrics` (docs/decisions/0066); without them there is nothing here, and the verdict
says what is left out.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Spikes = npt.NDArray[np.bool_]

PACKAGES = ("elephant", "pyspike")
COINCIDENCE_SECONDS = 0.005
"""Spikes this near to each other tile; of the order of Cutts & Eglen 2014, 34:14288."""

MOST_NEURONS = 200
"""So many neurons at most, evenly spaced, where a group has more: a distance takes
milliseconds a pair."""


def missing_packages() -> tuple[str, ...]:
    """Name the packages of the extra that are not installed."""
    return tuple(p for p in PACKAGES if importlib.util.find_spec(p) is None)


def spike_train_distances(
    first: npt.NDArray[Any], second: npt.NDArray[Any], dt_seconds: float
) -> dict[str, float]:
    """Compare spike trains (steps, neurons), each neuron with itself.

    ``spike_distance`` and ``isi_distance`` (Kreuz et al. 2013, 2007; PySpike) are 0 for
    equal trains, 1 at most, and need no time scale. ``tiling`` is the spike time tiling
    coefficient (Cutts & Eglen 2014; elephant), from -1 to 1, over the neurons that
    spike in both; left out where there is none. Means over neurons. Nothing at all
    where a package of the extra `metrics` is missing.
    """
    if missing_packages() or not first.size:
        return {}
    shown = np.unique(
        np.linspace(0, first.shape[1] - 1, MOST_NEURONS).round().astype(int)
    )
    a, b = first[:, shown] != 0, second[:, shown] != 0
    found = dict(_distances_without_a_scale(a, b, dt_seconds))
    both = a.any(axis=0) & b.any(axis=0)
    if both.any():
        found["tiling"] = _tiling(a[:, both], b[:, both], dt_seconds)
    return found


def _distances_without_a_scale(
    first: Spikes, second: Spikes, dt_seconds: float
) -> Iterator[tuple[str, float]]:
    import pyspike

    end = len(first) * dt_seconds
    pairs = [
        tuple(pyspike.SpikeTrain(_times(t, dt_seconds), (0.0, end)) for t in pair)
        for pair in zip(first.T, second.T, strict=True)
    ]
    for name in ("spike_distance", "isi_distance"):
        distance = getattr(pyspike, name)
        yield name, float(np.mean([distance(*pair) for pair in pairs]))


def _tiling(first: Spikes, second: Spikes, dt_seconds: float) -> float:
    import neo
    import quantities as pq
    from elephant.spike_train_correlation import spike_time_tiling_coefficient

    end = len(first) * dt_seconds
    window = max(COINCIDENCE_SECONDS, dt_seconds) * pq.s

    def train(spikes: Spikes) -> Any:
        return neo.SpikeTrain(_times(spikes, dt_seconds) * pq.s, t_stop=end * pq.s)

    pairs = zip(first.T, second.T, strict=True)
    return float(
        np.mean(
            [
                spike_time_tiling_coefficient(train(a), train(b), dt=window)
                for a, b in pairs
            ]
        )
    )


def _times(spikes: Spikes, dt_seconds: float) -> npt.NDArray[np.float64]:
    """Give spike times: the middle of the steps, so that none lies at an edge."""
    times: npt.NDArray[np.float64] = (np.flatnonzero(spikes) + 0.5) * dt_seconds
    return times
