"""B06: what inhibition between neurons learns of an order, and what it spares."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems.b06_predictive_light import (
    EXPERIMENT,
    POSITIONS,
    foretelling,
    measure,
    orders,
)
from lahar.demo.systems.frame import Arithmetic


def test_every_pass_of_the_control_has_another_order() -> None:
    drawn = orders("random", 20, 3)

    assert len(np.unique(drawn, axis=0)) == 20
    assert (np.sort(drawn, axis=1) == np.arange(POSITIONS)).all()


def test_the_neuron_just_before_is_told_from_all_others() -> None:
    weights = np.eye(POSITIONS, k=-1) + 9 * np.eye(POSITIONS)

    assert foretelling(weights) == (1.0, 0.0)


def test_a_learned_order_costs_fewer_spikes_than_any_other(
    arithmetic: Arithmetic,
) -> None:
    figures = measure(arithmetic, 4, quick=True).figures

    assert figures["predictable"] < 0.8
    assert figures["unpredictable"] > 0.9
    assert min(figures["reversed"], figures["permuted"]) > 1.2
    assert figures["foretelling"] > 4


@pytest.mark.slow
def test_sixty_passes_meet_every_bar_on_the_chip() -> None:
    figures = measure("loihi2", 5).figures

    missed = [c.name for c in EXPERIMENT.criteria if not c.passes(figures[c.figure])]
    assert missed == []
