"""Compare recordings: identical, within budget, diverged, or metrics only.

Two recordings in, a Verdict out. Recordings of different programs, stimuli, seeds,
profiles or lengths are refused: their difference would say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.program import Program
from .compare_budget import check_budgets
from .divergence import Difference, first_difference, first_divergence
from .metrics import spike_metrics, value_metrics
from .recording import Recording, in_rule_units
from .verdict import Judge, VariableCheck, Verdict

Rows = npt.NDArray[Any]
Pair = tuple[Rows, Rows]

ALWAYS_EQUAL = ("steps", "dt_seconds", "program_checksum", "stimulus_checksum")
EQUAL_BITS = ("profile", "seed")  # of two that shall agree in every bit


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
    """Two recordings have no variable in common."""

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
    """A variable has different shapes in the two recordings."""

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

    Spikes are the same only there. A recording that was loaded, cut or changed since
    has another checksum.
    """

    code = "V604"
    title = "{replay} replays another recording than this one of {recorded}"
    note = "it replays {replayed}, this one is {checksum}"
    help = "replay this one: run(program, backend='reference', given=recording)"

    replay: str
    recorded: str
    replayed: str
    checksum: str


def compare(
    first: Recording, second: Recording, *, program: Program | None = None
) -> Verdict:
    """Compare two recordings of one run.

    Both in stored integers (or both in rule units): every bit of all common variables.
    One in rule units: if it replays the other, its weights against the program's error
    budgets; else metrics without a verdict.

    Parameters
    ----------
    first, second
        The recordings; the verdict names them by their backends.
    program
        Their Program, to explain a diverging weight by the products behind it.

    Raises
    ------
    LaharError
        V601 to V604 if they cannot be compared, V608 and V609 for a missing budget.

    """
    same_units = first.provenance.units == second.provenance.units
    fields = (*ALWAYS_EQUAL, *(EQUAL_BITS if same_units else ()))
    require_no_errors(_check_provenance(first, second, fields))
    unchecked = tuple(_unknown(first, second, fields))
    if same_units:
        return _compare_bits(first, second, program, unchecked)
    stored, rule = (
        (first, second) if first.provenance.units == "stored" else (second, first)
    )
    if rule.provenance.open_loop_of is None:
        return _compare_loosely(first, second, unchecked)
    require_no_errors(_check_replay(stored, rule))
    checks = check_budgets(stored, rule)
    outside = any(c.outside for c in checks)
    return Verdict(
        level="diverged" if outside else "within budget",
        first=first.provenance.backend,
        second=second.provenance.backend,
        steps=first.provenance.steps,
        variables=tuple(
            VariableCheck(
                name := f"{c.connection}.weights",
                c.synapses,
                _judge(name, first, second),
            )
            for c in checks
        ),
        budgets=checks,
        unchecked=unchecked,
    )


def compare_all(
    recordings: Sequence[Recording], *, program: Program | None = None
) -> tuple[Verdict, ...]:
    """Compare the first recording with each of the others."""
    first, *others = recordings
    return tuple(compare(first, other, program=program) for other in others)


# --- may they be compared ---------------------------------------------------------


def _check_provenance(
    first: Recording, second: Recording, fields: Sequence[str]
) -> Iterator[Diagnostic]:
    a, b = first.provenance, second.provenance
    for field in fields:
        mine, theirs = getattr(a, field), getattr(b, field)
        if mine != theirs and mine is not None and theirs is not None:
            what = field.replace("_", " ").removesuffix(" checksum")
            yield NotComparable(a.backend, b.backend, what, str(mine), str(theirs))


def _unknown(
    first: Recording, second: Recording, fields: Sequence[str]
) -> Iterator[str]:
    for field in fields:
        if None in (getattr(r.provenance, field) for r in (first, second)):
            yield field.replace("_", " ").removesuffix(" checksum")


def _check_replay(stored: Recording, rule: Recording) -> Iterator[Diagnostic]:
    replayed = rule.provenance.open_loop_of or ""
    if replayed != stored.checksum:
        backends = (rule.provenance.backend, stored.provenance.backend)
        yield ReplaysAnother(*backends, replayed[:12], stored.checksum[:12])


def _common(first: Recording, second: Recording) -> dict[str, Pair]:
    """Pair up what both have, also where one has single elements of a variable.

    Values after the last step count as a last row of their own.
    """
    pairs: dict[str, list[Pair]] = {}
    for name in dict.fromkeys((*first.variables, *second.variables)):
        if name in first and name in second:
            pairs.setdefault(name, []).append((first[name], second[name]))
    problems = [d for n, p in pairs.items() for d in _check_shapes(n, first, second, p)]
    require_no_errors(problems)
    return {name: found[0] for name, found in pairs.items()}


def _check_shapes(
    name: str, first: Recording, second: Recording, pairs: Sequence[Pair]
) -> Iterator[Diagnostic]:
    backends = (first.provenance.backend, second.provenance.backend)
    for a, b in pairs:
        if a.shape != b.shape:
            yield ShapesDiffer(name, *backends, str(a.shape), str(b.shape))


def _judge(name: str, first: Recording, second: Recording) -> Judge:
    own = first.lava_own | second.lava_own
    return "lava" if name in own else "lahar"


# --- bit for bit ------------------------------------------------------------------


def _compare_bits(
    first: Recording,
    second: Recording,
    program: Program | None,
    unchecked: tuple[str, ...],
) -> Verdict:
    raise NotImplementedError
