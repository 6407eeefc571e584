"""Integer trace decay against the float specification it stands for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.learning import TraceProgram
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.sim.operations import decay_float
from lahar.sim.trace_decay import (
    BinaryDecay,
    FloatDecay,
    TableDecay,
    decay_factor,
    first_order_factor,
    q16_factor,
    table_decay,
    third_factor_decay,
    trace_decay,
)

TAUS = [
    *(tau / 256 for tau in (0, 1, 128, 255, 65535 * 256)),
    *(float(tau) for tau in range(1, 300)),
    *(np.random.default_rng(0).integers(1, 65536, 300) / 256).tolist(),
    *(33.3, 1.9, 0.1, 1 / 3, 5e-324, 1e300),
]
VALUES = np.arange(256)
FIRST_ORDER = replace(LOIHI2, trace_decay="q16 first order")
PROFILES = [LAVA_0_10, LOIHI2, FIRST_ORDER]


def draws(thresholds: np.ndarray) -> np.ndarray:
    """For each value the draws at which its comparison changes, and some others."""
    some = np.random.default_rng(1).integers(0, 2**53, (20, thresholds.size))
    rows = [thresholds - 1, thresholds, thresholds + 1, *some]
    return np.clip(np.stack(rows), 0, 2**53 - 1)


def test_table_says_exactly_what_the_float_specification_says() -> None:
    for tau in TAUS:
        decay = table_decay(tau)
        r = draws(decay.thresholds)
        exact = decay_factor(tau) * VALUES
        # Lava: stochastic_round(floor(f), draw, f % 1)
        wanted = np.floor(exact).astype(int) + (np.ldexp(r, -53) < exact % 1)
        np.testing.assert_array_equal(decay(VALUES, r), wanted)


def test_float_decay_of_any_integer_says_what_lava_says() -> None:
    values = np.concatenate(
        [np.arange(-400, 400), np.random.default_rng(2).integers(-(2**31), 2**31, 400)]
    )
    factor = decay_factor(65535.0)
    for r in np.random.default_rng(3).integers(0, 2**53, 200):
        exact = factor * values
        wanted = np.floor(exact).astype(int) + (np.ldexp(float(r), -53) < exact % 1)
        drawn = np.full(values.size, r)
        np.testing.assert_array_equal(decay_float(values, factor, drawn), wanted)


def test_a_time_constant_with_extra_bits_is_the_float_that_somebody_gave() -> None:
    for tau in (33.3, 1.9, 0.1, 1 / 3, 5e-324):
        numerator, denominator = tau.as_integer_ratio()
        extra = max(0, denominator.bit_length() - 9)
        program = TraceProgram(0, (numerator << (8 + extra)) // denominator, 0, extra)

        assert program.tau_steps == tau


@pytest.mark.parametrize("profile", [LOIHI2, FIRST_ORDER])
def test_16_bit_factors_keep_a_trace_on_average(profile: Profile) -> None:
    decay = trace_decay(profile, 20.0)
    assert isinstance(decay, BinaryDecay)
    r = np.arange(1 << 16)

    mean = decay(np.full(r.size, 100), r).mean()

    assert mean == pytest.approx(100 * decay.factor / (1 << 16), abs=1e-9)


def test_16_bit_factors_by_hand() -> None:
    assert q16_factor(LOIHI2, 2.0) == round(65536 * 0.6065306597)
    assert q16_factor(LOIHI2, 2.0, 3) == round(65536 * 0.2231301601)
    assert q16_factor(FIRST_ORDER, 2.0) == 32768
    assert q16_factor(FIRST_ORDER, 2.0, 3) == 8192
    assert [first_order_factor(tau) for tau in (0.0, 0.5, 1.0, 4.0)] == [0, 0, 0, 0.75]


def test_a_decay_of_several_steps_is_one_rounding_of_them_all() -> None:
    decay = trace_decay(LAVA_0_10, 10.0, 4)
    zero = np.zeros(256, np.int64)

    assert decay(VALUES, zero)[100] == 68  # 100 exp(-0.4) = 67.03, rounded up by 0
    assert decay(VALUES, zero + (2**53 - 1))[100] == 67


@pytest.mark.parametrize("profile", PROFILES)
def test_an_impulse_can_be_added_before_the_one_rounding(profile: Profile) -> None:
    program = TraceProgram(impulse=10, tau_256=2 * 256, impulse_fraction_256=128)
    decay = trace_decay(profile, program.tau_steps).with_impulse(program)
    factor = 0.5 if profile is FIRST_ORDER else 0.6065306597

    low = decay(np.array([21]), np.zeros(1, np.int64))
    high = decay(np.array([21]), np.array([(1 << decay.bits) - 1]))

    exact = factor * 21 + 10.5  # 21 or 23.24
    rounded_by_zero = {TableDecay: np.ceil(exact), BinaryDecay: np.floor(exact)}
    assert low[0] == rounded_by_zero[type(decay)]
    assert {low[0], high[0]} == {np.floor(exact), np.ceil(exact)}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_trace_of_tau_0_has_no_memory(profile: Profile) -> None:
    decay = trace_decay(profile, 0.0)
    for r in (0, (1 << decay.bits) - 1):
        assert decay(VALUES, np.full(256, r)).tolist() == [0] * 256


def test_third_factors_decay_under_lava_only() -> None:
    assert third_factor_decay(LAVA_0_10) == FloatDecay(decay_factor(65535.0))
    assert third_factor_decay(LAVA_0_10, 4) == FloatDecay(decay_factor(65535.0, 4))
    assert third_factor_decay(LOIHI2) is None
