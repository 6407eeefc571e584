"""A recording from a .npz file, as an exported program writes it.

    head               the lines that a table has at its head, as UTF-8
    row <variable>     (steps, ...)
    final <variable>   the value after the last step

Names, shapes and types are the program's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.program import Program
from ..hardware.variables import sink_buffers, state_variables
from .array_file import ArraysUnreadableError, read_arrays
from .recording import Array, Provenance, Recording
from .summed_weights import with_sums
from .trace_head import TraceHead, read_head

HEAD = "head"
ROW, FINAL = "row ", "final "

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class TraceFileUnreadable(Diagnostic):
    """A trace in a .npz file is missing, damaged, or something else.

    A script of ``lahar export`` writes one: an array ``row <variable>`` of every
    recorded variable, ``final <variable>`` of its last value, and a ``head``.
    """

    code = "S447"
    title = "cannot read the trace `{path}`: {reason}"
    note = "a trace is a .npz with arrays `row <variable>` and `final <variable>`"
    help = "copy or record it again"

    path: str
    reason: str


@dataclass(frozen=True)
class TraceDoesNotFit(Diagnostic):
    """An array of a trace is of another variable, shape or type than the program's.

    It may have been recorded of another program, of fewer neurons, or as floating
    point.
    """

    code = "S448"
    title = "`{path}`: `{name}` {problem}"
    note = "the program has: {known}"
    help = "record the program that the trace is compared with"

    path: str
    name: str
    problem: str
    known: str


def read_npz(path: Path, provenance: Provenance, program: Program) -> Recording:
    """Read a trace; its rows are the steps.

    Raises
    ------
    LaharError
        S444 to S448 for what cannot be read or does not fit the program.

    """
    try:
        arrays = read_arrays(path)
    except ArraysUnreadableError as error:
        raise LaharError(TraceFileUnreadable(str(path), str(error))) from None
    rows = _named(arrays, ROW)
    if not rows:
        raise LaharError(TraceFileUnreadable(str(path), "it has no rows of values"))
    steps = max(len(np.atleast_1d(values)) for values in rows.values())
    head = _read_head(path, arrays, provenance, steps)
    final = _named(arrays, FINAL)
    require_no_errors(_check(path, program, head, rows, final))
    last = {name: values[-1] for name, values in rows.items()}
    recording = Recording(
        variables=rows,
        final={**last, **final},
        provenance=head.provenance,
        views=program.views,
        budgets=program.budgets,
        lava_own=head.lava_own,
    )
    return with_sums(recording, program)


def _named(arrays: Arrays, kind: str) -> dict[str, Array]:
    return {k.removeprefix(kind): a for k, a in arrays.items() if k.startswith(kind)}


def _read_head(
    path: Path, arrays: Arrays, provenance: Provenance, steps: int
) -> TraceHead:
    try:
        text = np.asarray(arrays.get(HEAD, ()), np.uint8).tobytes().decode()
    except (TypeError, ValueError) as error:  # also UnicodeDecodeError
        raise LaharError(TraceFileUnreadable(str(path), str(error))) from None
    return read_head(path, text.splitlines(), provenance, steps)


def _check(
    path: Path, program: Program, head: TraceHead, rows: Arrays, final: Arrays
) -> Iterator[Diagnostic]:
    steps = head.provenance.steps
    shapes = {v.name: v.shape for v in state_variables(program)}
    for name, values in rows.items():
        yield from _fits(path, name, values, steps, shapes)
    shapes |= {v.name: v.shape for v in sink_buffers(program)}
    for name, values in final.items():
        yield from _fits(path, name, values[None], 1, shapes)


def _fits(
    path: Path,
    name: str,
    values: Array,
    steps: int,
    shapes: Mapping[str, tuple[int, ...]],
) -> Iterator[Diagnostic]:
    known = ", ".join(shapes)
    if name not in shapes:
        problem = "is not a variable of the program"
        yield TraceDoesNotFit(str(path), name, problem, known)
    elif values.shape != (steps, *shapes[name]):
        problem = f"has shape {values.shape}, not {(steps, *shapes[name])}"
        yield TraceDoesNotFit(str(path), name, problem, known)
    elif values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        yield TraceDoesNotFit(str(path), name, "holds what is no number", known)
