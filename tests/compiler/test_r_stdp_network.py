"""The R-STDP network of Lava's three-factor tutorial, with a neuron of lahar's own.

Lava runs its own RSTDPLIF, a ProcessModel in Python; lahar cannot read that, so the
network is written here as a Program. Each variable of each step has to be the same.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lahar
from lahar.hardware.consistency import check_consistency
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)

STEPS = 220
PERIOD = 100  # of the reward

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava is not installed"
)


@dataclass(frozen=True)
class Network:
    """The numbers of one of the two tests."""

    pre_bias: list[int]
    post_bias: list[int]
    threshold: int
    impulse: int
    tag_decay: tuple[int, int]  # mantissa and exponent of `- u0*t*c`
    first_weight: int


NETWORKS = (
    Network([3600], [3700], 100, 16, (-1, -1), 1),
    Network([1900, 2500, 1200], [2400, 1600], 90, 20, (-2, 0), 0),
)


def lif(threshold: int, bias: str = "bias") -> tuple[Op, ...]:
    """docs/semantics.md section 4; du = dv = 0."""
    return (
        Op("shl", "input", ("current", 6)),
        Op("decay", "u", ("u", 1)),
        Op("add", "u", ("u", "input")),
        Op("wrap", "u", ("u",)),
        Op("decay", "v", ("v", 0)),
        Op("add", "v", ("v", "u")),
        Op("add", "v", ("v", bias)),
        Op("saturate", "v", ("v", -8388607, 8388607)),
        Op("gt", "spike", ("v", threshold << 6)),
        Op("select", "v", ("spike", 0, "v")),
    )


def pre_neuron(network: Network) -> NeuronProgram:
    return NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("u"), Register("v"), Register("bias")),
        ops=lif(network.threshold),
        spike="spike",
    )


def post_neuron(network: Network) -> NeuronProgram:
    """RSTDPLIF: y1 hears the spikes of the step before, y2 is the third factor."""
    factor = float(np.exp(-1 / 10))
    numerator, denominator = factor.as_integer_ratio()
    trace = (
        Op("fscale", "y1", ("y1", numerator, denominator.bit_length() - 1)),
        Op("mul", "jump", ("spiked", network.impulse)),
        Op("add", "y1", ("y1", "jump")),
        Op("copy", "y2", ("third_factor",)),
        Op("copy", "y3", (0,)),
    )
    return NeuronProgram(
        ports=(
            NeuronPort("current", "synaptic"),
            NeuronPort("third_factor", "synaptic"),
        ),
        registers=tuple(Register(n) for n in ("u", "v", "bias", "y1", "spiked")),
        ops=(*trace, *lif(network.threshold), Op("copy", "spiked", ("spike",))),
        spike="spike",
        outputs=tuple(NeuronOutput(n, n) for n in ("y1", "y2", "y3")),
    )


def r_stdp(network: Network) -> Learning:
    """dt = -2*x0*y1 + 4*y0*x1 - c*u0*t; dw = u0*t*y2."""
    mantissa, exponent = network.tag_decay
    return Learning(
        epoch_steps=1,
        products=(
            Product("w", "u", (Factor("t"), Factor("y2")), 1, 0),
            Product("t", "x0", (Factor("y1"),), -2, 0),
            Product("t", "y0", (Factor("x1"),), 4, 0),
            Product("t", "u", (Factor("t"),), mantissa, exponent),
        ),
        traces={"x1": TraceProgram(network.impulse, 10 * 256)},
        third_factors={"y1": "y1", "y2": "y2", "y3": "y3"},
        decimate_exponent=0,
    )


def program_of(network: Network) -> Program:
    pre, post = len(network.pre_bias), len(network.post_bias)
    reward = np.zeros((PERIOD, post), dtype=np.int32)
    reward[PERIOD // 3 : PERIOD // 2] = 1
    weights = np.full((post, pre), network.first_weight, dtype=np.int32)
    return Program(
        name="r_stdp",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=0.001,
        populations=(
            Population("reward", post, cycle=reward),
            Population(
                *("pre", pre, pre_neuron(network)),
                initial={"bias": np.array(network.pre_bias, dtype=np.int32)},
            ),
            Population(
                *("post", post, post_neuron(network)),
                initial={"bias": np.array(network.post_bias, dtype=np.int32)},
            ),
        ),
        connections=(
            Connection(
                *("synapse", "pre", "post", "current"),
                weights,
                learning=r_stdp(network),
            ),
            Connection(
                *("reward_synapse", "reward", "post", "third_factor"),
                np.eye(post, dtype=np.int32),
                sign_mode=SignMode.EXCITATORY,
            ),
        ),
    )


@pytest.fixture(scope="module")
def in_lava(lava_script: Callable[..., Path]) -> dict[str, Any]:
    folder = lava_script("r_stdp", "unit_tests", steps=STEPS)
    with np.load(folder / "result.npz") as result:
        return {k.removeprefix("row "): result[k] for k in result if k[:4] == "row "}


@pytest.mark.parametrize(
    ("number", "backend"),
    [
        (0, "interpreter"),
        (1, "interpreter"),
        pytest.param(1, "sim", marks=pytest.mark.slow),
    ],
)
def test_a_hand_made_neuron_learns_as_lavas_own_rstdplif(
    in_lava: dict[str, Any], number: int, backend: str
) -> None:
    program = program_of(NETWORKS[number])
    assert check_consistency(program) == []

    recording = lahar.run(program, None, STEPS, backend, record="all")

    names = [n for n in in_lava if n.startswith(f"{number}/")]
    compared = {n.removeprefix(f"{number}/") for n in names} - {"reward.s_out"}
    assert len(compared) == 15
    for name in compared:
        np.testing.assert_array_equal(
            recording[name], in_lava[f"{number}/{name}"], err_msg=name
        )
    assert len(np.unique(recording["synapse.weights"])) > 10
