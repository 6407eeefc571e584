"""Integer trace decay against the float specification it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.hardware.profile import LAVA_0_10, LOIHI2
from lahar.sim.operations import decay_float
from lahar.sim.trace_decay import (
    FloatDecay,
    decay_factor,
    q16_factor,
    table_decay,
    third_factor_decay,
    trace_decay,
)

TAUS_256 = sorted(
    {0, 1, 128, 255, 65535 * 256}
    | {256 * tau for tau in range(1, 300)}
    | set(np.random.default_rng(0).integers(1, 65536, 300).tolist())
)
VALUES = np.arange(128)


def draws(thresholds: np.ndarray) -> np.ndarray:
    """For each value the draws at which its comparison changes, and some others."""
    some = np.random.default_rng(1).integers(0, 2**53, (20, thresholds.size))
    rows = [thresholds - 1, thresholds, thresholds + 1, *some]
    return np.clip(np.stack(rows), 0, 2**53 - 1)


def test_table_says_exactly_what_the_float_specification_says() -> None:
    for tau_256 in TAUS_256:
        decay = table_decay(tau_256)
        r = draws(decay.thresholds)
        exact = decay_factor(tau_256) * VALUES
        # Lava: stochastic_round(floor(f), draw, f % 1)
        wanted = np.floor(exact).astype(int) + (np.ldexp(r, -53) < exact % 1)
        np.testing.assert_array_equal(decay(VALUES, r), wanted)


def test_float_decay_of_any_integer_says_what_lava_says() -> None:
    values = np.concatenate(
        [np.arange(-400, 400), np.random.default_rng(2).integers(-(2**31), 2**31, 400)]
    )
    factor = decay_factor(65535 * 256)
    for r in np.random.default_rng(3).integers(0, 2**53, 200):
        exact = factor * values
        wanted = np.floor(exact).astype(int) + (np.ldexp(float(r), -53) < exact % 1)
        drawn = np.full(values.size, r)
        np.testing.assert_array_equal(decay_float(values, factor, drawn), wanted)


def test_decay_is_lavas_own() -> None:
    connection = pytest.importorskip("lava.magma.core.model.py.connection")
    lava = connection.LearningConnectionModelBitApproximate._decay_trace
    for tau_256 in [t for t in TAUS_256 if t > 0][::7]:
        decay = trace_decay(LAVA_0_10, tau_256)
        for r in (0, 1, 2**52, 2**53 - 1, 123456789012345):
            taus = np.array([[tau_256 / 256]])
            wanted = lava(VALUES[np.newaxis], 1, taus, float(np.ldexp(float(r), -53)))
            np.testing.assert_array_equal(decay(VALUES, np.full(128, r)), wanted[0])


def test_q16_keeps_its_value_on_average() -> None:
    decay = trace_decay(LOIHI2, 20 * 256)
    r = np.arange(1 << 16)

    mean = decay(np.full(r.size, 100), r).mean()

    assert mean == pytest.approx(100 * q16_factor(20 * 256) / (1 << 16), abs=1e-9)


@pytest.mark.parametrize("profile", [LAVA_0_10, LOIHI2])
def test_a_trace_of_tau_0_has_no_memory(profile: object) -> None:
    decay = trace_decay(profile, 0)  # type: ignore[arg-type]
    for r in (0, (1 << decay.bits) - 1):
        assert decay(VALUES, np.full(128, r)).tolist() == [0] * 128


def test_third_factors_decay_under_lava_only() -> None:
    assert third_factor_decay(LAVA_0_10) == FloatDecay(decay_factor(65535 * 256))
    assert third_factor_decay(LOIHI2) is None
