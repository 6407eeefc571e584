"""Walk a module's runs from every cell's last call back to the input: its layer graph.

Pieces in: what each call took from which other. Out: nodes named as the modules, and
edges whose lags are the steps between the calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from ..diagnostics import LaharError
from ..rules.layer_graph import (
    Edge,
    LayerGraph,
    LinearMap,
    Matrix,
    Sink,
    Source,
)
from ..rules.layer_nodes import LayerNode
from ..rules.network import FloatArray
from .derivatives import is_identity, which_reach
from .parts import Cell, SpikePool, array, diagonal
from .pieces import Piece, Pieces
from .probe import Key
from .refusals import ConnectionsChange, PoolOfNoSpikes


@dataclass
class GraphMaker:
    """Builds the layer graph; names of nodes are those of the modules."""

    pieces: Pieces
    layers: Mapping[str, LinearMap | SpikePool]
    graded: tuple[float, float] | None
    nodes: dict[str, LayerNode] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runs, self.steps = self.pieces.runs, self.pieces.steps
        self.cells = self.pieces.cells
        self.input_size = self.pieces.input_size
        self.input_name = self.pieces.input_name

    def graph(self) -> LayerGraph:
        """Walk from every cell back.

        Raises
        ------
        LaharError
            N803, N808, N809.

        """
        self.nodes[self.input_name] = Source(self.input_size, self.graded)
        for name, cell in self.cells.items():
            self._cell(name, cell)
        for name in self.cells:
            self._into_cell(name)
        for name in self.layers:
            self._output(name)
        return LayerGraph(self.nodes, self.edges)

    # --- cells

    def _cell(self, name: str, cell: Cell) -> None:
        self.nodes[name] = cell.neurons
        if cell.recurrent is not None:
            self._linear(f"{name}.recurrent", cell.recurrent)
            # The bias acts from the first step on, so the lag is before the weights.
            self._join(name, f"{name}.recurrent", 1)
            self._join(f"{name}.recurrent", name, 0)

    def _into_cell(self, name: str) -> None:
        cell, key = self.cells[name], (name, self.steps.last)
        target = name
        if cell.entering is not None:
            target = f"{name}.input"
            self._linear(target, cell.entering)
            self._join(target, name, 0)
        self._into(key, target, self.steps.last)
        self._stays_the_same(name)

    def _stays_the_same(self, name: str) -> None:
        now, before = (self._origins((name, self.steps.last - k)) for k in (0, 1))
        if now != before:
            shown = (", ".join(f"`{n}`" for n, _ in sorted(o)) for o in (now, before))
            raise LaharError(ConnectionsChange(name, *shown))

    def _origins(self, key: Key) -> set[tuple[str, int]]:
        frame = self.steps.frame(key)
        return {(p.source, frame - p.frame) for p in self.pieces.into(key, frame)}

    # --- what leads into a call

    def _into(self, key: Key, target: str, frame: int) -> None:
        """Add edges for all that a call takes, and the layers on the way."""
        pieces = self.pieces.into(key, frame)
        bias = array(self.runs.zeros.calls[key].taken).reshape(-1)
        constant = bias if np.any(bias) else None
        for piece in pieces:
            lag = frame - piece.frame
            source = self._source_of(piece)
            here = constant if lag == 0 else None
            if here is not None:
                constant = None
            self._between(source, target, piece.matrix, here, lag)
        if constant is not None:
            nothing = sparse.csr_array((len(bias), self.input_size))
            self._between(self.input_name, target, nothing, constant, 0)

    def _source_of(self, piece: Piece) -> str:
        if piece.key is None:
            return self.input_name
        name, _ = piece.key
        if name in self.cells:
            return self._leaving(name)
        return self._layer(piece.key, piece.frame)

    def _leaving(self, name: str) -> str:
        factor = self.cells[name].leaving
        if factor is None:
            return name
        scaled = f"{name}.factor"
        if scaled not in self.nodes:
            self._linear(scaled, diagonal(factor, names=False))
            self._join(name, scaled, 0)
        return scaled

    def _layer(self, key: Key, frame: int) -> str:
        """Add a layer, and what leads into it; the same layer may stand twice."""
        name = self.steps.name_in_step(key)
        if name not in self.nodes:
            layer = self.layers[key[0]]
            target = name
            if isinstance(layer, SpikePool):
                self._takes_spikes(key, frame)
                self.nodes[name] = layer.neurons
                target, layer = f"{name}.windows", layer.windows
                self._join(target, name, 0)
            self._linear(target, layer)
            self._into(key, target, frame)
        return name

    def _takes_spikes(self, key: Key, frame: int) -> None:
        """Check that a MaxPool gets zeros and ones: the spikes of cells, in any order.

        Raises
        ------
        LaharError
            N817.

        """
        pieces = self.pieces.into(key, frame)
        bias = array(self.runs.zeros.calls[key].taken)
        counts = [np.diff(piece.matrix.indptr) for piece in pieces]
        alone = not pieces or int(np.sum(counts, axis=0).max()) <= 1
        ones = all(np.all(piece.matrix.data == 1.0) for piece in pieces)
        if not (alone and ones and not np.any(bias)):
            raise LaharError(PoolOfNoSpikes(key[0], "sums, or what has been weighted"))
        for piece in pieces:
            if not self._gives_spikes(piece):
                raise LaharError(PoolOfNoSpikes(key[0], f"what `{piece.source}` gives"))

    def _gives_spikes(self, piece: Piece) -> bool:
        if piece.key is None:
            return self.graded is None
        name = piece.key[0]
        if name in self.cells:
            return self.cells[name].leaving is None
        return isinstance(self.layers[name], SpikePool)

    def _between(
        self,
        source: str,
        target: str,
        matrix: Matrix,
        bias: FloatArray | None,
        lag: int,
    ) -> None:
        if bias is None and is_identity(matrix):
            self._join(source, target, lag)
            return
        name = f"{source}_to_{target}"
        while name in self.nodes:
            name += "_"
        self._linear(name, LinearMap(matrix, bias, names=False))
        self._join(source, name, lag)
        self._join(name, target, 0)

    def _linear(self, name: str, linear: LinearMap) -> None:
        self.nodes[name] = linear

    def _join(self, source: str, target: str, lag: int) -> None:
        self.edges.append(Edge(source, target, lag))

    # --- an output that is no cell

    def _output(self, name: str) -> None:
        """Keep what the last layer gives, where no cell takes it."""
        key = (name, self.runs.first.counts[name] - 1)
        if self.steps.name_in_step(key) in self.nodes or self._is_taken(key):
            return
        last, layer = self._layer(key, self.steps.last), self.layers[name]
        if isinstance(layer, LinearMap):
            sink = f"{name}.output"
            self.nodes[sink] = Sink(layer.size)
            self._join(last, sink, 0)

    def _is_taken(self, key: Key) -> bool:
        given = self.runs.first.calls[key].given
        others = (c.taken for k, c in self.runs.first.calls.items() if k != key)
        return any(which_reach(taken, [given]) for taken in others)
