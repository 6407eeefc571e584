"""Show a network as stock nir nodes, so that any NIR tool reads it as a static one.

A Network in, a nir graph out. Neuron models that NIR does not have are shown by the
nearest node that it has, linearised at rest; rules and modulators are not shown at
all. nir_record.py keeps what this view loses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import nir
import numpy as np

from .network import FloatArray, Group, Network, Projection
from .nir_stock_neuron import StockNeurons, stock_neurons
from .nir_timing import lags_of


@dataclass(frozen=True)
class StockGraph:
    """A network as nir nodes, and which node stands for which group or projection."""

    nodes: dict[str, Any]
    edges: list[tuple[str, str]]
    groups: dict[str, str]
    projections: dict[str, list[str]]
    neurons: dict[str, StockNeurons]
    given: set[str] = field(default_factory=set)
    """Groups whose constant input an Affine gives already."""


def stock_graph(network: Network, dt_seconds: float) -> StockGraph:
    """Make the nodes; every group has a way in and a way out."""
    graph = StockGraph({}, [], {}, {}, {})
    for group in network.groups:
        _add_group(graph, group, dt_seconds)
    lags = lags_of(network)
    for projection in network.projections:
        _add_projection(graph, projection, lags[projection.name], dt_seconds)
    _add_ends(graph, network)
    return graph


def _add_group(graph: StockGraph, group: Group, dt_seconds: float) -> None:
    name = _free(graph, group.name)
    graph.groups[group.name] = name
    if group.neuron is None:
        graph.nodes[name] = nir.Input(input_type={"input": np.array([group.size])})
        return
    stock = stock_neurons(group, dt_seconds)
    graph.nodes[name] = getattr(nir, stock.type)(**stock.parameters)
    graph.neurons[name] = stock


def _add_projection(
    graph: StockGraph, projection: Projection, lags: FloatArray, dt_seconds: float
) -> None:
    """Add a Linear for each lag of its synapses, behind a Delay of as many steps."""
    weights = static_weights(projection)
    source, target = graph.groups[projection.source], graph.groups[projection.target]
    graph.projections[projection.name] = []
    for lag in np.unique(lags):
        name = _free(graph, projection.name)
        graph.projections[projection.name].append(name)
        chosen = np.where(lags == lag, weights, 0.0)
        graph.nodes[name] = _weighted(graph, target, chosen)
        graph.edges.append((name, target))
        # What comes back to its own group comes a step later without being told.
        if lag == 0 or (lag == 1 and source == target):
            graph.edges.append((source, name))
            continue
        delay = _free(graph, f"{name}_delay")
        graph.nodes[delay] = nir.Delay(np.full(weights.shape[1], lag * dt_seconds))
        graph.edges.extend([(source, delay), (delay, name)])


def _weighted(graph: StockGraph, target: str, weights: FloatArray) -> Any:
    """Make a Linear, or the Affine that gives a group its constant input, once."""
    constant = graph.neurons[target].constant
    if target in graph.given or not np.any(constant):
        return nir.Linear(weight=weights)
    graph.given.add(target)
    return nir.Affine(weight=weights, bias=constant)


def static_weights(projection: Projection) -> FloatArray:
    """Give the weights as they act: those of an inhibitory rule count negative."""
    return projection.dense().weights * sign_of(projection)


def sign_of(projection: Projection) -> float:
    """Give the sign with which a positive weight acts."""
    rule = projection.rule
    return -1.0 if rule is not None and rule.polarity == "inhibitory" else 1.0


def _add_ends(graph: StockGraph, network: Network) -> None:
    """Join groups without a way in or out to an Input or Output: nir wants that."""
    between = [p for p in network.projections if p.source != p.target]
    fed = {p.target for p in between} | {g.name for g in _inputs(network)}
    feeding = {p.source for p in between}
    unfed = [g for g in network.groups if g.name not in fed]
    if not unfed and not _inputs(network):
        unfed = [network.groups[0]]  # a closed loop
    for group in unfed:
        name = _free(graph, f"input_{group.name}")
        graph.nodes[name] = nir.Input(input_type={"input": np.array([group.size])})
        graph.edges.append((name, graph.groups[group.name]))
    silent = [g for g in network.groups if g.name not in feeding]
    for group in silent or [network.groups[-1]]:
        name = _free(graph, f"output_{group.name}")
        graph.nodes[name] = nir.Output(output_type={"output": np.array([group.size])})
        graph.edges.append((graph.groups[group.name], name))


def _inputs(network: Network) -> list[Group]:
    return [g for g in network.groups if g.neuron is None]


def _free(graph: StockGraph, name: str) -> str:
    """Find a node's name: a slash would make the file unreadable for nir."""
    plain = name.replace("/", "_") or "_"
    if plain not in graph.nodes:
        return plain
    return next(n for k in count(2) if (n := f"{plain}_{k}") not in graph.nodes)
