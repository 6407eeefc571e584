"""What every integer backend takes and gives: the contract between engine and face.

A backend is a function ``execute(program, inputs, steps, profile, record, seed,
progress) -> Trajectory``; interpreter, kernels and the Lava runner all have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..hardware.profile import Profile
from ..hardware.program import Program

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
    """

    variables: Mapping[str, npt.NDArray[np.generic]]
    final: Mapping[str, npt.NDArray[np.generic]]


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
