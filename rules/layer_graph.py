"""A graph of layers, as frameworks and NIR have it, and the network that equals it.

Nodes and edges in, a Network out: chains of linear maps and delays become projections
with weights and delays, biases go into the neurons, and each group gets the latency at
which it does what the framework's did (layer_latency.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .expr import Compare, Const, Name
from .layer_latency import LoopTooShort, latencies
from .layer_nodes import (
    Delay,
    Edge,
    LayerNode,
    LinearMap,
    Matrix,
    Neurons,
    Sink,
    Source,
)
from .layer_projections import (
    hops_of,
    late_biases,
    projection_name,
    projections_of,
    unused,
)
from .layer_signals import (
    LayerSizesDiffer,
    LoopWithoutNeurons,
    Signal,
    Signals,
    is_plain,
)
from .network import FloatArray, Group, Network, Projection
from .neuron import Neuron, PortDecl, StateDecl
from .per_neuron import MustBeAlike, with_bias, with_per_neuron

__all__ = [
    "Delay",
    "Edge",
    "LayerGraph",
    "LayerSizesDiffer",
    "LinearMap",
    "LoopTooShort",
    "LoopWithoutNeurons",
    "Matrix",
    "MustBeAlike",
    "Neurons",
    "Sink",
    "Source",
    "network_of",
]

READOUT = Neuron(
    name="Readout",
    states=(StateDecl("v", Name("current"), leak=Const(0.0)),),
    spike=None,
    ports=(PortDecl("current"),),
    doc="What arrives in a step, kept until the next: the output of a linear layer.",
)
CLOCK = Neuron(
    name="Clock",
    states=(StateDecl("v", Const(1.0), leak=Const(0.0)),),
    spike=Compare(">", Name("v"), Const(0.5)),
    doc="Spikes in every step.",
)


@dataclass(frozen=True)
class LayerGraph:
    """Nodes by name and the edges between them."""

    nodes: dict[str, LayerNode]
    edges: list[Edge] = field(default_factory=list)


def network_of(graph: LayerGraph, name: str, dt_seconds: float) -> Network:
    """Make the network whose spikes are the graph's, ``Group.latency`` steps later.

    Sources and Neurons become groups of their names; a Sink becomes one only where
    linear maps lead to it. A projection has the name of the last layer with weights on
    its way, where no other has it.

    Parameters
    ----------
    graph
        What the framework computes.
    name
        Of the network.
    dt_seconds
        Length of a step.

    Raises
    ------
    LaharError
        N720 to N723, R105 for a parameter that a model does not have.

    """
    return made_network(graph, name, dt_seconds).network


@dataclass(frozen=True)
class LongerHop:
    """A way whose lag the framework does not define, and how long it takes here."""

    source: str
    target: str
    there: int
    here: int


@dataclass(frozen=True)
class Made:
    """A network, and what takes longer in it than was asked for."""

    network: Network
    longer: tuple[LongerHop, ...]


def made_network(graph: LayerGraph, name: str, dt_seconds: float) -> Made:
    """Make the network as network_of does, and say which loops take longer."""
    return _Maker(graph, dt_seconds).made(name)


class _Maker:
    def __init__(self, graph: LayerGraph, dt_seconds: float) -> None:
        self.nodes = graph.nodes
        self.edges = graph.edges
        self.dt_seconds = dt_seconds
        signals = Signals(graph.nodes, graph.edges)
        self.arriving = [
            (edge, signals.along(edge))
            for edge in graph.edges
            if isinstance(graph.nodes[edge.target], Neurons | Sink)
        ]

    def made(self, name: str) -> Made:
        names = self._group_names()
        into = [(e, signal) for e, signal in self.arriving if e.target in names]
        hops = [hop for e, s in into for hop in hops_of(e, s)]
        steps = latencies(names, hops)
        taken = ((h, 1 + steps[h.source] - steps[h.target]) for h in hops)
        longer = (
            LongerHop(h.source, h.target, h.lag, least)
            for h, least in taken
            if least > h.lag
        )
        return Made(self._network(name, names, into, steps), tuple(longer))

    def _network(
        self,
        name: str,
        names: list[str],
        into: list[tuple[Edge, Signal]],
        steps: dict[str, int],
    ) -> Network:
        groups = [self._group(n, steps[n]) for n in names]
        used = {*names}
        projections: list[Projection] = []
        for edge, signal in into:
            wanted = projection_name(self.nodes, self.edges, edge)
            gain = _gain(self.nodes[edge.target])
            projections += projections_of(edge, signal, steps, gain, wanted, used)
        clock = unused(f"{name}_clock", used)
        late = [
            p
            for edge, signal in into
            for p in late_biases(
                edge, signal, steps, _gain(self.nodes[edge.target]), clock, used
            )
        ]
        groups += [Group(clock, 1, CLOCK)] if late else []
        both = (*projections, *late)
        return Network(name, tuple(groups), both, self.dt_seconds)

    def _group_names(self) -> list[str]:
        return [
            name
            for name, node in self.nodes.items()
            if isinstance(node, Source | Neurons)
            or (isinstance(node, Sink) and self._computes(name))
        ]

    def _computes(self, sink: str) -> bool:
        """Tell whether an output is more than a name for what a group sends."""
        into = [signal for edge, signal in self.arriving if edge.target == sink]
        return bool(into) and not is_plain(into)

    def _group(self, name: str, latency: int) -> Group:
        match self.nodes[name]:
            case Source(size=size, graded=graded):
                return Group(name, size, graded=graded)
            case Neurons() as node:
                return self._neurons(name, node, latency)
            case node:
                return self._neurons(name, Neurons(READOUT, node.size), latency)

    def _neurons(self, name: str, node: Neurons, latency: int) -> Group:
        neuron, values = node.neuron, dict(node.per_neuron)
        for port, bias in self._biases(name).items():
            biased = with_bias(neuron, port)
            neuron, parameter = biased.neuron, biased.parameter
            own = np.full(node.size, neuron.param_values[parameter])
            values[parameter] = values.get(parameter, own) + _gain(node) * bias
        made = with_per_neuron(neuron, values, self.dt_seconds)
        first = {**made.initial, **node.initial}
        return Group(name, node.size, made.neuron, initial=first, latency=latency)

    def _biases(self, name: str) -> dict[str, FloatArray]:
        """Sum the constants that arrive at each port from the first step on."""
        found: dict[str, FloatArray] = {}
        for edge, signal in self.arriving:
            if edge.target == name and 0 in signal.biases:
                found[edge.port] = found.get(edge.port, 0.0) + signal.biases[0]
        return {port: bias for port, bias in found.items() if np.any(bias)}


def _gain(node: LayerNode) -> FloatArray:
    given = node.gain if isinstance(node, Neurons) else None
    return np.ones(node.size) if given is None else given
