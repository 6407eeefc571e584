"""STDP rules of the library against what their papers show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lahar.rules.library import STDP, TripletSTDP

PAIRS = 15


def after_pairs(told: Callable, rule: object, lag: int, rate: float) -> float:
    """Pair at a lag in ms (post after pre where positive), at a rate in Hz."""
    starts = 30 + np.arange(PAIRS) * 1000.0 / rate
    steps = int(starts[-1]) + 200
    return told(rule, starts, starts + lag, steps, weight=5.0).change


def test_triplets_make_potentiation_grow_with_the_rate_of_pairs(told: Callable) -> None:
    rule = TripletSTDP(w_max=10.0)

    changes = [after_pairs(told, rule, 10, rate) for rate in (1.0, 10.0, 20.0, 40.0)]

    assert changes == sorted(changes)
    assert changes[0] == pytest.approx(0.0, abs=0.01)
    assert changes[-1] > 0.05


def test_pairs_alone_do_not(told: Callable) -> None:
    rule = STDP(w_max=10.0)

    changes = [after_pairs(told, rule, 10, rate) for rate in (1.0, 10.0, 20.0, 40.0)]

    assert changes == sorted(changes, reverse=True)


def test_post_before_pre_depresses_at_low_rates_and_potentiates_at_high_ones(
    told: Callable,
) -> None:
    rule = TripletSTDP(w_max=10.0)

    assert after_pairs(told, rule, -10, 1.0) < -0.03
    assert after_pairs(told, rule, -10, 50.0) > 0.0


def test_a_single_triplet_is_worth_what_the_formula_says(told: Callable) -> None:
    # post at 0 ms, pre at 20, post at 25: eq. 2 to 4 with one triplet and one pair.
    rule = TripletSTDP(w_max=10.0)
    p = rule.param_values

    got = told(rule, [70], [50, 75], 100, weight=5.0).change

    decays = np.exp(-0.005 / p["tau_plus"] - 0.025 / p["tau_y"])
    wanted = p["a3_plus"] * decays - p["a2_minus"] * np.exp(-0.020 / p["tau_minus"])
    assert got == pytest.approx(wanted, rel=1e-9)
