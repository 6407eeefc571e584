"""Wires: docs/semantics.md section 3.1, with numbers by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import LAVA_0_10
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.hardware.wires import Tap, Wire
from lahar.sim.backend import Trajectory

Run = Callable[..., Trajectory]


def relay() -> NeuronProgram:
    """A neuron that sends what it receives, and its double as an output."""
    return NeuronProgram(
        ports=(NeuronPort("in", "synaptic"),),
        registers=(Register("r"),),
        ops=(Op("copy", "r", ("in",)), Op("add", "twice", ("r", "r"))),
        spike="r",
        outputs=(NeuronOutput("double", "twice"),),
        graded=True,
    )


def source(name: str, rows: object) -> Population:
    cycle = np.asarray(rows, np.int32)
    return Population(name, cycle.shape[1], cycle=cycle)


def network(populations: Any, connections: Any = (), wires: Any = ()) -> Program:
    return Program(
        name="net",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=tuple(populations),
        connections=tuple(connections),
        wires=tuple(wires),
    )


def identity(name: str, sender: str, size: int, **settings: Any) -> Connection:
    weights = np.eye(size, dtype=np.int32)
    settings = {"target": "", "port": "", "message_bits": 24, **settings}
    return Connection(name, sender, weights=weights, weight_format="raw", **settings)


def sink(name: str, shape: tuple[int, ...], *taps: Tap, buffer: int = 0) -> Wire:
    return Wire(name, shape, taps, listens=True, buffer_steps=buffer)


def test_a_wire_reaches_a_neuron_in_the_step_in_which_it_was_sent(run: Run) -> None:
    program = network(
        [
            source("a", [[4], [5], [6]]),
            Population("b", 1, relay(), wires={"in": "direct"}),
        ],
        [identity("c", "a", 1, target="b", port="in")],
        [Wire("direct", (1,), (Tap("a.s_out"),))],
    )

    result = run(program, 3, {})

    assert result.variables["b.r"][:, 0].tolist() == [4, 5 + 4, 6 + 5]


def test_a_wire_may_feed_one_neuron_from_another_before_it(run: Run) -> None:
    program = network(
        [
            source("a", [[1], [2]]),
            Population("b", 1, relay(), wires={"in": "first"}),
            Population("d", 1, relay(), wires={"in": "second"}),
        ],
        wires=[
            Wire("first", (1,), (Tap("a.s_out"),)),
            Wire("second", (1,), (Tap("b.double"), Tap("a.s_out"))),
        ],
    )

    result = run(program, 2, {})

    assert result.variables["d.r"][:, 0].tolist() == [3, 6]


def test_places_say_where_each_element_is_added(run: Run) -> None:
    places = np.array([2, -1, 0, 2], np.int32)
    program = network(
        [source("a", [[1, 10, 100, 1000]])],
        wires=[
            sink("s", (3, 1), Tap("a.s_out", places)),
            sink("t", (2, 2), Tap("a.s_out"), Tap("a.s_out", places)),
        ],
    )

    result = run(program, 1, {})

    assert result.variables["s.a_in"].tolist() == [[[100], [0], [1001]]]
    assert result.variables["t.a_in"].tolist() == [[[101, 10], [1101, 1000]]]


def test_a_wire_wraps_at_32_bit(run: Run) -> None:
    program = network(
        [source("a", [[2**31 - 1, 3]])],
        wires=[sink("s", (1,), Tap("a.s_out", np.zeros(2, np.int32)))],
    )

    assert run(program, 1, {}).variables["s.a_in"].tolist() == [[-(2**31) + 2]]


def test_a_wire_carries_what_arrives_and_what_is_sent_in_a_step(run: Run) -> None:
    program = network(
        [source("a", [[1], [2], [3]]), Population("b", 1, relay())],
        [identity("c", "a", 1, target="b", port="in")],
        [
            sink("arrives", (1,), Tap("c.a_out")),
            sink("sent", (1,), Tap("b.s_out")),
            sink("graded", (1,), Tap("b.double")),
        ],
    )

    result = run(program, 3, {}, LAVA_0_10)

    assert result.variables["arrives.a_in"][:, 0].tolist() == [0, 1, 2]
    assert result.variables["sent.a_in"][:, 0].tolist() == [0, 1, 2]
    assert result.variables["graded.a_in"][:, 0].tolist() == [0, 2, 4]


def test_a_wire_may_be_the_source_of_a_connection(run: Run) -> None:
    program = network(
        [source("a", [[1, 2], [3, 4]]), source("b", [[10]])],
        [identity("c", "both", 3), identity("d", "both", 3, message_bits=0)],
        [
            Wire(
                "both",
                (3,),
                (Tap("a.s_out"), Tap("b.s_out", np.array([2], np.int32))),
            )
        ],
    )

    result = run(program, 3, {})

    assert result.variables["c.a_out"].tolist() == [[0, 0, 0], [1, 2, 10], [3, 4, 10]]
    assert result.variables["d.a_out"].tolist() == [[0, 0, 0], [1, 1, 1], [1, 1, 1]]


def test_a_sink_keeps_its_last_steps_in_a_ring(run: Run) -> None:
    cycle = [[10 * t, 10 * t + 1] for t in range(1, 6)]
    program = network(
        [source("a", cycle)], wires=[sink("s", (2, 1), Tap("a.s_out"), buffer=3)]
    )

    full = run(program, 5, {}).final["s.data"]
    started = run(program, 2, {}).final["s.data"]

    assert full.tolist() == [[[40, 50, 30]], [[41, 51, 31]]]
    assert started.tolist() == [[[10, 20, 0]], [[11, 21, 0]]]
    assert full.dtype == np.int32


def plastic(products: Any, learning: Any = None, **settings: Any) -> Program:
    """Make a synapse from `a` whose engine hears what `b` or a wire of it sends."""
    neuron = relay()
    learning = {"epoch_steps": 1, "products": products, **(learning or {})}
    connection = Connection(
        "c",
        "a",
        weights=np.array([[10]], np.int32),
        learning=Learning(**learning),
        **{"target": "", "port": "", **settings},
    )
    populations = [
        source("a", [[1]]),
        source("b", [[0], [7], [0]]),
        Population("d", 1, neuron, wires={"in": "from b"}),
    ]
    wires = [
        Wire("from b", (1,), (Tap("b.s_out"),)),
        Wire("doubled", (1,), (Tap("d.double"),)),
    ]
    return network(populations, [connection], wires)


POST_SPIKES = (Product("w", "y0", (), 1, 2),)  # dw = 4 * y0


def test_post_events_come_from_the_feedback_wire(run: Run) -> None:
    heard = plastic(POST_SPIKES, feedback={"event": "doubled"})
    deaf = plastic(POST_SPIKES)

    assert run(heard, 3, {}).variables["c.weights"].ravel().tolist() == [10, 14, 14]
    assert run(deaf, 3, {}).variables["c.weights"].ravel().tolist() == [10, 10, 10]


def test_a_feedback_wire_goes_before_the_targets_own_spikes(run: Run) -> None:
    program = plastic(POST_SPIKES, target="d", port="in", feedback={"event": "doubled"})
    silent = replace(program.wires[1], taps=())
    quiet = replace(program, wires=(program.wires[0], silent))

    loud = run(program, 3, {}, LAVA_0_10).variables["c.weights"]

    assert loud.ravel().tolist() == [10, 14, 18]
    assert set(run(quiet, 3, {}).variables["c.weights"].ravel().tolist()) == {10}


def test_third_factors_come_from_wires_outputs_or_nowhere(run: Run) -> None:
    slots = {"y1": "", "y2": "double", "y3": ""}
    products = tuple(
        Product("w", "u", (Factor(slot),), 1, 0)  # type: ignore[arg-type]
        for slot in slots
    )
    program = plastic(
        products,
        {"third_factors": slots, "decimate_exponent": 0},
        target="d",
        port="in",
        feedback={"y1": "from b"},
    )

    profile = replace(LAVA_0_10, third_factor_tau_256=None)
    result = run(program, 2, {}, profile)

    # port d.in: 0 in step 1, then 7 by wire and 10 from the synapse
    assert result.variables["c.y1"].ravel().tolist() == [0, 7]
    assert result.variables["c.y2"].ravel().tolist() == [0, 34]
    assert result.variables["c.y3"].ravel().tolist() == [0, 0]
    assert result.variables["c.weights"].ravel().tolist() == [10, 10 + 7 + 34]


def test_pre_traces_hear_a_wire(run: Run) -> None:
    learning = {"traces": {"x1": TraceProgram(16, 65535 * 256)}}
    program = plastic((), learning)
    program = replace(
        program,
        connections=(replace(program.connections[0], source="doubled"),),
    )

    result = run(program, 2, {})

    assert result.variables["c.x1"].ravel().tolist() == [0, 16]
