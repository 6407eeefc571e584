"""Where two recordings part first, and what a learning rule did there.

Two recordings in; the first step, variable and element whose bits differ out, and for
a weight or tag the products whose gates were open at that synapse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..hardware.program import Program
from .product_contributions import explain
from .recording import Recording, split_index
from .tolerance import are_floats, differ_in_bits, outside
from .verdict import Divergence, ProductContribution

Rows = npt.NDArray[Any]
_BLOCK = 1 << 22  # values compared at a time

# Within a step: what arrives, neurons, spikes, traces, then what the engine writes.
_LATE = {"s_out": 2, "a_in": 3, "data": 3, "x1": 3, "x2": 3, "y1": 3, "y2": 3, "y3": 3}
_LATEST = {"tag_1": 4, "tag_2": 4, "weights": 5}


@dataclass(frozen=True)
class Difference:
    """The first place at which one variable differs; rows count from 0."""

    name: str
    row: int
    index: tuple[int, ...]
    first_value: float
    second_value: float
    count: int


def order_of_events(name: str) -> int:
    """Rank a variable by when it is computed within a step (docs/semantics.md 3)."""
    suffix = split_index(name)[0].rpartition(".")[2]
    if suffix == "a_out":
        return 0
    return _LATEST.get(suffix, _LATE.get(suffix, 1))


def first_difference(
    name: str,
    first: Rows,
    second: Rows,
    start: int = 0,
    tolerance: float | None = None,
) -> Difference | None:
    """Find the first element that differs, row by row from ``start``.

    In any bit; with a tolerance, floats in more than rounding.
    """
    found: tuple[int, ...] | None = None
    count = 0
    rows = max(1, _BLOCK // max(1, first[:1].size))
    for top in range(0, len(first), rows):
        a, b = first[top : top + rows], second[top : top + rows]
        block = _unequal(a, b, tolerance)
        here = int(np.count_nonzero(block))
        if here and found is None:
            place = np.unravel_index(int(block.argmax()), block.shape)
            found = (top + int(place[0]), *(int(k) for k in place[1:]))
        count += here
    if found is None:
        return None
    here_a, here_b = (float(values[found]) for values in (first, second))
    return Difference(name, start + found[0], found[1:], here_a, here_b, count)


def _unequal(
    first: Rows, second: Rows, tolerance: float | None
) -> npt.NDArray[np.bool_]:
    if tolerance is not None and are_floats(first, second):
        return outside(first, second, tolerance)
    return differ_in_bits(first, second)


def first_divergence(
    differences: list[Difference], first: Recording, program: Program | None
) -> Divergence:
    """Choose the earliest of the differences, and explain it if it is a synapse's."""
    ordered = sorted(differences, key=lambda d: (d.row, order_of_events(d.name)))
    earliest = ordered[0]
    base, element = split_index(earliest.name)
    index = earliest.index if element is None else element
    owner = base.rpartition(".")[0]
    products: tuple[ProductContribution, ...] = ()
    if program is not None and base.rpartition(".")[2] in _LATEST:
        pairs = program.connection(owner).pairs
        post, pre = index if pairs is None else pairs.ends(index[0])
        products = tuple(explain(program, first, base, earliest.row, post, pre))
    return Divergence(
        step=earliest.row + 1,
        variable=base,
        owner=owner,
        index=index,
        first_value=earliest.first_value,
        second_value=earliest.second_value,
        differing=sum(d.count for d in differences),
        also=tuple(d.name for d in ordered[1:] if d.row == earliest.row),
        products=products,
    )
