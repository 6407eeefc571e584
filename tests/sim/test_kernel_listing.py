"""What spiked is listed in order, whatever lies in the cells."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.sim.kernel_listing import TOGETHER, bits_of, list_active


@pytest.mark.parametrize("size", [0, 1, TOGETHER - 1, TOGETHER, 3 * TOGETHER + 5])
@pytest.mark.parametrize("rate", [0.0, 0.02, 0.5, 1.0])
def test_places_of_what_is_not_zero(size: int, rate: float) -> None:
    random = np.random.default_rng(size)
    values = random.integers(-(2**31), 2**31, size)
    cells = np.where(random.random(size) < rate, values, 0).astype(np.int32)
    wanted = np.flatnonzero(cells)

    for listing in (list_active, list_active.py_func):
        found = np.full(size, -1, np.int32)
        assert listing(cells, found) == wanted.size
        np.testing.assert_array_equal(found[: wanted.size], wanted)
        assert (found[wanted.size :] == -1).all()


def test_a_part_of_an_array_is_listed_by_its_own_places() -> None:
    cells = np.zeros(200, np.int32)
    cells[[3, 70, 90, 150]] = 1
    found = np.zeros(200, np.int32)

    assert list_active(cells[64:164], found) == 3
    np.testing.assert_array_equal(found[:3], [6, 26, 86])


def test_the_last_bit_is_the_last_cell() -> None:
    cells = np.zeros(TOGETHER, np.int32)
    cells[[0, TOGETHER - 1]] = -5, 7

    assert bits_of(cells, 0) == 1 | 1 << (TOGETHER - 1)
