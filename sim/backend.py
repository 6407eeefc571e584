"""What every integer backend takes and gives: the contract between engine and face.

A backend is a function ``execute(program, inputs, steps, profile, record, seed,
progress) -> Trajectory``; interpreter, kernels and the Lava runner all have it. The
first two keep a `Machine` between calls, so that a run may come in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..hardware.profile import Profile
from ..hardware.program import Program
from ..hardware.variables import VariableInfo, sink_buffers, state_variables

Progress = Callable[[int], None]
"""Called with the number of steps done since the last call."""


def silent(steps_done: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Inputs:
    """A stimulus as integers, ready for a Program.

    spikes
        Input population to uint8 array (steps, n), values 0 or 1.
    ports
        (population, modulator port) to int32 array (steps, n).
    """

    spikes: Mapping[str, npt.NDArray[np.uint8]]
    ports: Mapping[tuple[str, str], npt.NDArray[np.int32]]


@dataclass(frozen=True)
class Trajectory:
    """What a backend computed.

    variables
        Recorded name to array (steps, ...): row t is the value after step t + 1.
    final
        Name to value after the last step, for all state whether recorded or not.
    not_kept
        Names that were to be recorded, but that the backend has no value of.
    """

    variables: Mapping[str, npt.NDArray[np.generic]]
    final: Mapping[str, npt.NDArray[np.generic]]
    not_kept: tuple[str, ...] = ()


class Backend(Protocol):
    """The signature all integer backends share."""

    def __call__(
        self,
        program: Program,
        inputs: Inputs,
        steps: int,
        *,
        profile: Profile,
        record: frozenset[str],
        seed: int,
        progress: Progress = silent,
    ) -> Trajectory: ...


class Machine(Protocol):
    """A Program under way: each call of ``run`` goes on where the last one ended.

    ``steps_done`` counts from the start, and with it all that depends on the step:
    cycles, epochs, random numbers. Whatever the pieces, the bits are those of a run
    in one.
    """

    @property
    def steps_done(self) -> int:
        """How many steps lie behind it."""

    def run(
        self,
        inputs: Inputs,
        steps: int,
        record: frozenset[str],
        progress: Progress = silent,
    ) -> dict[str, npt.NDArray[np.generic]]:
        """Go ``steps`` further; row 0 of inputs and results is the next step."""

    def read(self, variable: VariableInfo) -> npt.NDArray[np.generic]:
        """Copy what a variable holds after the last step."""


def variables_at_the_end(program: Program) -> tuple[VariableInfo, ...]:
    """List what the end of a run shows: all state, and the buffers of sinks."""
    return (*state_variables(program), *sink_buffers(program))


def run_in_one(
    machine: Machine,
    program: Program,
    inputs: Inputs,
    steps: int,
    record: frozenset[str],
    progress: Progress,
) -> Trajectory:
    """Run a new machine from its start to the end of a run."""
    rows = machine.run(inputs, steps, record, progress)
    ends = variables_at_the_end(program)
    return Trajectory(rows, {v.name: machine.read(v) for v in ends})
