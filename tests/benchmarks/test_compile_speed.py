"""The benchmark times what it says; the times themselves are figures, not tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lahar.rules.library import RULES

ROOT = Path(__file__).parents[2]


def test_every_rule_and_a_million_synapses_are_timed() -> None:
    command = ["-m", "benchmarks.compile_speed", "--repeats", "1", "--json"]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    rows = json.loads(done.stdout)["timings"]
    assert {row["what"] for row in rows} >= set(RULES)
    deep = [row for row in rows if "1000000 synapses" in row["what"]]
    assert [row["chip"] for row in deep] == ["loihi1", "loihi2"] * 2
    assert all(row["seconds"] > 0.01 and not row["refused"] for row in deep)
