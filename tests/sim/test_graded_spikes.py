"""What the engine hears: payloads, silence of the post side, synapses that are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
from lahar.hardware.program import Connection, Population, Program, SignMode
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.graded_spikes import receive_payload
from lahar.sim.initial_weights import initial_weights
from lahar.sim.operations import half_payload

RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
SAT, OVER = GradedSpikes.ADD_WITH_SATURATION, GradedSpikes.ADD_WITHOUT_SATURATION


@pytest.mark.parametrize(
    ("payload", "half"),
    [
        *((0, 0), (1, 0), (2, 1), (3, 2), (5, 2), (7, 4), (255, 128), (511, 0)),
        *((-1, 0), (-2, 255), (-3, 254), (-255, 128), (2**31 - 1, 0), (-(2**31), 0)),
    ],
)
def test_half_a_payload_is_rounded_to_even_and_kept_in_a_byte(
    payload: int, half: int
) -> None:
    assert half_payload(np.array([payload])) == half
    assert np.round(payload / 2) % 256 == half


@pytest.mark.parametrize(
    ("mode", "x1", "payload", "after", "counts"),
    [
        (GradedSpikes.OVERWRITE, 50, 0, 50, 0),
        (GradedSpikes.OVERWRITE, 50, 20, 10, 1),
        (GradedSpikes.OVERWRITE, 50, 400, 200, 1),
        (GradedSpikes.OVERWRITE, 50, -2, 255, 1),
        (SAT, 50, 0, 50, 0),
        (SAT, 50, 20, 60, 1),
        (SAT, 50, 160, 127, 1),
        (SAT, 50, 500, 44, 1),  # 50 + 250 - 256
        (SAT, 200, 0, 127, 0),
        (OVER, 50, 20, 60, 0),
        (OVER, 50, 156, 1, 1),  # 128 - 127
        (OVER, 50, 154, 127, 0),
        (OVER, 50, 400, 123, 1),
        (OVER, 50, 500, 44, 0),
        (OVER, 200, 0, 73, 0),  # without a spike nothing counts
    ],
)
def test_a_payload_does_to_x1_what_its_mode_says(
    mode: GradedSpikes, x1: int, payload: int, after: int, counts: int
) -> None:
    trace, spikes = receive_payload(mode, np.array([x1]), np.array([payload]))

    assert (trace[0], spikes[0]) == (after, counts)


def heard(
    learning: Learning, cycle: list[list[int]], *, message_bits: int = 24, post: int = 1
) -> Program:
    """Make an input that sends rows of a cycle, and inputs on the post side."""
    pre = len(cycle[0])
    connection = Connection(
        "s",
        "pre",
        "post",
        "",
        np.full((post, pre), 10, np.int32),
        sign_mode=SignMode.EXCITATORY,
        learning=learning,
        message_bits=message_bits,
    )
    populations = (
        Population("pre", pre, cycle=np.array(cycle, np.int32)),
        Population("post", post),
    )
    return Program("heard", "loihi2", "lava-0.10", 1e-3, populations, (connection,))


def told(program: Program, steps: int, *, post: bool = False) -> Inputs:
    spikes = np.full((steps, program.population("post").size), post, np.uint8)
    return Inputs({"post": spikes}, {})


def column(result: Trajectory, name: str) -> list[int]:
    return [int(v) for v in result.variables[f"s.{name}"].reshape(-1)]


def test_an_overwritten_trace_decays_and_an_impulse_of_0_clips_it(
    interpret: RunAll,
) -> None:
    learning = Learning(
        3,
        (Product("w", "u", (), 0, 0),),
        {"x1": TraceProgram(0, 2 * 256)},
        decimate_exponent=0,
        graded_spikes=GradedSpikes.OVERWRITE,
    )
    halves = replace(LOIHI2, trace_decay="q16 first order")
    program = heard(learning, [[0], [480], [0]])

    result = interpret(program, told(program, 3), 3, halves, 0)

    # 240 is decayed twice, to 120, 60; at the spike (k = 2) nothing is left to clip
    assert column(result, "x1") == [0, 240, 30]

    first = heard(learning, [[480], [0], [0]])
    # decayed to 120 at k = 1
    assert column(interpret(first, told(first, 3), 3, halves, 0), "x1")[-1] == 30
    slow = replace(learning, traces={"x1": TraceProgram(0, 2**40)})
    first = heard(slow, [[480], [0], [0]])
    # not decayed: 240 is clipped to 127 when the spike adds its impulse of 0
    assert column(interpret(first, told(first, 3), 3, LOIHI2, 0), "x1")[-1] == 127


def test_only_an_overflow_of_x1_counts_as_a_spike(interpret: RunAll) -> None:
    learning = Learning(
        1,
        (Product("w", "x0", (), 1, 0),),
        {"x1": TraceProgram(0, 2**40), "x2": TraceProgram(20, 2**40)},
        graded_spikes=OVER,
    )
    program = heard(learning, [[200], [100], [0]])

    result = interpret(program, told(program, 3), 3, LOIHI2, 0)

    assert column(result, "x1") == [100, 23, 23]
    assert column(result, "x2") == [0, 20, 20]
    assert column(result, "weights") == [10, 11, 11]


def test_without_message_bits_a_payload_is_a_spike_of_one(interpret: RunAll) -> None:
    learning = Learning(
        1,
        (Product("w", "x0", (), 1, 0),),
        {"x1": TraceProgram(0, 2**40)},
        graded_spikes=GradedSpikes.OVERWRITE,
    )
    program = heard(learning, [[200]], message_bits=0)

    result = interpret(program, told(program, 1), 1, LOIHI2, 0)

    assert column(result, "x1") == [0]  # half of 1, to even
    assert column(result, "weights") == [11]


def test_an_engine_that_hears_no_post_spikes_keeps_its_y_traces(
    interpret: RunAll,
) -> None:
    rule = (
        Product("w", "y0", (), 7, 0),
        Product("w", "x0", (Factor("y1"),), 1, 0),
    )
    learning = Learning(1, rule, {"y1": TraceProgram(16, 2 * 256)}, hears_post=False)
    program = heard(learning, [[1]])
    connection = replace(
        program.connections[0], initial={"y1": np.array([40], np.int32)}
    )
    program = replace(program, connections=(connection,))
    halves = replace(LOIHI2, trace_decay="q16 first order")

    result = interpret(program, told(program, 2, post=True), 2, halves, 0)

    assert column(result, "y1") == [40, 40]  # a product reads it decayed by a step
    assert column(result, "weights") == [30, 50]


def test_where_no_synapse_exists_nothing_is_learned(interpret: RunAll) -> None:
    rule = (Product("w", "x0", (), 2, 0), Product("t", "x0", (), 3, 0))
    program = heard(Learning(1, rule), [[1, 1]], post=2)
    here = np.array([[1, 0], [0, 1]], np.int32)
    tags = np.array([[4, 5], [6, 7]], np.int32)
    connection = replace(
        program.connections[0],
        exists={"w": here, "t": 1 - here},
        initial={"tag_1": tags},
    )
    program = replace(program, connections=(connection,))

    result = interpret(program, told(program, 2), 2, LAVA_0_10, 0)

    assert result.variables["s.weights"][-1].tolist() == [[14, 0], [0, 14]]
    assert result.variables["s.tag_1"][-1].tolist() == [[4, 11], [12, 7]]


def test_raw_weights_are_used_as_they_are() -> None:
    weights = np.array([[1001, -3], [0, 7]], np.int32)
    raw = Connection("s", "a", "b", "in", weights, weight_format="raw")

    for profile in (LAVA_0_10, LOIHI2):
        assert initial_weights(raw, profile).tolist() == weights.tolist()
        stored = initial_weights(replace(raw, weight_format="synapse"), profile)
        assert stored.tolist() == [[254, -4], [0, 6]]
