from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lahar.hardware.formats import (
    Format,
    bias_mantissa_exponent,
    clamp,
    decay_register,
    effective_decay,
    fraction_256,
    nearest_mantissa_exponent,
    round_array,
    round_half_even,
    round_weights,
    tau_256,
    threshold_mantissa,
    weight_step,
)
from lahar.hardware.program import SignMode

MANTISSA, EXPONENT = (-8, 7), (-7, 8)
reasonable = st.floats(-1e5, 1e5, allow_nan=False)


@pytest.mark.parametrize(
    ("bits", "signed", "low", "high"),
    [(7, False, 0, 127), (9, True, -256, 255), (12, False, 0, 4095), (1, True, -1, 0)],
)
def test_a_format_spans_its_bits(bits: int, signed: bool, low: int, high: int) -> None:
    form = Format(bits, signed)

    assert (form.low, form.high) == (low, high)
    assert form.contains(low)
    assert form.contains(high)
    assert not form.contains(low - 1)
    assert not form.contains(high + 1)
    assert form.saturate(high + 5) == high
    assert form.saturate(low - 5) == low


@pytest.mark.parametrize(
    ("value", "fit"),
    [
        (4.0, (1, 2)),
        (-4.0, (-1, 2)),
        (3.0, (3, 0)),
        (6.0, (3, 1)),
        (0.01, (5, -9)),
        (-2048.0, (-8, 8)),
        (1e9, (7, 8)),
        (-1e9, (-8, 8)),
        (0.0, (0, 0)),
    ],
)
def test_mantissa_and_exponent_of_known_numbers(
    value: float, fit: tuple[int, int]
) -> None:
    wide = (-9, 8)

    assert nearest_mantissa_exponent(value, MANTISSA, wide) == fit


@given(reasonable)
def test_no_other_mantissa_and_exponent_is_nearer(value: float) -> None:
    m, e = nearest_mantissa_exponent(value, MANTISSA, EXPONENT)

    def error(mantissa: int, exponent: int) -> Fraction:
        return abs(mantissa * Fraction(2) ** exponent - Fraction(value))

    least = min(
        error(k, j)
        for k in range(MANTISSA[0], MANTISSA[1] + 1)
        for j in range(EXPONENT[0], EXPONENT[1] + 1)
    )
    # The two neighbours are compared in float: exact up to rounding of the distance.
    assert error(m, e) <= least * (1 + Fraction(1, 10**9))


@given(st.integers(*MANTISSA), st.integers(*EXPONENT))
def test_a_representable_number_is_found_with_its_smallest_mantissa(
    m: int, e: int
) -> None:
    found, exponent = nearest_mantissa_exponent(m * 2.0**e, MANTISSA, EXPONENT)

    assert found * 2.0**exponent == m * 2.0**e
    assert abs(found) <= abs(m)


@given(reasonable)
def test_rounding_an_array_is_rounding_its_elements(value: float) -> None:
    assert round_array(np.array([value]))[0] == round_half_even(value)


def test_a_half_rounds_to_the_even_number() -> None:
    assert [round_half_even(v) for v in (0.5, 1.5, 2.5, -0.5, -1.5)] == [0, 2, 2, 0, -2]


@given(st.floats(0, 1))
def test_a_decay_register_is_twelve_bits(decay: float) -> None:
    register = decay_register(decay, offset=1)

    assert 0 <= register <= 4095
    assert 0 <= effective_decay(decay) <= 4096


def test_the_current_decay_is_one_more_than_its_register() -> None:
    assert effective_decay(1 / 20) == 205
    assert decay_register(1 / 20, offset=1) == 204
    assert decay_register(1 / 20, offset=0) == 205
    assert decay_register(1.0, offset=1) == 4095
    assert decay_register(0.0, offset=1) == 0


def test_an_impulse_splits_into_integer_and_256ths() -> None:
    assert fraction_256(10.25) == (10, 64)
    assert fraction_256(9.999) == (10, 0)
    assert tau_256(20.0) == 5120


def test_a_threshold_is_a_mantissa_of_at_least_one() -> None:
    assert threshold_mantissa(6400.0, 6, 131071) == 100
    assert threshold_mantissa(3.0, 6, 131071) == 1
    assert threshold_mantissa(1e12, 6, 131071) == 131071


@given(st.floats(-520000, 520000))
def test_a_bias_takes_the_smallest_exponent_that_holds_it(value: float) -> None:
    m, e = bias_mantissa_exponent(value, (-4096, 4095), (0, 7))

    assert -4096 <= m <= 4095
    assert abs(m * 2**e - value) <= 2 ** (e - 1)
    if e > 0:
        assert not -4096 <= round_half_even(value / 2 ** (e - 1)) <= 4095


def test_a_bias_beyond_the_largest_is_the_largest() -> None:
    assert bias_mantissa_exponent(1e9, (-4096, 4095), (0, 7)) == (4095, 7)


@pytest.mark.parametrize("mode", SignMode)
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_rounded_weights_lie_on_the_stored_grid(mode: SignMode, bits: int) -> None:
    limits = {
        SignMode.MIXED: (-256, 254),
        SignMode.EXCITATORY: (0, 255),
        SignMode.INHIBITORY: (-255, 0),
    }[mode]
    values = np.linspace(-300, 300, 1201)

    weights = round_weights(values, bits, mode, limits)

    step = weight_step(bits, mode)
    inside = (values > limits[0] + step) & (values < limits[1] - step)
    assert (weights % step == 0).all()
    assert weights.min() >= limits[0]
    assert weights.max() <= limits[1]
    assert (abs(weights - values)[inside] <= step / 2).all()


@given(st.integers(), st.integers(-5, 5))
def test_clamping_stays_inside(value: int, low: int) -> None:
    assert low <= clamp(value, (low, low + 3)) <= low + 3
