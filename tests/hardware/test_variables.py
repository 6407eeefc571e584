"""Names, shapes and types of what can be recorded: docs/semantics.md section 10."""

from __future__ import annotations

import numpy as np

from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.hardware.variables import sink_buffers, state_variables
from lahar.hardware.wires import Tap, Wire


def counter(graded: bool) -> NeuronProgram:
    return NeuronProgram(
        ports=(),
        registers=(Register("n"),),
        ops=(Op("add", "n", ("n", 1)), Op("gt", "over", ("n", 3))),
        spike="n" if graded else "over",
        outputs=(NeuronOutput("n", "n"), NeuronOutput("late", "over")),
        graded=graded,
    )


def network() -> Program:
    learning = Learning(
        1,
        (Product("t", "x0", (Factor("x1"),), 1, 0),),
        {"x1": TraceProgram(16, 2560)},
        {"y2": "late", "y3": ""},
    )
    weights = np.zeros((6, 2), np.int32)
    return Program(
        name="net",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(
            Population("given", 2),
            Population("binary", 2, cycle=np.array([[0, 1]], np.int32)),
            Population("graded", 2, cycle=np.array([[0, 2]], np.int32), shape=(2, 1)),
            Population("quiet", 6, counter(False), shape=(2, 3)),
            Population("loud", 6, counter(True)),
        ),
        connections=(
            Connection("plain", "given", "", "", weights, shape=(3, 2)),
            Connection("plastic", "given", "", "", weights, learning=learning),
        ),
        wires=(
            Wire("inner", (2,), (Tap("given.s_out"),)),
            Wire("seen", (2, 1), (Tap("given.s_out"),), listens=True),
            Wire("kept", (1, 2), (Tap("given.s_out"),), listens=True, buffer_steps=7),
        ),
    )


def test_every_variable_has_the_shape_and_type_of_its_owner() -> None:
    found = {v.name: (v.shape, v.dtype) for v in state_variables(network())}

    assert found == {
        "given.s_out": ((2,), "uint8"),
        "binary.s_out": ((2,), "uint8"),
        "graded.s_out": ((2, 1), "int32"),
        "quiet.s_out": ((2, 3), "uint8"),
        "quiet.n": ((2, 3), "int32"),
        "quiet.late": ((2, 3), "int32"),
        "loud.s_out": ((6,), "int32"),
        "loud.n": ((6,), "int32"),
        "loud.late": ((6,), "int32"),
        "plain.a_out": ((3, 2), "int32"),
        "plastic.a_out": ((6,), "int32"),
        "plastic.weights": ((6, 2), "int32"),
        "plastic.tag_1": ((6, 2), "int32"),
        "plastic.x1": ((2,), "int32"),
        "plastic.y2": ((6,), "int32"),
        "plastic.y3": ((6,), "int32"),
        "seen.a_in": ((2, 1), "int32"),
        "kept.a_in": ((1, 2), "int32"),
    }


def test_a_sink_with_a_buffer_has_data_at_the_end() -> None:
    found = {v.name: (v.shape, v.dtype) for v in sink_buffers(network())}

    assert found == {"kept.data": ((1, 2, 7), "int32")}
