"""Small Programs that the tests of hardware/ share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.program import (
    Budget,
    Connection,
    CorePlacement,
    Factor,
    IntArray,
    Learning,
    Modulator,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Product,
    Program,
    Register,
    SignMode,
    Source,
    TraceProgram,
    View,
)
from lahar.hardware.report import Finding, Report, Rounding, Stage, TermReport, Usage


def lif_ops(du: int, dv: int, bias: int, threshold: int) -> tuple[Op, ...]:
    """docs/semantics.md section 4, the LIF core."""
    return (
        Op("shl", "input", ("current", 6)),
        Op("decay", "u", ("u", du)),
        Op("add", "u", ("u", "input")),
        Op("wrap", "u", ("u",)),
        Op("decay", "v", ("v", dv)),
        Op("add", "v", ("v", "u")),
        Op("add", "v", ("v", bias)),
        Op("saturate", "v", ("v", -8388607, 8388607)),
        Op("gt", "spike", ("v", threshold)),
        Op("select", "v", ("spike", 0, "v")),
    )


def build_lif(
    du: int = 410, dv: int = 205, bias: int = 0, threshold: int = 100 * 64
) -> NeuronProgram:
    return NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("u"), Register("v")),
        ops=lif_ops(du, dv, bias, threshold),
        spike="spike",
        membrane="v",
    )


def build_dense(
    post: int = 2,
    pre: int = 3,
    *,
    weights: IntArray | None = None,
    neuron: NeuronProgram | None = None,
    **connection: Any,
) -> Program:
    """Inputs `pre` onto LIF neurons `post` through the connection `synapse`."""
    if weights is None:
        weights = np.full((post, pre), 2, dtype=np.int32)
    settings = {"sign_mode": SignMode.EXCITATORY, **connection}
    return Program(
        name="small",
        chip="loihi1",
        profile="loihi2",
        dt_seconds=0.001,
        populations=(
            Population("pre", pre),
            Population("post", post, neuron or build_lif()),
        ),
        connections=(
            Connection("synapse", "pre", "post", "current", weights, **settings),
        ),
    )


def build_everything() -> Program:
    """Use every field of every type that a Program is made of."""
    neuron = replace(
        build_lif(),
        ports=(NeuronPort("current", "synaptic"), NeuronPort("error", "modulator")),
        registers=(Register("u"), Register("v", -5)),
        outputs=(NeuronOutput("error_q", "sent"),),
        ops=(*lif_ops(410, 205, 12, 6400), Op("saturate", "sent", ("error", 0, 127))),
    )
    stdp = Learning(
        epoch_steps=2,
        products=(
            Product("w", "x0", (Factor("y1", -64),), -3, -2, origin=0),
            Product("w", "y0", (Factor("x1"), Factor("w", 3, sign=True)), 7, 8),
            Product("t", "u", (Factor("t"), Factor("c", 5)), -1, -4, origin=1),
        ),
        traces={"x1": TraceProgram(40, 5120, 128), "x2": TraceProgram(16, 0)},
        third_factors={"y1": "error_q"},
        decimate_exponent=3,
        seed_offset=1,
    )
    return Program(
        name="everything",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=0.001,
        populations=(Population("pre", 3), Population("post", 2, neuron)),
        connections=(
            Connection(
                *("plastic", "pre", "post", "current"),
                np.array([[2, -4, 6], [0, 254, -256]], dtype=np.int32),
                weight_exponent=-1,
                learning=stdp,
            ),
            Connection(
                *("fixed", "post", "post", "current"),
                np.array([[0, -16], [-32, 0]], dtype=np.int32),
                weight_bits=4,
                sign_mode=SignMode.INHIBITORY,
            ),
        ),
        modulators=(Modulator("error", 64.0, -64, 63, (("post", "error"),)),),
        views=(View("plastic.x1", "plastic.x", 40.5), View("post.v", "post.v", 1e3, 7)),
        budgets=(Budget("plastic", 0.01, -0.25, 0.1),),
        placement=(CorePlacement(0, "post", 0, 2),),
        source=Source("rule everything\n", {"plastic": np.eye(2, 3)}),
        report=Report(
            terms=(TermReport("plastic", "w", "x*post", "exact", "x1 * y0"),),
            roundings=(Rounding("a_plus", 0.01, 0.0078125, "rule.py:7"),),
            findings=(Finding("L11", "warning", "saturates", "rule.py:3"),),
            usage=(Usage("cores", 1, None), Usage("neurons", 2, 1024, "neuron", "NL")),
            stages=(Stage("legalise", "rule everything"),),
        ),
    )


@pytest.fixture(scope="session")
def make_lif() -> Callable[..., NeuronProgram]:
    return build_lif


@pytest.fixture(scope="session")
def make_dense() -> Callable[..., Program]:
    return build_dense


@pytest.fixture(scope="session")
def everything() -> Program:
    return build_everything()
