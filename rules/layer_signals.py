"""What arrives at a node of a layer graph, in terms of spikes that were sent.

Chains of linear maps and delays are multiplied out: in goes the graph, out comes for
each edge into neurons or an output a matrix for each source and delay, and a bias.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..diagnostics import Diagnostic, LaharError
from .layer_nodes import Delay, Edge, LayerNode, LinearMap, Matrix, Neurons, Source
from .network import FloatArray


class Route(NamedTuple):
    """Who sent, how many steps before, and whether it may be more steps."""

    source: str
    lag: int
    or_more: bool = False

    def later(self, edge: Edge) -> Route:
        """Give the route that goes on over an edge."""
        either = self.or_more or edge.or_more
        return Route(self.source, self.lag + edge.lag, either)


@dataclass(frozen=True)
class LoopWithoutNeurons(Diagnostic):
    """A loop of a graph passes through weights or delays only.

    It would be a filter that nobody's spikes limit. A loop has neurons in it, which
    turn what arrives into spikes.
    """

    code = "N720"
    title = "the loop {loop} has no neurons in it"
    note = "a signal would run round it without ever being a spike"
    help = "put neurons into the loop, or remove the edge that closes it"

    loop: str


@dataclass(frozen=True)
class LayerSizesDiffer(Diagnostic):
    """A node gives another number of values than the next one takes.

    Values are counted without their shape, as a Flatten would give them.
    """

    code = "N721"
    title = "`{source}` gives {given} values, `{target}` takes {taken}"
    help = "correct the shapes where the graph is made"

    source: str
    target: str
    given: int
    taken: int


@dataclass(frozen=True)
class Wiring:
    """A matrix, and where it has connections: a weight of 0 is one too."""

    weights: Matrix
    pattern: Matrix

    @staticmethod
    def of(matrix: Matrix) -> Wiring:
        """Count every stored entry as a connection."""
        ones = np.ones(len(matrix.data))
        return Wiring(matrix, csr((ones, matrix.indices, matrix.indptr), matrix.shape))

    def after(self, matrix: Matrix) -> Wiring:
        """Put a linear map behind."""
        behind = Wiring.of(matrix)
        pattern = csr(behind.pattern @ self.pattern)
        pattern.data[:] = 1.0
        return Wiring(csr(matrix @ self.weights), pattern)

    def plus(self, other: Wiring) -> Wiring:
        """Add what arrives over another way."""
        pattern = csr(self.pattern + other.pattern)
        pattern.data[:] = 1.0
        return Wiring(csr(self.weights + other.weights), pattern)

    def rows(self, chosen: FloatArray) -> Wiring:
        """Keep some rows, those where a mask (out,) is 1."""
        kept, size = np.flatnonzero(chosen), len(chosen)
        mask = csr((np.ones(len(kept)), (kept, kept)), (size, size))
        return Wiring(csr(mask @ self.weights), csr(mask @ self.pattern))


def csr(*args: object) -> Matrix:
    """Make a csr_array; scipy's own functions return several formats."""
    matrix: Matrix = sparse.csr_array(*args)
    matrix.sum_duplicates()
    return matrix


def eye(size: int) -> Matrix:
    """Make the matrix that changes nothing."""
    return csr(sparse.eye_array(size))


@dataclass
class Signal:
    """What passes a point of the graph: sent values, and constants from a step on."""

    size: int
    wires: dict[Route, Wiring] = field(default_factory=dict)
    biases: dict[int, FloatArray] = field(default_factory=dict)

    def add(self, other: Signal, edge: Edge) -> None:
        """Add another signal that comes over an edge."""
        for route, wiring in other.wires.items():
            longer = route.later(edge)
            had = self.wires.get(longer)
            self.wires[longer] = wiring if had is None else had.plus(wiring)
        for lag, bias in other.biases.items():
            had_bias = self.biases.get(lag + edge.lag, np.zeros(self.size))
            self.biases[lag + edge.lag] = had_bias + bias

    @property
    def is_one_groups(self) -> bool:
        """Tell whether it is what one group sends, as it is sent."""
        if len(self.wires) != 1 or self.biases:
            return False
        ((route, wiring),) = self.wires.items()
        rows, columns = wiring.weights.shape
        if route.lag or rows != columns:
            return False
        return bool(abs(wiring.weights - eye(rows)).nnz == 0)


def is_plain(arriving: list[Signal]) -> bool:
    """Tell whether what arrives somewhere is just what one group sends."""
    return len(arriving) == 1 and arriving[0].is_one_groups


class Signals:
    """The signals of a graph, each worked out once."""

    def __init__(self, nodes: Mapping[str, LayerNode], edges: Iterable[Edge]) -> None:
        self._nodes = nodes
        self._into: dict[str, list[Edge]] = {name: [] for name in nodes}
        for edge in edges:
            self._into[edge.target].append(edge)
        self._given: dict[str, Signal] = {}
        self._on_the_way: list[str] = []

    def along(self, edge: Edge) -> Signal:
        """Give what an edge brings, in steps of its target.

        Raises
        ------
        LaharError
            N720, N721.

        """
        given = self._of(edge.source)
        taken = _takes(self._nodes[edge.target])
        if given.size != taken:
            facts = (edge.source, edge.target, given.size, taken)
            raise LaharError(LayerSizesDiffer(*facts))
        signal = Signal(given.size)
        signal.add(given, edge)
        return signal

    def _of(self, name: str) -> Signal:
        if name in self._on_the_way:
            loop = [*self._on_the_way[self._on_the_way.index(name) :], name]
            shown = " -> ".join(f"`{n}`" for n in reversed(loop))
            raise LaharError(LoopWithoutNeurons(shown))
        if name not in self._given:
            self._on_the_way.append(name)
            self._given[name] = self._worked_out(name)
            self._on_the_way.pop()
        return self._given[name]

    def _worked_out(self, name: str) -> Signal:
        match self._nodes[name]:
            case Neurons(size=size) | Source(size=size):
                return Signal(size, {Route(name, 0): Wiring.of(eye(size))})
            case LinearMap() as linear:
                return _through(linear, self._arriving(name))
            case Delay() as delay:
                return _delayed(delay, self._arriving(name))
            case sink:
                return Signal(sink.size)  # nothing leaves an output

    def _arriving(self, name: str) -> Signal:
        total = Signal(_takes(self._nodes[name]))
        for edge in self._into[name]:
            total.add(self.along(edge), Edge(edge.source, edge.target))
        return total


def _takes(node: LayerNode) -> int:
    if isinstance(node, LinearMap):
        return int(node.matrix.shape[1])
    return node.size


def _through(linear: LinearMap, signal: Signal) -> Signal:
    matrix = linear.matrix
    wires = {route: w.after(matrix) for route, w in signal.wires.items()}
    given = Signal(linear.size, wires)
    given.biases = {lag: matrix @ bias for lag, bias in signal.biases.items()}
    if linear.bias is not None and np.any(linear.bias):
        given.biases[0] = given.biases.get(0, np.zeros(linear.size)) + linear.bias
    return given


def _delayed(delay: Delay, signal: Signal) -> Signal:
    """Delay each element for itself: rows of equal delay stay together."""
    given = Signal(delay.size)
    for steps in np.unique(delay.steps):
        chosen = (delay.steps == steps).astype(np.float64)
        part = Signal(delay.size)
        part.wires = {route: w.rows(chosen) for route, w in signal.wires.items()}
        part.biases = {lag: bias * chosen for lag, bias in signal.biases.items()}
        given.add(part, Edge("", "", int(steps)))
    return given
