"""The cost tables of a user's chip file: rows beside, or instead of, published ones.

In: `[costs.NAME]` with `energies`, `times` and `barrier`. Out: the tables of the chip
it builds on, with these rows in place of theirs; a name that is new makes a new table,
and whatever it leaves out is unpublished.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal, get_args

from ..diagnostics import Diagnostic
from .chip_entries import Place, read_entry
from .cost_tables import EVENTS, Barrier, CostTable
from .step_cost import Basis
from .value import Value, unpublished

KEYS = ("title", "basis", "energies", "times", "barrier")
BASES: tuple[Basis, ...] = get_args(Basis)
_LEFT_OUT = "the chip file leaves it out"


@dataclass(frozen=True)
class CostTableIsWrong(Diagnostic):
    """A cost table of a chip file has an unknown row, or does not say what it is.

    A new table says its title and its basis. Rows are events of
    hardware/cost_tables.py, energies in pJ, times in ns.
    """

    code = "P379"
    title = "[costs.{table}]: {problem}"
    label = "here"
    note = "{known}"
    help = "{advice}"

    table: str
    problem: str
    known: str
    advice: str


def read_cost_tables(
    content: Mapping[str, Any], base: tuple[CostTable, ...], place: Place
) -> tuple[tuple[CostTable, ...], list[Diagnostic]]:
    """Give the tables of a chip, and everything that is wrong with the file's."""
    tables = {table.name: table for table in base}
    problems: list[Diagnostic] = []
    for name, entries in content.items():
        start = tables.get(name, _empty(name))
        here = place.under("costs", name)
        if not isinstance(entries, dict):
            problems.append(_wrong(here, "it is no table", KEYS))
            continue
        table, wrong = _read(entries, start, here)
        if name not in tables:
            wrong += _new(entries, here)
        tables[name] = table
        problems += wrong
    return tuple(tables.values()), problems


def _empty(name: str) -> CostTable:
    return CostTable(
        name=name,
        title=name,
        basis="unpublished",
        energies={event: unpublished("pJ", _LEFT_OUT) for event in EVENTS},
        times={event: unpublished("ns", _LEFT_OUT) for event in EVENTS},
        barrier=unpublished("ns", _LEFT_OUT),
    )


def _new(entries: Mapping[str, Any], here: Place) -> list[Diagnostic]:
    missing = [key for key in ("title", "basis") if key not in entries]
    return [_wrong(here, f"a new table needs a {key}", KEYS) for key in missing]


def _read(
    entries: Mapping[str, Any], table: CostTable, here: Place
) -> tuple[CostTable, list[Diagnostic]]:
    problems = [
        _wrong(here.of(key), f"there is no `{key}`", KEYS)
        for key in entries
        if key not in KEYS
    ]
    title, basis = entries.get("title", table.title), entries.get("basis", table.basis)
    if not isinstance(title, str):
        problems.append(_wrong(here.of("title"), "`title` is no text", KEYS))
    if basis not in BASES:
        problems.append(_wrong(here.of("basis"), f"basis {basis!r:.40}", BASES))
    energies, wrong = _rows(entries, "energies", table, here)
    times, more = _rows(entries, "times", table, here)
    barrier = table.barrier
    problems += wrong + more
    if "barrier" in entries:
        place = here.of("barrier")
        barrier, wrong = read_entry(entries["barrier"], Barrier, barrier, place)
        problems += wrong
    made = replace(
        table, title=title, basis=basis, energies=energies, times=times, barrier=barrier
    )
    return made, problems


def _rows(
    entries: Mapping[str, Any],
    kind: Literal["energies", "times"],
    table: CostTable,
    here: Place,
) -> tuple[dict[Any, Value[float | None]], list[Diagnostic]]:
    rows: dict[Any, Value[float | None]] = dict(getattr(table, kind))
    content = entries.get(kind, {})
    if not isinstance(content, dict):
        return rows, [_wrong(here.of(kind), f"`{kind}` is no table", EVENTS)]
    problems: list[Diagnostic] = []
    for event, entry in content.items():
        place = here.under(kind, event)
        if event not in rows:
            problems.append(_wrong(place, f"there is no event `{event}`", EVENTS))
            continue
        rows[event], wrong = read_entry(entry, float | None, rows[event], place)
        problems += wrong
    return rows, problems


def _wrong(place: Place, problem: str, known: tuple[str, ...]) -> Diagnostic:
    near = get_close_matches(place.name, known, n=1)
    advice = f"did you mean `{near[0]}`?" if near else "docs/chips.md has an example"
    table = place.path[1]
    said = "known: " + ", ".join(f"`{k}`" for k in known)
    return CostTableIsWrong(table, problem, said, advice, span=place.span)
