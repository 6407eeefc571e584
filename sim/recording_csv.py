"""A recording from a table, as a chip elsewhere or another tool may write it.

    # backend: a chip
    step,post.v[0],post.v[1],"synapse.weights[0,3]"
    1,0,37,120
    2,64,51,121

One row for each step from 1 on, one column for each neuron or synapse (post, pre);
names are those of the program, or given beside the table (trace_table.py). Where a
table has all elements of a variable they make an array, else each is a variable of its
own and is compared with that element. Comments at the head are trace_head.py's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.program import Program
from ..hardware.variables import state_variables
from .recording import Array, Provenance, Recording, show_index, split_index
from .summed_weights import with_sums
from .trace_head import is_of_our_format, read_head
from .trace_table import STEP, Table, read_table

Number = int | float
Index = tuple[int, ...]
Shapes = Mapping[str, Index]


@dataclass(frozen=True)
class BadColumn(Diagnostic):
    """A column's name is not that of an element of the program's state.

    A column is one neuron or one synapse in one variable, so its name has an index.
    The names are those that `lahar run` records.
    """

    code = "S441"
    title = "`{path}`, column {column}: `{name}` {reason}"
    note = "the program has: {known}"
    help = "name neurons `post.v[3]`, synapses `synapse.weights[post][pre]`"

    path: str
    column: int
    name: str
    reason: str
    known: str


@dataclass(frozen=True)
class BadCell(Diagnostic):
    """A cell of the table holds no number of the kind that is expected.

    Units, thousands separators and empty cells are no numbers. Stored values are
    the integers of the chip.
    """

    code = "S442"
    title = "`{path}`, line {line}, column `{column}`: `{value}` is no {kind}"
    note = "stored values are integers of 32 bit; values in rule units are finite"
    help = "write a number without a unit"

    path: str
    line: int
    column: str
    value: str
    kind: str


@dataclass(frozen=True)
class BadStep(Diagnostic):
    """The rows are not the steps 1, 2, 3, ... in order, or are of unequal length."""

    code = "S443"
    title = "`{path}`, line {line}: {reason}"
    note = "rows are the steps 1, 2, 3, ... without gaps, with all columns"
    help = "sort the table, and record every step"

    path: str
    line: int
    reason: str


def read_csv(
    path: Path, provenance: Provenance, program: Program, columns: Sequence[str] = ()
) -> Recording:
    """Read a table of values; the number of rows becomes the number of steps.

    What the table says of itself goes before ``provenance``; ``columns`` are names for
    a table that has no header of ours.

    Raises
    ------
    LaharError
        S440 to S446 for what cannot be read or does not fit the program.

    """
    table = read_table(path, columns)
    head = read_head(path, table.head, provenance, len(table.rows))
    shapes = {v.name: v.shape for v in state_variables(program)}
    require_no_errors(_check_header(table, shapes))
    require_no_errors(_check_rows(table))
    values = _numbers(table, head.provenance)
    elements = [_element(name, shapes) for name in table.header[1:]]
    variables = _gather(elements, values, shapes)
    recording = Recording(
        variables=variables,
        final={name: array[-1] for name, array in variables.items()},
        provenance=head.provenance,
        views=program.views,
        budgets=program.budgets,
        lava_own=head.lava_own,
    )
    return with_sums(recording, program)


def _check_header(table: Table, shapes: Shapes) -> Iterator[Diagnostic]:
    path, known = str(table.path), ", ".join(shapes)
    if table.header[0] != STEP:
        yield BadColumn(path, 1, table.header[0], "stands where `step` should", known)
    seen: set[tuple[str, Index]] = set()
    for column, name in enumerate(table.header[1:], start=2):
        reason = _why_no_element(name, shapes)
        if not reason:
            element = _element(name, shapes)
            reason = "is there twice" if element in seen else ""
            seen.add(element)
        if reason:
            yield BadColumn(path, column, name, reason, known)


def _why_no_element(name: str, shapes: Shapes) -> str:
    base, index = split_index(name)
    if base not in shapes:
        return "is not a variable of the program"
    shape = shapes[base]
    if index is None:
        return "" if math.prod(shape) == 1 else "lacks an index"
    if len(index) != len(shape) or any(
        i >= n for i, n in zip(index, shape, strict=True)
    ):
        return f"is outside the shape {shape}"
    return ""


def _element(name: str, shapes: Shapes) -> tuple[str, Index]:
    """Give name and index; of a single element, the index may be missing."""
    base, index = split_index(name)
    return base, tuple(0 for _ in shapes[base]) if index is None else index


def _check_rows(table: Table) -> Iterator[Diagnostic]:
    path = str(table.path)
    for step, row in enumerate(table.rows, start=1):
        line = table.first_line + step - 1
        if len(row) != len(table.header):
            reason = f"it has {len(row)} columns, the header {len(table.header)}"
            yield BadStep(path, line, reason)
            return
        if row[0].strip() != str(step):
            reason = f"it is step `{row[0].strip()}`, step {step} was expected"
            yield BadStep(path, line, reason)
            return
    if table.breaks_off and is_of_our_format(table.head):
        last = table.first_line + len(table.rows) - 1
        yield BadStep(path, last, "it breaks off: the last line has no end")


def _numbers(table: Table, provenance: Provenance) -> Array:
    stored = provenance.units == "stored"
    kind = "integer of 32 bit" if stored else "finite number"
    parse = _integer if stored else _real
    values: list[list[Number]] = []
    for line, row in enumerate(table.rows, start=table.first_line):
        parsed = [parse(cell) for cell in row[1:]]
        bad = next((k for k, value in enumerate(parsed) if value is None), None)
        if bad is not None:
            column, cell = table.header[bad + 1], row[bad + 1]
            raise LaharError(BadCell(str(table.path), line, column, cell, kind))
        values.append([value for value in parsed if value is not None])
    return np.array(values, np.int32 if stored else np.float64)


def _integer(cell: str) -> int | None:
    """Read an integer; other tools write 128 as 128.0."""
    number = _real(cell)
    if number is None or not number.is_integer():
        return None
    value = int(number)
    return value if -(2**31) <= value < 2**31 else None


def _real(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _gather(
    elements: Sequence[tuple[str, Index]], values: Array, shapes: Shapes
) -> dict[str, Array]:
    """Put the columns of complete variables together."""
    columns: dict[str, dict[Index, Array]] = {}
    for position, (base, index) in enumerate(elements):
        columns.setdefault(base, {})[index] = values[:, position]
    variables: dict[str, Array] = {}
    for base, of_index in columns.items():
        shape = shapes[base]
        if len(of_index) < math.prod(shape):
            for index, column in of_index.items():
                variables[f"{base}{show_index(index)}"] = column
            continue
        whole = np.empty((len(values), *shape), values.dtype)
        for index, column in of_index.items():
            place: tuple[slice | int, ...] = (slice(None), *index)
            whole[place] = column
        variables[base] = whole
    return variables
