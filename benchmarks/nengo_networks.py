"""Random networks that both lahar and nengo-loihi can count on Loihi 1.

A seed in; a Program out, and the same network as plain data for nengo_worker.py. Left
out is what nengo-loihi has no such thing for: delays, tags, and neurons of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.program import (
    Connection,
    IntArray,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)

from .chance import Chance

WEIGHT_BITS = (1, 2, 3, 4, 5, 6, 8)  # nengo-loihi WEIGHT_BITS_MAP
MOST_SYNAPSES = 1_500_000

NEURON = NeuronProgram(
    ports=(NeuronPort("current", "synaptic"),),
    registers=(Register("v"),),
    ops=(Op("add", "v", ("v", "current")), Op("gt", "spike", ("v", 6400))),
    spike="spike",
)
RULE = Learning(
    epoch_steps=1,
    products=(
        Product("w", "y0", (Factor("x1"),), 1, 0),
        Product("w", "x0", (Factor("y1"),), -1, 0),
    ),
    traces={"x1": TraceProgram(40, 5120), "y1": TraceProgram(40, 5120)},
)


@dataclass(frozen=True)
class RandomNetwork:
    """One network in both forms."""

    seed: int
    program: Program
    plain: dict[str, Any]


def random_network(seed: int) -> RandomNetwork:
    """Draw one to two inputs, one to four populations, and what joins them."""
    chance = Chance(seed)
    populations = [
        Population(f"in{k}", _size(chance)) for k in range(chance.integer(1, 2))
    ]
    targets = [
        Population(f"p{k}", _size(chance), NEURON) for k in range(chance.integer(1, 4))
    ]
    populations += targets
    wanted = chance.integer(len(targets), 2 * len(targets) + 2)
    connections: list[Connection] = []
    for index in range(wanted):
        target = targets[index % len(targets)]
        made = _connection(chance, f"c{index}", chance.one_of(populations), target)
        if sum(c.weights.size for c in [*connections, made]) <= MOST_SYNAPSES:
            connections.append(made)
    name = f"random {seed}"
    program = Program(
        *(name, "loihi1", "loihi2", 0.001), tuple(populations), tuple(connections)
    )
    return RandomNetwork(seed, program, _plain(program, seed))


def _size(chance: Chance) -> int:
    """Draw a size: mostly small, now and then more than a core has neurons."""
    most = chance.weighted({64: 3, 400: 4, 1024: 2, 2500: 1})
    return chance.integer(1, most)


def _connection(
    chance: Chance, name: str, source: Population, target: Population
) -> Connection:
    shape = (target.size, source.size)
    kind = chance.weighted({"dense": 3.0, "sparse": 3.0, "learns": 2.0})
    weights = np.full(shape, 8, dtype=np.int32)
    if kind == "sparse":
        weights = _sparse(chance, shape)
    return Connection(
        *(name, source.name, target.name, "current"),
        weights,
        sign_mode=SignMode.EXCITATORY,
        weight_bits=8 if kind == "learns" else chance.one_of(WEIGHT_BITS),
        learning=RULE if kind == "learns" else None,
    )


def _sparse(chance: Chance, shape: tuple[int, int]) -> IntArray:
    """Leave some synapses; a source may have none, and one at least has one."""
    density = chance.weighted({0.01: 2.0, 0.05: 2.0, 0.2: 1.0, 0.5: 1.0})
    random = np.random.default_rng(chance.integer(0, 2**31))
    there = random.random(shape) < density
    there[random.integers(shape[0]), random.integers(shape[1])] = True
    return there.astype(np.int32)


def _plain(program: Program, seed: int) -> dict[str, Any]:
    return {
        "populations": [
            {"name": p.name, "size": p.size, "input": p.neuron is None}
            for p in program.populations
        ],
        "connections": [
            {
                "name": c.name,
                "source": c.source,
                "target": c.target,
                "learns": c.learning is not None,
                "weight_bits": c.weight_bits,
                "seed": seed,
                "lists": _lists(c),
            }
            for c in program.connections
        ],
    }


def _lists(connection: Connection) -> list[list[int]] | None:
    """Give the targets of each source; None where every synapse is there."""
    there = connection.weights != 0
    if connection.learning is not None or there.all():
        return None
    return [np.flatnonzero(column).tolist() for column in there.T]
