"""A neuron's tables are arguments of its kernel: other tables need no new kernel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import lahar
from lahar.hardware.profile import find_profile
from lahar.hardware.program import Program
from lahar.rules.library import NEURONS
from lahar.rules.network import Group, Network, Projection
from lahar.sim.kernel_layout import layout_of
from lahar.sim.kernel_source import KernelSource, kernel_source


def looking_up() -> Program:
    groups = (Group("input", 3), Group("cells", 2, NEURONS["escape-lif"]))
    wires = (Projection("wire", "input", "cells", np.ones((2, 3))),)
    return lahar.compile(Network("tables", groups, wires, dt_seconds=1 * lahar.ms))


def with_longer_tables(program: Program) -> Program:
    *others, last = program.populations
    assert last.neuron is not None
    assert last.neuron.tables
    longer = tuple((*table, table[-1], table[-1]) for table in last.neuron.tables)
    neuron = replace(last.neuron, tables=longer)
    return replace(program, populations=(*others, replace(last, neuron=neuron)))


def source_of(program: Program) -> KernelSource:
    profile = find_profile("loihi2")
    return kernel_source(program, profile, layout_of(program, profile), "")


def test_a_longer_table_changes_constants_and_not_the_text() -> None:
    program = looking_up()
    short, long = source_of(program), source_of(with_longer_tables(program))

    assert long.text == short.text
    assert len(long.constants) > len(short.constants)
