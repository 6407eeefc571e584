"""Turn the nodes of NIR that hold no neurons into linear maps and delays.

A node and the shape that arrives in; a LinearMap or Delay and the shape that leaves
out. All of them are linear, and what is fixed is multiplied out: a convolution is a
sparse matrix, a pool another, a Flatten changes nothing but the shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ..diagnostics import Diagnostic, LaharError
from .conv_matrix import Geometry, Pair, conv_matrix, pair_of, pool_matrix, same_padding
from .layer_nodes import Delay, LinearMap, Matrix
from .layer_signals import csr, eye
from .network import FloatArray
from .nir_graph import PASS

Shape = tuple[int, ...]
ROWS_AND_COLUMNS = "(channels, rows, columns)"
WHOLE = 1e-3
"""How far from a whole number of steps a delay may be: float32 rounds seconds."""


@dataclass(frozen=True)
class ShapeDoesNotFit(Diagnostic):
    """What arrives at a node has another shape than the node can take.

    Shapes have no batch dimension in NIR: an image is (channels, rows, columns).
    """

    code = "N728"
    title = "node `{node}` ({type}) takes the shape {wanted}, and {shape} arrives"
    note = "NIR's shapes have no batch dimension"
    help = "correct the shapes with the tool that wrote the file"

    node: str
    type: str
    shape: str
    wanted: str


@dataclass(frozen=True)
class ValueIsNotSupported(Diagnostic):
    """A node has a value that means nothing here, or that no step can express.

    Leaving the value out would change what the network computes, so nothing is
    read.
    """

    code = "N713"
    title = "node `{node}` ({type}): {what} is {value}"
    note = "lahar reads {wanted} there"
    help = "change the node with the tool that wrote the file"

    node: str
    type: str
    what: str
    value: str
    wanted: str


@dataclass(frozen=True)
class ReadMap:
    """A node of the layer graph, and the shape of what it gives."""

    node: LinearMap | Delay
    shape: Shape


def read_map(
    name: str, node: Any, kind: str, shape: Shape, dt_seconds: float
) -> ReadMap:
    """Turn a node into a map.

    Raises
    ------
    LaharError
        N713, N728.

    """
    return _Map(name, node, kind, shape, dt_seconds).read()


@dataclass(frozen=True)
class _Map:
    name: str
    node: Any
    kind: str
    shape: Shape
    dt_seconds: float

    def read(self) -> ReadMap:
        readers: dict[str, Callable[[], ReadMap]] = {
            "Linear": self.linear,
            "Affine": self.linear,
            "Scale": self.scale,
            "Conv1d": self.convolution,
            "Conv2d": self.convolution,
            "SumPool2d": self.pool,
            "AvgPool2d": self.pool,
            "Flatten": self.flatten,
            "Delay": self.delay,
            PASS: self.pass_on,
        }
        return readers[self.kind]()

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def array(self, parameter: str) -> FloatArray:
        return np.asarray(getattr(self.node, parameter), np.float64)

    def misfit(self, wanted: Shape | str) -> LaharError:
        shown = wanted if isinstance(wanted, str) else str(wanted)
        return LaharError(ShapeDoesNotFit(self.name, self.kind, str(self.shape), shown))

    def unreadable(self, what: str, value: object, wanted: str) -> LaharError:
        return LaharError(
            ValueIsNotSupported(self.name, self.kind, what, str(value), wanted)
        )

    # --- weights

    def linear(self) -> ReadMap:
        """Apply a matrix to the last dimension; one for each place if it has more."""
        weight = self.array("weight")
        if weight.ndim < 2:
            raise self.unreadable("the weights' shape", weight.shape, "(..., out, in)")
        *leading, out, into = weight.shape
        if not leading and self.size != into:
            if not self.shape or self.shape[-1] != into:
                raise self.misfit((into,))
            leading = list(self.shape[:-1])
            weight = np.broadcast_to(weight, (*leading, out, into))
        if self.size != math.prod(leading) * into:
            raise self.misfit((*leading, into))
        blocks = weight.reshape(-1, out, into)
        matrix = csr(sparse.block_diag([whole_matrix(b) for b in blocks], "csr"))
        shape = (*leading, out)
        return self._with_bias(matrix, shape, (out,) if leading else shape)

    def _with_bias(self, matrix: Matrix, shape: Shape, alike: Shape) -> ReadMap:
        """Add the bias, which has the shape of the output or is the same all over."""
        given = getattr(self.node, "bias", None)
        if given is None:
            return ReadMap(LinearMap(matrix), shape)
        bias = np.asarray(given, np.float64)
        fitting = (math.prod(shape), math.prod(alike), 1)
        if bias.size not in fitting:
            raise self.unreadable("the bias' shape", bias.shape, f"{alike}")
        if bias.size == math.prod(shape):
            bias = bias.reshape(shape)
        elif bias.size > 1:
            bias = bias.reshape(alike)
        full = np.broadcast_to(bias, shape).reshape(-1)
        return ReadMap(LinearMap(matrix, full.copy()), shape)

    def scale(self) -> ReadMap:
        try:
            factors = np.broadcast_to(self.array("scale"), self.shape).reshape(-1)
        except ValueError:
            raise self.misfit(self.node.scale.shape) from None
        places, begins = np.arange(self.size), np.arange(self.size + 1)
        matrix = csr((factors.copy(), places, begins), (self.size, self.size))
        return ReadMap(LinearMap(matrix, names=False), self.shape)

    # --- kernels

    def convolution(self) -> ReadMap:
        """Lay a kernel over rows and columns; Conv1d has one row."""
        weight, flat = self.array("weight"), self.kind == "Conv1d"
        dimensions = 3 if flat else 4
        if weight.ndim != dimensions:
            wanted = f"{dimensions} dimensions, the channels out and in first"
            raise self.unreadable("the weights' shape", weight.shape, wanted)
        groups = int(np.asarray(self.node.groups).reshape(-1)[0])
        if groups < 1 or weight.shape[0] % groups:
            wanted = f"a divisor of the {weight.shape[0]} channels that come out"
            raise self.unreadable("`groups`", groups, wanted)
        channels, size = weight.shape[1] * groups, self._spatial(dimensions - 2)
        if self.shape and math.prod(self.shape) != channels * math.prod(size):
            raise self.misfit((channels, *size))
        if len(self.shape) == dimensions - 1 and self.shape[0] != channels:
            raise self.misfit((channels, *size))
        if flat:
            weight, size = weight[:, :, np.newaxis], (1, *size)
        area: Pair = (size[0], size[1])
        geometry = self._geometry((weight.shape[2], weight.shape[3]), flat)
        rows, columns = self._output(geometry, area, weight.shape[2:])
        matrix = conv_matrix(weight, area, geometry, groups)
        out = weight.shape[0]
        shape = (out, columns) if flat else (out, rows, columns)
        return self._with_bias(matrix, shape, (out, *[1] * (len(shape) - 1)))

    def _spatial(self, dimensions: int) -> Shape:
        """Give rows and columns: of what arrives, else what the node says."""
        if len(self.shape) == dimensions + 1:
            return self.shape[1:]
        given = self.node.input_shape
        if given is None:
            wanted = "(channels, columns)" if dimensions < 2 else ROWS_AND_COLUMNS
            raise self.misfit(wanted)
        return tuple(int(n) for n in np.asarray(given).reshape(-1))

    def _geometry(self, kernel: Pair, flat: bool) -> Geometry:
        stride, dilation = (self._pair(p, flat, 1) for p in ("stride", "dilation"))
        padding = self.node.padding
        if isinstance(padding, bytes):
            padding = padding.decode()
        if not isinstance(padding, str):
            return Geometry(stride, self._pair("padding", flat, 0), dilation)
        if padding == "valid":
            return Geometry(stride, (0, 0), dilation)
        if stride != (1, 1):
            raise self.unreadable("`stride`", stride, "1 with the padding `same`")
        return same_padding(kernel, dilation)

    def _pair(self, parameter: str, flat: bool, one_row: int) -> Pair:
        values = np.asarray(getattr(self.node, parameter))
        try:
            if flat:
                return one_row, int(values.reshape(1)[0])
            pair = pair_of(values)
        except ValueError:
            wanted = "one number" if flat else "one number, or two"
            raise self.unreadable(f"`{parameter}`", values, wanted) from None
        if min(pair) < (0 if parameter == "padding" else 1):
            raise self.unreadable(f"`{parameter}`", pair, "positive numbers")
        return pair

    def _output(self, geometry: Geometry, size: Pair, kernel: Shape) -> Pair:
        rows, columns = geometry.output(size, (kernel[0], kernel[1]))
        if min(rows, columns) < 1:
            raise self.misfit(f"(..., at least {kernel[0]}, at least {kernel[1]})")
        return rows, columns

    def pool(self) -> ReadMap:
        """Sum under a kernel; an average divides by its size, padding included."""
        if len(self.shape) != 3:
            raise self.misfit(ROWS_AND_COLUMNS)
        channels, *size = self.shape
        kernel, stride, padding = (
            self._pair(p, False, 0) for p in ("kernel_size", "stride", "padding")
        )
        geometry, area = Geometry(stride, padding), (size[0], size[1])
        rows, columns = self._output(geometry, area, kernel)
        value = 1.0 / math.prod(kernel) if self.kind == "AvgPool2d" else 1.0
        matrix = pool_matrix(channels, area, kernel, geometry, value)
        return ReadMap(LinearMap(matrix, names=False), (channels, rows, columns))

    # --- what changes no value

    def flatten(self) -> ReadMap:
        dimensions = len(self.shape)
        first = int(np.asarray(self.node.start_dim).reshape(-1)[0])
        last = int(np.asarray(self.node.end_dim).reshape(-1)[0])
        first, last = (d + dimensions if d < 0 else d for d in (first, last))
        last = min(last, dimensions - 1)
        shape = self.shape
        if 0 <= first <= last:
            middle = math.prod(shape[first : last + 1])
            shape = (*shape[:first], middle, *shape[last + 1 :])
        return ReadMap(LinearMap(eye(self.size), names=False), shape)

    def pass_on(self) -> ReadMap:
        return ReadMap(LinearMap(eye(self.size), names=False), self.shape)

    def delay(self) -> ReadMap:
        """Count a delay in steps; it has to be whole."""
        try:
            seconds = np.broadcast_to(self.array("delay"), self.shape).reshape(-1)
        except ValueError:
            raise self.misfit(self.node.delay.shape) from None
        steps = seconds / self.dt_seconds
        whole = np.rint(steps)
        wrong = np.flatnonzero((np.abs(steps - whole) > WHOLE) | (steps < -WHOLE))
        if len(wrong):
            value = f"{seconds[wrong[0]]:.6g} s, {steps[wrong[0]]:.6g} steps"
            wanted = f"whole steps of dt = {self.dt_seconds:g} s, 0 or more"
            raise self.unreadable("`delay`", value, wanted)
        return ReadMap(Delay(whole.astype(np.int64)), self.shape)


def whole_matrix(weight: FloatArray) -> Matrix:
    """Keep every entry of a dense matrix, those of 0 too: they are synapses."""
    out, into = weight.shape
    columns = np.tile(np.arange(into), out)
    begins = np.arange(out + 1) * into
    return csr((np.ascontiguousarray(weight).reshape(-1), columns, begins), (out, into))
