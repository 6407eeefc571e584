"""Convolutions and pools as sparse matrices on flattened values.

Kernels and geometry in, a matrix (out, in) out. Values lie as torch flattens them: the
channel first, then rows, then columns. What torch computes is computed: no kernel is
turned round, and padding is zeros.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .layer_nodes import Matrix
from .layer_signals import csr
from .network import FloatArray

Pair = tuple[int, int]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Geometry:
    """How a kernel is laid over rows and columns.

    padding
        Zeros above and left; ``after`` those below and right, where they differ.
    """

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    after: Pair | None = None

    def output(self, size: Pair, kernel: Pair) -> Pair:
        """Give the rows and columns that come out."""
        after = self.padding if self.after is None else self.after
        padded = [n + a + b for n, a, b in zip(size, self.padding, after, strict=True)]
        spans = [d * (k - 1) + 1 for d, k in zip(self.dilation, kernel, strict=True)]
        rows, columns = (
            (n - span) // s + 1
            for n, span, s in zip(padded, spans, self.stride, strict=True)
        )
        return rows, columns


def same_padding(kernel: Pair, dilation: Pair) -> Geometry:
    """Pad so that as much comes out as goes in; an odd zero goes below and right."""
    total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    above, left = (n // 2 for n in total)
    after = (total[0] - above, total[1] - left)
    return Geometry((1, 1), (above, left), dilation, after)


def conv_matrix(
    weight: FloatArray, size: Pair, geometry: Geometry, groups: int
) -> Matrix:
    """Write a convolution as a matrix.

    Parameters
    ----------
    weight
        (channels out, channels in of a group, rows, columns).
    size
        Rows and columns that go in.
    geometry
        Stride, padding, dilation.
    groups
        Into how many the channels are divided.

    """
    out, per_group, *kernel = weight.shape
    rows_out, columns_out = geometry.output(size, (kernel[0], kernel[1]))
    row, row_is_there = _places(0, kernel[0], rows_out, size[0], geometry)
    column, column_is_there = _places(1, kernel[1], columns_out, size[1], geometry)
    o, i, ky, kx, y, x = np.ogrid[
        :out, :per_group, : kernel[0], : kernel[1], :rows_out, :columns_out
    ]
    channel = o // (out // groups) * per_group + i
    source = (channel * size[0] + row[ky, y]) * size[1] + column[kx, x]
    target = (o * rows_out + y) * columns_out + x + 0 * source
    there = (row_is_there[ky, y] & column_is_there[kx, x]) & (source >= 0)
    values = np.broadcast_to(weight[..., np.newaxis, np.newaxis], source.shape)
    shape = (out * rows_out * columns_out, per_group * groups * size[0] * size[1])
    return csr((values[there], (target[there], source[there])), shape)


def _places(
    axis: int, kernel: int, out: int, size: int, geometry: Geometry
) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Give for each (kernel place, output place) where it reads, and if it may."""
    k, n = np.ogrid[:kernel, :out]
    where = (
        n * geometry.stride[axis] + k * geometry.dilation[axis] - geometry.padding[axis]
    )
    is_there = (where >= 0) & (where < size)
    return np.clip(where, 0, size - 1), is_there


def pool_matrix(
    channels: int, size: Pair, kernel: Pair, geometry: Geometry, value: float
) -> Matrix:
    """Write a pool as a matrix: each place under the kernel counts ``value``."""
    weight = np.full((channels, 1, *kernel), value)
    return conv_matrix(weight, size, geometry, channels)


def pair_of(values: npt.ArrayLike) -> Pair:
    """Read one number for both directions, or one for each."""
    rows, columns = np.broadcast_to(np.asarray(values, np.int64).reshape(-1), (2,))
    return int(rows), int(columns)
