"""Published energies and times of what a chip does in a step, table by table.

A chip carries every table that somebody has published for it, each with the basis of
its numbers; none is preferred. costs.py multiplies them with what a Program does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from .step_cost import Basis
from .value import Value

Event = Literal[
    "synaptic operation, dense list",
    "synaptic operation, sparse list",
    "active neuron update",
    "inactive neuron update",
    "spike",
    "message sent",
    "message received",
    "tile hop east-west",
    "tile hop north-south",
    "learning update",
]
EVENTS: tuple[Event, ...] = get_args(Event)
"""What costs: a spike of a neuron becomes one message for each list it starts."""

Barrier = tuple[tuple[int, float], ...]
"""Tiles that are synchronised, and the nanoseconds it takes; in rising order."""


@dataclass(frozen=True)
class CostTable:
    """One publication's numbers.

    energies, times
        By event, in pJ and ns.
    barrier
        What a step takes to synchronise the tiles, whatever else happens.
    """

    name: str
    title: str
    basis: Basis
    energies: Mapping[Event, Value[float | None]]
    times: Mapping[Event, Value[float | None]]
    barrier: Value[Barrier | None]

    def values(self) -> dict[str, Value[object]]:
        """List every value by name."""
        found: dict[str, Value[object]] = {f"{self.name}.barrier": self.barrier}
        found |= {f"{self.name}.energies[{e}]": v for e, v in self.energies.items()}
        found |= {f"{self.name}.times[{e}]": v for e, v in self.times.items()}
        return found


def barrier_ns(table: CostTable, tiles: int) -> float | None:
    """Read the barrier for so many tiles, on straight lines between published ones."""
    points = table.barrier.value
    if points is None:
        return None
    below = [p for p in points if p[0] <= tiles]
    above = [p for p in points if p[0] >= tiles]
    if not below or not above:
        return (below or above)[-1 if below else 0][1]
    (low, at_low), (high, at_high) = below[-1], above[0]
    share = (tiles - low) / (high - low) if high > low else 0.0
    return at_low + share * (at_high - at_low)
