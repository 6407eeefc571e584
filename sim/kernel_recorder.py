"""What a compiled run records: from rows of cells to arrays by name.

docs/semantics.md section 10. Kernels copy whole segments of their state into a row
for each step; here the rows of a chunk are sorted into the arrays of a Trajectory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..hardware.program import Program
from ..hardware.variables import VariableInfo, state_variables
from .kernel_layout import BANKS, Bank, Cells, Layout, Synapses
from .kernel_storage import unpack
from .operations import Integers

Recorded = npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Recorder:
    """The plan by which kernels fill rows of cells, and these become arrays by name.

    ``segments`` has a table (start, size, column) for each bank; of packed synapses
    also how they are packed.
    """

    columns: list[tuple[VariableInfo, int]]
    segments: dict[Bank, Integers]
    width: int

    def arrays(self, steps: int) -> dict[str, Recorded]:
        """Make room for so many steps."""
        return {v.name: np.zeros((steps, *v.shape), v.dtype) for v, _ in self.columns}

    def take(
        self, recorded: Cells, start: int, stop: int, rows: dict[str, Recorded]
    ) -> None:
        """Store the recording of rows [start, stop)."""
        for variable, column in self.columns:
            size = math.prod(variable.shape)
            cells = recorded[:, column : column + size]
            rows[variable.name][start:stop] = shaped(cells, variable)


def shaped(cells: Cells | Synapses, variable: VariableInfo) -> Recorded:
    """Bring cells (steps, flat) into the shape and type of a recording."""
    typed = cells.astype(variable.dtype)
    if variable.kind == "synapse" and len(variable.shape) == 2:
        post, pre = variable.shape
        return typed.reshape(-1, pre, post).transpose(0, 2, 1)
    if variable.kind == "buffer":
        *shape, rows = variable.shape
        return np.moveaxis(typed.reshape(-1, rows, *shape), 1, -1)
    return typed.reshape(-1, *variable.shape)


def make_recorder(program: Program, layout: Layout, record: frozenset[str]) -> Recorder:
    """Prepare the recording of named variables."""
    wanted = [v for v in state_variables(program) if v.name in record]
    assert len(wanted) == len(record), "the caller checks names; this is lahar's fault"
    columns: list[tuple[VariableInfo, int]] = []
    segments: dict[Bank, list[tuple[int, ...]]] = {bank: [] for bank in BANKS}
    width = 0
    for variable in wanted:
        place = layout.place(variable.name)
        columns.append((variable, width))
        row: tuple[int, ...] = (place.start, place.stop - place.start, width)
        if place.bank == "words":
            post, pre = variable.shape
            row += (place.bits, pre, post)
        segments[place.bank].append(row)
        width += math.prod(variable.shape)
    tables = {
        bank: np.array(rows, np.int64).reshape(-1, 6 if bank == "words" else 3)
        for bank, rows in segments.items()
    }
    return Recorder(columns, tables, width)


def read_variable(
    variable: VariableInfo, layout: Layout, banks: Mapping[Bank, Synapses]
) -> Recorded:
    """Copy what a variable holds out of its bank."""
    place = layout.place(variable.name)
    cells = banks[place.bank][np.newaxis, place.start : place.stop]
    if place.bank == "words":
        post, pre = variable.shape
        cells = unpack(cells, place.bits, pre, post).reshape(1, -1)
    value: Recorded = shaped(cells, variable)[0].copy()
    return value
