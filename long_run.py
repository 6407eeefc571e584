"""A run to a file: its memory does not grow with its length, and it survives a kill.

A Program and what it is driven by in; a recording file out, row by row as the run goes
on. With checkpoints, a run that was killed at any instant is resumed from the last
whole one, and ends in the bits that it would have ended in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from .diagnostics import Diagnostic, LaharError
from .finished_run import FinishedRun
from .hardware.program import Program
from .hardware.variables import state_variables
from .hardware.weight_sums import sums_of, variable_of, variables_summed
from .live import start_machine
from .running import StepsOutOfRange, StimulusLike, choose_profile, origin_of
from .sim.backend import Machine, Progress, silent, variables_at_the_end
from .sim.checkpoint import RunKey, read_checkpoint, write_checkpoint
from .sim.kernels import KernelMachine
from .sim.machine_state import MachineState
from .sim.recording import (
    Array,
    Provenance,
    Recording,
    RowBlocks,
    checksum_of,
    resolve_record,
    wanted_record,
)
from .sim.recording_file import CannotWriteRecording, write_in_blocks
from .sim.spool import Rows, Spool
from .sim.stimulus import prepare
from .stimulus_parts import PartsOfStimulus, pieces


@dataclass(frozen=True)
class NoCheckpointsThere(Diagnostic):
    """Only the backend sim writes its state to a checkpoint.

    The interpreter and the reference are for short runs; Lava ends with its process.
    """

    code = "U932"
    title = "backend `{backend}` writes no checkpoints"
    help = "use the backend sim, or leave --checkpoint and --resume out"

    backend: str


@dataclass(frozen=True)
class RowsAreGone(Diagnostic):
    """What was recorded before a checkpoint is not there any more.

    Rows wait in a folder beside the recording until the run is complete. Without them
    the recording would have a gap.
    """

    code = "U933"
    title = "`{folder}` lacks rows that were recorded before step {step}"
    note = "the checkpoint is whole; what was recorded up to it is not"
    help = "start the run anew: leave --resume out"

    folder: str
    step: int


def checkpoint_of(output: Path) -> Path:
    """Name the checkpoint that is kept beside a recording until it is complete."""
    return output.with_name(f"{output.name}.checkpoint")


def rows_of(output: Path) -> Path:
    """Name the folder in which rows wait until the recording is complete."""
    return output.with_name(f"{output.name}.rows")


class RunToFile:
    """A run under way, its rows on disk, and where its checkpoints go."""

    def __init__(
        self,
        program: Program,
        machine: Machine,
        parts: PartsOfStimulus,
        record: frozenset[str],
        output: Path,
    ) -> None:
        self.program, self.machine, self.parts = program, machine, parts
        self.record, self.output = record, output
        rows = dict(recorded_rows(program, record))
        self.spool = Spool(rows_of(output), rows)
        self._step_bytes = sum(r.row_bytes for r in rows.values()) + parts.row_bytes

    def start_anew(self) -> None:
        """Forget what an earlier run to the same file left behind."""
        checkpoint_of(self.output).unlink(missing_ok=True)
        self.spool.cut(0)

    def go_on(self, stop: int, progress: Progress) -> None:
        """Run up to a step, and keep what is recorded."""
        for start, count in pieces(self.machine.steps_done, stop, self._step_bytes):
            inputs = prepare(self.program, self.parts.part(start, count), count)
            rows = self.machine.run(inputs, count, self.record, progress)
            rows.update(sums_of(self.program, rows))
            self.spool.append(rows, count)

    def blocks(self) -> dict[str, RowBlocks]:
        """Give what was recorded, block by block."""
        return {
            name: RowBlocks(
                (self.spool.steps, *rows.shape),
                np.dtype(rows.dtype),
                partial(self.spool.blocks, name),
            )
            for name, rows in self.spool.variables.items()
        }

    def complete(self, origin: Provenance) -> FinishedRun:
        """Write the recording, then take away what waited for it."""
        blocks, final = self.blocks(), self.final()
        recording = Recording(
            {}, final, origin, self.program.views, self.program.budgets
        )
        write_in_blocks(recording, blocks, self.output)
        done = FinishedRun(
            origin, tuple(blocks), checksum_of(blocks, final), _spikes(blocks), final
        )
        checkpoint_of(self.output).unlink(missing_ok=True)
        self.spool.remove()
        return done

    def final(self) -> dict[str, Array]:
        """Give what all variables hold at the end."""
        ends = variables_at_the_end(self.program)
        values = {v.name: self.machine.read(v) for v in ends}
        return {**values, **dict(sums_of(self.program, values))}


def _spikes(variables: Mapping[str, RowBlocks]) -> dict[str, float]:
    """Count the spikes of a mean neuron of each population."""
    return {
        name.removesuffix(".s_out"): sum(
            float(np.asarray(block, float).sum()) for block in rows.blocks()
        )
        / math.prod(rows.shape[1:])
        for name, rows in variables.items()
        if name.endswith(".s_out")
    }


def recorded_rows(
    program: Program, record: frozenset[str]
) -> Iterator[tuple[str, Rows]]:
    """Say how each recorded variable lies in its file; sums of weights come last."""
    shapes = {v.name: v.shape for v in state_variables(program)}
    for variable in state_variables(program):
        if variable.name in record:
            yield variable.name, Rows(variable.shape, variable.dtype)
    for weight_sum in program.sums:
        parts = variables_summed(weight_sum)
        if record.issuperset(parts):
            yield variable_of(weight_sum), Rows(shapes[parts[0]], "int32")


def run_to_file(
    program: Program,
    stimulus: StimulusLike = None,
    steps: int = 1000,
    backend: str = "sim",
    profile: str | None = None,
    record: str | Sequence[str] | None = "default",
    seed: int = 0,
    *,
    output: Path,
    checkpoint_every: int | None = None,
    resume: Path | None = None,
    progress: Progress = silent,
) -> FinishedRun:
    """Run a Program and write its recording to a file.

    Parameters
    ----------
    program, stimulus, steps, profile, record, seed, progress
        As for `lahar.run`.
    backend
        ``sim`` or ``interpreter``; checkpoints are for ``sim``.
    output
        The recording; rows and checkpoint wait beside it until it is complete.
    checkpoint_every
        Steps between checkpoints; None: none.
    resume
        The checkpoint to go on from; all else has to be as it was.

    Raises
    ------
    LaharError
        S480 to S483 for checkpoints, U932, U933; else as `lahar.run`.

    """
    if steps < 1:
        raise LaharError(StepsOutOfRange(steps))
    if output.exists() and not output.is_file():  # said before hours of a run
        reason = f"{output} is not a regular file"
        raise LaharError(CannotWriteRecording(str(output), reason))
    arithmetic = choose_profile(program, profile, backend)
    names = resolve_record(program, wanted_record(program, record))
    parts = PartsOfStimulus(program, stimulus, steps, seed)
    machine = start_machine(backend, program, arithmetic, seed)
    origin = replace(
        origin_of(backend, program, seed),
        profile=arithmetic.name,
        steps=steps,
        stimulus_checksum=parts.checksum(),
    )
    kept = checkpoint_every is not None or resume is not None
    # refused before anything is written
    checkpoints = _checkpoints(machine, origin, names, output) if kept else None
    state = checkpoints.read(resume) if checkpoints and resume else None
    run = None
    try:
        run = RunToFile(program, machine, parts, names, output)
        if state is None:
            run.start_anew()
        if checkpoints is None:
            run.go_on(steps, progress)
        else:
            if state is not None:
                checkpoints.go_back(run, state)
                progress(state.steps_done)
            checkpoints.run(run, steps, checkpoint_every or steps, progress)
        return run.complete(origin)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotWriteRecording(str(output), reason)) from None
    finally:
        if run is not None and not kept:
            run.spool.remove()


class Checkpoints:
    """Stops a run now and then, to write all of it down."""

    def __init__(self, machine: KernelMachine, key: RunKey, path: Path) -> None:
        self._machine, self._key, self._path = machine, key, path

    def read(self, path: Path) -> MachineState:
        """Read a checkpoint of this run."""
        return read_checkpoint(path, self._key)

    def go_back(self, run: RunToFile, state: MachineState) -> None:
        """Take up the run where a checkpoint was written."""
        if not run.spool.cut(state.steps_done):
            raise LaharError(RowsAreGone(str(run.spool.folder), state.steps_done))
        self._machine.restore(state)

    def run(self, run: RunToFile, steps: int, every: int, progress: Progress) -> None:
        """Run to the end, with a checkpoint after each so many steps."""
        while self._machine.steps_done < steps:
            run.go_on(min(self._machine.steps_done + every, steps), progress)
            # rows first: a checkpoint says that all before it are there
            run.spool.reach_the_disk()
            write_checkpoint(self._path, self._key, self._machine.state())


def _checkpoints(
    machine: Machine, origin: Provenance, record: frozenset[str], output: Path
) -> Checkpoints:
    if not isinstance(machine, KernelMachine):
        raise LaharError(NoCheckpointsThere(origin.backend))
    key = RunKey(
        program=origin.program_checksum or "",
        profile=origin.profile or "",
        seed=origin.seed or 0,
        stimulus=origin.stimulus_checksum or "",
        steps=origin.steps,
        recorded=", ".join(sorted(record)),
        engine=machine.fingerprint,
    )
    return Checkpoints(machine, key, checkpoint_of(output))
