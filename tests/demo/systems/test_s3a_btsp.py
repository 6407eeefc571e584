"""S3a: what a plateau writes, where, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import s3a_btsp
from lahar.demo.systems.frame import Arithmetic, Measured


@pytest.fixture(scope="module")
def quick(arithmetic: Arithmetic) -> Measured:
    return s3a_btsp.measure(arithmetic, 3, quick=True)


def test_one_plateau_writes_a_field_ahead_of_it(quick: Measured) -> None:
    assert quick.figures["contrast"] >= 5
    assert -25 <= quick.figures["shift"] <= 0


def test_a_second_plateau_moves_the_field(quick: Measured) -> None:
    assert quick.figures["old field"] >= 0.2
    assert quick.figures["new peak"] <= 20


def test_without_a_plateau_nothing_changes(quick: Measured) -> None:
    assert quick.figures["without"] == 0


def test_traces_of_20_ms_reach_no_further_than_the_plateau_lasts(
    quick: Measured,
) -> None:
    assert quick.figures["quick traces"] < 10


def test_a_width_is_that_at_half_the_height() -> None:
    triangle = np.maximum(0.0, 40.0 - np.abs(s3a_btsp.ALONG - 90.0))

    assert s3a_btsp.width_cm(triangle) == pytest.approx(40, abs=1)
