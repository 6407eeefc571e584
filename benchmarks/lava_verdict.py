"""Compare what Lava computed of a network with what the simulator computes of it.

A LavaRun in, a Verdict out: equal, different, or what else went wrong.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lahar.hardware.profile import LAVA_0_10
from lahar.hardware.program import Program
from lahar.sim.backend import Inputs, Trajectory

from .backends import RUNNERS, Array, Difference, first_difference
from .lava_batch import LavaRun, run_networks
from .lava_network import Network

UNUSED = frozenset({"tag_1", "tag_2", "x1", "x2", "y1", "y2", "y3"})
"""Of a learning connection, the Program holds of these only what its rule uses."""

SEED = 0  # a Program from Lava has its seeds in its connections


@dataclass(frozen=True)
class Verdict:
    """What came of comparing one network.

    ``failure`` is empty if all was equal; else ``differs``, ``sim failed ...``, or
    the failure of the LavaRun. Counts are of one backend.
    """

    failure: str = ""
    said: str = ""
    differences: tuple[Difference, ...] = ()
    variables: int = 0
    values: int = 0


def judge_networks(
    networks: Sequence[Network], backends: Sequence[str] = ("interpreter",)
) -> list[Verdict]:
    """Run networks in Lava and in the simulator, and compare everything."""
    runs = run_networks(networks)
    return [judge(n, run, backends) for n, run in zip(networks, runs, strict=True)]


def judge(network: Network, run: LavaRun, backends: Sequence[str]) -> Verdict:
    """Compare one network's values, every variable of every step."""
    if run.program is None:
        return Verdict(run.failure, run.said)
    wanted = dict(lava_variables(network, run.values))
    found: list[Difference] = []
    names: list[str] = []
    for backend in backends:
        try:
            got = simulate(run.program, network.steps, backend)
        except Exception as error:
            failure = f"{backend} failed {type(error).__name__}"
            return Verdict(failure, traceback.format_exc())
        computed = _computed(run.program, got)
        names = [n for n in computed if n in wanted]
        found += _differences(wanted, computed, backend)
    values = sum(wanted[n].size for n in names)
    failure = "differs" if found else ""
    said = "\n".join(str(d) for d in found)
    return Verdict(failure, said, tuple(found), len(names), values)


def simulate(program: Program, steps: int, backend: str) -> Trajectory:
    """Run a Program that came from Lava; its inputs are in it."""
    return RUNNERS[backend](program, Inputs({}, {}), steps, LAVA_0_10, SEED)


def lava_variables(
    network: Network, values: Mapping[str, Array]
) -> Iterator[tuple[str, Array]]:
    """Name what Lava computed as a recording does."""
    for process in network.processes:
        if process.kind == "Sink":
            data = values[f"{process.name}.data"]
            yield f"{process.name}.a_in", _heard(data)
            yield f"{process.name}.data", data[-1:]
            continue
        names = [f"{process.name}.{member}" for member in process.members]
        yield from ((name, values[name]) for name in names)


def _heard(data: Array) -> Array:
    """Read what a ring buffer heard in each step from its contents after each."""
    buffer = data.shape[-1]
    return np.stack([data[t][..., t % buffer] for t in range(len(data))])


def _computed(program: Program, got: Trajectory) -> dict[str, Array]:
    """List what changes: per-neuron constants are registers that nothing writes."""
    constants = {
        f"{population.name}.{register.name}"
        for population in program.populations
        if population.neuron is not None
        for register in population.neuron.registers
        if register.name not in {op.target for op in population.neuron.ops}
    }
    rows = {n: v for n, v in got.variables.items() if n not in constants}
    buffers = {n: v[None] for n, v in got.final.items() if n.endswith(".data")}
    return {**rows, **buffers}


def _differences(
    wanted: Mapping[str, Array], got: Mapping[str, Array], backend: str
) -> Iterator[Difference]:
    for name in wanted.keys() ^ got.keys():
        if name in got or name.rpartition(".")[2] not in UNUSED:
            who = "the simulator" if name in got else "Lava"
            yield Difference(f"{name} (known to {who} only)", 0, (), 0, 0, backend)
    for name in wanted.keys() & got.keys():
        difference = first_difference(name, wanted[name], got[name], backend)
        if difference is not None:
            yield difference
