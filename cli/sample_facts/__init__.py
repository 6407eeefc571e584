"""An example of every diagnostic: its class filled with facts that could be real.

In: a class. Out: an instance, for ``lahar explain`` to show and for the tests, which
hold the wording of all messages to a golden text. A field takes the fact that its code
has for it, else that of its name; a text without either shows the field's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_type_hints

from ...diagnostics import Diagnostic
from . import of_compiling, of_lava, of_nir, of_programs, of_rules, of_runs, of_torch
from .by_name import NUMBERS, TEXTS

Fact = str | int | float

FACTS: Mapping[str, Mapping[str, Fact]] = {
    **of_rules.FACTS,
    **of_nir.FACTS,
    **of_torch.FACTS,
    **of_compiling.FACTS,
    **of_programs.FACTS,
    **of_lava.FACTS,
    **of_runs.FACTS,
}
"""Facts of one diagnostic, by its code."""


def sample(kind: type[Diagnostic]) -> Diagnostic:
    """Fill a diagnostic with facts that could be real."""
    types = get_type_hints(kind)
    own = FACTS.get(kind.code, {})
    names = [f.name for f in fields(kind) if f.init and f.name != "span"]
    facts: dict[str, Any] = {n: own.get(n, _fact(n, types[n])) for n in names}
    return kind(**facts)


def _fact(name: str, of_type: type) -> Fact:
    if of_type is int:
        return int(NUMBERS.get(name, 3))
    if of_type is float:
        return float(NUMBERS.get(name, 0.25))
    return TEXTS.get(name, f"<{name}>")
