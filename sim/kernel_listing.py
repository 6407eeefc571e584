"""Which neurons spiked, as a list: 64 cells are looked at together.

Most cells are 0. One comparison of a whole block gives a bit for each of its cells, and
only bits that are 1 cost a turn of a loop, with nothing in between to be foretold.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic, overload

from .kernel_history import lowest_bit
from .kernel_operations import Integer
from .kernel_steps import Cells

TOGETHER = 64


def bits_of(cells: Cells, start: Integer) -> int:
    """Give TOGETHER bits: which of the cells from ``start`` on are not 0."""
    marked = np.flatnonzero(cells[start : start + TOGETHER])
    return sum(1 << int(k) for k in marked)


@intrinsic
def _bits_of(typing: Any, cells: Any, start: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        block = ir.VectorType(ir.IntType(32), TOGETHER)
        place = builder.gep(made.data, [arguments[1]])
        place = builder.bitcast(place, block.as_pointer())
        found = builder.load(place, align=4)
        marked = builder.icmp_signed("!=", found, ir.Constant(block, [0] * TOGETHER))
        return builder.bitcast(marked, ir.IntType(TOGETHER))

    if cells.dtype != types.int32:
        return None
    return types.int64(cells, types.int64), codegen


together: Any = _bits_of


@overload(bits_of)
def _overload_bits_of(cells: Any, start: Any) -> Any:
    def implementation(cells: Any, start: Any) -> Any:
        return together(cells, start)

    return implementation


@njit(cache=True)
def list_active(cells: Cells, found: Cells) -> Integer:
    """List the places of what is not 0; the number of them is returned."""
    count = 0
    whole = cells.size // TOGETHER * TOGETHER
    for start in range(0, whole, TOGETHER):
        bits = bits_of(cells, start)
        while bits != 0:
            found[count] = start + lowest_bit(bits)
            count += 1
            bits &= bits - 1
    for i in range(whole, cells.size):
        if cells[i] != 0:
            found[count] = i
            count += 1
    return count
