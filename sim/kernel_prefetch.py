"""Asking for memory before it is needed: what hides the way to a row or a column.

Generated kernels call these for the row or column after the next. They change nothing;
as plain Python they do nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .kernel_operations import Integer
from .kernel_steps import Cells

Starts = npt.NDArray[np.int64]
LINE = 64
FOR_WRITING, STAYS, DATA = 1, 3, 1


def touch(array: npt.NDArray[Any], place: Integer) -> None:
    """Ask for the cache line of an element."""


@intrinsic
def _touch(typing: Any, array: Any, place: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(made.data, [arguments[1]])
        address = builder.bitcast(address, cgutils.voidptr_t)
        kind = ir.FunctionType(
            ir.VoidType(), [cgutils.voidptr_t, *[ir.IntType(32)] * 3]
        )
        insert: Any = cgutils.get_or_insert_function
        function = insert(builder.module, kind, "llvm.prefetch.p0i8")
        flags = [ir.IntType(32)(n) for n in (FOR_WRITING, STAYS, DATA)]
        builder.call(function, [address, *flags])
        return context.get_dummy_value()

    return types.void(array, types.int64), codegen


ask: Any = _touch


@overload(touch)
def _overload_touch(array: Any, place: Any) -> Any:
    def implementation(array: Any, place: Any) -> Any:
        ask(array, place)

    return implementation


@njit(cache=True)
def touch_row(starts: Starts, cells: Cells, i: Integer) -> None:
    """Ask for all of a row."""
    step = LINE // cells.itemsize
    for k in range(starts[i], starts[i + 1], step):
        touch(cells, k)


@njit(cache=True)
def touch_begin(starts: Starts, cells: Cells, i: Integer, step: Integer) -> None:
    """Ask for the first LINE elements of a row, one in ``step``.

    However long it is: the same in every row costs less than what is exact.
    """
    start = starts[np.uint32(i)]
    for k in range(0, LINE, step):
        touch(cells, start + k)


@njit(cache=True)
def touch_column(starts: Starts, synapses: Cells, cells: Cells, j: Integer) -> None:
    """Ask for the synapses of a column, each somewhere else."""
    for c in range(starts[j], starts[j + 1]):
        touch(cells, synapses[c])
