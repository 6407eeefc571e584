"""The calcium rule against Graupner & Brunel's thresholds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lahar.rules.library import CalciumThreshold


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


@pytest.mark.parametrize("start", [0.1, 0.5, 0.9])
def test_constant_high_calcium_settles_where_the_two_rates_balance(
    told: Callable, start: float
) -> None:
    p = CalciumThreshold().param_values
    run = told(CalciumThreshold(), range(20, 2000, 3), [], 2000, weight=start)

    balance = p["gamma_p"] / (p["gamma_p"] + p["gamma_d"])
    assert run.w[-1] == pytest.approx(balance, abs=0.01)
