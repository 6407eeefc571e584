"""An output axon for every list that a neuron's spikes start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lahar.hardware.chip import Value
from lahar.hardware.chips import get_chip
from lahar.hardware.limits import usage
from lahar.hardware.out_axons import axons_between_chips, out_axons
from lahar.hardware.program import (
    Connection,
    CorePlacement,
    NeuronProgram,
    Population,
    Program,
)
from lahar.hardware.program_graph import ProgramGraph

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]

LOIHI1 = get_chip("loihi1")


def onward(make_dense: Make, make_lif: MakeLif, *weights: list[list[int]]) -> Program:
    """`post` (2) onto `last` (4), through one connection for each weight matrix."""
    program = make_dense(2, 1)
    return replace(
        program,
        populations=(*program.populations, Population("last", 4, make_lif())),
        connections=tuple(
            Connection(
                *(f"c{k}", "post", "last", "current"), np.array(w, dtype=np.int32)
            )
            for k, w in enumerate(weights)
        ),
    )


TWO_CORES = (
    CorePlacement(0, "post", 0, 2),
    CorePlacement(1, "last", 0, 2),
    CorePlacement(2, "last", 2, 4),
)


def test_a_neuron_pays_for_each_core_on_which_it_has_a_synapse(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = onward(make_dense, make_lif, [[1, 0], [1, 0], [1, 1], [0, 0]])

    axons = out_axons(ProgramGraph(program), TWO_CORES, LOIHI1)

    assert axons["post"].tolist() == [
        2,
        1,
    ]


def test_two_connections_to_one_core_are_two_axons(
    make_dense: Make, make_lif: MakeLif
) -> None:
    all_to_all = [[1, 1]] * 4
    program = onward(make_dense, make_lif, all_to_all, all_to_all)

    axons = out_axons(ProgramGraph(program), TWO_CORES, LOIHI1)

    assert axons["post"].tolist() == [
        4,
        4,
    ]


def test_only_axons_that_leave_their_chip_are_between_chips(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = onward(make_dense, make_lif, [[1, 0], [1, 0], [1, 1], [0, 0]])
    one_core = Value(2, "core", "a test", "high")
    small = replace(get_chip("loihi1:kapoho-bay"), cores=one_core)

    assert axons_between_chips(ProgramGraph(program), TWO_CORES, small) == 2
    assert axons_between_chips(ProgramGraph(program), TWO_CORES, LOIHI1) == 0


def test_a_board_reports_its_chips_and_what_goes_between_them(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = onward(make_dense, make_lif, [[1, 0], [1, 0], [1, 1], [0, 0]])
    one_core = Value(2, "core", "a test", "high")
    board = replace(get_chip("loihi1:kapoho-bay"), cores=one_core)

    placed = replace(program, placement=TWO_CORES)
    rows = {u.resource: u for u in usage(placed, board)}

    assert (rows["cores"].used, rows["cores"].limit) == (3, 4)
    assert (rows["chips"].used, rows["chips"].limit) == (2, 2)
    assert rows["output axons to other chips"].used == 2
    assert rows["output axons to other chips"].status == "unverified"
    alone = {u.resource for u in usage(placed, LOIHI1)}
    assert not alone & {"chips", "output axons to other chips"}
