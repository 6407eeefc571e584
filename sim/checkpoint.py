"""A run in the middle, in one file: all state, and which run it belongs to.

    512 bytes    "lahar-checkpoint", version, size, SHA-256 of the rest
    the rest     a .npz: banks of the machine, and JSON that says what they are

Written whole or not at all, and verified before anything of it is used, so that a run
that was killed at any instant goes on from the last one that is there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..atomic_file import replacing
from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .machine_state import MachineState

MAGIC = b"lahar-checkpoint "
VERSION = 1
HEADER = 512
_BLOCK = 1 << 20


@dataclass(frozen=True)
class CannotWriteCheckpoint(Diagnostic):
    """A checkpoint could not be written: no permission, or a full disk.

    The one before it is still whole, so the run can be resumed from there.
    """

    code = "S480"
    title = "cannot write the checkpoint `{path}`: {reason}"
    note = "the checkpoint before it is still whole"
    help = "make room, then go on from it: --resume {path}"

    path: str
    reason: str


@dataclass(frozen=True)
class CannotReadCheckpoint(Diagnostic):
    """A checkpoint is missing, may not be read, or is something else.

    `lahar run --checkpoint EVERY -o rec.h5` keeps one beside the recording, and takes
    it away when the run is complete.
    """

    code = "S481"
    title = "cannot resume from `{path}`: {reason}"
    note = "a checkpoint is kept as `<recording>.checkpoint` until its run is complete"
    help = "check the path, or start the run anew: leave --resume out"

    path: str
    reason: str


@dataclass(frozen=True)
class CheckpointIsDamaged(Diagnostic):
    """A checkpoint was cut short or changed after it was written.

    A run that is killed leaves no such file, since each takes its name when it is
    whole; a copy that broke off may.
    """

    code = "S482"
    title = "the checkpoint `{path}` is damaged: {reason}"
    note = "nothing of it was used"
    help = "copy it again, or start the run anew: leave --resume out"

    path: str
    reason: str


@dataclass(frozen=True)
class CheckpointOfAnotherRun(Diagnostic):
    """A checkpoint goes on with the run that wrote it, and with no other.

    Program, profile, seed, stimulus, number of steps and what is recorded have to be
    those of the run that was stopped, and lahar the one that wrote it; else what comes
    out would be neither the one run nor the other.
    """

    code = "S483"
    title = "the checkpoint `{path}` is of another run: its {what} is {there}"
    note = "of this run it is {here}"
    help = "resume with the program and the options that the run was started with"

    path: str
    what: str
    there: str
    here: str


@dataclass(frozen=True)
class RunKey:
    """What makes two runs the same run; ``engine`` is the fingerprint of a machine."""

    program: str
    profile: str
    seed: int
    stimulus: str
    steps: int
    recorded: str
    engine: str


def write_checkpoint(path: Path, key: RunKey, state: MachineState) -> None:
    """Write a checkpoint, whole or not at all.

    Raises
    ------
    LaharError
        S480 if the file cannot be written.

    """
    about = {
        "key": asdict(key),
        "steps_done": state.steps_done,
        "numbers": state.numbers,
    }
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    banks = {f"bank.{name}": cells for name, cells in state.banks.items()}
    try:
        with replacing(path) as temporary:
            with temporary.open("r+b") as file:
                file.write(bytes(HEADER))
                np.savez(file, about=text, **banks)
            _seal(temporary)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotWriteCheckpoint(str(path), reason)) from None


def _seal(path: Path) -> None:
    header = _header(path.stat().st_size, _checksum(path))
    with path.open("r+b") as file:
        file.write(header)


def _header(size: int, checksum: str) -> bytes:
    text = MAGIC + f"{VERSION}\nsize {size}\nsha256 {checksum}\n".encode()
    return text.ljust(HEADER, b"\n")


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(HEADER)
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def read_checkpoint(path: Path, key: RunKey) -> MachineState:
    """Read the state that a run goes on from, verifying all of it.

    Raises
    ------
    LaharError
        S481 to S483 for a file that is missing, something else, damaged, or of
        another run.

    """
    try:
        _verify(path)
        about, banks = _content(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotReadCheckpoint(str(path), reason)) from None
    require_no_errors(_differences(str(path), about["key"], asdict(key)))
    return MachineState(about["steps_done"], banks, about["numbers"])


def _verify(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(HEADER)
    if not header.startswith(MAGIC):
        raise LaharError(CannotReadCheckpoint(str(path), "it is no checkpoint"))
    lines = header[len(MAGIC) :].decode("ascii", "replace").split("\n")
    if lines[0] != str(VERSION):
        reason = f"it has format version {lines[0][:20]}, this lahar reads {VERSION}"
        raise LaharError(CannotReadCheckpoint(str(path), reason))
    size = path.stat().st_size
    if lines[1:2] != [f"size {size}"]:
        reason = f"it has {size} bytes, its header says `{''.join(lines[1:2])}`"
        raise LaharError(CheckpointIsDamaged(str(path), reason))
    if header != _header(size, _checksum(path)):
        reason = "its checksum does not match"
        raise LaharError(CheckpointIsDamaged(str(path), reason))


def _content(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with path.open("rb") as file:
            file.seek(HEADER)
            with np.load(file, allow_pickle=False) as arrays:
                about = json.loads(arrays["about"].tobytes())
                names = [n for n in arrays.files if n.startswith("bank.")]
                return about, {n.removeprefix("bank."): arrays[n] for n in names}
    except (BadZipFile, KeyError, ValueError) as error:
        reason = f"its content is not a checkpoint ({error})"
        raise LaharError(CheckpointIsDamaged(str(path), reason)) from None


def _differences(
    path: str, there: Mapping[str, object], here: Mapping[str, object]
) -> Iterator[Diagnostic]:
    for what, value in here.items():
        if there.get(what) != value:
            stored = str(there.get(what))
            yield CheckpointOfAnotherRun(path, what, stored, str(value))
