"""How much arrives at the ports of a population in one step.

In: a Program and a mean rate of spikes. Out: for each port the mean, what rarely is
exceeded (mean and 4 standard deviations of Poisson spikes) and the worst case, in
which every input spikes at once and learning has made every weight the largest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .chip import Chip
from .interval import Interval
from .program import Connection, Population, Program

Floats = npt.NDArray[np.float64]
DEVIATIONS = 4.0


@dataclass(frozen=True)
class Arrivals:
    """What a port receives in a step, over all neurons of its population.

    ``mean`` is that of the neuron with the least, and of the one with the most;
    ``largest`` is the largest single spike. All are counted after the exponent.
    """

    mean: tuple[float, float] = (0.0, 0.0)
    expected: Interval = (0, 0)
    worst: Interval = (0, 0)
    largest: int = 0


def arrivals(
    program: Program, population: Population, rate: float, chip: Chip
) -> dict[str, Arrivals] | None:
    """Bound what arrives at each synaptic port; ``rate`` in spikes a step.

    None where sources send values or wires reach a port: nobody bounds those.
    """
    assert population.neuron is not None
    onto = [c for c in program.connections if c.target == population.name]
    if population.wires or any(c.message_bits or _is_wired(program, c) for c in onto):
        return None
    return {
        port.name: _at_port([c for c in onto if c.port == port.name], rate, chip)
        for port in population.neuron.ports
        if port.kind == "synaptic"
    }


def _is_wired(program: Program, connection: Connection) -> bool:
    return any(w.name == connection.source for w in program.wires)


def _at_port(connections: list[Connection], rate: float, chip: Chip) -> Arrivals:
    if not connections:
        return Arrivals()
    mean, variance, low, high = (np.zeros(1) for _ in range(4))
    largest = 0.0
    for c in connections:
        unit = 2.0**c.weight_exponent
        weights = c.weights * unit
        mean = mean + rate * weights.sum(axis=1)
        # Bernoulli spikes: one at most in a step.
        variance = variance + rate * (1 - rate) * (weights**2).sum(axis=1)
        bounds = _weight_bounds(c, chip)
        low = low + np.minimum(bounds[0], 0).sum(axis=1) * unit
        high = high + np.maximum(bounds[1], 0).sum(axis=1) * unit
        largest = max(largest, float(np.abs(weights).max(initial=0.0)))
    worst = math.floor(low.min(initial=0.0)), math.ceil(high.max(initial=0.0))
    spread = DEVIATIONS * np.sqrt(variance)
    return Arrivals(
        mean=(float(mean.min(initial=0.0)), float(mean.max(initial=0.0))),
        expected=_bounds(mean - spread, mean + spread, worst),
        worst=worst,
        largest=math.floor(largest),  # a single spike is floored by the exponent
    )


def _bounds(low: Floats, high: Floats, within: Interval) -> Interval:
    """Round outward, and keep to what can arrive at all."""
    least, most = low.min(initial=0.0), high.max(initial=0.0)
    return max(math.floor(least), within[0]), min(math.ceil(most), within[1])


def _weight_bounds(
    c: Connection, chip: Chip
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the least and largest weight of every synapse, whatever is learned."""
    weights = c.weights.astype(np.int64)
    if c.learning is None or not any(p.target == "w" for p in c.learning.products):
        return weights, weights
    low, high = chip.weight_ranges.value[c.sign_mode]
    exists = c.exists.get("w", np.ones_like(weights)) != 0
    return np.where(exists, low, weights), np.where(exists, high, weights)
