"""STDP rules of the library against what their papers show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lahar.rules.library import STDP, PowerLawSTDP, SoftBoundSTDP, TripletSTDP

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


def test_power_law_potentiation_grows_with_the_weight_to_the_power_of_mu(
    told: Callable,
) -> None:
    rule = PowerLawSTDP()
    weights = np.array([0.05, 0.1, 0.2, 0.4, 0.8])

    up = [told(rule, [50], [55], 80, weight=w).change for w in weights]
    down = [told(rule, [55], [50], 80, weight=w).change for w in weights]

    # Figure 1 of the paper: slopes of 0.4 and 1 on two logarithmic axes.
    assert np.polyfit(np.log(weights), np.log(up), 1)[0] == pytest.approx(0.4, abs=1e-6)
    slope = np.polyfit(np.log(weights), np.log(np.negative(down)), 1)[0]
    assert slope == pytest.approx(1.0, abs=1e-6)


def test_power_law_weights_balance_where_the_paper_says(told: Callable) -> None:
    # A pair at +5 ms and one at -5 ms: (w / w0)**0.6 = 1 / alpha.
    rule = PowerLawSTDP()
    p = rule.param_values
    balance = p["w_0"] * p["alpha"] ** (-1 / (1 - p["mu"]))

    below, there, above = (
        told(rule, [50, 255], [55, 250], 300, weight=share * balance).change
        for share in (0.5, 1.0, 1.5)
    )

    assert below > 10 * abs(there)
    assert above < -10 * abs(there)


def test_a_soft_bound_makes_the_weight_a_log_probability(told: Callable) -> None:
    rule = SoftBoundSTDP(beta=1.0)
    p = rule.param_values
    post = np.arange(50, 6000, 130)

    for lag in (2, 15):
        run = told(rule, post - lag, post, 6000, weight=1.0)

        wanted = np.log(np.exp(-lag * 1e-3 / p["tau"]) / p["decay"])
        assert run.w[-1] == pytest.approx(wanted, abs=0.03)
