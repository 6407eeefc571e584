"""Find the experiment of a system by its id.

An id such as ``S7`` or ``S3a`` in, an `Experiment` out. Modules are found by their file
names and imported when asked for, so that one system costs nothing to the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules

from ...diagnostics import Diagnostic, LaharError
from ...rules.systems import SYSTEMS
from .frame import Experiment

_NAMED_FOR_A_SYSTEM = re.compile(r"(?P<id>[sb][0-9]+[ab]?)_\w+")


@dataclass(frozen=True)
class UnknownSystem(Diagnostic):
    """There is no system of that name.

    Systems have short ids, such as S7 or B04; `lahar list systems` shows them all. S3,
    S4, S13, B03 and B17 have two parts each, which are run one by one: S3a, S3b.
    """

    code = "U960"
    title = "there is no system `{system}`"
    note = "systems are S1 to S23, B01 to B37 and B41"
    help = "{advice}"

    system: str
    advice: str


@dataclass(frozen=True)
class SystemIsOpen(Diagnostic):
    """The system is listed, but has no experiment in lahar yet.

    Nothing is claimed of such a system. Those that have an experiment are named in the
    note, whether or not they meet their criteria.
    """

    code = "U961"
    title = "system `{system}` ({name}) is open: it has no experiment yet"
    note = "experiments are there for: {known}"
    help = "run one of these, or `lahar demo` for the digits"

    system: str
    name: str
    known: str


@dataclass(frozen=True)
class SystemHasParts(Diagnostic):
    """The system has several experiments, which are run one by one.

    It works when all of them pass.
    """

    code = "U962"
    title = "system `{system}` ({name}) has several parts"
    note = "experiments are there for: {parts}"
    help = "name one of them"

    system: str
    name: str
    parts: str


def modules() -> dict[str, str]:
    """Id to the name of the module that holds its experiment, in the list's order."""
    folders = import_module(".", __package__).__path__
    found = {
        _as_listed(match["id"]): info.name
        for info in iter_modules(folders)
        if (match := _NAMED_FOR_A_SYSTEM.fullmatch(info.name))
    }
    return dict(sorted(found.items(), key=lambda item: _place(item[0])))


def _as_listed(identity: str) -> str:
    return identity[0].upper() + identity[1:].lower()


def _place(identity: str) -> tuple[int, str]:
    listed = [system.id for system in SYSTEMS]
    system = system_of(identity)
    return (listed.index(system) if system in listed else len(listed), identity)


def system_of(identity: str) -> str:
    """Give the system that an id, maybe of a part such as S3a, belongs to."""
    return identity.rstrip("ab")


def find_experiment(identity: str) -> Experiment:
    """Import the experiment of a system.

    Raises
    ------
    LaharError
        U960 for an unknown id, U961 for an open system, U962 if the id has parts.

    """
    wanted, known = _as_listed(identity or "-"), modules()
    if wanted not in known:
        raise LaharError(_why_not(wanted, known))
    experiment = import_module(f".{known[wanted]}", __package__).EXPERIMENT
    assert isinstance(experiment, Experiment)
    return experiment


def _why_not(wanted: str, known: dict[str, str]) -> Diagnostic:
    names = {system.id: system.name for system in SYSTEMS}
    name = names.get(system_of(wanted))
    if name is None:
        near = get_close_matches(wanted, [*names, *known], n=1)
        advice = f"did you mean `{near[0]}`?" if near else "see `lahar list systems`"
        return UnknownSystem(wanted, advice)
    parts = [part for part in known if part != wanted and system_of(part) == wanted]
    if parts:
        return SystemHasParts(wanted, name, ", ".join(parts))
    return SystemIsOpen(wanted, name, ", ".join(known) or "none")
