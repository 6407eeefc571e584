"""B28: granule cells that tile time cancel a signal; those that fire at once do not."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import b28_negative_image as b28


@pytest.fixture(scope="module")
def quick_figures() -> dict[str, float]:
    return dict(b28.measure("loihi2", 1, quick=True).figures)


def test_a_fifth_of_the_trials_shows_the_effect(quick_figures) -> None:
    assert quick_figures["left"] < 0.6
    assert quick_figures["likeness"] > 0.9
    assert quick_figures["control_left"] > 0.9


def test_the_own_signal_fits_what_the_sense_organ_can_say() -> None:
    loudest = np.abs(b28.own_signal()).max() + b28.OUTSIDE_SIGNAL

    assert loudest < 64


def test_control_and_experiment_have_the_same_number_of_granule_spikes_at_most() -> (
    None
):
    early, temporal = (b28.granule_rates(b, 1).sum() for b in ("early", "temporal"))

    assert early < temporal
