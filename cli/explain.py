"""``lahar explain``: what a code means, what to do, and what it looks like."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import click

from ..diagnostics import Diagnostic, LaharError, all_diagnostics
from ..hardware.lint_table import CHECKS, Check
from .code_families import FAMILIES, family_of
from .output import console, print_json, table
from .sample_facts import sample

Known = Mapping[str, type[Diagnostic]]


@dataclass(frozen=True)
class UnknownCode(Diagnostic):
    """No error or lint has this code.

    Codes are a letter and two or three digits. `lahar explain` without a code lists
    their families, and `lahar explain R2` the codes of one.
    """

    code = "U913"
    title = "there is no code `{wanted}`"
    help = "codes look like {similar}; they stand in brackets in every message"

    wanted: str
    similar: str


@click.command("explain")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(code: str | None, as_json: bool) -> None:
    """Explain the error or lint CODE, such as R203 or L18.

    A family such as R2 or L lists its codes; nothing lists the families.
    """
    known = dict(sorted(all_diagnostics().items()))
    if code is None:
        _list_families(known, as_json)
    elif code.upper() in known:
        _explain(known[code.upper()], as_json)
    elif code.upper() in FAMILIES:
        _list_codes(code.upper(), known, as_json)
    elif code.upper() in CHECKS:
        _explain_check(CHECKS[code.upper()], as_json)
    else:
        near = get_close_matches(code.upper(), known, n=3, cutoff=0.3)
        raise LaharError(UnknownCode(code, ", ".join(near or list(known)[:3])))


def _list_families(known: Known, as_json: bool) -> None:
    counts = dict.fromkeys(FAMILIES, 0)
    for code in known:
        counts[family_of(code)] += 1
    if as_json:
        rows = [
            {"family": family, "codes": counts[family], "about": about}
            for family, about in FAMILIES.items()
        ]
        print_json({"families": rows})
        return
    cells = [[f, str(counts[f]), about] for f, about in FAMILIES.items()]
    console().print(table("families", ("family", "codes", "about"), cells))
    console().print("lahar explain R2 lists the codes of a family")


def _list_codes(family: str, known: Known, as_json: bool) -> None:
    members = [d for code, d in known.items() if family_of(code) == family]
    if as_json:
        rows = [
            {"code": d.code, "severity": d.severity, "title": d.title} for d in members
        ]
        print_json({"family": family, "about": FAMILIES[family], "codes": rows})
        return
    cells = [[d.code, d.severity, d.title.replace("[", r"\[")] for d in members]
    title = f"{family}: {FAMILIES[family]}"
    console().print(table(title, ("code", "severity", "title"), cells))


def _explain(found: type[Diagnostic], as_json: bool) -> None:
    parts = {
        "code": found.code,
        "severity": found.severity,
        "title": found.title,
        "explanation": inspect.getdoc(found) or "",
        "note": found.note,
        "help": found.help,
        "example": sample(found).render(),
    }
    check = CHECKS.get(found.code)
    if check is not None:
        parts |= _table_row(check)
    if as_json:
        print_json(parts)
        return
    out = console()
    out.print(f"{found.severity}[{found.code}]: {found.title}\n", markup=False)
    out.print(parts["explanation"], markup=False)
    for name in ("note", "help", "threshold", "raised as"):
        if parts.get(name):
            out.print(f"\n{name}: {parts[name]}", markup=False)
    out.print("\nfor example:\n", markup=False)
    out.print(parts["example"], markup=False)


def _explain_check(check: Check, as_json: bool) -> None:
    """Explain a check that only ever ends the work, under codes of other kinds."""
    parts = {
        "code": check.code,
        "severity": "error",
        "title": check.what,
        "help": check.remedy,
        **_table_row(check),
    }
    if as_json:
        print_json(parts)
        return
    out = console()
    out.print(f"error[{check.code}]: {check.what}\n", markup=False)
    out.print("A check of docs/lints.md that has no message of its own.", markup=False)
    for name in ("help", "threshold", "raised as"):
        out.print(f"\n{name}: {parts[name]}", markup=False)


def _table_row(check: Check) -> dict[str, str]:
    return {"threshold": check.threshold, "raised as": ", ".join(check.carriers)}
