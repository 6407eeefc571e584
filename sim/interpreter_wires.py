"""Wires: sums of what arrives and of what is sent in the same step.

docs/semantics.md section 3.1. Signals of a step go in by name; what neurons, sources
of connections, learning engines and sinks hear comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..hardware.program import Program
from ..hardware.wires import Wire
from .operations import Integers, to_int32

Signal = Callable[[str], Integers]


def wire_value(wire: Wire, signal: Signal) -> Integers:
    """Add up the taps of a wire, element by element, modulo 2**32."""
    total = np.zeros(wire.size, np.int64)
    for tap in wire.taps:
        values = signal(tap.signal)
        places = np.arange(values.size) if tap.places is None else tap.places
        heard = places >= 0
        np.add.at(total, places[heard], values[heard])
    return to_int32(total)


@dataclass
class SinkState:
    """A wire that is recorded, and its ring buffer; a row for each step."""

    wire: Wire
    heard: Integers
    buffer: Integers

    def hear(self, values: Integers, t: int) -> None:
        """Take what the wire carries in step t."""
        self.heard = values
        if self.wire.buffer_steps > 0:
            self.buffer[(t - 1) % self.wire.buffer_steps] = values

    @property
    def data(self) -> Integers:
        """The buffer as Lava lays it out: steps are the last axis."""
        return np.moveaxis(self.buffer, 0, -1)


def initial_sinks(program: Program) -> list[SinkState]:
    """Give every sink before the first step: nothing was written."""
    return [
        SinkState(
            wire,
            np.zeros(wire.size, np.int64),
            np.zeros((wire.buffer_steps, wire.size), np.int64),
        )
        for wire in program.wires
        if wire.listens
    ]
