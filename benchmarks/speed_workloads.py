"""The workloads of the speed benchmark: networks, stimuli, and what they are called.

Every workload is a Network with its input spikes drawn beforehand, so that lahar, Lava
and Brian2 get the same spikes. Steps are 1 ms, inputs fire at 20 Hz (Poisson).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

import lahar
from lahar import Group, Network, Projection, Sparse, ms
from lahar.hardware.program import Program
from lahar.rules.library import LIF, STDP, RewardSTDP

RATE_HZ = 20.0
REWARD_EVERY = 100
MEMBRANE_MS, BIAS = 50.0, 0.0247
"""Of W4: without synapses a neuron fires at 12 Hz."""

FloatArray = npt.NDArray[np.float64]
Spikes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Workload:
    """A network, and the facts that another simulator needs to build the same.

    thresholds, biases
        Group to the parameters of its LIF neurons.
    membrane_ms
        The time constant of their membranes.
    rule, rule_numbers
        ``pair``, ``reward`` or ``static``: what its plastic projections do, and with
        which parameters.
    """

    name: str
    what: str
    network: Network
    thresholds: Mapping[str, float]
    rule: str
    output: str
    rule_numbers: Mapping[str, float] = field(default_factory=dict)
    biases: Mapping[str, float] = field(default_factory=dict)
    membrane_ms: float = 20.0

    def program(self) -> Program:
        """Compile it."""
        return lahar.compile(self.network)

    def spikes(self, steps: int, seed: int = 1) -> dict[str, Spikes]:
        """Draw the spikes (steps, n) of every input."""
        random = np.random.default_rng(seed)
        return {
            group.name: _poisson(random, steps, group.size)
            for group in self.network.groups
            if group.neuron is None
        }

    def rewards(self, steps: int) -> FloatArray:
        """Give the reward of every step: 1 in every hundredth."""
        given = np.zeros(steps)
        given[REWARD_EVERY - 1 :: REWARD_EVERY] = 1.0
        return given

    @property
    def synapses(self) -> int:
        """Count the synapses that exist."""
        return sum(p.weights.size for p in self.network.projections)


def _poisson(random: np.random.Generator, steps: int, size: int) -> Spikes:
    """Draw spikes a thousand steps at a time: a whole array of floats is too large."""
    rows = np.zeros((steps, size), np.uint8)
    for start in range(0, steps, 1000):
        block = rows[start : start + 1000]
        block[...] = random.random(block.shape) < RATE_HZ / 1000
    return rows


def _feed_forward(
    name: str, pre: int, post: int, rule: Any, threshold: float
) -> Network:
    weights = np.random.default_rng(0).uniform(0, 1, (post, pre))
    groups = (Group("input", pre), Group("output", post, LIF(threshold=threshold)))
    projection = Projection("synapses", "input", "output", weights, rule=rule)
    return Network(name, groups, (projection,), dt_seconds=1 * ms)


def pair_stdp(name: str, pre: int, post: int, threshold: float) -> Workload:
    """Make W1: pair STDP, all to all, every step a learning epoch."""
    rule = STDP(a_plus=0.01, a_minus=0.01)
    return Workload(
        name,
        f"pair STDP, {pre} x {post}",
        _feed_forward(name, pre, post, rule, threshold),
        {"output": threshold},
        "pair",
        "output",
        {"a_plus": 0.01, "a_minus": 0.01, "w_max": 1.0},
    )


def reward_stdp(name: str, pre: int, post: int, threshold: float) -> Workload:
    """Make W2: pair STDP into a tag of 200 ms, a reward every 100 ms."""
    rule = RewardSTDP(tau_tag=200 * ms, a_minus=0.10, rate=0.1)
    return Workload(
        name,
        f"reward-modulated STDP, {pre} x {post}",
        _feed_forward(name, pre, post, rule, threshold),
        {"output": threshold},
        "reward",
        "output",
        {"a_plus": 0.1, "a_minus": 0.1, "rate": 0.1, "w_max": 1.0},
    )


def layers(name: str, sizes: tuple[int, int, int], hidden: float) -> Workload:
    """Make W3: two layers of fixed random weights."""
    random = np.random.default_rng(0)
    pre, middle, post = sizes
    thresholds = {"hidden": hidden, "output": 1.5}
    network = Network(
        name,
        (
            Group("input", pre),
            Group("hidden", middle, LIF(threshold=hidden)),
            Group("output", post, LIF(threshold=thresholds["output"])),
        ),
        (
            Projection(
                "first", "input", "hidden", random.uniform(-0.5, 1, (middle, pre))
            ),
            Projection(
                "last", "hidden", "output", random.uniform(-0.5, 1, (post, middle))
            ),
        ),
        dt_seconds=1 * ms,
    )
    what = f"{pre}-{middle}-{post}, fixed weights"
    return Workload(name, what, network, thresholds, "static", "hidden")


def recurrent(name: str, size: int, density: float) -> Workload:
    """Make W4: a recurrent network, its excitatory synapses plastic.

    A neuron alone fires at 12 Hz, and its bias is a fifth above the least that makes it
    fire: nearer to that, rounding decides how often it does. First values are spread
    over a period, or all neurons would begin in step.
    """
    random = np.random.default_rng(0)
    many, few = size * 4 // 5, size // 5
    thresholds, biases = {"e": 1.0, "i": 1.0}, {"e": BIAS, "i": BIAS}
    projections = []
    rule = STDP(a_plus=0.01, a_minus=0.01, w_max=0.02)
    for source, pre in (("e", many), ("i", few)):
        for target, post in (("e", many), ("i", few)):
            projection = source + target
            posts, pres = np.nonzero(random.random((post, pre)) < density)
            spread = random.uniform(0, 0.02, posts.size)
            weights = spread if source == "e" else -4 * spread
            synapses = Sparse(pre=pres, post=posts, weights=weights, shape=(post, pre))
            learned = rule if source == "e" else None
            projections.append(
                Projection(projection, source, target, synapses, rule=learned)
            )
    groups = tuple(
        Group(
            g,
            n,
            LIF(tau=MEMBRANE_MS * ms, threshold=thresholds[g], bias=biases[g]),
            initial={"v": random.random(n)},
        )
        for g, n in (("e", many), ("i", few))
    )
    return Workload(
        name,
        f"{size} recurrent neurons, {density:.0%} of their synapses, listed",
        Network(name, groups, tuple(projections), dt_seconds=1 * ms),
        thresholds,
        "pair",
        "e",
        {"a_plus": 0.01, "a_minus": 0.01, "w_max": 0.02},
        biases,
        MEMBRANE_MS,
    )


WORKLOADS: Mapping[str, Callable[[], Workload]] = {
    "W1a": lambda: pair_stdp("W1a", 100, 100, 19.0),
    "W1b": lambda: pair_stdp("W1b", 1000, 100, 180.0),
    "W1c": lambda: pair_stdp("W1c", 1000, 1000, 180.0),
    "W2": lambda: reward_stdp("W2", 1000, 100, 180.0),
    "W3": lambda: layers("W3", (784, 256, 10), 70.0),
    "W4": lambda: recurrent("W4", 4000, 0.02),
}
