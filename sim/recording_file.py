"""A recording in one HDF5 file that is verified before HDF5 reads any of it.

    user block, 512 bytes    "lahar-recording", version, size, SHA-256 of the rest
    /metadata                provenance, views, budgets as JSON
    /variables/<name>        (steps, ...), chunked and compressed where large
    /final/<name>            values after the last step

Any HDF5 tool reads it; the user block is where the format keeps room for others.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import cattrs
import h5py
import numpy as np

from ..atomic_file import replacing
from ..diagnostics import Diagnostic, LaharError
from ..hardware.budget import Budget
from ..hardware.program import View
from .recording import Array, Provenance, Recording, RowBlocks

MAGIC = b"lahar-recording "
VERSION = 1
USER_BLOCK = 512  # the smallest that HDF5 allows
LARGE_BYTES = 1 << 16  # below this, chunks cost more than they save
_BLOCK = 1 << 20

_converter = cattrs.Converter(detailed_validation=False, forbid_extra_keys=True)


@dataclass(frozen=True)
class CannotWriteRecording(Diagnostic):
    """A recording could not be written: no such folder, no permission, a full disk.

    A file that was there before is still whole.
    """

    code = "S430"
    title = "cannot write `{path}`: {reason}"
    note = "nothing was written"
    help = "choose another path"

    path: str
    reason: str


@dataclass(frozen=True)
class CannotReadRecording(Diagnostic):
    """A recording file could not be read at all.

    It is not there, is a folder, or may not be read by you. Its content was not
    looked at.
    """

    code = "S431"
    title = "cannot read `{path}`: {reason}"
    help = "check the path"

    path: str
    reason: str


@dataclass(frozen=True)
class NotARecording(Diagnostic):
    """The file is something else than a recording of lahar.

    Values that another tool wrote come in as a table: see `lahar explain S440`.
    """

    code = "S432"
    title = "`{path}` is not a recording"
    note = "a recording is an HDF5 file that begins with `lahar-recording`"
    help = "make one with `lahar run ... -o rec.h5`, or import a CSV table"

    path: str


@dataclass(frozen=True)
class RecordingIsDamaged(Diagnostic):
    """A recording file is cut short or was changed after it was written.

    A run that was stopped while it wrote leaves no such file; a copy that broke off
    may.
    """

    code = "S433"
    title = "`{path}` is damaged: {reason}"
    note = "nothing of it was used"
    help = "copy or record it again"

    path: str
    reason: str


@dataclass(frozen=True)
class UnknownRecordingVersion(Diagnostic):
    """The file was written by a lahar with another recording format.

    What another format means is not guessed, so nothing of it was used.
    """

    code = "S434"
    title = "`{path}` has format version {version}; this lahar reads version {known}"
    help = "use the lahar that wrote it, or record it again"

    path: str
    version: str
    known: int


def write_recording(recording: Recording, path: Path) -> None:
    """Write a recording, whole or not at all.

    Raises
    ------
    LaharError
        S430 if the file cannot be written.

    """
    content = _content(recording)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotWriteRecording(str(path), reason)) from None


def _content(recording: Recording) -> bytes:
    """Make the whole file in memory: HDF5 itself does not survive a full disk."""
    memory = io.BytesIO()
    with h5py.File(memory, "w", userblock_size=USER_BLOCK) as file:
        file["metadata"] = _metadata(recording)
        _write_arrays(file.create_group("variables"), recording.variables)
        _write_arrays(file.create_group("final"), recording.final)
    return sealed(memory.getvalue())


def _metadata(recording: Recording) -> Array:
    metadata = {
        "provenance": asdict(recording.provenance),
        "views": [asdict(v) for v in recording.views],
        "budgets": [asdict(b) for b in recording.budgets],
        "lava_own": sorted(recording.lava_own),
        "not_kept": list(recording.not_kept),
    }
    return np.frombuffer(json.dumps(metadata).encode(), np.uint8)


def write_in_blocks(
    recording: Recording, variables: Mapping[str, RowBlocks], path: Path
) -> None:
    """Write a recording whose variables come in blocks, whole or not at all.

    Raises
    ------
    LaharError
        S430 if the file cannot be written, or the disk may not have the room.

    """
    try:
        with replacing(path) as temporary:
            _require_room(temporary, variables)
            with h5py.File(temporary, "w", userblock_size=USER_BLOCK) as file:
                file["metadata"] = _metadata(recording)
                _write_blocks(file.create_group("variables"), variables)
                _write_arrays(file.create_group("final"), recording.final)
            with temporary.open("r+b") as raw:
                raw.write(_header(temporary.stat().st_size, _checksum(temporary)))
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotWriteRecording(str(path), reason)) from None


def _require_room(path: Path, variables: Mapping[str, RowBlocks]) -> None:
    """Refuse before HDF5 would fail: it does not survive a full disk."""
    wanted = sum(math.prod(r.shape) * r.dtype.itemsize for r in variables.values())
    free = shutil.disk_usage(path.parent).free
    if free < wanted:
        raise OSError(f"it may need {wanted:,} bytes, and the disk has {free:,}")


def _write_blocks(group: Any, variables: Mapping[str, RowBlocks]) -> None:
    for position, (name, rows) in enumerate(variables.items()):
        key = quote(name, safe=" []")
        size = math.prod(rows.shape) * rows.dtype.itemsize
        dataset: Any = None
        start = 0
        for block in rows.blocks():
            if dataset is None:
                options = _options(size, block.shape)
                dataset = group.create_dataset(key, rows.shape, rows.dtype, **options)
            dataset[start : start + len(block)] = block
            start += len(block)
        dataset.attrs["position"] = position


def _options(size: int, block: tuple[int, ...]) -> dict[str, Any]:
    """Compress what is large, in the blocks in which it comes."""
    if size <= LARGE_BYTES:
        return {}
    return {"chunks": block, "compression": "gzip", "shuffle": True}


def sealed(content: bytes) -> bytes:
    """Put size and checksum of what HDF5 wrote into the user block."""
    body = content[USER_BLOCK:]
    return _header(len(content), hashlib.sha256(body).hexdigest()) + body


def _write_arrays(group: Any, arrays: Mapping[str, Array]) -> None:
    for position, (name, values) in enumerate(arrays.items()):
        options: dict[str, Any] = {}
        if values.nbytes > LARGE_BYTES:
            options = {"chunks": True, "compression": "gzip", "shuffle": True}
        dataset = group.create_dataset(quote(name, safe=" []"), data=values, **options)
        dataset.attrs["position"] = position


def _header(size: int, checksum: str) -> bytes:
    header = MAGIC + f"{VERSION}\nsize {size}\nsha256 {checksum}\n".encode()
    return header.ljust(USER_BLOCK, b"\n")


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(USER_BLOCK)
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def read_recording(path: Path) -> Recording:
    """Read a recording, verifying all of it.

    Raises
    ------
    LaharError
        S431 to S434 for a file that is missing, something else, damaged or too new.

    """
    try:
        _verify(path)
        return _read_content(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotReadRecording(str(path), reason)) from None


def _verify(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(USER_BLOCK)
    if not header.startswith(MAGIC):
        raise LaharError(NotARecording(str(path)))
    lines = header[len(MAGIC) :].decode("ascii", "replace").split("\n")
    if lines[0] != str(VERSION):
        raise LaharError(UnknownRecordingVersion(str(path), lines[0][:20], VERSION))
    size = path.stat().st_size
    if lines[1:2] != [f"size {size}"]:
        reason = f"it has {size} bytes, its header says `{''.join(lines[1:2])}`"
        raise LaharError(RecordingIsDamaged(str(path), reason))
    if header != _header(size, _checksum(path)):
        reason = "its checksum does not match"
        raise LaharError(RecordingIsDamaged(str(path), reason))


def _read_content(path: Path) -> Recording:
    try:
        with h5py.File(path, "r") as file:
            metadata = json.loads(file["metadata"][()].tobytes())
            variables = _read_arrays(file["variables"])
            final = _read_arrays(file["final"])
        return _structured(metadata, variables, final)
    except (
        AttributeError,
        KeyError,
        MemoryError,
        RuntimeError,
        TypeError,
        ValueError,
        cattrs.errors.ForbiddenExtraKeysError,
    ) as error:
        reason = f"its content is not a recording ({error})"
        raise LaharError(RecordingIsDamaged(str(path), reason)) from None


def _read_arrays(group: Any) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for key in sorted(group, key=lambda k: int(group[k].attrs["position"])):
        values = np.asarray(group[key][()])
        if values.dtype.kind not in "biuf":
            raise ValueError(f"`{unquote(key)}` holds no numbers")
        arrays[unquote(key)] = values
    return arrays


def _structured(
    metadata: Any, variables: Mapping[str, Array], final: Mapping[str, Array]
) -> Recording:
    return Recording(
        variables,
        final,
        _converter.structure(metadata["provenance"], Provenance),
        _converter.structure(metadata["views"], tuple[View, ...]),
        _converter.structure(metadata["budgets"], tuple[Budget, ...]),
        _converter.structure(metadata["lava_own"], frozenset[str]),
        tuple(str(name) for name in metadata.get("not_kept", ())),
    )
