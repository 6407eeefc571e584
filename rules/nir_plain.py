"""Read a plain NIR graph, one that lahar did not write, as a static network.

A nir graph and the time step in, a Network out. Neurons become forward Euler steps
(docs/semantics.md section 2), all that is linear between them is multiplied out
(layer_graph.py). What has no equal here is a diagnostic that names the node.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from .layer_graph import LayerGraph, Made, made_network
from .layer_nodes import Delay, Edge, LayerNode, Sink, Source
from .network import Network
from .nir_bounds import check_senders
from .nir_exporters import as_meant, what_was_lost
from .nir_graph import (
    MAPS,
    NEURON_TYPES,
    PASS,
    SUPPORTED,
    FlatGraph,
    NodeIsNotFed,
    flat_graph,
)
from .nir_loops import closing_edges
from .nir_maps import Shape, ShapeDoesNotFit, read_map
from .nir_neurons import (
    NodeIsNotSupported,
    ReadOptions,
    check_finite,
    own_shape,
    read_neurons,
)


@dataclass(frozen=True)
class TimeStepMissing(Diagnostic):
    """A NIR file does not say at which time step its network is to run.

    NIR is continuous in time. Tools differ: snnTorch writes for 0.1 ms, Norse for 1 ms
    by default. The choice changes what the network computes, so it is never guessed.
    """

    code = "N710"
    title = "`{file}` does not say the time step"
    note = "NIR graphs are continuous in time; dt is never guessed"
    help = "give dt, such as read_nir(path, dt=1 * ms) or --dt 1ms"

    file: str


@dataclass(frozen=True)
class LoopTakesLonger(Diagnostic):
    """A loop of the graph over several groups takes more steps here than elsewhere.

    NIR does not say how long a loop takes. Its simulators let a spike pass all layers
    in one step and come back in the next; on a chip, and so here, each connection
    between groups takes a step. All that is no loop stays as it was there.
    """

    code = "N716"
    severity = "warning"
    title = "the loop that `{source}` -> `{target}` closes takes {here} steps here"
    note = "it takes {there} where layers pass spikes on in the same step"
    help = "expect other spikes than there, or train the network with this delay"

    source: str
    target: str
    here: int
    there: int


def read_plain(graph: Any, path: Path, options: ReadOptions) -> Network:
    """Read a graph without lahar's record.

    Raises
    ------
    LaharError
        N706, N711, N713, N714, N720 to N729, N736: all without an equal, at once.

    """
    flat = flat_graph(graph)
    problems = [d for n in sorted(flat.nodes) for d in _check_node(flat, n)]
    if problems:  # the nodes must be known before their edges make sense
        raise LaharError(problems)
    made = _made(flat, path.stem, options)
    exporter, dt = options.exporter, options.dt_seconds
    said = options.reset is not None
    lost = what_was_lost(flat, exporter, dt, reset_is_said=said)
    longer = (LoopTakesLonger(h.source, h.target, h.here, h.there) for h in made.longer)
    for warning in (*lost, *longer):
        warnings.warn(warning.render(), stacklevel=4)
    return made.network


def _made(flat: FlatGraph, name: str, options: ReadOptions) -> Made:
    """Make the network of a graph, and say which loops take longer in it."""
    flat = as_meant(flat, options.exporter, options.dt_seconds)
    layers = _Layers(flat, options).graph()
    check_senders(flat, layers, options)
    return made_network(layers, name, options.dt_seconds)


def _check_node(flat: FlatGraph, name: str) -> Iterator[Diagnostic]:
    kind = type(flat.nodes[name]).__name__
    if kind not in SUPPORTED:
        yield NodeIsNotSupported(name, kind, ", ".join(SUPPORTED))
        return
    yield from check_finite(name, flat.nodes[name])


@dataclass
class _Layers:
    """Turns nodes into layers, from the inputs on: each with the shape that arrives."""

    flat: FlatGraph
    options: ReadOptions
    made: dict[str, LayerNode] = field(default_factory=dict)
    gives: dict[str, Shape] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def graph(self) -> LayerGraph:
        order = [n for n in self.flat.nodes if self.flat.type_of(n) == "Input"]
        for name in order:
            self._make(name, self._declared(name))
        self._follow(order)
        for name in self._unreached():  # a loop that no input leads into
            if name not in self.made and self.flat.type_of(name) in NEURON_TYPES:
                self._make(name, own_shape(self.flat.nodes[name]))
                self._follow([name])
        if not self.problems:
            kinds = ((n, type(self.flat.nodes[n]).__name__) for n in self._unreached())
            self.problems += [NodeIsNotFed(n, kind) for n, kind in kinds]
        if self.problems:
            raise LaharError(self.problems)
        return LayerGraph(self.made, self._edges())

    def _unreached(self) -> list[str]:
        return [n for n in sorted(self.flat.nodes) if n not in self.made]

    def _declared(self, name: str) -> Shape:
        node, kind = self.flat.nodes[name], self.flat.type_of(name)
        given = node.input_type if kind == "Input" else node.output_type
        values = next(iter((given or {}).values()), None)
        shape = () if values is None else np.asarray(values).reshape(-1)
        return tuple(int(n) for n in shape)

    def _follow(self, reached: list[str]) -> None:
        for name in reached:
            for target in self.flat.after(name):
                if target not in self.made and name in self.gives:
                    self._make(target, self.gives[name])
                    reached.append(target)

    def _make(self, name: str, shape: Shape) -> None:
        try:
            self.made[name], self.gives[name] = self._layer(name, shape)
        except LaharError as error:
            self.problems += error.diagnostics
            self.made[name] = Sink(1)

    def _layer(self, name: str, shape: Shape) -> tuple[LayerNode, Shape]:
        kind, node = self.flat.type_of(name), self.flat.nodes[name]
        size = int(np.prod(shape))
        if kind in (*MAPS, PASS):
            read = read_map(name, node, kind, shape, self.options.dt_seconds)
            return read.node, read.shape
        if kind in NEURON_TYPES:
            neurons = read_neurons(name, node, shape, self.options)
            return neurons.node, neurons.shape
        if size < 1:
            facts = (name, kind, str(shape), "(n, ...) with n of 1 or more")
            raise LaharError(ShapeDoesNotFit(*facts))
        if kind == "Input":
            return Source(size, self.options.bounds.get(name)), shape
        return Sink(size), shape

    def _edges(self) -> list[Edge]:
        """Let the edges that close loops act a step later, where no Delay does that."""
        closing = closing_edges(self.flat)
        edges = []
        for source, target in self.flat.edges:
            loop = closing.get((source, target))
            if loop is None:
                edges.append(Edge(source, target))
                continue
            delays = [n for n in loop if isinstance(self.made[n], Delay)]
            for name in delays[:1]:
                steps = self.made[name].steps  # type: ignore[union-attr]
                self.made[name] = Delay(np.maximum(steps, 1))
            edges.append(Edge(source, target, 0 if delays else 1, or_more=True))
        return edges
