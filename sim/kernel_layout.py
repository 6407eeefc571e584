"""Where a compiled run keeps its state: one flat int32 array, cut into segments.

A Program goes in; the segments with their names, shapes and first values come out.
Identifiers depend on the structure of a Program only, never on names or sizes, so
that networks of one structure share a compiled kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..hardware.profile import Profile
from ..hardware.program import Connection, Learning, NeuronProgram, Population, Program
from ..hardware.variables import Y_SLOTS
from .initial_weights import initial_weights
from .operations import Integers

Cells = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Segment:
    """A piece of the state: how kernels call it, how a recording does, how it starts.

    ``recorded`` is None for what is no state of the Program but scratch.
    """

    identifier: str
    size: int
    recorded: str | None = None
    initial: Integers | int = 0


def engine_traces(learning: Learning) -> tuple[str, ...]:
    """List the traces that the engine itself computes."""
    names = ("x1", "x2") if learning.third_factors else ("x1", "x2", *Y_SLOTS)
    return tuple(n for n in names if n in learning.traces)


def third_factor_slots(learning: Learning) -> tuple[str, ...]:
    """List the slots that hold what the post neuron sends."""
    return tuple(n for n in Y_SLOTS if n in learning.third_factors)


def arrivals(program: Program, population: str, port: str) -> tuple[int, ...]:
    """List the positions of the connections into a port."""
    return tuple(
        position
        for position, c in enumerate(program.connections)
        if (c.target, c.port) == (population, port)
    )


def segments(program: Program, profile: Profile) -> tuple[Segment, ...]:
    """Cut the state of a Program into segments, in a fixed order."""
    found: list[Segment] = []
    for position, population in enumerate(program.populations):
        found += _of_population(population, position, profile)
    for position, connection in enumerate(program.connections):
        found += _of_connection(connection, position, profile)
    return tuple(found)


def reads_differently(neuron: NeuronProgram, register: str, profile: Profile) -> bool:
    """Tell whether a register reads otherwise than it is in a step of a spike."""
    return register == neuron.membrane and profile.v_after_spike is not None


def _of_population(
    population: Population, position: int, profile: Profile
) -> Iterator[Segment]:
    name, size, neuron = population.name, population.size, population.neuron
    yield Segment(f"p{position}_spikes", size, f"{name}.s_out")
    if neuron is None:
        return
    for k in range(len(neuron.ports)):
        yield Segment(f"p{position}_port{k}", size)
    for k, register in enumerate(neuron.registers):
        shown, first = f"{name}.{register.name}", register.initial
        if reads_differently(neuron, register.name, profile):
            yield Segment(f"p{position}_register{k}", size, None, first)
            yield Segment(f"p{position}_shown", size, shown, first)
        else:
            yield Segment(f"p{position}_register{k}", size, shown, first)
    kept = {r.name for r in neuron.registers}
    for k, output in enumerate(neuron.outputs):
        shown_output = None if output.name in kept else f"{name}.{output.name}"
        yield Segment(f"p{position}_output{k}", size, shown_output)


def _of_connection(
    connection: Connection, position: int, profile: Profile
) -> Iterator[Segment]:
    name, at = connection.name, f"c{position}"
    post, pre = connection.weights.shape
    weights = initial_weights(connection, profile).T.ravel()
    learning = connection.learning
    yield Segment(f"{at}_arrived", post, f"{name}.a_out")
    yield Segment(f"{at}_on_the_way", post)
    shown = f"{name}.weights" if learning is not None else None
    yield Segment(f"{at}_weights", post * pre, shown, weights)
    if learning is None:
        return
    if learning.uses_tag:
        yield Segment(f"{at}_tags", post * pre, f"{name}.tag_1")
    if learning.uses_delay:
        yield Segment(f"{at}_delays", post * pre, f"{name}.tag_2")
    yield Segment(f"{at}_pre_times", pre)
    yield Segment(f"{at}_post_times", post)
    yield Segment(f"{at}_post_marked", post)
    yield Segment(f"{at}_restless", 1, None, 1)
    rows = learning.epoch_steps + 1
    for trace in engine_traces(learning) + third_factor_slots(learning):
        size = pre if trace.startswith("x") else post
        yield Segment(f"{at}_{trace}", size, f"{name}.{trace}")
        yield Segment(f"{at}_{trace}_history", size * rows)


@dataclass(frozen=True, eq=False)
class Layout:
    """Segments with their places; ``bounds`` is what a kernel gets of it."""

    segments: tuple[Segment, ...]
    bounds: Integers

    def place(self, recorded: str) -> tuple[int, int]:
        """Find the start and the size of what a recording names."""
        for segment, (start, stop) in zip(self.segments, self.bounds, strict=True):
            if segment.recorded == recorded:
                return int(start), int(stop - start)
        raise KeyError(recorded)

    def initial_state(self) -> Cells:
        """Give the state before the first step."""
        state = np.zeros(int(self.bounds[-1, 1]), np.int32)
        for segment, (start, stop) in zip(self.segments, self.bounds, strict=True):
            state[start:stop] = segment.initial
        return state


def layout_of(program: Program, profile: Profile) -> Layout:
    """Lay the segments of a Program one after the other."""
    parts = segments(program, profile)
    stops = np.cumsum([part.size for part in parts])
    starts = stops - [part.size for part in parts]
    return Layout(parts, np.stack([starts, stops], axis=1).astype(np.int64))
