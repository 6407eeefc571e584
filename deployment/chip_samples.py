"""Samples on the simulated chip: one run for each, from the first step.

A Program and samples in; what was asked for out, (samples, steps, neurons), in the
network's units. The arithmetic is that of the Program's profile, bit for bit.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from ..hardware.profile import find_profile
from ..hardware.program import Program, View
from ..sim import kernels
from ..sim.recording import in_rule_units
from ..sim.stimulus import prepare
from ..sim.stimulus_needs import Stimulus
from .samples import FloatArray, Samples

Rows = npt.NDArray[Any]


def run_on_chip(
    program: Program,
    samples: Samples,
    steps: int,
    record: Collection[str],
    profile: str | None = None,
) -> dict[str, FloatArray]:
    """Run every sample; after its last row the inputs send nothing.

    Parameters
    ----------
    program
        Compiled from the network that the samples are for.
    samples
        What its inputs send.
    steps
        Steps of each run.
    record
        Names of a recording, such as ``"out.s_out"``.
    profile
        The program's own if None.

    """
    arithmetic = find_profile(profile or program.profile)
    views = {v.variable: v for v in program.views}
    wanted = frozenset(record)
    rows: dict[str, list[Rows]] = {name: [] for name in wanted}
    for number in range(samples.count):
        spikes = {n: _padded(a[number], steps) for n, a in samples.inputs.items()}
        inputs = prepare(program, Stimulus(spikes), steps)
        ran = kernels.execute(
            program, inputs, steps, profile=arithmetic, record=wanted, seed=0
        )
        for name in wanted:
            rows[name].append(ran.variables[name])
    return {
        name: np.asarray(
            in_rule_units(np.stack(kept), views.get(name, View(name, name, 1.0))),
            np.float64,
        )
        for name, kept in rows.items()
    }


def _padded(rows: FloatArray, steps: int) -> FloatArray:
    """Let nothing follow where a run goes on after its sample, for latencies."""
    missing = max(steps - len(rows), 0)
    padded: FloatArray = np.pad(rows, ((0, missing), (0, 0)))[:steps]
    return padded
