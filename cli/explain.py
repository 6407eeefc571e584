"""``lahar explain``: what a code means and what to do."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from difflib import get_close_matches

import click

from ..diagnostics import Diagnostic, LaharError, all_diagnostics
from .output import console, print_json


@dataclass(frozen=True)
class UnknownCode(Diagnostic):
    """No error or lint has this code."""

    code = "U913"
    title = "there is no code `{wanted}`"
    help = "codes look like {similar}; they stand in brackets in every message"

    wanted: str
    similar: str


@click.command("explain")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(code: str, as_json: bool) -> None:
    """Explain the error or lint CODE, such as R203 or L18."""
    known = all_diagnostics()
    found = known.get(code.upper())
    if found is None:
        near = get_close_matches(code.upper(), known, n=3, cutoff=0.3)
        raise LaharError(UnknownCode(code, ", ".join(near or list(known)[:3])))
    parts = {
        "code": found.code,
        "severity": found.severity,
        "title": found.title,
        "explanation": inspect.getdoc(found) or "",
        "note": found.note,
        "help": found.help,
    }
    if as_json:
        print_json(parts)
        return
    out = console()
    out.print(f"{found.severity}[{found.code}]: {found.title}\n", markup=False)
    out.print(parts["explanation"], markup=False)
    for name in ("note", "help"):
        if parts[name]:
            out.print(f"\n{name}: {parts[name]}", markup=False)
