"""The text of a table: comments at its head, a header, rows of cells.

In: a CSV file, and names for its columns if it has no header of ours. Out: a Table
whose first column is the step; what the cells mean is recording_csv.py's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Diagnostic, LaharError

STEP = "step"
LEFT_OUT = "-"

Rows = list[list[str]]


@dataclass(frozen=True)
class TableUnreadable(Diagnostic):
    """A table could not be read.

    It is a CSV file with a header ``step,<name>[<index>],...``, for example
    ``step,post.v[0],post.v[1]``, and a row for each step from 1 on. Names are those of
    the program; a synapse is ``"synapse.weights[post,pre]"`` in quotes, or
    ``synapse.weights[post][pre]``. A table with another header, or none, is read with
    the names of its columns: ``lahar validate --trace file.csv --columns NAMES``.
    """

    code = "S440"
    title = "cannot read the table `{path}`: {reason}"
    note = "a table is CSV with a header `step,<name>[<index>],...`"
    help = "write one row for each step from 1 on, or name the columns with --columns"

    path: str
    reason: str


@dataclass(frozen=True)
class Table:
    """Cells as text.

    ``first_line`` is where the first row stands in the file; ``breaks_off`` tells that
    its last line has no end.
    """

    path: Path
    head: tuple[str, ...]
    header: list[str]
    rows: Rows
    first_line: int
    breaks_off: bool = False


def read_table(path: Path, columns: Sequence[str] = ()) -> Table:
    """Read a table; ``columns`` name its columns from the left, ``-`` leaves one out.

    Raises
    ------
    LaharError
        S440 for a file that is no table.

    """
    text = _read(path)
    lines = text.splitlines(keepends=True)
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        count += 1
    head = tuple(line.rstrip("\r\n") for line in lines[:count])
    rows = _cells(path, "".join(lines[count:]))
    if columns:
        return _with_columns(path, head, rows, columns)
    if len(rows) < 2 or not rows[0]:
        raise LaharError(TableUnreadable(str(path), "it has no rows of values"))
    header = [name.strip() for name in rows[0]]
    breaks_off = not text.endswith(("\n", "\r"))
    return Table(path, head, header, rows[1:], count + 2, breaks_off)


def _read(path: Path) -> str:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(TableUnreadable(str(path), reason)) from None
    except UnicodeDecodeError as error:
        raise LaharError(TableUnreadable(str(path), str(error))) from None


def _cells(path: Path, text: str) -> Rows:
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise LaharError(TableUnreadable(str(path), str(error))) from None
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _with_columns(
    path: Path, head: tuple[str, ...], rows: Rows, columns: Sequence[str]
) -> Table:
    """Take the columns that have a name, and count steps where none does."""
    skipped = 0 if rows and all(map(_is_number, rows[0])) else 1
    rows, first = rows[skipped:], len(head) + skipped + 1
    if not rows:
        raise LaharError(TableUnreadable(str(path), "it has no rows of values"))
    for line, row in enumerate(rows, start=first):
        if len(row) != len(columns):
            reason = f"line {line} has {len(row)} columns, {len(columns)} are named"
            raise LaharError(TableUnreadable(str(path), reason))
    kept = [k for k, n in enumerate(columns) if n not in (STEP, LEFT_OUT)]
    header = [STEP, *(columns[k] for k in kept)]
    steps = [str(n) for n in range(1, len(rows) + 1)]
    if STEP in columns:
        steps = [row[columns.index(STEP)] for row in rows]
    taken = [
        [step, *(row[k] for k in kept)] for step, row in zip(steps, rows, strict=True)
    ]
    return Table(path, head, header, taken, first)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
