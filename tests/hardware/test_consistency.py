from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.consistency import check_consistency
from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)
from lahar.hardware.program import (
    CorePlacement,
    Modulator,
    NeuronOutput,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    Source,
    View,
)

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]


def codes(program: Program) -> list[str]:
    found = check_consistency(program)
    assert all(d.render() for d in found)
    return [d.code for d in found]


def test_sound_programs_have_no_contradictions(
    make_dense: Make, everything: Program, wired: Program
) -> None:
    assert codes(make_dense()) == []
    assert codes(everything) == []
    assert codes(everything.frozen()) == []
    assert codes(wired) == []
    assert codes(wired.frozen()) == []


def test_names_lead_somewhere(make_dense: Make) -> None:
    program = make_dense()
    (synapse,) = program.connections

    for change in ({"source": "x"}, {"target": "x"}, {"port": "x"}, {"target": "pre"}):
        wrong = replace(synapse, **change)
        found = codes(replace(program, connections=(wrong,)))
        assert found[0] == "P310", change


def test_a_connection_cannot_take_a_populations_name(make_dense: Make) -> None:
    program = make_dense()
    twin = replace(program.connections[0], name="pre")

    assert codes(replace(program, connections=(twin,))) == ["P311"]


def test_weights_have_the_shape_of_their_populations(make_dense: Make) -> None:
    wrong = np.zeros((3, 2), dtype=np.int32)

    assert codes(make_dense(weights=wrong)) == ["P312"]
    assert codes(make_dense(weights=np.zeros(6, dtype=np.int32))) == ["P312"]


def test_weights_are_integers_of_32_bit(make_dense: Make) -> None:
    assert codes(make_dense(weights=np.full((2, 3), np.nan))) == ["P313"]
    assert codes(make_dense(weights=np.full((2, 3), 2**31))) == ["P313"]


@pytest.mark.parametrize(
    "change",
    [
        {"dt_seconds": float("nan")},
        {"dt_seconds": 0.0},
        {"views": (View("post.v", "post.v", float("inf")),)},
        {"views": (View("post.v", "post.v", 0.0),)},
        {"source": Source("", {"w": np.array([1.0, np.inf])})},
        {"placement": (CorePlacement(0, "post", 0, 3),)},
        {"placement": (CorePlacement(-1, "post", 0, 2),)},
        {"populations": (Population("pre", 3), Population("post", 0))},
        {"product_shift_base": -1},
    ],
)
def test_unusable_numbers_are_found(
    make_dense: Make, change: dict[str, object]
) -> None:
    assert "P313" in codes(replace(make_dense(), **change))


@pytest.mark.parametrize(
    "op",
    [
        Op("shl", "a", ("u", 63)),
        Op("shl", "a", ("u", "v")),
        Op("shr", "a", ("u", -1)),
        Op("decay", "a", ("u", 4097)),
        Op("saturate", "a", ("u", 5, -5)),
        Op("add", "a", ("u",)),
        Op("copy", "a", ("b",)),
        Op("copy", "a", (2**63,)),
        Op("copy", "current", (1,)),
        Op("decay", "a", ("u", "b")),
        Op("int32", "a", ("u", 1)),
        Op("fscale", "a", ("u", "v", 53)),
        Op("fscale", "a", ("u", 2**53 + 1, 53)),
        Op("fscale", "a", ("u", 1, 1075)),
        Op("every", "a", (0, 0)),
        Op("every", "a", (2, 2)),
        Op("every", "a", (2, -1)),
        Op("every", "a", ("u", 0)),
    ],
)
def test_ill_formed_operations_are_found(
    make_dense: Make, make_lif: MakeLif, op: Op
) -> None:
    lif = make_lif()
    neuron = replace(lif, ops=(*lif.ops, op))

    assert codes(make_dense(neuron=neuron)) == ["P315"]


@pytest.mark.parametrize(
    "op",
    [
        Op("decay", "a", ("u", "v")),
        Op("decay", "a", ("u", "input")),
        Op("int32", "a", ("u",)),
        Op("fscale", "a", ("u", -(2**53), 1074)),
        Op("every", "a", (1, 0)),
        Op("every", "a", (2**31 - 1, 2**31 - 2)),
    ],
)
def test_well_formed_operations_are_taken(
    make_dense: Make, make_lif: MakeLif, op: Op
) -> None:
    lif = make_lif()

    assert codes(make_dense(neuron=replace(lif, ops=(*lif.ops, op)))) == []


def test_a_temporary_is_not_read_before_it_is_written(
    make_dense: Make, make_lif: MakeLif
) -> None:
    lif = make_lif()
    late = replace(lif, ops=(*lif.ops[1:], lif.ops[0]))

    (problem,) = check_consistency(make_dense(neuron=late))

    assert "`input` is read before it is written" in problem.message


