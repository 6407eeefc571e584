"""Which layout of its synapses each connection of a compiled run has.

A Program goes in, one in which connections are listed or have all places, as kernels
run them; what they record comes back in the shape in which the Program was given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy.typing as npt

from ..hardware.dense_twin import dense_connection, of_variable
from ..hardware.program import Connection, Program
from ..hardware.variables import VariableInfo, state_variables
from ..pairs import MOST_DENSE

Recorded = npt.NDArray[Any]


MOST_LISTED = 0.5
"""A row of which more is there is read faster with a place for every pair."""


def chosen_layouts(program: Program) -> Program:
    """Give the Program in the layouts in which kernels run it; itself if as given."""
    chosen = tuple(
        dense_connection(c) if _is_nearly_full(c) else c for c in program.connections
    )
    same = all(a is b for a, b in zip(chosen, program.connections, strict=True))
    return program if same else replace(program, connections=chosen)


def _is_nearly_full(connection: Connection) -> bool:
    pairs = connection.pairs
    if pairs is None:
        return False
    places = pairs.shape[0] * pairs.shape[1]
    return MOST_LISTED * places < pairs.count and places <= MOST_DENSE


@dataclass(frozen=True)
class Shown:
    """Brings what kernels recorded into the shape of the Program that was given."""

    given: Program
    run: Program

    def kept(self, variable: VariableInfo) -> VariableInfo:
        """Say in what shape kernels keep a variable."""
        if self.given is self.run:
            return variable
        known = {v.name: v for v in state_variables(self.run)}
        return known.get(variable.name, variable)

    def variables(self, rows: dict[str, Recorded]) -> dict[str, Recorded]:
        """Bring recordings (steps, ...) into shape."""
        return {name: self.variable(name, values) for name, values in rows.items()}

    def variable(self, name: str, values: Recorded) -> Recorded:
        """Bring values of a variable into shape."""
        owner = name.rpartition(".")[0]
        connections = zip(self.given.connections, self.run.connections, strict=True)
        changed = {a.name for a, b in connections if a is not b}
        return of_variable(self.given, name, values) if owner in changed else values
