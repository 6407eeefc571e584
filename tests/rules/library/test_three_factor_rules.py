"""Rules with a third factor against what their papers show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import lahar
from lahar.rules.library import EProp, EPropLIF, TwoTraceReward
from lahar.rules.network import Group, Network, Projection
from lahar.sim.reference import run_reference
from lahar.sim.stimulus import Stimulus

PERIOD = 200
ROUNDS = 40
INPUTS = 60


def task(eta: float) -> tuple[Network, Stimulus]:
    """Fire early in a frozen pattern, and not late."""
    random = np.random.default_rng(4)
    pattern = (random.random((PERIOD, INPUTS)) < 0.03).astype(np.uint8)
    target = np.where(np.arange(PERIOD) < PERIOD // 2, 0.8, 0.0)
    weights = random.uniform(-0.2, 0.4, (3, INPUTS))
    synapse = Projection(
        "synapse", "pre", "post", weights, "current", EProp(eta=eta, w_max=2.0)
    )
    groups = (Group("pre", INPUTS), Group("post", 3, EPropLIF(threshold=2.0)))
    stimulus = Stimulus(
        {"pre": np.tile(pattern, (ROUNDS, 1))}, {"target": np.tile(target, ROUNDS)}
    )
    return Network("net", groups, (synapse,), 1e-3), stimulus


def errors(eta: float) -> np.ndarray:
    """Give the mean squared error of each round."""
    network, stimulus = task(eta)
    steps = PERIOD * ROUNDS
    got = run_reference(network, stimulus, steps, record=frozenset({"post.learning"}))
    return by_round(got.variables["post.learning"])


def by_round(learning: np.ndarray) -> np.ndarray:
    return (learning**2).reshape(ROUNDS, -1).mean(axis=1)


def test_eligibility_times_learning_signal_reduces_the_error() -> None:
    learned = errors(0.002)

    assert learned[-5:].mean() < 0.5 * learned[1]


def test_the_error_falls_as_much_on_the_chip() -> None:
    network, stimulus = task(0.002)
    program = lahar.compile(network, chip="loihi2", rate=30 * lahar.Hz)
    name = "post.synapse_learning"

    run = lahar.run(program, stimulus, PERIOD * ROUNDS, "sim", record=[name])

    view = run.view(name)
    found = by_round((run[name] - view.offset) / view.scale)
    assert found[-5:].mean() < 0.5 * found[1]


def test_without_learning_or_with_the_wrong_sign_it_does_not() -> None:
    for eta in (0.0, -0.002):
        found = errors(eta)
        assert found[-5:].mean() > 0.95 * found[1], eta


def test_the_delay_of_a_reward_decides_the_sign_of_the_change(told: Callable) -> None:
    def after_reward(delay: int) -> float:
        reward = np.zeros(900)
        reward[60 + delay : 65 + delay] = 1.0
        return told(
            TwoTraceReward(), [55], [60], 900, modulators={"reward": reward}
        ).change

    changes = {delay: after_reward(delay) for delay in (5, 25, 40, 60, 150, 400)}

    # Equal traces at tau_up * tau_down / (tau_down - tau_up) * log(2) = 46 ms.
    assert all(changes[delay] > 0 for delay in (5, 25))
    assert all(changes[delay] < 0 for delay in (60, 150, 400))
    assert changes[5] > changes[25] > changes[40]
    assert abs(changes[400]) < abs(changes[150])


def test_without_reward_two_traces_change_nothing(told: Callable) -> None:
    reward = np.zeros(300)

    run = told(TwoTraceReward(), [55], [60], 300, modulators={"reward": reward})

    assert run.change == 0.0
