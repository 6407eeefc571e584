"""Which layout of its synapses each connection of a compiled run has.

A Program goes in, one in which connections are listed or have all places, as kernels
run them; what they record comes back in the shape in which the Program was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from ..hardware.dense_twin import of_variable
from ..hardware.program import Program
from ..hardware.variables import VariableInfo, state_variables

Recorded = npt.NDArray[Any]


def chosen_layouts(program: Program) -> Program:
    """Give the Program in the layouts in which kernels run it."""
    return program


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
        if self.given is self.run:
            return values
        return of_variable(self.given, name, values)
