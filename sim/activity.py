"""How often each neuron spiked in a run: what the cost of a step is counted from.

In: a recording of a Program. Out: its Activity, mean spikes a step of each neuron.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from ..hardware.activity import Activity
from ..hardware.program import FloatArray, Population, Program
from ..hardware.program_file import checksum
from .recording import Recording


@dataclass(frozen=True)
class RecordingOfAnotherProgram(Diagnostic):
    """Spikes were recorded of one program and are to be counted for another.

    A recording names the program that it is of by its checksum.
    """

    code = "S460"
    title = "the recording is of another program than `{program}`"
    note = "it was made of {found}, and this is {wanted} (checksums)"
    help = "run this program, and use that recording"

    program: str
    found: str
    wanted: str


def activity_of(recording: Recording, program: Program) -> Activity:
    """Count the spikes of every population.

    Raises
    ------
    LaharError
        S421 if the spikes of a population were not recorded, S460 if the recording is
        of another program.

    """
    found, wanted = recording.provenance.program_checksum, checksum(program)
    if found is not None and found != wanted:
        raise LaharError(RecordingOfAnotherProgram(program.name, found, wanted))
    rates = {p.name: _rate(recording, p) for p in program.populations}
    provenance = recording.provenance
    said = f"counted in {provenance.steps} steps on {provenance.backend}"
    return Activity(rates, said)


def _rate(recording: Recording, population: Population) -> FloatArray:
    spikes = np.asarray(recording[f"{population.name}.s_out"])
    sent = spikes.reshape(len(spikes), population.size) != 0
    return np.asarray(sent.mean(axis=0), dtype=np.float64)
