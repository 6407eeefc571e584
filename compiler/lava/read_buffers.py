"""Lava's ring buffers and Monitors: where a network's input comes from and goes to.

A source is a population that sends its data over and over; a sink is a wire that
listens; a Monitor is nothing but the name of what it asks for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...hardware.program import Population
from ...hardware.wires import Tap, Wire
from .known_processes import kind_of
from .lava_graph import LavaProcess, Warn, shape_of
from .lava_values import read_array, refuse, unusable, warn_of_changes
from .neuron_sheet import step_shape


def read_source(process: LavaProcess, name: str, warn: Warn) -> Population:
    """Read a source; its data (..., steps) becomes a cycle (steps, neurons)."""
    shape: tuple[int, ...] = process.s_out.shape
    data = read_array(process, "data")
    if data.size == 0 or not shape:
        problem = "it holds nothing" if data.size == 0 else "a step has no dimension"
        remedy = "give an array of at least two dimensions, the last one time"
        refuse(unusable(process, "data", process.data.init, problem, remedy))
    why = "the fixed-point model stores int32"
    warn_of_changes(process, "data", process.data.init, data, why, warn)
    cycle = np.moveaxis(data, -1, 0).reshape(data.shape[-1], -1)
    return Population(
        name,
        cycle.shape[1],
        shape=step_shape(shape),
        cycle=np.ascontiguousarray(cycle, np.int32),
    )


def read_sink(process: LavaProcess, name: str, taps: tuple[Tap, ...]) -> Wire:
    """Read a sink; it keeps as many steps as its buffer has."""
    return Wire(name, shape_of(process.a_in), taps, True, int(process.data.shape[-1]))


def is_monitor(process: LavaProcess) -> bool:
    """Tell whether a process is a Monitor."""
    kind = kind_of(process)
    return kind is not None and kind.role == "monitor"


def probed(process: LavaProcess) -> Iterator[tuple[LavaProcess, str]]:
    """Give what a Monitor asks for: processes and the names of their Vars or ports."""
    for port in process.ref_ports.members:
        for end in port.out_connections:
            yield end.process, end.var.name
    for port in process.in_ports.members:
        for start in port.in_connections:
            yield start.process, start.name
