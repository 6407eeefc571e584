"""Run a network in Brian2, in a process of its own: a float reference by others.

A Network and a stimulus (or a recording to replay) in, a Trajectory with the names of
the float reference out. The script that runs is the one that `lahar export --brian2`
writes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import (
    EXIT_MISSING_BACKEND,
    Diagnostic,
    LaharError,
    require_no_errors,
)
from ..rules.check import check_whole_network
from ..rules.network import Network
from .backend import Progress, Trajectory, silent
from .brian2_closed import closed_script
from .brian2_replay import open_script
from .brian2_script import Brian2Script
from .recording import Recording, unknown_variable
from .reference_names import reference_variables, synapse_variables
from .reference_run import ReferenceNeedsTimeStep, check_run
from .stimulus_needs import Stimulus

START_SECONDS = 120.0
SECONDS_PER_STEP = 0.05
SECONDS_PER_SYNAPSE_STEP = 1e-6
TRACEBACK_LINES = 15


@dataclass(frozen=True)
class Brian2IsMissing(Diagnostic):
    """The backend `brian2` needs Brian2, which is not installed here.

    It is an extra of lahar, because only those need it who compare with it.
    """

    code = "B510"
    title = "Brian2 is not installed"
    help = "install the extra: uv run --extra brian2, or pip install lahar[brian2]"
    exit_code = EXIT_MISSING_BACKEND


@dataclass(frozen=True)
class Brian2Failed(Diagnostic):
    """The Brian2 run ended without a result, or took too long and was stopped.

    The text is the end of what it said. Numbers that are not finite are no failure
    there, so a diverging rule shows in the values instead.
    """

    code = "B511"
    title = "Brian2 gave no result ({reason})"
    note = "the end of what it said:\n{said}"
    help = "save the script with `lahar export --brian2` and run it by hand"

    reason: str
    said: str


def brian2_script(
    network: Network,
    stimulus: Stimulus,
    steps: int,
    *,
    record: frozenset[str] = frozenset(),
    given: Recording | None = None,
    seed: int = 0,
) -> Brian2Script:
    """Write a network as a Brian2 script.

    Raises
    ------
    LaharError
        As `run_reference`, and S470 for what Brian2 code cannot say.

    """
    require_no_errors(check_whole_network(network))
    if network.dt_seconds is None:
        raise LaharError(ReferenceNeedsTimeStep(network.name))
    require_no_errors(check_run(network, stimulus, steps, given))
    if given is not None:
        return open_script(network, stimulus, steps, given, record)
    return closed_script(network, stimulus, steps, record, seed)


def run_brian2(
    network: Network,
    stimulus: Stimulus,
    steps: int,
    *,
    record: frozenset[str] = frozenset(),
    given: Recording | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Trajectory:
    """Run a network in Brian2 (the arguments are those of `run_reference`).

    Raises
    ------
    LaharError
        B510 if Brian2 is not installed, B511 if the run fails; else as
        `brian2_script`, and S420 for a name.

    """
    shapes = (reference_variables if given is None else synapse_variables)(network)
    unknown = sorted(record - shapes.keys())
    if unknown:
        raise LaharError(unknown_variable(n, tuple(shapes), "Brian2") for n in unknown)
    script = brian2_script(
        network, stimulus, steps, record=record, given=given, seed=seed
    )
    if find_spec("brian2") is None:
        raise LaharError(Brian2IsMissing())
    with _folder() as folder:
        write_script(script, folder / "network.py")
        synapses = sum(p.weights.size for p in network.projections)
        per_step = SECONDS_PER_STEP + SECONDS_PER_SYNAPSE_STEP * synapses
        _run(folder, START_SECONDS + steps * per_step)
        progress(steps)
        return _read(folder / "result.npz", network, shapes, record)


def write_script(script: Brian2Script, path: Path) -> None:
    """Write a script, and its arrays beside it."""
    np.savez_compressed(path.with_suffix(".npz"), **script.arrays)
    path.write_text(script.text, encoding="utf-8")


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lahar-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, limit: float) -> None:
    command = [sys.executable, "network.py", "--output", "result.npz"]
    # Brian2 leaves its logs in the folder for temporary files when it fails.
    own = {"TMPDIR": str(folder), "MPLBACKEND": "Agg"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **own},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = _last_lines(str(late.stderr or ""))
        raise LaharError(Brian2Failed(f"stopped after {limit:g} s", said)) from None
    if done.returncode or not (folder / "result.npz").exists():
        said = _last_lines(done.stderr)
        raise LaharError(Brian2Failed(f"exit code {done.returncode}", said))


def _last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[-TRACEBACK_LINES:]) or "nothing"


def _read(
    path: Path,
    network: Network,
    shapes: Mapping[str, tuple[int, ...]],
    record: frozenset[str],
) -> Trajectory:
    """Read what the script saved; a script knows only synapses that exist."""
    places = {p.name: p.is_connected for p in network.projections}
    with np.load(path, allow_pickle=False) as saved:
        kept = {key: saved[key] for key in saved.files}
    found: dict[str, dict[str, npt.NDArray[Any]]] = {"row": {}, "final": {}}
    for key, values in kept.items():
        kind, name = key.split(" ", 1)
        place = places[name.split(".")[0]] if _is_synaptic(name, shapes) else None
        found[kind][name] = _typed(name, _shaped(values, place))
    return Trajectory({n: found["row"][n] for n in record}, found["final"])


def _is_synaptic(name: str, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Tell whether a variable has a value for each synapse; counts are not listed."""
    return len(shapes.get(name, (0, 0))) == 2


def _shaped(
    values: npt.NDArray[Any], place: npt.NDArray[np.bool_] | None
) -> npt.NDArray[Any]:
    if place is None:
        return values
    whole = np.zeros((*values.shape[:-1], *place.shape))
    whole[..., place] = values
    return whole


def _typed(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.uint8 if name.endswith(".s_out") else np.float64)
