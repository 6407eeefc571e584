from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.consistency import check_consistency
from lahar.hardware.program import IntArray, Population, Program
from lahar.hardware.wires import Tap, Wire

Make = Callable[..., Program]


def codes(program: Program) -> list[str]:
    found = check_consistency(program)
    assert all(d.render() for d in found)
    return [d.code for d in found]


def ints(*values: int) -> IntArray:
    return np.array(values, dtype=np.int32)


def with_wires(program: Program, *wires: Wire) -> Program:
    return replace(program, wires=wires)


def with_post(program: Program, **changes: Any) -> Program:
    pre, post = program.populations
    return replace(program, populations=(pre, replace(post, **changes)))


def test_a_wire_taps_spikes_outputs_and_arrivals(
    make_dense: Make, everything: Program
) -> None:
    spikes, arrivals = Tap("pre.s_out"), Tap("synapse.a_out", ints(0, 2))

    assert codes(with_wires(make_dense(), Wire("w", (3,), (spikes, arrivals)))) == []
    output = Tap("post.error_q")
    assert codes(with_wires(everything, Wire("w", (2,), (output, output)))) == []


def test_a_wire_without_taps_carries_nothing(make_dense: Make) -> None:
    assert codes(with_wires(make_dense(), Wire("w", (2,), ()))) == []


@pytest.mark.parametrize(
    "signal", ["w.a_in", "post.v", "post.u", "synapse.weights", "pre", "", "nobody.a"]
)
def test_a_wire_taps_nothing_else(make_dense: Make, signal: str) -> None:
    assert codes(with_wires(make_dense(), Wire("w", (2,), (Tap(signal),)))) == ["P310"]


@pytest.mark.parametrize(
    ("places", "code"),
    [
        (None, "P313"),
        (ints(0, 1), "P318"),
        (ints(0, 1, 1, 1), "P318"),
        (ints(0, 1, 1).reshape(3, 1), "P318"),
        (ints(0, 1, 2), "P313"),
        (ints(0, 1, -2), "P313"),
        (np.array([0.0, 1.0, -1.0]), "P313"),
    ],
)
def test_every_element_of_a_tap_has_a_place_in_the_wire(
    make_dense: Make, places: IntArray | None, code: str
) -> None:
    wire = Wire("w", (2,), (Tap("pre.s_out", places),))

    assert codes(with_wires(make_dense(), wire)) == [code]


@pytest.mark.parametrize("shape", [(0,), (2, 0), (-1, -2), (2**16, 2**16)])
def test_a_wire_has_elements(make_dense: Make, shape: tuple[int, ...]) -> None:
    found = codes(with_wires(make_dense(), Wire("w", shape, ())))

    assert set(found) == {"P313"}


def test_a_buffer_has_no_negative_length(make_dense: Make) -> None:
    sink = Wire("w", (3,), (Tap("pre.s_out"),), listens=True, buffer_steps=-1)

    assert codes(with_wires(make_dense(), sink)) == ["P313"]


@pytest.mark.parametrize("name", ["pre", "synapse", "twin"])
def test_wires_share_the_names_of_populations_and_connections(
    make_dense: Make, name: str
) -> None:
    program = with_wires(make_dense(), Wire(name, (3,), ()), Wire("twin", (3,), ()))

    assert codes(program) == ["P311"]


def test_a_neuron_hears_a_wire_of_its_size_at_a_synaptic_port(
    make_dense: Make, everything: Program
) -> None:
    wire = Wire("w", (2,), (Tap("pre.s_out", ints(0, 1, -1)),))
    program = with_wires(make_dense(), wire)

    assert codes(with_post(program, wires={"current": "w"})) == []
    assert codes(with_post(program, wires={"current": "x"})) == ["P310"]
    assert codes(with_post(program, wires={"charge": "w"})) == ["P310"]
    modulated = with_wires(everything, wire)
    assert codes(with_post(modulated, wires={"error": "w"})) == ["P310"]
    wide = with_wires(make_dense(), Wire("w", (3,), (Tap("pre.s_out"),)))
    assert codes(with_post(wide, wires={"current": "w"})) == ["P313"]


def test_inputs_hear_nothing(make_dense: Make) -> None:
    program = with_wires(make_dense(), Wire("w", (3,), ()))
    pre, post = program.populations
    deaf = (replace(pre, wires={"current": "w"}), post)

    assert codes(replace(program, populations=deaf)) == ["P310"]


def test_a_neuron_hears_only_what_stands_before_it(make_dense: Make) -> None:
    itself = with_wires(make_dense(), Wire("w", (2,), (Tap("post.s_out"),)))
    program = with_post(itself, wires={"current": "w"})
    later = replace(
        program,
        wires=(Wire("w", (2,), (Tap("last.s_out"),)),),
        populations=(*program.populations, Population("last", 2)),
    )

    assert codes(program) == ["P319"]
    assert codes(later) == ["P319"]
    before = (later.populations[2], *later.populations[:2])
    assert codes(replace(later, populations=before)) == []


def test_what_arrives_is_heard_in_any_order(make_dense: Make) -> None:
    wire = Wire("w", (2,), (Tap("synapse.a_out"),))

    assert (
        codes(with_post(with_wires(make_dense(), wire), wires={"current": "w"})) == []
    )


def test_a_connection_comes_from_a_wire_and_ends_at_wires(make_dense: Make) -> None:
    program = with_wires(make_dense(), Wire("w", (5,), ()))
    (synapse,) = program.connections
    wide = replace(synapse, source="w", weights=np.ones((2, 5), dtype=np.int32))
    free = replace(wide, target="", port="", weights=np.ones((7, 5), dtype=np.int32))

    assert codes(replace(program, connections=(wide,))) == []
    assert codes(replace(program, connections=(free,))) == []
    narrow = replace(wide, weights=synapse.weights)
    assert codes(replace(program, connections=(narrow,))) == ["P312"]
    for half in ({"target": "post"}, {"port": "current"}):
        wrong = replace(free, **half)
        assert "P310" in codes(replace(program, connections=(wrong,)))


def test_feedback_is_a_wire_as_wide_as_the_post_side(wired: Program) -> None:
    learned, other = wired.connections

    for feedback, expected in (
        ({"event": "events", "y3": "factor"}, []),
        ({"event": "nothing"}, ["P310"]),
        ({"event": "post"}, ["P310"]),
        ({"x1": "events"}, ["P310"]),
        ({"event": "both"}, ["P313"]),
        ({"y1": "factor"}, ["P314"]),
    ):
        changed = replace(learned, feedback=feedback)
        assert codes(replace(wired, connections=(changed, other))) == expected


def test_third_factors_may_come_from_nowhere_but_not_from_a_missing_output(
    wired: Program,
) -> None:
    learned, other = wired.connections
    assert learned.learning is not None
    slots = replace(learned.learning, third_factors={"y1": "", "y2": "", "y3": "v"})
    changed = replace(learned, learning=slots)

    assert codes(replace(wired, connections=(changed, other))) == ["P310"]
