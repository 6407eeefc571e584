"""Comparing recordings with sinks and shapes; products of rules that hear wires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lahar.hardware.learning import Factor, Learning, Product
from lahar.hardware.program import Connection, Population, Program
from lahar.hardware.wires import Tap, Wire
from lahar.running import run
from lahar.sim.compare import compare
from lahar.sim.product_contributions import explain
from lahar.sim.recording import Recording

STEPS = 6


def listener(listens: bool = True) -> Program:
    """Make a synapse whose source and post events are wires of a 2 x 2 input."""
    cycle = np.array([[1, 0, 0, 1], [0, 0, 1, 0]], np.int32)
    products = (
        Product("w", "x0", (Factor("t"),), 1, 0),
        Product("w", "y0", (), 3, 1),
    )
    synapse = Connection(
        "c",
        "left",
        "",
        "",
        np.array([[10, 20], [30, 40]], np.int32),
        learning=Learning(1, products),
        initial={"tag_1": np.array([[5, 6], [7, 8]], np.int32)},
        feedback={"event": "right"},
    )
    left = Tap("a.s_out", np.array([0, 1, -1, -1], np.int32))
    right = Tap("a.s_out", np.array([-1, -1, 0, 1], np.int32))
    return Program(
        name="listener",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=1e-3,
        populations=(Population("a", 4, shape=(2, 2), cycle=cycle),),
        connections=(synapse,),
        wires=(
            Wire("left", (2,), (left,), listens=listens),
            Wire("right", (2, 1), (right,), listens=listens, buffer_steps=2),
        ),
    )


def recorded(program: Program) -> Recording:
    return run(program, steps=STEPS, backend="interpreter", record="all")


def with_flipped(recording: Recording, name: str, place: tuple[int, ...]) -> Recording:
    """Flip the lowest bit of a variable, or of a final value if it has no rows."""
    part = "variables" if name in recording.variables else "final"
    arrays: dict[str, Any] = dict(getattr(recording, part))
    arrays[name] = arrays[name].copy()
    arrays[name][place] ^= 1
    provenance = replace(recording.provenance, backend="sim")
    return replace(recording, provenance=provenance, **{part: arrays})


def test_a_difference_in_a_sink_is_found_where_it_is() -> None:
    first = recorded(listener())

    verdict = compare(first, with_flipped(first, "right.a_in", (3, 1, 0)))

    assert verdict.divergence is not None
    assert verdict.divergence.variable == "right.a_in"
    assert (verdict.divergence.step, verdict.divergence.index) == (4, (1, 0))


def test_what_was_sent_differs_before_what_a_sink_heard_of_it() -> None:
    first = recorded(listener())
    other = with_flipped(first, "right.a_in", (3, 1, 0))
    other = with_flipped(other, "a.s_out", (3, 1, 1))

    divergence = compare(first, other, program=listener()).divergence

    assert divergence is not None
    assert divergence.variable == "a.s_out"
    assert divergence.index == (1, 1)
    assert divergence.also == ("right.a_in",)
    assert divergence.products == ()


def test_a_difference_in_a_sinks_buffer_is_one_of_the_last_step() -> None:
    first = recorded(listener())

    verdict = compare(first, with_flipped(first, "right.data", (0, 0, 1)))

    assert verdict.divergence is not None
    assert verdict.divergence.variable == "right.data"
    assert verdict.divergence.step == STEPS


def test_products_of_the_first_step_read_recorded_wires_and_initial_tags() -> None:
    program = listener()
    recording = recorded(program)

    # in step 1 pre neuron 0 and post neuron 1 spike
    found = {
        (j, i): [p.amount for p in explain(program, recording, "c.weights", 0, j, i)]
        for j in range(2)
        for i in range(2)
    }

    unit, event = 1 << 7, 3 << 8
    assert found == {
        (0, 0): [5 * unit],
        (0, 1): [],
        (1, 0): [7 * unit, event],
        (1, 1): [event],
    }


def test_a_gate_on_a_wire_that_nobody_recorded_is_unknown() -> None:
    program = listener(listens=False)
    recording = recorded(program)

    products = list(explain(program, recording, "c.weights", 0, 0, 1))

    assert [p.amount for p in products] == [None, None]
