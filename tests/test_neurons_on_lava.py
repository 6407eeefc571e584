"""Every library neuron, with a rule that reads all it offers: identical on Lava.

All models are one network, because starting Lava takes longer than running it. The
input is Poisson, then nothing, then everything at once for a while, then noise again;
weights have both signs, and modulators jump between their ends.
"""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest

import lahar
from lahar import Group, Network, Projection, Stimulus, ms
from lahar.hardware.variables import state_variables
from lahar.rules.library import NEURONS
from lahar.rules.network import FloatArray
from lahar.rules.neuron import Neuron
from lahar.rules.parser import parse_rule
from lahar.rules.rule import LearningRule
from lahar.sim.stimulus_needs import needs_of

needs_lava = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava runs on Python 3.10 only"
)
INPUTS, SIZE = 24, 4
LARGEST = {
    "izhikevich": 30.0,  # whose unit is the millivolt
    "no-reset-lif": 0.3,  # these would spike in every step
    "no-reset-cuba-lif": 0.07,
}


def learned(name: str, neuron: Neuron) -> LearningRule | None:
    """A rule that makes the neuron send all its outputs."""
    read = [o.name for o in neuron.outputs] + [e.name for e in neuron.events]
    if not read:
        return None  # tests/test_library_on_lava.py has rules of spikes alone
    terms = [f"0.002 * pre * post.{quantity}" for quantity in read]
    if neuron.spike is not None:
        terms.append("0.01 * x * post")
    dw = " + ".join(terms)
    high = LARGEST.get(name, 1.0)
    return parse_rule(
        "rule R:\n    trace x = pre, tau 20 ms\n"
        f"    dw = {dw}\n    bounds = [{-high}, {high}]\n    polarity = mixed\n"
    )


def weights(random: np.random.Generator, name: str) -> FloatArray:
    return random.uniform(-0.25, 0.7, (SIZE, INPUTS)) * LARGEST.get(name, 1.0)


def all_neurons() -> Network:
    random = np.random.default_rng(7)
    groups, projections = [Group("in", INPUTS)], []
    for name, neuron in NEURONS.items():
        groups.append(Group(name, SIZE, neuron))
        rule = learned(name, neuron)
        for port in neuron.ports:
            label = f"{port.name} of {name}"
            fixed = weights(random, name)
            projections.append(
                Projection(label, "in", name, fixed, port=port.name, rule=rule)
            )
            rule = None  # one rule is enough to send the outputs
    return Network("all neurons", tuple(groups), tuple(projections), 1 * ms)


def extreme_input(network: Network, steps: int) -> Stimulus:
    random = np.random.default_rng(3)
    rate = np.full(steps, 0.03)
    quarter = steps // 4
    rate[quarter : quarter + steps // 10] = 0.0
    rate[2 * quarter : 2 * quarter + steps // 20] = 1.0
    rate[3 * quarter : 3 * quarter + steps // 20] = 0.5
    spikes = random.random((steps, INPUTS)) < rate[:, None]
    held = {
        name: np.repeat(random.choice([m.low, m.high, 0.3], steps // 8 + 1), 8)[:steps]
        for name, m in needs_of(network).modulators.items()
    }
    return Stimulus({"in": spikes}, held)


def assert_identical(steps: int, ours: str) -> None:
    network = all_neurons()
    program = lahar.compile(network)
    stimulus = extreme_input(network, steps)
    run, lava = (
        lahar.run(program, stimulus, steps, b, "lava-0.10", record="all", seed=11)
        for b in (ours, "lava")
    )

    verdict = lahar.compare(run, lava)

    verdict.require()
    state = {v.name: math.prod(v.shape) for v in state_variables(program)}
    assert verdict.level == "identical"
    assert {v.name for v in verdict.variables} == state.keys()
    assert verdict.values_compared == steps * sum(state.values())
    for name, neuron in NEURONS.items():
        spikes = run[f"{name}.s_out"]
        assert spikes.any() == (neuron.spike is not None), name
        assert spikes.mean() < 0.9, name


@needs_lava
@pytest.mark.slow
def test_every_library_neuron_is_identical_on_lava_for_two_thousand_steps() -> None:
    assert_identical(2000, "sim")
