from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lahar.hardware.chips import get_chip
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.limits import usage
from lahar.hardware.program import CorePlacement, Program
from lahar.hardware.report import Usage

Make = Callable[..., Program]

LOIHI1, LOIHI2 = get_chip("loihi1"), get_chip("loihi2")
STDP = Learning(
    1,
    (
        Product("w", "y0", (Factor("x1"),), 1, 0),
        Product("w", "x0", (Factor("y1"),), -1, 0),
    ),
    {"x1": TraceProgram(40, 5120), "y1": TraceProgram(40, 5120)},
)


def rows(program: Program, chip_name: str) -> dict[str, Usage]:
    return {u.resource: u for u in usage(program, get_chip(chip_name))}


def test_usage_counts_what_is_placed(make_dense: Make) -> None:
    weights = np.ones((300, 1024), dtype=np.int32)
    found = rows(make_dense(300, 1024, weights=weights, learning=STDP), "loihi1")

    assert found["cores"].used == 3
    assert found["neurons of the fullest core"].used == 118
    assert found["synapse memory of the fullest core"].used == 1024 * 1024
    assert found["input axons of the fullest core"].used == 2048
    assert found["output axons of the fullest core"].used == 0
    assert found["state of the largest neuron"].used == 6
    assert found["products of the longest rule"].used == 2
    assert found["learning profiles of the fullest core"].used == 1
    assert found["pre-trace profiles of the fullest core"].used == 1


def test_usage_goes_by_the_programs_own_placement(make_dense: Make) -> None:
    apart = (CorePlacement(0, "post", 0, 1), CorePlacement(7, "post", 1, 2))

    found = rows(replace(make_dense(), placement=apart), "loihi1")

    assert found["cores"].used == 2
    assert found["neurons of the fullest core"].used == 1


def test_an_overfull_placement_is_over(make_dense: Make) -> None:
    crowded = (CorePlacement(0, "post", 0, 1025),)

    found = rows(replace(make_dense(1025, 1), placement=crowded), "loihi1")

    assert found["neurons of the fullest core"].status == "over"


def test_what_nobody_published_is_unverified_and_never_ok(make_dense: Make) -> None:
    for name in ("loihi1", "loihi2"):
        found = rows(make_dense(learning=STDP), name)
        assert found["products of the longest rule"].status == "unverified"
        assert found["learning profiles of the fullest core"].status == "unverified"


def test_a_published_limit_counted_by_a_guess_is_unverified(make_dense: Make) -> None:
    known = rows(make_dense(), "loihi1")["synapse memory of the fullest core"]
    guessed = rows(make_dense(), "loihi2")["synapse memory of the fullest core"]

    assert known.status == "ok"
    assert guessed.status == "unverified"
    assert "1048576 bit" in guessed.source
    assert "Loihi 2's is unpublished" in guessed.source


def test_every_row_names_its_source(make_dense: Make) -> None:
    for chip in (LOIHI1, LOIHI2):
        assert all(row.source for row in usage(make_dense(learning=STDP), chip))


def test_a_network_without_neurons_takes_nothing(make_dense: Make) -> None:
    program = make_dense()
    inputs_only = replace(program, populations=program.inputs, connections=())

    assert all(row.used == 0 for row in usage(inputs_only, LOIHI1))


def test_wires_and_what_they_hear_are_counted_but_never_ok(wired: Program) -> None:
    found = rows(wired, "loihi2")

    assert found["wires"].used == 5
    assert found["connections that only wires hear"].used == 1
    assert found["wires"].status == "unverified"
    assert found["connections that only wires hear"].status == "unverified"


def test_a_program_without_a_chip_is_counted_on_any(wired: Program) -> None:
    assert wired.placement == ()
    for chip in (LOIHI1, LOIHI2):
        assert usage(wired, chip)[0] == Usage(
            "cores", 1, chip.cores.value, chip.cores.unit, chip.cores.source
        )


def test_a_rule_that_is_on_no_core_is_counted_there(make_dense: Make) -> None:
    program = make_dense(learning=STDP)
    (synapse,) = program.connections
    free = replace(synapse, target="", port="")

    found = rows(replace(program, connections=(free,)), "loihi2")

    assert found["connections that only wires hear"].used == 1
    assert found["products of the longest rule"].used == 2
    assert found["learning profiles of the fullest core"].used == 0
    assert found["pre-trace profiles of the fullest core"].used == 0
