"""What a table of values says of itself: the comment lines before its header.

    # lahar-trace 1
    # backend: lava
    # seed: 0
    # lava_own: ["post.u", "post.v"]

Lines in, a Provenance out. Every line is optional: what nobody knows is not compared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..diagnostics import Diagnostic, require_no_errors
from .recording import Provenance

FORMAT, VERSION = "lahar-trace", 1


@dataclass(frozen=True)
class TraceHeadIsWrong(Diagnostic):
    """A line at the head of a trace has a value that its key cannot have.

    Known keys are backend, backend_version, lahar_version, chip, profile, seed, steps,
    dt_seconds, units, program_checksum, stimulus_checksum, lava_own. Other comments are
    free text. docs/traces.md shows an example.
    """

    code = "S444"
    title = "`{path}`, line {line}: {key} is `{value}`"
    note = "{key} must be {wanted}"
    help = "correct the line, or leave it out"

    path: str
    line: int
    key: str
    value: str
    wanted: str


@dataclass(frozen=True)
class UnknownTraceVersion(Diagnostic):
    """The trace was written in another version of the format.

    What another version means is not guessed, so nothing of the file was used.
    """

    code = "S445"
    title = "`{path}` is a trace of version {version}; this lahar reads version {known}"
    help = "use the lahar that exported the program, or export it again with this one"

    path: str
    version: str
    known: int


@dataclass(frozen=True)
class TraceIsCut(Diagnostic):
    """A trace has fewer steps, or more, than it says it has.

    A copy that broke off looks like a shorter run. A recording written by hand may
    leave the number of steps out.
    """

    code = "S446"
    title = "`{path}` has {found} steps, its head says {said}"
    note = "nothing of it was used"
    help = "copy or record it again"

    path: str
    found: int
    said: int


@dataclass(frozen=True)
class TraceHead:
    """Where a trace comes from, and which of its variables Lava's own code computed."""

    provenance: Provenance
    lava_own: frozenset[str]


def is_of_our_format(lines: Sequence[str]) -> bool:
    """Tell whether comment lines have that of the format's version."""
    return any(line.lstrip("#").split()[:1] == [FORMAT] for line in lines)


def read_head(
    path: Path, lines: Sequence[str], known: Provenance, steps: int
) -> TraceHead:
    """Read comment lines; what they do not say is taken from ``known``.

    ``steps`` is what was found after them.

    Raises
    ------
    LaharError
        S444 to S446 for values that make no sense, or another number of steps.

    """
    texts = {
        number: (key.strip(), value.strip())
        for number, line in enumerate(lines, start=1)
        for key, colon, value in [line.lstrip("#").partition(":")]
        if colon or key.split()[:1] == [FORMAT]
    }
    problems: list[Diagnostic] = []
    found: dict[str, Any] = {}
    for number, (key, value) in texts.items():
        problems += _check_version(path, key)
        if key not in _READERS:
            continue
        read, wanted = _READERS[key]
        try:
            found[key] = read(value)
        except ValueError:
            problems.append(TraceHeadIsWrong(str(path), number, key, value, wanted))
    said = found.pop("steps", steps)
    if said != steps:
        problems.append(TraceIsCut(str(path), steps, said))
    require_no_errors(problems)
    own = frozenset(found.pop("lava_own", ()))
    return TraceHead(replace(known, **found, steps=steps), own)


def _check_version(path: Path, text: str) -> Iterator[Diagnostic]:
    name, _, version = text.partition(" ")
    if name == FORMAT and version.strip() != str(VERSION):
        yield UnknownTraceVersion(str(path), version.strip(), VERSION)


def _text(value: str) -> str:
    return value


def _count(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError(value)
    return number


def _seed(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError(value)
    return number


def _seconds(value: str) -> float:
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(value)
    return number


def _units(value: str) -> str:
    if value not in ("stored", "rule"):
        raise ValueError(value)
    return value


def _checksum(value: str) -> str:
    if len(value) != 64 or not set(value) <= set("0123456789abcdef"):
        raise ValueError(value)
    return value


def _names(value: str) -> list[str]:
    names = json.loads(value)
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise ValueError(value)
    return names


_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    **dict.fromkeys(
        ("backend", "backend_version", "lahar_version", "chip", "profile"),
        (_text, "a name"),
    ),
    "steps": (_count, "a number of steps"),
    "seed": (_seed, "a whole number, 0 or more"),
    "dt_seconds": (_seconds, "a positive number of seconds"),
    "units": (_units, "`stored` or `rule`"),
    **dict.fromkeys(
        ("program_checksum", "stimulus_checksum"),
        (_checksum, "a SHA-256 of 64 hexadecimal digits"),
    ),
    "lava_own": (_names, 'names as a JSON list, such as ["post.v"]'),
}
