"""What a network answers: the neuron of its output that is ahead.

A network and what its output did in; a score for each sample and neuron out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError
from ..rules.network import Group, Network
from .samples import FloatArray, IntArray

Read = Literal["count", "mean", "last", "max"]
"""Spikes counted; or of a state the mean, the last or the largest value."""


@dataclass(frozen=True)
class WhichOutput(Diagnostic):
    """It is not clear which group answers.

    That is the one group with neurons from which no projection starts, where there is
    one.
    """

    code = "U974"
    title = "network `{network}`: {problem}"
    note = "groups with neurons: {known}"
    help = "name the group that answers: output='{example}'"

    network: str
    problem: str
    known: str
    example: str


@dataclass(frozen=True)
class UnknownReadout(Diagnostic):
    """An answer is read in one of a few ways.

    Spikes are counted; of a state the mean, the last or the largest value counts.
    """

    code = "U975"
    title = "`{read}` is no way to read `{group}`"
    note = "possible: {known}"
    help = "use one of them, or leave it out"

    read: str
    group: str
    known: str


@dataclass(frozen=True)
class Readout:
    """How the output's neurons are read; ``variable`` is what has to be recorded."""

    group: Group
    variable: str
    read: Read

    def scores(self, rows: FloatArray) -> FloatArray:
        """Turn values (samples, steps, neurons) into scores (samples, neurons)."""
        rows = rows[:, self.group.latency :]
        match self.read:
            case "count" | "mean":
                return np.asarray(rows.sum(axis=1))
            case "last":
                return np.asarray(rows[:, -1])
            case "max":
                return np.asarray(rows.max(axis=1))


def readout_of(network: Network, output: str | None, read: str | None) -> Readout:
    """Find the group that answers, and how.

    Raises
    ------
    LaharError
        U974, U975.

    """
    group = _output(network, output)
    assert group.neuron is not None
    spikes = group.neuron.can_send
    if read is None:
        read = "count" if spikes else "mean"
    states = [s.name for s in group.neuron.states]
    possible = [r for r in get_args(Read) if r == "count" or states]
    possible = possible if spikes else possible[1:]
    if read not in possible:
        raise LaharError(UnknownReadout(read, group.name, ", ".join(possible)))
    variable = "s_out" if read == "count" else states[-1]
    return Readout(group, f"{group.name}.{variable}", read)  # type: ignore[arg-type]


def _output(network: Network, name: str | None) -> Group:
    groups = [g for g in network.groups if g.neuron is not None]
    known = ", ".join(g.name for g in groups) or "none"
    sources = {p.source for p in network.projections if p.source != p.target}
    ends = [g for g in groups if g.name not in sources]
    if name is not None:
        ends = [g for g in groups if g.name == name]
    if len(ends) == 1:
        return ends[0]
    problem = f"{len(ends)} groups could be its output"
    if name is not None:
        problem = f"it has no neurons called `{name}`"
    example = (ends or groups or [Group("out", 1)])[-1].name
    raise LaharError(WhichOutput(network.name, problem, known, example))


def decisions(scores: FloatArray) -> IntArray:
    """Give the neuron that is ahead in each sample; of equal ones the first."""
    ahead: IntArray = np.argmax(scores, axis=1)
    return ahead


def accuracy(scores: FloatArray, labels: npt.NDArray[np.int64]) -> float:
    """Give the share of samples whose label is ahead."""
    return float((decisions(scores) == labels).mean())
