"""A recording from a table, as a chip elsewhere or another tool may write it.

    step,post.v[0],post.v[1],"synapse.weights[0,3]"
    1,0,37,120
    2,64,51,121

One row for each step from 1 on, one column for each neuron or synapse (post, pre);
names are those of the program. Where a table has all elements of a variable they make
an array, else each is a variable of its own and is compared with that element.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.program import Program
from ..hardware.variables import state_variables
from .recording import Array, Provenance, Recording, show_index, split_index

Number = int | float
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class TableUnreadable(Diagnostic):
    """A table could not be read.

    It is a CSV file with a header ``step,<name>[<index>],...``, for example
    ``step,post.v[0],post.v[1]``, and a row for each step from 1 on. Names are those of
    the program; a synapse is ``"synapse.weights[post,pre]"`` in quotes, or
    ``synapse.weights[post][pre]``.
    """

    code = "S440"
    title = "cannot read the table `{path}`: {reason}"
    note = "a table is CSV with a header `step,<name>[<index>],...`"
    help = "write one row for each step from 1 on"

    path: str
    reason: str


@dataclass(frozen=True)
class BadColumn(Diagnostic):
    """A column's name is not that of an element of the program's state."""

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
    """A cell of the table holds no number of the kind that is expected."""

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


def read_csv(path: Path, provenance: Provenance, program: Program) -> Recording:
    """Read a table of values; the number of rows becomes the number of steps.

    Raises
    ------
    LaharError
        S440 to S443 for what cannot be read or does not fit the program.

    """
    header, rows = _read_table(path)
    shapes = {v.name: v.shape for v in state_variables(program)}
    require_no_errors(_check_header(path, header, shapes))
    require_no_errors(_check_rows(path, header, rows))
    values = _numbers(path, header, rows, provenance)
    variables = _gather(header[1:], values, shapes)
    return Recording(
        variables=variables,
        final={name: array[-1] for name, array in variables.items()},
        provenance=replace(provenance, steps=len(rows)),
        views=program.views,
        budgets=program.budgets,
    )


def _read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = list(csv.reader(file))
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(TableUnreadable(str(path), reason)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise LaharError(TableUnreadable(str(path), str(error))) from None
    while table and not table[-1]:
        table.pop()
    if len(table) < 2 or not table[0]:
        raise LaharError(TableUnreadable(str(path), "it has no rows of values"))
    return [name.strip() for name in table[0]], table[1:]


def _check_header(
    path: Path, header: Sequence[str], shapes: Shapes
) -> Iterator[Diagnostic]:
    known = ", ".join(shapes)
    if header[0] != "step":
        yield BadColumn(str(path), 1, header[0], "stands where `step` should", known)
    seen: set[tuple[str, tuple[int, ...] | None]] = set()
    for column, name in enumerate(header[1:], start=2):
        reason = _why_no_element(name, shapes)
        if not reason and split_index(name) in seen:
            reason = "is there twice"
        seen.add(split_index(name))
        if reason:
            yield BadColumn(str(path), column, name, reason, known)


def _why_no_element(name: str, shapes: Shapes) -> str:
    base, index = split_index(name)
    if base not in shapes:
        return "is not a variable of the program"
    shape = shapes[base]
    if index is None:
        return "lacks an index"
    if len(index) != len(shape) or any(
        i >= n for i, n in zip(index, shape, strict=True)
    ):
        return f"is outside the shape {shape}"
    return ""


def _check_rows(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[Diagnostic]:
    for step, row in enumerate(rows, start=1):
        if len(row) != len(header):
            reason = f"it has {len(row)} columns, the header {len(header)}"
            yield BadStep(str(path), step + 1, reason)
            return
        if row[0].strip() != str(step):
            reason = f"it is step `{row[0].strip()}`, step {step} was expected"
            yield BadStep(str(path), step + 1, reason)
            return


def _numbers(
    path: Path,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    provenance: Provenance,
) -> Array:
    stored = provenance.units == "stored"
    kind = "integer of 32 bit" if stored else "finite number"
    parse = _integer if stored else _real
    table: list[list[Number]] = []
    for line, row in enumerate(rows, start=2):
        parsed = [parse(cell) for cell in row[1:]]
        bad = next((k for k, value in enumerate(parsed) if value is None), None)
        if bad is not None:
            column, cell = header[bad + 1], row[bad + 1]
            raise LaharError(BadCell(str(path), line, column, cell, kind))
        table.append([value for value in parsed if value is not None])
    return np.array(table, np.int32 if stored else np.float64)


def _integer(cell: str) -> int | None:
    try:
        value = int(cell)
    except ValueError:
        return None
    return value if -(2**31) <= value < 2**31 else None


def _real(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _gather(names: Sequence[str], values: Array, shapes: Shapes) -> dict[str, Array]:
    """Put the columns of complete variables together."""
    columns: dict[str, dict[tuple[int, ...], Array]] = {}
    for position, name in enumerate(names):
        base, index = split_index(name)
        assert index is not None, "the header was checked"
        columns.setdefault(base, {})[index] = values[:, position]
    variables: dict[str, Array] = {}
    for base, elements in columns.items():
        shape = shapes[base]
        if len(elements) < math.prod(shape):
            for index, column in elements.items():
                variables[f"{base}{show_index(index)}"] = column
            continue
        whole = np.empty((len(values), *shape), values.dtype)
        for index, column in elements.items():
            place: tuple[slice | int, ...] = (slice(None), *index)
            whole[place] = column
        variables[base] = whole
    return variables
