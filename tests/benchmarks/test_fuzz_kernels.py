"""The kernel fuzzer finds nothing, and finds what is there to be found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A real mistake once made: rounding to the left where the neuron rounds toward zero.
FLOORING_DECAY = """
from lahar.sim import interpreter_neurons
interpreter_neurons.OPERATIONS["decay"] = lambda a, f: (a * (4096 - f)) >> 12
"""
COMPARE = """
from benchmarks.plain_kernel import without_numba
without_numba()
from benchmarks.fuzz_kernels import compare_plain
from lahar.hardware.program_text import print_program
found = [c for c in compare_plain(3, range(60)) if c.failure]
assert all(c.failure == "differs" for c in found)
small = [c for c in found if c.case is not None]
smallest = min(small, key=lambda c: len(print_program(c.case.program)))
print(len(found), smallest.case.steps)
print(smallest.said)
print(print_program(smallest.case.program))
"""


def run_python(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fuzz(*arguments: str) -> Any:
    """Run the fuzzer as a user does; give its report."""
    return json.loads(run_python("-m", "benchmarks.fuzz_kernels", "--json", *arguments))


def test_kernels_equal_the_interpreter_on_drawn_programs() -> None:
    report = fuzz("--cases", "150", "--seed", "11")

    assert (report["cases"], report["equal"]) == (150, 150)
    assert report["differing_values"] == 0
    assert report["values"] > 50_000


@pytest.mark.slow
def test_kernels_equal_the_interpreter_on_many_programs_some_compiled() -> None:
    report = fuzz("--cases", "200", "--seed", "12", "--compiled-every", "100")

    assert (report["equal"], report["compiled"]) == (202, 2)


def test_a_case_is_drawn_alike_wherever_it_is_drawn() -> None:
    code = (
        "from benchmarks.program_draw import draw_case;"
        "from lahar.hardware.program_file import checksum;"
        "cases = [draw_case(1, k) for k in range(20)];"
        "print([(checksum(c.program), c.steps, c.seed) for c in cases])"
    )
    assert run_python("-c", code) == run_python("-c", code)


def test_a_wrong_operation_is_found_and_shown_in_a_small_program() -> None:
    said = run_python("-c", FLOORING_DECAY + COMPARE).splitlines()

    count, steps = (int(n) for n in said[0].split())
    assert count > 5
    assert steps <= 3
    assert "by the kernel" in said[1]
    operations = [line for line in said if " = " in line]
    assert any("decay" in line for line in operations)
    assert len(operations) <= 12
