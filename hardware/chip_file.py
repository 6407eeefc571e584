"""A user's own chip in one TOML file: a known chip, and what is different about it.

In: a path. Out: a Chip, or everything that is wrong with the file at once, each with
its line. docs/chips.md describes the file; chip_entries.py reads a single value of it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..diagnostics import Diagnostic, LaharError, SourceSpan
from .chip import Chip
from .chip_costs import read_cost_tables
from .chip_entries import CHIP_FIELDS, Place, read_entry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Base = Callable[[str], Chip]

TOP = ("name", "title", "based_on", "values", "costs")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class CannotReadChipFile(Diagnostic):
    """A name that ends with .toml is a file, and this one could not be read.

    The file is not there, is a folder, or may not be read by you. Chips that lahar
    itself describes are named without an ending.
    """

    code = "P372"
    title = "cannot read the chip file `{path}`: {reason}"
    help = "check the path; a chip without a file is named without .toml"

    path: str
    reason: str


@dataclass(frozen=True)
class ChipFileIsNotToml(Diagnostic):
    """The file of a chip is TOML (toml.io), and this one is not.

    Names stand bare or in double quotes, texts in double quotes, lists in [ ].
    """

    code = "P373"
    title = "`{path}` is not TOML: {reason}"
    help = "examples/my_chip.toml is a whole file to start from"

    path: str
    reason: str


@dataclass(frozen=True)
class UnknownKeyOfAChip(Diagnostic):
    """A key that no chip file has, or a value that no chip has.

    What `[values]` may name are the fields of `Chip` in hardware/chip.py; docs/chips.md
    lists them.
    """

    code = "P374"
    title = "{where}: there is no `{key}`"
    label = "unknown"
    note = "{where} has: {known}"
    help = "{advice}"

    where: str
    key: str
    known: str
    advice: str


@dataclass(frozen=True)
class ChipHasNoName(Diagnostic):
    """A chip file says what the chip is called and which known chip it starts from.

    The name stands in every Program that was compiled for the chip, so it must not be
    that of another one: letters, digits, `_`, `.` and `-`, first a letter.
    """

    code = "P375"
    title = "`{path}`: {problem}"
    note = 'a chip file starts with `name = "..."` and `based_on = "loihi2"`'
    help = "examples/my_chip.toml is a whole file to start from"

    path: str
    problem: str


def read_chip(path: str, base: Base) -> Chip:
    """Read a chip file; ``base`` finds the chip that it builds on.

    Raises
    ------
    LaharError
        P372 to P379 for what is wrong with it, all at once where that is possible;
        P301, P370, P371 for a ``based_on`` that nobody has described.

    """
    text, tree = _parse(path)
    place = Place(path, text)
    problems = [*_unknown(tree, TOP, "the file", place), *_head(tree, path, base)]
    if problems:
        raise LaharError(problems)
    start = base(tree["based_on"])
    entries = _table(tree, "values", problems, path)
    known = tuple(CHIP_FIELDS)
    problems += _unknown(entries, known, "[values]", place.under("values"))
    changed: dict[str, object] = {}
    for name in [n for n in entries if n in CHIP_FIELDS]:
        value, wrong = read_entry(
            entries[name], CHIP_FIELDS[name], getattr(start, name), place.of(name)
        )
        problems += wrong
        changed[name] = value
    costs = _table(tree, "costs", problems, path)
    tables, wrong = read_cost_tables(costs, start.cost_tables, place)
    problems += wrong
    if problems:
        raise LaharError(problems)
    title = tree.get("title", f"{tree['name']}, based on {start.title}")
    return replace(
        start,
        name=tree["name"],
        title=title,
        cost_tables=tables,
        **changed,  # type: ignore[arg-type]
    )


def _parse(path: str) -> tuple[str, dict[str, Any]]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise LaharError(CannotReadChipFile(path, reason)) from None
    try:
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error)
        span = _line_in(reason, path, text)
        raise LaharError(ChipFileIsNotToml(path, reason, span=span)) from None


def _line_in(reason: str, path: str, text: str) -> SourceSpan | None:
    found = re.search(r"at line ([0-9]+), column ([0-9]+)", reason)
    if found is None:
        return None
    line, column = int(found[1]), int(found[2])
    return SourceSpan(path, line, column, column + 1, text.splitlines()[line - 1])


def _head(tree: Mapping[str, Any], path: str, base: Base) -> Iterator[Diagnostic]:
    for key in ("name", "based_on"):
        if key not in tree:
            yield ChipHasNoName(path, f"there is no `{key}`")
    for key in ("name", "title", "based_on"):
        if not isinstance(tree.get(key, ""), str):
            yield ChipHasNoName(path, f"`{key}` is no text in quotes")
            return
    name, start = tree.get("name", "mine"), tree.get("based_on", "")
    if not _NAME.fullmatch(name) or name.endswith(".toml"):
        yield ChipHasNoName(path, f"`{name}` is no name for a chip")
    elif _is_known(name, base):
        yield ChipHasNoName(path, f"`{name}` is the name of another chip")
    if start.endswith(".toml"):
        yield ChipHasNoName(
            path, f"`based_on` names `{start}`, a file of the same kind"
        )


def _is_known(name: str, base: Base) -> bool:
    try:
        base(name)
    except LaharError:
        return False
    return True


def _table(
    tree: Mapping[str, Any], key: str, problems: list[Diagnostic], path: str
) -> dict[str, Any]:
    content = tree.get(key, {})
    if isinstance(content, dict):
        return content
    problems.append(ChipHasNoName(path, f"`{key}` is no table `[{key}.NAME]`"))
    return {}


def _unknown(
    tree: Mapping[str, Any], known: tuple[str, ...], where: str, place: Place
) -> Iterator[Diagnostic]:
    for key in tree:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            advice = f"did you mean `{near[0]}`?" if near else "leave it out"
            span = place.of(key).span
            yield UnknownKeyOfAChip(where, key, ", ".join(known), advice, span=span)
