"""Turn what an edge of a layer graph brings into projections with delays.

A signal and the latencies of its ends in, projections out: one for each source, with a
delay for each synapse. Where a synapse would need two delays, as behind a layer that
mixes delayed values, there is a projection for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from ..pairs import Sparse
from .layer_latency import Hop
from .layer_nodes import Delay, Edge, LayerNode, LinearMap
from .layer_signals import Route, Signal, Wiring
from .network import FloatArray, Projection

Steps = Mapping[str, int]
LARGE = 1 << 20
"""From so many places (post, pre) on, a map of few entries lists its synapses."""
FEW = 0.25
"""The share of places that few entries are."""


def hops_of(edge: Edge, signal: Signal) -> Iterator[Hop]:
    """Say how soon what each source sends has to act."""
    for route, wiring in signal.wires.items():
        if wiring.pattern.nnz:
            yield Hop(route.source, edge.target, route.lag, route.or_more)


def projections_of(
    edge: Edge,
    signal: Signal,
    steps: Steps,
    gain: FloatArray,
    wanted: str,
    used: set[str],
) -> Iterator[Projection]:
    """Give the projections of an edge; ``used`` collects their names."""
    by_source: dict[str, dict[int, Wiring]] = {}
    for route, wiring in signal.wires.items():
        if wiring.pattern.nnz:
            delays = by_source.setdefault(route.source, {})
            delay = _delay(route, edge.target, steps)
            had = delays.get(delay)
            delays[delay] = wiring if had is None else had.plus(wiring)
    for source, delays in by_source.items():
        for together in _without_overlap(delays):
            longer = f"{source}_{wanted}_{edge.target}"
            name = wanted if wanted not in used else unused(longer, used)
            used.add(name)
            yield _projection(name, source, edge, together, gain)


def _delay(route: Route, target: str, steps: Steps) -> int:
    """Count the steps beside the one that a connection takes anyway.

    Negative only where the framework does not define the lag: then as soon as it can.
    """
    delay = route.lag + steps[target] - steps[route.source] - 1
    assert delay >= 0 or route.or_more, "latencies leave time for every hop"
    return max(delay, 0)


def _without_overlap(delays: Mapping[int, Wiring]) -> list[dict[int, Wiring]]:
    """Put delays together whose synapses do not meet: one delay for each synapse."""
    packed: list[tuple[dict[int, Wiring], Wiring]] = []
    for delay, wiring in sorted(delays.items()):
        for place, (members, all_of_them) in enumerate(packed):
            if all_of_them.pattern.multiply(wiring.pattern).nnz == 0:
                members[delay] = wiring
                packed[place] = (members, all_of_them.plus(wiring))
                break
        else:
            packed.append(({delay: wiring}, wiring))
    return [members for members, _ in packed]


def _projection(
    name: str,
    source: str,
    edge: Edge,
    delays: Mapping[int, Wiring],
    gain: FloatArray,
) -> Projection:
    whole = next(iter(delays.values()))
    shape = whole.weights.shape
    synapses = sum(wiring.pattern.nnz for wiring in delays.values())
    if shape[0] * shape[1] >= LARGE and synapses < FEW * shape[0] * shape[1]:
        return _listed(name, source, edge, delays, gain)
    weights, connected = np.zeros(shape), np.zeros(shape, np.bool_)
    steps = np.zeros(shape)
    for delay, wiring in delays.items():
        there = wiring.pattern.toarray() != 0
        weights += wiring.weights.toarray()
        connected |= there
        steps[there] = delay
    return Projection(
        name,
        source,
        edge.target,
        weights * gain[:, np.newaxis],
        edge.port,
        connected=None if connected.all() else connected,
        delay=steps if len(delays) > 1 else next(iter(delays)),
    )


def _listed(
    name: str, source: str, edge: Edge, delays: Mapping[int, Wiring], gain: FloatArray
) -> Projection:
    """List the synapses, with a weight and a delay each: no array (post, pre)."""
    posts, pres, weights, steps = [], [], [], []
    for late, wiring in delays.items():
        pattern = wiring.pattern.tocoo()
        posts.append(pattern.row)
        pres.append(pattern.col)
        weights.append(_entries(wiring) * gain[pattern.row])
        steps.append(np.full(pattern.nnz, float(late)))
    ends = (np.concatenate(pres), np.concatenate(posts))
    shape = next(iter(delays.values())).weights.shape
    given = Sparse(*ends, np.concatenate(weights), shape)
    delay: Any = next(iter(delays))
    if len(delays) > 1:
        delay = Sparse(*ends, np.concatenate(steps), shape)
    return Projection(name, source, edge.target, given, edge.port, delay=delay)  # type: ignore[arg-type]


def _entries(wiring: Wiring) -> FloatArray:
    """Give the weight at each place of the pattern; 0 where scipy left it out."""
    at = wiring.pattern.tocoo()
    picked: FloatArray = np.asarray(wiring.weights.tocsr()[at.row, at.col]).reshape(-1)
    return picked


def late_biases(
    edge: Edge,
    signal: Signal,
    steps: Steps,
    gain: FloatArray,
    clock: str,
    used: set[str],
) -> Iterator[Projection]:
    """Let a constant that passes a delay begin late: a clock's spikes bring it."""
    for lag, bias in signal.biases.items():
        if lag > 0 and np.any(bias):
            name = unused(f"{edge.target}_bias", used)
            used.add(name)
            weights = (gain * bias)[:, np.newaxis]
            delay = lag + steps[edge.target] - 1
            yield Projection(name, clock, edge.target, weights, edge.port, delay=delay)


# --- names ------------------------------------------------------------------------


def projection_name(
    nodes: Mapping[str, LayerNode], edges: Sequence[Edge], edge: Edge
) -> str:
    """Name a projection for the last layer with weights that an edge comes from."""
    passed: list[str] = []
    name = edge.source
    while isinstance(node := nodes[name], LinearMap | Delay):
        if isinstance(node, LinearMap) and node.names:
            return name
        passed.append(name)
        before = [e.source for e in edges if e.target == name]
        if len(before) != 1:
            break
        name = before[0]
    return passed[0] if passed else f"{edge.source}_{edge.target}"


def unused(name: str, used: set[str]) -> str:
    """Give the name, or the first with a number that nothing has yet."""
    if name not in used:
        return name
    return next(n for k in count(2) if (n := f"{name}_{k}") not in used)
