"""The whole course over three seeds: the accuracies that the demo promises.

Seeds 0 to 2 took no part in choosing any parameter.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from lahar.demo.lava_check import compare_with_lava
from lahar.demo.listener import NobodyListens
from lahar.demo.network import digits_network, initial_weights
from lahar.demo.training import (
    ARITHMETICS,
    Plan,
    compile_digits,
    prepare_course,
    school,
)

pytestmark = pytest.mark.slow
SEEDS = (0, 1, 2)
LEAST_ACCURACY = 0.90
LARGEST_LOSS = 0.03


@pytest.fixture(scope="module")
def accuracy() -> dict[str, float]:
    """Mean over the seeds, by arithmetic."""
    found: dict[str, list[float]] = {name: [] for name in ARITHMETICS}
    for seed in SEEDS:
        program = compile_digits(digits_network(initial_weights(seed)))
        course = prepare_course(Plan(), seed)
        for name, arithmetic in ARITHMETICS.items():
            trial = school(program, course, arithmetic, seed, NobodyListens())
            found[name].append(trial.accuracy)
    return {name: float(np.mean(values)) for name, values in found.items()}


def test_the_chip_learns_to_read(accuracy: dict[str, float]) -> None:
    assert accuracy["sim"] >= LEAST_ACCURACY
    assert accuracy["sim_lava_profile"] >= LEAST_ACCURACY


def test_integers_cost_little_accuracy(accuracy: dict[str, float]) -> None:
    assert accuracy["reference"] - accuracy["sim"] <= LARGEST_LOSS
    assert accuracy["reference"] - accuracy["sim_lava_profile"] <= LARGEST_LOSS


@pytest.mark.skipif(importlib.util.find_spec("lava") is None, reason="needs Lava")
def test_lava_computes_the_same_bits_for_2000_steps() -> None:
    program = compile_digits(digits_network(initial_weights(0)))
    course = prepare_course(Plan(), 0)

    steps = Plan().compared_steps
    check = compare_with_lava(program, course.lessons, steps, 0, NobodyListens())

    (verdict,) = check.verdicts.values()
    assert verdict.level == "identical"
    assert verdict.steps >= 2000
    compared = {v.name for v in verdict.variables}
    assert compared >= {"synapse.weights", "output.u", "output.v", "output.s_out"}
    assert {v.name for v in verdict.variables if v.by == "lava"} >= {"synapse.weights"}
