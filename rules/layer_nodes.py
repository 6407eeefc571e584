"""Nodes of a layer graph: what frameworks pass signals through from layer to layer.

Linear, Affine, Scale, Conv, pooling and Flatten are all one LinearMap, a sparse matrix
and a bias on flattened values. Neurons, Source, Delay and Sink are the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .network import FloatArray
from .neuron import Neuron

Matrix = Any
"""A scipy.sparse.csr_array of float64; scipy has no types of its own."""

StepArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LinearMap:
    """``y = matrix @ x + bias`` on flattened values, in the same step.

    matrix
        (out, in) float64. An entry is a connection, an explicit zero too: so a dense
        layer keeps the synapses whose weight happens to be 0.
    bias
        (out,) float64; None: none.
    names
        Whether the connection that it becomes a part of is named for it: a layer with
        weights of its own yes, a pool or a flattening no.
    """

    matrix: Matrix
    bias: FloatArray | None = None
    names: bool = True

    @property
    def size(self) -> int:
        """How many values it gives."""
        return int(self.matrix.shape[0])


@dataclass(frozen=True, eq=False)
class Neurons:
    """A population; one step takes what arrives at its ports and may send.

    per_neuron
        Parameters of the model to values (size,), where the neurons differ.
    gain
        (size,): multiplies all that arrives, weights and biases; None: 1.
    initial
        States to first values (size,).
    """

    neuron: Neuron
    size: int
    per_neuron: Mapping[str, FloatArray] = field(default_factory=dict)
    gain: FloatArray | None = None
    initial: Mapping[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """An input; with ``graded`` bounds it sends values, else spikes."""

    size: int
    graded: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Delay:
    """``y(t) = x(t - steps)``, element by element; 0 before."""

    steps: StepArray

    @property
    def size(self) -> int:
        """How many values it passes on."""
        return len(self.steps)


@dataclass(frozen=True)
class Sink:
    """An output. What linear maps bring there is kept by a group of its name."""

    size: int


LayerNode = LinearMap | Neurons | Source | Delay | Sink


@dataclass(frozen=True)
class Edge:
    """What ``source`` gives, ``target`` takes ``lag`` steps later.

    lag
        0 where the framework passes on in the same step, 1 for what it calls recurrent.
    or_more
        The framework does not define the lag, so it may be longer where a chip needs
        that: an edge that closes a loop of a NIR graph.
    """

    source: str
    target: str
    lag: int = 0
    port: str = "current"
    or_more: bool = False
