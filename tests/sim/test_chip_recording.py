"""One LIF neuron as a real Loihi 2 ran it (NIR paper data, paper/01_lif).

The recording is read from where it lies beside the project; without it, skipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lahar.hardware.profile import PROFILES
from lahar.hardware.program import (
    Connection,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)
from lahar.sim.backend import Inputs
from lahar.sim.interpreter import execute as interpret
from lahar.sim.kernels import execute as run_kernels

TRACE = Path(__file__).parents[3] / "shared" / "traces" / "loihi2-lif"
CHIP = TRACE / "lif_lava_loihi_fixed.csv"

pytestmark = pytest.mark.skipif(
    not CHIP.exists(), reason="the chip recording is not beside the project"
)

DU, DV, VTH, WEIGHT = 4095, 163, 25, 10  # the registers of that run (its README)


def recorded() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.loadtxt(CHIP, delimiter=",", ndmin=2)
    columns = table if table.shape[0] == 3 else table.T
    return columns[0], columns[1], columns[2]


def lif() -> NeuronProgram:
    return NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("u"), Register("v")),
        ops=(
            Op("shl", "input", ("current", 6)),
            Op("decay", "u", ("u", DU + 1)),
            Op("add", "u", ("u", "input")),
            Op("wrap", "u", ("u",)),
            Op("decay", "v", ("v", DV)),
            Op("add", "v", ("v", "u")),
            Op("add", "v", ("v", 0)),
            Op("saturate", "v", ("v", -(2**23) + 1, 2**23 - 1)),
            Op("gt", "spike", ("v", VTH * 64)),
            Op("select", "v", ("spike", 0, "v")),
        ),
        spike="spike",
        membrane="v",
    )


def chip_program() -> Program:
    synapse = Connection(
        name="synapse",
        source="input",
        target="lif",
        port="current",
        weights=np.array([[WEIGHT]], dtype=np.int32),
        sign_mode=SignMode.EXCITATORY,
    )
    populations = (Population("input", 1), Population("lif", 1, lif()))
    return Program("chip-lif", "loihi2", "loihi2", 1e-4, populations, (synapse,))


@pytest.mark.parametrize("execute", [interpret, run_kernels])
@pytest.mark.parametrize(("profile", "equal"), [("loihi2", 1000), ("lava-0.10", 996)])
def test_profile_reproduces_the_recorded_chip(execute, profile, equal):
    spikes_in, v, spikes_out = recorded()
    inputs = Inputs({"input": spikes_in.astype(np.uint8)[:, None]}, {})

    found = execute(
        chip_program(),
        inputs,
        len(spikes_in),
        profile=PROFILES[profile],
        record=frozenset({"lif.v", "lif.s_out"}),
        seed=0,
    )

    assert np.array_equal(found.variables["lif.s_out"][:, 0], spikes_out)
    assert np.sum(found.variables["lif.v"][:, 0] == v) == equal
