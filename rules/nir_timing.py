"""How much later what a projection brings acts in NIR, where layers pass spikes on.

A network in, the lag of every synapse out. Each group lives some steps behind the
inputs, its latency, or the fewest steps in which anything reaches it; a synapse of d
further steps has the lag d + 1 less the steps by which its target is further behind.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .network import FloatArray, Network, Projection


def lags_of(network: Network) -> dict[str, FloatArray]:
    """Give the lags of each projection, (post, pre), all of them 0 or more."""
    behind = {g.name: g.latency for g in network.groups}
    if not any(behind.values()) or not _is_in_time(network, behind):
        behind = _fewest_steps(network)
    return {p.name: _lags(p, behind) for p in network.projections}


def _lags(projection: Projection, behind: Mapping[str, int]) -> FloatArray:
    delays = projection.dense().delays
    steps = 1 + behind[projection.source] - behind[projection.target]
    lags: FloatArray = delays + steps
    return lags


def _is_in_time(network: Network, behind: Mapping[str, int]) -> bool:
    return all(
        np.min(p.delays, initial=np.inf) + 1 + behind[p.source] >= behind[p.target]
        for p in network.projections
    )


def _fewest_steps(network: Network) -> dict[str, int]:
    """Count the steps in which anything from the inputs reaches each group."""
    groups = network.groups
    begins = [g.name for g in groups if g.neuron is None] or [groups[0].name]
    behind = dict.fromkeys(begins, 0)
    hops = [
        (p.source, p.target, int(np.min(p.delays, initial=np.inf)) + 1)
        for p in network.projections
        if p.weights.size
    ]
    for _ in groups:
        for source, target, steps in hops:
            if source in behind and target not in begins:
                reached = behind[source] + steps
                behind[target] = min(behind.get(target, reached), reached)
    return _alone(network, behind, hops)


def _alone(
    network: Network, behind: dict[str, int], hops: list[tuple[str, str, int]]
) -> dict[str, int]:
    """Let groups that no input reaches live no later than their targets allow."""
    found = {g.name: behind.get(g.name, 0) for g in network.groups}
    for _ in network.groups:
        for source, target, steps in hops:
            found[target] = min(found[target], found[source] + steps)
    return found
