"""The comparison with nengo-loihi, on a few of its networks; all 50 are a benchmark."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.allocation_vs_nengo", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(
    importlib.util.find_spec("nengo_loihi") is None, reason="uv run --group nengo"
)
def test_lahar_counts_what_nengo_loihi_counts() -> None:
    done = run("--networks", "8", "--json")

    figures = json.loads(done.stdout)
    assert done.returncode == 0
    assert (figures["networks"], figures["equal"]) == (8, 8)
    assert figures["differences"] == {}
    assert figures["cores corrected for learning axons"] > 0
    assert figures["networks with a split population"] > 0


@pytest.mark.skipif(
    importlib.util.find_spec("nengo_loihi") is not None, reason="nengo-loihi is here"
)
def test_without_nengo_loihi_it_says_how_to_get_it() -> None:
    done = run()

    assert done.returncode == 3
    assert "uv run --group nengo" in done.stdout
