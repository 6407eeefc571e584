"""The interpreter against Lava's own model objects, in a process of their own.

tests/sim/lava_models.py makes random cases and compares every recorded variable of
every step. The Lava backend (test_lava_runner) runs the real thing.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("lava_models.py")
LIMIT_SECONDS = 600

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava is not installed"
)


def assert_equal(kind: str, first: int, count: int) -> None:
    words = [sys.executable, str(SCRIPT), kind, str(first), str(count)]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"{count} cases of {kind} are equal" in done.stdout


def test_random_rules_equal_lavas_learning_dense() -> None:
    assert_equal("learning", 0, 250)


def test_random_rules_equal_lavas_learning_sparse_where_it_computes_them() -> None:
    assert_equal("sparse", 0, 60)


def test_lif_core_equals_lavas_lif() -> None:
    assert_equal("lif", 0, 40)


def test_decay_is_lavas_own() -> None:
    assert_equal("decay", 0, 30)


def test_population_numbers_are_those_of_lavas_generators() -> None:
    assert_equal("randomness", 17, 3)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(2))
def test_many_random_rules_equal_lavas_learning_dense(block: int) -> None:
    assert_equal("learning", 1000 + 500 * block, 500)


@pytest.mark.slow
def test_many_random_rules_equal_lavas_learning_sparse() -> None:
    assert_equal("sparse", 1000, 500)