@pytest.mark.parametrize(
    "change",
    [
        {"spike": "nothing"},
        {"membrane": "input"},
        {"outputs": (NeuronOutput("error", "nothing"),)},
    ],
)
def test_what_a_neuron_hands_out_is_computed(
    make_dense: Make, make_lif: MakeLif, change: dict[str, object]
) -> None:
    assert codes(make_dense(neuron=replace(make_lif(), **change))) == ["P316"]


def test_registers_are_unique_and_of_32_bit(
    make_dense: Make, make_lif: MakeLif
) -> None:
    twice = (Register("u"), Register("v"), Register("v"))
    large = (Register("u", 2**31), Register("v"))

    assert codes(make_dense(neuron=replace(make_lif(), registers=twice))) == ["P317"]
    assert codes(make_dense(neuron=replace(make_lif(), registers=large))) == ["P317"]


def test_nothing_of_a_neuron_is_called_like_its_spikes(
    make_dense: Make, make_lif: MakeLif
) -> None:
    lif = make_lif()
    register = replace(lif, registers=(*lif.registers, Register("s_out")))
    output = replace(lif, outputs=(NeuronOutput("s_out", "v"),))

    assert codes(make_dense(neuron=register)) == ["P317"]
    assert codes(make_dense(neuron=output)) == ["P317"]


@pytest.mark.parametrize(
    ("learning", "expected"),
    [
        (Learning(0, ()), ["P313"]),
        (Learning(1, (), traces={"x3": TraceProgram(1, 256)}), ["P310"]),
        (Learning(1, (), traces={"x1": TraceProgram(1, -1)}), ["P313"]),
        (Learning(1, (), traces={"x1": TraceProgram(1, 0, 257)}), ["P313"]),
        (Learning(1, (), traces={"x1": TraceProgram(1, 0, 256)}), []),
        (Learning(1, (), traces={"x1": TraceProgram(1, 2**53 + 1)}), ["P313"]),
        (Learning(1, (), traces={"x1": TraceProgram(1, 2**1032)}), ["P313"]),
        (Learning(1, (), traces={"x1": TraceProgram(1, 2**1031)}), []),
        (Learning(1, (), traces={"x1": TraceProgram(1, 1, 0, 1066)}), []),
        (Learning(1, (), traces={"x1": TraceProgram(1, 1, 0, 1067)}), ["P313"]),
        (Learning(1, (), traces={"x1": TraceProgram(1, 1, 0, -1)}), ["P313"]),
        (Learning(1, (), third_factors={"y1": "error"}), ["P310"]),
        (Learning(1, (), third_factors={"x1": "error"}), ["P310", "P310"]),
        (Learning(1, (Product("w", "u", (), 1, 0),)), ["P314"]),
        (Learning(1, (), graded_spikes=GradedSpikes.OVERWRITE), ["P314"]),
        (Learning(1, (Product("w", "x0", (), 1, -8),)), ["P313"]),
        (Learning(1, (Product("w", "x0", (Factor("c", 2**31),), 1, 0),)), ["P313"]),
    ],
)
def test_ill_formed_learning_is_found(
    make_dense: Make, learning: Learning, expected: list[str]
) -> None:
    assert codes(make_dense(learning=learning)) == expected


def test_a_y_slot_is_a_trace_or_a_third_factor(everything: Program) -> None:
    learning = everything.connections[0].learning
    assert learning is not None
    both = replace(learning, traces={"y2": TraceProgram(1, 256)})
    connection = replace(everything.connections[0], learning=both)

    assert codes(replace(everything, connections=(connection,))) == ["P314"]


@pytest.mark.parametrize(
    ("modulator", "expected"),
    [
        (Modulator("m", 1.0, 0, 1, (("nobody", "error"),)), "P310"),
        (Modulator("m", 1.0, 0, 1, (("post", "current"),)), "P310"),
        (Modulator("m", float("nan"), 0, 1, (("post", "error"),)), "P313"),
        (Modulator("m", 1.0, 2, 1, (("post", "error"),)), "P313"),
    ],
)
def test_modulators_reach_modulator_ports(
    everything: Program, modulator: Modulator, expected: str
) -> None:
    assert codes(replace(everything, modulators=(modulator,))) == [expected]


