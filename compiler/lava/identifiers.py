"""Python names for the things of a Program, whose own names may be any text."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

_PYTHON = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins)))


class Identifiers:
    """Gives each name an identifier that nothing else in a scope has.

    A name that can be used as it is stays as it is, so that generated text reads
    like the Program.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = _PYTHON | frozenset(reserved)
        self._given: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Give the identifier of a name, the same each time."""
        if name not in self._given:
            self._given[name] = self._free(_as_identifier(name))
            self._taken |= {self._given[name]}
        return self._given[name]

    def _free(self, wanted: str) -> str:
        candidate, number = wanted, 2
        while candidate in self._taken:
            candidate, number = f"{wanted}_{number}", number + 1
        return candidate


def _as_identifier(name: str) -> str:
    plain = re.sub(r"[^0-9A-Za-z_]", "_", name)
    return plain if plain[:1].isalpha() else f"n{plain}"


def quoted(name: str) -> str:
    """Show a name where it may stand in a docstring, whatever it holds."""
    return ascii(name).replace('"', "'")
