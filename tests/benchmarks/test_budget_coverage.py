"""The coverage benchmark judges as it says, and a sample of random rules passes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def coverage(rules: int, seeds: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.budget_coverage", "--json"]
    command += ["--backend", "interpreter", "--rules", str(rules)]
    done = subprocess.run(
        [*command, "--seeds", str(seeds)], cwd=ROOT, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if found["is_met"] else 1), done.stderr
    return found


def test_a_case_is_covered_by_what_its_interval_holds() -> None:
    found = coverage(2, 1)

    cases = found["cases"]
    assert len(cases) == 2
    covered = [0.90 <= case["held"] <= 0.995 for case in cases]
    narrow = [case["width_ratio"] <= 4 for case in cases]
    assert found["share_covered"] == pytest.approx(sum(covered) / 2)
    assert found["share_narrow"] == pytest.approx(sum(narrow) / 2)
    assert all(case["rule"].startswith("rule Random:") for case in cases)


@pytest.mark.slow
def test_most_intervals_of_a_sample_of_rules_hold_most_errors() -> None:
    found = coverage(6, 2)

    # Fewer seeds than the bars ask for, and so a looser word of them.
    assert sum(case["held"] >= 0.85 for case in found["cases"]) >= 5
    assert found["share_narrow"] >= 0.75
    assert any(reason.startswith("refused") for reason in found["replaced"])
