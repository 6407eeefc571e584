"""The chips that lahar knows, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...diagnostics import Diagnostic, LaharError
from ..chip import Chip
from .loihi1 import LOIHI1
from .loihi2 import LOIHI2

CHIPS: Mapping[str, Chip] = MappingProxyType({c.name: c for c in (LOIHI1, LOIHI2)})


@dataclass(frozen=True)
class UnknownChip(Diagnostic):
    """There is no description of a chip of this name.

    A chip is a Python file under hardware/chips that gives every field of `Chip` a
    value with its source; `lahar list chips` prints the ones there are.
    """

    code = "P301"
    title = "there is no chip called `{name}`"
    note = "described under hardware/chips: {known}"
    help = "use one of these names"

    name: str
    known: str


def get_chip(name: str) -> Chip:
    """Look a chip up by its name.

    Raises
    ------
    LaharError
        P301 if nobody has described it.

    """
    if name not in CHIPS:
        raise LaharError(UnknownChip(name, ", ".join(CHIPS)))
    return CHIPS[name]
