"""The comparison with float_to_literal, on a few rules; 1,000 are a benchmark."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAVA = importlib.util.find_spec("lava") is not None

CURVES = """
import numpy as np
from benchmarks.quantisation_vs_lava import *
rule = Rule(plus=2.0, minus=1.0, tau_plus=20.0, tau_minus=10.0)
exact = [PairTerm("y0", 0.125, 16, 20.0), PairTerm("x0", -0.0625, 16, 10.0)]
half = [PairTerm("y0", 0.125, 16, 20.0), PairTerm("x0", -0.03125, 16, 10.0)]
wanted = float_curve(rule)
assert wanted[60] == 1.0 and abs(wanted[80] - 2.0 / np.e) < 1e-12
assert relative_error(expected_curve(exact), wanted) < 1e-12
assert 0.1 < relative_error(expected_curve(half), wanted) < 0.5
compiled = expected_curve(lahar_terms(compile_rule(rule)))
assert relative_error(compiled, wanted) < 0.02
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not LAVA, reason="Lava runs on Python 3.10 only")
def test_lahar_is_at_least_five_times_closer_on_both_meanings() -> None:
    done = run("-m", "benchmarks.quantisation_vs_lava", "--rules", "20", "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["figures"]
    assert [f["amplitudes"] for f in figures] == ["parameter", "pair"]
    assert all(f["ratio"] >= 5.0 for f in figures)
    assert figures[0]["illegal"] == 0 < figures[1]["illegal"]


def test_curves_are_those_of_the_rule() -> None:
    done = run("-c", CURVES)

    assert done.returncode == 0, done.stderr
