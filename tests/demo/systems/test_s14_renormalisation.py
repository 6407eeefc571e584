"""S14: spines beside those that grow shrink where a segment renormalises."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import s14_renormalisation as s14
from lahar.demo.systems.frame import run_in, weights_of


def test_spines_beside_those_that_grow_shrink_only_with_renormalisation() -> None:
    cell = s14.case(3)
    stimuli = s14.early_stimuli(3)
    given = s14.stimulus(cell.preferred, stimuli, 3)

    run = run_in("reference", cell.program, given, stimuli * s14.STEPS, ["soma.v"], 3)

    figures = s14.of_spines(s14.by_cell(weights_of(run, "learn")), cell.first)
    assert figures["beside"] < 0 < figures["beside_without"]
    assert figures["drift"] >= 2


def test_a_spine_beside_one_that_grew_is_no_far_one() -> None:
    change = np.zeros(s14.SPINES)
    change[7] = 0.3

    beside, far = s14.bystanders(change)

    assert np.flatnonzero(beside).tolist() == [5, 6, 8, 9]
    assert far.sum() == s14.SPINES - s14.SEGMENT


def test_the_width_of_a_gaussian_field_is_that_at_half_its_maximum() -> None:
    field = np.exp(-0.5 * (s14.PLACES / 8.0) ** 2)

    assert s14.width(field) == pytest.approx(2.355 * 8.0, abs=1.0)
