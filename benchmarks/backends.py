"""The integer backends as the fuzzers call them, and how two results are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lahar.hardware.profile import Profile
from lahar.hardware.program import Program
from lahar.hardware.variables import state_variables
from lahar.sim import interpreter
from lahar.sim.backend import Inputs, Trajectory

from .plain_kernel import run_plain

Array = npt.NDArray[Any]
RunProgram = Callable[[Program, Inputs, int, Profile, int], Trajectory]


def run_interpreter(
    program: Program, inputs: Inputs, steps: int, profile: Profile, seed: int
) -> Trajectory:
    """Run in the interpreter and record everything."""
    record = frozenset(v.name for v in state_variables(program))
    return interpreter.execute(
        program, inputs, steps, profile=profile, record=record, seed=seed
    )


def run_compiled(
    program: Program, inputs: Inputs, steps: int, profile: Profile, seed: int
) -> Trajectory:
    """Run the compiled kernel and record everything."""
    from lahar.sim import kernels

    record = frozenset(v.name for v in state_variables(program))
    return kernels.execute(
        program, inputs, steps, profile=profile, record=record, seed=seed
    )


RUNNERS: Mapping[str, RunProgram] = {
    "interpreter": run_interpreter,
    "kernel": run_plain,
    "compiled kernel": run_compiled,
}


@dataclass(frozen=True)
class Difference:
    """The first value of a variable that differs; steps count from 1."""

    variable: str
    step: int
    index: tuple[int, ...]
    wanted: int
    got: int
    by: str
    values: int = 1

    def __str__(self) -> str:
        place = f"{self.variable}{list(self.index) if self.index else ''}"
        return (
            f"{place} at step {self.step}: {self.wanted}, and {self.got} by the "
            f"{self.by} ({self.values} values of it differ)"
        )


def first_difference(
    name: str, wanted: Array, got: Array, by: str
) -> Difference | None:
    """Compare (steps, ...); another shape is a difference of every value."""
    if wanted.shape != got.shape:
        sizes = (wanted.size, got.size)
        return Difference(f"{name} (shape)", 0, got.shape[1:], *sizes, by, max(sizes))
    unequal = np.asarray(wanted != got)
    if not unequal.any():
        return None
    place = tuple(int(k) for k in np.argwhere(unequal)[0])
    values = (int(wanted[place]), int(got[place]))
    return Difference(name, place[0] + 1, place[1:], *values, by, int(unequal.sum()))
