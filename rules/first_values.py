"""First values of states that a group gives beside those of its neuron model.

The arrays of a group and the states of its model in, what is wrong with them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic


@dataclass(frozen=True)
class WrongInitialShape(Diagnostic):
    """The first values of a state are not one for each neuron of the group.

    One number serves all neurons; an array has as many as the group has neurons.
    """

    code = "R127"
    title = "group `{group}`: `{state}` starts with shape {shape}, not {wanted}"
    help = "give one number, or one for each neuron"

    group: str
    state: str
    shape: str
    wanted: str


@dataclass(frozen=True)
class InitialOfNoState(Diagnostic):
    """A group gives first values of something that its neurons do not keep.

    Only a state that the neuron model declares lives from step to step; an input has
    none.
    """

    code = "R128"
    title = "group `{group}` has no state `{state}` to start"
    note = "states here: {known}"
    help = "correct the name, or declare the state in the neuron model"

    group: str
    state: str
    known: str


@dataclass(frozen=True)
class InitialIsNotFinite(Diagnostic):
    """A first value of a state is NaN or infinite.

    The state could never leave it. The first such neuron is named.
    """

    code = "R142"
    title = "group `{group}`: `{state}` of neuron {index} starts at {value}"
    help = "mend the array before compiling"

    group: str
    state: str
    index: int
    value: str


def check_initial(
    group: str,
    size: int,
    initial: Mapping[str, npt.NDArray[np.float64]],
    states: Sequence[str],
) -> Iterator[Diagnostic]:
    """Check that first values are of states, one for each neuron, and finite."""
    known = ", ".join(states) or "none"
    for state, values in initial.items():
        if state not in states:
            yield InitialOfNoState(group, state, known)
        if values.shape != (size,):
            yield WrongInitialShape(group, state, str(values.shape), str((size,)))
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            first = int(bad[0])
            yield InitialIsNotFinite(group, state, first, str(values.flat[first]))
