"""Which recordings may be compared, and what they have in common.

Two recordings in; diagnostics out where their difference would say nothing, and pairs
of arrays where it would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .recording import Recording

Rows = npt.NDArray[Any]
Pairs = Mapping[str, tuple[Rows, Rows]]

SAME_RUN = (
    *("steps", "steps_before", "dt_seconds"),
    *("program_checksum", "stimulus_checksum"),
)
SAME_BITS = (*SAME_RUN, "profile", "seed")
SAME_REPLAY = ("steps", "dt_seconds", "program_checksum")  # its input is the recording


@dataclass(frozen=True)
class NotComparable(Diagnostic):
    """Two recordings are of different runs, so their difference says nothing.

    Comparable are recordings of one program and stimulus with as many steps; bit for
    bit also of one profile and seed. What one of the two does not know (a chip
    elsewhere may not know its seed) is not compared, and the verdict says so.
    """

    code = "V601"
    title = "{first} and {second} differ in {what}: {first_value} and {second_value}"
    note = "what differs in the run cannot be told from what differs in the backend"
    help = "run both with the same {what}"

    first: str
    second: str
    what: str
    first_value: str
    second_value: str


@dataclass(frozen=True)
class NothingInCommon(Diagnostic):
    """Two recordings have no variable in common.

    There is nothing to compare, and no verdict is given on nothing.
    """

    code = "V602"
    title = "{first} and {second} have no variable in common"
    note = "{first} has: {first_names}; {second} has: {second_names}"
    help = "record the same variables in both, such as record='all'"

    first: str
    second: str
    first_names: str
    second_names: str


@dataclass(frozen=True)
class ShapesDiffer(Diagnostic):
    """A variable has different shapes in the two recordings.

    They come from different networks, or one was recorded for fewer steps.
    Comparing a part would say nothing about the rest.
    """

    code = "V603"
    title = "`{name}` has shape {first_shape} in {first}, {second_shape} in {second}"
    note = "a recorded variable has one row for each step"
    help = "compare recordings of the same network"

    name: str
    first: str
    second: str
    first_shape: str
    second_shape: str


@dataclass(frozen=True)
class ReplaysAnother(Diagnostic):
    """An open loop is judged against the recording that it replayed, and no other.

    Spikes are the same only there. A recording that was cut or changed since has
    another checksum.
    """

    code = "V604"
    title = "{replay} replays another recording than this one of {recorded}"
    note = "it replays {replayed}, this one is {checksum}"
    help = "replay this one: run(program, backend='reference', given=recording)"

    replay: str
    recorded: str
    replayed: str
    checksum: str


def check_provenance(
    first: Recording, second: Recording, fields: Sequence[str]
) -> Iterator[Diagnostic]:
    """Check that two recordings are of one run, as far as both know."""
    a, b = first.provenance, second.provenance
    for name in fields:
        mine, theirs = getattr(a, name), getattr(b, name)
        if mine != theirs and mine is not None and theirs is not None:
            shown = _shown(name)
            yield NotComparable(a.backend, b.backend, shown, str(mine), str(theirs))


def unknown_fields(
    first: Recording, second: Recording, fields: Sequence[str]
) -> tuple[str, ...]:
    """List what at least one of the two does not know."""
    sides = (first.provenance, second.provenance)
    return tuple(_shown(n) for n in fields if None in (getattr(p, n) for p in sides))


def _shown(field: str) -> str:
    return field.replace("_", " ").removesuffix(" checksum").removesuffix(" seconds")


def check_replay(stored: Recording, rule: Recording) -> Iterator[Diagnostic]:
    """Check that an open loop replayed this very recording."""
    replayed = rule.provenance.open_loop_of or ""
    if replayed != stored.checksum:
        backends = (rule.provenance.backend, stored.provenance.backend)
        yield ReplaysAnother(*backends, replayed[:12], stored.checksum[:12])


def common_variables(first: Recording, second: Recording) -> Pairs:
    """Pair what both recorded, also where one has single elements of a variable."""
    pairs = {
        name: (first[name], second[name])
        for name in dict.fromkeys((*first.variables, *second.variables))
        if name in first and name in second
    }
    require_no_errors(_check_shapes(first, second, pairs))
    return pairs


def common_finals(first: Recording, second: Recording) -> Pairs:
    """Pair the values after the last step."""
    pairs = {
        name: (value, second.final[name])
        for name, value in first.final.items()
        if name in second.final
    }
    require_no_errors(_check_shapes(first, second, pairs))
    return pairs


def require_something(first: Recording, second: Recording, *found: Pairs) -> None:
    """Refuse to call two recordings alike that have nothing in common.

    Raises
    ------
    LaharError
        V602.

    """
    if any(found):
        return
    sides = (first, second)
    backends = (r.provenance.backend for r in sides)
    names = (_listing((*r.variables, *r.final)) for r in sides)
    raise LaharError(NothingInCommon(*backends, *names))


def _check_shapes(
    first: Recording, second: Recording, pairs: Pairs
) -> Iterator[Diagnostic]:
    backends = (first.provenance.backend, second.provenance.backend)
    for name, (a, b) in pairs.items():
        if a.shape != b.shape:
            yield ShapesDiffer(name, *backends, str(a.shape), str(b.shape))


def _listing(names: Iterable[str]) -> str:
    shown = list(dict.fromkeys(names))[:10]
    return ", ".join(shown) or "nothing"
