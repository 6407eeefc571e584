"""How much arrives at the ports of a population in one step.

In: a Program and a mean rate of spikes. Out: for each port the mean, what rarely is
exceeded (mean and 4 standard deviations of Poisson spikes) and the worst case, in
which every input spikes at once and learning has made every weight the largest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

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
        weights = c.weights
        mean = mean + rate * _onto(c, weights) * unit
        # Bernoulli spikes: one at most in a step.
        square = np.square(weights, dtype=np.float32 if c.pairs else np.float64)
        variance = variance + rate * (1 - rate) * _onto(c, square) * unit**2
        bounds = _sums_of_bounds(c, chip)
        low, high = low + bounds[0] * unit, high + bounds[1] * unit
        ends = float(weights.min(initial=0)), float(weights.max(initial=0))
        largest = max(largest, max(map(abs, ends)) * unit)
    worst = math.floor(low.min(initial=0.0)), math.ceil(high.max(initial=0.0))
    spread = DEVIATIONS * np.sqrt(variance)
    return Arrivals(
        mean=(float(mean.min(initial=0.0)), float(mean.max(initial=0.0))),
        expected=_bounds(mean - spread, mean + spread, worst),
        worst=worst,
        largest=math.floor(largest),  # a single spike is floored by the exponent
    )


def _onto(c: Connection, of_synapses: npt.NDArray[Any]) -> Floats:
    """Add up what belongs to the synapses onto each neuron."""
    if c.pairs is not None:
        return c.pairs.onto(of_synapses)
    total: Floats = of_synapses.sum(axis=1, dtype=np.float64)
    return total


def _bounds(low: Floats, high: Floats, within: Interval) -> Interval:
    """Round outward, and keep to what can arrive at all."""
    least, most = low.min(initial=0.0), high.max(initial=0.0)
    return max(math.floor(least), within[0]), min(math.ceil(most), within[1])


def _sums_of_bounds(c: Connection, chip: Chip) -> tuple[Floats, Floats]:
    """Add up the least and the largest weights onto each neuron, whatever is learned.

    Only those of the sign in question count: the others may be silent.
    """
    weights = c.weights
    if c.learning is None or not any(p.target == "w" for p in c.learning.products):
        return _onto(c, np.minimum(weights, 0)), _onto(c, np.maximum(weights, 0))
    low, high = chip.weight_ranges.value[c.sign_mode]
    if c.pairs is not None and "w" not in c.exists:
        sources = c.pairs.sources.astype(np.float64)
        return min(low, 0) * sources, max(high, 0) * sources
    exists = c.exists.get("w", np.ones_like(weights)) != 0
    least, most = np.where(exists, low, weights), np.where(exists, high, weights)
    return _onto(c, np.minimum(least, 0)), _onto(c, np.maximum(most, 0))
