"""`lahar validate --trace` on a recording of a real Loihi 2 (NIR paper, paper/01_lif).

The recording is read from where it lies beside the project; without it, skipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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

TRACES = Path(__file__).parents[3] / "shared" / "traces" / "loihi2-lif"
CHIP = TRACES / "lif_lava_loihi_fixed.csv"
LAVA_CPU = TRACES / "lif_lava_cpu_fixed.csv"

pytestmark = pytest.mark.skipif(
    not CHIP.exists(), reason="the chip recording is not beside the project"
)

DU, DV, VTH, WEIGHT = 4095, 163, 25, 10  # the registers of that run (its README)


@pytest.fixture
def chip_program(here: Path) -> Path:
    """The program of that run, as a file."""
    neuron = NeuronProgram(
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
            Op("saturate", "v", ("v", -8388607, 8388607)),
            Op("gt", "spike", ("v", VTH * 64)),
            Op("select", "v", ("spike", 0, "v")),
        ),
        spike="spike",
        membrane="v",
    )
    synapse = Connection(
        "synapse",
        "input",
        "lif",
        "current",
        np.array([[WEIGHT]], np.int32),
        sign_mode=SignMode.EXCITATORY,
    )
    populations = (Population("input", 1), Population("lif", 1, neuron))
    program = Program("chip-lif", "loihi2", "loihi2", 1e-4, populations, (synapse,))
    program.save("chip.lahar")
    return Path("chip.lahar")


def words(profile: str, trace: Path) -> list[str]:
    columns = "input.s_out,lif.v,lif.s_out"
    how = ["--profile", profile, "--trace", str(trace), "--columns", columns]
    return ["validate", "chip.lahar", *how]


@pytest.mark.usefixtures("chip_program")
def test_the_profile_loihi2_is_the_chip_in_all_of_1000_steps(call):
    done = call(*words("loihi2", CHIP))

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(
        "sim and lif_lava_loihi_fixed.csv: identical"
        " (3000 values of 3 variables, 1000 steps)"
    )


@pytest.mark.usefixtures("chip_program")
def test_the_profile_of_lava_parts_from_the_chip_where_the_neuron_spikes(call):
    done = call(*words("lava-0.10", CHIP))
    (verdict,) = call(*words("lava-0.10", CHIP), "--json").json["verdicts"].values()

    assert done.status == 1
    assert (
        "first at step 462: lif.v[0] is 0 in sim, 128 in lif_lava_loihi_fixed.csv"
        in done.out
    )
    assert verdict["level"] == "diverged"
    assert verdict["divergence"]["variable"] == "lif.v"
    assert verdict["divergence"]["differing"] == 4  # v on 996 of 1000 steps


@pytest.mark.usefixtures("chip_program")
def test_the_profile_of_lava_is_lavas_cpu_model(call):
    done = call(*words("lava-0.10", LAVA_CPU))

    assert done.status == 0
    assert "identical (3000 values" in done.out
