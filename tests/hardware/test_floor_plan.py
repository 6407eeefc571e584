"""The floor plan: who is on which core, and how full it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

import lahar
from lahar.hardware.chips import get_chip
from lahar.hardware.core_load import core_loads, taken
from lahar.hardware.core_use import ListUse, SliceUse
from lahar.hardware.floor_plan import floor_plan
from lahar.hardware.learning import Learning, Product
from lahar.hardware.program import (
    Connection,
    CorePlacement,
    NeuronProgram,
    Population,
    Program,
)
from lahar.rules.library import STDP

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]

LOIHI1 = get_chip("loihi1")


def two_layers(make_dense: Make, make_lif: MakeLif) -> Program:
    program = make_dense(100, 3, learning=Learning(1, (Product("w", "x0", (), 1, 0),)))
    weights = np.zeros((1000, 100), dtype=np.int32)
    weights[[5, 900], 0] = 4
    onward = Connection(*("onward", "post", "last", "current"), weights)
    return replace(
        program,
        populations=(*program.populations, Population("last", 1000, make_lif())),
        connections=(*program.connections, onward),
    )


def test_a_core_lists_its_neurons_and_the_lists_onto_them(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = two_layers(make_dense, make_lif)

    first, second = floor_plan(program, LOIHI1)

    assert (first.core, first.chip, second.core) == (0, 0, 1)
    assert first.slices == (
        SliceUse("post", 0, 100, 1),
        SliceUse("last", 0, 924, 0),
    )
    assert first.lists == (
        ListUse("synapse", "learning", 3, 300, 3 * 896),
        ListUse("onward", "sparse", 1, 2, 64),
    )
    # the last 76 neurons have no synapse onto them, so no list
    assert second.slices == (SliceUse("last", 924, 1000, 0),)
    assert second.lists == ()


def test_its_amounts_are_those_that_allocation_went_by(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = two_layers(make_dense, make_lif)
    placement = (
        CorePlacement(3, "post", 0, 100),
        CorePlacement(130, "last", 0, 1000),
    )
    placed = replace(program, placement=placement)

    plan = floor_plan(placed, get_chip("loihi1:kapoho-bay"))

    loads = core_loads(placed, placement, LOIHI1)
    assert [(core.core, core.chip) for core in plan] == [(3, 0), (130, 1)]
    for core in plan:
        assert [(a.resource, a.used, a.limit) for a in core.amounts] == [
            (t.resource, t.used, t.limit.value) for t in taken(loads[core.core], LOIHI1)
        ]
        bits = next(a for a in core.amounts if a.resource == "bits of synapse memory")
        assert bits.used == sum(lists.bits for lists in core.lists)


def test_a_compiled_program_carries_its_floor_plan(tmp_path) -> None:
    program = lahar.compile(STDP, "loihi1", pre=300, post=1500)

    program.save(tmp_path / "plan.lahar")
    loaded = lahar.load(tmp_path / "plan.lahar")

    assert loaded.report.cores == program.report.cores
    assert loaded.report.cost == program.report.cost
    assert [core.core for core in loaded.report.cores] == list(
        range(len({p.core for p in program.placement}))
    )
    neurons = sum(
        s.stop - s.start for core in program.report.cores for s in core.slices
    )
    assert neurons == 1500
