"""Random neuron programs equal Lava, and one that does not is found."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
needs_lava = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)
WRONG_LOOKUP = """
from benchmarks.plain_kernel import without_numba
without_numba()
from lahar.sim import operations
operations.lookup = lambda a, table: table[a % table.size]
from benchmarks.fuzz_neurons import judge
print([f.number for f in judge(4, range(27, 39)) if f.differences])
"""


def run_python(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_lava
@pytest.mark.slow
def test_a_hundred_random_neuron_programs_equal_lava() -> None:
    said = run_python("-m", "benchmarks.fuzz_neurons", "--cases", "100", "--seed", "2")

    assert "equal to Lava     100\n" in said


@needs_lava
@pytest.mark.slow
def test_a_wrong_operation_of_the_interpreter_is_found() -> None:
    assert run_python("-c", WRONG_LOOKUP) != "[]\n"
