"""Run one neuron of a population on random arrivals, to see what it usually sends.

In: a neuron program and the arrivals at its ports. Out: how often each output differs
from what it sends at rest. Intervals cannot say that: an output that is bounded by 63
may be 0 in nine steps of ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from .arrivals import DEVIATIONS, Arrivals
from .interval import INT32, Interval, looked_up, point
from .program import NeuronProgram

STEPS = 300
HELD_STEPS = 10
"""Steps that a random modulator stays the same, as in a Poisson stimulus."""


def shares_off_rest(
    neuron: NeuronProgram,
    arrivals: Mapping[str, Arrivals],
    modulators: Mapping[str, Interval],
    rest: int,
) -> Mapping[str, float]:
    """Give, for each output, the share of steps in which it is not ``rest``."""
    return _shares(
        neuron, tuple(arrivals.items()), tuple(sorted(modulators.items())), rest
    )


@lru_cache(maxsize=128)
def _shares(
    neuron: NeuronProgram,
    arrivals: tuple[tuple[str, Arrivals], ...],
    modulators: tuple[tuple[str, Interval], ...],
    rest: int,
) -> Mapping[str, float]:
    random = np.random.default_rng(0)  # a compilation gives the same every time
    inputs = _inputs(random, arrivals, modulators)
    off = dict.fromkeys((o.name for o in neuron.outputs), 0)
    state = {r.name: r.initial for r in neuron.registers}
    for step in range(STEPS):
        values = {**state, **{name: given[step] for name, given in inputs.items()}}
        for op in neuron.ops:
            args = [a if isinstance(a, int) else values[a] for a in op.args]
            match op.code:
                case "every":
                    found = int((step + 1) % args[0] == args[1])
                case "random":
                    found = int(random.integers(1 << args[1]))
                case "lookup":
                    entry, _ = looked_up(neuron.tables[args[1]], (args[0], args[0]))
                    found = entry
                case code:
                    found = point(code, args)
            values[op.target] = found
        state = {name: point("int32", [values[name]]) for name in state}
        for output in neuron.outputs:
            off[output.name] += values[output.register] != rest
    return {name: count / STEPS for name, count in off.items()}


def _inputs(
    random: np.random.Generator,
    arrivals: tuple[tuple[str, Arrivals], ...],
    modulators: tuple[tuple[str, Interval], ...],
) -> dict[str, list[int]]:
    """Draw what every port receives in every step."""
    found: dict[str, list[int]] = {}
    for name, a in arrivals:
        spread = (a.expected[1] - a.mean[1]) / DEVIATIONS
        drawn = random.normal(a.mean[1], max(spread, 0.0), STEPS)
        limited = np.clip(drawn, max(a.worst[0], INT32[0]), min(a.worst[1], INT32[1]))
        found[name] = [int(v) for v in limited]
    for name, (low, high) in modulators:
        levels = random.integers(low, high + 1, -(-STEPS // HELD_STEPS))
        found[name] = [int(v) for v in np.repeat(levels, HELD_STEPS)[:STEPS]]
    return found
