"""The names, shapes and types of everything a Program can be asked to record.

docs/semantics.md section 10. All backends produce these names, so that two
recordings of one Program can be compared without a dictionary between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .program import Connection, Population, Program

Kind = Literal[
    "spikes",
    "graded spikes",
    "register",
    "output",
    "synapse",
    "trace",
    "current",
    "sink",
    "buffer",
]

Y_SLOTS = ("y1", "y2", "y3")


@dataclass(frozen=True)
class VariableInfo:
    """One recordable variable: ``shape`` is that of a single step."""

    name: str
    owner: str
    kind: Kind
    shape: tuple[int, ...]

    @property
    def dtype(self) -> Literal["uint8", "int32"]:
        """The type of its values in a recording."""
        return "uint8" if self.kind == "spikes" else "int32"


def state_variables(program: Program) -> tuple[VariableInfo, ...]:
    """List all state of a Program, in the order of its parts."""
    found: list[VariableInfo] = []
    for population in program.populations:
        found += _of_population(population)
    for connection in program.connections:
        found += _of_connection(connection)
    found += [
        VariableInfo(f"{wire.name}.a_in", wire.name, "sink", wire.shape)
        for wire in program.wires
        if wire.listens
    ]
    return tuple(found)


def sink_buffers(program: Program) -> tuple[VariableInfo, ...]:
    """List what only the end of a run shows: the ring buffers of sinks."""
    return tuple(
        VariableInfo(
            f"{wire.name}.data", wire.name, "buffer", (*wire.shape, wire.buffer_steps)
        )
        for wire in program.wires
        if wire.listens and wire.buffer_steps > 0
    )


def _of_population(population: Population) -> Iterator[VariableInfo]:
    def info(name: str, kind: Kind) -> VariableInfo:
        full = f"{population.name}.{name}"
        return VariableInfo(full, population.name, kind, population.step_shape)

    yield info("s_out", "graded spikes" if population.graded else "spikes")
    if population.neuron is None:
        return
    kept = {r.name for r in population.neuron.registers}
    for register in population.neuron.registers:
        yield info(register.name, "register")
    for output in population.neuron.outputs:
        if output.name not in kept:
            yield info(output.name, "output")


def _of_connection(connection: Connection) -> Iterator[VariableInfo]:
    post, pre = connection.joins
    synapses = connection.weights.shape

    def info(name: str, kind: Kind, *shape: int) -> VariableInfo:
        return VariableInfo(f"{connection.name}.{name}", connection.name, kind, shape)

    yield info("a_out", "current", *connection.step_shape)
    learning = connection.learning
    if learning is None:
        return
    yield info("weights", "synapse", *synapses)
    if learning.uses_tag:
        yield info("tag_1", "synapse", *synapses)
    if learning.uses_delay:
        yield info("tag_2", "synapse", *synapses)
    for name in ("x1", "x2"):
        if name in learning.traces:
            yield info(name, "trace", pre)
    for name in Y_SLOTS:
        if name in learning.traces or name in learning.third_factors:
            yield info(name, "trace", post)