TOO_LARGE = np.array([2**31, 0, 0])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"shape": (3, 1)}, []),
        ({"shape": (2,)}, ["P313"]),
        ({"shape": (-1, -3)}, ["P313"]),
        ({"cycle": np.arange(6).reshape(2, 3)}, []),
        ({"cycle": np.arange(6).reshape(3, 2)}, ["P318"]),
        ({"cycle": np.zeros((0, 3), dtype=np.int32)}, ["P318"]),
        ({"cycle": np.zeros(3, dtype=np.int32)}, ["P318"]),
        ({"cycle": np.array(5)}, ["P318"]),
        ({"cycle": np.zeros((1, 3))}, ["P313"]),
        ({"cycle": TOO_LARGE[None]}, ["P313"]),
        ({"initial": {"v": np.zeros(3, dtype=np.int32)}}, ["P310"]),
    ],
)
def test_an_input_has_a_shape_and_rows_that_fit_it(
    make_dense: Make, change: dict[str, Any], expected: list[str]
) -> None:
    program = make_dense()
    pre, post = program.populations

    changed = replace(program, populations=(replace(pre, **change), post))

    assert codes(changed) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"initial": {"v": np.array([1, -1])}}, []),
        ({"initial": {"spike": np.array([1, -1])}}, ["P310"]),
        ({"initial": {"v": np.array([1])}}, ["P318"]),
        ({"initial": {"v": np.array([1, 2**31])}}, ["P313"]),
        ({"initial": {"v": np.array([0.5, 0.5])}}, ["P313"]),
        ({"cycle": np.zeros((1, 2), dtype=np.int32)}, ["P313"]),
        ({"shape": (2, 1)}, []),
    ],
)
def test_every_neuron_has_a_first_value(
    make_dense: Make, change: dict[str, Any], expected: list[str]
) -> None:
    program = make_dense()
    pre, post = program.populations

    changed = replace(program, populations=(pre, replace(post, **change)))

    assert codes(changed) == expected


X1 = Learning(1, (), traces={"x1": TraceProgram(1, 256)})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"message_bits": 32}, []),
        ({"message_bits": 33}, ["P313"]),
        ({"message_bits": -1}, ["P313"]),
        ({"result_bits": 1}, []),
        ({"result_bits": 0}, ["P313"]),
        ({"result_bits": 33}, ["P313"]),
        ({"shape": (1, 2)}, []),
        ({"shape": (3,)}, ["P313"]),
        ({"delays": np.full((2, 3), 63)}, []),
        ({"delays": np.full((2, 3), 64)}, ["P313"]),
        ({"delays": np.full((2, 3), -1)}, ["P313"]),
        ({"delays": np.full((3, 2), 1)}, ["P318"]),
        ({"delays": np.full((2, 3), 1.0)}, ["P313"]),
        ({"exists": {"w": np.eye(2, 3, dtype=np.int32)}}, []),
        ({"exists": {"w": np.full((2, 3), 2)}}, ["P313"]),
        ({"exists": {"t": np.ones(3, dtype=np.int32)}}, ["P318"]),
        ({"exists": {"x1": np.ones((2, 3), dtype=np.int32)}}, ["P313"]),
        ({"initial": {"tag_1": np.full((2, 3), -5)}}, []),
        ({"initial": {"tag_2": np.full(3, 5)}}, ["P318"]),
        ({"initial": {"x1": np.array([0, 1, 255])}, "learning": X1}, []),
        ({"initial": {"x1": np.array([0, 1, 256])}, "learning": X1}, ["P313"]),
        ({"initial": {"y3": np.array([-500, 500])}, "learning": X1}, []),
        ({"initial": {"y3": np.array([1, 2, 3])}}, ["P318"]),
        ({"initial": {"weights": np.ones((2, 3), dtype=np.int32)}}, ["P313"]),
    ],
)
def test_what_a_synapse_has_fits_its_weights(
    make_dense: Make, change: dict[str, Any], expected: list[str]
) -> None:
    assert codes(make_dense(**change)) == expected


def test_arrays_of_any_number_of_dimensions_are_reported(make_dense: Make) -> None:
    for weights in (np.array(5), np.ones(3, dtype=np.int32), np.ones((1, 2, 3))):
        program = make_dense(weights=weights)
        free = replace(program.connections[0], target="", port="", feedback={"": ""})

        assert "P312" in codes(program)
        assert "P312" in codes(replace(program, connections=(free,), record=("*",)))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (("post.v", "pre.s_out"), []),
        (("*.s_out", "p*.[uv]"), []),
        (("post.w",), ["P310"]),
        (("synapse.weights", "*.a_in"), ["P310", "P310"]),
    ],
)
def test_what_is_to_be_recorded_exists(
    make_dense: Make, record: tuple[str, ...], expected: list[str]
) -> None:
    assert codes(replace(make_dense(), record=record)) == expected
