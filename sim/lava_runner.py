"""Run a LavaBundle on Lava's CPU backend, in a process of its own.

In: a bundle (compiler/lava/), its Program and a stimulus. Out: a Trajectory, as from
any backend. Lava is never imported here: a run that hangs or dies becomes a diagnostic
within its time limit.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import EXIT_MISSING_BACKEND, Diagnostic, LaharError
from ..hardware.lava_bundle import LavaBundle
from ..hardware.profile import Profile
from ..hardware.program import Program
from ..hardware.variables import VariableInfo, sink_buffers, state_variables
from .backend import Inputs, Progress, Trajectory, silent
from .lava_process_group import ProcessGroup

LAVA_PACKAGE = "lava-nc"
LAVA_VERSION = "0.10.0"

POLL_SECONDS = 0.1
FAREWELL_SECONDS = 5.0  # what a child may take to end after its last word
TRACEBACK_LINES = 15

START_SECONDS = 120.0
SECONDS_PER_STEP = 0.1
SECONDS_PER_PROCESS_STEP = 0.005  # they take turns on few cores
SECONDS_PER_SYNAPSE_STEP = 2e-6

ENVIRONMENT = {
    # The arrays of a step are too small for threads, and Lava has many processes.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore",
    # Its own folder, where it starts. Relative, because multiprocessing puts a socket
    # there, and a socket's path has room for 107 bytes.
    "TMPDIR": os.curdir,
}


@dataclass(frozen=True)
class LavaIsMissing(Diagnostic):
    """The backend `lava` needs Intel's Lava, which is not installed here.

    Its last release, 0.10, declares Python 3.8 to 3.10; lahar installs it there by
    itself. On a newer Python everything else of lahar works; results can be compared
    with a recording that was made with Lava elsewhere.
    """

    code = "B501"
    title = "Lava is not installed"
    note = "the backend `lava` needs {package} {version}, which runs on Python 3.10"
    help = "install {package}=={version} on Python 3.10, or use the backend `sim`"
    exit_code = EXIT_MISSING_BACKEND

    package: str = LAVA_PACKAGE
    version: str = LAVA_VERSION


@dataclass(frozen=True)
class LavaIsOfAnotherVersion(Diagnostic):
    """Lava is installed in a version whose arithmetic nobody has compared.

    "Bit for bit as Lava" means Lava 0.10.0: another version may round otherwise.
    """

    code = "B502"
    title = "Lava {found} is installed, not {version}"
    note = "the profile lava-0.10 is the arithmetic of {package} {version}"
    help = "install {package}=={version}"
    exit_code = EXIT_MISSING_BACKEND

    found: str
    package: str = LAVA_PACKAGE
    version: str = LAVA_VERSION


@dataclass(frozen=True)
class LavaHasOneProfile(Diagnostic):
    """Lava computes with its own arithmetic, whatever profile is asked for.

    Lava's fixed-point models are one arithmetic, bit for bit; the backends sim and
    interpreter compute any profile.
    """

    code = "B503"
    title = "Lava cannot compute with the profile `{asked}`"
    note = "the backend `lava` has one arithmetic: the profile `{known}`"
    help = "ask for the profile `{known}`, or use the backend `sim`"

    asked: str
    known: str


@dataclass(frozen=True)
class LavaTookTooLong(Diagnostic):
    """Lava was stopped because it did not end within its time limit.

    All its processes were ended and its shared memory was given back.
    """

    code = "B504"
    title = "Lava did not end within {limit:g} s"
    note = "it had done {done} of {steps} steps"
    help = "run fewer steps, or give a longer time_limit_s"

    limit: float
    done: int
    steps: int


@dataclass(frozen=True)
class LavaDied(Diagnostic):
    """A process of the Lava run failed or was killed; the run has no result.

    The text is the end of what it said. All its processes were ended and its shared
    memory was given back.
    """

    code = "B505"
    title = "Lava failed after {done} of {steps} steps (exit code {exit_code_of_run})"
    note = "the end of what it said:\n{said}"
    help = "if it was killed, look at the memory it needs; otherwise please report it"

    done: int
    steps: int
    exit_code_of_run: int
    said: str


def run_bundle(
    bundle: LavaBundle,
    program: Program,
    inputs: Inputs,
    steps: int,
    *,
    profile: Profile,
    record: frozenset[str],
    seed: int,
    progress: Progress = silent,
    time_limit_s: float | None = None,
) -> Trajectory:
    """Run the Program that a bundle was made of (sim/backend.py has the contract).

    Raises
    ------
    LaharError
        B501 to B505: Lava is missing, computes otherwise, takes too long, or dies.

    """
    _require_lava(bundle, profile)
    limit = time_limit(program, steps) if time_limit_s is None else time_limit_s
    with _folder() as folder:
        _write_files(folder, bundle)
        _write_arrays(folder, bundle, inputs, steps)
        _write_settings(folder, program, steps, record, seed)
        _run_child(folder, folder / bundle.entry, steps, limit, progress)
        return _read_result(folder, bundle, program, steps, record)


def time_limit(program: Program, steps: int) -> float:
    """Give the time after which a run is taken to hang, many times what it needs."""
    synapses = sum(c.weights.size for c in program.connections)
    processes = len(program.populations) + len(program.connections)
    per_step = SECONDS_PER_STEP + SECONDS_PER_PROCESS_STEP * processes
    per_step += SECONDS_PER_SYNAPSE_STEP * synapses
    return START_SECONDS + steps * per_step


def _require_lava(bundle: LavaBundle, profile: Profile) -> None:
    if profile != bundle.profile:
        raise LaharError(LavaHasOneProfile(profile.name, bundle.profile.name))
    try:
        found = metadata.version(LAVA_PACKAGE)
    except metadata.PackageNotFoundError:
        raise LaharError(LavaIsMissing()) from None
    if found != LAVA_VERSION:
        raise LaharError(LavaIsOfAnotherVersion(found))


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lahar-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_files(folder: Path, bundle: LavaBundle) -> None:
    for name, text in bundle.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _write_arrays(folder: Path, bundle: LavaBundle, inputs: Inputs, steps: int) -> None:
    arrays: dict[str, npt.NDArray[Any]] = dict(bundle.arrays)
    # A ring buffer has time as its last axis.
    for name, key in bundle.spikes.items():
        arrays[key] = inputs.spikes[name][:steps].T
    for port, key in bundle.ports.items():
        arrays[key] = inputs.ports[port][:steps].T
    whole = {key: np.ascontiguousarray(a, np.int32) for key, a in arrays.items()}
    np.savez(folder / "arrays.npz", **whole)


def _write_settings(
    folder: Path, program: Program, steps: int, record: frozenset[str], seed: int
) -> None:
    settings = {
        "steps": steps,
        "seed": seed,
        "record": sorted(record),
        "types": {v.name: v.dtype for v in _everything(program)},
    }
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")


def _run_child(
    folder: Path, script: Path, steps: int, limit: float, progress: Progress
) -> None:
    """Wait for a result while telling how far it is; end the child in any case."""
    deadline = time.monotonic() + limit
    done = 0
    with ProcessGroup(script, folder, ENVIRONMENT) as child:
        while (code := child.wait(POLL_SECONDS)) is None:
            now = _steps_done(folder)
            if now > done:
                progress(now - done)
                done = now
            if _has_result(folder):
                child.wait(FAREWELL_SECONDS)
                break
            if time.monotonic() > deadline:
                raise LaharError(LavaTookTooLong(limit, done, steps))
        if not _has_result(folder):
            said = _last_words(folder)
            raise LaharError(LavaDied(_steps_done(folder), steps, code or 0, said))
    if steps > done:
        progress(steps - done)


def _steps_done(folder: Path) -> int:
    try:
        return int.from_bytes((folder / "progress").read_bytes(), "little")
    except FileNotFoundError:
        return 0


def _has_result(folder: Path) -> bool:
    return (folder / "result.npz").exists()


def _last_words(folder: Path) -> str:
    for name in ("failure.txt", "stderr.txt"):
        path = folder / name
        text = path.read_text(errors="replace") if path.exists() else ""
        if text.strip():
            return "\n".join(text.splitlines()[-TRACEBACK_LINES:])
    return "nothing"


def _everything(program: Program) -> tuple[VariableInfo, ...]:
    return (*state_variables(program), *sink_buffers(program))


def _read_result(
    folder: Path,
    bundle: LavaBundle,
    program: Program,
    steps: int,
    record: frozenset[str],
) -> Trajectory:
    """Read what the recorder wrote, and put beside it what no process holds.

    Lava's processes here are flat; what a Program's recording shows need not be.
    """
    rows: dict[str, npt.NDArray[Any]] = {}
    final: dict[str, npt.NDArray[Any]] = {}
    with np.load(folder / "result.npz", allow_pickle=False) as result:
        for v in _everything(program):
            constant = bundle.constants.get(v.name)
            last = result[f"final {v.name}"] if constant is None else constant
            final[v.name] = last.reshape(v.shape).astype(v.dtype)
            if v.name in record and constant is None:
                rows[v.name] = result[f"row {v.name}"].reshape((steps, *v.shape))
            elif v.name in record:
                rows[v.name] = np.repeat(final[v.name][None], steps, axis=0)
    return Trajectory(rows, final)
