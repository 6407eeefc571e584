"""Small Programs that the tests of hardware/ share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.budget import Budget
from lahar.hardware.core_use import Amount, CoreUse, ListUse, SliceUse
from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)
from lahar.hardware.program import (
    Connection,
    CorePlacement,
    IntArray,
    Modulator,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
    Source,
    View,
)
from lahar.hardware.report import Finding, Report, Rounding, Stage, TermReport, Usage
from lahar.hardware.step_cost import Cost, Figure, StepCost
from lahar.hardware.wires import Tap, Wire


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
            cores=(
                CoreUse(
                    *(0, 0, (SliceUse("post", 0, 2, 2),)),
                    (ListUse("fixed", "sparse", 1, 2, 64),),
                    (Amount("neurons", 2, None), Amount("input axons", 7, 4096)),
                ),
            ),
            cost=StepCost(
                *("assumed: a test", 1e6, 1, 1),
                (Cost("spike", 0.5, (Figure("A", "simulated", 1.5, None, "D18"),)),),
                dynamic=Cost("dynamic", 1.0, ()),
                static=Cost("static", 1.0, ()),
                learning=Cost("learning", 0.25, ()),
            ),
        ),
    )


def ints(*values: Any) -> IntArray:
    return np.array(values, dtype=np.int32)


def graded_neuron() -> NeuronProgram:
    """The operations that the compiler does not write, around a LIF core."""
    return NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("du"), Register("u"), Register("v")),
        ops=(
            Op("every", "late", (5, 4)),
            Op("decay", "u", ("u", "du")),
            Op("add", "u", ("u", "current")),
            Op("fscale", "v", ("v", 7656119366529843, 53)),
            Op("add", "v", ("v", "u")),
            Op("select", "sent", ("late", "v", 0)),
            Op("int32", "sent", ("sent",)),
        ),
        spike="sent",
        outputs=(NeuronOutput("u_now", "u"),),
        graded=True,
    )


def build_wired() -> Program:
    """Use every field that only networks of Lava need; no chip has all of it."""
    stdp = Learning(
        epoch_steps=4,
        products=(Product("w", "y0", (Factor("x1"), Factor("y2")), 1, -1),),
        traces={"x1": TraceProgram(5, 7036874417766400, 256, tau_extra_bits=42)},
        third_factors={"y1": "u_now", "y2": "", "y3": ""},
        graded_spikes=GradedSpikes.ADD_WITH_SATURATION,
        hears_post=True,
    )
    return Program(
        name="wired",
        chip="lava",
        profile="lava-0.10",
        dt_seconds=0.001,
        populations=(
            Population("source", 6, shape=(2, 3), cycle=ints(range(6), [-1] * 6)),
            Population(
                "post",
                *(2, graded_neuron()),
                initial={"du": ints(1, 4096), "v": ints(-7, 7)},
                wires={"current": "drive"},
            ),
        ),
        connections=(
            Connection(
                *("learned", "source", "post", "current"),
                np.arange(12, dtype=np.int32).reshape(2, 6),
                learning=stdp,
                message_bits=24,
                initial={"x1": ints(*range(6)), "y2": ints(-300, 5)},
                exists={"w": np.eye(2, 6, dtype=np.int32)},
                feedback={"event": "events", "y2": "factor"},
            ),
            Connection(
                *("filter", "both", "", ""),
                np.full((4, 8), 3, dtype=np.int32),
                delays=np.arange(32, dtype=np.int32).reshape(4, 8),
                weight_format="raw",
                sum_bits=32,
                result_bits=24,
                shape=(1, 2, 2),
            ),
        ),
        wires=(
            Wire("drive", (2,), (Tap("source.s_out", ints(0, -1, -1, 1, -1, -1)),)),
            Wire("events", (2,), (Tap("post.s_out"),)),
            Wire("factor", (2,), (Tap("filter.a_out", ints(1, -1, 0, 0)),)),
            Wire(
                *("both", (8,)),
                (Tap("post.u_now", ints(7, 6)), Tap("source.s_out", ints(*range(6)))),
            ),
            Wire("sink", (2, 2), (Tap("filter.a_out"),), listens=True, buffer_steps=9),
        ),
        record=("post.v", "learned.*", "sink.a_in"),
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


@pytest.fixture(scope="session")
def wired() -> Program:
    return build_wired()
