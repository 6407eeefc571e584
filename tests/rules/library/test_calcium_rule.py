"""The calcium rule against Graupner & Brunel's thresholds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import lahar
from lahar.rules.library import RULES, CalciumThreshold


def change_at(told: Callable, interval: float) -> float:
    """Give the change by regular pre spikes alone, 0.56 of calcium each."""
    pre = np.arange(20, 1000, interval)
    return told(CalciumThreshold(), pre, [], 1000, weight=0.3).change


def test_more_calcium_depresses_first_and_then_potentiates(told: Callable) -> None:
    # Calcium peaks at 0.57, 1.22 (above theta_d alone) and 3.5 (above both).
    low, middle, high = (change_at(told, interval) for interval in (100, 14, 4))

    assert low == 0.0
    assert middle < -0.01
    assert high > 0.05


def test_the_thresholds_are_those_of_the_calcium(told: Callable) -> None:
    run = told(
        CalciumThreshold(),
        np.arange(20, 1500, 17),
        np.arange(100, 1500, 111),
        1500,
        record=("synapse.calcium",),
    )

    calcium, moved = run.variables["synapse.calcium"][:-1], np.diff(run.w)
    p = CalciumThreshold().param_values
    between = (calcium > p["theta_d"]) & (calcium <= p["theta_p"])
    above = calcium > p["theta_p"]
    assert min(between.sum(), above.sum(), (calcium <= 1).sum()) > 20
    # An update reads the calcium that the step before left.
    assert (moved[calcium <= p["theta_d"]] == 0).all()
    assert (moved[between] < 0).all()
    assert (moved[above] > 0).all()


def test_on_the_chip_no_calcium_leaves_the_weights_alone() -> None:
    # Constant and signs of the two thresholds cancel: not a trace of drift.
    program = lahar.compile(RULES["calcium"], chip="loihi2", pre=6, post=4)

    run = lahar.run(program, "silent", 300, "interpreter", record="all")

    assert (run["synapse.tag_1"] == 0).all()
    assert (run["synapse.weights"] == run["synapse.weights"][0]).all()
