"""S13b: a cell whose teacher meets the echo of its fibres learns."""

from __future__ import annotations

import numpy as np

from lahar.demo.systems import s13b_late_teacher as s13b


def test_sixty_trials_tell_the_two_cells_apart() -> None:
    figures = s13b.measure("loihi2", 1, quick=True).figures

    assert figures["matched"] < 0.2
    assert figures["at_once"] > 0.4


def test_depression_is_strongest_for_the_delay_of_the_teacher() -> None:
    intervals, change = s13b.pairings("reference", 1)

    assert intervals[change.argmin()] == 120.0
    assert np.count_nonzero(change) == 1


def test_fibres_tile_the_trial() -> None:
    together = s13b.fibre_rates().sum(axis=1)

    assert together.max() - together.min() < 0.01 * together.mean()
