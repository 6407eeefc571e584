"""From source to port: docs/semantics.md section 3.2, with numbers by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
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
from lahar.sim.backend import Trajectory

Run = Callable[..., Trajectory]

INT32_MAX = 2**31 - 1


def relay() -> NeuronProgram:
    """A neuron that sends what it receives, as a graded spike."""
    return NeuronProgram(
        ports=(NeuronPort("in", "synaptic"),),
        registers=(Register("r"),),
        ops=(Op("copy", "r", ("in",)),),
        spike="r",
        graded=True,
    )


def network(*populations: Population, connections: Any = ()) -> Program:
    return Program(
        name="net",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=populations,
        connections=tuple(connections),
    )


def synapse(weights: object, **settings: Any) -> Connection:
    """Connect `a` to nothing but what listens to a_out."""
    array = np.asarray(weights, np.int32)
    return Connection("c", "a", "", "", array, weight_format="raw", **settings)


def sender(cycle: object) -> Population:
    rows = np.asarray(cycle, np.int32)
    return Population("a", rows.shape[1], cycle=rows)


def arrived(result: Trajectory, neuron: int = 0) -> list[int]:
    return [int(v) for v in result.variables["c.a_out"][:, neuron]]


def test_a_cycle_repeats_with_its_period(run: Run) -> None:
    program = network(sender([[1], [0], [0]]), connections=[synapse([[5]])])

    result = run(program, 7, {})

    assert result.variables["a.s_out"].dtype == np.uint8
    assert result.variables["a.s_out"][:, 0].tolist() == [1, 0, 0, 1, 0, 0, 1]
    assert arrived(result) == [0, 5, 0, 0, 5, 0, 0]


def test_values_of_a_graded_cycle_are_recorded_whole(run: Run) -> None:
    result = run(network(sender([[-(2**31)], [INT32_MAX]])), 3, {})

    assert result.variables["a.s_out"].dtype == np.int32
    assert result.variables["a.s_out"][:, 0].tolist() == [
        -(2**31),
        INT32_MAX,
        -(2**31),
    ]


def test_without_message_bits_any_value_counts_as_a_spike_of_one(run: Run) -> None:
    program = network(sender([[0], [7], [-3]]), connections=[synapse([[5]])])

    assert arrived(run(program, 4, {})) == [0, 0, 5, 5]


def test_with_message_bits_the_value_itself_counts(run: Run) -> None:
    connection = synapse([[5]], message_bits=16)
    program = network(sender([[0], [7], [-3]]), connections=[connection])

    assert arrived(run(program, 4, {})) == [0, 0, 35, -15]


@pytest.mark.parametrize(
    ("sum_bits", "exponent", "value"),
    [
        (64, -1, INT32_MAX),  # 2 * INT32_MAX halved
        (32, -1, -1),  # 2 * INT32_MAX is -2 in 32 bit
        (64, 1, -4),
        (32, 1, -4),
    ],
)
def test_sums_wrap_at_sum_bits_before_the_shift(
    run: Run, sum_bits: Any, exponent: int, value: int
) -> None:
    connection = synapse(
        [[1, 1]], message_bits=32, sum_bits=sum_bits, weight_exponent=exponent
    )
    program = network(sender([[INT32_MAX, INT32_MAX]]), connections=[connection])

    assert arrived(run(program, 2, {})) == [0, value]


def test_each_product_wraps_at_32_bit(run: Run) -> None:
    connection = synapse([[2, 1]], message_bits=32, weight_exponent=-1)
    program = network(sender([[INT32_MAX, 4]]), connections=[connection])

    assert arrived(run(program, 2, {})) == [0, (-2 + 4) >> 1]


@pytest.mark.parametrize(
    ("weight", "value"),
    [(2**23 - 1, 2**23 - 1), (2**23, -(2**23)), (2**24 + 3, 3), (-(2**23), -(2**23))],
)
def test_a_out_wraps_at_result_bits(run: Run, weight: int, value: int) -> None:
    connection = synapse([[weight]], result_bits=24)
    program = network(sender([[1]]), connections=[connection])

    assert arrived(run(program, 2, {})) == [0, value]


def test_each_synapse_arrives_after_its_own_delay(run: Run) -> None:
    connection = synapse([[10, 1]], delays=np.array([[0, 3]], np.int32))
    program = network(
        Population("a", 2, cycle=np.array([[1, 1]] + [[0, 0]] * 9, np.int32)),
        connections=[connection],
    )

    assert arrived(run(program, 7, {})) == [0, 10, 0, 0, 1, 0, 0]


def test_spikes_of_several_steps_add_up_where_they_arrive_together(run: Run) -> None:
    connection = synapse([[10, 1]], delays=np.array([[0, 2]], np.int32))
    program = network(Population("a", 2), connections=[connection])

    result = run(program, 6, {"a": [[3], [1, 2]]})

    assert arrived(result) == [0, 0, 0, 11, 1, 0]


def test_every_delay_is_shifted_by_itself_and_wraps_at_32_bit(run: Run) -> None:
    delays = np.array([[1, 0]], np.int32)
    odd = synapse([[3, 5]], delays=delays, weight_exponent=-1)
    large = synapse([[2**30, 2**30]], delays=delays, weight_exponent=1)
    both = {"a": [[1], [2]]}

    for connection, value in ((odd, 1 + 2), (large, 0)):
        program = network(Population("a", 2), connections=[connection])
        assert arrived(run(program, 3, both)) == [0, 0, value]


def test_a_delayed_spike_takes_the_weight_of_the_step_it_was_sent_in(run: Run) -> None:
    connection = Connection(
        "c",
        "a",
        "",
        "",
        np.array([[10]], np.int32),
        delays=np.array([[2]], np.int32),
        learning=Learning(1, (Product("w", "x0", (), 1, 2),)),  # dw = 4 * x0
    )
    program = network(Population("a", 1), connections=[connection])

    result = run(program, 6, {"a": [[1, 2]]})

    assert arrived(result) == [0, 0, 0, 10, 14, 0]


@pytest.mark.parametrize(
    ("profile", "value"), [(LAVA_0_10, 40000), (LOIHI2, 40000 - 65536)]
)
def test_the_sum_at_a_port_wraps_at_the_profiles_arrival_bits(
    run: Run, profile: Profile, value: int
) -> None:
    parts = [
        replace(synapse([[20000]]), name=name, target="b", port="in") for name in "cd"
    ]
    program = network(sender([[1]]), Population("b", 1, relay()), connections=parts)

    result = run(program, 2, {}, profile)

    assert result.variables["b.r"][:, 0].tolist() == [0, value]
    assert arrived(result)[1] == 20000


def test_a_chain_of_graded_populations_passes_values_on(run: Run) -> None:
    first = synapse([[3]], message_bits=24)
    second = replace(synapse([[-2]], message_bits=24), name="d", source="b")
    program = network(
        sender([[7], [0]]),
        Population("b", 1, relay()),
        connections=[replace(first, target="b", port="in"), second],
    )

    result = run(program, 4, {}, LAVA_0_10)

    assert result.variables["b.s_out"].dtype == np.int32
    assert result.variables["b.s_out"][:, 0].tolist() == [0, 21, 0, 21]
    assert result.variables["d.a_out"][:, 0].tolist() == [0, 0, -42, 0]


def test_neurons_may_start_with_values_of_their_own(run: Run) -> None:
    neuron = NeuronProgram(
        (), (Register("r", 5), Register("q", 1)), (Op("add", "r", ("r", "q")),), "q"
    )
    own = {"r": np.array([10, -20, 30], np.int32)}
    program = network(Population("p", 3, replace(neuron, graded=True), initial=own))

    result = run(program, 2, {})

    assert result.variables["p.r"].tolist() == [[11, -19, 31], [12, -18, 32]]


def test_values_have_the_shape_of_their_population_and_connection(run: Run) -> None:
    cycle = np.arange(6, dtype=np.int32)[None]
    connection = synapse(np.eye(6, dtype=int), message_bits=8, shape=(3, 2))
    program = network(
        Population("a", 6, shape=(2, 3), cycle=cycle),
        Population("b", 6, relay(), shape=(1, 6)),
        connections=[replace(connection, target="b", port="in")],
    )

    result = run(program, 2, {})

    assert result.variables["a.s_out"][0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert result.variables["c.a_out"][1].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert result.variables["b.r"][1].tolist() == [[0, 1, 2, 3, 4, 5]]
    assert result.final["c.a_out"].shape == (3, 2)


def test_tags_delay_variables_and_traces_start_at_their_initial_values(
    run: Run,
) -> None:
    products = (
        Product("w", "u", (Factor("t"), Factor("d")), 1, 0),
        Product("w", "u", (Factor("x1"),), 1, 0),
    )
    traces = {name: TraceProgram(0, 65535 * 256) for name in ("x1", "y2")}
    connection = Connection(
        "c",
        "a",
        "",
        "",
        np.array([[10]], np.int32),
        sign_mode=SignMode.EXCITATORY,
        learning=Learning(2, products, traces, decimate_exponent=0),
        initial={
            "tag_1": np.array([[5]], np.int32),
            "tag_2": np.array([[3]], np.int32),
            "x1": np.array([40], np.int32),
            "y2": np.array([9], np.int32),
        },
    )
    program = network(Population("a", 1), connections=[connection])

    profile = replace(LAVA_0_10, product_shift_base=None, trace_decay="q16")
    result = run(program, 2, {"a": [[]]}, profile)

    assert result.variables["c.tag_1"][:, 0, 0].tolist() == [5, 5]
    assert result.variables["c.tag_2"][:, 0, 0].tolist() == [3, 3]
    assert result.variables["c.x1"][0].tolist() == [40]
    assert result.variables["c.y2"][0].tolist() == [9]
    gained = result.variables["c.weights"][1, 0, 0] - 10 - 5 * 3
    assert gained == result.variables["c.x1"][1, 0]  # after its decay
