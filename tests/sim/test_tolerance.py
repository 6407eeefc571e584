"""Two float backends: spikes exactly, floats but for rounding."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.sim.compare import compare
from lahar.sim.recording import Provenance, Recording, load_recording

RANDOM = np.random.default_rng(3)
V = RANDOM.normal(0, 5, (20, 4))
SPIKES = (V > 3).astype(np.uint8)


def recording(
    backend: str, v: np.ndarray = V, spikes: np.ndarray = SPIKES, units: str = "rule"
) -> Recording:
    provenance = Provenance(
        backend=backend, steps=20, dt_seconds=1e-3, seed=0, units=units
    )
    variables = {"post.s_out": spikes, "post.v": v}
    return Recording(variables, {"post.v": v[-1]}, provenance)


def test_what_rounding_changes_agrees_and_the_verdict_says_how_far() -> None:
    near = V * (1 + 1e-12)

    verdict = compare(recording("reference"), recording("norse", near))

    assert (verdict.level, verdict.passed) == ("within tolerance", True)
    verdict.require()
    assert verdict.floats is not None
    assert verdict.floats.tolerance == 1e-9
    assert verdict.floats.values == V.size + 4
    assert verdict.floats.largest == np.abs(V - near).max()
    assert verdict.floats.variable == "post.v"
    assert "84 floats within 1e-09 relative and absolute" in verdict.render()
    assert json.loads(json.dumps(verdict.to_json()))["floats"]["tolerance"] == 1e-9


def test_the_same_bits_are_identical() -> None:
    verdict = compare(recording("reference"), recording("norse", V.copy()))

    assert verdict.level == "identical"
    assert "84 floats, no bit of them differs" in verdict.render()


@pytest.mark.parametrize(
    ("value", "other", "agrees"),
    [
        (0.0, 0.9e-9, True),
        (0.0, 1.1e-9, False),
        (1e6, 1e6 * (1 + 0.9e-9), True),
        (1e6, 1e6 * (1 + 1.1e-9), False),
        (0.0, -0.0, True),
        (np.nan, np.nan, True),
        (np.nan, 1.0, False),
        (np.inf, np.inf, True),
        (np.inf, -np.inf, False),
        (np.inf, 1e300, False),
    ],
)
@pytest.mark.parametrize("final", [False, True])
def test_a_value_outside_the_tolerance_is_found(
    value: float, other: float, agrees: bool, final: bool
) -> None:
    row = 19 if final else 7
    a, b = V.copy(), V.copy()
    a[row, 2], b[row, 2] = value, other

    verdict = compare(recording("reference", a), recording("norse", b))

    assert (verdict.divergence is None) == agrees
    if verdict.divergence is not None:
        assert (verdict.divergence.step, verdict.divergence.index) == (row + 1, (2,))


def test_one_spike_is_one_too_many_whatever_the_tolerance() -> None:
    other = SPIKES.copy()
    other[5, 1] ^= 1
    first, second = recording("reference"), recording("norse", V, other)

    verdict = compare(first, second, tolerance=1e9)

    assert verdict.level == "diverged"
    assert verdict.divergence is not None
    assert verdict.divergence.variable == "post.s_out"
    with pytest.raises(LaharError, match="V605"):
        verdict.require()


def test_the_tolerance_is_an_argument() -> None:
    first, second = recording("reference"), recording("norse", V + 1e-5)

    assert compare(first, second).level == "diverged"
    assert compare(first, second, tolerance=1e-4).level == "within tolerance"


def test_of_one_backend_and_of_stored_values_every_bit_counts() -> None:
    near = V * (1 + 1e-12)

    same = compare(recording("reference"), recording("reference", near))
    stored = compare(
        recording("sim", units="stored"), recording("lava", near, units="stored")
    )

    assert same.level == stored.level == "diverged"
    assert same.floats is stored.floats is None


def test_what_a_backend_does_not_keep_is_named(tmp_path: Path) -> None:
    kept = Recording(
        {"post.s_out": SPIKES},
        {},
        recording("norse").provenance,
        not_kept=("post.v",),
    )
    kept.save(tmp_path / "norse.h5")

    verdict = compare(recording("reference"), load_recording(tmp_path / "norse.h5"))

    assert verdict.level == "identical"
    assert verdict.not_kept == {"norse": ("post.v",)}
    assert "not kept by norse, so not compared: post.v" in verdict.render()
