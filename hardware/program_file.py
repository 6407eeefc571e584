"""A Program in one self-describing file: a zip of JSON and .npy arrays.

    manifest.json        format name and version, lahar's version, checksums
    program.json         everything but arrays and report, canonical
    report.json          what the compiler said
    arrays/<sha256>.npy  named by the hash of their content

Equal Programs give equal bytes. Nothing is unpickled, and a file that is damaged,
changed or of another version is refused before any of it is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.lib.format import read_array_header_1_0, read_magic

from ..atomic_file import replacing
from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .consistency import check_consistency
from .program import Program
from .program_content import (
    Array,
    Content,
    ContentError,
    array_hash,
    array_references,
    from_program,
    parse_json,
    report_json,
    to_program,
    to_report,
)

FORMAT = "lahar-program"
VERSION = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip can hold


@dataclass(frozen=True)
class CannotWriteFile(Diagnostic):
    """A file could not be written: no such folder, no permission, a full disk.

    The file is written beside its final name and moved there at the end, so a file
    that was there before is still whole.
    """

    code = "P302"
    title = "cannot write `{path}`: {reason}"
    note = "nothing was written"
    help = "choose another path"

    path: str
    reason: str


@dataclass(frozen=True)
class CannotReadFile(Diagnostic):
    """A program file could not be read at all.

    It is not there, is a folder, or may not be read by you. Its content was not
    looked at.
    """

    code = "P303"
    title = "cannot read `{path}`: {reason}"
    help = "check the path"

    path: str
    reason: str


@dataclass(frozen=True)
class NotAProgramFile(Diagnostic):
    """The file is something else than a compiled program.

    A program file is a zip that `lahar compile` or `program.save` wrote; rules in text
    form and NIR files have to be compiled first.
    """

    code = "P304"
    title = "`{path}` is not a lahar program: {reason}"
    note = "a program file is a zip with a manifest.json of format `lahar-program`"
    help = "compile a rule or network: `lahar compile RULE --chip loihi2 -o prog.lahar`"

    path: str
    reason: str


@dataclass(frozen=True)
class FileIsDamaged(Diagnostic):
    """A program file is cut short, or a part of it is missing or unreadable.

    A copy that broke off is the usual cause. Parts that are still whole are not
    used either, since a Program is whole or nothing.
    """

    code = "P305"
    title = "`{path}` is damaged: {reason}"
    note = "nothing of it was used"
    help = "copy or compile it again"

    path: str
    reason: str


@dataclass(frozen=True)
class UnknownVersion(Diagnostic):
    """The file was written by a lahar with another program format.

    Numbers of another format may mean something else, so nothing is guessed.
    Formats of earlier versions are read as long as they mean the same.
    """

    code = "P306"
    title = "`{path}` has format version {version}; this lahar reads version {known}"
    note = "it was written by lahar {writer}"
    help = "use that version, or compile the rule again with this one"

    path: str
    version: str
    known: int
    writer: str


@dataclass(frozen=True)
class ContentIsNotAProgram(Diagnostic):
    """The file is whole, but what it holds is not a Program.

    A field is missing, unknown or of the wrong type, or names and sizes contradict
    each other; further messages say which.
    """

    code = "P307"
    title = "`{path}` does not hold a Program: {problem}"
    note = "a path such as `$.populations[0].size` leads to the place in program.json"
    help = "compile the rule again"

    path: str
    problem: str


@dataclass(frozen=True)
class ChecksumDiffers(Diagnostic):
    """The content of a program file was changed after it was written.

    A checksum protects a Program from silent change: recordings name it, and
    verdicts rely on it. An editor or a damaged disk can be the cause.
    """

    code = "P308"
    title = "`{path}`: the checksum of {part} does not match"
    note = "the manifest says {wanted}, the content has {found}"
    help = "copy or compile it again; a changed program has to be saved by lahar"

    path: str
    part: str
    wanted: str
    found: str


def checksum(program: Program) -> str:
    """Give the SHA-256 of what a Program says; report and file do not count."""
    return from_program(program).checksum


def save(program: Program, path: str | Path) -> None:
    """Write a Program to one file, whole or not at all.

    Raises
    ------
    LaharError
        P302 if the file cannot be written, P31x if the Program contradicts itself.

    """
    require_no_errors(check_consistency(program))
    data = to_bytes(program)
    try:
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise LaharError(CannotWriteFile(str(path), _reason(error))) from None


def load(path: str | Path) -> Program:
    """Read a Program, verifying all of it.

    Raises
    ------
    LaharError
        P303 to P308 for the file, P31x for a Program that contradicts itself.

    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise LaharError(CannotReadFile(str(path), _reason(error))) from None
    return from_bytes(data, str(path))


