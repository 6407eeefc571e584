"""Compiled networks of wires, delays, cycles and graded spikes; what text they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
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
from lahar.hardware.wires import Tap, Wire
from lahar.sim import kernels
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.kernel_layout import layout_of
from lahar.sim.kernel_source import kernel_source

MakeProgram = Callable[..., Program]
MakeInputs = Callable[..., Inputs]
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
AssertSame = Callable[[Trajectory, Trajectory], None]


def text_of(program: Program, profile: Profile = LAVA_0_10) -> str:
    layout = layout_of(program, profile)
    return kernel_source(program, profile, layout, kernels.kernel_header()).text


def body(text: str) -> str:
    """Give what follows the imports, which name everything there is."""
    return text.partition("def ")[2]


def accumulator() -> NeuronProgram:
    """Sums what arrives with every operation that networks of Lava use."""
    return NeuronProgram(
        ports=(NeuronPort("in", "synaptic"), NeuronPort("direct", "synaptic")),
        registers=(Register("sum"), Register("leak", 300), Register("count")),
        ops=(
            Op("add", "both", ("in", "direct")),
            Op("decay", "sum", ("sum", "leak")),
            Op("fscale", "part", ("both", 3355, 12)),
            Op("add", "sum", ("sum", "part")),
            Op("saturate", "sum", ("sum", -(2**31), 2**23)),
            Op("every", "now", (7, 3)),
            Op("add", "count", ("count", "now")),
            Op("select", "sum", ("now", 0, "sum")),
            Op("int32", "sent", ("sum",)),
        ),
        spike="sent",
        outputs=(NeuronOutput("part", "part"),),
        membrane="sum",
        graded=True,
    )


def everything(size: int = 6, seed: int = 0) -> Program:
    """Join three populations in every way that a Program can say."""
    random = np.random.default_rng(seed)

    def array(low: int, high: int, *shape: int) -> Any:
        return random.integers(low, high, shape).astype(np.int32)

    learning = Learning(
        2,
        (
            Product("w", "y0", (Factor("x1"),), 1, -3),
            Product("t", "u", (Factor("y1"), Factor("y2")), 1, 0),
        ),
        {"x1": TraceProgram(0, 2560), "x2": TraceProgram(30, 1000)},
        {"y1": "part", "y2": ""},
        decimate_exponent=0,
        graded_spikes=GradedSpikes.ADD_WITH_SATURATION,
        hears_post=True,
    )
    first = Connection(
        "first",
        "mixed",
        "middle",
        "in",
        array(-300, 300, size, 2 * size),
        weight_exponent=-1,
        sign_mode=SignMode.MIXED,
        learning=learning,
        message_bits=24,
        sum_bits=32,
        initial={"x1": array(0, 127, 2 * size), "tag_1": array(-9, 9, size, 2 * size)},
        feedback={"event": "loud", "y2": "loud"},
    )
    delayed = Connection(
        "delayed",
        "middle",
        "last",
        "in",
        array(-(2**30), 2**30, size, size),
        weight_format="raw",
        delays=array(0, 5, size, size),
        result_bits=24,
        shape=(1, size),
    )
    back = Connection("back", "last", "middle", "in", array(-9, 9, size, size))
    middle = Population(
        "middle",
        size,
        accumulator(),
        initial={"leak": array(0, 4096, size)},
        wires={"direct": "kick"},
    )
    cycle = array(-(2**31), 2**31 - 1, 5, size) // array(1, 2**20, 5, size)
    return Program(
        name="everything",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=1e-3,
        populations=(
            Population("pulse", size),
            Population("wave", size, shape=(size, 1), cycle=cycle.astype(np.int32)),
            middle,
            Population("last", size, accumulator()),
        ),
        connections=(first, delayed, back),
        wires=(
            Wire("kick", (size,), (Tap("wave.s_out"), Tap("pulse.s_out"))),
            Wire(
                "mixed",
                (2 * size,),
                (
                    Tap("pulse.s_out", np.arange(size, dtype=np.int32)),
                    Tap("wave.s_out", np.arange(size, dtype=np.int32) + size),
                ),
            ),
            Wire("loud", (size,), (Tap("last.part"),), listens=True),
            Wire(
                "kept",
                (2, size),
                (
                    Tap("delayed.a_out", array(0, size, size)),
                    Tap("middle.s_out", array(-1, 2 * size, size)),
                ),
                listens=True,
                buffer_steps=4,
            ),
        ),
    )


@pytest.mark.parametrize(
    "profile",
    [
        replace(LAVA_0_10, membrane_low=-5000),
        pytest.param(LOIHI2, marks=pytest.mark.slow),
    ],
)
def test_a_network_of_everything_equals_the_interpreter(
    interpret: RunAll,
    make_inputs: MakeInputs,
    assert_same: AssertSame,
    profile: Profile,
) -> None:
    program, steps, seed = everything(), 150, 5
    inputs = make_inputs(program, steps, seed=seed)

    wanted = interpret(program, inputs, steps, profile, seed)
    got = kernels.execute(
        program,
        inputs,
        steps,
        profile=profile,
        record=frozenset(wanted.variables),
        seed=seed,
    )

    # A membrane that spikes in most steps mostly shows what is read after a spike.
    sums = ("last.sum",) if profile.v_after_spike is None else ()
    for name in (*sums, "delayed.a_out", "first.weights", "first.tag_1"):
        assert len(np.unique(wanted.variables[name])) > 20, name
    assert wanted.final["kept.data"].shape == (2, 6, 4)
    assert_same(wanted, got)


def test_sizes_weights_delays_and_places_do_not_change_the_text() -> None:
    assert text_of(everything(6)) == text_of(everything(9, seed=1))


def test_a_network_without_wires_and_delays_has_plain_statements(
    stdp_program: MakeProgram,
) -> None:
    text = body(text_of(stdp_program()))

    assert "\n        propagate_packed(c0_weights, p0_listed, p0_count," in text
    assert "copy_cells(c0_on_the_way, c0_arrived)" in text
    others = ("deliver", "narrow_cells", "binary", "_values", "_delayed")
    for name in (*others, "clear_cells(p", "w0"):
        assert name not in text


def test_only_what_is_needed_is_kept_apart(stdp_program: MakeProgram) -> None:
    program = stdp_program()
    graded = np.array([[3] * 6], np.int32)
    source = replace(program.populations[0], cycle=graded)
    heard = replace(program, populations=(source, *program.populations[1:]))

    assert "c0_heard" not in text_of(program)
    assert "c0_heard" in text_of(heard)
    assert "c0_heard" not in text_of(heard.frozen())


@pytest.mark.parametrize("sum_bits", [32, 64])
@pytest.mark.parametrize("delays", [None, np.array([[0, 0, 2]], np.int32)])
def test_sums_wrap_before_the_shift_as_in_the_interpreter(
    interpret: RunAll,
    run_plain: RunAll,
    assert_same: AssertSame,
    sum_bits: Any,
    delays: Any,
) -> None:
    cycle = np.array([[2**30, 2**30 + 1, 4], [-5, 3, 0]], np.int32)
    connection = Connection(
        "c",
        "a",
        "",
        "",
        np.array([[1, 1, 2**30 + 5]], np.int32),
        weight_exponent=-1,
        weight_format="raw",
        message_bits=32,
        delays=delays,
        sum_bits=sum_bits,
    )
    sender = Population("a", 3, cycle=cycle)
    program = replace(
        everything(), populations=(sender,), connections=(connection,), wires=()
    )
    inputs = Inputs({}, {})

    wanted = interpret(program, inputs, 6, LAVA_0_10, 0)

    assert_same(wanted, run_plain(program, inputs, 6, LAVA_0_10, 0))
    other = replace(connection, sum_bits=96 - sum_bits)
    different = interpret(
        replace(program, connections=(other,)), inputs, 6, LAVA_0_10, 0
    )
    assert (wanted.variables["c.a_out"] != different.variables["c.a_out"]).any()
