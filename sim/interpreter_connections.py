"""A connection between steps: its synapses, what is on the way, and its engine.

docs/semantics.md sections 3.2 and 5. What the source sends in a step goes in, what
arrives at the target in later steps comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..hardware.profile import Profile
from ..hardware.program import Connection
from .initial_weights import initial_weights
from .interpreter_traces import TraceEngine, initial_engine
from .operations import Integers, signed_bits, to_int32
from .randomness import AbstractNumbers, numbers_of_connection

SYNAPSE_NAMES = {"w": "weights", "t": "tag_1", "d": "tag_2"}


@dataclass
class ConnectionState:
    """What a connection holds between steps.

    Row d of ``on_the_way`` arrives d + 1 steps from now.
    """

    connection: Connection
    synapses: dict[str, Integers]
    delays: Integers
    arrived: Integers
    on_the_way: Integers
    engine: TraceEngine | None
    numbers: AbstractNumbers

    def deliver(self) -> None:
        """Let arrive what was on the way for this step."""
        self.arrived = signed_bits(self.on_the_way[0], self.connection.result_bits)
        nothing = np.zeros_like(self.on_the_way[:1])
        self.on_the_way = np.concatenate([self.on_the_way[1:], nothing])

    def hears(self, sent: Integers) -> Integers:
        """Give what the source sends as this connection takes it: spikes, or all."""
        if self.connection.message_bits == 0:
            return np.not_equal(sent, 0).astype(np.int64)
        return sent

    def propagate(self, heard: Integers) -> None:
        """Send values out through the weights as they stand."""
        active = np.flatnonzero(heard)
        products = to_int32(self.synapses["w"][:, active] * heard[active])
        exponent, delays = self.connection.weight_exponent, self.delays[:, active]
        for d, row in enumerate(self.on_the_way):
            total = np.where(delays == d, products, 0).sum(axis=1)
            total = signed_bits(total, self.connection.sum_bits)
            shifted = total << exponent if exponent > 0 else total >> -exponent
            row[:] = to_int32(row + to_int32(shifted))

    def readings(self) -> Iterator[tuple[str, Integers]]:
        """Name what a recording reads after a step."""
        name = self.connection.name
        yield f"{name}.a_out", self.arrived
        for variable, values in self.synapses.items():
            yield f"{name}.{SYNAPSE_NAMES[variable]}", values
        if self.engine is not None:
            for trace, values in self.engine.traces.items():
                yield f"{name}.{trace}", values


def initial_connection(
    connection: Connection, position: int, profile: Profile, seed: int
) -> ConnectionState:
    """Give the state before the first step of the position-th connection."""
    learning = connection.learning
    offset = 0 if learning is None else learning.seed_offset
    numbers = numbers_of_connection(profile, seed + offset, position)
    post, pre = shape = connection.weights.shape
    delays = np.zeros(shape, np.int64)
    if connection.delays is not None:
        delays = connection.delays.astype(np.int64)
    synapses = {"w": initial_weights(connection, profile)}
    engine = None
    if learning is not None:
        engine = initial_engine(learning, profile, numbers, (post, pre))
        synapses["t"] = first_values(connection, "tag_1", shape)
        synapses["d"] = first_values(connection, "tag_2", shape)
        for trace, zeros in engine.traces.items():
            engine.traces[trace] = first_values(connection, trace, zeros.shape)
    arrived = np.zeros(post, np.int64)
    on_the_way = np.zeros((delays.max(initial=0) + 1, post), np.int64)
    return ConnectionState(
        connection, synapses, delays, arrived, on_the_way, engine, numbers
    )


def first_values(
    connection: Connection, variable: str, shape: tuple[int, ...]
) -> Integers:
    """Give a tag, delay variable or trace before the first step."""
    return np.zeros(shape, np.int64) + connection.initial.get(variable, 0)
