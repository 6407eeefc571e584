"""BCM and homeostatic scaling against what their papers say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import lahar
from lahar.rules.library import BCM, HomeostaticLIF, HomeostaticScaling
from lahar.rules.network import Group, Network, Projection
from lahar.sim.reference import run_reference
from lahar.sim.stimulus import Stimulus

SETTLED = 4000
"""Steps after which the mean activity, of 1 s, is that of the rate so far."""


def spikes(rate: float, start: float, stop: float) -> list[float]:
    return list(np.arange(start, stop, 1000.0 / rate))


def bcm_after_a_step(told: Callable, rate: float, stop: int) -> object:
    """Fire at the goal of 10 Hz until settled, then at another rate."""
    post = spikes(10.0, 20, SETTLED) + spikes(rate, SETTLED, stop)
    # The synapse is silent while the threshold settles; then its spikes meet all
    # phases of the post spikes.
    pre = np.arange(SETTLED + 200, stop, 7)
    theta = ("post.theta",)
    return told(BCM(eta=0.001), pre, post, stop, record=theta)


def test_activity_below_the_threshold_depresses_and_above_potentiates(
    told: Callable,
) -> None:
    changes = [
        bcm_after_a_step(told, rate, SETTLED + 500).change for rate in (3.0, 6.0, 30.0)
    ]

    assert changes[0] < 0.0
    assert changes[1] < 0.0
    assert changes[2] > 0.0


def test_the_threshold_slides_with_the_mean_activity(told: Callable) -> None:
    run = bcm_after_a_step(told, 16.0, SETTLED + 5000)

    theta, w = run.variables["post.theta"], run.w
    assert theta[SETTLED - 500 : SETTLED].mean() == pytest.approx(1.0, rel=0.05)
    assert theta[-500:].mean() == pytest.approx(1.6**2, rel=0.1)
    # What potentiated at first is below the threshold in the end.
    assert w[SETTLED + 700] > w[SETTLED]
    assert w[-1] < w[-1500]


STEPS = 12000


def to_be_scaled(threshold: float) -> tuple[Network, Stimulus]:
    random = np.random.default_rng(2)
    weights = random.uniform(0.05, 0.5, (4, 40))
    cell = HomeostaticLIF(threshold=threshold)
    synapse = Projection(
        "synapse", "pre", "post", weights, "current", HomeostaticScaling(w_max=5.0)
    )
    groups = (Group("pre", 40), Group("post", 4, cell))
    spikes = (random.random((STEPS, 40)) < 0.02).astype(np.uint8)
    return Network("net", groups, (synapse,), 1e-3), Stimulus({"pre": spikes})


def assert_goal_is_reached(fired: np.ndarray) -> None:
    at_first, in_the_end = (s.mean() * 1000 for s in (fired[:500], fired[-4000:]))
    goal = HomeostaticLIF().param_values["goal"]
    assert abs(at_first - goal) > 0.4 * goal
    assert in_the_end == pytest.approx(goal, rel=0.1)


@pytest.mark.parametrize("threshold", [1.5, 10.0])
def test_scaling_brings_the_rate_to_its_goal_from_both_sides(threshold: float) -> None:
    network, stimulus = to_be_scaled(threshold)
    names = frozenset(("post.s_out", "synapse.weights"))

    got = run_reference(network, stimulus, STEPS, record=names).variables

    assert_goal_is_reached(got["post.s_out"])
    # Multiplicative: weights of one neuron keep their ratios.
    weights = got["synapse.weights"]
    ratios = weights[-1] / weights[0]
    assert ratios.std(axis=1) == pytest.approx(0.0, abs=1e-6)
    assert np.abs(ratios - 1).min() > 0.1


@pytest.mark.parametrize("threshold", [1.5, 10.0])
def test_scaling_does_so_on_the_chip(threshold: float) -> None:
    network, stimulus = to_be_scaled(threshold)
    program = lahar.compile(network, chip="loihi2")

    run = lahar.run(program, stimulus, STEPS, "sim", record=["post.s_out"])

    assert_goal_is_reached(run["post.s_out"])
