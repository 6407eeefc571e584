"""Read a plain NIR graph, one that lahar did not write, as a static network.

A nir graph and the time step in, a Network out. The equations of the nodes become
forward Euler steps (docs/semantics.md section 2); r and w_in are folded into the
weights. What has no equal here is a diagnostic that names the node.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from .network import FloatArray, Group, Network, Projection
from .nir_neurons import (
    NEURON_TYPES,
    NodeIsNotSupported,
    ReadNeuron,
    ValueIsNotSupported,
    check_finite,
    read_neuron,
)

TRANSFORMS = ("Linear", "Affine")
SUPPORTED = (*NEURON_TYPES, *TRANSFORMS, "Input", "Output")


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
class EdgeIsNotSupported(Diagnostic):
    """An edge of the graph joins two nodes in a way that has no equal here.

    Weights lead from an input or neurons to neurons: Input or neurons -> Linear or
    Affine -> neurons. Neurons may also be joined directly, one to one.
    """

    code = "N715"
    title = "edge `{source}` ({source_type}) -> `{target}` ({target_type}): {reason}"
    note = "weights lead from an Input or from neurons to neurons"
    help = "merge weights that follow each other, and put neurons behind the last"

    source: str
    source_type: str
    target: str
    target_type: str
    reason: str


@dataclass(frozen=True)
class PathsDiffer(Diagnostic):
    """The graph has a loop over several groups, or a connection that skips a layer.

    NIR's simulators let a spike pass all layers in one step; on a chip, and so here,
    each connection takes a step. In a chain this only shifts time. Where paths of
    different lengths meet, spikes that met before may now miss each other.
    """

    code = "N716"
    severity = "warning"
    title = "paths of different lengths meet at `{node}`"
    note = "each connection takes one step here, and none in NIR's simulators"
    help = "expect spike times to differ from those of the tool that wrote the file"

    node: str


def read_plain(graph: Any, path: Path, dt_seconds: float) -> Network:
    """Read a graph without lahar's record.

    Raises
    ------
    LaharError
        N706, N711 to N715: all that has no equal here, at once.

    """
    reader = _Reader(
        graph.nodes, [(str(a), str(b)) for a, b in graph.edges], dt_seconds
    )
    network = reader.network(path.stem)
    if reader.problems:
        raise LaharError(reader.problems)
    for node in _meeting_points(network):
        warnings.warn(PathsDiffer(node).render(), stacklevel=4)
    return network


@dataclass
class _Reader:
    nodes: dict[str, Any]
    edges: list[tuple[str, str]]
    dt_seconds: float
    problems: list[Diagnostic] = field(default_factory=list)

    def network(self, name: str) -> Network:
        for node in sorted(self.nodes):
            self.problems += self._check_node(node)
        if self.problems:  # the nodes must be known before their edges make sense
            return Network(name, (), (), self.dt_seconds)
        order = self._ordered()
        read = {n: self._neuron(n) for n in order if self._type(n) in NEURON_TYPES}
        groups = tuple(
            Group(n, self._size(n), read[n].neuron if n in read else None)
            for n in order
        )
        projections = tuple(self._projections(read))
        return Network(name, groups, projections, self.dt_seconds)

    def _type(self, node: str) -> str:
        return type(self.nodes[node]).__name__

    def _is_group(self, node: str) -> bool:
        return self._type(node) in ("Input", *NEURON_TYPES)

    def _size(self, node: str) -> int:
        return int(np.prod(self.nodes[node].output_type["output"]))

    def _ordered(self) -> list[str]:
        """Order the groups from the inputs on, as far as there is an order."""
        order = sorted(n for n in self.nodes if self._type(n) == "Input")
        for node in order:
            order += [t for t in sorted(self._after(node)) if t not in order]
        rest = sorted(n for n in self.nodes if n not in order)
        return [n for n in (*order, *rest) if self._is_group(n)]

    def _after(self, node: str) -> set[str]:
        return {b for a, b in self.edges if a == node}

    # --- nodes

    def _check_node(self, name: str) -> Iterator[Diagnostic]:
        node, kind = self.nodes[name], self._type(name)
        if kind not in SUPPORTED:
            yield NodeIsNotSupported(name, kind, ", ".join(SUPPORTED))
            return
        if self._is_group(name):
            shape = tuple(int(n) for n in node.output_type["output"])
            if len(shape) != 1 or shape[0] < 1:
                yield ValueIsNotSupported(name, kind, "the shape", str(shape), "(n,)")
        yield from check_finite(name, node)
        if kind in TRANSFORMS and node.weight.ndim != 2:
            shown = str(node.weight.shape)
            yield ValueIsNotSupported(name, kind, "the weights' shape", shown, "(m, n)")
        if kind == "Affine" and np.any(node.bias != 0):
            value = repr(float(node.bias[node.bias != 0].flat[0]))
            yield ValueIsNotSupported(name, kind, "a bias", value, "0")

    def _neuron(self, node: str) -> ReadNeuron:
        read = read_neuron(node, self.nodes[node], self.dt_seconds)
        self.problems += read.problems
        return read

    # --- edges

    def _projections(self, neurons: dict[str, ReadNeuron]) -> Iterator[Projection]:
        used: set[str] = set()
        for source, weights, through, target in self._connections():
            gain = neurons[target].gain[:, np.newaxis]
            name = _unused(through, source, target, used)
            used.add(name)
            yield Projection(name, source, target, weights * gain)

    def _connections(self) -> Iterator[tuple[str, FloatArray, str, str]]:
        for source, target in self.edges:
            if self._type(target) in NEURON_TYPES and self._is_group(source):
                one_to_one = np.eye(self._size(target))
                yield source, one_to_one, f"{source}_{target}", target
            elif self._type(target) in TRANSFORMS and self._is_group(source):
                yield from self._through(source, target)
            elif not (self._is_group(source) and self._type(target) == "Output"):
                self._check_edge(source, target)

    def _through(
        self, source: str, node: str
    ) -> Iterator[tuple[str, FloatArray, str, str]]:
        weights = np.asarray(self.nodes[node].weight, np.float64)
        for target in sorted(self._after(node)):
            if self._type(target) in NEURON_TYPES:
                yield source, weights, node, target

    def _check_edge(self, source: str, target: str) -> None:
        """Refuse edges that carry no spikes to neurons."""
        source_type, target_type = self._type(source), self._type(target)
        if source_type in TRANSFORMS and target_type in NEURON_TYPES:
            return
        reason = "nothing may lead there"
        if target_type == "Output":
            reason = "weights end without neurons"
        elif target_type in TRANSFORMS:
            reason = "weights follow weights"
        self.problems.append(
            EdgeIsNotSupported(source, source_type, target, target_type, reason)
        )


def _unused(through: str, source: str, target: str, used: Iterable[str]) -> str:
    taken = set(used)
    if through not in taken:
        return through
    longer = f"{source}_{through}_{target}"
    while longer in taken:
        longer += "_"
    return longer


def _meeting_points(network: Network) -> list[str]:
    """Find groups that spikes reach over paths of different lengths.

    A loop of a group onto itself takes one step in NIR's simulators too.
    """
    depth = {g.name: 0 for g in network.groups if g.neuron is None}
    edges = [(p.source, p.target) for p in network.projections if p.source != p.target]
    ready = list(depth)
    for source in ready:
        for a, b in edges:
            if a == source and b not in depth:
                depth[b] = depth[a] + 1
                ready.append(b)
    uneven = {b for a, b in edges if a in depth and depth[b] != depth[a] + 1}
    return sorted(uneven)
