"""A recording made elsewhere: read by the kind of its file, and what it was driven by.

In: a path and the program that was recorded. Out: a Recording that is compared like
any other, and the stimulus, if the trace holds all of it. docs/traces.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from ..hardware.program import Program
from .recording import Provenance, Recording, load_recording
from .recording_csv import read_csv
from .stimulus_needs import Stimulus
from .trace_arrays import read_npz


@dataclass(frozen=True)
class ColumnsAreForTables(Diagnostic):
    """Names of columns were given for a file that names its values itself.

    Files of numpy and HDF5 and tables with our header say themselves what each
    value is.
    """

    code = "S449"
    title = "`{path}` is no table: its values have names"
    note = "--columns names the columns of a .csv without a header of ours"
    help = "leave --columns out"

    path: str


def load_trace(
    path: str | Path, program: Program, columns: Sequence[str] = ()
) -> Recording:
    """Read a trace: a .csv table, the .npz of an exported program, or a recording.

    ``columns`` name the columns of a table that has no header of ours, from the left:
    ``post.v[3]``, ``step``, or ``-`` for one to leave out.

    Raises
    ------
    LaharError
        S431 to S434 and S440 to S449 for what cannot be read or does not fit.

    """
    path = Path(path)
    kind = path.suffix.lower()
    if columns and kind in (".npz", ".h5", ".hdf5"):
        raise LaharError(ColumnsAreForTables(str(path)))
    unknown = Provenance(backend=path.name, steps=0, dt_seconds=program.dt_seconds)
    if kind == ".csv" or columns:
        return read_csv(path, unknown, program, columns)
    if kind == ".npz":
        return read_npz(path, unknown, program)
    return load_recording(path)


def stimulus_of(trace: Recording, program: Program) -> Stimulus | None:
    """Give the spikes of all inputs from a trace; None if it lacks any, or modulators.

    A modulator reaches a neuron quantised, and is not a variable of a recording.
    """
    names = {p.name: f"{p.name}.s_out" for p in program.inputs}
    if program.modulators or not all(n in trace.variables for n in names.values()):
        return None
    steps = trace.provenance.steps
    return Stimulus(
        {
            population: np.asarray(trace.variables[name]).reshape(steps, -1)
            for population, name in names.items()
        }
    )