def to_bytes(program: Program) -> bytes:
    """Give the bytes of the file; equal Programs and reports give equal bytes."""
    content = from_program(program)
    report = report_json(program.report)
    members = {
        "manifest.json": _manifest(content, report),
        "program.json": content.json,
        "report.json": report,
    }
    for key in sorted(content.arrays):
        members[f"arrays/{key}.npy"] = _npy_bytes(content.arrays[key])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(_member(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def from_bytes(data: bytes, path: str) -> Program:
    """Read a Program from the bytes of a file; ``path`` is for messages.

    Raises
    ------
    LaharError
        As `load`.

    """
    members = _members(data, path)
    manifest = _read_manifest(members, path)
    content_json = _verified(members, "program.json", manifest["checksum"], path)
    report = _verified(members, "report.json", manifest["report_checksum"], path)
    try:
        references = array_references(parse_json(content_json, "program.json"))
        arrays = {
            key: _read_array(members, key, dtype, shape, path)
            for key, (dtype, shape) in references.items()
        }
        program = to_program(Content(content_json, arrays))
        program = replace(program, report=to_report(report))
    except ContentError as error:
        problems = error.problems
        raise LaharError(ContentIsNotAProgram(path, p) for p in problems) from None
    contradictions = check_consistency(program)
    if contradictions:
        summary = f"{len(contradictions)} of its parts contradict others"
        raise LaharError([ContentIsNotAProgram(path, summary), *contradictions])
    return program


def _manifest(content: Content, report: bytes) -> bytes:
    tree = {
        "format": FORMAT,
        "version": VERSION,
        "lahar": _lahar_version(),
        "checksum": content.checksum,
        "report_checksum": hashlib.sha256(report).hexdigest(),
    }
    return json.dumps(tree, indent=2).encode("ascii")


def _lahar_version() -> str:
    try:
        return metadata.version("lahar")
    except metadata.PackageNotFoundError:
        return "not installed"


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.create_system = 3  # Unix, wherever it was written
    member.external_attr = 0o644 << 16
    return member


def _npy_bytes(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _members(data: bytes, path: str) -> dict[str, bytes]:
    if not data.startswith(b"PK"):
        raise LaharError(NotAProgramFile(path, "it is not a zip"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,  # a compression method that Python does not have
        RuntimeError,  # an encrypted member
        ValueError,
        OSError,
    ) as error:
        raise LaharError(FileIsDamaged(path, str(error))) from None


def _read_manifest(members: dict[str, bytes], path: str) -> dict[str, str]:
    if "manifest.json" not in members:
        raise LaharError(NotAProgramFile(path, "it has no manifest.json"))
    try:
        tree = parse_json(members["manifest.json"], "manifest.json")
    except ContentError as error:
        raise LaharError(FileIsDamaged(path, str(error))) from None
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise LaharError(NotAProgramFile(path, "its manifest names another format"))
    if tree.get("version") != VERSION or type(tree["version"]) is not int:
        version, writer = (str(tree.get(k, "unknown")) for k in ("version", "lahar"))
        raise LaharError(UnknownVersion(path, version, VERSION, writer))
    return {key: str(tree.get(key)) for key in ("checksum", "report_checksum")}


def _verified(members: dict[str, bytes], name: str, wanted: str, path: str) -> bytes:
    if name not in members:
        raise LaharError(FileIsDamaged(path, f"{name} is missing"))
    found = hashlib.sha256(members[name]).hexdigest()
    if found != wanted:
        raise LaharError(ChecksumDiffers(path, name, wanted, found))
    return members[name]


def _read_array(
    members: dict[str, bytes], key: str, dtype: str, shape: tuple[int, ...], path: str
) -> Array:
    name = f"arrays/{key}.npy"
    if name not in members:
        raise LaharError(FileIsDamaged(path, f"{name} is missing"))
    array = _parse_npy(members[name], dtype, shape)
    if array is None:
        reason = f"{name} is not an array of {dtype} with shape {shape}"
        raise LaharError(FileIsDamaged(path, reason))
    found = array_hash(array)
    if found != key:
        raise LaharError(ChecksumDiffers(path, name, key, found))
    return array


def _parse_npy(data: bytes, dtype: str, shape: tuple[int, ...]) -> Array | None:
    """Read exactly the array that is expected; a header may claim anything."""
    stream = io.BytesIO(data)
    try:
        version = read_magic(stream)  # type: ignore[no-untyped-call]
        found, fortran, kind = read_array_header_1_0(stream)  # type: ignore[no-untyped-call]
    except (ValueError, EOFError):
        return None
    wanted = (shape, False, np.dtype(dtype).newbyteorder("<"))
    if version != (1, 0) or (found, fortran, kind) != wanted:
        return None
    elements = data[stream.tell() :]
    if len(elements) != kind.itemsize * math.prod(shape):
        return None
    return np.frombuffer(elements, kind).reshape(shape).astype(dtype)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
